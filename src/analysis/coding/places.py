"""Where the codebook lies."""

from __future__ import annotations

import os
from pathlib import Path

from analysis.errors import CaodianError


def codebook_directory(directory: Path | None = None) -> Path:
    """Return the directory of the codebook.

    Parameters
    ----------
    directory
        A directory of one's own; else ``CAODIAN_CODEBOOK``, else ``codebook`` of the project.

    Returns
    -------
    Path
        An existing directory that holds ``codebook.yaml``.

    Raises
    ------
    CaodianError
        If there is no codebook.

    Examples
    --------
    >>> codebook_directory().name
    'codebook'
    """
    chosen = directory or os.environ.get("CAODIAN_CODEBOOK")
    root = Path(chosen) if chosen else Path(__file__).parents[3] / "codebook"
    if not (root / "codebook.yaml").is_file():
        raise CaodianError(
            "the codebook directory must hold codebook.yaml",
            value=str(root),
            remedy="Run from a clone of the project, or set CAODIAN_CODEBOOK.",
        )
    return root
