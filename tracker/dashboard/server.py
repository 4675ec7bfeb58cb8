"""What `streamlit run` serves: app.py, with each page told where its server is.

Opened by a link to a page of its own (`/loops?…`), Streamlit's script looks for its server under that page's path first
and leaves two errors in the browser's console before it looks at the root. It takes the address from
`window.__streamlit` where that is set, so it is set, in the one HTML file that is served.
"""

from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROUTER = Path(__file__).resolve().parents[2] / "app.py"
HEAD = b"<head>"
ADDRESS = b"<script>window.__streamlit={BACKEND_BASE_URL:location.origin,MAIN_PAGE_BASE_URL:location.origin}</script>"


class KnownAddress:
    """Middleware that writes the server's address into the HTML file and passes everything else on untouched."""

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
        body = self._body.replace(HEAD, HEAD + ADDRESS, 1)
        headers = MutableHeaders(scope=self._start)
        headers["content-length"] = str(len(body))
        del headers["etag"]  # it names the unchanged file
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def _is_html(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("text/html")


app = st.App(ROUTER, middleware=[Middleware(KnownAddress)])
