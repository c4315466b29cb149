"""One run from exports to reports; every step is stamped, and redone only when it must be."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl

from analysis.evaluation.planted_truth import planted_counts
from analysis.pipeline.audit_step import Audit, audit_simulated, open_audit
from analysis.pipeline.corpus_run import CODING, CorpusRun
from analysis.pipeline.partitions import renew_folder, scan_partitions
from analysis.pipeline.report_steps import ReportSource, notebooks_of, publish
from analysis.pipeline.request import Outcome
from analysis.pipeline.stamps import hash_code, hash_files
from analysis.pipeline.table_step import build_tables, count_tables
from analysis.reporting.campaigns import PUBLISHED, compare_campaigns, parse_figures
from analysis.reporting.claims import judge_claims
from analysis.reporting.tables import load_tables
from analysis.storage import read_table, write_table
from analysis.storage.run_paths import project_root
from analysis.study import Study

MEASURING = (*CODING, "audit", "measures", "evaluation")


class Run(CorpusRun):
    """The steps of one report run, in order."""

    def execute(self) -> Outcome:
        """Run every step whose inputs changed, and return where the reports are."""
        self.measure_corpus()
        return Outcome(self.paths, self._publish(self.study()), self.steps_run)

    def measure_corpus(self) -> dict[str, pd.DataFrame]:
        """Run the steps from the exports to the tables, and return the tables."""
        study = self.code_corpus()
        self._measure(study, self._audit(study))
        return load_tables(self.paths.processed)

    def count_corpus(self) -> dict[str, pd.DataFrame]:
        """Run the steps from the exports to the counts alone: no audit, trends or clusters."""
        return count_tables(self.paths, self.code_corpus())

    def _audit(self, study: Study) -> Audit | None:
        if self.request.audit is not None:
            return open_audit(self.request.audit)
        if not self.simulated:
            return None
        folder = self.paths.processed
        depends = {
            "coded": self.written("code", self.paths.coded),
            "seed": study.seed,
            "code": hash_code(*CODING, "audit"),
        }
        self.stamp("audit", depends, [folder / "audit"], lambda: self._audit_now(study))
        return open_audit(folder / "audit")

    def _audit_now(self, study: Study) -> None:
        audit_simulated(self.paths, self.truth(), study.seed)

    def truth(self) -> pl.LazyFrame:
        """Return what the simulator planted; for simulated coders and evaluation alone."""
        return scan_partitions(self.paths.raw / "truth")

    def _measure(self, study: Study, audit: Audit | None) -> None:
        folder = self.paths.processed
        depends: dict[str, object] = {
            "coded": self.written("code", self.paths.coded)
            | hash_files([folder / "reconciliation.csv"]),
            "audit": None if audit is None else audit.counts.to_csv(),
            "study": study.model_dump(mode="json"),
            "facts": [self.simulated, self.scale],
            "published": hash_files([project_root() / PUBLISHED]),
            "code": hash_code(*MEASURING, "reporting"),
        }
        self.stamp("measure", depends, [folder / "tables"], lambda: self._measure_now(study, audit))

    def _measure_now(self, study: Study, audit: Audit | None) -> None:
        folder = renew_folder(self.paths.processed / "tables")
        tables = build_tables(self.paths, study, audit)
        truth = planted_counts(self.truth()) if self.simulated else None
        tables["claims"] = judge_claims(
            study, tables, simulated=self.simulated, scale=self.scale, truth_counts=truth
        )
        figures = read_table(project_root() / PUBLISHED).to_pandas()
        tables["campaigns"] = compare_campaigns(parse_figures(figures), tables, study)
        for name, table in tables.items():
            write_table(table, folder / f"{name}.csv")

    def _publish(self, study: Study) -> list[Path]:
        request = self.request
        source = ReportSource(
            study=study,
            paths=self.paths,
            tables=load_tables(self.paths.processed),
            simulated=self.simulated,
            scale=self.scale,
            public=request.public,
            parameters={
                "coder": request.coder,
                **({"scale": self.scale} if self.simulated else {}),
                "seed": study.seed,
                "similarity": study.thresholds.similarity,
            },
            command=request.command(),
            again=request.again(self.paths.study),
            notebooks=notebooks_of(
                study, wanted=request.with_notebooks, shipped=request.is_shipped
            ),
            inputs=self.inputs,
        )
        return publish(source, self.stamp)
