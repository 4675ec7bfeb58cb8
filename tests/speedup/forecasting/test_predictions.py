"""A forecast is sealed: the same statement has the same hash, another one another."""

import hashlib
import json
from dataclasses import replace

import pytest

from tracker.speedup.forecasting.predictions import Prediction, canonical_json, read_prediction, seal

FORECAST = Prediction("cache", 1.4, (1.1, 1.8), 0.9, "total", 1.5, "what-if", "cache:stage:load:0.8, n = 40")


def test_the_seal_is_the_hash_of_sorted_json_without_blanks():
    """By another route: the body written out with the standard library."""
    body = {
        "schema": 1,
        "tool": "cache",
        "speedup": 1.4,
        "interval": [1.1, 1.8],
        "level": 0.9,
        "estimand": "total",
        "amdahl": 1.5,
        "evidence": "what-if",
        "basis": "cache:stage:load:0.8, n = 40",
    }
    text = json.dumps(dict(sorted(body.items()))).replace(", ", ",").replace('": ', '":')
    text = text.replace("0.8,n = 40", "0.8, n = 40")
    assert canonical_json(FORECAST) == text
    assert seal(text) == hashlib.sha256(text.encode()).hexdigest()


def test_any_change_breaks_the_seal():
    sealed = seal(canonical_json(FORECAST))
    for other in ({"speedup": 1.41}, {"interval": (1.1, 1.81)}, {"tool": "cachE"}, {"basis": ""}, {"amdahl": None}):
        assert seal(canonical_json(replace(FORECAST, **other))) != sealed


def test_a_forecast_reads_back():
    assert read_prediction(canonical_json(FORECAST)) == FORECAST


def test_the_interval_keeps_its_level_on_either_side():
    """90 % of a two-piece normal: 1.645 standard deviations below and above."""
    below, above = FORECAST.spreads
    assert below * 1.6449 == pytest.approx(0.2412, abs=2e-4)
    assert above * 1.6449 == pytest.approx(0.2513, abs=2e-4)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"speedup": 2.0}, "with the speedup inside"),
        ({"interval": (0.0, 2.0)}, "must be positive"),
        ({"interval": (1.4, 1.4)}, "has no width"),
        ({"level": 90}, "did you mean 0.9"),
        ({"tool": ""}, "tool is empty"),
    ],
)
def test_what_is_no_forecast_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        replace(FORECAST, **fields)


def test_what_is_no_record_of_ours_is_refused():
    with pytest.raises(ValueError, match="cannot be read"):
        read_prediction('{"schema": 2}')
