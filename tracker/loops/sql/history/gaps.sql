-- Grain: one time in which nothing of a person was queued or running, given to the iteration of the job that ends it.
-- Inputs: placed_jobs, burst_rule. Gaps and islands over all studies of the person: each gap is given away once.
-- A job without an end covers its start alone: nobody knows how long it ran.
with reached as (
    select
        study,
        iteration,
        person,
        enabled_us as until_us,
        max(coalesce(ended_us, started_us, enabled_us)) over (
            partition by person order by enabled_us, job rows between unbounded preceding and 1 preceding
        ) as from_us
    from placed_jobs
)

select
    reached.study,
    reached.iteration,
    reached.person,
    reached.from_us,
    reached.until_us
from reached
cross join burst_rule
where reached.until_us > reached.from_us and reached.until_us - reached.from_us <= burst_rule.longest_us
