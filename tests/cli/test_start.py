"""A new study file is valid, and never replaces one."""

import pytest

from analysis.cli.main import main
from analysis.study import load_study


def run(*words):
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    return stopped.value.code


def test_the_written_study_is_valid(tmp_path):
    out = tmp_path / "mine.yaml"
    words = [
        "--start",
        "2024-06-01",
        "--end",
        "2024-06-20",
        "--event-days",
        "2024-06-18",
        "--out",
        out,
    ]
    assert run("new-study", "mine", *words) == 0
    study = load_study(out)
    assert (study.name, len(study.window.days), len(study.event_days)) == ("mine", 20, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--start", "June", "--end", "2024-06-20"], "2020-06-18"),
        (["--start", "2024-06-20", "--end", "2024-06-01"], "before"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(tmp_path, capsys, words, said):
    out = tmp_path / "mine.yaml"
    assert run("new-study", "mine", *words, "--out", out) == 1
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_an_existing_study_stays(tmp_path, capsys):
    out = tmp_path / "mine.yaml"
    out.write_text("kept", encoding="utf-8")
    words = ["--start", "2024-06-01", "--end", "2024-06-20", "--out", out]
    assert run("new-study", "mine", *words) == 1
    assert out.read_text(encoding="utf-8") == "kept"
