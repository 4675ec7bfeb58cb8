-- Grain: one value that iterations can be filtered by. Inputs: chosen (rows of the mart iterations).
with listed as (
    select
        unnest(['study', 'regime', 'status']) as filter_name,
        unnest([study, regime, status]) as choice
    from chosen
)

select
    filter_name,
    choice,
    count(*) as iterations
from listed
group by filter_name, choice
order by filter_name, case choice when 'toy' then 0 when 'real' then 1 else 2 end, choice
