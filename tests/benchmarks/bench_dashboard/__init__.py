"""The benchmark of the dashboard, measured in a browser at 100,000 iterations (`make bench-dashboard`).

Three things are measured: how long a page takes until all of it is there, how long a what-if takes from the key that
moves its control until its new chart is drawn, and both while twenty people look.
"""
