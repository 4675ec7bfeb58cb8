-- Rows break the identity: the named stretches of an iteration add up to its elapsed time, in whole microseconds.
select
    bounds.study,
    bounds.iteration,
    bounds.until_us - bounds.started_us as elapsed_us,
    sum(named_moments.length_us) as named_us
from bounds
left join named_moments on bounds.study = named_moments.study and bounds.iteration = named_moments.iteration
where bounds.until_us > bounds.started_us
group by bounds.study, bounds.iteration, elapsed_us
having named_us is distinct from elapsed_us
