"""Recorded iterations as graphs of spans, replayed with other durations."""
