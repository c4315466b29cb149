"""Open exports and recognise their tables; name what is passed over, and ask where unsure."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.corpus.readers import table as generic
from analysis.corpus.readers.choice import ColumnChoice, check_choice
from analysis.corpus.readers.collectors import recognise
from analysis.corpus.readers.containers.delimited import DelimitedTable
from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.containers.tables import RawTable, list_database, list_tables
from analysis.corpus.readers.plan import Head
from analysis.corpus.readers.profiles import is_profile
from analysis.corpus.readers.reading import Reading
from analysis.errors import CaodianError

HEADS_ASKED = 10


def open_readings(
    sources: Sequence[Export | str], choice: ColumnChoice, secret: bytes
) -> tuple[list[Reading], list[str]]:
    """Recognise every table of the exports.

    Parameters
    ----------
    sources
        Files, and SQLAlchemy URLs.
    choice
        Columns named by the user.
    secret
        Key of the author hash.

    Returns
    -------
    tuple
        The tables that hold posts, in the order of the files, and a sentence for each table that
        is passed over.

    Raises
    ------
    CaodianError
        When a file that the user named holds no table of posts.
    """
    readings, passed = _read_all(sources, choice, secret, may_lack_days=False)
    if not readings:
        # Nothing in the folder has days: then what has none is what the user wants read.
        readings, passed = _read_all(sources, choice, secret, may_lack_days=True)
    if not readings:
        raise CaodianError(
            "one file at least must hold posts",
            value="; ".join(passed)[:500],
            remedy="Name a file itself to be asked about its columns.",
        )
    return readings, passed


def _read_all(
    sources: Sequence[Export | str], choice: ColumnChoice, secret: bytes, *, may_lack_days: bool
) -> tuple[list[Reading], list[str]]:
    """Recognise the tables of all sources; a file that was named itself may always lack days."""
    readings: list[Reading] = []
    passed: list[str] = []
    for source in sources:
        is_found = isinstance(source, Export) and source.is_found
        found, unknown = _divide(source, choice, secret, may_lack_days=may_lack_days)
        if not found and not is_found:
            found, unknown = _divide(source, choice, secret, may_lack_days=True)
        for reading in found:
            reading.may_be_empty = is_found or len(found) > 1
        readings += found
        passed += [_pass_over(raw) for raw in unknown]
        if not found and not is_found:
            raise _question(unknown, choice, source)
    return readings, passed


def _divide(
    source: Export | str, choice: ColumnChoice, secret: bytes, *, may_lack_days: bool
) -> tuple[list[Reading], list[RawTable]]:
    """Return the tables that are known and those that are not."""
    found: list[Reading] = []
    unknown: list[RawTable] = []
    for ways in list_tables(source) if isinstance(source, Export) else list_database(source):
        reading = _first_known(ways, choice, secret, may_lack_days=may_lack_days)
        if reading is None:
            unknown.append(max(ways, key=_fit))
            continue
        for part in _divide_table(reading):
            known: Reading | None = reading
            if part is not reading.raw:
                known = _first_known([part], choice, secret, may_lack_days=may_lack_days)
            if known is None:
                unknown.append(part)
            else:
                found.append(known)
    return found, unknown


def _divide_table(reading: Reading) -> list[RawTable]:
    """Return the tables that stand one below the other in one text file."""
    raw = reading.raw
    if isinstance(raw, DelimitedTable):
        return list(raw.divide(reading.place, reading.head.header))
    return [raw]


def _fit(raw: RawTable) -> tuple[bool, int]:
    """Prefer the way in which several rows have one number of cells, then the one with most."""
    _, head = next(raw.heads(), (0, None))
    if head is None:
        return False, 0
    width = len(head.header)
    return width > 1 and all(len(row) == width for row in head.rows), width


def _first_known(
    ways: Sequence[RawTable], choice: ColumnChoice, secret: bytes, *, may_lack_days: bool
) -> Reading | None:
    for raw in ways:
        heads = list(raw.heads())
        if any(is_profile(head) for _, head in heads[:1]):
            return None
        known = recognise(heads, choice, may_lack_days=may_lack_days)
        if known is not None:
            place, head, plan = known
            return Reading(raw, place, head, plan, secret)
    return None


def _pass_over(raw: RawTable) -> str:
    heads = [head for _, head in raw.heads()][:1]
    why = (
        "persons or bookkeeping, not posts" if heads and is_profile(heads[0]) else "no posts known"
    )
    return f"{raw.path.name}{f' [{raw.table}]' if raw.table else ''}: not read ({why})"


def _question(unknown: list[RawTable], choice: ColumnChoice, source: Export | str) -> CaodianError:
    where = str(source.path) if isinstance(source, Export) else source.split("@")[-1]
    heads = [head for raw in unknown for _, head in raw.heads()]
    if not heads:
        return CaodianError(
            "an export must hold a table", value=where, remedy="Look into the file."
        )
    if is_profile(heads[0]):
        return CaodianError(
            "an export must hold posts",
            value=f"{where} holds persons or bookkeeping",
            remedy="Profiles are not read; name the file of posts beside it.",
        )
    likeliest = max(heads[:HEADS_ASKED], key=lambda head: _likelihood(head, choice))
    if choice.names():
        check_choice(likeliest, choice)
    return generic.missing_columns(likeliest)


def _likelihood(head: Head, choice: ColumnChoice) -> tuple[int, int, int]:
    """Prefer the row with most of the user's columns, then most known ones, then the longest."""
    named = len(choice.names() & set(head.header))
    return named, len(generic.guess_columns(head)), len(head.header)
