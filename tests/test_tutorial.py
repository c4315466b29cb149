"""The tutorial is followed word for word, in both languages, from an empty folder to a figure."""

import re
import shlex
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis.cli.main import main

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = {"en": DOCS / "tutorial.md", "zh": DOCS / "tutorial.zh.md"}
# What stays open, or is tested by building the project.
NOT_RUN = ("make report", "caodian explore")


def blocks(page):
    return re.findall(r"^```(\w+)\n(.*?)^```", page.read_text("utf-8"), flags=re.M | re.S)


def test_both_languages_have_the_same_code():
    english, chinese = (blocks(PAGES[language]) for language in ("en", "zh"))
    assert [(kind, text.replace('"en"', '"zh"')) for kind, text in english] == chinese
    assert {kind for kind, _ in english} == {"sh", "python"}
    assert sum(kind == "python" for kind, _ in english) >= 5


def test_they_link_to_each_other_and_the_readme_to_them():
    assert "tutorial.zh.md" in PAGES["en"].read_text("utf-8")
    assert "tutorial.md" in PAGES["zh"].read_text("utf-8")
    root = DOCS.parent
    assert "docs/tutorial.md" in (root / "README.md").read_text("utf-8")
    assert "docs/tutorial.zh.md" in (root / "README.zh.md").read_text("utf-8")


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A folder, and the commands that were run there: both tutorials have the same ones."""
    return tmp_path_factory.mktemp("tutorial"), set()


@pytest.mark.proof
@pytest.mark.slow
@pytest.mark.usefixtures("few_figures")  # its own are among them
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_followed_word_for_word(language, followed, monkeypatch, capsys):
    folder, run_before = followed
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CAODIAN_SECRET", "x")
    names = ("my-figure.png", "my-report-figure.png", "delivery.pdf", "delivery.csv")
    own = [folder / name for name in names]
    for path in own:
        path.unlink(missing_ok=True)
    names = {}
    with mpl.rc_context({"backend": "agg"}):
        for kind, text in blocks(PAGES[language]):
            if kind == "python":
                exec(compile(text, "tutorial", "exec"), names)
            elif not text.startswith(NOT_RUN) and text not in run_before:
                (line,) = text.strip().splitlines()
                with pytest.raises(SystemExit) as stopped:
                    main(shlex.split(line)[1:])
                assert stopped.value.code == 0, capsys.readouterr().err
                run_before.add(text)
        plt.close("all")
    compared = names["run"].compare(counts=names["counts"])
    assert compared["is_equal"].tolist() == [True]
    shown = capsys.readouterr().out
    assert "delivery" in shown and "Traceback" not in shown
    for path in (*own[:3], folder / "figures/my-export/grievances.zh.pdf"):
        assert path.stat().st_size > 5000, path
    assert pd.read_csv(folder / "delivery.csv")["count"].sum() > 0
