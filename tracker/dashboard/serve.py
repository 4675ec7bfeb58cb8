"""How the dashboard is served: on this machine alone, without a browser of its own, telling nobody."""

import socket
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ADDRESS = "127.0.0.1"
PORT = 8501
PORTS_TRIED = 50
SERVER = "tracker.dashboard.server"
ROUTER = Path(__file__).resolve().parents[2] / "app.py"
SETTINGS = ROUTER.with_name(".streamlit") / "config.toml"


class NoPort(Exception):
    """No port is free; says which were tried."""


def command(port: int | None = None) -> list[str]:
    """Returns the command that serves the dashboard; it prints the address when it is up.

    Args:
        port: The port to use, taken or not; None takes 8501, or the next free one.

    Raises:
        NoPort: None of the ports that were tried is free.
        FileNotFoundError: The router, app.py, did not come with this installation.
    """
    if not ROUTER.exists():
        raise FileNotFoundError(f"{ROUTER.name} is not beside the package: run the dashboard from a checkout")
    return [sys.executable, "-m", SERVER, str(free_port() if port is None else port)]


def settings(port: int) -> dict[str, Any]:
    """Returns Streamlit's settings by their dotted names: those of the settings file, and where it serves.

    Streamlit finds the file only in the folder it is started from, and without it would report to its makers.
    """
    kept = _flat(tomllib.loads(SETTINGS.read_text(encoding="utf-8")))
    return kept | {"server.address": ADDRESS, "server.port": port}


def free_port(first: int = PORT) -> int:
    """Returns the first port from `first` on that nobody listens on."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
            except OSError:
                continue
            return port
    raise NoPort(f"ports {first} to {first + PORTS_TRIED - 1} are all taken; name a free one with --port")


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Returns the settings of nested tables by their dotted names."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
