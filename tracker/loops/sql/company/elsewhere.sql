-- Grain: one iteration in company: how long it was waiting while its person was at work on another one.
-- Inputs: companions, time_beside (made by company.py).
select
    companions.study,
    companions.iteration,
    time_beside.beside_us - companions.overlapped_us as elsewhere_us
from companions
inner join time_beside on companions.companion = time_beside.companion
where time_beside.beside_us > companions.overlapped_us
