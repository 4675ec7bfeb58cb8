"""What the flagship study takes in: scenario files that hide nothing, a person's own logs, and the recorded loops."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from toy_vs_real_inputs import exact_effect, exact_sweep, make_scenario, make_turn, write_scenario

from studies.toy_vs_real.__main__ import LOOPS, SCENARIOS
from studies.toy_vs_real.arms import arms_of
from studies.toy_vs_real.estimates import replay
from studies.toy_vs_real.own_logs import OwnLogsError, read_own_logs
from studies.toy_vs_real.recorded import read_turns
from studies.toy_vs_real.scenario import Range, ScenarioError, read_scenario
from studies.toy_vs_real.study import Sizes, answer
from studies.toy_vs_real.tools import MACHINE_TOOLS, Bundle, tools_of
from studies.toy_vs_real.workloads import WORKLOADS

W1, W2, W3 = "compressed-computation", "parameter-decomposition", "sae-language-model"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_number_of_the_scenarios_is_a_range_with_a_source_or_the_word_assumed(path: Path) -> None:
    scenario = read_scenario(path)
    ranges = [one for phase in scenario.human.values() for one in (phase.clear, phase.murky)]
    ranges += [one for tool in scenario.tools.values() for one in (tool.speedup, tool.reach_clear, tool.reach_murky)]
    cost = scenario.cost
    ranges += [*cost.build_hours.values(), cost.as_claimed, cost.upkeep_hours_per_week, cost.loop_hours_per_week]
    for one in ranges:
        assert isinstance(one, Range)
        assert one.low < one.high
        # A source names a year, a file or the claim itself.
        assert one.source.startswith("assumed") or any(sign in one.source for sign in ("20", "/", "(the claim)"))
    assert set(tools_of(scenario)) == set(cost.build_hours), "each tool of the bundle costs something"


def test_stated_run_times_are_those_of_the_registries() -> None:
    times = read_scenario(SCENARIOS[1]).job_minutes
    assert set(times) == set(WORKLOADS)
    assert times[W1].values == (3, 5, 60)
    assert times["lora-dictionary"].values == (180, 240, 480, 720, 1440, 1600, 2000)
    assert [times[W1].at(u) for u in (0.0, 0.5, 0.99, 1.0)] == [3, 5, 60, 60]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('source = "assumed"', 'source = ""', "source is empty"),
        ("low = 9.99999", "low = 11.0", "low must be below high|likely"),
        ("[human.think]", "[human.thinking]", "thinking"),
        ('per = "iteration"', 'per = "week"', "must be one of iteration, decision"),
        ("[cost.pace]", "[cost.speed]", "speed"),
    ],
)
def test_a_scenario_that_says_too_little_is_refused_in_words(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write_scenario(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match=message):
        read_scenario(path)


def test_a_single_number_is_no_range(tmp_path: Path) -> None:
    path = write_scenario(tmp_path, spread=0.0)
    with pytest.raises(ScenarioError, match="a single number is not taken"):
        read_scenario(path)


def test_a_draw_is_slow_with_clear_and_murky_decisions_alike(tmp_path: Path) -> None:
    phase = make_scenario(tmp_path, spread=0.5).human["evaluate"]
    assert (phase.clear.at(0.0), phase.murky.at(0.0)) == pytest.approx((5, 20))
    assert (phase.clear.at(1.0), phase.murky.at(1.0)) == pytest.approx((15, 60))


def own_rows(regime: str, person: str, iterations: int, *, study: str = "mine") -> dict[str, list]:
    """Loops in a person's log: implement 40 min, a job of 60 min (steady 30), evaluate 20 min, decide 0."""
    columns: dict[str, list] = {name: [] for name in _OWN}
    for place in range(iterations):
        begin = START + timedelta(days=place)
        parts = (("phase", "implement", 0, 40), ("job", "my training", 40, 100), ("phase", "evaluate", 100, 120))
        rows = [
            ("iteration", f"i{place}", 0, 120),
            *parts,
            ("stage", "steady", 50, 80),
            ("decision", "decide", 120, 120),
        ]
        for number, (kind, name, start, end) in enumerate(rows):
            span = f"{regime}{place}.{number}"
            parent = f"{regime}{place}.2" if kind == "stage" else ""
            clarity = ("murky" if place % 2 else "clear") if kind == "decision" else ""
            instants = [begin + timedelta(minutes=minute) for minute in (start, end)]
            values = (
                study,
                regime,
                f"{regime} {place}",
                person,
                span,
                parent,
                kind,
                name,
                *instants,
                "finished",
                clarity,
            )
            for column, value in zip(_OWN, values, strict=True):
                columns[column].append(value)
    return columns


