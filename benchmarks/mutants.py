"""Mutants: small changes of a module, each of which the nearest tests must notice.

    python benchmarks/mutants.py trend claims [--sample 40] [--skip 0] [--seed 1] [--limit 180]
    python benchmarks/mutants.py trend --constants
    python benchmarks/mutants.py verify --quick

A mutant is one change of the syntax tree: a comparison or its boundary, `and` for `or`, an
operator of arithmetic, a number one up or down (a tenth for fractions), a flag, a dropped `not`, a
negated condition, `return None`, a statement left out, two arguments swapped, `min` for `max`.
`--constants` takes the numbers alone that a module names in capitals, each up and down.

The tests of a group are run once unchanged, to see which of them reaches which line (those of more
than eight seconds are left out); this is kept in `build/mutants` until a file changes. Then each
mutant is tried in a fork, with the tests that reach its line, quickest first, up to `--seconds` of
processor time; what runs on for five times that is killed too. A mutant stands in memory alone: no
file changes, and commands that a test starts in another process notice nothing, so the score is a
lower bound. Kernels run as Python in groups that hold them.

A mutant within a function is tried in a fork of a process that has collected the tests, where that
function is given other code: it takes no longer than its tests. Where collecting them starts
threads, which no fork has, and for what stands in no function, each fork collects by itself.
`--quick` leaves out slow tests.

`--coverage` tries no mutants and tells how many lines and branches the tests of a group go through.

Survivors that change nothing which could be seen stand in `mutants.yaml` with the reason, and do
not count. mutmut changes no constants of a module; cosmic-ray works, at three seconds of processor
time a mutant with the quickest test file, since each starts a process. Linux and macOS.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import importlib.util
import inspect
import json
import os
import random
import resource
import select
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from itertools import accumulate
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import numba
import plain_kernels
import pytest
import yaml
from _pytest.runner import runtestprotocol
from numba.core.event import Listener, register

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "analysis"
REASONS = Path(__file__).with_suffix(".yaml")
KEPT = ROOT / "build" / "mutants"
_SLOWEST = 8.0
_NO_TESTS = "training or proof or browser"
_OWN = (str(SOURCE), str(ROOT / "tests"))
# What these compute is kept in the user's cache folder, where nothing of a mutant may be left.
_KEEPING = {"engine", "coding", "sentiment"}
# Imported before the forks: not the package, and Polars does no work whose threads no fork follows.
_WARM = ("hypothesis", "matplotlib.pyplot", "pandas", "polars", "pyarrow", "pydantic",
         "scipy.optimize", "scipy.stats", "sklearn.linear_model", "statsmodels.api")  # fmt: skip
# group: modules, test files, whether kernels run as Python
GROUPS: dict[str, tuple[str, str, bool]] = {
    "masking": ("corpus/mask*.py", "corpus/test_mask*.py test_canaries.py", False),
    "masking-kernels": ("engine/masking.py", "corpus/test_mask*.py", True),
    "readers": ("corpus/readers/**/*.py", "corpus/readers/**/*.py corpus/test_ingest*.py", False),
    "correction": (
        "audit/correction.py",
        "audit/test_correction.py audit/test_draw_audit.py", False,
    ),
    "intervals": (
        "measures/prevalence.py", "measures/test_prevalence.py test_estimators.py", False,
    ),
    "trend": (
        "measures/trend*.py", "measures/test_trend*.py measures/test_specification.py", False,
    ),
    "disclosure": (
        "reporting/disclosure.py", "reporting/test_disclosure.py reporting/test_public.py", False,
    ),
    "claims": ("measures/verdicts.py", "measures/test_claims.py", False),
    "verify": (
        "reporting/verification.py pipeline/rerun.py",
        "reporting/test_verification.py pipeline/test_rerun.py", False,
    ),
    "engine": ("engine/*.py", "engine/*.py corpus/test_mask.py corpus/test_clean.py", True),
}  # fmt: skip
_SWAPS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt,), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt,),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.And: (ast.Or,), ast.Or: (ast.And,),
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.Mult,), ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,), ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
    ast.Pow: (ast.Mult,),
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LEFT_OUT = (ast.AugAssign, ast.Raise, ast.Continue, ast.Break, ast.Delete)
Change = tuple[ast.AST, str, Any]  # of which node, which field, its new value


def changes_of(node: ast.AST) -> Iterator[Change]:
    """Yield what can be changed of one node."""
    if isinstance(node, ast.Compare):
        for n, operator in enumerate(node.ops):
            for other in _SWAPS.get(type(operator), ()):
                yield node, "ops", [*node.ops[:n], other(), *node.ops[n + 1 :]]
    elif isinstance(node, ast.BoolOp | ast.BinOp):
        yield from ((node, "op", other()) for other in _SWAPS.get(type(node.op), ()))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        kept = ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not()
        operand = ast.UnaryOp(ast.Not(), node.operand)
        yield (node, "op", kept) if isinstance(kept, ast.UAdd) else (node, "operand", operand)
    elif isinstance(node, ast.Name) and node.id in _NAMES:
        yield node, "id", _NAMES[node.id]
    elif isinstance(node, ast.Constant):
        yield from ((node, "value", value) for value in _near(node.value))
    elif isinstance(node, ast.Call) and len(node.args) > 1 and not _is_symmetric(node.func):
        yield node, "args", [node.args[1], node.args[0], *node.args[2:]]
    else:
        yield from _changes_of_statement(node)


def _changes_of_statement(node: ast.AST) -> Iterator[Change]:
    """Yield what can be changed of a condition or of what is returned."""
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield node, "test", ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield node, "ifs", node.ifs[1:]
    elif isinstance(node, ast.Return) and node.value and ast.unparse(node.value) != "None":
        yield node, "value", ast.Constant(None)


def _near(value: object) -> tuple[object, ...]:
    """Return the numbers on both sides of one, the other flag, nothing of a text."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, float):
        return (value * 1.1, value * 0.9) if value else (0.1,)
    return (value + 1, value - 1) if isinstance(value, int) else ()


