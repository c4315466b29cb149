"""Solve a published build for the cells that it withholds, from all that it tells.

    caodian report posts.csv --public --out public --no-notebooks
    caodian report posts.csv --out whole --no-notebooks
    python benchmarks/disclosure.py public/NAME whole/NAME [--minimum 5]

The second build, of the same posts, knows what the first one withholds. Tables and the data of
figures: every sum of rows with one word that a shown count in a row with that word equals is taken
for told, and every sum of a whole table that any shown count of three digits equals. Hidden cells
are whole numbers from one on that hold to these sums; one is fixed where no other solution
has another value (integer programs, HiGHS). Pages, notebooks and workbooks: their numbers that
stand in no table are told beside; none may be a hidden cell, or the rest of a sum with hidden cells
in it.
"""

from __future__ import annotations

import argparse
import html
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

COUNTS = ("items", "families", "negative_items", "posts", "named", "dropped", "rejected", "authors")
# What a sum of rows means nothing in: cumulated steps, and families and authors that recur.
NO_SUMS = ("families", "authors")
NUMBER = re.compile(r"(?<![0-9.,A-Za-z#_-])[0-9]{1,3}(?:,[0-9]{3})+|(?<![0-9.,A-Za-z#_-])[0-9]+")
MOST_KEYS = 3
BOUND = 1e6
# Smaller numbers equal the sum of a table too often by chance.
LEAST_TOTAL = 100


class Sum(NamedTuple):
    """Cells (rows of one column of a table) that add up to a number that is told."""

    cells: tuple[tuple[str, str, int], ...]
    total: float


