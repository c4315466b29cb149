"""Which rows are hidden beside those that are few, so that no total or earlier build tells them.

A total less what is shown of it is the sum of what is hidden. Two builds tell of each count how far
it moved, and of two windows what one of them has alone.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

# What is told of the posts behind a count goes when the count goes.
DESCRIBING = ("top_families", "terms", "platform", "top_family_share", "platform_share")


# What tells a row of a table from the others, in this build and in one that was published before.
_KEYS = (
    "step", "source_file", "grievance", "sub_grievance", "platform", "channel", "date",
    "break_kind", "keyword", "hour", "stars", "region", "author_type", "cluster", "cutoff", "coder",
    "selection", "first", "second", "term",
)  # fmt: skip


def keys_of(columns: Collection[str]) -> list[str]:
    """Return the columns that name a row; of a break the platform describes its posts."""
    told = DESCRIBING if "break_kind" in columns else ()
    return [name for name in _KEYS if name in columns and name not in told]


def changes_since(
    numbers: pd.DataFrame, table: pd.DataFrame, earlier: pd.DataFrame
) -> pd.DataFrame | None:
    """Return how far numbers are from those published before; missing where either is."""
    keys = keys_of(table.columns.intersection(earlier.columns))
    columns = [name for name in numbers if name in earlier]
    if not keys or not columns or earlier.duplicated(keys).any():
        return None
    now, then = (["\n".join(map(str, row)) for row in one[keys].values] for one in (table, earlier))
    before = earlier[columns].apply(pd.to_numeric, errors="coerce").set_axis(then)
    # A row that was not there before had nobody in it.
    old = before.reindex(now, fill_value=0).set_axis(table.index)
    return pd.DataFrame(numbers[columns] - old).abs()


def hide_changes(
    small: pd.Series,
    numbers: pd.DataFrame,
    table: pd.DataFrame,
    earlier: Sequence[pd.DataFrame],
    minimum: int,
    *,
    groups: Sequence[Sequence[int]] = (),
) -> pd.Series:
    """Hide rows of which an earlier build tells how few posts came, and one more beside a lone one.

    The total of what came to a group, less what is shown of it, is what came to the hidden rows.
    """
    for published in earlier:
        changes = changes_since(numbers, table, published)
        if changes is None:
            continue
        small = small | ((changes > 0) & (changes < minimum)).any(axis=1)
        sizes = changes.iloc[:, 0]
        for group in groups:
            places = list(group)
            while (place := next_beside(small.iloc[places], sizes.iloc[places])) is not None:
                small.iloc[places[place]] = True
    return small


def next_beside(small: pd.Series, came: pd.Series) -> int | None:
    """Return which row to hide next, so that what came to the hidden ones has several solutions."""
    hidden = came[small | came.isna()]
    known = hidden.dropna()
    is_told = bool((known > 0).any()) and (len(hidden) == 1 or known.sum() <= len(known))
    others = came.where((came > 0) & ~small).to_numpy()
    return int(np.nanargmin(others)) if is_told and not np.isnan(others).all() else None


def groups_of(table: pd.DataFrame, by: Sequence[str]) -> list[list[int]]:
    """Return the rows of each group that adds up; a name may lack, as where nobody searched."""
    if not by:
        return [list(range(len(table)))]
    numbers = table.groupby(list(by), sort=False, dropna=False).ngroup().to_numpy()
    ends = np.cumsum(np.bincount(numbers))[:-1]
    return [rows.tolist() for rows in np.split(np.argsort(numbers, kind="stable"), ends)]


def is_few(numbers: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Say which counts are of somebody, and of fewer than the minimum."""
    return (numbers > 0) & (numbers < minimum)


def _is_safe(hidden: Sequence[float], minimum: int) -> bool:
    """Say whether the sum of hidden rows tells none of them.

    It tells a row that is alone, and, since a zero is never hidden, all rows where it is as large
    as their number: each is one. Whoever knows the rule also knows that rows which are hidden for
    being few have no more than the minimum less one: as many of these each as it can hold.
    """
    total, number = sum(hidden), len(hidden)
    if number == 0:
        return True
    are_few = max(hidden) < minimum
    return number > 1 and total > number and not (are_few and total >= number * (minimum - 1))


