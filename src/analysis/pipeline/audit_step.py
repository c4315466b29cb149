"""The audit of a run: simulated coders on a simulated corpus, filled sheets on a real one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import polars as pl

from analysis.audit.correction import measure_drift
from analysis.audit.score import open_folder, score_audit, settle_codes
from analysis.audit.sheets import draw_audit
from analysis.audit.simulated_coders import fill
from analysis.coding.codebook import load_codebook
from analysis.pipeline.partitions import renew_folder, scan_partitions
from analysis.schema import parse_columns
from analysis.storage import RunPaths, read_table, write_table
from analysis.words import reader_names

_AUDIT_SIZE = 1_000
_CODER_ERROR = 0.05


def audit_simulated(paths: RunPaths, truth: pl.LazyFrame, seed: int) -> None:
    """Draw a sample, let simulated coders with a set error code it, and correct the counts.

    Parameters
    ----------
    paths
        Where the run's files stand; sheets and result go to `processed/audit`.
    truth
        What the simulator planted; only the simulated coders see it.
    """
    directory = renew_folder(paths.processed / "audit")
    draw_audit(scan_partitions(paths.coded), directory, size=_AUDIT_SIZE, seed=seed, with_subs=True)
    fill(directory, truth, error=_CODER_ERROR, seed=seed)
    _save_audit(score_audit(directory, names=reader_names()), directory)
    write_table(_drift_of_codes(directory), directory / "drift.csv")


def _drift_of_codes(directory: Path) -> pd.DataFrame:
    """Measure the coder's drift for what has a trend: negative items and codes."""
    codebook = load_codebook()
    folder = open_folder(directory, codebook)
    drift = measure_drift(folder.sample, settle_codes(folder).final)
    tested = drift["grievance"].isin(["negative", *codebook.code_names])
    # A rounded lower end of -1 would say that nothing is left of the count; keep it above.
    return drift[tested].assign(low=drift["low"].clip(lower=-0.9999)).reset_index(drop=True)


def _save_audit(result: pd.DataFrame, directory: Path) -> None:
    """Write the corrected counts of codes, and beside them those of subs and platforms."""
    write_table(result, directory / "audit.csv")
    details = result.attrs.get("details")
    notes = pd.DataFrame(result.attrs.get("notes", []), columns=["zh", "en"])
    if len(notes):
        write_table(notes, directory / "notes.csv")
    if details is not None and len(details):
        write_table(details, directory / "details.csv")


@dataclass(frozen=True)
class Audit:
    """Corrected counts of codes, and of sub-grievances and platforms where the data allow."""

    counts: pd.DataFrame
    details: pd.DataFrame | None = None
    drift: pd.DataFrame | None = None
    notes: pd.DataFrame | None = None


def open_audit(path: Path) -> Audit:
    """Read corrected counts from a folder of `_save_audit`, or from a file of `audit score`."""
    if not path.is_dir():
        return Audit(_numbers(path))
    found = {name: path / f"{name}.csv" for name in ("details", "drift", "notes")}
    beside = {name: _numbers(file) for name, file in found.items() if file.exists()}
    return Audit(_numbers(path / "audit.csv"), **beside)


def _numbers(path: Path) -> pd.DataFrame:
    return parse_columns(read_table(path)).to_pandas()
