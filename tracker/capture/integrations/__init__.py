"""Ways in without editing, each loaded where its host is: a wrapped command, a script, a notebook, MLflow, trainers.

Nothing here is imported by `import tracker`.
"""