@dataclass(frozen=True)
class Window:
    """The days that an earlier build published: which of this table's it showed, and which it hid.

    The totals of two windows differ by the days that one of them has alone. What was hidden stays
    hidden, and what was shown is no company: both are known to who has the earlier build.
    """

    states: tuple[str, ...]  # of each row of this table: hidden, shown, or new
    gone: Mapping[tuple[object, ...], int]  # hidden rows of each group that are in this no longer
    groups: tuple[tuple[object, ...], ...]

    @classmethod
    def of(
        cls, table: pd.DataFrame, sizes: pd.Series, by: Sequence[str], earlier: pd.DataFrame
    ) -> Self | None:
        """Hold a table against an earlier one; None where their rows have no common names."""
        keys = keys_of(table.columns.intersection(earlier.columns))
        if sizes.name not in earlier or "date" not in keys or not {*by} <= {*earlier}:
            return None
        names = [list(map(tuple, one[keys].astype(str).to_numpy())) for one in (table, earlier)]
        groups = [
            list(map(tuple, one[list(by)].astype(str).to_numpy())) for one in (table, earlier)
        ]
        old = dict(zip(names[1], pd.to_numeric(earlier[sizes.name]), strict=True))
        states = [
            "new" if name not in old else "hidden" if np.isnan(old[name])
            else "shown" if old[name] == size else "new"
            for name, size in zip(names[0], sizes, strict=True)
        ]  # fmt: skip
        here = set(names[0])
        gone = Counter(
            group for name, group in zip(names[1], groups[1], strict=True)
            if np.isnan(old[name]) and name not in here
        )  # fmt: skip
        return cls(tuple(states), gone, tuple(groups[0]))

    def hid(self, row: int) -> bool:
        """Say whether the earlier build hid a row that is still there."""
        return self.states[row] == "hidden"

    def shows(self, row: int) -> bool:
        """Say whether the earlier build shows what a row holds."""
        return self.states[row] == "shown"

    def is_safe(self, hidden: Sequence[int], sizes: pd.Series, minimum: int) -> bool:
        """Say whether the sums of both windows tell no hidden row of a group."""
        if not hidden:
            return True
        unknown = [row for row in hidden if not self.shows(row)]
        both = [row for row in unknown if self.hid(row)]
        new = [row for row in unknown if not self.hid(row)]
        gone = self.gone.get(self.groups[hidden[0]], 0)

        def is_safe(rows: Sequence[int]) -> bool:
            return _is_safe(sizes.iloc[list(rows)].tolist(), minimum)

        if not gone:  # the sum of those in both is known from the earlier build
            return is_safe(new)
        if not new:  # and so is that of those which went
            return not both or (gone > 1 and is_safe(both))
        return is_safe(unknown)


def give_company(
    small: pd.Series, sizes: pd.Series, group: list[int], minimum: int,
    windows: Sequence[Window] = (),
) -> None:  # fmt: skip
    """Hide the smallest further rows of a group until its total tells no hidden row."""
    while small.iloc[group].any():
        inside = small.iloc[group].to_numpy()
        hidden = [row for row, is_hidden in zip(group, inside, strict=True) if is_hidden]
        if _is_safe(sizes.iloc[hidden].tolist(), minimum) and all(
            one.is_safe(hidden, sizes, minimum) for one in windows
        ):
            return
        others = [
            row for row, is_hidden in zip(group, inside, strict=True)
            if not is_hidden and sizes.iloc[row] > 0 and not any(one.shows(row) for one in windows)
        ]  # fmt: skip
        if not others:
            return
        small.iloc[min(others, key=lambda row: (sizes.iloc[row], row))] = True


def told_by_windows(
    shown: pd.DataFrame, whole: pd.DataFrame, earlier: Sequence[pd.DataFrame], minimum: int
) -> set[str]:
    """Name the codes whose total tells a hidden day to who has the days of an earlier window."""
    sizes = pd.to_numeric(whole["items"])
    windows = [
        one for one in (Window.of(whole, sizes, ["grievance"], old) for old in earlier) if one
    ]
    told = set()
    for group in groups_of(whole, ["grievance"]) if windows else ():
        hidden = [row for row in group if pd.isna(shown["items"].iloc[row]) and sizes.iloc[row] > 0]
        if not all(one.is_safe(hidden, sizes, minimum) for one in windows):
            told.add(str(whole["grievance"].iloc[group[0]]))
    return told
