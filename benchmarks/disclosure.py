"""Solve published builds for the cells that they withhold, from all that they tell.

    caodian report posts.csv --public --out public
    python benchmarks/disclosure.py public/NAME data/processed/NAME
        [--before public-of-yesterday/NAME tables-of-yesterday/NAME] [--like OTHER] [--pages FILE …]

The second folder has the tables as they were measured, which a run keeps beside its posts: what the
first one withholds. What numbers have to do with one another is found in them and not written down:
a sum of rows of one table that is a row of another one, or of itself (days and their week, hours
and their day, one count in two tables), counts as such where it holds for all groups that the two
have in common, and in `--like`, the tables of another study, as well; a sum of a whole table where
its total has three digits. All of them, with what is shown and withheld on both sides, are
equations in whole numbers; beside them stand that a part of a row is no more than the row, and with
`--before` that a later build counts no fewer posts than the one before. A cell is fixed where all
solutions (HiGHS) have one value for it, and what came between two builds where all have one
difference. Told is how many cells below the minimum and how many such differences are fixed.

Numbers that were fitted to a series with withheld days are listed (who fits again every way to fill
the gaps finds the one that gives them), and withheld rows that stand among others by size.

Pages, notebooks, press releases, workbooks and archives are searched for numbers that stand in no
shown cell; none may be what a fixed or a withheld cell of the same words holds. Then every file of
the build is cut into sentences, rows, elements and values: of each piece that has all the words of
a withheld row, in either language, and the number of one of its withheld cells, and that is no row
of a table that shows the number, one line is printed.
"""

from __future__ import annotations

import argparse
import html
import itertools
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from analysis.numbers import day_text
from analysis.words import reader_names

Tables = Mapping[str, pd.DataFrame]
# Names of rows that are written in digits.
NUMBERED = ("hour", "stars", "cluster", "cutoff")
# No row is withheld that has none of them, as who solves knows; of parts there may be none.
SIZES = ("items", "posts", "records_read", "posts_in", "texts_first")
# Numbers of days and of remarks, and not of posts.
OF_DAYS = ("days", "number", "hour_gaps", "plateaus", "specification")
# What adds up in no table: groups that recur from row to row.
RECURRING = ("families", "authors")
WITHIN = (("items", "families"), ("items", "authors"), ("items", "negative_items"),
          ("named", "items"), ("posts_in", "posts_out"), ("posts_in", "dropped"),
          ("records_read", "kept"), ("kept", "repeats"))  # fmt: skip
# How far a share of a count, written with six digits, may lie from a whole number.
NEAR = 0.02
# What is fitted or drawn, and no count of all posts so far.
FITTED = ("trends", "specifications", "breaks", "clusters", "cluster_days", "cluster_codes",
          "emerging", "distinguishing_terms")  # fmt: skip
# A smaller total of a whole table equals another number too often by chance,
LEAST_TOTAL = 100
# but where it is the same number by what the columns mean: of all posts, and of negative ones.
MEANT = (
    (("counts", "items", "all"), ("daily", "items", "all"), ("weekly", "items", "all"),
     ("monthly", "items", "all"), ("channels", "items", None), ("ratings", "items", None),
     ("funnel", "posts_out", "window"), ("funnel", "posts_in", "consumer_voice"),
     ("sentiment_days", "posts", None)),
    (("counts", "items", "negative"), ("daily", "items", "negative"),
     ("weekly", "items", "negative"), ("monthly", "items", "negative"),
     ("channels", "negative_items", None), ("ratings", "negative_items", None),
     ("funnel", "posts_out", "negative"), ("funnel", "posts_in", "coded"),
     ("notes", "counted", "clusters")),
)  # fmt: skip
# Names of which one value is chosen: that of all posts, or of a step. What holds of each day or
# hour holds of them by name.
CHOSEN = ("grievance", "step", "measure", "stars")
MOST = 1e6
NUMBER = re.compile(r"(?<![0-9.,A-Za-z#_-])[0-9]{1,3}(?:,[0-9]{3})+|(?<![0-9.,A-Za-z#_-])[0-9]+")


class Cell(NamedTuple):
    """A count: its build (0 is the earlier one), table, column, and what names its row."""

    build: int
    table: str
    column: str
    row: tuple[str, ...]


class Pattern(NamedTuple):
    """Rows of a column of a table, grouped by some of the names of its rows.

    Of the other names one may be fixed: all days of one code.
    """

    table: str
    column: str
    by: tuple[str, ...]
    fixed: tuple[str, str] | None


