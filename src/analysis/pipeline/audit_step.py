"""The audit of a run: simulated coders on a simulated corpus, filled sheets on a real one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import polars as pl

from analysis.audit.sampling import draw_sample
from analysis.audit.score import score_audit
from analysis.audit.sheets import write_sheets
from analysis.audit.simulated_coders import fill
from analysis.coding.codebook import load_codebook
from analysis.pipeline.partitions import renew_folder, scan_partitions
from analysis.schema import parse_columns
from analysis.storage import read_table, write_table

AUDIT_SIZE = 1_000
CODER_ERROR = 0.05


def audit_simulated(folder: Path, truth: pl.LazyFrame, seed: int) -> None:
    """Draw a sample, let simulated coders with a set error code it, and correct the counts.

    Parameters
    ----------
    folder
        Processed folder of the study; sheets and result go to `folder/audit`.
    truth
        What the simulator planted; only the simulated coders see it.
    seed
        Seed of the draw and of the coders.
    """
    directory = renew_folder(folder / "audit")
    coded = scan_partitions(folder / "coded").collect()
    sample = draw_sample(coded, size=min(AUDIT_SIZE, coded.height), seed=seed)
    write_sheets(sample, load_codebook(), directory)
    fill(directory, truth, error=CODER_ERROR, seed=seed)
    save_audit(score_audit(directory), directory)


def save_audit(result: pd.DataFrame, directory: Path) -> None:
    """Write the corrected counts of codes, and beside them those of subs and platforms."""
    write_table(result, directory / "audit.csv")
    details = result.attrs.get("details")
    if details is not None and len(details):
        write_table(details, directory / "details.csv")


@dataclass(frozen=True)
class Audit:
    """Corrected counts of codes, and of sub-grievances and platforms where the data allow."""

    counts: pd.DataFrame
    details: pd.DataFrame | None


def open_audit(path: Path) -> Audit:
    """Read corrected counts from a folder of `save_audit`, or from a file of `audit score`."""
    if not path.is_dir():
        return Audit(_numbers(path), None)
    details = path / "details.csv"
    return Audit(_numbers(path / "audit.csv"), _numbers(details) if details.exists() else None)


def _numbers(path: Path) -> pd.DataFrame:
    return parse_columns(read_table(path)).to_pandas()
