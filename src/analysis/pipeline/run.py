"""One run from exports to reports; every step is stamped, and redone only when it must be."""

from __future__ import annotations

import hashlib
import json
import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
from filelock import FileLock, Timeout

from analysis.coding.coder import identify_coder
from analysis.errors import CaodianError
from analysis.evaluation.coding import TEST_PART, measure_count_errors, planted_counts
from analysis.frames import as_polars
from analysis.measures.published import PUBLISHED, compare_campaigns, judge_claims, parse_figures
from analysis.measures.quantities import load_tables
from analysis.pipeline import corpus_steps
from analysis.pipeline.corpus_steps import write_partitions
from analysis.pipeline.partitions import (
    MANY_POSTS,
    open_worker,
    renew_folder,
    run_apart,
    scan_partitions,
)
from analysis.pipeline.report_steps import ReportSource, may_compute, notebooks_of, publish, sweep
from analysis.pipeline.request import Outcome, Request
from analysis.pipeline.stamps import (
    Step,
    environment_hash,
    hash_code,
    hash_files,
    hash_snownlp,
    run_if_changed,
    stamped_files,
)
from analysis.pipeline.table_step import (
    Audit,
    audit_given,
    audit_simulated,
    build_tables,
    count_tables,
    open_audit,
    require_audit,
)
from analysis.progress import stage
from analysis.reporting.disclosure import rules_of
from analysis.reporting.ledger import MANIFEST
from analysis.storage import RunPaths, read_table, write_table
from analysis.storage.formats import as_url
from analysis.storage.run_paths import (
    codebook_directory,
    forget_empty_folders,
    in_project,
    open_export_folders,
    open_study_folders,
    project_root,
    project_secret,
)
from analysis.storage.write import guard_formulas
from analysis.study import Study, study_of_range
from analysis.study.model import Disclosure

# Runs a function on the threads, or the workers, of a run.
Work = Callable[..., Any]

# Exports of so many bytes hold about a million posts.
_MANY_BYTES = 200_000_000

# They code the test part in a second; without an audit a report says how far they are off.
_MEASURED_CODERS = ("fast", "keyword")

# What of a study the simulator looks at, and what the measures do.
_PLANTED_BY = {"window", "event_days", "seed", "simulation"}
_MEASURED_BY = {
    "window", "event_days", "seed", "thresholds", "exposure", "claims", "published",
}  # fmt: skip


