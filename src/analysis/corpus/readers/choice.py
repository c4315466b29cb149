"""The user's own word on which column is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from analysis.corpus.readers.plan import Head, Plan
from analysis.errors import CaodianError, nearest

NO_COLUMN = "none"


@dataclass(frozen=True)
class ColumnChoice:
    """Columns that the user names; they override what was recognised.

    Parameters
    ----------
    text
        Columns of text, joined by a line break where several are named.
    time
        Column of the time of publication; ``none`` where the table has no times.
    title, id, rating, author, region, keyword, channel
        Further columns.

    Examples
    --------
    >>> sorted(ColumnChoice(text=("comment",), time="none").names())
    ['comment']
    """

    text: tuple[str, ...] = ()
    time: str | None = None
    title: str | None = None
    id: str | None = None
    rating: str | None = None
    author: str | None = None
    region: str | None = None
    keyword: str | None = None
    channel: str | None = None

    @classmethod
    def of(cls, named: Mapping[str, str | Sequence[str]]) -> ColumnChoice:
        """Return the choice that a mapping makes: what a column holds → its name, or names.

        Raises
        ------
        CaodianError
            When a key is no field.

        Examples
        --------
        >>> ColumnChoice.of({"text": "内容", "time": "日期"}).text
        ('内容',)
        """
        known = [field.name for field in fields(cls)]
        for key in named:
            if key not in known:
                like = nearest(key, known)
                raise CaodianError(
                    "columns are named by what they hold",
                    value=key,
                    remedy=f"Did you mean {like!r}?" if like else f"Known: {', '.join(known)}.",
                )
        given: dict[str, Any] = dict(named)
        if isinstance(given.get("text"), str):
            given["text"] = (given["text"],)
        return cls(**{**given, "text": tuple(given.get("text", ()))})

    def singles(self) -> dict[str, str]:
        """Return the single columns by their canonical names."""
        given = {
            "published_at": self.time,
            "title": self.title,
            "post_id": self.id,
            "rating": self.rating,
            "author": self.author,
            "region": self.region,
            "keyword": self.keyword,
            "channel": self.channel,
        }
        return {canonical: name for canonical, name in given.items() if name is not None}

    def names(self) -> set[str]:
        """Return all columns that the user named."""
        singles = {name for name in self.singles().values() if name.lower() != NO_COLUMN}
        return {*self.text, *singles}

    def is_complete(self, plan: Plan) -> bool:
        """Tell whether text and time are settled."""
        has_time = "published_at" in plan.columns or (self.time or "").lower() == NO_COLUMN
        return "text" in plan.columns and has_time


def check_choice(head: Head, choice: ColumnChoice) -> None:
    """Raise when a named column is not in the header."""
    for name in sorted(choice.names()):
        if name not in head.header:
            like = nearest(name, list(head.header))
            raise CaodianError(
                "a column that is named must be in the file",
                value=name,
                where=f"{head.path}, columns: {', '.join(name[:40] for name in head.header[:40])}",
                remedy=f"Did you mean {like!r}?" if like else "Name one of these columns.",
            )


def apply_choice(plan: Plan, choice: ColumnChoice) -> Plan:
    """Return the plan with the user's columns in place of its own."""
    columns = dict(plan.columns)
    guessed = set(plan.guessed)
    taken = choice.names()
    for canonical, names in list(columns.items()):
        if canonical in guessed and taken & set(names):
            del columns[canonical]
    if choice.text:
        columns["text"] = choice.text
    for canonical, name in choice.singles().items():
        guessed.discard(canonical)
        if name.lower() == NO_COLUMN:
            columns.pop(canonical, None)
        else:
            columns[canonical] = (name,)
    return replace(
        plan, columns=columns, guessed=frozenset(guessed), joins_texts=len(choice.text) > 1
    )
