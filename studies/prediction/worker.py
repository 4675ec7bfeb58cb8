"""One pair in a process of its own, so that no pair meets what another has imported, compiled or cached.

`python -m studies.prediction.worker PAIR --home HOME --folder FOLDER`; each step begun is a line on standard output.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from studies.conditions import read_conditions, read_load, read_waiting
from studies.prediction.pairs import PAIRS, TABLE_VERSION, Pair
from studies.prediction.record import PairRecord, State, read_record
from studies.prediction.steps import Place, measure, predict

STOPPED = 130


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts its background jobs deaf to Ctrl-C
    pair = PAIRS[options.pair]
    if options.core is not None and pair.width == 1:
        os.sched_setaffinity(0, {options.core})
    place = Place(options.home, options.folder, options.size, options.device, tell=tell)
    record = read_record(place.folder, pair.name)
    if record is None or record.version != TABLE_VERSION or record.state == "refused":
        record = begin(pair, options.size)
    record.state = _state_of(record)
    record.sessions.append({"began": read_conditions()})
    try:
        predict(pair, record, place)
        if not options.predict_only:
            measure(pair, record, place)
    except KeyboardInterrupt:
        return STOPPED
    finally:
        record.sessions[-1]["ended"] = {**read_load(), "waited_fraction": read_waiting()}
        record.save(place.folder)
    return 0


def _state_of(record: PairRecord) -> State:
    """Where a pair is that failed before: what it has decides."""
    if record.state != "failed":
        return record.state
    return "predicted" if record.forecast else "started"


def tell(step: str) -> None:
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


def begin(pair: Pair, size: str) -> PairRecord:
    settings = {
        "size": size,
        "parts": list(pair.parts),
        "width": pair.width,
        "loops_per_arm": pair.loops_per_arm,
        "history_loops": pair.history_loops,
        "pilot_runs": pair.pilot_runs,
        "seed": pair.seed,
    }
    return PairRecord(pair.name, pair.workload, pair.change, TABLE_VERSION, settings=settings)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pair", choices=tuple(PAIRS))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--size", default="table")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--core", type=int)
    parser.add_argument("--predict-only", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
