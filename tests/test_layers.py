"""A layer imports only layers before it, and steps of one layer do not import each other."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "analysis"
LAYERS = [
    {
        "errors",
        "frames",
        "progress",
        "yaml_text",
        "numbers",
        "kernels",
        "study",
        "schema",
        "storage",
    },
    {"corpus", "sentiment"},
    {"coding"},
    {"audit"},
    {"measures"},
    {"evaluation", "reporting"},
    {"pipeline"},
    {"cli"},
]
# In these packages each named module or sub-package is a step of its own.
STEPS = {
    "corpus": {"ingest", "clean", "mask", "deduplicate", "simulate", "segment"},
    "sentiment": {"snownlp_exact"},
}


def layer_of(name: str) -> int:
    return next(rank for rank, names in enumerate(LAYERS) if name in names)


def imported_modules(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith("analysis.")}


def broken_rules(path: Path, package: Path = PACKAGE) -> list[str]:
    """Name the imports of a module that its layer forbids."""
    parts = path.relative_to(package).with_suffix("").parts
    mine = parts[0]
    broken = []
    for name in sorted(imported_modules(path)):
        theirs = name.split(".")[1:]
        if layer_of(theirs[0]) > layer_of(mine):
            broken.append(f"{'.'.join(parts)} imports {name}, of a later layer")
        elif {theirs[0], mine} in ({"corpus", "sentiment"}, {"evaluation", "reporting"}):
            broken.append(f"{'.'.join(parts)} imports {name}, of the layer beside it")
        elif theirs[0] == mine and len(theirs) > 1 and len(parts) > 1:
            steps = STEPS.get(mine, set())
            if parts[1] in steps and theirs[1] in steps and parts[1] != theirs[1]:
                broken.append(f"{'.'.join(parts)} imports {name}, another step of its layer")
    return broken


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if len(path.relative_to(PACKAGE).parts) > 1)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_layers_before_it(path):
    assert broken_rules(path) == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("corpus/mask.py", "from analysis.coding.coder import get_coder"),
        ("corpus/mask.py", "from analysis.corpus.clean import clean_texts"),
        ("corpus/mask.py", "from analysis.corpus import clean"),
        ("sentiment/linear.py", "from analysis.corpus.clean import clean_texts"),
        ("kernels/minhash.py", "import analysis.corpus.clean"),
        ("reporting/report.py", "from analysis.pipeline import run"),
    ],
)
def test_a_planted_violation_is_named(tmp_path, place, line):
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")
    assert broken_rules(path, tmp_path)


def truth_readers() -> set[str]:
    """Return the modules that name the simulator's truth file."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "truth" in path.read_text(encoding="utf-8")
    }


def test_only_evaluation_and_simulated_coders_know_of_the_truth():
    allowed = ("corpus/simulate", "evaluation/", "audit/simulated_coders", "pipeline/", "cli/")
    outside = {name for name in truth_readers() if not name.startswith(allowed)}
    stages = {
        name
        for name in outside
        if name.startswith(("corpus/", "sentiment/", "coding/", "measures/"))
    }
    assert stages == set()


def imports_of_packages() -> dict[str, set[str]]:
    return {
        path.relative_to(PACKAGE).as_posix(): imported_modules(path)
        for path in PACKAGE.rglob("__init__.py")
    }


@pytest.mark.parametrize(
    "package", ["kernels", "corpus", "sentiment", "coding", "audit", "measures"]
)
def test_a_package_imports_nothing_heavy_by_itself(package):
    assert imports_of_packages()[f"{package}/__init__.py"] == set()


def test_no_catch_all_names():
    names = {path.stem for path in PACKAGE.rglob("*.py")}
    assert not names & {
        "utils",
        "common",
        "misc",
        "final",
        "helpers",
        "io",
        "types",
        "csv",
        "statistics",
    }
