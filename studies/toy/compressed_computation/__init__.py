"""Compressed computation: does a residual MLP compute more ReLUs than it has neurons?

The model f(x) = ReLU(x W_in) W_out of h neurons is trained on n > h labels ReLU(x) + Mx. Without the mess M it finds
h of the n ReLUs and no more (L/p = 1/12 where h = n/2), which with one active feature is provably the best. With a
mess it goes well below that: making up for the mess is easier than the task itself.

Sources: Braun et al. 2025 (the APD paper; github ApolloResearch/apd) for the model; "Compressed Computation is
(probably) not Computation in Superposition" (github Stefan-Heimersheim/toy-model-of-computation-in-superposition)
for the reduced form and the kinds of mess.

`config` → `labels` (the task) → `model` → `training` → `loss`; `agenda` is the policy that steers a sweep from them,
`gates` the verdict whether this implementation shows the published effect.
"""
