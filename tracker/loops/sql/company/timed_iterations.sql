-- Grain: one iteration, in the order of the table. Inputs: iteration_rows. Microseconds; 0: nobody knows when it began.
-- Programs all bear the name `scripted`; those of one study are taken for one, those of two studies for two.
select
    study,
    iteration,
    case when is_scripted then person || chr(31) || study when person <> '' then person end as timeline,
    coalesce(epoch_us(started_at), 0) as from_us,
    coalesce(epoch_us(started_at) + cast(round(elapsed_seconds * 1e6) as bigint), 0) as until_us,
    cast(round(overlapped_seconds * 1e6) as bigint) as overlapped_us
from iteration_rows
