"""The command line: plain words, and an exit code that is 0 only on success."""

import subprocess
import sys

import pytest

from tracker.cli import COMMANDS, main
from tracker.commands.printing import printable


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example(command, capsys):
    """`--help` ends in a line that can be typed."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "example: python -m tracker" in " ".join(capsys.readouterr().out.split())


def test_without_a_snapshot_a_command_says_which_one_makes_it(home, capsys):
    """No traceback, and the way on."""
    assert main(["--home", str(home), "loops"]) == 1
    assert "python -m tracker refresh" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["report", "sync", "refresh", "loops"])
def test_where_only_the_hook_is_installed_a_command_says_what_to_install(tmp_path, command):
    """An interpreter without site-packages has the hook and nothing else."""
    code = f"import sys; sys.path.insert(0, '.'); from tracker.cli import main; sys.exit(main({[command]!r}))"
    environment = {"TRACKER_HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    if command == "sync" and ran.returncode == 0:
        return  # nothing to ship, which needs no platform
    assert ran.returncode == 1
    assert "pip install 'loopgauge[platform]'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_unknown_change_is_refused_in_plain_words(home, capsys):
    """The message says what is allowed."""
    assert main(["--home", str(home), "refresh"]) == 0
    assert main(["--home", str(home), "what-if", "--change", "double:job"]) == 1
    assert "scale:TARGET:K" in capsys.readouterr().err


def test_what_would_move_the_cursor_is_printed_as_an_escape():
    """Line feed, bell, escape sequence, C1 control, line separator, a turn of direction, half a character."""
    assert printable("a\nb\x07\x1b[2J\x9b\u2028\u202e\ud800") == "a\\nb\\u0007\\u001b[2J\\u009b\\u2028\\u202e\\ud800"
    assert printable("é 🙂 \u00a0\\") == "é 🙂 \u00a0\\"
