"""The one exception that users see: a broken contract, told so that they can mend it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from os import PathLike
from typing import ClassVar


class CaodianError(Exception):
    """A contract that files, data or a study broke.

    Parameters
    ----------
    rule
        What must hold, as a sentence without full stop.
    value
        The offending value, shown as it stands.
    where
        File, row and column, or the field of a study.
    remedy
        What to do about it.

    Examples
    --------
    >>> print(CaodianError("a date must lie in the window", value="2021-01-01",
    ...                    where="posts.csv, row 7", remedy="Check the time column."))
    a date must lie in the window: found '2021-01-01' (posts.csv, row 7). Check the time column.
    """

    exit_code = 1
    tell_notebook: ClassVar[Callable[[CaodianError], str]] = staticmethod(str)
    """Says an error to a notebook, which is handed on with it; the package sets it."""

    def __init__(
        self,
        rule: str,
        *,
        value: object = None,
        where: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.rule = rule
        self.value = value
        self.where = where
        self.remedy = remedy
        super().__init__(self._sentence())

    def __reduce__(self) -> tuple[Callable[[], CaodianError], tuple[()]]:
        """Tell another process what was given, not the sentence, which is made of it there."""
        given = partial(type(self), self.rule, value=self.value, where=self.where)
        return partial(given, remedy=self.remedy), ()

    def _render_traceback_(self) -> list[str]:
        """Give what a notebook shows, and is saved with, in place of a stack trace."""
        self.args = (type(self).tell_notebook(self),)
        return [f"{type(self).__name__}: {self}"]

    def _sentence(self) -> str:
        found = "" if self.value is None else f": found {self.value!r}"
        place = "" if self.where is None else f" ({self.where})"
        remedy = "" if self.remedy is None else f" {self.remedy}"
        return f"{self.rule}{found}{place}.{remedy}"


def nearest(name: str, known: list[str], likeness: float = 0.5) -> str | None:
    """Return the known name most like `name`, or None when none is near.

    Parameters
    ----------
    name, known
        What was written, and what could have been meant.
    likeness
        From 0 to 1, how like a name must be at least.

    Examples
    --------
    >>> nearest("windov", ["window", "seed"])
    'window'
    >>> nearest("qqqq", ["window", "seed"]) is None
    True
    """
    from difflib import get_close_matches

    matches = get_close_matches(name, known, n=1, cutoff=likeness)
    return matches[0] if matches else None


def require_path(given: object, rule: str, remedy: str) -> None:
    """Refuse what is no path where a path is asked for, such as a frame, or None.

    Examples
    --------
    >>> require_path("build/a", "a run is opened by its name or folder", "Give it.")
    >>> require_path(None, "a run is opened by its name or folder", "Give it.")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a run is opened by its name or folder: found 'NoneType'. Give it.
    """
    if not isinstance(given, str | PathLike):
        raise CaodianError(rule, value=type(given).__name__, remedy=remedy)