def _is_symmetric(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id in _NAMES


def mutants_of(tree: ast.Module, *, constants: bool) -> Iterator[tuple[str, list[ast.AST], Change]]:
    """Yield each mutant of a module: the name of its function, the nodes around it, the change."""
    for node, parents in _walk(tree, []):
        where = ".".join(p.name for p in parents if isinstance(p, ast.FunctionDef | ast.ClassDef))
        if constants:
            named = parents[1] if len(parents) > 1 else None
            names = (
                named.targets if isinstance(named, ast.Assign) else [getattr(named, "target", None)]
            )
            capitals = isinstance(names[0], ast.Name) and names[0].id.isupper()
            if capitals and isinstance(node, ast.Constant) and not isinstance(node.value, bool):
                yield from ((names[0].id, parents, change) for change in changes_of(node))
            continue
        yield from ((where, parents, change) for change in changes_of(node))
        for body in ("body", "orelse"):
            statements = getattr(node, body, None)
            for n, one in enumerate(statements if isinstance(statements, list) else ()):
                called = isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)
                if called or isinstance(one, _LEFT_OUT):
                    rest = [
                        *statements[:n],
                        ast.copy_location(ast.Pass(), one),
                        *statements[n + 1 :],
                    ]
                    inner = f"{where}.{node.name}" if isinstance(node, ast.FunctionDef) else where
                    yield inner.strip("."), [*parents, node, one], (node, body, rest)


def _walk(node: ast.AST, parents: list[ast.AST]) -> Iterator[tuple[ast.AST, list[ast.AST]]]:
    """Yield nodes and those around them; not types, decorators, `strict=`, what an error says."""
    yield node, parents
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list"} or isinstance(
            node, ast.Raise | ast.JoinedStr
        ):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and getattr(child, "arg", "") != "strict":
                yield from _walk(child, [*parents, node])


