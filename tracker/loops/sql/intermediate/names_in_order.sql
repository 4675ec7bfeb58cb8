-- Grain: one name, in the order of its number. Inputs: numbered_names.
select name
from numbered_names
order by name_number
