"""Numbers and names as text, one way throughout the report."""

import math

from studies.toy_vs_real.estimates import Distribution

PART_WORDS = {"jobs": "machine", "unattributed": "rest"}
FACTOR_WORDS = {
    "job_seconds": "job length",
    "decision_points": "number of decision points",
    "murky_fraction": "murkiness of evaluation",
    "rest": "the rest: what the tools find to do",
}


def format_tool(name: str) -> str:
    return name.replace("_", " ")


def format_x(value: float) -> str:
    """1.46x"""
    return f"{value:.2f}x" if value < 10 else f"{value:.1f}x"


def format_speedup(value: Distribution) -> str:
    """1.46x (1.19-1.83)"""
    low, high = value.interval
    return f"{format_x(value.centre)} ({format_x(low)[:-1]}-{format_x(high)[:-1]})"


def format_fraction(value: Distribution) -> str:
    """25 % (18-33 %), with a digit more where it is small."""
    low, high = value.interval
    return f"{format_percent(value.centre)} ({format_percent(low)[:-2]}-{format_percent(high)})"


def format_percent(value: float) -> str:
    if 0.995 <= value < 1:
        return "over 99 %"
    if value == 0 or abs(value) >= 0.0995:
        return f"{100 * value:.0f} %"
    return f"{100 * value:.1f} %" if abs(value) >= 0.001 else f"{100 * value:.2g} %"


def format_hours(value: float) -> str:
    if not math.isfinite(value):
        return "never"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def format_range(triple: tuple[float, float, float]) -> str:
    """Median (low-high)."""
    middle, low, high = (format_hours(value) for value in triple)
    return f"{middle} ({low} to {high})"
