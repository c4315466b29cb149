"""Whatever a step reads stands in its stamp: real steps are run once with every reading traced."""

import functools
import gc
import hashlib
import importlib
import json
import os
import pkgutil
import sys
import sysconfig
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

import analysis
from analysis.audit.sheets import draw_audit
from analysis.audit.simulated_coders import fill
from analysis.coding.scoring import whole_stars
from analysis.corpus.clean import clean
from analysis.corpus.mask import mask
from analysis.engine.compiled import cache_folder
from analysis.pipeline import corpus_steps, table_step
from analysis.pipeline import run as run_module
from analysis.pipeline.partitions import scan_partitions
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.pipeline.stamps import MADE_OF, Step, hash_code
from analysis.reporting import figures
from analysis.simulate import simulate
from analysis.storage.run_paths import project_secret
from analysis.study import load_study
from analysis.study.model import Exposure, Study

pytestmark = [pytest.mark.proof, pytest.mark.slow]  # the steps are real ones

PACKAGE = Path(analysis.__file__).parent
ROOT = PACKAGE.parents[1]
# The interpreter and its packages: each stamp has their versions.
INSTALLED = [Path(sys.prefix), Path(sys.base_prefix), *map(Path, sysconfig.get_paths().values())]
SYSTEM = [Path(name) for name in ("/proc", "/sys", "/dev", "/etc", "/usr/share", "/usr/lib")]
# Of the environment: names of places, whose files are held by their bytes, or of caches, whose
# folders are named by what they were made from.
SCALE = 0.00005
PLACES = {"CAODIAN_CODEBOOK", "CAODIAN_CACHE", "XDG_CACHE_HOME"}
COMPILED = (".py", ".pyc", ".nbi", ".nbc")  # code is noted where it is called
# Made from files of the package alone, which are hashed as code, and too slow for every step.
KEPT = tuple(
    f"analysis.{name}"
    for name in (
        "corpus.mask",
        "plots.style",
        "sentiment",
        "schema",
        "reporting.report",
        "simulate",
    )
)


def _absolute(path):
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - of bytes, too


@dataclass
class Trace:
    """What was read while a step was at work."""

    files: set = field(default_factory=set)
    folders: set = field(default_factory=set)
    environment: set = field(default_factory=set)
    network: list = field(default_factory=list)
    code: set = field(default_factory=set)
    study: set = field(default_factory=set)


class Tracer:
    """Notes what is read between `begin` and `end`, in every thread of this process."""

    def __init__(self):
        self.trace = None

    def audit(self, event, words):
        trace = self.trace
        if trace is None:
            return
        if event == "open":
            flags = words[2] if isinstance(words[2], int) else 0
            if isinstance(words[0], str | bytes | os.PathLike) and not flags & os.O_WRONLY:
                trace.files.add(_absolute(words[0]))
        elif event in ("os.listdir", "os.scandir"):
            if not isinstance(words[0], int):
                trace.folders.add(_absolute(words[0] or "."))
        elif event == "sqlite3.connect":
            trace.files.add(_absolute(words[0]))
        elif event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            trace.network.append(words)

    def native(self, function):
        """Note what a reader of another language is given: its openings raise no event."""

        @functools.wraps(function)
        def wrapped(source, *args, **kwargs):
            trace = self.trace
            if trace is not None:
                given = source if isinstance(source, list | tuple) else [source]
                trace.files |= {
                    _absolute(path) for path in given if isinstance(path, str | os.PathLike)
                }
            return function(source, *args, **kwargs)

        return wrapped


TRACER = Tracer()


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """Run a simulated study and an audited export; give what each step read and stamped."""
    for _, name, _ in pkgutil.walk_packages([str(PACKAGE)], "analysis."):
        if not name.startswith("analysis.cli"):
            importlib.import_module(name)
    sys.addaudithook(TRACER.audit)
    place = tmp_path_factory.mktemp("traced").resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("CAODIAN_SECRET", "a secret of this test")
        for module, name in [
            *((pl, name) for name in dir(pl) if name.startswith(("read_", "scan_"))),
            (pq, "ParquetFile"), (pq, "read_table"),
        ]:  # fmt: skip
            patch.setattr(module, name, TRACER.native(getattr(module, name)))
        patch.setattr(os, "environ", Environment(os.environ))
        patch.setattr(Study, "__getattribute__", read_field)
        kept = ("channels",)
        patch.setattr(figures, "_FIGURES", {name: figures._FIGURES[name] for name in kept})
        patch.setattr(table_step, "_AUDIT_SIZE", 60)
        patch.setattr(corpus_steps, "_warm_coder", lambda _name: None)  # for the step after it
        mask(clean(pl.DataFrame({"text": [""]})))  # what is kept is made before
        yield dict(_runs(place, patch))


