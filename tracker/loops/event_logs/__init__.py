"""Event logs for the process-mining world, written from a snapshot: XES (IEEE 1849) and OCEL 2.0."""
