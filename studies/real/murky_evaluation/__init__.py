"""Murky evaluation: the same kind of decision taken by a concrete metric and by a noisy one.

The noisy one is an automatic interpretability score, held-out detection AUC (`interpretability`), on a random sample of
latents. `reversals` says how often repeating an evaluation turns the decision round, and how many more evaluations
a decision of equal reliability would cost; `agenda` lets the scripted researcher decide by it.
"""
