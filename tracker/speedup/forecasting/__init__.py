"""Forecasts of tooling changes: what was predicted before a tool landed, and how near it came.

`predictions` says what a forecast is and seals it, `scores` compares it with what was measured, `shrinkage` takes the
winner's curse out of the sum of shipped tools, `felt` sets what people said against what the clock said.
"""
