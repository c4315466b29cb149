"""One table being read by its plan: the posts it yields and the account of its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import polars as pl

from analysis.corpus.readers.cells import BY_CELLS, open_cells
from analysis.corpus.readers.containers.keyed import KeyedTable
from analysis.corpus.readers.containers.tables import RawTable
from analysis.corpus.readers.convert import Converted, convert
from analysis.corpus.readers.plan import CANONICAL, REJECTS, ROW_NUMBER, Head, Plan, explain_no_days
from analysis.corpus.readers.repeats import Survey, hash_keys, join_surveys, read_keys, survey_posts
from analysis.corpus.readers.values.columns import are_rounded
from analysis.corpus.readers.values.numbers import is_grade, is_missing, parse_rating
from analysis.corpus.readers.values.times import find_short_date, parse_time
from analysis.errors import CaodianError
from analysis.progress import prefetch

_SAID_COLUMNS = (
    *("source", "kind", "post_id", "parent_id", "title", "text"),
    *("published_at", "published_precision"),
)

_NO_TIME_REMEDY = (
    "Name the right column (--time-column …), say --time-column none for a report without days, "
    "or mend the file."
)
_NO_TIME = "no time of publication"
_UNREAD_TIME = "published_at"  # begins the reason of a record whose time cannot be read
_MANY = 0.05
_STARS = 5
_FEW_ROWS = 300  # of a table that is held between the survey and the reading
_NO_VALUE_REMEDY = "Name the right column (--rating-column …) or mend the file."


class TableReader:
    """A table with its plan.

    Parameters
    ----------
    place
        Where its header stands among the filled rows.
    head
        Header and sample.
    """

    def __init__(self, raw: RawTable, place: int, head: Head, plan: Plan, secret: bytes) -> None:
        self.raw = raw
        self.place = place
        self.head = head
        # An id may be taken from another column, such as a link: then it has none of its own here.
        named = [name for name in plan.columns.get("post_id", ()) if name in head.header]
        ids = [cell for name in named for cell in head.column(name)]
        self.has_rounded_ids = are_rounded(pl.Series(ids, dtype=pl.String))
        # An id that several posts have is told from one that names a post by what they say.
        self.plan = replace(plan, local_ids=True) if self.has_rounded_ids else plan
        self.secret = secret
        self.label = raw.path.name  # what the file is called in tables and notes
        self.repeats = self.overlaps = 0
        self.seen = 0
        self.may_be_empty = False
        self.ahead = 2
        self._held: Converted | None = None
        self._reset()

    def _reset(self) -> None:
        self.kept = self.rejected = self.records_read = self._texts = self.cut = 0
        self._authors = 0
        self._rejects: list[pl.DataFrame] = []
        self._tried: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def read(
        self, limit: int | None = None, only: pl.Series | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield canonical posts batch by batch, in order, counting as they pass."""
        if only is not None:
            yield from self._read_only(limit, only)
            return
        self._reset()
        held, self._held = self._held, None
        found = prefetch(self._convert, self._cells(limit), ahead=self.ahead)
        for converted in found if held is None else [held]:
            self._count(converted)
            yield converted.posts.select(*CANONICAL, "has_own_id")
        self._check()

    def survey(self, limit: int | None = None) -> Survey:
        """Return the hashes of all keys, before any post is handed out.

        Only the ids are read where they name posts, else what the posts say and when; rejected
        rows may be among them, which only makes the candidates for repeats more.
        """
        if len(self.head.rows) < _FEW_ROWS:
            first = list(islice(self._cells(limit), 2))
            if len(first) == 1 and first[0].height <= _FEW_ROWS:  # read once, for both passes
                self._held = self._convert(first[0], needs_keys=True)
                return survey_posts([self._held.posts])
        quick = None if self._needs_contents() else self._survey_ids(limit)
        if quick is not None:
            return quick
        asked = prefetch(self._convert_said, self._cells(limit), ahead=self.ahead)
        return survey_posts(converted.posts for converted in asked)

    def _needs_contents(self) -> bool:
        """Tell whether ids alone do not say which rows are one post."""
        is_slow = self.plan.prepare is not None and self.plan.prepare_reads is None
        return is_slow or self.plan.local_ids or "post_id" not in self.plan.columns

    def _survey_ids(self, limit: int | None) -> Survey | None:
        """Return None when rows lack an id."""
        plan = self.plan.narrow("source", "post_id", "parent_id", "kind")
        cells = self._cells(limit, plan)
        surveys: list[Survey] = []
        asked = prefetch(lambda batch: self._survey_batch(batch, plan), cells, ahead=self.ahead)
        for survey in asked:
            if survey is None:
                return None
            surveys.append(survey)
        return join_surveys(surveys)

    def _survey_batch(self, batch: pl.DataFrame, plan: Plan) -> Survey | None:
        keys = self._keys_of(batch, plan)
        return None if keys["post_id"].null_count() else survey_posts([keys])

    def _read_only(self, limit: int | None, only: pl.Series) -> Iterator[pl.DataFrame]:
        wanted = only.implode()
        is_wanted = hash_keys().is_in(wanted)
        for batch in self._cells(limit):
            if self._needs_contents():
                said = self._convert_said(batch).posts
                asked = (is_wanted & pl.col("has_own_id")) | pl.col("said_key").is_in(wanted)
                numbers = said.filter(asked)["row_number"]
                cells = batch.filter(pl.col(ROW_NUMBER).is_in(numbers.implode()))
            else:
                keys = self._keys_of(batch, self.plan)
                named = is_wanted | pl.col("post_id").is_null()
                cells = batch.filter(keys.select(named).to_series())
            if cells.height:
                posts = self._convert(cells, needs_keys=True).posts
                yield posts.filter(is_wanted | pl.col("said_key").is_in(wanted))

    def _keys_of(self, batch: pl.DataFrame, plan: Plan) -> pl.DataFrame:
        return read_keys(open_cells(batch, plan, is_stripped=self.raw.is_stripped))

    def _cells(self, limit: int | None, plan: Plan | None = None) -> Iterator[pl.DataFrame]:
        self.seen = 0
        for batch in self.raw.batches(self.place, plan or self.plan):
            cells = batch if limit is None else batch.head(limit - self.seen)
            self.seen += cells.height
            if cells.height:
                yield cells
            if limit is not None and self.seen >= limit:
                break

    def _convert(self, cells: pl.DataFrame, *, needs_keys: bool = False) -> Converted:
        return convert(
            cells,
            self.plan,
            file=self.label,
            secret=self.secret,
            is_stripped=self.raw.is_stripped,
            needs_keys=needs_keys,
        )

    def _convert_said(self, cells: pl.DataFrame) -> Converted:
        """Convert only what tells whether rows are one post."""
        return convert(
            cells,
            self.plan.narrow(*_SAID_COLUMNS),
            file=self.label,
            secret=self.secret,
            is_stripped=self.raw.is_stripped,
            needs_ids=False,
            needs_keys=True,
        )

    def _count(self, converted: Converted) -> None:
        self.kept += converted.posts.height
        self.rejected += converted.rejects.height
        self.records_read = self.kept + self.rejected
        self.cut += converted.cut
        self._texts += converted.posts["text"].count()
        self._authors += converted.posts["author_key"].count()
        self._rejects.append(converted.rejects)
        self._tried.update(converted.tried)
        self._failed.update(converted.failed)

    def _check(self) -> None:
        """Raise when a column parses nowhere, or nothing at all is left."""
        for canonical, tried in self._tried.items():
            if canonical not in self.plan.guessed and tried and self._failed[canonical] == tried:
                names = ", ".join(self.plan.columns[canonical])
                raise CaodianError(
                    f"a column read as {canonical} must hold values that can be read as such",
                    value=self._first_reason(canonical),
                    where=f"{self.raw.path}, column {names}",
                    remedy=_NO_TIME_REMEDY if canonical == "published_at" else _NO_VALUE_REMEDY,
                )
        if not self.records_read and self.may_be_empty:
            return
        if not self.kept or not self._texts:
            raise CaodianError(
                "an export must hold at least one post with text",
                value=self._first_reason(""),
                where=f"{self.raw.path}, {self.records_read} records read",
                remedy="Name its columns with `--text-column` and `--time-column`."
                if self.records_read
                else "There is nothing below its header; export the posts again.",
            )

    def _first_reason(self, start: str) -> str | None:
        for part in self._rejects:
            reasons = part.filter(pl.col("reason").str.starts_with(start))["reason"]
            if len(reasons):
                return str(reasons[0])
        return None

    def rejects(self) -> pl.DataFrame:
        """Return the rejected records of this table."""
        name = pl.lit(self.label).alias("source_file")
        parts = [part.select(name, "row_number", "reason") for part in self._rejects]
        return pl.concat(parts) if parts else pl.DataFrame(schema=REJECTS)

    def account(self) -> tuple[str, str, str, int, int, int, int, int, int]:
        """Return this table's row of the reconciliation."""
        counts = (
            *(self.records_read, self.kept, self.rejected),
            *(self.repeats, self.overlaps, self.raw.blank),
        )
        return (self.label, self.plan.source_format, self.plan.era, *counts)

    @property
    def undated(self) -> int:
        """How many records were rejected for their time, 0 where they are few."""
        reasons = (reason for part in self._rejects for reason in part["reason"])
        number = sum(reason.startswith((_UNREAD_TIME, _NO_TIME)) for reason in reasons)
        return number if number >= _MANY * max(self.records_read, 1) else 0

    @property
    def replies(self) -> int:
        """How many records stood in lists within others."""
        return self.raw.replies if isinstance(self.raw, KeyedTable) else 0

    @property
    def no_days(self) -> str:
        """Why the posts of this table have no days, as a code; empty where they have."""
        return self.plan.no_days

    def notes(self) -> list[str]:
        """Return what was mended, in sentences."""
        cut = [f"{self.cut} texts were cut by the site and end in …"] if self.cut else []
        rounded = [
            "ids have lost their last digits, as spreadsheets do to long numbers: posts of one id "
            "are told apart by what they say"
        ]
        undated = [explain_no_days([self.no_days], "en")] if self.no_days else []
        by_cells = self.plan.repairs if self.plan.source_format == BY_CELLS else ()
        told = (
            *cut,
            *self._tell_order(),
            *self._tell_year(),
            *self._tell_grades(),
            *self._tell_scale(),
            *self._tell_no_authors(),
            *self._tell_rejected(),
            *self._tell_unread_cells(),
            *(rounded if self.has_rounded_ids else ()),
            *by_cells,
            *undated,
            *self.raw.notes(),
        )
        return [f"{self.label}: {note}" for note in told]

    @property
    def order(self) -> str:
        """In which order dates are read that it alone tells, `month_first` …; else empty."""
        return "" if self._dated() is None else str(self.plan.time_order).removeprefix("bare_")

    def _dated(self) -> tuple[str, str] | None:
        """Return a date that only the order of its column tells, as it stands and as it is read."""
        order = self.plan.time_order
        is_told = order is not None and self.plan.source == "table"
        for name in self.plan.columns.get("published_at", ())[:1] if is_told else ():
            cells = self.head.column(name) if name in self.head.header else []
            for date in map(find_short_date, cells):
                day = None if date is None else parse_time(date, order=order)[0]
                if date is not None and day is not None:
                    return date, f"{day:%Y-%m-%d}"
        return None

    def _tell_order(self) -> Iterator[str]:
        if (dated := self._dated()) is not None:
            yield (
                f"dates such as {dated[0]} are read as {dated[1]}, the {self.order[:-6]} first, as "
                "the dates of the whole column show"
            )

    def _tell_year(self) -> Iterator[str]:
        if (year := self.plan.year) is not None:
            yield (
                f"dates without a year are read as of {year}, which a title, the sheet or the "
                "file names"
            )

    def _tell_grades(self) -> Iterator[str]:
        """Say how many stars the grades of a scale in words are taken for."""
        for name in self.plan.columns.get("rating", ()):
            cells = self.head.column(name) if name in self.head.header else []
            grades = sorted({cell.strip() for cell in cells if is_grade(cell)})
            if grades:
                stars = ", ".join(f"{grade} {parse_rating(grade)[0]:g}" for grade in grades)
                yield f"the grades of the column “{name[:40]}” are read as stars: {stars}"

    def _tell_scale(self) -> Iterator[str]:
        """Say that ratings are classes of stars, which their column alone tells."""
        if (scale := self.plan.rating_scale) != _STARS:
            names = ", ".join(self.plan.columns.get("rating", ()))[:40]
            yield f"the ratings of the column “{names}” are read as stars: {scale} are {_STARS}"

    def _tell_no_authors(self) -> Iterator[str]:
        """Say that names stand there and that none of them is anybody's."""
        for name in self.plan.columns.get("author", ()):
            cells = self.head.column(name) if name in self.head.header else []
            if self.kept and not self._authors and not all(map(is_missing, cells)):
                yield (
                    f"no name in the column “{name[:40]}” is anybody's (匿名, j***5): authors "
                    "cannot be counted"
                )

    def _tell_rejected(self) -> Iterator[str]:
        """Say why most of the rejected records are, where they are not few."""
        if self.rejected < _MANY * max(self.records_read, 1):
            return
        reasons = Counter(
            reason.partition(" in ")[0] for part in self._rejects for reason in part["reason"]
        )
        [(reason, number)] = reasons.most_common(1)
        again = f" ({number} of them)" if number < self.rejected else ""
        remedy = ""
        if _NO_TIME in reason:
            remedy = "; where one cell stands for several rows, fill it down or save it as XLSX"
        elif reason.startswith(_UNREAD_TIME):
            remedy = "; --time-column none counts all of them, in a report without days"
        told = f"{self.rejected} of {self.records_read} records are rejected: {reason}"
        yield f"{told}{again}{remedy}"

    def _tell_unread_cells(self) -> Iterator[str]:
        """Name the columns that their names were taken for something that many cells are not."""
        for canonical, tried in self._tried.items():
            failed = self._failed[canonical]
            if canonical in self.plan.guessed and failed and failed >= _MANY * tried:
                column = ", ".join(self.plan.columns[canonical])[:40]
                yield (
                    f"{failed} of {tried} cells of the column “{column}” cannot be read as "
                    f"{canonical} and are left empty"
                )

    def explain(self) -> str:
        """Return format, era, mapping and repairs in plain text."""
        none = "none" if self.plan.source_format == BY_CELLS else "keys of the records"
        place = none if self.place < 0 else f"filled row {self.place + 1}"
        lines = [
            f"{self.raw.path}" + (f" [{self.raw.table}]" if self.raw.table else ""),
            f"  format: {self.plan.source_format} ({self.plan.source}); era: {self.plan.era}",
            f"  header: {place}, {len(self.head.header)} columns",
        ]
        for canonical, names in self.plan.columns.items():
            how = " (by the dictionary of column names)" if canonical in self.plan.guessed else ""
            lines.append(f"  {canonical} <- {', '.join(names)}{how}")
        if "channel" not in self.plan.columns:
            lines.append(f"  channel: {self.plan.channel}")
        if self.no_days:
            lines.append(f"  {explain_no_days([self.no_days], 'en')}")
        used = {name for names in self.plan.columns.values() for name in names}
        used.update(self.plan.prepare_reads or ())
        left = [name for name in self.head.header if name not in used]
        lines.append(f"  not read: {', '.join(left) or 'nothing'}")
        lines += [f"  repaired: {repair}" for repair in (*self.plan.repairs, *self.raw.notes())]
        return "\n".join(lines)
