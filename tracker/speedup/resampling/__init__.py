"""Intervals by resampling iterations, blocks of them, or clusters."""
