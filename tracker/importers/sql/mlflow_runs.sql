-- Grain: one run, at most so many after the run whose id is $1, in the order of ids. Read through ADBC, so in SQL that
-- SQLite and PostgreSQL share. A page is a statement of its own: where a SQLite store has MLflow's default journal,
-- nobody can write while it is read: each page must be short. SQLite keeps in a column whatever was put there, and one
-- odd value would give the whole column its type: each is cast, and what is no time then is set aside as none.
with page as (
    select
        run_uuid,
        experiment_id,
        cast(name as text) as name,
        cast(user_id as text) as user_id,
        cast(status as text) as status,
        cast(start_time as bigint) as start_time,
        cast(end_time as bigint) as end_time
    from runs
    where lifecycle_stage = 'active' and run_uuid > $1
    order by run_uuid
    limit 2000
),

page_tags as (
    select
        tags.run_uuid,
        max(case when tags.key = 'mlflow.parentRunId' then tags.value end) as parent,
        max(case when tags.key = 'mlflow.runName' then tags.value end) as tagged_name,
        max(case when tags.key = 'mlflow.user' then tags.value end) as tagged_user,
        max(case when tags.key like 'tracker.%' then 1 else 0 end) as is_ours
    from tags
    inner join page on tags.run_uuid = page.run_uuid
    where tags.key in ('mlflow.parentRunId', 'mlflow.runName', 'mlflow.user') or tags.key like 'tracker.%'
    group by tags.run_uuid
),

last_metrics as (
    select
        latest_metrics.run_uuid,
        max(latest_metrics.timestamp) as last_metric_ms
    from latest_metrics
    inner join page on latest_metrics.run_uuid = page.run_uuid
    where page.end_time is null
    group by latest_metrics.run_uuid
)

select
    page.run_uuid as run,
    experiments.name as study,
    experiments.lifecycle_stage as study_stage,
    page_tags.parent,
    coalesce(page_tags.is_ours, 0) as is_ours,
    coalesce(page.name, page_tags.tagged_name) as name,
    coalesce(page_tags.tagged_user, page.user_id) as person,
    page.status as state,
    page.start_time as started_ms,
    page.end_time as ended_ms,
    last_metrics.last_metric_ms
from page
inner join experiments on page.experiment_id = experiments.experiment_id
left join page_tags on page.run_uuid = page_tags.run_uuid
left join last_metrics on page.run_uuid = last_metrics.run_uuid
order by page.run_uuid
