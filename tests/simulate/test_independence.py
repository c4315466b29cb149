"""The simulator and the coder know nothing of each other, and truth stays with the evaluation."""

import ast
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
import yaml

from analysis.simulate import simulate
from analysis.study.model import Simulation

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "analysis"
CODEBOOK = ROOT / "codebook" / "terms"
# Who may read what was planted: the simulator that plants it, the evaluation and the simulated
# coders of the audit; pipeline and command line carry it from one to the other. Claims are given
# planted totals to be judged by, never posts.
MAY_READ_TRUTH = (
    "simulate/",
    "training",
    "evaluation",
    "audit/simulated_coders",
    "pipeline",
    "cli",
)
MAY_NAME_TRUTH = (*MAY_READ_TRUTH, "reporting", "measures/verdicts")


def modules():
    return sorted(path for path in SOURCE.rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def reads_truth(path):
    """Tell whether a module names a truth file or a column that only truth has."""
    return any(
        re.search(r"truth\.parquet|truth/|^truth$|^kind_of_post$|^duplicate_of$", node.value)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def takes_truth(path):
    """Tell whether a module has an argument or variable of that name."""
    return any(
        "truth" in (getattr(node, "arg", None), getattr(node, "id", None))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.arg | ast.Name)
    )


def test_the_simulator_imports_nothing_that_codes():
    paths = sorted((SOURCE / "simulate").rglob("*.py"))
    assert paths
    for path in paths:
        layers = {name.split(".")[1] for name in imported(path) if name.startswith("analysis.")}
        allowed = {"simulate", "schema", "study", "errors", "frames", "yaml_text"}
        assert layers <= allowed, path.name


@pytest.mark.slow
def test_only_evaluation_and_simulated_coders_see_the_truth():
    for path in modules():
        place = path.relative_to(SOURCE).as_posix()
        assert place.startswith(MAY_READ_TRUTH) or not reads_truth(path), place
        assert place.startswith(MAY_NAME_TRUTH) or not takes_truth(path), place


@pytest.mark.slow
def test_nobody_imports_the_simulator_but_those_who_compose():
    for path in modules():
        place = path.relative_to(SOURCE).as_posix()
        if any(name.startswith("analysis.simulate") for name in imported(path)):
            composes = (
                "simulate/", "training", "pipeline", "cli", "evaluation", "__init__.py",
                "reporting/saved_run.py",  # an opened run that left no posts is simulated anew
            )  # fmt: skip
            assert place.startswith(composes), place


def plain_words(code):
    """Return the words of a code's term file that are plain Chinese, without any pattern."""
    content = yaml.safe_load((CODEBOOK / f"{code}.yaml").read_text(encoding="utf-8"))
    words = {
        word
        for group in content.values()
        if isinstance(group, dict)
        for word in str(group.get("words", "")).split()
        if re.fullmatch("[一-龥]{2,6}", word)
    }
    return sorted(words)


@pytest.fixture(scope="module")
def corpus():
    study = SimpleNamespace(
        name="618-2020",
        window=SimpleNamespace(days=[date(2020, 6, day) for day in range(1, 21)]),
        event_days=[date(2020, 6, 18)],
        simulation=Simulation.model_validate(
            yaml.safe_load((ROOT / "studies" / "618-2020.yaml").read_text("utf-8"))["simulation"]
        ),
    )
    parts = [
        posts.select("text").with_columns(truth["is_negative"], truth["grievances"])
        for posts, truth in simulate(study, scale=0.002, seed=11)
    ]
    return pl.concat(parts)


@pytest.mark.skipif(not CODEBOOK.is_dir(), reason="the codebook keeps its terms elsewhere")
@pytest.mark.parametrize("code", ["live_streaming", "price", "red_envelope", "counterfeit"])
def test_a_word_of_the_codebook_is_no_proof(corpus, code):
    """Being one of the codebook's words neither makes a post a grievance nor is it needed."""
    hit = corpus["text"].str.contains("|".join(plain_words(code)))
    coded = corpus["grievances"].list.contains(code)
    precision = (hit & coded).sum() / hit.sum()
    assert precision < 0.5
    assert (hit & ~corpus["is_negative"]).sum() / hit.sum() > 0.25
    assert (~hit & coded).sum() / coded.sum() > 0.03