Groups = dict[tuple[str, ...], tuple[float, list[int]]]


class Sum(NamedTuple):
    """Cells that add up, with their signs, to a number that is told."""

    cells: tuple[tuple[Cell, int], ...]
    total: float


# What is a count, and what names a row.


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a build, or those that a run keeps, and the data of figures."""
    files = [
        *sorted((folder / "tables").glob("*.csv")),
        *sorted((folder / "figures").glob("*.csv")),
    ]
    tables = {}
    for file in files:
        if file.stat().st_size > 1:
            name = file.stem if file.parent.name == "tables" else f"figures/{file.stem}"
            tables[name] = pd.read_csv(file, low_memory=False)
    if "notes" in tables:
        tables["notes"] = _counted(tables["notes"])
    return tables


def _counted(notes: pd.DataFrame) -> pd.DataFrame:
    """Give what each note counts first: a column of words and numbers has no sums."""
    told = notes.dropna(subset=["counted"])
    first = pd.Series(
        [float(str(one).partition(";")[0]) for one in told["counted"]], told.index, dtype=float
    )
    numbered = told["about"].astype(str).where(told["number"] == 1, told["about"] + "+")
    table = pd.DataFrame({"step": numbered, "counted": first})
    return table.drop_duplicates("step").reset_index(drop=True)


def names_of(table: pd.DataFrame) -> list[str]:
    """Return the columns that together name a row: words, each in every row."""
    return [
        name for name in table
        if table[name].notna().all() and (name in NUMBERED or not is_numeric_dtype(table[name]))
        and table[name].dtype != bool
    ]  # fmt: skip


def counts_of(whole: pd.DataFrame) -> list[str]:
    """Return the columns that hold whole numbers of posts."""
    found = []
    for name in whole:
        is_number = is_numeric_dtype(whole[name]) and whole[name].dtype != bool
        if not is_number or name in NUMBERED or str(name).startswith(OF_DAYS):
            continue
        values = whole[name].dropna().to_numpy(float)
        is_whole = (values >= 0).all() and (values == np.floor(values)).all()
        if len(values) and is_whole and values.max() > 1:
            found.append(str(name))
    return found


def keyed(table: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Name the rows of a table."""
    return list(zip(*(table[name].astype(str) for name in names), strict=True)) if names else []


