"""Knobs of a simulated corpus, for experiments on the method."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from analysis.errors import CaodianError

Trend = Literal["none", "slight", "marked", "peaks"]
TRENDS = ("none", "slight", "marked", "peaks")


@dataclass(frozen=True)
class Knobs:
    """What an experiment may turn; the defaults give the corpus of the study file.

    Parameters
    ----------
    difficulty
        0 tells every grievance in plain words, 1 is the calibrated mixture, 2 hides most of them.
    trend
        Overrides the daily shape of `trend_grievance`: level, growing by 30 %, doubling, or level
        with peaks on the study's event days. Without it the study file decides.
    trend_grievance
        The code whose days `trend` replaces.
    duplicates
        Multiplies the share of copied posts.
    missing_days
        Days without a single post, as when a collector stood still.
    missing_hours
        Hours (0-23) lost on every day of `partly_missing_days`.
    partly_missing_days
        Days that lose the hours of `missing_hours`; empty means every day.
    drift
        0 keeps the language the same; 1 lets hidden wordings grow from none on the first day to
        twice the usual share on the last.

    Examples
    --------
    >>> Knobs(trend="marked", duplicates=2.0).trend
    'marked'
    """

    difficulty: float = 1.0
    trend: Trend | None = None
    trend_grievance: str = "sms_harassment"
    duplicates: float = 1.0
    missing_days: tuple[date, ...] = ()
    missing_hours: tuple[int, ...] = ()
    partly_missing_days: tuple[date, ...] = ()
    drift: float = 0.0

    def __post_init__(self) -> None:
        self._within("difficulty", self.difficulty, 0, 2)
        self._within("duplicates", self.duplicates, 0, 5)
        self._within("drift", self.drift, 0, 1)
        for hour in self.missing_hours:
            self._within("missing_hours", hour, 0, 23)
        if self.trend is not None and self.trend not in TRENDS:
            raise CaodianError(
                f"trend must be one of {', '.join(TRENDS)}", value=self.trend, where="knobs"
            )

    @staticmethod
    def _within(name: str, value: float, low: float, high: float) -> None:
        if not low <= value <= high:
            raise CaodianError(
                f"{name} must lie between {low:g} and {high:g}", value=value, where="knobs"
            )

    def difficulty_on(self, day: int, days: int) -> float:
        """Return the difficulty of the `day`-th of `days` days, drift included.

        Examples
        --------
        >>> [Knobs(drift=1.0).difficulty_on(day, 3) for day in (0, 1, 2)]
        [0.0, 1.0, 2.0]
        """
        position = 0.0 if days < 2 else 2 * day / (days - 1) - 1
        return min(2.0, max(0.0, self.difficulty * (1 + self.drift * position)))
