from pathlib import Path

import pytest


@pytest.fixture
def testdata() -> Path:
    """Files that each break the rule they are named after."""
    return Path(__file__).parent / "testdata"


@pytest.fixture
def templates() -> Path:
    """The shipped templates."""
    return Path(__file__).resolve().parents[2] / "templates"
