"""Names in the tests' own folders."""

from collections import Counter
from pathlib import Path


def test_no_two_test_files_share_a_name():
    """Pytest imports them by their base name: of two, the second would fail to be collected."""
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []
