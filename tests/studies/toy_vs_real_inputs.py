"""Inputs for the tests of the flagship study: recorded turns and scenarios whose every number is chosen here."""

from collections.abc import Mapping
from pathlib import Path

from studies.toy_vs_real.effects import Effect
from studies.toy_vs_real.recorded import RecordedJob, Turn
from studies.toy_vs_real.scenario import Scenario, read_scenario

MINUTES = {"think": (10, 20), "implement": (30, 30), "launch": (5, 5), "evaluate": (10, 40), "decide": (5, 10)}
# Of automatic_report, experiment_template and one_command_launch: speedup, reach of clear and of murky decisions.
TOOLS = {
    "automatic_report": ("evaluate", 5, 0.5, 0.25),
    "experiment_template": ("implement", 2, 0.999, 0.999),
    "one_command_launch": ("launch", 2, 0.999, 0.999),
}


def make_turn(
    study: str, *, jobs: int, seconds: float, steady: float = 0.9, murky: tuple[bool, ...] = (False,)
) -> Turn:
    """A baseline iteration without any computing but its jobs."""
    job = RecordedJob(seconds, {"steady": steady * seconds})
    regime = "toy" if study in ("compressed-computation", "parameter-decomposition") else "real"
    return Turn(
        study=study,
        regime=regime,
        arm="baseline",
        build_seconds=0.0,
        jobs=(job,) * jobs,
        sweep_seconds=jobs * seconds,
        check_seconds=0.0,
        murky=murky,
        choices=("a",) * len(murky),
        wall_seconds=jobs * seconds,
    )


def exact_sweep(study: str, ratio: float) -> tuple[Effect, Effect]:
    """Side by side: the whole sweep `ratio` times as fast, each job as long as alone."""
    return tuple(exact_effect(study, "parallel_processes", part, k) for part, k in (("sweep", ratio), ("job", 1.0)))  # type: ignore[return-value]


def exact_effect(study: str, tool: str, part: str, ratio: float) -> Effect:
    """An effect without error."""
    return Effect(study, tool, part, ratio, 0.0, 10)


def write_scenario(
    folder: Path,
    *,
    minutes: Mapping[str, tuple[float, float]] = MINUTES,
    tools: Mapping[str, tuple[str, float, float, float]] = TOOLS,
    spread: float = 1e-6,
    build_hours: float = 100.0,
    upkeep: float = 1.0,
    job_minutes: Mapping[str, float] | None = None,
    slowdown: float = 1.2,
) -> Path:
    """A scenario file: every range is its number times 1 - spread to 1 + spread."""

    def told(value: float) -> str:
        return f'{{ low = {value * (1 - spread)}, mode = {value}, high = {value * (1 + spread)}, source = "assumed" }}'

    lines = ['title = "Chosen"', 'about = "Numbers of a test."']
    for phase, (clear, murky) in minutes.items():
        per = "decision" if phase in ("evaluate", "decide") else "iteration"
        lines += [f"[human.{phase}]", f'per = "{per}"', f"clear = {told(clear)}", f"murky = {told(murky)}"]
    for name, (phase, speedup, clear, murky) in tools.items():
        lines += [f"[tools.{name}]", f'phase = "{phase}"', f"speedup = {told(speedup)}"]
        share = min(spread, 1e-6)
        for reach, value in (("reach_clear", clear), ("reach_murky", murky)):
            ends = f"low = {value - share}, mode = {value}, high = {value + share}"
            lines.append(f'{reach} = {{ {ends}, source = "assumed" }}')
    lines += ["[cost.build_hours]", f"everything = {told(build_hours)}"]
    lines += ["[cost.as_claimed]", f"build_hours = {told(1000)}", "[cost.upkeep]", f"hours_per_week = {told(upkeep)}"]
    lines += ["[cost.pace]", f"loop_hours_per_week = {told(40)}", f"horizon_weeks = {told(52)}"]
    for study, stated in (job_minutes or {}).items():
        lines += [f"[job_minutes.{study}]", f"values = [{stated}]", 'source = "a registry"']
    if job_minutes:
        lines += ["[jobs_side_by_side]", f"slowdown = {told(slowdown)}"]
    path = folder / "chosen.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def make_scenario(folder: Path, **settings: object) -> Scenario:
    """The same, read."""
    return read_scenario(write_scenario(folder, **settings))  # type: ignore[arg-type]
