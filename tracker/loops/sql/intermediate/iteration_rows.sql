-- Grain: one iteration, without what depends on other iterations or on working hours. Inputs: own_iterations.
select * from own_iterations
