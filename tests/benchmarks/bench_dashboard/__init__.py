"""The benchmark of the dashboard, measured in a browser at 100,000 iterations (`make bench-dashboard`).

Three things are measured: how long a page takes until all of it is there, how long a what-if takes from the key that
moves its control until its new chart is drawn, and both while twenty people look. Beside them stands the floor: the
same of a page of Streamlit's with a sentence and a chart, and nothing to compute.
"""
