"""How the dashboard is served."""

import socket

from tracker.dashboard.serve import command, free_port, settings


def test_the_settings_serve_this_machine_alone_and_report_to_nobody():
    """Localhost, headless, telemetry off, at the port that was asked for."""
    said = settings(8777)
    assert (said["server.address"], said["server.port"]) == ("127.0.0.1", 8777)
    assert said["browser.gatherUsageStats"] is False
    assert said["server.headless"] is True


def test_the_settings_hold_from_any_folder(tmp_path, monkeypatch):
    """Theme and switches of the settings file are said to Streamlit, which would look in the folder it is run from."""
    monkeypatch.chdir(tmp_path)
    said = settings(8777)
    assert said["theme.light.primaryColor"] == "#0072B2"
    assert said["client.showErrorDetails"] == "none"
    assert command(8777)[1:] == ["-m", "tracker.dashboard.server", "8777"]


def test_a_taken_port_is_passed_over():
    """When somebody listens on the first port, the next free one is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port(port) <= port + 50
