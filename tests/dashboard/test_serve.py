"""How the dashboard is served."""

import socket

from tracker.dashboard.serve import command, free_port


def test_the_command_serves_this_machine_alone_and_reports_to_nobody():
    """Localhost, headless, telemetry off, at the port that was asked for."""
    arguments = command(8777)
    assert "--server.address=127.0.0.1" in arguments
    assert "--browser.gatherUsageStats=false" in arguments
    assert "--server.headless=true" in arguments
    assert "--server.port=8777" in arguments


def test_the_settings_hold_from_any_folder(tmp_path, monkeypatch):
    """Theme and switches of the settings file are said on the command line, where the folder does not matter."""
    monkeypatch.chdir(tmp_path)
    arguments = command(8777)
    assert "--theme.light.primaryColor=#0072B2" in arguments
    assert "--client.showErrorDetails=none" in arguments
    assert len(arguments) == len(set(arguments))


def test_a_taken_port_is_passed_over():
    """When somebody listens on the first port, the next free one is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port(port) <= port + 50
