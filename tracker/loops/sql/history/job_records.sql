-- Grain: one record of a job; a job without a family is a family of its own. Inputs: given_jobs.
select
    study,
    coalesce(regime, '') as regime,
    coalesce(person, '') as person,
    job,
    case when coalesce(family, '') = '' then 'job ' || job else 'family ' || family end as family,
    name,
    least(launched_us, enabled_us) as launched_us,
    enabled_us,
    started_us,
    ended_us,
    status,
    state,
    attempt,
    device,
    ranks,
    config,
    is_job
from given_jobs