def told(parents: list[ast.AST], change: Change) -> str:
    """Return a change as one line: what stood there, and what stands there now."""
    node, field, value = change
    small = isinstance(node, ast.Constant | ast.Name) or not isinstance(node, ast.expr | ast.stmt)
    around = [p for p in reversed(parents) if isinstance(p, ast.expr | ast.stmt) and p is not node]
    shown, old = (around[0] if small else node), getattr(node, field)
    if field in {"body", "orelse"}:
        shown = parents[-1]
        return f"{ast.unparse(shown)}  ->  pass".replace("\n", " ")
    before = ast.unparse(shown).split("\n")
    setattr(node, field, value)
    after = ast.unparse(shown).split("\n")
    setattr(node, field, old)
    pairs = ((a, b) for a, b in zip(before, after, strict=False) if a != b)
    one, other = next(pairs, (before[-1], after[-1]))
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return (
        f"{one[max(same - 60, 0) :][:120].strip()}  ->  {other[max(same - 60, 0) :][:120].strip()}"
    )


def lines_of(parents: list[ast.AST], node: ast.AST) -> list[range]:
    """Return the lines of a change, of its statement and of its function, narrowest first."""
    around = [node, *(p for p in reversed(parents) if isinstance(p, ast.stmt))]
    found = [p for p in around if hasattr(p, "lineno")]
    return [range(p.lineno, (p.end_lineno or p.lineno) + 1) for p in found]


class _Mutated(SourceFileLoader):
    """Loads one module from a tree in place of its file."""

    code: CodeType

    def get_code(self, _fullname: str) -> CodeType:
        return self.code


def _install(module: Path, code: CodeType) -> None:
    """Import a module with other code: pytest, which finds files by itself, then takes that.

    What an earlier group has imported goes first: it would stand for the mutant.
    """
    files = {loaded: str(getattr(one, "__file__", "")) for loaded, one in sys.modules.items()}
    for loaded in (loaded for loaded, file in files.items() if file.startswith(_OWN)):
        del sys.modules[loaded]
    name = ".".join(module.relative_to(SOURCE.parent).with_suffix("").parts)

    class Finder:
        @staticmethod
        def find_spec(wanted: str, *_: object) -> ModuleSpec | None:
            if wanted != name:
                return None
            loader = _Mutated(name, str(module))
            loader.code = code
            return importlib.util.spec_from_file_location(name, module, loader=loader)

    sys.meta_path.insert(0, Finder)  # type: ignore[arg-type]
    importlib.import_module(name)


