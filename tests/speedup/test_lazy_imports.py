"""Importing the estimators costs nothing, and a comparison loads no more than it uses."""

import subprocess
import sys

HEAVY = ("statsmodels", "lifelines", "scipy.stats", "pandas", "pyarrow", "numpy")
TABLE = "{'tool': ['a'] * 5 + ['b'] * 5, 's': [5.0, 6, 7, 8, 9, 1, 2, 3, 4, 5]}"


def loaded_after(code):
    """Which of the heavy modules a clean interpreter has loaded after `code`."""
    program = f"import sys; {code}; print([name for name in {HEAVY} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_importing_the_room_loads_no_library():
    """Neither statsmodels nor lifelines nor scipy.stats, nor even NumPy."""
    assert loaded_after("import tracker.speedup") == "[]"


def test_a_plain_comparison_loads_neither_statsmodels_nor_lifelines_nor_scipy_stats():
    """Nothing is censored and no covariate is held."""
    code = f"from tracker.speedup import measure; measure({TABLE}, arm='tool', baseline='a', seconds='s')"
    assert loaded_after(code) == "['pandas', 'pyarrow', 'numpy']", (
        "Arrow asks pandas whether a column is one of its own"
    )
