"""`caodian report` takes every column by name, and its notebooks step sees what notebooks read."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from analysis.cli.options import _SINGLES
from analysis.cli.report import command
from analysis.pipeline.report_steps import _READ_BY_NOTEBOOKS
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
    header = ",".join(["一", "二", *(f"my {name}" for name in _SINGLES)])
    cells = ",".join(["慢", "贵", *("2020-06-12" for _ in _SINGLES)])
    (tmp_path / "a.csv").write_text(f"{header}\n{cells}\n", encoding="utf-8")
    words = [word for name in _SINGLES for word in (f"--{name}-column", f"my {name}")]
    result = CliRunner().invoke(
        command, [str(tmp_path / "a.csv"), "--text-column", "一", "--text-column", "二", *words]
    )
    assert isinstance(result.exception, AskedError)
    (choice,) = asked
    assert choice.text == ("一", "二")
    assert [getattr(choice, name) for name in _SINGLES] == [f"my {name}" for name in _SINGLES]


@pytest.mark.parametrize(
    "name", ["studies/618-2020.yaml", "notebooks/17-how-real-is-the-simulated-corpus.ipynb"]
)
def test_the_notebooks_step_depends_on_what_notebooks_read(name):
    assert any(path.endswith(name) for path in hash_files(_READ_BY_NOTEBOOKS))


@pytest.mark.slow
def test_a_table_that_cannot_be_read_is_refused_before_the_run_is_imported(tmp_path):
    (tmp_path / "pairs.csv").write_text("id,query0,query1\n1,a,b\n2,c,d\n", encoding="utf-8")
    script = (
        "import sys\nfrom analysis.cli.main import main\ntry:\n    main(['report', 'pairs.csv'])\n"
        "except SystemExit as end:\n    print(end.code)\n"
        "heavy = ('scipy.stats', 'matplotlib', 'sklearn', 'analysis.pipeline')\n"
        "print(*[name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout == "1\n\n"
    assert "name it with --text-column" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.csv"]
