"""`import tracker.auto`, the first line of a script: records its run as `python -m tracker run` would.

Only a script is recorded, from this line to its end. In a notebook, in a test run, at the interpreter's prompt and in
worker processes the line does nothing.
"""

from tracker.capture.integrations.script import record_this_script

record_this_script()
