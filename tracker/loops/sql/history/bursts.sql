-- Grain: one launch, with the number of the burst it belongs to. Inputs: launches, job_records, burst_rule.
-- Gaps and islands: a launch opens a new burst when it comes neither soon after the launch before it (a sweep that is
-- submitted at once) nor right after the end of any job (a script that starts one run after the other).
with happenings as (
    select
        study,
        person,
        launched_us as at_us,
        family,
        1 as place,
        cast(null as bigint) as ended_us
    from launches
    union all
    -- One that ended the instant its own launch began comes after it, or it would be found to have followed itself;
    -- whatever else was launched that very instant is in its burst as it is.
    select
        job_records.study,
        job_records.person,
        job_records.ended_us as at_us,
        null as family,
        case when job_records.ended_us > launches.launched_us then 0 else 2 end as place,
        job_records.ended_us
    from job_records
    inner join launches
        on
            job_records.study = launches.study
            and job_records.person = launches.person
            and job_records.family = launches.family
    where job_records.ended_us is not null
),

followed as (
    select
        *,
        max(ended_us) over before as last_ended_us
    from happenings
    window before as (partition by study, person order by at_us, place, family rows unbounded preceding)
),

spaced as (
    select
        study,
        person,
        family,
        at_us as launched_us,
        last_ended_us,
        lag(at_us) over (partition by study, person order by at_us, family) as last_launched_us
    from followed
    where place = 1
)

select
    spaced.study,
    spaced.person,
    spaced.family,
    spaced.launched_us,
    sum(
        case
            when spaced.launched_us - spaced.last_launched_us <= burst_rule.burst_us then 0
            when spaced.launched_us - spaced.last_ended_us <= burst_rule.chain_us then 0
            else 1
        end
    ) over (partition by spaced.study, spaced.person order by spaced.launched_us, spaced.family) as burst
from spaced
cross join burst_rule
