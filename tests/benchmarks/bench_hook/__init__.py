"""The benchmark of the hook: our calls beside other trackers', in one run on one machine (`make bench-hook`).

Every subject is measured in processes of its own. The package is not imported by the platform; it runs with
`tests/benchmarks` and the repository's top folder on the path.
"""
