"""The server of the pages: `python -m tracker.dashboard.server PORT`.

`streamlit run` is not used: it opens its socket without naming TCP, so that asyncio leaves Nagle's algorithm on, and
what is written in two pieces waits up to 40 ms for the browser's acknowledgement.
"""

import gc
import logging
import socket
import sys
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from streamlit.web import bootstrap

from tracker.capture.home import home_path
from tracker.dashboard.frontend import FromMemory, KnownAddress
from tracker.dashboard.serve import ADDRESS, settings

ROUTER = Path(__file__).resolve().parents[2] / "app.py"
LARGEST_MESSAGE_BYTES = 200 * 1024 * 1024  # Streamlit's own default


class Announcing(uvicorn.Server):
    """Says where it is once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"\n  The dashboard is at http://{ADDRESS}:{self.config.port}\n\n")
            sys.stdout.flush()


def main() -> None:
    port = int(sys.argv[1])
    bootstrap.load_config_options(settings(port))
    _make_ready()
    app = st.App(ROUTER, middleware=[Middleware(KnownAddress), Middleware(FromMemory)])
    Announcing(
        uvicorn.Config(
            app,
            host=ADDRESS,
            port=port,
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE_BYTES,
            ws_per_message_deflate=False,  # the browser is on this machine
            access_log=False,
            log_level="warning",
        )
    ).run()


def _make_ready() -> None:
    """Opens every page before there is a server, and goes on in a thread for snapshots to come."""
    logging.disable(logging.WARNING)  # Streamlit warns of every cached read that there is no server yet
    from tracker.dashboard import warming

    warming.make_ready(ROUTER, home_path())
    warming.start_following(home_path())
    logging.disable(logging.NOTSET)
    # Streamlit collects garbage after every run of a page; what was loaded to get here will never be any.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
