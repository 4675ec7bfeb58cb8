-- Grain: one launch of one study and person: a job alone, or a family (an array, a parent run with its children).
-- Inputs: job_records. Instants in microseconds since 1970 UTC.
select
    study,
    person,
    family,
    min(launched_us) as launched_us,
    arg_min(name, (launched_us, job)) as name,
    count(*) filter (where is_job) as jobs
from job_records
group by study, person, family
