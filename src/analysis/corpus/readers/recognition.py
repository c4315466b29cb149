"""Open exports and recognise their tables; name what is passed over, and ask where unsure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, dropwhile
from pathlib import PurePath

import polars as pl

from analysis.corpus.readers import (
    complaints,
    networks,
    table,
)
from analysis.corpus.readers import table as generic
from analysis.corpus.readers.cells import join_times
from analysis.corpus.readers.column_names import (
    ColumnChoice,
    apply_choice,
    check_choice,
    looks_like_header,
    match_columns,
)
from analysis.corpus.readers.containers.delimited import DelimitedTable
from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.containers.keyed import KeyedTable
from analysis.corpus.readers.containers.opened import ONE_TABLE
from analysis.corpus.readers.containers.tables import (
    NO_DELIMITER,
    RawTable,
    list_database,
    list_tables,
)
from analysis.corpus.readers.plan import CANONICAL, Head, Plan
from analysis.corpus.readers.table import (
    drop_times_without_days,
    find_time,
    plain_name,
    recognise_undated,
    without_time,
)
from analysis.corpus.readers.table_reader import TableReader
from analysis.corpus.readers.values.numbers import find_scale, is_missing
from analysis.corpus.readers.values.times import UNTOLD, find_order, find_year, parse_time
from analysis.errors import CaodianError
from analysis.storage.write import restore_cells

# Tables of persons, which are recognised in order not to be read.

_SIGNS = (
    {"用户id", "昵称", "粉丝数", "关注数"},
    {"id", "nick_name", "follower_count"},
    {"user_id", "nickname", "fans"},
    {"user_id", "fans", "follows"},
    {"id", "nick_name", "gender", "location"},
    {"up_id", "fan_id"},
)
_TABLES = frozenset(
    (
        "user",
        "users",
        "bins",
        "bilibili_up_info",
        "bilibili_contact_info",
        "weibo_creator",
        "xhs_creator",
        "dy_creator",
        "tieba_creator",
        "zhihu_creator",
        "crawling_tasks",
        "daily_topics",
        "topic_news_relation",
    )
)


def _is_profile(head: Head) -> bool:
    """Tell whether a table holds persons or bookkeeping instead of posts."""
    return head.table in _TABLES or any(sign <= set(head.header) for sign in _SIGNS)


# Posts that Caodian wrote itself: the output of `ingest` or `simulate`.

_OWN = "caodian"
_KEYS = ("source", "kind", "post_id", "text", "published_at", "channel")
_COMPUTED = (
    "source_format",
    "source_file",
    "row_number",
    "repeat_of",
    "is_in_window",
    "via_repost",
)


def _recognise_own(head: Head) -> Plan | None:
    """Return the plan of canonical posts, whose columns are what they are called."""
    if not head.has(*_KEYS):
        return None
    names = [name for name in CANONICAL if name in head.header and name not in _COMPUTED]
    return Plan(
        source=_OWN,
        source_format="canonical posts",
        era=f"{len(head.header)} columns",
        header=head.header,
        columns={name: (name,) for name in names},
        # What is written for people has its formulas neutralised.
        prepare=restore_cells if head.container in ("csv", "xlsx") else None,
    )


# The list of collectors, in the order in which they are asked; the first plan counts.

_Recogniser = Callable[[Head], Plan | None]

_COLLECTORS: tuple[_Recogniser, ...] = (
    _recognise_own,
    networks.recognise_search,
    networks.recognise_crawler,
    networks.recognise_records,
    networks.recognise_mediacrawler,
    networks.recognise_spider,
    complaints.recognise_heimao,
    complaints.recognise_office,
    complaints.recognise_reviews,
)


def _recognise(
    heads: Iterable[tuple[int, Head]], choice: ColumnChoice, *, may_lack_days: bool = False
) -> tuple[int, Head, Plan] | None:
    """Return the header's place and the plan of the first collector that knows the table."""
    listed = list(heads)
    for recognisers in (_COLLECTORS, (table.recognise,)):
        for place, head in listed:
            for recogniser in recognisers:
                plan = recogniser(head)
                if plan is not None:
                    return place, head, _finish(plan, head, choice, _titles(listed, place))
    return _by_choice(listed, choice) or (_undated(listed, choice) if may_lack_days else None)


