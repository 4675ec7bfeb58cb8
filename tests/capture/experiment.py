"""An experiment that uses every call of the hook, prints what it computes, and exits with 3.

Given the name of a function of the hook as `module:name`, it makes that function raise; given several, it forks for
each and prints what became of it as JSON: exit code, output, complaints, and whether the function was called at all.
"""

import json
import os
import pickle
import sys
import threading
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import tracker
from tests.capture.fake_cuda import Gpu, fake_torch

EXIT_CODE = 3


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")


@tracker.job("decorated")
def double(x: int) -> int:
    return 2 * x


def run() -> None:
    """Uses every call, in this process, a thread and a forked child."""
    with tracker.iteration("one", study="s", tools={"cache": True}, forecast_minutes=1, person="scripted") as it:
        with it.phase("think"), tracker.phase("inner"):
            say("thought")
        with tracker.job("train", device="cuda:0", config={"k": 32, "name": "x"}, background=True) as job:
            with job.stage("load"), tracker.job("within"):
                say("trained", double(21))
        with it.job("known", enabled_at=datetime.now(UTC)):
            pass
        with it.submit("queued", config={"k": 1}).job(device="cpu"):
            say("queued")
        phase, job = it.phase("twice"), it.job("twice")
        with it, phase, phase, job, job:
            pass
        thread = threading.Thread(target=train_in_thread)
        thread.start()
        thread.join()
        fork()
        with pickle.loads(pickle.dumps(it.submit("sent"))).job(), pickle.loads(pickle.dumps(it)).phase("again"):
            say("sent")
        tracker.decide("go on", options=["stop", "go on"], because="0.9 > 0.8", clarity="clear")
        say(tracker.arm("cache"))
        sys.stdout.flush()


def train_in_thread() -> None:
    with tracker.job("threaded"):
        say("threaded")


def fork() -> None:
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        with tracker.job("forked"):
            os.write(1, b"forked\n")
        os._exit(0)
    say(os.waitpid(child, 0)[1])


def make_raise(target: str, error: BaseException, calls: int = -1) -> None:
    """Replaces a function or method of the hook by one that raises, and notes each call in a file."""
    module, _, name = target.partition(":")
    holder = import_module(module)
    *owners, last = name.split(".")
    for owner in owners:
        holder = getattr(holder, owner)

    def raising(*arguments: object, **options: object) -> None:
        if calls >= 0:
            os.write(calls, b".")
        raise error

    setattr(holder, last, staticmethod(raising) if owners else raising)
    for module in [one for key, one in sys.modules.items() if key.startswith("tracker.") and not owners]:
        if hasattr(module, last):
            setattr(module, last, raising)  # where it was imported by name


def run_with(target: str, folder: str) -> dict[str, object]:
    """Runs the experiment in a fork of this process with one function raising."""
    files = {name: os.path.join(folder, f"{target.replace(':', '-')}.{name}") for name in ("out", "err", "calls")}
    child = os.fork()
    if child == 0:
        for descriptor, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(files[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
        tracker.capture.recorder.stderr = (
            tracker.capture.complaint.Stderr()
        )  # stderr as a program finds it at its start
        os.environ["TRACKER_HOME"] = os.path.join(folder, target.replace(":", "-"))
        os.environ["RANK"] = "1"  # set after the fork, as by a launcher
        make_raise(target, RuntimeError("injected"), os.open(files["calls"], os.O_WRONLY | os.O_CREAT | os.O_APPEND))
        code = 1
        try:
            run()
            code = EXIT_CODE
        finally:
            tracker.capture.recorder._finish()  # what the interpreter runs at its exit
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    texts = {name: Path(path).read_text() if os.path.exists(path) else "" for name, path in files.items()}
    return {"code": status, "output": texts["out"], "complaints": texts["err"], "was_called": bool(texts["calls"])}


def main(arguments: list[str]) -> int:
    if not arguments:
        run()
        return EXIT_CODE
    if len(arguments) == 1:
        make_raise(arguments[0], KeyboardInterrupt())
        run()
        return EXIT_CODE
    folder, *targets = arguments
    sys.modules["torch"] = fake_torch(Gpu())
    json.dump({target: run_with(target, folder) for target in targets}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
