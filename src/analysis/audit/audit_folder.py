"""An audit's folder: the sample, its hidden side, and whatever forms have come back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import polars as pl

from analysis.audit.sheet_cells import read_head_of
from analysis.audit.sheet_layout import CODER_A, CODER_B, HIDDEN_FILE, SAMPLE_FILE
from analysis.audit.sheet_reading import read_sheet
from analysis.coding.codebook import Codebook
from analysis.errors import CaodianError


@dataclass(frozen=True)
class AuditFolder:
    """The drawn posts with their hidden side, and the codes that the forms ask for."""

    path: Path
    sample: pl.DataFrame
    codes: tuple[str, ...]
    subs: tuple[str, ...]

    @property
    def has_subs(self) -> bool:
        """Whether the forms ask for sub-grievances."""
        return bool(self.subs)

    def read(self, name: str, *, is_part: bool = False) -> pd.DataFrame | None:
        """Return one filled form, or None when the file is not there."""
        if not (self.path / name).is_file():
            return None
        codes = [*self.codes, *self.subs]
        return read_sheet(self.path / name, self.sample, codes, is_part=is_part)


def open_folder(directory: Path | str, codebook: Codebook) -> AuditFolder:
    """Open the folder of an audit.

    Parameters
    ----------
    directory
        Folder of `audit draw`.
    codebook
        Codes that the forms may hold.

    Returns
    -------
    AuditFolder
        The sample joined with its hidden side.

    Raises
    ------
    CaodianError
        When the sample or its hidden side is missing, or the two do not belong together.
    """
    path = Path(directory)
    for name in (SAMPLE_FILE, HIDDEN_FILE):
        if not (path / name).is_file():
            raise CaodianError(
                f"an audit folder must hold {name}",
                value=str(directory),
                remedy="Draw the audit with `caodian audit draw` and keep all files of its folder.",
            )
    sample = pl.read_parquet(path / SAMPLE_FILE)
    hidden = pl.read_parquet(path / HIDDEN_FILE)
    if set(sample["post_id"]) != set(hidden["post_id"]):
        raise CaodianError(
            f"{SAMPLE_FILE} and {HIDDEN_FILE} must come from one draw",
            where=str(directory),
            remedy="Draw the audit again, or restore the two files.",
        )
    joined = sample.join(hidden, on="post_id", how="left", maintain_order="left")
    columns = {
        column for name in (CODER_A, CODER_B) if (path / name).is_file()
        for column in read_head_of(path / name, codebook)
    }  # fmt: skip
    subs = tuple(name for name in codebook.sub_names if name in columns)
    return AuditFolder(path, joined, codebook.code_names, subs)