def in_fork(work: Callable[[], Any], seconds: float, *, wall: float = 600) -> Any:  # noqa: ANN401
    """Do something in a fork of its own and return what it gives: None where it dies or hangs."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
        resource.setrlimit(resource.RLIMIT_DATA, (6 << 30, 6 << 30))
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(quiet, stream)
        try:
            with os.fdopen(writing, "w") as answer:
                json.dump(work(), answer)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read() if select.select([answer], [], [], wall)[0] else ""
    os.killpg(child, signal.SIGKILL) if not said else None
    os.waitpid(child, 0)
    return json.loads(said) if said else None


def functions_of(owner: Any, module: str) -> Iterator[tuple[str, FunctionType]]:  # noqa: ANN401
    """Yield the functions and methods that a module or a class defines, by their names."""
    for name, value in list(vars(owner).items()):
        one = getattr(value, "__func__", value)  # static, or of a class
        one = one.fget if isinstance(one, property) else getattr(one, "func", one)
        if isinstance(one, type) and one.__module__ == module:
            yield from ((f"{name}.{inner}", f) for inner, f in functions_of(one, module))
        elif callable(one):
            one = inspect.unwrap(getattr(one, "py_func", one))
            if isinstance(one, FunctionType) and one.__module__ == module:
                yield name, one


def put_code(module: Path, code: CodeType) -> int:
    """Give the functions of a module that is imported the code of a mutant; return how many.

    What they have made once for all is made again.
    """
    name = ".".join(module.relative_to(SOURCE.parent).with_suffix("").parts)
    old, new = importlib.import_module(name), ModuleType(name)
    new.__file__, new.__package__ = str(module), name.rpartition(".")[0]
    sys.modules[name] = new
    exec(code, new.__dict__)
    sys.modules[name] = old
    for value in vars(old).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()
    known, changed = dict(functions_of(old, name)), 0
    for key, other in functions_of(new, name):
        one = known.get(key)
        if one and (one.__code__, one.__defaults__) != (other.__code__, other.__defaults__):
            one.__code__, one.__defaults__ = other.__code__, other.__defaults__
            one.__kwdefaults__ = other.__kwdefaults__
            changed += 1
    return changed


class Collected:
    """A plugin that hands the collected tests to some work in place of running them."""

    def __init__(self, work: Callable[[Collected], None]) -> None:
        self._work = work

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:  # noqa: ANN401
        """Do the work."""
        self.items = {item.nodeid: item for item in session.items}
        self._work(self)
        return True

    def fails(self, tests: list[str]) -> bool:
        """Run tests one after the other; tell whether one fails."""
        chosen = [self.items[test] for test in tests if test in self.items]
        for item, then in zip(chosen, [*chosen[1:], None], strict=True):
            if any(report.failed for report in runtestprotocol(item, nextitem=then, log=False)):
                return True
        return False


def run_tests(
    files: list[str], chosen: list[str] | None, *plugins: object, without: str = _NO_TESTS
) -> int:
    """Run tests in this process: all of them, or the chosen ones up to the first failure."""

    class Choice:
        @staticmethod
        def pytest_collection_modifyitems(items: list[Any]) -> None:
            if chosen is not None:
                rank = {name: n for n, name in enumerate(chosen)}
                items[:] = sorted(
                    (i for i in items if i.nodeid in rank), key=lambda i: rank[i.nodeid]
                )

    with tempfile.TemporaryDirectory() as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder
        options = [
            "-q",
            "-s",
            "-p",
            "no:cacheprovider",
            "--hypothesis-seed=0",
            f"--basetemp={folder}/t",
        ]
        options += ["-m", f"not ({without})", *(["-x"] if chosen is not None else [])]
        return int(pytest.main([*options, *files], plugins=[Choice(), *plugins]))


class _TooLong(BaseException):
    """A test has had its time; Hypothesis, which would make the example smaller, lets it pass."""


class Limit(Listener):
    """A plugin that gives each test so much processor time, without fixtures and compilations.

    A compilation that is broken off is begun again by the next test, and that one's, too: with no
    compiled code on the disk yet, nine hundred tests of masking ended so, one by one. A library
    that is broken off where it has just taken a lock keeps it, and the next who asks for it sleeps
    for ever: so a test is ended in code of this project alone.
    """

    def __init__(self) -> None:
        signal.signal(signal.SIGPROF, self._stop)
        self._compiling, self._left = 0, 0.0
        register("numba:compile", self)

    def on_start(self, _event: object) -> None:
        """Stop the clock while something is compiled."""
        if not self._compiling:
            self._left = signal.setitimer(signal.ITIMER_PROF, 0)[0]
        self._compiling += 1

    def on_end(self, _event: object) -> None:
        """Let the clock go on."""
        self._compiling -= 1
        if not self._compiling:
            signal.setitimer(signal.ITIMER_PROF, self._left)

    @staticmethod
    def _stop(_signal: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code.co_filename.startswith(_OWN):
            raise _TooLong
        signal.setitimer(signal.ITIMER_PROF, 0.002)

    def pytest_runtest_call(self) -> None:
        """Begin to count."""
        signal.setitimer(signal.ITIMER_PROF, _SLOWEST)

    def pytest_runtest_teardown(self) -> None:
        """Count no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)


