-- Grain: that of the mart. Inputs: kept_rows, fresh_rows.
select * from kept_rows
union all by name
select * from fresh_rows
