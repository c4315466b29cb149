"""From the exports to the coded posts: which step runs when, and what each depends on."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from functools import cached_property
from pathlib import Path

from analysis.coding.coder import identify_coder
from analysis.errors import CaodianError
from analysis.pipeline import corpus_steps
from analysis.pipeline.executor import open_executor
from analysis.pipeline.request import Request
from analysis.pipeline.simulate_step import write_partitions
from analysis.pipeline.stamps import (
    Step,
    environment_hash,
    hash_code,
    hash_files,
    run_if_changed,
    stamped_files,
)
from analysis.storage import RunPaths
from analysis.storage.run_paths import (
    forget_empty_folders,
    open_export_folders,
    open_study_folders,
    project_root,
)
from analysis.storage.secret import project_secret
from analysis.storage.suffix import as_url
from analysis.study import Study, study_of_range

BASE = ("errors", "frames", "yaml_text", "study", "schema", "storage", "kernels", "pipeline")
CORPUS = (*BASE, "corpus")
CODING = (*CORPUS, "sentiment", "coding")


class CorpusRun:
    """The steps of one run up to the coded posts, in order.

    Parameters
    ----------
    request
        What was asked for.
    tell
        Takes one line of progress a step.
    """

    def __init__(self, request: Request, tell: Callable[[str], None]) -> None:
        self.request = request
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
            with open_executor(self.request.scheduler) as executor:
                self._simulate()
                self._read(executor)
                study = self.study()
                self._families(study, executor)
                self._code(study, executor)
        except BaseException:
            forget_empty_folders(self.paths)
            raise
        return study

    def stamp(
        self, name: str, depends: dict[str, object], outputs: list[Path], work: Callable[[], object]
    ) -> None:
        """Do a step unless its stamp is fresh, and tell which."""
        step = Step(name, {**depends, "environment": environment_hash()}, outputs)
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

    def _simulate(self) -> None:
        study = self.request.study
        if not self.simulated or study is None:
            return
        depends = {
            "study": study.model_dump(mode="json"),
            "scale": self.scale,
            "code": hash_code(*BASE, "corpus/simulate"),
        }
        outputs = [self.paths.raw / "posts", self.paths.raw / "truth"]
        self.stamp(
            "simulate",
            depends,
            outputs,
            lambda: write_partitions(study, self.scale, study.seed, self.paths.raw),
        )

    @property
    def _exports(self) -> list[Path]:
        return self.request.exports or [self.paths.raw / "posts"]

    @cached_property
    def inputs(self) -> dict[str, str]:
        """The sha256 of each file of the exports, by its name as seen from the folder above all."""
        return corpus_steps.hash_exports(self._exports)

    def _read(self, executor: Executor) -> None:
        request, folder, exports = self.request, self.paths.processed, self._exports
        depends: dict[str, object] = {
            "exports": self.inputs,
            # What a database holds now is known when it has been read.
            "databases": [secrets.token_hex(8) for path in exports if as_url(str(path))],
            "study": request.study.model_dump(mode="json", include={"window"})
            if request.study
            else None,
            "choice": str(request.choice),
            "limit": request.limit,
            "code": hash_code(*CORPUS),
        }
        outputs = [
            self.paths.posts,
            folder / "rejects.csv",
            folder / "reconciliation.csv",
        ]
        self.stamp("read", depends, outputs, lambda: self._read_now(exports, executor))

    def _read_now(self, exports: list[Path], executor: Executor) -> None:
        # A worker's own folder is another one.
        seen = [path.absolute() for path in exports] if self.request.scheduler else exports
        corpus_steps.read_and_mask(
            seen,
            self.paths,
            study=self.request.study,
            secret=project_secret(tell=self.tell),
            choice=self.request.choice,
            limit=self.request.limit,
            executor=executor,
        )

    def study(self) -> Study:
        """Return the study asked for, else one over the range of the posts' own days, if any."""
        asked = self.request.study
        if asked is not None and (self.simulated or asked.window is None):
            return asked
        found = corpus_steps.own_range(self.paths)
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

    def _families(self, study: Study, executor: Executor) -> None:
        depends = {
            "posts": self.written("read", self.paths.posts),
            "window": str(study.window),
            "similarity": study.thresholds.similarity,
            "code": hash_code(*CORPUS),
        }
        self.stamp(
            "deduplicate",
            depends,
            [self.paths.items],
            lambda: corpus_steps.find_families(self.paths, study, self.request.coder, executor),
        )

    def _code(self, study: Study, executor: Executor) -> None:
        depends: dict[str, object] = {
            "posts": self.written("read", self.paths.posts)
            | self.written("deduplicate", self.paths.items),
            "coder": identify_coder(self.request.coder),
            "code": hash_code(*CODING),
            "codebook": hash_files([project_root() / "codebook"]),
        }
        self.stamp(
            "code",
            depends,
            [self.paths.coded],
            lambda: corpus_steps.code_corpus(self.paths, self.request.coder, executor),
        )
