"""Planning an experiment on one's own loops: how many, in which order, when to stop, and whether it goes as planned.

`experiment.plan` is the way in. `history` finds how loops vary, `power` and `sizing` what can be told apart,
`schedules` the order of arms, `follow_up` compares a plan with what was done.
"""
