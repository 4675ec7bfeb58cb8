-- Rows are those of a spans table with a word that its column does not have (data/README.md). Inputs: spans_of_table.
select
    iteration,
    span,
    kind,
    status,
    evidence,
    clarity
from spans_of_table
where
    kind not in ('iteration', 'phase', 'job', 'stage', 'decision')
    or status not in ('finished', 'failed', 'killed', 'open')
    or evidence not in ('measured', 'imported', 'self-report')
    or clarity not in ('clear', 'murky', '')