def _undated(listed: list[tuple[int, Head]], choice: ColumnChoice) -> tuple[int, Head, Plan] | None:
    most = 0
    for place, head in listed:
        # A row that knows less than one above it is a record of that table, whose cells are names.
        most, before = max(most, known := len(match_columns(head.header))), most
        if _is_among_lines(place, head) or known < before:
            continue
        plan = recognise_undated(head, choice)
        if plan is not None:
            return place, head, _finish(plan, head, choice, _titles(listed, place))
    return None


def _titles(listed: list[tuple[int, Head]], place: int) -> list[str]:
    """Return what stands in rows above a header, the nearest first."""
    return [cell for above, head in reversed(listed) if above < place for cell in head.header]


def _is_among_lines(place: int, head: Head) -> bool:
    """Tell whether a cell without others may be a post, below others, that only says 反馈."""
    if len(head.header) > 1 or head.container not in _GRIDS:
        return False
    return place > (0 if _holds_lines(head.path) else _TITLE_ROWS)


def _by_choice(
    listed: list[tuple[int, Head]], choice: ColumnChoice
) -> tuple[int, Head, Plan] | None:
    for place, head in listed:
        if choice.names() and choice.names() <= set(head.header):
            guesses = {
                name: (names[0],)
                for name, names in table.guess_columns(head).items()
                if len(names) == 1
            }
            plan = Plan(
                source="table",
                source_format="table",
                era="columns by name",
                header=head.header,
                columns=guesses,
                local_ids=True,
                guessed=frozenset(guesses),
            )
            chosen = apply_choice(plan, choice)
            if choice.is_complete(chosen):
                return place, head, _finish(plan, head, choice, _titles(listed, place))
    return None


BY_TEXTS = "place told by the texts"


def _finish(plan: Plan, head: Head, choice: ColumnChoice, titles: Sequence[str] = ()) -> Plan:
    check_choice(head, choice)
    if plan.source != "table" and "published_at" not in plan.columns:
        plan = find_time(plan, head, choice)
    chosen = _name_year(apply_choice(plan, choice), head, titles)
    chosen = drop_times_without_days(chosen, head, choice)
    _require_readable(head, chosen.columns.get("text", ()))
    if chosen.source == "table":
        kind, channel = table.guess_kind(head, chosen.columns)
        by_texts = channel != "other" and table.named_kind(head, chosen.columns) is None
        era = f"{chosen.era}; {BY_TEXTS}" if by_texts else chosen.era
        chosen = replace(chosen, kind=kind, channel=channel, era=era)
    names = [name for name in chosen.columns.get("published_at", ()) if name in head.header]
    cells = [cell for name in names[:1] for cell in head.column(name) if cell.strip()]
    order = chosen.time_order or find_order(cells)
    rated = [name for name in chosen.columns.get("rating", ()) if name in head.header]
    scale = find_scale(chain.from_iterable(map(head.column, rated)))
    chosen = replace(
        chosen,
        has_whole_days=_has_whole_days(cells),
        time_order=order,
        rating_scale=chosen.rating_scale if chosen.source == _OWN else scale,
    )
    return chosen if choice.time else join_times(chosen, head)


def _name_year(plan: Plan, head: Head, titles: Sequence[str]) -> Plan:
    """Return the plan with the year of dates that lack theirs, where a name tells it."""
    names = [name for name in plan.columns.get("published_at", ()) if name in head.header]
    if len(names) != 1:
        return plan
    cells = [cell for cell in head.without_shifted().column(names[0]) if not is_missing(cell)]
    return replace(plan, year=find_year(cells, (*titles, head.table or "", head.path.stem)))