class Run:
    """The steps of one report run, in order.

    Parameters
    ----------
    tell
        Takes one line of progress a step.
    shown
        What the build says of its command instead: one that is made again elsewhere says the same.
    """

    def __init__(
        self, request: Request, tell: Callable[[str], None], shown: Mapping[str, str] | None = None
    ) -> None:
        self.request = request
        self._shown = shown
        self.tell = tell
        self.steps_run: list[str] = []
        self.simulated = request.is_simulated
        self.scale = self._scale()
        self.paths = self._open_folders()

    def _open_folders(self) -> RunPaths:
        request = self.request
        paths = RunPaths(request.wished_name, out=request.out, storage=request.storage)
        if request.study is not None:
            return open_study_folders(paths)
        return open_export_folders(paths, request.sources)

    def code_corpus(self) -> Study:
        """Run the steps from the exports to the coded posts; return the study they are of."""
        try:
            self._simulate()
            with open_worker(self.request.scheduler, apart=self._is_apart) as work:
                self._read(work)
                study = self.study()
                self._families(study, work)
                self._code(study, work)
        except BaseException:
            forget_empty_folders(self.paths)
            raise
        return study

    def stamp(
        self, name: str, depends: dict[str, object], outputs: list[Path], work: Callable[[], object]
    ) -> None:
        """Do a step unless its stamp is fresh, and tell which."""
        step = Step(name, {**depends, "environment": environment_hash()}, outputs)
        with stage(name):
            done = run_if_changed(step, self._stamps, work)
        self.tell(f"{name}: {'done' if done else 'unchanged'}")
        if done:
            self.steps_run.append(name)

    @property
    def _stamps(self) -> Path:
        return self.paths.processed / "stamps"

    def written(self, step: str, folder: Path) -> dict[str, str]:
        """Return the files of a folder that a step of this run has just written or checked."""
        return stamped_files(self._stamps, step, folder)

    def _scale(self) -> float:
        if not self.simulated:
            return 1.0
        study = self.request.study
        if study is None or study.simulation is None:
            raise CaodianError(
                "a run without an export needs a study that can be simulated",
                remedy="Name an export, or --study studies/618-2020.yaml.",
            )
        return self.request.scale or study.scale

    @cached_property
    def _is_large(self) -> bool:
        """Say whether the posts are so many that each step on them is done in a process apart."""
        study = self.request.study
        if self.simulated:
            planned = study.simulation.posts if study and study.simulation else 0
            return planned * self.scale >= MANY_POSTS
        return corpus_steps.weigh_exports(self._exports) >= _MANY_BYTES

    @property
    def _is_apart(self) -> bool:
        """Say whether reading, families and coding have a process of their own each."""
        return self._is_large and self.request.scheduler is None

    def _simulate(self) -> None:
        study = self.request.study
        if not self.simulated or study is None:
            return
        depends = {
            "study": study.model_dump(mode="json", include=_PLANTED_BY),
            "scale": self.scale,
            "code": hash_code("simulate"),
        }
        outputs = [self.paths.raw / "posts", self.paths.raw / "truth"]
        self.stamp(
            "simulate",
            depends,
            outputs,
            lambda: run_apart(
                write_partitions, study, self.scale, study.seed, self.paths.raw, many=self._is_large
            ),
        )

    @property
    def _exports(self) -> list[Path]:
        return self.request.exports or [self.paths.raw / "posts"]

    @cached_property
    def inputs(self) -> dict[str, str]:
        """The sha256 of each file of the exports, by its name as seen from the folder above all."""
        return corpus_steps.hash_exports(self._exports)

    @cached_property
    def codebook(self) -> dict[str, str]:
        """The sha256 of each file of the codebook that posts are coded by, wherever it lies."""
        folder = codebook_directory()
        files = hash_files([folder])
        return {Path(name).relative_to(folder).as_posix(): found for name, found in files.items()}

    @cached_property
    def _secret(self) -> bytes:
        return project_secret(tell=self.tell)

    def _read(self, work: Work) -> None:
        request, folder, exports = self.request, self.paths.processed, self._exports
        depends: dict[str, object] = {
            "exports": self.inputs,
            "beside": corpus_steps.list_beside(exports),
            # What a database holds now is known when it has been read.
            "databases": [secrets.token_hex(8) for path in exports if as_url(str(path))],
            "study": request.study.model_dump(mode="json", include={"window"})
            if request.study
            else None,
            "choice": str(request.choice),
            "limit": request.limit,
            # Another version may find other names.
            "secret": hashlib.sha256(
                self._secret
            ).hexdigest(),  # the keys of authors are made of it
            "code": hash_code("read"),
        }
        outputs = [
            self.paths.posts,
            folder / "rejects.csv",
            folder / "reconciliation.csv",
            folder / corpus_steps.UNREAD,
        ]
        self.stamp("read", depends, outputs, lambda: self._read_now(exports, work))

    def _read_now(self, exports: list[Path], work: Work) -> None:
        # A worker's own folder is another one.
        seen = [path.absolute() for path in exports] if self.request.scheduler else exports
        notes = work(
            corpus_steps.read_and_mask,
            seen,
            self.paths,
            study=self.request.study,
            secret=self._secret,
            choice=self.request.choice,
            limit=self.request.limit,
        )
        for note in notes:
            self.tell(note)

    def study(self) -> Study:
        """Return the study asked for, else one over the range of the posts' own days, if any."""
        asked = self.request.study
        if asked is not None and (self.simulated or asked.window is None):
            return asked
        # A window that somebody named says nothing of the posts; their own range does.
        rules = rules_of(Disclosure(), public=self.request.public and asked is None)
        found = corpus_steps.own_range(self.paths, rules.minimum_cell)
        if asked is None:
            start, end = found or (None, None)
            return study_of_range(self.paths.study, start, end, [], self.request.titles)
        if found is None:
            raise CaodianError(
                "the window of a study needs posts with a day, and none has one",
                value=", ".join(map(str, self.request.exports)),
                where=f"study {asked.name}",
                remedy="Name the column of the time with --time-column, or leave --study out for a "
                "report without days.",
            )
        return asked

    def _families(self, study: Study, work: Work) -> None:
        depends = {
            "posts": self.written("read", self.paths.posts),
            "window": str(study.window),
            "similarity": study.thresholds.similarity,
            "code": hash_code("read"),
        }
        next_here = None if self._is_apart else self.request.coder
        self.stamp(
            "deduplicate",
            depends,
            [self.paths.items],
            lambda: work(corpus_steps.find_families, self.paths, study, next_here),
        )

    def _code(self, study: Study, work: Work) -> None:
        depends: dict[str, object] = {
            "posts": self.written("read", self.paths.posts)
            | self.written("deduplicate", self.paths.items),
            "coder": [identify_coder(self.request.coder), self._endpoint],
            "code": hash_code("code"),
            "snownlp": hash_snownlp(),
            "codebook": self.codebook,
        }
        self.stamp(
            "code",
            depends,
            [self.paths.coded],
            lambda: work(corpus_steps.code_corpus, self.paths, self.request.coder),
        )

    @property
    def _endpoint(self) -> str | None:
        """The digest of the address that the llm coder asks; its path may name a model, too."""
        if self.request.coder != "llm":
            return None
        from analysis.coding.llm_coder import Endpoint

        return hashlib.sha256(Endpoint.from_environment().address.encode()).hexdigest()

    def execute(self) -> Outcome:
        """Run every step whose inputs changed, and return where the reports are."""
        self.request.require_earlier(self.paths.build)
        with self._alone():
            self.earlier = self._published_before()
            study, audit = self._measured()
            return Outcome(self.paths, self._publish(study, audit), self.steps_run)

    def measure_corpus(self) -> dict[str, pd.DataFrame]:
        """Run the steps from the exports to the tables, and return the tables."""
        with self._alone():
            self._measured()
            return load_tables(self.paths.processed)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folders of the run; a run that comes later waits, and says so.

        The system lets go of the locks however a run ends, also when it is killed.
        """
        # Runs may share one of the two only; each takes them in this order, so none waits forever.
        folders = dict.fromkeys((self.paths.processed.absolute(), self.paths.build.resolve()))
        with ExitStack() as held:
            for folder in folders:
                self._hold(folder, held)
            sweep(self.paths)
            self.paths = self._open_folders()  # the run before may have taken them away
            yield

    def _hold(self, folder: Path, held: ExitStack) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.parent / f".{folder.name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self.tell(f"another run of {self.paths.study} is at work: waiting for its end")
            lock.acquire()
        except (OSError, NotImplementedError):
            return  # a file system without locks: the run goes on without one
        held.callback(lock.release)

    def _measured(self) -> tuple[Study, Audit | None]:
        self.request.require_words()
        if self.request.audit is not None:
            require_audit(self.request.audit)
        study = self.code_corpus()
        audit = self._audit(study)
        self._measure(study, audit)
        return study, audit

    def count_corpus(self) -> dict[str, pd.DataFrame]:
        """Run the steps from the exports to the counts alone: no audit, trends or clusters."""
        with self._alone():
            return count_tables(self.paths, self.code_corpus())

    def _audit(self, study: Study) -> Audit | None:
        given, folder = self.request.audit, self.paths.processed / "audit"
        if given is None and not self.simulated:
            return None
        coder = identify_coder(self.request.coder)
        depends: dict[str, object] = {
            "coded": self.written("code", self.paths.coded),
            "study": [str(study.window), study.seed if given is None else None],
            "coder": coder,
            "codebook": self.codebook,
            "given": None if given is None else hash_files([given]),
            "truth": self._planted if given is None else None,
            "learnt": None if given is None else hash_files(self._learnt_from(coder)),
            "code": hash_code("audit"),
        }
        self.stamp("audit", depends, [folder], lambda: self._audit_now(study, given))
        return open_audit(folder)

    def _audit_now(self, study: Study, given: Path | None) -> None:
        coder = identify_coder(self.request.coder)
        if given is not None:
            learnt = (
                corpus_steps.read_learnt(self.request.coder) if self.request.is_refitted else []
            )
            run_apart(
                audit_given, given, self.paths, study, coder, learnt=learnt,
                beside=self.paths.coded,
            )  # fmt: skip
        else:
            run_apart(
                audit_simulated, self.paths, self.truth(), study, coder, study.seed,
                beside=self.paths.coded,
            )  # fmt: skip

    def _learnt_from(self, coder: str) -> list[Path]:
        """List the files that tell what a coder learnt from."""
        from analysis.training.texts import learnt_files

        own = [Path(self.request.coder) / corpus_steps.LEARNT] if self.request.is_refitted else []
        return [*own, *learnt_files(coder)]

    @property
    def _planted(self) -> dict[str, str]:
        """The sha256 of each file of what the simulator planted; none of a real corpus."""
        return self.written("simulate", self.paths.raw / "truth") if self.simulated else {}

    def truth(self) -> pl.LazyFrame:
        """Return what the simulator planted; for simulated coders and evaluation alone."""
        return scan_partitions(self.paths.raw / "truth")

    def _scored(self, audit: Audit) -> list[object]:
        """Tell what is measured of an audit: its tables, and whether experts recoded it."""
        written = self.written("audit", self.paths.processed / "audit")
        tables = {name: digest for name, digest in written.items() if name.endswith(".csv")}
        return [tables, audit.facts.get("has_gold")]

    def _measure(self, study: Study, audit: Audit | None) -> None:
        folder = self.paths.processed
        depends: dict[str, object] = {
            "coded": self.written("code", self.paths.coded)
            | hash_files([folder / "reconciliation.csv", folder / corpus_steps.UNREAD]),
            "truth": self._planted,
            "audit": None if audit is None else self._scored(audit),
            "exposure": hash_files([in_project(study.exposure.file)]) if study.exposure else None,
            "study": study.model_dump(mode="json", include=_MEASURED_BY),
            "facts": [self.simulated, self.scale],
            "codebook": self.codebook,
            "published": hash_files([project_root() / PUBLISHED]),
            "sample": hash_files([project_root() / TEST_PART]) if audit is None else None,
            "coder": identify_coder(self.request.coder),
            "code": hash_code("measure"),
            "snownlp": hash_snownlp(tagger=True),
        }
        outputs = [folder / "tables", self.paths.topics]
        if audit is not None and audit.drift is not None:
            outputs.append(folder / "drift.csv")
        self.stamp("measure", depends, outputs, lambda: self._measure_now(study, audit))

    def _measure_now(self, study: Study, audit: Audit | None) -> None:
        folder = renew_folder(self.paths.processed / "tables")
        tables = build_tables(self.paths, study, audit)
        truth = planted_counts(self.truth()) if self.simulated else None
        tables["claims"] = judge_claims(
            study, tables, simulated=self.simulated, scale=self.scale, truth_counts=truth
        )
        if truth is not None:  # beside what was found, for who looks at both
            tables["planted"] = pd.DataFrame(list(truth.items()), columns=["grievance", "items"])
        if audit is None and self.request.coder in _MEASURED_CODERS:
            tables["count_errors"] = measure_count_errors(self.request.coder)
        figures = read_table(project_root() / PUBLISHED).to_pandas()
        tables["campaigns"] = compare_campaigns(parse_figures(figures), tables, study)
        for name, table in tables.items():
            write_table(guard_formulas(as_polars(table)), folder / f"{name}.csv")
        drift = self.paths.processed / "drift.csv"  # beside them, for the notebooks
        drift.unlink(missing_ok=True)
        if audit is not None and audit.drift is not None:
            write_table(audit.drift, drift)

    def _publish(self, study: Study, audit: Audit | None) -> list[Path]:
        request, tables = self.request, load_tables(self.paths.processed)
        rules = rules_of(study.disclosure, public=request.public)
        own = {"command": request.command(), **request.again(self.paths.study)}
        shown = dict(self._shown or own)
        source = ReportSource(
            study=study,
            paths=self.paths,
            tables=tables,
            simulated=self.simulated,
            scale=self.scale,
            public=request.public,
            parameters={
                "coder": identify_coder(request.coder) if request.is_refitted else request.coder,
                **({"scale": self.scale} if self.simulated else {}),
                "seed": study.seed,
                "similarity": study.thresholds.similarity,
            },
            command=shown.pop("command"),
            again=shown,
            notebooks=notebooks_of(
                study,
                wanted=request.with_notebooks and may_compute(self.paths, tables, rules),
                shipped=request.is_shipped,
            ),
            inputs=self.inputs,
            codebook=self.codebook,
            audit=audit,
            earlier=self.earlier,
        )
        return publish(source, self.stamp)

    def _published_before(self) -> list[dict[str, pd.DataFrame]]:
        """Read the builds that were published before; warn of one that is about to be replaced."""
        request, build = self.request, self.paths.build
        manifest = build / MANIFEST
        if request.public and not request.since and manifest.is_file():
            words = shlex.split(str(json.loads(manifest.read_text("utf-8")).get("command", "")))
            if "--public" in words:
                self.tell(
                    f"{build} was made with --public and is replaced: if it was published and the "
                    "posts have changed since, who has both builds can subtract small counts. "
                    "Keep a copy, and name it with --since."
                )
        return [load_tables(earlier) for earlier in request.since]
