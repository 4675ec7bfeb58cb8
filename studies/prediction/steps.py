"""The steps of one pair, in order; each looks at the record for what is done, and saves it when it has done more."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow.parquet as pq

from studies.changes.catalogue import load_change
from studies.changes.change import Setup, Size
from studies.changes.equivalence import admit
from studies.driver import FinishedIteration
from studies.prediction.ledger import export_spans, of_study, record_forecast, without_arm
from studies.prediction.loops import SEEDS_APART, run_loop
from studies.prediction.pairs import Pair
from studies.prediction.pilots import PilotRun, make_change, run_part
from studies.prediction.record import PairRecord
from tracker.speedup.planning.schedules import schedule

# The typical loop: with ten loops an arm, one that met a busy core for a moment would else decide the total.
ESTIMAND = "geometric_mean"
WARM_UP = "warm-up"  # the study of the first loop of each arm in a process, which imports and fills caches
_PILOT_SEEDS, _WARM_UP_SEEDS, _MEASURED_SEEDS = (
    1_000_000,
    2_000_000,
    3_000_000,
)  # of the history: from the pair's own on

Arms = dict[bool, tuple[Setup, FinishedIteration[Any, Any]]]  # False is baseline; with the warm-up of each


@dataclass(frozen=True)
class Place:
    """Where a pair's steps work.

    Attributes:
        home: of the loops and the ledger; the table's own.
        folder: of the records.
        size: of the workloads.
        device: as torch names it.
        tell: is told what begins, for a progress bar.
    """

    home: Path
    folder: Path
    size: Size = "table"
    device: str = "cpu"
    tell: Callable[[str], None] = lambda step: None

    @property
    def work(self) -> Path:
        """Files that only this run needs."""
        folder = self.home / "pairs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def predict(pair: Pair, record: PairRecord, place: Place) -> None:
    """Hold the change against the baseline's results; record the history; pilot; seal the forecast."""
    if not record.equivalence:
        _check_equivalence(pair, record, place)
    if record.state != "started":
        return
    module = load_change(pair.change)
    with ExitStack() as closing:
        arms = open_arms(module, pair, place, closing)
        _run_history_and_pilot(pair, record, place, arms)
    _seal(pair, record, place)


def measure(pair: Pair, record: PairRecord, place: Place) -> None:
    """Baseline and changed loops by turns, in blocks of four with both arms twice in random order.

    Raises:
        ValueError: the pair has no forecast yet.
    """
    if record.state == "refused":
        return
    if not record.forecast:
        raise ValueError(f"{pair.name} has no forecast yet; run `python -m studies predict {pair.name}` first")
    if not record.schedule:
        rng = np.random.default_rng(crc32(pair.name.encode()))
        record.schedule = schedule("blocked", 2 * pair.loops_per_arm, rng)
        record.save(place.folder)
    with ExitStack() as closing:
        arms = open_arms(load_change(pair.change), pair, place, closing)
        while record.loops < len(record.schedule):
            number, is_changed = record.loops, record.schedule[record.loops] == "C"
            place.tell(f"loop {number + 1}/{len(record.schedule)}")
            # The same seed for the n-th loop of either arm: what differs is the change and the machine.
            seed = _MEASURED_SEEDS + SEEDS_APART * record.schedule[:number].count(record.schedule[number])
            run_loop(arms[is_changed][0], pair.name, seed, {pair.name: is_changed})
            record.loops += 1
            record.save(place.folder)
    record.state = "measured"
    record.save(place.folder)


def open_arms(module: ModuleType, pair: Pair, place: Place, closing: ExitStack) -> Arms:
    """Both arms, each with one loop behind it: the first loop of a process imports, compiles and fills caches."""
    arms: Arms = {}
    for is_changed, make in ((False, module.baseline), (True, module.changed)):
        place.tell(f"warm-up {'changed' if is_changed else 'baseline'}")
        setup: Setup = make(pair.workload, size=place.size, seed=pair.seed, device=place.device)
        closing.callback(setup.close)
        arms[is_changed] = setup, run_loop(setup, WARM_UP, _WARM_UP_SEEDS)
    return arms


def _check_equivalence(pair: Pair, record: PairRecord, place: Place) -> None:
    place.tell("equivalence")
    verdict = admit(load_change(pair.change), pair.workload, size=place.size, seed=pair.seed, device=place.device)
    record.equivalence = asdict(verdict)
    record.state = "started" if verdict.admitted else "refused"
    record.save(place.folder)


def _run_history_and_pilot(pair: Pair, record: PairRecord, place: Place, arms: Arms) -> None:
    """Baseline loops, and between them the pilot of every part, so that both meet the machine in the same moods."""
    while record.history_loops < pair.history_loops:
        number = record.history_loops
        place.tell(f"history {number + 1}/{pair.history_loops}")
        run_loop(arms[False][0], pair.name, pair.seed + SEEDS_APART * number)
        if number < pair.pilot_runs:
            _run_pilot(pair, record, place, arms, number)
        record.history_loops += 1
        record.save(place.folder)


def _run_pilot(pair: Pair, record: PairRecord, place: Place, arms: Arms, number: int) -> None:
    """Every part once without the change and once with it; which comes first changes with the number."""
    for part in pair.parts:
        place.tell(f"pilot of {part} {number + 1}/{pair.pilot_runs}")
        runs = record.pilot.setdefault(part, {"baseline": [], "changed": []})
        for is_changed in (False, True) if number % 2 else (True, False):
            setup, earlier = arms[is_changed]
            run = run_part(part, setup, earlier, _PILOT_SEEDS + SEEDS_APART * number)
            runs["changed" if is_changed else "baseline"].append(asdict(run))


def _seal(pair: Pair, record: PairRecord, place: Place) -> None:
    """The forecast goes into the ledger before any loop of the changed arm is run for the comparison."""
    place.tell("forecast")
    changes = []
    for part in pair.parts:
        runs = {arm: [PilotRun(**run) for run in record.pilot[part][arm]] for arm in ("baseline", "changed")}
        changes.append(
            make_change(pair, part, runs["baseline"], runs["changed"], place.work / f"{pair.name}.{part}.csv")
        )
    spans = without_arm(of_study(export_spans(place.home, place.work / "spans.parquet"), pair.name), pair.name)
    file = place.work / f"{pair.name}-history.parquet"
    pq.write_table(spans, file)
    record.forecast = record_forecast(
        place.home, pair.name, changes, file, estimand=ESTIMAND, loops_per_arm=pair.loops_per_arm
    )
    record.state = "predicted"
    record.save(place.folder)