def _require_rows(head: Head) -> None:
    """Raise where the names of a table stand below each other in its first column."""
    first = [head.header[0], *(row[0] for row in head.rows if row)]
    # One post below the other, or beside: 内容,慢 and 时间,2020-06-01 in lines of their own.
    names = sorted(set(first))
    recurs = len(names) * 2 <= len(first) and all(match_columns([name]) for name in names[:_NAMES])
    is_single = len(head.header) == 2 and not match_columns(head.header[1:])
    is_single = is_single and len(names) > 1 and all(match_columns([name]) for name in names)
    if (len(head.header) > len(first) or recurs or is_single) and looks_like_header(names):
        raise CaodianError(
            "a post must stand in a row",
            value=f"a table of {len(head.header)} columns with the names in the first",
            where=str(head.path),
            remedy="Turn it (in Excel: paste special, transpose) and save it again.",
        )


def _require_readable(head: Head, names: Sequence[str]) -> None:
    """Raise where the texts of the sample lost their encoding before they were saved."""
    columns = [head.column(name) for name in names if name in head.header]
    cells = [cell for cells in columns for cell in cells if cell.strip()]
    lost = sum(map(_is_lost, cells))
    if len(cells) >= _FEWEST_READ and lost > len(cells) / 2:
        raise CaodianError(
            "texts must be readable",
            value=f"{lost} of {len(cells)} are question marks or were read in a wrong encoding",
            where=str(head.path),
            remedy="The program that saved the file lost them: export the posts again as UTF-8.",
        )


def _is_lost(cell: str) -> bool:
    """Tell whether a text is what UTF-8 becomes under another encoding, or marks for no sign."""
    marks = cell.count("?") + cell.count("\ufffd")
    if marks > 1 and not any(sign.isalnum() for sign in cell):
        return marks > len(cell) / 2
    for codec in _WRONG_CODECS if len(cell) >= _LONG_ENOUGH and not cell.isascii() else ():
        meant = cell.encode(codec, "ignore").decode("utf-8", "ignore")
        han = sum("\u4e00" <= sign <= "\u9fff" for sign in meant)
        if han >= max(_FEWEST_HAN, len(cell) / _BYTES_A_HAN):
            return True
    return False


_NAMES = 40  # of columns, in the first cells of rows
_FEWEST_READ = 3
_LONG_ENOUGH = 6  # signs: a shorter text may be another by chance
_FEWEST_HAN = 2
_BYTES_A_HAN = 6  # three, and half of them lost
_WRONG_CODECS = ("latin-1", "cp1252", "gb18030")


def _has_whole_days(cells: list[str]) -> bool:
    """Midnight in every sampled row means that only days were exported."""
    known = 0
    for moment, _ in map(parse_time, cells):
        if moment is None:
            continue
        if moment.hour or moment.minute or moment.second:
            return False
        known += 1
    return known >= 3


_SPLIT_CLOCK = re.compile(r".{6,14}\d:\d\d:\d\d,\d{3,6}[^\d,]")
_HEADS_ASKED = 10
_MEMBERS_TOLD = 5
_GRIDS = ("csv", "xlsx")
_USUAL_SHARE = 0.6
_TITLE_ROWS = 1  # above the heading of a table's only column
_FEWEST_COLUMNS = 3  # of a table that has titles above it
_NO_HEADER = -1  # the place of a header above the first filled row: there is none


def open_readers(
    sources: Sequence[Export | str], choice: ColumnChoice, secret: bytes
) -> tuple[list[TableReader], list[Unread]]:
    """Recognise every table of the exports."""
    readers, passed = _read_all(sources, choice, secret, may_lack_days=False)
    if not readers:
        # Nothing in the folder has days: then what has none is what the user wants read.
        readers, passed = _read_all(sources, choice, secret, may_lack_days=True)
    if not readers:
        # Nor does any name tell a text: then cells do, as they do in a file that is named itself.
        readers, passed = _read_all(sources, choice, secret, may_lack_days=True, by_cells=True)
    if not readers:
        raise CaodianError(
            "one file at least must hold posts",
            value="; ".join(map(str, passed))[:500],
            remedy="Name a file itself to be asked about its columns.",
        )
    return readers, passed


