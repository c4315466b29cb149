"""What a compiled codebook is made of: its files, and the code that compiles them."""

from __future__ import annotations

import unicodedata
from hashlib import sha256
from pathlib import Path

from analysis import kernels
from analysis.coding.places import codebook_directory

_CODE = (Path(__file__).parent, Path(kernels.__path__[0]))


def fingerprint(directory: Path | None = None) -> str:
    """Return what tells the compiled form of a codebook from every other.

    Parameters
    ----------
    directory
        Codebook directory; the project's own by default.

    Examples
    --------
    >>> len(fingerprint())
    16
    """
    digest = sha256(unicodedata.unidata_version.encode())
    for path in _sources(codebook_directory(directory)):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]


def _sources(codebook: Path) -> list[Path]:
    """All files of the codebook, and the modules that compile or read what is compiled."""
    # Traditional characters are always those of the project's own codebook.
    texts = [*sorted(codebook.rglob("*.yaml")), codebook_directory() / "traditional.yaml"]
    return texts + [path for folder in _CODE for path in sorted(folder.glob("*.py"))]