class Environment(os._Environ):
    """The environment, whose readers are noted."""

    def __init__(self, real):
        self.__dict__.update(real.__dict__)

    def __getitem__(self, name):
        if TRACER.trace is not None:
            frame = sys._getframe(1)
            while (
                "_collections_abc" in frame.f_code.co_filename
                or "os.py" in frame.f_code.co_filename
            ):
                frame = frame.f_back
            if Path(frame.f_code.co_filename).is_relative_to(PACKAGE):
                TRACER.trace.environment.add(name)
        return super().__getitem__(name)


def read_field(study, name):
    if TRACER.trace is not None and name in Study.model_fields:
        TRACER.trace.study.add(name)
    return super(Study, study).__getattribute__(name)


def _runs(place, patch):
    study = load_study(ROOT / "studies" / "618-2020.yaml")
    exposure = place / "exposure.csv"
    exposure.write_text("platform,exposure\n京东,10\n", encoding="utf-8")
    study = study.model_copy(update={"exposure": Exposure(file=str(exposure), source="test")})
    yield "simulated", _traced_run(place, Request([], study, scale=SCALE, notebooks=False))
    parts = list(simulate(study, scale=SCALE, seed=31))
    pl.concat([posts for posts, _ in parts]).write_parquet("export.parquet")
    exports = [Path("export.parquet")]
    audited = Request(
        exports, study.model_copy(update={"name": "own"}), audit=Path("audit"), public=True
    )
    made = Run(audited, lambda _line: None)
    made.code_corpus()
    posts = scan_partitions(made.paths.coded)
    draw_audit(posts, Path("audit"), size=40, seed=5, study=made.study(), coder="fast")
    fill(Path("audit"), pl.concat([truth for _, truth in parts]), error=0.1, seed=1)
    yield "audited", _traced_run(place, audited, last="tables")
    yield "alone", _traced_run(place, Request(exports, None, limit=20), last="measure")


class _EnoughError(Exception):
    """The last step that is looked at was done."""


def _traced_run(place, request, last="report"):
    """Make a run; give by step what was read, what stood there, and what the stamp has."""
    found, depended = {}, {}
    stamp, fingerprint = Run.stamp, Step.fingerprint

    def traced_stamp(run, name, depends, outputs, work):
        def traced_work():
            there = {str(path): _hash(path) for path in place.rglob("*") if path.is_file()}
            with _tracing(calls="reporting" not in MADE_OF.get(name, ["reporting"])) as trace:
                work()
            found[name] = (trace, there, outputs)

        stamp(run, name, depends, outputs, traced_work)
        if name == last:
            raise _EnoughError

    def noted(step):
        words = json.dumps(step.depends, sort_keys=True, default=str, ensure_ascii=False)
        depended[step.name] = words
        return fingerprint(step)

    with pytest.MonkeyPatch.context() as patch, suppress(_EnoughError):
        patch.setattr(Step, "fingerprint", noted)
        patch.setattr(Run, "stamp", traced_stamp)
        Run(request, lambda _line: None).execute()
    return {name: (*what, depended[name]) for name, what in found.items()}


def _hash(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _note_call(frame, _event, _argument):
    """Note the file of a function; threads of one step may work for the next."""
    if (trace := TRACER.trace) is not None:
        trace.code.add(frame.f_code.co_filename)


@contextmanager
def _tracing(*, calls):
    """Trace what is read, with nothing remembered from an earlier step.

    Calls take their time, and are left out where a step is made of all parts.
    """
    gc.unfreeze()  # what is frozen is not listed
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper):
            module = str(one.__module__)
            if module.startswith("analysis") and not module.startswith(KEPT):
                one.cache_clear()
    gc.freeze()
    TRACER.trace = trace = Trace()
    if calls:
        threading.settrace(_note_call)
        sys.settrace(_note_call)
    try:
        yield trace
    finally:
        sys.settrace(None)
        threading.settrace(None)
        TRACER.trace = None


