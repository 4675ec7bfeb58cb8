"""What-if: changes, what they do to durations, and the estimates made of their replay."""
