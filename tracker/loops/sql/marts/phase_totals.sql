-- Grain: one part and name of one iteration. Inputs: named_moments, bounds.
-- Identity: the seconds of an iteration add up to its elapsed seconds.
select
    named_moments.study,
    bounds.regime,
    named_moments.iteration,
    named_moments.part,
    named_moments.name,
    sum(named_moments.length_us) / 1e6 as total_seconds
from named_moments
inner join bounds on named_moments.study = bounds.study and named_moments.iteration = bounds.iteration
group by named_moments.study, bounds.regime, named_moments.iteration, named_moments.part, named_moments.name
order by named_moments.study, named_moments.iteration, named_moments.part, named_moments.name
