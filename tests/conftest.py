"""What all tests share: the root of the checkout, and the research data where they are."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Compiling takes longer than any deadline, and no test depends on the clock.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def research_data() -> Path:
    folder = Path(os.environ.get("CAODIAN_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("the research data are not on this machine (CAODIAN_SHARED names their folder)")
    return folder
