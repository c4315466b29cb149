"""`caodian report` takes every column by name, and its notebooks step sees what notebooks read."""

import pytest
from click.testing import CliRunner

from analysis.cli.column_options import SINGLES
from analysis.cli.report import command
from analysis.pipeline.report_steps import READ_BY_NOTEBOOKS
from analysis.pipeline.run import Run
from analysis.pipeline.stamps import hash_files


class AskedError(Exception):
    pass


def test_every_named_column_reaches_the_run(monkeypatch, tmp_path):
    asked = []

    def remember(self, request, tell):
        asked.append(request.choice)
        raise AskedError

    monkeypatch.setattr(Run, "__init__", remember)
    (tmp_path / "a.csv").write_text("text\n慢\n", encoding="utf-8")
    words = [word for name in SINGLES for word in (f"--{name}-column", f"my {name}")]
    result = CliRunner().invoke(
        command, [str(tmp_path / "a.csv"), "--text-column", "一", "--text-column", "二", *words]
    )
    assert isinstance(result.exception, AskedError)
    (choice,) = asked
    assert choice.text == ("一", "二")
    assert [getattr(choice, name) for name in SINGLES] == [f"my {name}" for name in SINGLES]


@pytest.mark.parametrize(
    "name", ["studies/618-2020.yaml", "notebooks/10-how-real-is-the-simulated-corpus.ipynb"]
)
def test_the_notebooks_step_depends_on_what_notebooks_read(name):
    assert any(path.endswith(name) for path in hash_files(READ_BY_NOTEBOOKS))
