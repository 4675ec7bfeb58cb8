-- Grain: one record of a job, with its iteration. Inputs: job_records, bursts, burst_rule.
-- The iteration's id comes from its first launch, so that a later import, with more jobs, gives it again.
with firsts as (
    select
        study,
        person,
        burst,
        arg_min(family, (launched_us, family)) as first_family
    from bursts
    group by study, person, burst
)

select
    job_records.*,
    burst_rule.source || '-'
    || substr(sha256(concat_ws(chr(31), firsts.study, firsts.person, firsts.first_family)), 1, 16) as iteration,
    substr(sha256(concat_ws(chr(31), burst_rule.source, job_records.study, job_records.job)), 1, 16) as span
from job_records
inner join bursts
    on
        job_records.study = bursts.study
        and job_records.person = bursts.person
        and job_records.family = bursts.family
inner join firsts
    on bursts.study = firsts.study and bursts.person = firsts.person and bursts.burst = firsts.burst
cross join burst_rule
