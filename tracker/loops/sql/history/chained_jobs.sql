-- Grain: one job that a script started right after another one of its iteration. Inputs: placed_jobs, burst_rule.
with happenings as (
    select
        study,
        iteration,
        span,
        enabled_us as at_us,
        1 as place,
        cast(null as bigint) as ended_us
    from placed_jobs
    where is_job
    union all
    -- One without a length would be found to have followed itself.
    select
        study,
        iteration,
        span,
        ended_us as at_us,
        0 as place,
        ended_us
    from placed_jobs
    where is_job and ended_us > enabled_us
),

followed as (
    select
        study,
        iteration,
        span,
        at_us,
        place,
        max(ended_us) over before as last_ended_us,
        arg_max(span, ended_us) over before as last_ended
    from happenings
    window before as (partition by study, iteration order by at_us, place, span rows unbounded preceding)
)

select
    followed.span,
    followed.last_ended
from followed
cross join burst_rule
where followed.place = 1 and followed.at_us - followed.last_ended_us <= burst_rule.chain_us
