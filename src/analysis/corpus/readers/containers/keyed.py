"""Tables whose records carry their own keys: JSON, chats, and rows of a database behind a URL.

A database behind a URL is read in this process, by its own driver through SQLAlchemy: what it sends
comes from a server that the user has named. Its password is in no sentence and no name of a table
(`hide_password`). The file of a SQLite URL goes where SQLite files go (`sqlite_file`, `foreign`).
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice, pairwise, takewhile
from pathlib import Path, PurePath

import polars as pl

from analysis.corpus.readers.column_names import is_text_name, looks_like_header
from analysis.corpus.readers.containers.opened import as_values, no_database
from analysis.corpus.readers.plan import NOTE, ROW_NUMBER, Head, Plan
from analysis.corpus.readers.values.times import CLOCK

_PARTITION_ROWS = 50_000
_SAMPLE_RECORDS = 300
_KEYED_RECORDS = 20_000  # whose keys are columns: some come late
_MOST_LATE = 100
_MOST_HELD, _SHORT = 1 << 24, 1 << 16  # characters
_MOST_CELLS = 1 << 22  # of a sample


class Reply(dict[str, "str | None"]):
    """The values of a record that stood in a list within another."""


Record = tuple[dict[str, str | None] | None, str | None]
"""Values by key, or None and the reason why there are none."""


class KeyedTable:
    """Records with keys."""

    is_stripped = False

    def __init__(
        self,
        path: PurePath,
        container: str,
        table: str | None,
        open_records: Callable[[], Iterator[Record]],
        *,
        is_view: bool = False,
    ) -> None:
        self.path = path
        self.container = container
        self.table = table
        self.open_records = open_records
        self.is_view = is_view
        self.blank = 0
        self.replies = 0
        self._late: dict[str, int] = {}

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield the one possible header: the keys of the first records."""
        begun = (record for record, _ in islice(self.open_records(), _KEYED_RECORDS) if record)
        sample = list(_first_of(begun))
        seen = {key for record in sample for key in record}
        times: Counter[str] = Counter()
        first: dict[str, dict[str, str | None]] = {}
        for record in begun:
            unseen = record.keys() - seen
            is_short = bool(unseen) and _length(record) < _SHORT
            for key in unseen:
                times[key] += 1
                if key not in first:
                    first[key] = record if is_short else {key: record[key]}
        # A column that comes late shows one of its cells, too. Where names of things are keys there
        # are thousands, which are no columns.
        late = sorted(key for key, _ in times.most_common(_MOST_LATE))
        keys = tuple(dict.fromkeys([*(key for record in sample for key in record), *late]))
        sample = [*sample, *(first[key] for key in late)]
        rows = tuple(tuple(record.get(key) or "" for key in keys) for record in sample)
        if keys:
            yield -1, Head(self.path, self.container, self.table, keys, rows)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the records: `ROW_NUMBER`, `NOTE` and the plan's columns."""
        self.blank, self.replies, number = 0, 0, 1
        self._late = {}
        for part in _divide(self.open_records()):
            filled = [record for record in part if not _is_blank(record)]
            self.blank += len(part) - len(filled)
            self.replies += sum(isinstance(values, Reply) for values, _ in filled)
            if number > _KEYED_RECORDS:
                self._note_late_keys(filled, number, set(plan.header))
            if filled:
                yield _frame(filled, number, plan)
            number += len(filled)

    def _note_late_keys(self, records: list[Record], first: int, known: set[str]) -> None:
        for number, (values, _) in enumerate(records, first):
            if values is not None and not values.keys() <= known:
                for key in values.keys() - known:
                    self._late.setdefault(key, number)

    def notes(self) -> list[str]:
        """Return what was mended or left out while reading."""
        return [
            f"the column {key[:40]}, which begins at record {number}, is not read"
            for key, number in sorted(self._late.items())
        ]


def _first_of(records: Iterator[dict[str, str | None]]) -> Iterator[dict[str, str | None]]:
    """Yield as many of the first records as a sample has, fewer of very long or odd ones."""
    size = 0
    keys: set[str] = set()
    for number, record in enumerate(islice(records, _SAMPLE_RECORDS), 1):
        yield record
        size += _length(record)
        keys |= record.keys()
        # Where names of things are keys, each record brings columns that the others have empty.
        if size > _MOST_HELD or len(keys) * number > _MOST_CELLS:
            return


