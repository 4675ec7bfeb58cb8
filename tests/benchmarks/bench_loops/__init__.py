"""The benchmark of the loops: how fast MLflow and events become marts (`make bench-loops`).

Tables and page are made as those of the estimates' benchmark are. Each subject runs in a process of its own, so that
none warms another up and each has a peak of memory of its own.
"""
