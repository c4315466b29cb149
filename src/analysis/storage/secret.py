"""The project's secret: it keys the authors' hashes and touches no published byte."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from analysis.errors import CaodianError
from analysis.storage.write import write_text

SECRET_FILE = ".caodian-secret"  # noqa: S105 - the name of a file, not a secret


def project_secret(folder: Path | None = None, tell: Callable[[str], None] | None = None) -> bytes:
    """Return the secret of `CAODIAN_SECRET`, else of a git-ignored file made on first use.

    Parameters
    ----------
    folder
        Where the file stands; by default the working folder.
    tell
        Takes a sentence when the folder cannot be written. The secret then lasts for this run:
        authors are told apart as well, and under other keys the next time.
    """
    given = os.environ.get("CAODIAN_SECRET")
    if given:
        return given.encode("utf-8")
    path = (folder or Path()) / SECRET_FILE
    if not path.exists():
        made = secrets.token_hex(32)
        try:
            write_text(made + "\n", path)
            path.chmod(0o600)
        except (CaodianError, OSError):
            if tell is not None:
                tell(f"{path} cannot be written here: the keys of authors hold for this run alone")
            return made.encode("utf-8")
    return path.read_text(encoding="utf-8").strip().encode("utf-8")
