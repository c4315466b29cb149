"""The audit of a run: simulated coders on a simulated corpus, filled sheets on a real one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl

from analysis.audit.sampling import draw_sample
from analysis.audit.score import score_audit
from analysis.audit.sheets import write_sheets
from analysis.audit.simulated_coders import fill
from analysis.coding.codebook import load_codebook
from analysis.pipeline.partitions import renew_folder, scan_partitions
from analysis.storage import write_table

AUDIT_SIZE = 1_000
CODER_ERROR = 0.05


def audit_simulated(folder: Path, truth: pl.LazyFrame, seed: int) -> pd.DataFrame:
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
    result = score_audit(directory)
    write_table(result, directory / "audit.csv")
    return result
