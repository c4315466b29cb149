"""The house keeps its order: layers, no circle, few rooms, and only the engine knows Numba."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "analysis"
BASE = {
    "errors", "frames", "progress", "yaml_text", "numbers", "words", "minimum",
    "study", "schema", "storage", "engine",
}  # fmt: skip
LAYERS = [
    BASE,
    {"corpus", "simulate"},
    {"sentiment"},
    {"coding"},
    {"clusters", "audit"},
    {"measures"},
    {"plots"},
    {"training"},
    {"evaluation", "reporting"},
    {"pipeline"},
    {"cli"},
]
# Each of these is a step of its own, which a user may run without the others.
STEPS = {"corpus": {"ingest", "clean", "mask", "families"}}
MOST_MODULES = 210


def layer_of(name: str) -> int:
    return next(rank for rank, names in enumerate(LAYERS) if name in names)


def module_name(path: Path, package: Path = PACKAGE) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(["analysis", *(part for part in parts if part != "__init__")])


def imported_modules(path: Path) -> set[str]:
    """Name the modules that a file imports anywhere, also for types or within a function."""
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
    mine, *rest = path.relative_to(package).with_suffix("").parts
    broken = []
    for name in sorted(imported_modules(path)):
        theirs, *other = name.split(".")[1:]
        later = layer_of(theirs) - layer_of(mine)
        if later > 0:
            broken.append(f"{path.name} imports {name}, of a later layer")
        elif later == 0 and theirs != mine and mine not in BASE:
            broken.append(f"{path.name} imports {name}, of the layer beside it")
        elif theirs == mine and rest and other:
            steps = STEPS.get(mine, set())
            if rest[0] in steps and other[0] in steps and rest[0] != other[0]:
                broken.append(f"{path.name} imports {name}, another step of its layer")
    return broken


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE)


@pytest.mark.slow
@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_layers_before_it(path):
    assert broken_rules(path) == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("corpus/mask.py", "from analysis.coding.coder import get_coder"),
        ("corpus/mask.py", "from analysis.corpus.clean import clean_texts"),
        ("corpus/mask.py", "from analysis.corpus import clean"),
        ("corpus/clean.py", "from analysis.sentiment.linear import LinearModel"),
        ("sentiment/linear.py", "from analysis.coding.features import read_features"),
        ("simulate/corpus.py", "from analysis.corpus.clean import clean_texts"),
        ("engine/minhash.py", "import analysis.corpus.clean"),
        ("plots/axes.py", "from analysis.reporting.figures import draw"),
        ("reporting/report.py", "from analysis.pipeline import run"),
    ],
)
def test_a_planted_violation_is_named(tmp_path, place, line):
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")
    assert broken_rules(path, tmp_path)


def find_circle(imports: dict[str, set[str]]) -> list[str]:
    """Return the modules of a circle of imports, or nothing."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.slow
def test_no_circle_of_imports_not_even_for_types():
    paths = {module_name(path): path for path in PACKAGE.rglob("*.py")}
    door = "analysis"  # names things of every layer, each imported when it is asked for
    imports = {
        name: {
            other
            for other in imported_modules(path)
            if other in paths and other != door and not f"{name}.".startswith(f"{other}.")
        }
        for name, path in paths.items()
        if name != door
    }
    assert find_circle(imports) == []


def test_a_circle_is_found():
    assert set(find_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}


def test_the_house_has_few_rooms():
    assert len(list(PACKAGE.rglob("*.py"))) <= MOST_MODULES


def test_only_the_engine_knows_numba():
    assert {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if "import numba" in path.read_text(encoding="utf-8")
    } == {"engine"}


@pytest.mark.slow
def test_the_engine_knows_no_other_layer():
    outside = {
        name
        for path in (PACKAGE / "engine").glob("*.py")
        for name in imported_modules(path)
        if name.split(".")[1] != "engine"
    }
    assert outside == set()


def truth_readers() -> set[str]:
    """Return the modules that name the simulator's truth file."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "truth" in path.read_text(encoding="utf-8")
    }


def test_only_evaluation_and_simulated_coders_know_of_the_truth():
    stages = ("corpus/", "sentiment/", "coding/", "clusters/", "measures/")
    # a claim on a simulated corpus is judged by what was planted
    claims = {"measures/published.py", "measures/verdicts.py"}
    assert {name for name in truth_readers() if name.startswith(stages)} - claims == set()


@pytest.mark.parametrize(
    "package", ["engine", "corpus", "sentiment", "coding", "clusters", "audit", "measures", "plots"]
)
def test_a_package_imports_nothing_by_itself(package):
    assert imported_modules(PACKAGE / package / "__init__.py") == set()


def test_every_folder_says_its_job_in_one_line():
    for path in PACKAGE.rglob("__init__.py"):
        if path.parent != PACKAGE:
            doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
            assert doc, path
            assert len(doc.splitlines()[0]) <= 100


def test_no_catch_all_names():
    names = {path.stem for path in PACKAGE.rglob("*.py")}
    assert not names & {
        "utils", "common", "misc", "final", "helpers", "io", "types", "csv", "statistics",
    }  # fmt: skip


# Each takes half a second and more to import, and a report needs none of them.
HEAVY = {"scipy.stats", "sklearn", "seaborn", "statsmodels"}
# What no report imports: estimators, training, accuracy. Single matters are asked for by name.
NOT_OF_A_REPORT = {"training", "evaluation"}
ON_REQUEST = {"clusters/topics.py", "clusters/levels.py"}


def of_a_report():
    """Name the modules that a report imports, at its start or in a function."""
    return [
        path for path in MODULES
        if path.relative_to(PACKAGE).parts[0] not in NOT_OF_A_REPORT
        and str(path.relative_to(PACKAGE).as_posix()) not in ON_REQUEST
    ]  # fmt: skip


def heavy_imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names for heavy in HEAVY if f"{name}.".startswith(f"{heavy}."))


@pytest.mark.slow
def test_a_report_imports_nothing_that_takes_half_a_second_and_that_it_needs_not():
    """Neither by itself, anywhere, nor by what its modules import."""
    assert [(path.name, name) for path in of_a_report() for name in heavy_imports(path)] == []
    names = [module_name(path) for path in of_a_report()]
    script = (
        "import importlib, sys\n"
        f"for name in {names}: importlib.import_module(name)\n"
        f"print(*sorted(set({sorted(HEAVY)}) & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_the_check_of_heavy_imports_sees_each_way_to_write_one(tmp_path):
    path = tmp_path / "module.py"
    for line in (
        "from scipy import stats",
        "import scipy.stats as s",
        "import sklearn.base",
        "def f():\n    from scipy.stats import norm",
        "from sklearn.utils import Tags",
    ):
        path.write_text(line, encoding="utf-8")
        assert list(heavy_imports(path)), line
    for line in ("from scipy import sparse", "import scipy.special", "import sklearnish"):
        path.write_text(line, encoding="utf-8")
        assert not list(heavy_imports(path)), line
