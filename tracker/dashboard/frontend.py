"""Streamlit's front end, served as a browser wants it: from memory, and told where its server is.

Streamlit's own handler goes through a thread for each of a page's hundred files, which costs the server 4 ms each.
"""

import mimetypes
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util

HEAD = b"<head>"
# Opened by a link to a page of its own (`/loops?…`), Streamlit's script looks for its server under that page's path
# first and leaves two errors in the browser's console before it looks at the root. It takes the address from here.
ADDRESS = b"<script>window.__streamlit={BACKEND_BASE_URL:location.origin,MAIN_PAGE_BASE_URL:location.origin}</script>"
# What shimmers while a page comes is painted sixty times a second, at the cost of what is to come.
AT_REST = b"<style>[data-testid=stSkeleton],[data-testid=stSkeleton] *{animation:none!important}</style>"
# Named from the page's own folder, which under a mistyped address (`/loops/there`) is not where they are: a blank page.
BESIDE, AT_ROOT = b'="./', b'="/'
STATIC = "static"
# The files' names hold a digest of what is in them, so that a browser need never ask again.
FOREVER = b"public, immutable, max-age=31536000"


class FromMemory:
    """Middleware that answers what is asked of the front end's files; everything else is passed on untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        root = Path(file_util.get_static_dir())
        files = (path for path in (root / STATIC).rglob("*") if path.is_file())
        self._paths = {f"/{path.relative_to(root).as_posix()}": path for path in files}
        self._bodies: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        body = self._body(scope["path"])
        kind = mimetypes.guess_type(scope["path"])[0] or "application/octet-stream"
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", FOREVER),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _body(self, path: str) -> bytes:
        if path not in self._bodies:
            self._bodies[path] = self._paths[path].read_bytes()
        return self._bodies[path]


class KnownAddress:
    """Middleware that writes into the HTML file where everything is, and passes everything else on untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "." not in scope["path"] and "/_stcore" not in scope["path"]:
            # Neither compressed nor "not modified": the file that is changed here has to come whole.
            kept = [header for header in scope["headers"] if header[0] not in (b"accept-encoding", b"if-none-match")]
            await self._app({**scope, "headers": kept}, receive, _Page(send))
        else:
            await self._app(scope, receive, send)


class _Page:
    """Holds the start of a response back until its body is known, if it is HTML."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page()

    async def _send_page(self) -> None:
        assert self._start is not None
        body = self._body.replace(BESIDE, AT_ROOT).replace(HEAD, HEAD + ADDRESS + AT_REST, 1)
        headers = MutableHeaders(scope=self._start)
        headers["content-length"] = str(len(body))
        del headers["etag"]  # it names the unchanged file
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def _is_html(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("text/html")
