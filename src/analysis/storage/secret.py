"""The project's secret: it keys the authors' hashes and touches no published byte."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from analysis.storage.write import write_text

SECRET_FILE = ".caodian-secret"  # noqa: S105 - the name of a file, not a secret


def project_secret(folder: Path | None = None) -> bytes:
    """Return the secret of `CAODIAN_SECRET`, else of a git-ignored file made on first use.

    Parameters
    ----------
    folder
        Where the file stands; by default the working folder.
    """
    given = os.environ.get("CAODIAN_SECRET")
    if given:
        return given.encode("utf-8")
    path = (folder or Path()) / SECRET_FILE
    if not path.exists():
        write_text(secrets.token_hex(32) + "\n", path)
        path.chmod(0o600)
    return path.read_text(encoding="utf-8").strip().encode("utf-8")