def _read_all(
    sources: Sequence[Export | str],
    choice: ColumnChoice,
    secret: bytes,
    *,
    may_lack_days: bool,
    by_cells: bool = False,
) -> tuple[list[TableReader], list[Unread]]:
    """Recognise the tables of all sources; a file that was named itself may always lack days."""
    readers: list[TableReader] = []
    passed: list[Unread] = []
    known: set[PurePath] = set()
    unsure: list[tuple[Export, list[RawTable]]] = []
    for source in sources:
        is_found = isinstance(source, Export) and source.is_found
        found, unknown = _divide(source, choice, secret, may_lack_days=may_lack_days)
        if not found and not is_found:
            found, unknown = _divide(source, choice, secret, may_lack_days=True)
        archive = source.archive if isinstance(source, Export) else None
        if archive and not found and not is_found:
            unsure.append((source, unknown))  # type: ignore[arg-type]
            continue
        if not found and (by_cells or not is_found) and len(unknown) == 1:
            found = _read_by_cells(unknown[0], choice, secret)
            unknown = [] if found else unknown
        for reader in found:
            reader.may_be_empty = is_found or len(found) > 1 or archive is not None
        if archive and found:
            known.add(archive)
        readers += found
        passed += [_pass_over(raw) for raw in unknown]
        if isinstance(source, Export):
            passed += _tell_others(source)
        if not found and not is_found:
            raise _question(unknown, choice, source)
    for source, unknown in unsure:
        # A note among the tables of an archive is named; an archive without any is asked about.
        if source.archive in known:
            passed += map(_pass_over, unknown)
        else:
            found = _read_by_cells(unknown[0], choice, secret) if len(unknown) == 1 else []
            if not found:
                raise _question(unknown, choice, source)
            readers += found
        passed += _tell_others(source)
    return readers, passed


def _divide(
    source: Export | str, choice: ColumnChoice, secret: bytes, *, may_lack_days: bool
) -> tuple[list[TableReader], list[RawTable]]:
    """Return the tables that are known and those that are not."""
    found: list[TableReader] = []
    unknown: list[RawTable] = []
    listed = list_tables(source) if isinstance(source, Export) else list_database(source)
    broken: CaodianError | None = None
    for ways in listed:
        if _is_view(ways[0]) and not all(_is_view(reader.raw) for reader in found):
            unknown.append(ways[0])
            continue
        try:
            reader = _first_known(ways, choice, secret, may_lack_days=may_lack_days)
        except CaodianError as error:
            if error.rule not in ONE_TABLE:
                raise
            broken = broken or error
            unknown.append(ways[0])
            continue
        if reader is None:
            unknown.append(max(ways, key=_fit))
            continue
        for part in _divide_table(reader):
            known: TableReader | None = reader
            if part is not reader.raw:
                known = _first_known([part], choice, secret, may_lack_days=may_lack_days)
            if known is None:
                unknown.append(part)
            else:
                found.append(known)
    if broken and not found:
        raise broken
    return found, unknown


def _is_view(raw: RawTable) -> bool:
    """Tell whether a table may say again what another says: views are read where none has posts."""
    return isinstance(raw, KeyedTable) and raw.is_view


def _divide_table(reader: TableReader) -> list[RawTable]:
    """Return the tables that stand one below the other in one text file."""
    raw = reader.raw
    if isinstance(raw, DelimitedTable):
        return list(raw.divide(reader.place, reader.head.header))
    return [raw]


def _fit(raw: RawTable) -> tuple[bool, bool, bool, int]:
    """Prefer the way in which all rows have one number of cells, then the one in which most do.

    Then lines that nothing divides, since commas stand in texts, too; then the one with most.
    """
    _, head = next(raw.heads(), (0, None))
    if head is None:
        return False, False, False, 0
    lines = (head.header, *head.rows)
    if all(map(_splits_clock, lines)):
        return False, False, False, 0
    width = len(head.header)
    widths = Counter([width, *map(len, head.rows)])
    ((usual, rows),) = widths.most_common(1)
    is_even = len(widths) == 1
    is_usual = usual > 1 and rows >= _USUAL_SHARE * widths.total() and not _holds_lines(raw.path)
    return width > 1 and is_even, is_usual, is_even, width


