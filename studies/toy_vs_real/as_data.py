"""The study as plain data: what the JSON holds. Infinite numbers (never) are written as null."""

import math
from dataclasses import asdict
from typing import Any

from studies.toy_vs_real.estimates import LEVEL, Distribution
from studies.toy_vs_real.study import Answer, RegimeResult, Study


def as_data(study: Study) -> dict[str, Any]:
    """Every number of the report, under the names that the code has for it."""
    return {
        "level": LEVEL,
        "scenarios": [_answer(one) for one in study.answers],
        "effects": [{**asdict(one), "interval": list(one.interval)} for one in study.effects],
        "machine_only": [
            {
                "study": one.study,
                "replayed": one.predicted,
                "measured": one.measured.ratio,
                "interval": list(one.measured.interval),
                "pairs": one.measured.pairs,
                "same_decisions": {arm: list(counts) for arm, counts in one.same_decisions.items()},
            }
            for one in study.checks
        ],
        "provenance": dict(study.provenance),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    split = answer.split
    return {
        "scenario": answer.scenario.title,
        "draws": asdict(answer.sizes),
        "regimes": {name: _regime(result) for name, result in answer.regimes.items()},
        "gap": {
            "share_saved": {"toy": _figure(split.toy), "real": _figure(split.real)},
            "gap": _figure(split.gap),
            "effects": {name: _figure(one) for name, one in split.effects.items()},
            "levels": {name: asdict(one) for name, one in split.levels.items()},
        },
        "speedup_by_real_fraction": [[one.real_fraction, _figure(one.speedup)] for one in answer.curve],
    }


def _regime(result: RegimeResult) -> dict[str, Any]:
    verdict = result.verdict
    return {
        "iterations": result.replayed.n,
        "from_own_logs": result.is_own,
        "speedup": _figure(result.replayed.speedup),
        "claim": [verdict.claim.low, verdict.claim.high],
        "verdict": verdict.outcome,
        "draws_below_within_above": [verdict.below, verdict.within, verdict.above],
        "parts": {
            part.name: {"hours": _figure(part.hours), "fraction": _figure(part.fraction)} for part in result.parts
        },
        "tools": {
            one.tool: {"alone": _figure(one.alone), "saved": _figure(one.saved), "share": one.share}
            for one in result.shares
        },
        "tools_without_use": list(result.idle),
        "tornado": [[one.unknown.name, one.unknown.kind, one.low, one.high] for one in result.swings],
        "all_unfavourable_and_favourable": list(result.extremes),
        "payback": [{name: _finite(value) for name, value in asdict(one).items()} for one in result.paybacks],
    }


def _figure(one: Distribution) -> dict[str, Any]:
    return {"value": one.centre, "interval": list(one.interval)}


def _finite(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