def widened(shown: pd.DataFrame, whole: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add what follows from a count and a share in a row: the part, or what it is a share of."""
    counts, made = counts_of(whole), {}
    for name in whole:
        values = pd.to_numeric(whole[name], errors="coerce") if name in shown else pd.Series()
        if name in counts or not len(values) or not values.dropna().between(0, 1).all():
            continue
        for count in counts:
            found = values * whole[count]
            whole_ones = found.dropna()
            if len(whole_ones) > 2 and (whole_ones - whole_ones.round()).abs().max() < NEAR:
                told = pd.to_numeric(shown[name], errors="coerce") * shown[count]
                made[f"{name}*{count}"] = told.round(), found.round()
            of = (whole[count] / values.where(values > 0)).dropna()
            if len(of) > 2 and (of - of.round()).abs().max() < NEAR:  # a part and its share
                told = shown[count] / pd.to_numeric(shown[name], errors="coerce").replace(0, np.nan)
                made[f"{count}/{name}"] = told.round(), of.round().reindex(whole.index)
    return (
        shown.assign(**{name: told for name, (told, _) in made.items()}),
        whole.assign(**{name: found for name, (_, found) in made.items()}),
    )


# Which sums hold in the measured tables.


def patterns_of(tables: Tables) -> Iterator[tuple[Pattern, Groups]]:
    """Group each count of each table by up to two names, all rows or those of one further name."""
    for name, table in tables.items():
        names, counts = names_of(table), counts_of(table)
        if not counts or not names or table.duplicated(names).any():
            continue
        texts = {one: table[one].astype(str).to_numpy() for one in names}
        numbers = {one: table[one].to_numpy(float) for one in counts}
        for size in range(min(3, len(names)) + 1):
            for by in itertools.combinations(sorted(names), size):
                rest = [one for one in names if one not in by]
                fixed: list[tuple[str, str] | None] = [None]
                fixed += [
                    (one, value)
                    for one in rest
                    if one in CHOSEN
                    for value in sorted(set(texts[one]))
                ]
                for chosen in fixed:
                    rows = np.arange(len(table))
                    if chosen is not None:
                        rows = rows[texts[chosen[0]] == chosen[1]]
                    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
                    for row in rows.tolist():
                        groups[tuple(texts[one][row] for one in by)].append(row)
                    for column in counts:
                        if column in RECURRING and max(map(len, groups.values()), default=0) > 1:
                            continue
                        yield (
                            Pattern(name, column, by, chosen),
                            {key: (numbers[column][group].sum(), group)
                             for key, group in groups.items()},
                        )  # fmt: skip


Identity = tuple[Pattern, Pattern]


def identities(tables: Tables) -> dict[Identity, tuple[Groups, Groups]]:
    """Find the sums of one pattern that are single rows of another, for all groups in common."""
    by_names: dict[tuple[str, ...], list[tuple[Pattern, Groups]]] = defaultdict(list)
    for pattern, groups in patterns_of(tables):
        by_names[pattern.by].append((pattern, groups))
    found: dict[Identity, tuple[Groups, Groups]] = {}
    for listed in by_names.values():
        single = [one for one in listed if max(len(rows) for _, rows in one[1].values()) == 1]
        # Only those of an equal number in the first groups can be equal in all.
        by_number = defaultdict(list)
        for one in single:
            for key, (value, _) in one[1].items():
                by_number[key, value].append(one)
        for pattern, groups in listed:
            known = [(key, value) for key, (value, _) in groups.items() if value > 0]
            candidates = {id(other): other for key in known[:2] for other in by_number[key]}
            for other, others in candidates.values():
                if other != pattern and (
                    _holds(groups, others)
                    or (_is_meant(pattern, other) and _agrees(groups, others))
                ):
                    found[pattern, other] = groups, others
    return found


def _is_meant(one: Pattern, other: Pattern) -> bool:
    ends = [
        (pattern.table, pattern.column, None if pattern.fixed is None else pattern.fixed[1])
        for pattern in (one, other)
    ]
    return not one.by and any(set(ends) <= set(meant) for meant in MEANT)


def _holds(groups: Groups, others: Groups) -> bool:
    common = groups.keys() & others.keys()
    pairs = [(groups[key][0], others[key][0]) for key in common]
    if any(one != two and not (np.isnan(one) and np.isnan(two)) for one, two in pairs):
        return False
    told = [one for one, _ in pairs if one > 0]
    return len(set(told)) > 1 or (len(told) == 1 and told[0] >= LEAST_TOTAL)


def confirmed(found: Mapping[Identity, tuple[Groups, Groups]], other: Tables) -> list[Identity]:
    """Keep the sums that hold in the tables of another study, too, or of which it has no rows."""
    ours = {pattern for identity in found for pattern in identity}
    theirs = {pattern: groups for pattern, groups in patterns_of(other) if pattern in ours}
    return [
        (one, two) for one, two in found
        if one not in theirs or two not in theirs or not theirs[one].keys() & theirs[two].keys()
        or _agrees(theirs[one], theirs[two])
    ]  # fmt: skip


def _agrees(groups: Groups, others: Groups) -> bool:
    return all(groups[key][0] == others[key][0] for key in groups.keys() & others.keys())


# What a published build shows, and what it withholds.


class Build:
    """The cells of a build, in order of rows: what is shown, and what is withheld."""

    def __init__(self, number: int, shown: Tables, whole: Tables) -> None:
        self.number = number
        self.whole = {name: table for name, table in whole.items() if len(table)}
        self.shown: dict[Cell, float] = {}
        self.truth: dict[Cell, float] = {}
        self._cells: dict[tuple[str, str], list[Cell]] = {}
        for name, table in self.whole.items():
            names = names_of(table)
            if not names or table.duplicated(names).any() or name not in shown:
                continue
            rows = keyed(table, names)
            public = shown[name]
            known = {name for name in names if name in public}
            places = (
                {key: n for n, key in enumerate(keyed(public, names))} if len(known) == len(names)
                else {}
            )  # fmt: skip
            for column in counts_of(table):
                values = table[column].to_numpy(float)
                told = public[column].to_numpy(float) if column in public else None
                cells = [Cell(number, name, column, row) for row in rows]
                self._cells[name, column] = cells
                for cell, row, value in zip(cells, rows, values, strict=True):
                    place = places.get(row)
                    is_told = told is not None and place is not None and not np.isnan(told[place])
                    if is_told:
                        self.shown[cell] = float(told[place])  # type: ignore[index]
                    elif value > 0 or (value == 0 and column not in SIZES):
                        self.truth[cell] = float(value)

    def cell(self, pattern: Pattern, row: int) -> Cell | None:
        """Give the cell of a row in the column of a pattern."""
        cells = self._cells.get((pattern.table, pattern.column))
        return cells[row] if cells else None

    def equation(self, one: Pattern, rows: list[int], other: Pattern, single: int) -> Sum | None:
        """Say that cells add up to another one; None where nothing in it is withheld."""
        signed = [(self.cell(one, row), 1) for row in rows] + [(self.cell(other, single), -1)]
        unknown, total = [], 0.0
        for cell, sign in signed:
            if cell is None or (cell not in self.truth and cell not in self.shown):
                return None
            if cell in self.truth:
                unknown.append((cell, sign))
            else:
                total -= sign * self.shown[cell]
        return Sum(tuple(unknown), total) if unknown else None

    def equations(self, found: Mapping[Identity, tuple[Groups, Groups]]) -> Iterator[Sum]:
        """Yield what the sums of the tables say of the cells that are withheld."""
        for (one, other), (groups, others) in found.items():
            for key in groups.keys() & others.keys():
                if not np.isnan(groups[key][0]):
                    made = self.equation(one, groups[key][1], other, others[key][1][0])
                    if made is not None:
                        yield made

    def limits(self) -> Iterator[tuple[Cell | float, Cell | float]]:
        """Yield pairs of which the second is no more than the first: parts of a row."""
        for (name, column), cells in self._cells.items():
            for whole, part in WITHIN:
                if whole == column and (name, part) in self._cells:
                    for one, two in zip(cells, self._cells[name, part], strict=True):
                        if one in self.truth or two in self.truth:
                            yield self.value(one), self.value(two)

    def value(self, cell: Cell) -> Cell | float:
        """Give what is told of a cell, itself where nothing is."""
        return self.shown.get(cell, cell)


# Solve.


class System:
    """Equations and limits in whole numbers, and one solution: the truth."""

    def __init__(
        self, sums: Sequence[Sum], limits: Sequence[tuple[Cell | float, Cell | float]],
        truth: Mapping[Cell, float],
    ) -> None:  # fmt: skip
        used = {cell for one in sums for cell, _ in one.cells}
        used |= {end for pair in limits for end in pair if isinstance(end, Cell) and end in truth}
        self.cells = sorted(used)
        self.place = {cell: n for n, cell in enumerate(self.cells)}
        self.truth = np.array([truth[cell] for cell in self.cells])
        # Where a whole day is withheld, hours of nobody are, too.
        self.least = np.array([
            float(cell.column in SIZES and truth[cell] > 0) for cell in self.cells
        ])  # fmt: skip
        entries: list[tuple[int, int, int]] = []
        low: list[float] = []
        high: list[float] = []
        for cells, total in {(one.cells, one.total) for one in sums}:
            entries += [(len(low), self.place[cell], sign) for cell, sign in cells]
            low.append(total)
            high.append(total)
        for larger, smaller in limits:
            row = [(end, sign) for end, sign in ((larger, 1), (smaller, -1))]
            known = sum(sign * end for end, sign in row if not isinstance(end, Cell))
            free = [(end, sign) for end, sign in row if isinstance(end, Cell) and end in truth]
            if free and len(free) + sum(not isinstance(end, Cell) for end, _ in row) == 2:
                entries += [(len(low), self.place[end], sign) for end, sign in free]
                low.append(-known)
                high.append(np.inf)
        rows, columns, signs = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(low), len(self.cells))
        self.matrix = csr_matrix((np.array(signs, float), (rows, columns)), shape)
        self.low, self.high = np.array(low), np.array(high)
        # Cells that no equation ties together are solved apart.
        tied = abs(self.matrix.T) @ abs(self.matrix)
        self.parts, self.part = connected_components(tied) if self.cells else (0, np.zeros(0))
        self.unsolved = 0

    def solve(
        self, weights: np.ndarray, parts: Sequence[int],
        more: Sequence[tuple[np.ndarray, float]] = (),
    ) -> np.ndarray | None:  # fmt: skip
        """Find the solution of the least weight that also holds `row · x ≥ least` of `more`.

        Cells outside the parts keep what is true of them.
        """
        mine = np.flatnonzero(np.isin(self.part, parts))
        rows = np.flatnonzero(np.diff(self.matrix[:, mine].indptr))
        if not len(mine):
            return None
        held = self.matrix[rows][:, mine]
        holds = [LinearConstraint(held, self.low[rows], self.high[rows])] if len(rows) else []
        holds += [LinearConstraint(row[None, mine], least, np.inf) for row, least in more]
        answer = milp(weights[mine], constraints=holds, integrality=np.ones(len(mine)),
                      bounds=Bounds(self.least[mine], np.full(len(mine), MOST)),
                      options={"time_limit": 20})  # fmt: skip
        if answer.x is None:
            self.unsolved += answer.status == 1  # the limit of time
            return None
        found = self.truth.copy()
        found[mine] = np.round(answer.x)
        return found

    def fixed(
        self, differences: Sequence[tuple[int, int]] = (), below: float = 5
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """Return the cells, and the differences of two cells, of which all solutions say one."""
        rng = np.random.default_rng(618)
        cells = set(np.flatnonzero((self.truth > 0) & (self.truth < below)).tolist())
        pairs = set(differences)

        def drop(found: np.ndarray | None) -> None:
            if found is None:
                return
            other = found != self.truth
            cells.difference_update(np.flatnonzero(other).tolist())
            free = [
                (a, b) for a, b in pairs if found[a] - found[b] != self.truth[a] - self.truth[b]
            ]
            pairs.difference_update(free)

        for part, _ in itertools.product(range(self.parts), range(12)):
            drop(self.solve(rng.normal(size=len(self.cells)), [part]))
        for one in sorted(cells):
            if one in cells:
                row, part = np.zeros(len(self.cells)), [self.part[one]]
                row[one] = 1
                drop(self.solve(np.zeros(len(row)), part, [(row, self.truth[one] + 1)]))
                if one in cells and self.truth[one] > self.least[one]:
                    drop(self.solve(np.zeros(len(row)), part, [(-row, 1 - self.truth[one])]))
        for a, b in sorted(pairs):
            if (a, b) in pairs:
                row, both = np.zeros(len(self.cells)), [self.part[a], self.part[b]]
                row[a], row[b] = 1, -1
                apart = self.truth[a] - self.truth[b]
                drop(self.solve(np.zeros(len(row)), both, [(row, apart + 1)]))
                if (a, b) in pairs:
                    drop(self.solve(np.zeros(len(row)), both, [(-row, 1 - apart)]))
        return sorted(cells), sorted(pairs)


# The whole of it.


def solve(
    builds: Sequence[tuple[Tables, Tables]], like: Sequence[Tables] = (), minimum: int = 5
) -> dict[str, object]:
    """Solve one build, or an earlier and a later one, each of shown tables and whole ones."""
    sums: list[Sum] = []
    limits: list[tuple[Cell | float, Cell | float]] = []
    truth: dict[Cell, float] = {}
    made: list[Build] = []
    for number, (shown, whole) in enumerate(builds):
        pairs = {
            name: widened(shown[name], table) for name, table in whole.items()
            if len(table) and len(shown.get(name, ()))
        }  # fmt: skip
        known = {name: pair[1] for name, pair in pairs.items()}
        found = identities(known)
        alike = [*like, *(tables for place, (_, tables) in enumerate(builds) if place != number)]
        for other in alike:
            wide = {name: widened(table, table)[1] for name, table in other.items() if len(table)}
            found = {one: found[one] for one in confirmed(found, wide)}
        build = Build(number, {name: pair[0] for name, pair in pairs.items()}, known)
        sums += build.equations(found)
        limits += build.limits()
        truth |= build.truth
        made.append(build)
    told = _grown(*made, limits) if len(made) == 2 else []
    system = System(sums, limits, truth)
    apart = [
        (place, system.place[cell._replace(build=0)])
        for cell, place in system.place.items()
        if cell.build == 1 and cell._replace(build=0) in system.place
        and 0 < truth[cell] - truth[cell._replace(build=0)] < minimum
    ]  # fmt: skip
    cells, pairs_fixed = system.fixed(apart, minimum)
    return {
        "withheld": len(truth),
        "below the minimum": sum(0 < value < minimum for value in truth.values()),
        "in equations": len(system.cells),
        "parts that no equation ties": system.parts,
        "questions left at the limit of time": system.unsolved,
        "fixed": [(*system.cells[one], int(system.truth[one])) for one in cells],
        "differences fixed": [(*system.cells[one],) for one, _ in pairs_fixed],
        "small differences shown": [cell for cell, apart in told if 0 < apart < minimum],
    }


def _grown(
    before: Build, after: Build, limits: list[tuple[Cell | float, Cell | float]]
) -> list[tuple[Cell, float]]:
    """Add that no count is less than it was; return how far those shown in both are apart."""
    both = []
    for cell in sorted({*after.shown, *after.truth}):
        old = cell._replace(build=0)
        if (
            {"*", "/"} & set(cell.column)
            or cell.table in FITTED
            or not {old} & (before.shown.keys() | before.truth.keys())
        ):
            continue
        if cell in after.truth or old in before.truth:
            limits.append((after.value(cell), before.value(old)))
        else:
            both.append((cell, after.shown[cell] - before.shown[old]))
    return both


def numbers_in(path: Path) -> set[int]:
    """Return the whole numbers that a page, a workbook or the pages of an archive show."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as pack:
            pages = [one for one in pack.namelist() if one.endswith((".html", ".csv", ".json"))]
            return set().union(*(_numbers(pack.read(one).decode()) for one in pages))
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            sheets = [one for one in book.namelist() if one.startswith("xl/")]
            text = " ".join(book.read(one).decode("utf-8", "ignore") for one in sheets)
        return _found(" ".join(re.findall(r"<(?:v|t)[^>]*>([^<]*)<", text)))
    return _numbers(path.read_text("utf-8"))


def _numbers(page: str) -> set[int]:
    page = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    page = re.sub(r"(?s)<(style|svg)\b.*?</\1>", " ", page)
    page = re.sub(r"(?s)<script(?![^>]*json).*?</script>", " ", page)
    return _found(html.unescape(re.sub(r"<[^>]*>", " ", page)))


def _found(text: str) -> set[int]:
    return {int(one.replace(",", "")) for one in NUMBER.findall(text)}


# Pieces of files that have the words of a withheld row and its number.

_ENDS = re.compile(r"[。！？；\n]|(?<=[a-z)%\d])[.;] |</(?:td|li|p|text|title|h\d)>|[{}\[\]]")
_COORDINATES = re.compile(r'(?s)\b(?:d|points|transform)="[^"]*"')
_MARKS = re.compile(r"<[^>]*>|base64,[A-Za-z0-9+/=]+")
TEXTS = (".html", ".csv", ".json", ".svg", ".txt", ".md", ".bib", ".cff", ".yaml", ".jsonl")


def pieces_of(path: Path) -> Iterator[str]:
    """Cut a file into what says one thing: sentences, rows, elements, objects of embedded data."""
    text = path.read_text("utf-8", errors="replace")
    if path.suffix == ".svg":  # coordinates are no numbers of posts
        text = _COORDINATES.sub(" ", text)
    for line in text.splitlines():
        if path.suffix != ".html" or len(line) < 100_000:
            yield html.unescape(_MARKS.sub(" ", line))
        for piece in _ENDS.split(line):
            yield html.unescape(_MARKS.sub(" ", piece))


def ways_to_write(name: str) -> set[str]:
    """Give how a name of a row may be written: as in the table, or as readers call it."""
    ways = {name, *reader_names().get(name, ())}
    if re.fullmatch(r"\d{4}-\d\d-\d\d", name):
        ways |= {day_text(name, "zh"), day_text(name, "en")}
    return ways


def fitted(tables: Tables) -> Iterator[str]:
    """Yield numbers that were fitted to a series of which days are withheld, or said of one.

    Whoever fits again each way to fill the gaps finds the one that gives these digits.
    """
    longest = next((name for name in ("monthly", "weekly", "daily") if name in tables), "daily")
    series = tables.get(longest, pd.DataFrame(columns=["grievance", "items"]))
    gaps = set(series.loc[series["items"].isna(), "grievance"])
    for name in ("trends", "breaks", "specifications", "event_days"):
        table = tables.get(name, pd.DataFrame())
        for row in table[table["grievance"].isin(gaps)].to_dict("records") if len(table) else ():
            for column, value in row.items():
                is_said = str(column).startswith("sentence") and re.search(r"[0-9]", str(value))
                if (column in FITTED_NUMBERS and pd.notna(value)) or is_said:
                    yield f"{name}, {row['grievance']}, {column}: {value}"


FITTED_NUMBERS = ("growth", "low", "high", "p", "p_holm", "count_growth", "count_low", "count_high",
                  "detectable", "change", "ratio")  # fmt: skip
# Tables whose rows may come by size: a withheld row between two others lies between their counts.
BY_KEY = ("date", "grievance", "sub_grievance", "cluster", "step", "source_file", "stars", "cutoff")


def ranked(shown: Tables, whole: Tables) -> Iterator[str]:
    """Yield tables in which withheld rows stand among shown ones in the order of their counts."""
    for name, table in shown.items():
        for column in {"items", "posts", "texts_first"} & set(table) & set(whole.get(name, ())):
            hidden = table[column].isna()
            names = [one for one in names_of(whole[name]) if one in table]
            by_key = any(table[key].is_monotonic_increasing for key in BY_KEY if key in table)
            if by_key or not names or not hidden.any() or hidden.all():
                continue
            truth = dict(zip(keyed(whole[name], names), whole[name][column], strict=True))
            sizes = [truth.get(row, np.nan) for row in keyed(table, names)]
            is_last = hidden.iloc[np.flatnonzero(hidden)[0] :].all()
            if not is_last and len(set(sizes)) > 2 and (np.diff(sizes) <= 0).all():
                yield f"{name}, {column}: {int(hidden.sum())} withheld rows in order of size"


def told_beside(folder: Path, build: Build) -> Iterator[tuple[str, Cell, float, str]]:
    """Yield pieces that have all names of a withheld row and the number of one of its cells."""
    by_value: dict[int, list[Cell]] = defaultdict(list)
    for cell, value in build.truth.items():
        by_value[int(value)].append(cell)
    ways = {name: ways_to_write(name) for cell in build.truth for name in cell.row}
    shown: dict[tuple[str, tuple[str, ...]], set[float]] = defaultdict(set)
    for cell, value in build.shown.items():
        shown[cell.table, cell.row].add(value)
    for path in sorted(folder.rglob("*")):
        if path.suffix not in TEXTS:
            continue
        for piece in sorted({one.strip() for one in pieces_of(path)}):
            numbers = {int(one.replace(",", "")) for one in NUMBER.findall(piece)}
            cells = [cell for number in numbers & by_value.keys() for cell in by_value[number]]
            names = {name for cell in cells for name in cell.row}
            there = {name for name in names if any(way in piece for way in ways[name])}
            for cell in cells:
                value = build.truth[cell]
                if there.issuperset(cell.row) and value not in shown[cell.table, cell.row]:
                    yield path.name, cell, value, piece[:160]


def main() -> None:
    """Print what is withheld and fixed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("public", type=Path)
    parser.add_argument("whole", type=Path)
    parser.add_argument("--before", type=Path, nargs=2, metavar=("PUBLIC", "WHOLE"))
    parser.add_argument("--like", type=Path, nargs="*", default=[], help="tables of other studies")
    parser.add_argument("--minimum", type=int, default=5)
    parser.add_argument("--pages", type=Path, nargs="*", default=[], help="further files")
    asked = parser.parse_args()
    folders = [asked.before] * (asked.before is not None) + [(asked.public, asked.whole)]
    builds = [(read_tables(shown), read_tables(whole)) for shown, whole in folders]
    told = solve(builds, [read_tables(one) for one in asked.like], asked.minimum)
    for name, value in told.items():
        print(f"{name}: {len(value) if isinstance(value, list) else value}")
        print(*(value[:20] if isinstance(value, list) else ()), sep="\n")
    shown = {
        int(value)
        for table in builds[-1][0].values()
        for column in table.select_dtypes("number")
        for value in table[column].dropna()
        if abs(value) < MOST
    }
    tables = {name: table for name, table in builds[-1][1].items() if name in builds[-1][0]}
    for kind, lines in (
        ("fitted to withheld days", fitted(builds[-1][0])),
        ("told by their place", ranked(*builds[-1])),
    ):
        listed = sorted(lines)
        print(f"{kind}: {len(listed)}", *listed[:20], sep="\n")
    for found in told_beside(asked.public, Build(0, builds[-1][0], tables)):
        print(*found, sep=" | ")
    for file in [*sorted(asked.public.rglob("*.html")), *asked.pages]:
        print(f"{file.name}: in no table {sorted(numbers_in(file) - shown)[:40]}")


if __name__ == "__main__":
    main()