def _splits_clock(row: Sequence[str]) -> bool:
    """Tell whether a comma stands before the fraction of a second, with a text behind it."""
    return len(row) > 1 and _SPLIT_CLOCK.match(",".join(row[:2])) is not None


def _holds_lines(path: PurePath) -> bool:
    return path.suffix.lower() == ".txt"


def _first_known(
    ways: Sequence[RawTable], choice: ColumnChoice, secret: bytes, *, may_lack_days: bool
) -> TableReader | None:
    columns: list[TableReader] = []
    for raw in ways:
        heads = list(raw.heads())
        if any(_is_profile(head) for _, head in heads[:1]):
            return None
        for _, head in heads[:1]:
            _require_rows(head)
        known = _recognise(heads, choice, may_lack_days=may_lack_days)
        if known is not None:
            place, head, plan = known
            plan = _order_by_column(raw, place, head, plan, choice)
            reader = TableReader(raw, place, head, plan, secret)
            if len(head.header) > 1 or len(ways) == 1:
                return reader
            columns.append(reader)
    return min(columns, key=_cuts_texts) if columns else None


def _order_by_column(
    raw: RawTable, place: int, head: Head, plan: Plan, choice: ColumnChoice
) -> Plan:
    """Ask the whole column for the order of its dates where the sample cannot tell each alone."""
    code, _, told = plan.no_days.partition("(")
    if code == "two_orders":
        names = [name for name in head.header if plain_name(name) == told.removesuffix(")")]
    else:
        names = [name for name in plan.columns.get("published_at", ()) if name in head.header]
    cells = [cell for name in names[:1] for cell in head.column(name) if cell.strip()]
    untold = sum(parse_time(cell)[1] == UNTOLD for cell in cells)
    if untold * 2 <= len(cells) or plan.source != "table":
        return plan
    name = names[0]
    asked = replace(plan, columns={"published_at": (name,)}, prepare=None, prepare_reads=None)
    dates: set[str] = set()
    for batch in raw.batches(place, asked):
        column = batch[name].cast(pl.String).alias("cell")
        dates.update(column.str.extract(_DATE_OF_THREE, 1).drop_nulls().unique().to_list())
    order = find_order(dates)
    if order is None:
        return plan if choice.time else without_time(plan, f"two_orders({plain_name(name)})")
    columns = {**plan.columns, "published_at": (name,)}
    found = replace(plan, columns=columns, no_days="", time_order=order)
    return found if choice.time else join_times(found, head)


_DATE_OF_THREE = r"(?:^|[^\d/.-])(\d{1,2}[/.-]\s?\d{1,2}[/.-]\s?(?:\d{4}|\d{1,2}))(?:[^\d/.-]|$)"


def _cuts_texts(column: TableReader) -> tuple[int, bool]:
    """Count the rows of a table of one column that a delimiter divides; the last stands in none."""
    wide = sum(len(row) > 1 for row in column.head.rows)
    return wide, getattr(column.raw, "delimiter", None) != NO_DELIMITER


def _read_by_cells(raw: RawTable, choice: ColumnChoice, secret: bytes) -> list[TableReader]:
    """Return the only table of a file whose columns no name tells, where their cells do."""
    place, head = next(raw.heads(), (0, None))
    if head is None or _is_profile(head):
        return []
    known = head
    if raw.container in _GRIDS:
        below, names = next(_below_titles(raw.heads()), (place, head))
        if table.without_header(names) is None:
            place, head = below, names
        bare = table.without_header(head)
        place, known = (place, head) if bare is None else (_NO_HEADER, bare)
    plan = table.recognise_by_cells(known, choice)
    if plan is None:
        return []
    return [TableReader(raw, place, known, _finish(plan, known, choice), secret)]


def _below_titles(heads: Iterator[tuple[int, Head]]) -> Iterator[tuple[int, Head]]:
    """Leave out the first rows in which one cell alone is filled, of a table of several columns."""
    return dropwhile(lambda found: _is_title(found[1]), heads)


def _is_title(head: Head) -> bool:
    width = max([len(head.header), *map(len, head.rows)])
    named = [name for name in head.header if not name.startswith("Unnamed: ")]
    return width >= _FEWEST_COLUMNS and len(named) <= 1


