"""Where the files of a study's run stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


def project_root() -> Path:
    """Return the folder of the checkout: it holds `studies/`, `codebook/` and `notebooks/`."""
    return Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class RunPaths:
    """The folders of one study's run.

    Examples
    --------
    >>> RunPaths("618-2020", out=Path("build")).tables.as_posix()
    'build/618-2020/tables'
    """

    study: str
    out: Path = Path("build")
    data: Path = Path("data")
    storage: Path | None = None

    @property
    def raw(self) -> Path:
        """Exports and the simulated corpus, never edited; the only place of unmasked text."""
        return self.data / "raw" / self.study

    @property
    def processed(self) -> Path:
        """All that the pipeline makes between export and tables."""
        return self.data / "processed" / self.study

    @property
    def partitions(self) -> Path:
        """The posts between the steps; on a cluster a storage that every worker reaches."""
        return self.processed if self.storage is None else self.storage / self.study

    @property
    def posts(self) -> Path:
        """Cleaned and masked posts."""
        return self.partitions / "posts"

    @property
    def items(self) -> Path:
        """Which posts of each partition count, and the family of each."""
        return self.partitions / "items"

    @property
    def coded(self) -> Path:
        """The posts that count, whole, with family, sentiment, voice, grievances and platforms."""
        return self.partitions / "coded"

    @property
    def build(self) -> Path:
        """What a reader opens: report, figures, tables, notebooks, manifest."""
        return self.out / self.study

    @property
    def tables(self) -> Path:
        """The published tables."""
        return self.build / "tables"

    @property
    def figures(self) -> Path:
        """The figures, each with its data beside it."""
        return self.build / "figures"

    @property
    def notebooks(self) -> Path:
        """The executed notebooks as HTML."""
        return self.build / "notebooks"
