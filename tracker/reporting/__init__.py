"""A report from a snapshot: one frozen value, its text and charts, and the files it is written to."""