@dataclass(frozen=True)
class Unread:
    """What stands in the exports and is not read, or is more than who collected it may think."""

    file: str
    reason: str
    number: int
    names: str = ""

    @property
    def is_told(self) -> bool:
        """Whether the reader of the table tells it itself, with what it read."""
        return self.reason in ("undated", "year_named") or self.reason.endswith("_first")

    def __str__(self) -> str:
        """Say it in a sentence, for who runs the command."""
        if self.reason in ("members", "others"):
            one = self.number == 1
            what = "1 file of another kind is" if one else f"{self.number} files of other kinds are"
            return f"{self.file}: {what} not read ({self.names})"
        if self.reason == "above":
            what = "row above the header is" if self.number == 1 else "rows above the header are"
            return f"{self.file}: {self.number} {what} not read"
        if self.reason == "undated":
            return f"{self.file}: {self.number} records without a day of publication are not read"
        if self.reason == "replies":
            stood = "stood in lists within posts; each counts as a post"
            return f"{self.file}: {self.number} of the records, replies or comments, {stood}"
        if self.is_told:
            order, is_order = self.reason.removesuffix("_first"), self.reason.endswith("_first")
            told = f"are read with the {order} first" if is_order else "take the year of a name"
            return f"{self.file}: dates {told}"
        table = f" [{self.names}]" if self.names else ""
        return f"{self.file}{table}: not read ({_WHY[self.reason]})"


_WHY = {
    "profiles": "persons or bookkeeping, not posts",
    "unknown": "no posts known",
    "views": "a view, where tables hold posts",
    "broken": "the database cannot read it",
}


def _pass_over(raw: RawTable) -> Unread:
    if _is_view(raw):
        return Unread(raw.path.name, "views", 1, raw.table or "")
    try:
        heads = [head for _, head in raw.heads()][:1]
    except CaodianError as error:
        if error.rule not in ONE_TABLE:
            raise
        return Unread(raw.path.name, "broken", 1, raw.table or "")
    reason = "profiles" if heads and _is_profile(heads[0]) else "unknown"
    return Unread(raw.path.name, reason, 1, raw.table or "")


def _tell_others(source: Export) -> Iterator[Unread]:
    """Name what stands beside an export, in its archive and in its folder, and is not read."""
    if source.left:
        archive = source.archive or source.path.parent
        yield Unread(archive.name, "members", len(source.left), _shorten(source.left))
    if source.beside:
        folder, names = source.beside
        yield Unread(folder, "others", len(names), _shorten(names))


def _shorten(names: Sequence[str]) -> str:
    return ", ".join(names[:_MEMBERS_TOLD]) + (" …" if names[_MEMBERS_TOLD:] else "")


def _question(unknown: list[RawTable], choice: ColumnChoice, source: Export | str) -> CaodianError:
    where = str(source.path) if isinstance(source, Export) else source.split("@")[-1]
    heads = [head for raw in unknown for _, head in raw.heads()]
    if not heads:
        is_json = any(raw.container in ("json", "jsonl") for raw in unknown)
        return CaodianError(
            "an export must hold a table",
            value=where,
            where="no object of JSON can be read" if is_json else None,
            remedy="Look into the file: names and texts of JSON stand in double quotes."
            if is_json
            else "Look into the file.",
        )
    if _is_profile(heads[0]):
        return CaodianError(
            "an export must hold posts",
            value=f"{where} holds persons or bookkeeping",
            remedy="Profiles are not read; name the file of posts beside it.",
        )
    likeliest = max(heads[:_HEADS_ASKED], key=lambda head: _likelihood(head, choice))
    if choice.names():
        check_choice(likeliest, choice)
    return generic.missing_columns(likeliest)


def _likelihood(head: Head, choice: ColumnChoice) -> tuple[int, int, int]:
    """Prefer the row with most of the user's columns, then most known ones, then the longest."""
    named = len(choice.names() & set(head.header))
    return named, len(generic.guess_columns(head)), len(head.header)
