"""An error of our own at whatever step of reading and shipping loses nothing: the next sync makes everything whole."""

import inspect
import shutil
import sys
from contextlib import suppress
from importlib import import_module

import pytest
from stored_rows import store_of, stored_rows

import tracker
from tracker.capture import recorder
from tracker.capture.recorder import Recorder
from tracker.shipping.shipper import sync
from tracker.testing import FakeClock

MODULES = (
    *(
        f"capture.{name}"
        for name in ("asleep", "edits", "facts", "families", "keepers", "liveness", "ranks", "recorded")
    ),
    *(f"capture.{name}" for name in ("segments", "span_fold", "spans", "timeline")),
    *(f"shipping.{name}" for name in ("accounting", "addresses", "delivery", "edit_log", "edited_index", "lock")),
    *(f"shipping.{name}" for name in ("mlflow_store", "offsets", "private_file", "reconciling", "record", "runs")),
    *(f"shipping.{name}" for name in ("segment_index", "shipper", "store_file")),
)


class Injected(Exception):
    """No error that anything of ours expects."""


def targets():
    """Yields the functions and methods that reading and shipping are made of."""
    for name in MODULES:
        module = import_module(f"tracker.{name}")
        for key, value in vars(module).items():
            if getattr(value, "__module__", "") != module.__name__ or key == "sync":
                continue
            if inspect.isfunction(value):
                yield module, key, None
            elif inspect.isclass(value) and not issubclass(value, Exception):
                yield from ((module, one, value) for one, method in vars(value).items() if inspect.isfunction(method))


TARGETS = list(targets())


@pytest.fixture(scope="module")
def journals(tmp_path_factory):
    """A journal with two iterations, every kind of event among them, in its midst and when it was over."""
    home = tmp_path_factory.mktemp("recorded") / "home"
    clock = FakeClock(boot="another-boot")
    own = Recorder(clock)
    with pytest.MonkeyPatch.context() as patch, recorder.replaced(own):
        patch.setenv("TRACKER_HOME", str(home))
        with tracker.iteration("one", study="s", tools={"cache": True}) as it, it.phase("think"):
            with it.job("train", config={"k": 1}) as job, job.stage("load"):
                clock.advance(2)
        it = tracker.iteration("two", study="s").__enter__()
        it.submit("later")
        (path,) = (home / "journal").glob("*.journal")
        midst = path.read_bytes()
        clock.suspend(30)
        own.note_sleep()
        clock.advance(2)
        it.__exit__(None, None, None)
        own.close()
    return path.name, midst, path.read_bytes()


def ship(home, template, journals, patch=None, target=None):
    """Syncs in the midst and after it, the first time with a function that fails; returns rows and how often it did."""
    (home / "journal").mkdir(parents=True)
    shutil.copyfile(template, home / "mlflow.db")
    name, midst, whole = journals
    path = home / "journal" / name
    path.write_bytes(midst)
    calls = []
    if target is not None:
        with patch.context() as within:
            make_raise(within, target, calls)
            with suppress(Injected):
                sync(home)
        assert path.read_bytes() == midst
    sync(home)
    path.write_bytes(whole)
    sync(home)
    return stored_rows(store_of(home)), calls


def make_raise(patch, target, calls):
    module, name, owner = target

    def raising(*arguments, **options):
        calls.append(name)
        raise Injected("injected")

    if owner is not None:
        method = vars(owner)[name]
        patch.setattr(owner, name, staticmethod(raising) if isinstance(method, staticmethod) else raising)
        return
    function = getattr(module, name)
    for one in [one for key, one in sys.modules.items() if key.startswith("tracker.")]:
        if getattr(one, name, None) is function:
            patch.setattr(one, name, raising)


@pytest.mark.parametrize("step", [40, pytest.param(1, marks=[pytest.mark.exhaustive, pytest.mark.timeout(1_200)])])
def test_after_an_error_at_any_step_the_next_sync_leaves_what_an_undisturbed_one_leaves(
    tmp_path, mlflow_template, journals, step
):
    """Every function in turn (a few of them in a quick run); the journal's bytes are the same, and so are the rows."""
    undisturbed, _ = ship(tmp_path / "undisturbed", mlflow_template, journals)
    differing, called = [], 0
    for number, target in enumerate(TARGETS[::step]):
        home = tmp_path / str(number)
        rows, calls = ship(home, mlflow_template, journals, pytest.MonkeyPatch, target)
        called += bool(calls)
        if rows != undisturbed:
            differing.append(target)
        shutil.rmtree(home)
    assert differing == []
    assert called > len(TARGETS[::step]) / 2
    assert len(TARGETS) > 150


def test_an_iteration_that_we_fail_to_read_holds_up_no_other(tmp_path, mlflow_template, journals, monkeypatch):
    """It is refused with the reason, the other is shipped; when the failure is gone, it is too."""
    home = tmp_path / "home"
    (home / "journal").mkdir(parents=True)
    shutil.copyfile(mlflow_template, home / "mlflow.db")
    name, _, whole = journals
    (home / "journal" / name).write_bytes(whole)
    from tracker.capture import spans

    fold_one = spans._fold_iteration

    def fail_for_two(story, is_alive):
        if any(placed.event.get("name") == "two" for placed in story):
            raise Injected("injected")
        return fold_one(story, is_alive)

    monkeypatch.setattr(spans, "_fold_iteration", fail_for_two)
    report = sync(home)
    monkeypatch.undo()
    assert (report.shipped, list(report.refused.values())) == (1, ["its journal cannot be read: injected"])
    assert (sync(home).shipped, sync(home).refused) == (1, {})
