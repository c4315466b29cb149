"""A person who watches a terminal sees what is at work; a file gets no such line."""

import io
import re
import time

import pytest

from analysis.progress import set_quiet, stage, track


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.slow
def test_a_terminal_is_told_every_second_what_is_at_work_and_how_far(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with stage("code"):
        for _ in track([1, 2], total=2, description="score"):
            time.sleep(1.2)
    told = terminal.getvalue()
    assert re.search(r"code … 1 s.*code 50% … 2 s", told)
    assert "score" not in told  # one line at a time
    assert told.endswith("\r\x1b[K")


@pytest.mark.slow
@pytest.mark.parametrize("silent", ["a file", "quiet"])
def test_a_file_and_quiet_are_told_nothing(monkeypatch, silent):
    stream = io.StringIO() if silent == "a file" else Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    set_quiet(silent == "quiet")
    try:
        with stage("code"):
            time.sleep(1.1)
    finally:
        set_quiet(False)
    assert stream.getvalue() == ""