class Watch:
    """A plugin that notes how long each test takes and which lines of modules it reaches."""

    def __init__(self, modules: list[Path]) -> None:
        self.wanted = {str(path): str(path.relative_to(SOURCE)) for path in modules}
        self.seconds: dict[str, float] = {}
        self.reached: dict[str, list[tuple[str, int]]] = {}
        self._now: dict[tuple[str, int], None] = {}
        self._shared: dict[str, dict[tuple[str, int], None]] = {}
        self._clock = time.process_time()

    def pytest_runtest_setup(self) -> None:
        """Trace anew: a test that ran out of time has ended it."""
        sys.settrace(self.enter)

    def pytest_runtest_logreport(self, report: Any) -> None:  # noqa: ANN401
        """Note what a part of a test took and reached."""
        now, self._clock = time.process_time() - self._clock, time.process_time()
        if report.when != "setup" or report.nodeid.split("::")[0] in self._shared:
            self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + now
        if report.failed:
            self.seconds[report.nodeid] = float("inf")
        shared = self._shared.setdefault(report.nodeid.split("::")[0], {})
        if report.when == "setup":  # what a fixture does, it may do for all tests of the file
            shared.update(self._now)
        elif report.when == "teardown":
            self.reached[report.nodeid] = list(self._now | shared)
            self._now.clear()

    def enter(self, frame: FrameType, _event: str, _argument: object) -> Any:  # noqa: ANN401
        """Follow a call that goes into one of the modules."""
        return self._line if frame.f_code.co_filename in self.wanted else None

    def _line(self, frame: FrameType, _event: str, _argument: object) -> Any:  # noqa: ANN401
        self._now[self.wanted[frame.f_code.co_filename], frame.f_lineno] = None
        return self._line


def watched(files: list[str], modules: list[Path], without: str) -> dict[str, Any]:
    """Run the tests unchanged; return their seconds and the lines that each one reaches."""
    watch = Watch(modules)
    threading.settrace(watch.enter)
    run_tests(files, None, watch, Limit(), without=without)
    sys.settrace(None)
    return {"seconds": watch.seconds, "reached": watch.reached}


