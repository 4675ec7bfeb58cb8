"""Local sparse autoencoders on the residual stream of a real language model (Braun et al. 2024, arXiv 2405.12241)."""
