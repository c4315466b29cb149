"""What a report run was asked for, and what it left."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from analysis.corpus.ingest import ColumnChoice
from analysis.storage import RunPaths
from analysis.storage.run_paths import project_root
from analysis.study import Study


@dataclass(frozen=True)
class Request:
    """What `caodian report` was asked for."""

    exports: list[Path]
    study: Study | None
    scale: float | None = None
    out: Path = Path("build")
    scheduler: str | None = None
    storage: Path | None = None
    public: bool = False
    audit: Path | None = None
    coder: str = "fast"
    choice: ColumnChoice = field(default_factory=ColumnChoice)
    limit: int | None = None
    notebooks: bool | None = None  # None: where the study is the shipped one

    @property
    def is_simulated(self) -> bool:
        """Whether the corpus is to be simulated, since no export was named."""
        return not self.exports

    @property
    def is_shipped(self) -> bool:
        """Whether the run is one of a shipped study on its simulated corpus (`make report`)."""
        if not self.is_simulated or self.study is None:
            return False
        return (project_root() / "studies" / f"{self.study.name}.yaml").is_file()

    @property
    def with_notebooks(self) -> bool:
        """Whether notebooks are executed: as was asked, else for the shipped study alone."""
        return self.is_shipped if self.notebooks is None else self.notebooks

    def command(self) -> str:
        """Return the command that makes the report again, with base names for the exports."""
        words = ["caodian", "report", *sorted({shlex.quote(path.name) for path in self.exports})]
        if self.study is not None:
            words.append(f"--study studies/{self.study.name}.yaml")
        if self.is_simulated and self.scale is not None:
            words.append(f"--scale {self.scale:g}")
        if self.coder != "fast":
            words.append(f"--coder {self.coder}")
        if self.with_notebooks != self.is_shipped:
            words.append("--notebooks" if self.with_notebooks else "--no-notebooks")
        return " ".join(words)


@dataclass(frozen=True)
class Outcome:
    """What a run left: its folder, its reports, and the steps that ran."""

    paths: RunPaths
    reports: list[Path]
    steps_run: list[str]
