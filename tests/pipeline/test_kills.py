"""When a run counts as hanging in the benchmark of kills: by the processor, not by the clock."""

import os
import time
from contextlib import suppress

import kills
import pytest


def _loop():
    while True:
        pass


def _sleep():
    time.sleep(60)


def _work():
    """Use less of the processor than a run may, in more of the clock than it may idle."""
    end = time.monotonic() + 3
    while time.monotonic() < end:
        sum(range(300_000))
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    ("what", "code"), [(_loop, kills._HUNG), (_sleep, kills._HUNG), (_work, 0)]
)
def test_a_run_hangs_that_uses_too_much_of_the_processor_or_none(what, code, monkeypatch):
    monkeypatch.setattr(kills, "_HANGS", 2.0)
    process = os.fork()
    if not process:
        with suppress(BaseException):
            what()
            os._exit(0)
        os._exit(70)
    assert kills.wait(process) == code