def _is_below(path, folders):
    return any(path.is_relative_to(folder) for folder in folders)


def unstamped(trace, there, outputs, depends):
    """List what a step read and its stamp lacks."""
    own = [Path(str(path)).absolute() for path in outputs]
    passed = [*own, *INSTALLED, *SYSTEM, cache_folder()]
    lacking = []
    for name in sorted(trace.files):
        path = Path(name)
        if _is_below(path, passed) or path.suffix in COMPILED or not path.is_file():
            continue
        digest = there.get(name) or hashlib.sha256(path.read_bytes()).hexdigest()
        if digest not in depends:
            lacking.append(f"file {name}")
    for name in sorted(trace.code):
        path = Path(name)
        if path.is_relative_to(PACKAGE) and _hash(path) not in depends:
            lacking.append(f"code {path.relative_to(PACKAGE)}")
    for name in sorted(trace.environment - PLACES):
        value = os.environ.get(name, "")
        if hashlib.sha256(value.encode()).hexdigest() not in depends:
            lacking.append(f"environment {name}")
    return lacking + [f"network {words}" for words in trace.network]


RUNS = {
    "simulated": (
        "simulate", "read", "deduplicate", "code", "audit", "measure", "tables", "figures",
        "report",
    ),
    "audited": ("audit", "measure", "tables"),
    "alone": ("read", "deduplicate", "code", "measure"),
}  # fmt: skip


SEEN = {
    ("simulated", "audit"): ["data/raw/618-2020/truth/part-00000.parquet"],
    ("simulated", "measure"): ["exposure.csv", "data/raw/618-2020/truth/part-00000.parquet"],
    ("simulated", "code"): ["data/processed/618-2020/posts/part-00000-00000.parquet"],
    ("audited", "audit"): ["audit/coder-a.xlsx", "audit/sample.parquet"],
    ("alone", "read"): ["export.parquet"],
}


def test_every_step_is_traced_and_readers_of_all_kinds_are_seen(traced):
    done = {run: tuple(steps) for run, steps in traced.items()}
    assert done == RUNS
    for (run, step), names in SEEN.items():
        trace = traced[run][step][0]
        assert {str(Path(name).absolute()) for name in names} <= trace.files, (run, step)
    assert traced["audited"]["tables"][0].environment == {"CAODIAN_SECRET", "CAODIAN_CODEBOOK"}
    assert str(ROOT / "codebook" / "codebook.yaml") in traced["alone"]["code"][0].files


@pytest.mark.parametrize(
    ("run", "step"), [(run, step) for run, steps in RUNS.items() for step in steps]
)
def test_a_step_reads_nothing_that_its_stamp_lacks(traced, run, step):
    assert unstamped(*traced[run][step]) == []


# Of a study; the steps that are not named here have the whole of it in their stamps.
STUDY_FIELDS = {
    "simulate": run_module._PLANTED_BY,
    "read": {"window"},
    "deduplicate": {"window", "thresholds"},
    "code": set(),
    "audit": {"window", "seed"},
    "measure": run_module._MEASURED_BY,
}


@pytest.mark.parametrize("step", STUDY_FIELDS)
def test_a_step_looks_at_no_field_of_a_study_that_its_stamp_lacks(traced, step):
    looked = [steps[step][0].study for steps in traced.values() if step in steps]
    assert looked
    assert set().union(*looked) <= STUDY_FIELDS[step]


def _opens(place):
    (place / "file.csv").read_text("utf-8")


def _opens_natively(place):
    pl.read_csv(place / "file.csv")


def _asks_the_environment(_place):
    project_secret()


def _calls_a_function(_place):
    whole_stars()


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (_opens, "file "), (_opens_natively, "file "), (_asks_the_environment, "environment"),
        (_calls_a_function, "code coding/scoring.py"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("traced")
def test_a_reading_that_no_stamp_has_is_told(tmp_path, work, told):
    (tmp_path / "file.csv").write_text("a\n1\n", encoding="utf-8")
    with _tracing(calls=True) as trace:
        work(tmp_path)
    [lacking, *more] = unstamped(trace, {}, [], json.dumps(hash_code("read")))
    assert lacking.startswith(told)
    assert not more