def _divide(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield as many records as a partition has, fewer of very long ones."""
    part: list[Record] = []
    size = 0
    for record in records:
        part.append(record)
        size += _length(record[0] or {})
        if len(part) == _PARTITION_ROWS or size > _MOST_HELD:
            yield part
            part, size = [], 0
    if part:
        yield part


def _length(values: dict[str, str | None]) -> int:
    return sum(map(len, filter(None, values.values())))


def _is_blank(record: Record) -> bool:
    values, reason = record
    return reason is None and not any((value or "").strip() for value in (values or {}).values())


def _frame(records: list[Record], first: int, plan: Plan) -> pl.DataFrame:
    columns = {
        name: pl.Series([(values or {}).get(name) for values, _ in records], dtype=pl.String)
        for name in plan.needed_columns()
    }
    return pl.DataFrame(
        {
            ROW_NUMBER: pl.Series(range(first, first + len(records)), dtype=pl.Int64),
            NOTE: pl.Series([reason for _, reason in records], dtype=pl.String),
            **columns,
        }
    )


# Chats as messengers copy and export them: above each message, or before it on its line, stands who
# wrote it, and when; or the clock alone, below a line with the day.

_DAY = (
    r"(?:\d{4}[-/.年] ?\d{1,2}[-/.月] ?\d{1,2}[日.]?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{1,2}))"
)
_WHO = r"(?P<who>\S.{0,39}?)"
# Runs of signs have an end, or a line of a million colons is gone through forty times.
_SIGNS = tuple(
    re.compile(sign)
    for sign in (
        rf"{_WHO}[\s,，(（:：\[]{{1,40}}(?P<when>{_DAY},?[ T]{{0,9}}{CLOCK})[)）\]]?[:：]?",
        rf"[\[(（]?(?P<when>{_DAY}[ T]{{0,9}}{CLOCK})[\])）]?[\s,，]{{1,40}}{_WHO}[:：]?",
        rf"{_WHO}\s{{1,40}}(?P<clock>{CLOCK})",
    )
)
# Before a message on its own line; what a messenger itself says has a time and no writer.
_SPEAKER = r"(?P<who>[^\s:：，,。!！?？][^:：，。!！?？\n\t]{0,29})"
_SPEECHES = tuple(
    re.compile(speech, re.DOTALL)
    for speech in (
        rf"\[(?P<when>{_DAY},?[ T]*{CLOCK})\] ?(?:{_SPEAKER}[:：] ?)?(?P<said>.*)",
        rf"(?P<when>{_DAY},?[ T]*{CLOCK})(?: [-–] |[ \t]+)(?:{_SPEAKER}[:：] ?)?(?P<said>.*)",
        rf"(?P<clock>{CLOCK})\t(?:{_SPEAKER}\t)?(?P<said>.*)",
    )
)
_DAY_LINE = re.compile(
    rf"[\s—–\-=─_*]*(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[,.]? ?)?(?P<day>{_DAY})"
    r"(?:\s*[(（]?(?:星期|周|週)?[一二三四五六日天月火水木金土][)）]?)?"
    rf"[\s—–\-=─_*]*"
)
# Parts of a post and levels of a log, which stand where the name of a writer would.
_LABEL = re.compile(
    "(?:初|首次|追|追加|用户|买家|商家|卖家|客服|官方)?(?:评|评价|评论|回复|留言|反馈)|内容|正文|标题|问题|投诉"
    "|诉求|原因|备注|(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL)"
)
_SAYS = re.compile("[。！？!?；;]")  # which a text has, and the name of a writer hardly
_NO_WORDS = re.compile(
    r"(?:<[^<>\n]{2,40}>|[^\s:：]{1,8} omitted|\[(?:图片|照片|语音|视频|文件|动画表情|表情"
    r"|链接|位置|名片|红包|转账|聊天记录|小程序|音乐|贴图|貼圖|檔案|相片|影片)[^\]\n]*\]\s*)+"
)
_LONGEST_MESSAGE = 4 << 20
_LINES_ASKED, _FEWEST_SIGNS, _MOST_ODD = 600, 3, 0.1
_WRITER, _TIME, _MESSAGE = "发言人", "时间", "内容"


class Chat(KeyedTable):
    """A text file of messages, each told by who wrote it and when, above it or before it."""

    def __init__(self, path: PurePath, lines: Callable[[], Iterator[str]], sign: Sign) -> None:
        super().__init__(path, "txt", None, lambda: _read_chat(lines(), sign))
        self.sign = sign
        self.above = sum(1 for _ in takewhile(lambda line: not sign.fullmatch(line), lines()))

    def notes(self) -> list[str]:
        """Say how the lines are read."""
        above = f"; {self.above} lines above the first are not read" if self.above else ""
        told = (
            "time and name stand before each message"
            if "said" in self.sign.groupindex
            else "a line with name and time stands above each message"
        )
        return [f"read as a chat: {told}{above}"]


Sign = re.Pattern[str]


def find_sign(lines: Iterable[str]) -> Sign | None:
    """Return the form in which lines tell who wrote a message and when; None for no chat."""
    asked = [_bare(line) for line in islice(lines, _LINES_ASKED)]
    filled = [line for line in asked if line]
    return _find_sign_above(filled) or _find_speech(filled)


def _bare(line: str) -> str:
    """Return a line without its ends and the marks of direction that messengers write."""
    return _DIRECTIONS.sub("", line).strip()


_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202c]")


def _find_sign_above(filled: Sequence[str]) -> Sign | None:
    for sign in _SIGNS:
        found = [(place, match) for place, line in enumerate(filled)
                 if (match := sign.fullmatch(line))]  # fmt: skip
        places = [place for place, _ in found]
        names = [match["who"] for _, match in found]
        odd = sum(after == before + 1 for before, after in pairwise(places))
        odd += sum(_SAYS.search(name) is not None for name in names)
        days = [place for place, line in enumerate(filled) if _DAY_LINE.fullmatch(line)]
        has_days = "when" in sign.groupindex or (days and places and days[0] < places[0])
        if (
            len(found) >= _FEWEST_SIGNS
            and odd <= _MOST_ODD * len(found)
            and len(set(names)) < len(names)
            and not all(map(_is_label, names))
            and has_days
        ):
            return sign
    return None


def _is_label(name: str) -> bool:
    """Tell whether what stands before a time is no writer but the name of the time."""
    return _names_time(name.strip("-* \t\"'【[]】"))


def _find_speech(filled: Sequence[str]) -> Sign | None:
    for speech in _SPEECHES:
        found = [match for line in filled if (match := speech.fullmatch(line))]
        names = [match["who"].strip() for match in found if match["who"]]
        has_days = "when" in speech.groupindex or any(map(_DAY_LINE.fullmatch, filled))
        if (
            len(names) >= _FEWEST_SIGNS
            and len(found) - len(names) <= _MOST_ODD * len(found)
            and 2 <= len(set(names)) <= len(names) / 2
            and not any(map(_LABEL.fullmatch, names))
            and has_days
        ):
            return speech
    return None


def _read_chat(lines: Iterable[str], sign: Sign) -> Iterator[Record]:
    """Yield the messages, each with what stands above it."""
    day, begun, said, size = "", None, list[str](), 0
    for line in lines:
        if "clock" in sign.groupindex and (told := _DAY_LINE.fullmatch(line)):
            day = told["day"]
        elif found := sign.fullmatch(_bare(line)):
            yield from _end_message(begun, said, size)
            when = found["when"] if "when" in sign.groupindex else f"{day} {found['clock']}"
            begun = {_WRITER: found["who"], _TIME: when}
            said = [found["said"]] if "said" in sign.groupindex else []
            size = sum(map(len, said))
        elif begun is not None:
            size += len(line)
            if size <= _LONGEST_MESSAGE:
                said.append(line)
    yield from _end_message(begun, said, size)


def _end_message(
    begun: dict[str, str | None] | None, said: list[str], size: int
) -> Iterator[Record]:
    if begun is None:
        return
    if size > _LONGEST_MESSAGE:
        yield None, f"a record of more than {_LONGEST_MESSAGE >> 20} MiB"
        return
    text = "\n".join(said).strip()
    yield {**begun, _MESSAGE: "" if _NO_WORDS.fullmatch(text) else text}, None


# Lines that each name what they hold (`内容：慢`, `- text: slow`), as YAML and forms write records.

_NAMED = re.compile(
    r"""\s*(?:[-*]\s+)?["'【]?(?P<name>[^\s:：=【】\[\]"',，。]{1,20})"""
    r"""(?:】\s*[:：=]?|["']?\s*[:：=](?=\s|[^/\s]))\s*(?P<said>.*)"""
)
_BORDER = re.compile(r"\s*(?:[-=*_#~+·—]{3,}|\[{1,2}[^\]]*\]{1,2})\s*")
_SCALARS = ("|", ">", "|-", ">-", "|+")
_FEWEST_NAMED, _MOST_UNNAMED = 3, 0.5


def find_names(lines: Iterable[str]) -> tuple[str, ...] | None:
    """Return the names that begin the lines of a file, None where lines are no named fields.

    A text and a time are among them, each about as often.
    """
    filled = [line for line in islice(lines, _LINES_ASKED) if line.strip()]
    found = [match["name"] for line in filled if (match := _NAMED.fullmatch(line))]
    counts = {name: n for name, n in Counter(found).items() if n >= _FEWEST_NAMED}
    texts = [n for name, n in counts.items() if is_text_name(name)]
    times = [n for name, n in counts.items() if not is_text_name(name) and _names_time(name)]
    # Each record has one text and one time; what a text says goes on below it.
    if len(texts) != 1 or not times or abs(texts[0] - max(times)) > 1 + texts[0] * _MOST_ODD:
        return None
    if sum(counts.values()) < _MOST_UNNAMED * len(filled):
        return None
    return tuple(counts)


def _names_time(name: str) -> bool:
    """Tell whether a name and one of a text are a header."""
    return looks_like_header([name, "内容"])


class NamedLines(KeyedTable):
    """A text file of records, each of lines that begin with a name."""

    def __init__(
        self, path: PurePath, lines: Callable[[], Iterator[str]], names: Collection[str]
    ) -> None:
        super().__init__(path, "txt", None, lambda: _read_named(lines(), names))
        self.names = names

    def notes(self) -> list[str]:
        """Say how the lines are read."""
        return [f"each line is read as a name and what it holds ({', '.join(self.names)})"]


def _read_named(lines: Iterable[str], names: Collection[str]) -> Iterator[Record]:
    """Yield the records: one ends where a name comes again, or the next begins as the first did."""
    record: dict[str, list[str]] = {}
    said: list[str] | None = None
    first, is_border, size = None, False, 0
    for line in lines:
        match = _NAMED.fullmatch(line)
        if match and match["name"] in names:
            name = match["name"]
            first = first or name
            if name in record or (is_border and name == first):
                yield from _end_named(record, size)
                record, size = {}, 0
            value = match["said"].strip()
            said = record[name] = [] if value in _SCALARS else [value]
            is_border = False
        elif not line.strip() or _BORDER.fullmatch(line):
            is_border = True
        elif said is not None and size <= _LONGEST_MESSAGE:
            said.append(line.strip())
        size += len(line)
    yield from _end_named(record, size)


def _end_named(record: dict[str, list[str]], size: int) -> Iterator[Record]:
    if size > _LONGEST_MESSAGE:
        yield None, f"a record of more than {_LONGEST_MESSAGE >> 20} MiB"
    elif record:
        yield {name: _unquoted("\n".join(said)) for name, said in record.items()}, None


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text


def text_lines(blocks: Iterable[bytes]) -> Iterator[str]:
    r"""Yield the lines of a text; one without end comes in pieces."""
    carried, is_first = b"", True
    for block in blocks:
        *lines, carried = (carried + block).split(b"\n")
        if len(carried) > _LONGEST_MESSAGE:
            lines, carried = [*lines, carried], b""
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip("\r")
            yield text.removeprefix("\ufeff") if is_first else text
            is_first = False
    if carried:
        yield carried.decode("utf-8", "replace").rstrip("\r").removeprefix("\ufeff")


# Databases behind a URL: each table as such records.


def as_record(keys: Sequence[str], values: list[str | None] | str) -> Record:
    """Return values by key, or why there are none."""
    if isinstance(values, str):
        return None, values
    return dict(zip(keys, values, strict=True)), None


def database_tables(url: str) -> list[KeyedTable]:
    """Return the tables of a database by its SQLAlchemy URL, and then its views."""
    import sqlalchemy

    with _guard(hide_password(url)):
        found = sqlalchemy.inspect(sqlalchemy.create_engine(url))
        tables, views = sorted(found.get_table_names()), sorted(found.get_view_names())
    shown = PurePath(hide_password(url))
    return [
        KeyedTable(shown / name, "sql", name, _opener(url, name), is_view=is_view)
        for names, is_view in ((tables, False), (views, True))
        for name in names
    ]


def sqlite_file(url: str) -> Path | None:
    """Return the file that a URL names, None for any other database."""
    import sqlalchemy

    try:
        read = sqlalchemy.make_url(url)
    except sqlalchemy.exc.ArgumentError:
        return None
    # Other drivers read what is not plain SQLite, such as encrypted files.
    is_plain = read.drivername in ("sqlite", "sqlite+pysqlite") and not read.query
    return Path(read.database) if is_plain and read.database not in (None, ":memory:") else None


def _opener(url: str, name: str) -> Callable[[], Iterator[Record]]:
    return lambda: _database_records(url, name)


def _database_records(url: str, name: str) -> Iterator[Record]:
    import sqlalchemy

    with _guard(hide_password(url)):
        engine = sqlalchemy.create_engine(url)
        table = sqlalchemy.Table(name, sqlalchemy.MetaData(), autoload_with=engine)
        with engine.connect().execution_options(stream_results=True) as connection:
            result = connection.execute(sqlalchemy.select(table))
            keys = list(result.keys())
            for row in result:
                values = as_values(tuple(row))
                yield as_record(keys, values)


def hide_password(url: str) -> str:
    """Return a database's URL with stars for the password."""
    import sqlalchemy

    try:
        return sqlalchemy.make_url(url).render_as_string(hide_password=True)
    except sqlalchemy.exc.ArgumentError:
        return url.split("://", 1)[0] + "://…"


class _guard:  # noqa: N801 - reads as a verb where it is used
    """Turn any failure of a database into one sentence."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        if isinstance(error, (sqlite3.Error, SQLAlchemyError, ImportError)):
            raise no_database(self.where, error) from None
