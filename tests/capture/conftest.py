"""What tests of the hook share."""

import pytest


@pytest.fixture
def unwritable(tmp_path):
    """A home that cannot be made, whoever tries."""
    (tmp_path / "file").write_text("not a folder")
    return tmp_path / "file" / "home"
