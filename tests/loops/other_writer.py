"""A writer in a process of its own: two copies of SQLite in one process do not see each other's locks."""

import subprocess
import sys

WRITING = """
import sqlite3, sys
from stored_iterations import Stored, StoreFile
store = StoreFile(sys.argv[1], timeout=float(sys.argv[2]))
store.connection.isolation_level = None
for line in sys.stdin:
    word, *rest = line.split()
    try:
        if word == "put":
            store.put(Stored(rest[0], seconds=int(rest[1])))
        else:
            store.connection.execute({"hold": "begin exclusive", "release": "rollback"}[word])
        print("done", flush=True)
    except sqlite3.OperationalError as error:
        print(error, flush=True)
"""


class OtherWriter:
    """Does what it is told and answers `done`, or SQLite's complaint. It waits `timeout` seconds for readers."""

    def __init__(self, path, timeout=0.0):
        from pathlib import Path

        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITING, str(path), str(timeout)],
            cwd=Path(__file__).parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, *words):
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