_OWN = (
    "study",
    "regime",
    "iteration",
    "person",
    "span",
    "parent",
    "kind",
    "name",
    "started_at",
    "ended_at",
    "status",
    "clarity",
)


def write_own(path: Path, *parts: dict[str, list]) -> Path:
    table = pa.table({name: [value for part in parts for value in part[name]] for name in _OWN})
    if path.suffix == ".csv":
        pyarrow.csv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_own_logs_take_the_place_of_assumed_minutes_by_hand(tmp_path: Path, suffix: str) -> None:
    effects = (
        exact_effect(W2, "batched_attributions", "steady", 3.0),
        *exact_sweep(W2, 1.5),
    )
    bundle = Bundle(effects, make_scenario(tmp_path))
    path = write_own(tmp_path / f"own{suffix}", own_rows("toy", "p1", 6, study=W2))
    loops = read_own_logs(path, bundle)["toy"]
    told = replay(loops, {}, tools_of(bundle.scenario))
    # The template halves .999 of 40 min; batching cuts 30 steady minutes to 10; the only job of a sweep gains nothing
    # from another beside it; the report reaches half of the clear and a quarter of the murky evaluations, here 3 of 6.
    evaluate = 20 * (1 - 0.375 + 0.375 / 5)
    assert told.speedup == pytest.approx(120 / (40 * (0.001 + 0.999 / 2) + 40 + evaluate), rel=1e-6)
    assert set(loops.unused(tools_of(bundle.scenario), {})) == {*MACHINE_TOOLS, "one_command_launch"} - {
        "batched_attributions",
        "parallel_processes",
    }


def test_with_own_logs_no_assumed_minute_is_left_in_that_regime(tmp_path: Path) -> None:
    effects = (
        exact_effect(W2, "batched_attributions", "steady", 3.0),
        *exact_sweep(W2, 1.5),
    )
    bundle = Bundle(effects, make_scenario(tmp_path, spread=0.3))
    path = write_own(tmp_path / "own.parquet", own_rows("real", "p1", 6))
    cached = [exact_effect(W3, "activation_cache", part, 1.6) for part in ("load and harvest", "check")]
    lora = exact_sweep("lora-dictionary", 1.6)
    bundle = Bundle((*effects, *cached, *exact_sweep(W3, 1.8), *lora), bundle.scenario)
    told = answer([make_turn(W2, jobs=2, seconds=60)] * 6, bundle, Sizes(20, 4, 2), path)
    names = [swing.unknown.name for swing in told.regimes["real"].swings]
    assert told.regimes["real"].is_own
    assert not any(name.startswith("human.") for name in names)
    assert "alike.real" in names
    assert any(swing.unknown.name == "human.think" for swing in told.regimes["toy"].swings)
    assert {part.name for part in told.regimes["real"].parts} == {"implement", "evaluate", "jobs"}
    whole = sum(one.centre for one in told.split.effects.values())
    assert whole == pytest.approx(told.split.gap.centre, abs=1e-9)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([own_rows("toy", "scripted", 6)], "turned by a program"),
        ([own_rows("real", "p1", 4)], "4 real iterations"),
        ([own_rows("demo", "p1", 6)], "regime == 'demo'"),
    ],
)
def test_logs_that_cannot_take_the_place_are_refused_in_words(tmp_path: Path, parts: list, message: str) -> None:
    path = write_own(tmp_path / "own.parquet", *parts)
    with pytest.raises(OwnLogsError, match=message):
        read_own_logs(path, Bundle((), make_scenario(tmp_path)))


def test_a_file_that_is_no_spans_table_is_refused_in_words(tmp_path: Path) -> None:
    bundle = Bundle((), make_scenario(tmp_path))
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    for name in ("other.parquet", "absent.parquet"):
        with pytest.raises(OwnLogsError, match="--spans"):
            read_own_logs(tmp_path / name, bundle)


def test_recorded_loops_hold_every_arm_of_every_workload_in_pairs() -> None:
    turns = read_turns(LOOPS / "loops.parquet")
    for name in WORKLOADS:
        counts = {arm: sum(turn.study == name and turn.arm == arm for turn in turns) for arm in arms_of(name)}
        assert len(set(counts.values())) == 1, counts
        assert min(counts.values()) >= 4
    assert {turn.regime for turn in turns} == {"toy", "real"}
    baseline = [turn for turn in turns if turn.arm == "baseline"]
    assert all(turn.jobs and turn.murky and turn.sweep_seconds > 0 for turn in baseline)
    # What two looks show: a workload whose metric samples nothing is decided once, the others twice or more.
    assert {len(turn.murky) for turn in baseline if turn.study == W2} == {1}
    assert min(len(turn.murky) for turn in baseline if turn.study in (W1, W3)) == 2
    assert np.isfinite([turn.wall_seconds for turn in turns]).all()
