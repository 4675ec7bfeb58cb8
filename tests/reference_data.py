"""The public data sets that lie beside the project, and are not part of it."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
REFERENCE = Path(os.environ.get("LOOPGAUGE_REFERENCE_DATA", BESIDE))

needs_reference_data = pytest.mark.skipif(
    not REFERENCE.is_dir(),
    reason="the public reference data lies neither in ../shared/data nor where LOOPGAUGE_REFERENCE_DATA says",
)