class Group:
    """Modules, the tests that are nearest to them, what each test reaches, and what was killed."""

    def __init__(self, name: str, *, is_quick: bool = False) -> None:
        where = Path(name)
        mirror = f"{where.parent}/test_{where.stem}*.py"
        own = (name, mirror, where.parent.name == "engine")
        modules, files, as_python = GROUPS.get(name, own)
        self.modules = sorted(path for one in modules.split() for path in SOURCE.glob(one))
        self.files = sorted(str(f) for one in files.split() for f in (ROOT / "tests").glob(one))
        self.files += map(str, self.modules)
        os.environ["NUMBA_DISABLE_JIT"] = str(int(as_python))
        numba.config.DISABLE_JIT = int(as_python)
        if as_python:
            plain_kernels.use()
        self.name = f"{name}-quick" if is_quick else name
        self.without = f"{_NO_TESTS} or slow" if is_quick else _NO_TESTS

    def watch(self) -> None:
        """Learn what each test takes and reaches, and leave out those that fail or are slow."""
        seen = self._kept(f"{self.name}-tests", self.files, self._watch)
        fit = {test: s for test, s in seen["seconds"].items() if s < _SLOWEST}
        self.seconds = dict(sorted(fit.items(), key=lambda pair: pair[1]))
        self.left_out = sorted(seen["seconds"].keys() - fit.keys())
        self.reached = {test: {(f, n) for f, n in seen["reached"].get(test, [])} for test in fit}

    def _watch(self) -> dict[str, Any]:
        seen = in_fork(lambda: watched(self.files, self.modules, self.without), 1800, wall=3600)
        return seen or sys.exit("died")

    @staticmethod
    def _kept(name: str, files: list[str], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what was made of the same files before, or make it."""
        digest = hashlib.sha256(b"".join(Path(f).read_bytes() for f in files)).hexdigest()[:16]
        kept = KEPT / f"{name.replace('/', '-')}-{digest}.json"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(make()), encoding="utf-8")
        return json.loads(kept.read_text(encoding="utf-8"))

    def tests_of(self, module: str, ranges: list[range], most: float) -> list[str]:
        """Return the tests that reach a change, quickest first, up to a number of seconds."""
        for lines in ranges:
            wanted = {(module, n) for n in lines}
            found = [t for t in self.seconds if not lines or self.reached[t] & wanted]
            if found:
                return self._quickest(found, most)
        # What is made once a process was reached by the first test that asked for it.
        return self._quickest([t for t in self.seconds if self._comes_to(t, module)], most)

    def _comes_to(self, test: str, module: str) -> bool:
        return any(file == module for file, _ in self.reached[test])

    def _quickest(self, found: list[str], most: float) -> list[str]:
        spent = accumulate(self.seconds[t] for t in found)
        return [t for t, s in zip(found, spent, strict=True) if s < most or t == found[0]]

    def may_fork(self) -> bool:
        """Tell whether tests run in a fork of a process that has collected them."""
        some = list(self.seconds)[:: max(1, len(self.seconds) // 20)]

        def ask() -> list[bool]:
            told = []

            def work(collected: Collected) -> None:
                told.append(in_fork(lambda: collected.fails(some), 120, wall=120) is False)

            run_tests(self.files, None, Collected(work), without=self.without)
            return told

        return in_fork(ask, 600) == [True]

    def is_killed(
        self, module: Path, code: CodeType, tests: list[str], collected: Collected | None
    ) -> bool:
        """Tell whether a test fails, or runs on and on, with other code in a module's place."""
        files = sorted({str(ROOT / test.split("::")[0]) for test in tests})
        limit = 15 + 5 * sum(self.seconds[test] for test in tests)
        if collected:
            said = in_fork(lambda: put_code(module, code) > 0 and collected.fails(tests), limit)
            return said is not False
        with tempfile.TemporaryDirectory() as folder:

            def work() -> int:
                if module.relative_to(SOURCE).parts[0] in _KEEPING:
                    os.environ["CAODIAN_CACHE"] = folder
                _install(module, code)
                return run_tests(files, tests)

            return in_fork(work, limit) not in {0, 5}


def try_mutants(name: str, options: argparse.Namespace, reasons: dict[str, str]) -> None:
    """Try a sample of the mutants of a group, and print each module's score and survivors."""
    group, found = Group(name, is_quick=options.quick), []
    group.watch()
    begun = time.monotonic()
    for module in group.modules:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        found += [(module, tree, *m) for m in mutants_of(tree, constants=options.constants)]
    print(f"{name}: {len(found)} mutants; {len(group.seconds)} tests"
          f" of {sum(group.seconds.values()):.0f} s, {len(group.left_out)} left out",
          flush=True)  # fmt: skip
    order = random.Random(f"{options.seed} {name}").sample(found, len(found))
    killed, survived, excused = Counter[str](), Counter[str](), Counter[str]()
    may_fork = group.may_fork()

    def try_one(mutant: Any, collected: Collected | None) -> None:  # noqa: ANN401
        module, tree, where, parents, (node, field, value) = mutant
        file, ranges = str(module.relative_to(SOURCE)), lines_of(parents, node)
        line = f"{file} {where}: {told(parents, (node, field, value))}"
        is_inside = any(isinstance(p, ast.FunctionDef) for p in parents)
        if (may_fork and is_inside) != (collected is not None):
            return
        if line in reasons:
            excused[file] += 1
        is_late = time.monotonic() - begun > options.limit
        if line in reasons or options.only not in line or is_late:
            return
        first, old = ranges[0][0], getattr(node, field)
        setattr(node, field, value)
        code = compile(ast.fix_missing_locations(tree), str(module), "exec")
        setattr(node, field, old)
        if not is_inside:
            ranges = [range(0)]  # what stands in no function, any test may notice
        tests = group.tests_of(file, ranges, options.seconds)
        if tests and group.is_killed(module, code, tests, collected):
            killed[file] += 1
            return
        survived[file] += 1
        unseen = "" if tests else ", no test comes here"
        print(f"  survived, line {first}{unseen}: {line}", flush=True)

    def try_all(collected: Collected | None) -> None:
        for mutant in order[options.skip : options.skip + options.sample]:
            try_one(mutant, collected)

    try_all(None)
    if may_fork:
        run_tests(group.files, None, Collected(try_all), without=group.without)
    for file in sorted({*killed, *survived, *excused}):
        tried = killed[file] + survived[file]
        print(f"{file:40} mutants {tried:4}  killed {killed[file]:4}  survived {survived[file]:3}"
              f"  excused {excused[file]:3}  score {killed[file] / max(tried, 1):.0%}")  # fmt: skip
    tried, dead = killed.total() + survived.total(), killed.total()
    print(f"{name}: {dead} of {tried} killed, {dead / max(tried, 1):.1%}, seed {options.seed},"
          f" {time.monotonic() - begun:.0f} s", flush=True)  # fmt: skip


def cover(name: str, *, is_quick: bool) -> None:
    """Print how many lines and branches of each module of a group its tests go through."""
    group = Group(name, is_quick=is_quick)

    def work() -> dict[str, Any]:
        import coverage

        modules = list(map(str, group.modules))
        watch = coverage.Coverage(branch=True, include=modules, data_file=None, config_file=False)
        watch.start()
        run_tests(group.files, None, Limit(), without=group.without)
        watch.stop()
        with tempfile.TemporaryDirectory() as folder:
            watch.json_report(outfile=f"{folder}/told.json")
            told = json.loads(Path(f"{folder}/told.json").read_text(encoding="utf-8"))
        files = {
            file: one["summary"]
            | {"missing": one["missing_lines"], "arcs": one["missing_branches"]}
            for file, one in told["files"].items()
        }
        return {"": told["totals"] | {"missing": [], "arcs": []}} | files

    told = in_fork(work, 3600, wall=7200) or sys.exit(f"the tests of {name} died")
    for file, of in sorted(told.items()):
        shown = file.partition("src/analysis/")[2] or name
        print(f"{shown:40} lines {of['covered_lines']} of {of['num_statements']}, branches"
              f" {of['covered_branches']} of {of['num_branches']}, both"
              f" {of['percent_covered']:.1f} %", flush=True)  # fmt: skip
        jumps = " ".join(f"{first}->{then}" for first, then in of["arcs"])
        if jumps:
            print(f"    no test comes to {of['missing']}, or goes {jumps}")


def main() -> None:
    """Run the groups that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "groups",
        nargs="*",
        default=list(GROUPS),
        metavar="GROUP",
        help=f"{', '.join(GROUPS)}, or a"
        " module such as measures/breaks.py with the tests of its name",
    )
    parser.add_argument("--sample", type=int, default=40, help="mutants of a group")
    parser.add_argument("--skip", type=int, default=0, help="mutants tried before, by this seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--constants", action="store_true", help="named numbers alone, all of them")
    parser.add_argument(
        "--limit", type=float, default=1e9, help="seconds for the mutants of a group"
    )
    parser.add_argument("--seconds", type=float, default=10, help="of tests for a mutant")
    parser.add_argument("--coverage", action="store_true", help="lines and branches, no mutants")
    parser.add_argument("--quick", action="store_true", help="no slow tests: some seconds a mutant")
    parser.add_argument("--only", default="", help="mutants whose line holds this text")
    options = parser.parse_args()
    for name in _WARM:
        importlib.import_module(name)
    reasons = yaml.safe_load(REASONS.read_text(encoding="utf-8")) or {}
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for name in options.groups:
        if options.coverage:
            cover(name, is_quick=options.quick)
        else:
            try_mutants(name, options, reasons)


if __name__ == "__main__":
    main()
