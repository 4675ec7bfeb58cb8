"""A real MLflow tracking server for tests, and a proxy in front of it that fails when told to."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

START_SECONDS = 120.0


def free_port():
    """Returns a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TrackingServer:
    """`mlflow server` with a database behind it, on one port through all restarts."""

    def __init__(self, database, folder):
        self.port = free_port()
        self._database = database
        self._folder = folder
        self._process = None

    @property
    def uri(self):
        """Where clients find it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """Starts the server and waits until it answers."""
        where = ["--backend-store-uri", self._database, "--port", str(self.port), "--host", "127.0.0.1"]
        command = [sys.executable, "-m", "mlflow", "server", *where, "--workers", "1"]
        environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
        with open(self._folder / "server.log", "ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env=environment, cwd=self._folder
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "server.log").read_text()[-2_000:]
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)

    def kill(self):
        """Ends the server and its workers without warning."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


class FailingProxy:
    """Passes requests on; `before` is told the number of each write and may return a way to fail.

    `500`: answered with it, not passed on. `lost`: carried out by the server, and answered with 500 all the same.
    `slow`: carried out, and answered when the client has given up.
    """

    def __init__(self, port, fail=lambda number: None, slow_seconds=0.0):
        self.writes = 0
        self.slow_seconds = slow_seconds
        self.fail = fail
        self._target = port
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def uri(self):
        return f"http://user:hidden-word@127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(proxy):
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                """Tests have nothing to say about requests."""

            def do_GET(self):
                self._pass_on(b"")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if "search" in self.path:
                    self._pass_on(body)
                    return
                proxy.writes += 1
                failure = proxy.fail(proxy.writes)
                if failure == "500":
                    self._answer(500, b"the server is unwell")
                else:
                    self._pass_on(body, is_lost=failure == "lost", is_slow=failure == "slow")

            def _pass_on(self, body, is_lost=False, is_slow=False):
                connection = http.client.HTTPConnection("127.0.0.1", proxy._target, timeout=60)
                headers = {key: value for key, value in self.headers.items() if key.lower() != "host"}
                try:
                    connection.request(self.command, self.path, body, headers)
                    answer = connection.getresponse()
                    content = answer.read()
                except (OSError, http.client.HTTPException):
                    self._answer(502, b"the server is gone")
                    return
                finally:
                    connection.close()
                if is_slow:
                    time.sleep(proxy.slow_seconds)
                self._answer(500 if is_lost else answer.status, b"lost" if is_lost else content)

            def _answer(self, status, content):
                with suppress(OSError):  # the client has given up
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

        return Handler