def tables_of(build: Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a build and the data of its figures."""
    files = [*sorted((build / "tables").glob("*.csv")), *sorted((build / "figures").glob("*.csv"))]
    return {
        str(file.relative_to(build)): pd.read_csv(file) for file in files if file.stat().st_size > 1
    }


def aligned(public: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame | None:
    """Return the whole table in the rows of the public one, by their words; None if unsure."""
    words = [
        name
        for name in public.columns.intersection(whole.columns)
        if not is_numeric_dtype(public[name]) and public[name].notna().all()
    ]
    if len(public) == len(whole) and all((public[w] == whole[w]).all() for w in words):
        return whole.reset_index(drop=True)
    if not words or public.duplicated(words).any() or whole.duplicated(words).any():
        return None
    joined = public[words].merge(whole, on=words, how="left")
    return joined if len(joined) == len(public) else None


Told = dict[str, set[int]]


def told_by(tables: Iterable[pd.DataFrame]) -> Told:
    """Return the counts that stand in rows with each word, and behind "" those of three digits."""
    told: Told = {"": set()}
    for table in tables:
        counts = [one for one in COUNTS if one in table]
        words = [one for one in table if not is_numeric_dtype(table[one])]
        for row in table.to_dict("records"):
            numbers = {int(row[one]) for one in counts if pd.notna(row[one])}
            told[""] |= {one for one in numbers if one >= LEAST_TOTAL}
            for word in words:
                told.setdefault(str(row[word]), set()).update(numbers)
    return told


def sums_of(name: str, public: pd.DataFrame, whole: pd.DataFrame, told: Told) -> Iterator[Sum]:
    """Yield the sums of a table's counts with hidden cells, where a told number equals them."""
    keys = [one for one in public.columns if not is_numeric_dtype(public[one])][:MOST_KEYS]
    for column in (one for one in COUNTS if one in public and one not in NO_SUMS):
        hidden = public[column].isna() & whole[column].notna() & (whole[column] != 0)
        groups = [("", list(range(len(public))))]
        for key in keys:
            indices = public.groupby(key).indices.items()
            groups += [(str(value), list(rows)) for value, rows in indices]
        for value, rows in groups:
            total = whole[column].iloc[rows].sum()
            if hidden.iloc[rows].any() and len(rows) > 1 and int(total) in told.get(value, ()):
                cells = tuple((name, column, int(row)) for row in rows if hidden.iloc[row])
                yield Sum(cells, total - public[column].iloc[rows].sum())


def fixed(sums: list[Sum], truth: dict[tuple[str, str, int], int], minimum: int) -> list[object]:
    """Return the cells below the minimum that have one value only in all solutions."""
    cells = sorted({cell for one in sums for cell in one.cells})
    place = {cell: number for number, cell in enumerate(cells)}
    unique = list({(one.cells, one.total) for one in sums})
    rows = [row for row, (members, _) in enumerate(unique) for _ in members]
    columns = [place[cell] for members, _ in unique for cell in members]
    matrix = csr_matrix((np.ones(len(rows)), (rows, columns)), (len(unique), len(cells)))
    totals = np.array([total for _, total in unique])
    holds = LinearConstraint(matrix, totals, totals)
    found = []
    for cell in (one for one in cells if truth[one] < minimum):
        here = place[cell]
        for low, high in ((truth[cell] + 1, BOUND), (1, truth[cell] - 1)):
            bounds = np.ones(len(cells)), np.full(len(cells), BOUND)
            bounds[0][here], bounds[1][here] = low, high
            if high < low:
                continue
            answer = milp(
                np.zeros(len(cells)),
                constraints=holds,
                integrality=np.ones(len(cells)),
                bounds=Bounds(*bounds),
            )
            if answer.status != 2:  # not infeasible: another value will do
                break
        else:
            found.append(cell)
    return found


def numbers_in(path: Path) -> set[int]:
    """Return the whole numbers that a page or a workbook shows."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            sheets = [one for one in book.namelist() if one.startswith("xl/")]
            text = " ".join(book.read(one).decode("utf-8", "ignore") for one in sheets)
            text = " ".join(re.findall(r"<(?:v|t)[^>]*>([^<]*)<", text))
    else:
        page = re.sub(r"base64,[A-Za-z0-9+/=]+", "", path.read_text("utf-8"))
        page = re.sub(r"(?s)<(style|svg)\b.*?</\1>", " ", page)
        page = re.sub(r"(?s)<script(?![^>]*json).*?</script>", " ", page)
        text = html.unescape(re.sub(r"<[^>]*>", " ", page))
    return {int(one.replace(",", "")) for one in NUMBER.findall(text)}


def main() -> None:
    """Print what is hidden, told and fixed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("public", type=Path)
    parser.add_argument("whole", type=Path)
    parser.add_argument("--minimum", type=int, default=5)
    parser.add_argument("--pages", type=Path, nargs="*", default=[], help="further files")
    asked = parser.parse_args()
    shown, known = tables_of(asked.public), tables_of(asked.whole)
    told = told_by(shown.values())
    everywhere = {
        int(value)
        for table in shown.values()
        for column in table.select_dtypes("number")
        for value in table[column].dropna()
        if abs(value) < BOUND
    }
    sums: list[Sum] = []
    truth: dict[tuple[str, str, int], int] = {}
    unsure = []
    for name, table in shown.items():
        whole = aligned(table, known[name]) if name in known else None
        if whole is None:
            unsure.append(name)
            continue
        for column in (one for one in COUNTS if one in table):
            for row in np.flatnonzero(table[column].isna() & whole[column].notna()):
                truth[name, column, int(row)] = int(whole[column].iloc[row])
        sums += sums_of(name, table, whole, told)
    hidden = {cell for cell, value in truth.items() if value}
    small = {cell for cell in hidden if truth[cell] < asked.minimum}
    print(f"{len(hidden)} cells withheld, {len(small)} of them below {asked.minimum}")
    print(f"{len(sums)} sums with a told total; not aligned: {', '.join(unsure) or 'none'}")
    found = fixed(sums, truth, asked.minimum) if sums else []
    print(f"{len(found)} fixed", *found[:20], sep="\n  ")
    rests = {int(one.total) for one in sums}
    for file in [*sorted(asked.public.rglob("*.html")), *asked.pages]:
        beside = {one for one in numbers_in(file) - everywhere if one >= asked.minimum}
        told_rests = sorted(beside & rests)
        print(f"{file.name}: {len(beside)} numbers in no table; rests among them: {told_rests}")


if __name__ == "__main__":
    main()
