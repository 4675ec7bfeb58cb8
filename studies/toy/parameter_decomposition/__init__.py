"""Parameter decomposition: which parts of a network's weights are its mechanisms?

APD splits a target network's weights into components that add up to them, few of which are needed on any one input
(Braun et al. 2025, arXiv 2501.14926). SPD splits each matrix into rank-one subcomponents and learns how causally
important each is on each input (Bushnaq et al. 2025, arXiv 2506.20790). Both are told right by targets whose
mechanisms are known: a toy model of superposition, the residual MLP of `compressed_computation`, and a network
built by hand.

`config` → `targets` → `components` → `attributions`, `losses` → `training` → `metrics`; `agenda` and `policy` steer a
sweep, `gates` the verdict.
"""
