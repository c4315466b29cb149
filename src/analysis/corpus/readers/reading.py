"""One table being read by its plan: the posts it yields and the account of its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl

from analysis.corpus.readers.canonical import REJECTS
from analysis.corpus.readers.containers.tables import RawTable
from analysis.corpus.readers.convert import convert
from analysis.corpus.readers.plan import Head, Plan
from analysis.errors import CaodianError


class Reading:
    """A table with its plan."""

    def __init__(self, raw: RawTable, place: int, head: Head, plan: Plan, secret: bytes) -> None:
        self.raw = raw
        self.place = place
        self.head = head
        self.plan = plan
        self.secret = secret
        self.repeats = 0
        self.may_be_empty = False
        self._reset()

    def _reset(self) -> None:
        self.kept = self.rejected = self.records_read = self._texts = 0
        self._rejects: list[pl.DataFrame] = []
        self._tried: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def read(self, limit: int | None = None) -> Iterator[pl.DataFrame]:
        """Yield canonical posts batch by batch, counting as they pass."""
        self._reset()
        for batch in self.raw.batches(self.place, self.plan):
            cells = batch if limit is None else batch.head(limit - self.records_read)
            yield self._convert(cells)
            if limit is not None and self.records_read >= limit:
                break
        self._check()

    def _convert(self, cells: pl.DataFrame) -> pl.DataFrame:
        converted = convert(cells, self.plan, file=self.raw.path.name, secret=self.secret)
        self.records_read += cells.height
        self._texts += converted.posts["text"].count()
        self.kept += converted.posts.height
        self.rejected += converted.rejects.height
        self._rejects.append(converted.rejects)
        self._tried.update(converted.tried)
        self._failed.update(converted.failed)
        return converted.posts.with_columns(local_ids=pl.lit(self.plan.local_ids))

    def _check(self) -> None:
        """Raise when a column parses nowhere, or nothing at all is left."""
        for canonical, tried in self._tried.items():
            if canonical not in self.plan.guessed and tried and self._failed[canonical] == tried:
                names = ", ".join(self.plan.columns[canonical])
                raise CaodianError(
                    f"a column read as {canonical} must hold values that can be read as such",
                    value=self._first_reason(canonical),
                    where=f"{self.raw.path}, column {names}",
                    remedy="Name the right column (`--time-column` …) or mend the file.",
                )
        if not self.records_read and self.may_be_empty:
            return
        if not self.kept or not self._texts:
            raise CaodianError(
                "an export must hold at least one post with text",
                value=self._first_reason(""),
                where=f"{self.raw.path}, {self.records_read} records read",
                remedy="Name its columns with `--text-column` and `--time-column`.",
            )

    def _first_reason(self, start: str) -> str | None:
        for part in self._rejects:
            reasons = part.filter(pl.col("reason").str.starts_with(start))["reason"]
            if len(reasons):
                return str(reasons[0])
        return None

    def rejects(self) -> pl.DataFrame:
        """Return the rejected records of this table."""
        parts = [
            part.with_columns(source_file=pl.lit(self.raw.path.name)) for part in self._rejects
        ]
        return pl.concat(parts).select(*REJECTS) if parts else self.no_rejects()

    @staticmethod
    def no_rejects() -> pl.DataFrame:
        """Return an empty table of rejects."""
        return pl.DataFrame(schema=REJECTS)

    def account(self) -> tuple[str, str, str, int, int, int, int, int]:
        """Return this table's row of the reconciliation."""
        return (
            self.raw.path.name,
            self.plan.source_format,
            self.plan.era,
            self.records_read,
            self.kept,
            self.rejected,
            self.repeats,
            self.raw.blank,
        )

    def notes(self) -> list[str]:
        """Return what was mended, in sentences."""
        return [f"{self.raw.path.name}: {note}" for note in self.raw.notes()]

    def _header_place(self) -> str:
        return "keys of the records" if self.place < 0 else f"filled row {self.place + 1}"

    def explain(self) -> str:
        """Return format, era, mapping and repairs in plain text."""
        lines = [
            f"{self.raw.path}" + (f" [{self.raw.table}]" if self.raw.table else ""),
            f"  format: {self.plan.source_format} ({self.plan.source}); era: {self.plan.era}",
            f"  header: {self._header_place()}, {len(self.head.header)} columns",
        ]
        for canonical, names in self.plan.columns.items():
            how = " (by the dictionary of column names)" if canonical in self.plan.guessed else ""
            lines.append(f"  {canonical} <- {', '.join(names)}{how}")
        used = {name for names in self.plan.columns.values() for name in names}
        left = [name for name in self.head.header if name not in used]
        lines.append(f"  not read: {', '.join(left) or 'nothing'}")
        lines += [f"  repaired: {repair}" for repair in (*self.plan.repairs, *self.raw.notes())]
        return "\n".join(lines)
