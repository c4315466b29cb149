"""What a study file may hold: one class a section, unknown keys refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analysis.study.names import NAME_PATTERN
from analysis.study.periods import SERIES, Period, choose_period
from analysis.study.simulation import Simulation

Share = Annotated[float, Field(gt=0, le=1)]


class Section(BaseModel):
    """A part of the study file; a key that is not listed is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(Section):
    """First and last day of the monitoring, both inside, Asia/Shanghai."""

    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Window:
        if self.end < self.start:
            raise ValueError(f"window.end {self.end} lies before window.start {self.start}")
        return self

    @property
    def days(self) -> list[date]:
        """Every day of the window in order."""
        return [self.start + timedelta(n) for n in range((self.end - self.start).days + 1)]


class Thresholds(Section):
    """Cut-offs of the run: Jaccard similarity of a family, probability of a negative item."""

    similarity: Share = 0.8
    negative: Share = 0.5


class Disclosure(Section):
    """What may leave the project: the smallest cell printed, and whether posts are quoted."""

    minimum_cell: Annotated[int, Field(ge=1)] = 1
    quotes: bool = False


class Exposure(Section):
    """Denominators of the red and black list: a file (platform, exposure) and its source."""

    file: str
    source: str


class Published(Section):
    """Figures that the model report printed, by grievance code and by platform."""

    source: str
    counts: dict[str, int] = Field(default_factory=dict)
    platforms: dict[str, int] = Field(default_factory=dict)


class Claim(Section):
    """One published statement, in a form that can be judged."""

    id: str
    statement_zh: str
    statement_en: str
    kind: Literal[
        "count", "daily_mean", "share", "trend", "peak", "sub_grievances", "ranking", "arithmetic"
    ]
    grievance: str | None = None
    platform: str | None = None
    of: str | None = None
    published: float | None = None
    unit: str | None = None
    expected: Literal["growth", "decline", "flat"] | None = None
    days: list[date] = Field(default_factory=list)
    order: list[str] = Field(default_factory=list)
    note: str | None = None


class Study(Section):
    """One study: which days, which sources, which rules, which published claims.

    `window` is null where the posts have no days: then nothing is measured that needs them.
    """

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    title_zh: str
    title_en: str
    window: Window | None
    event_days: list[date] = Field(default_factory=list)
    sources: list[str] = Field(default_factory=list)
    seed: Annotated[int, Field(ge=0)] = 618
    scale: Share = 0.01
    channels: list[str] = Field(default_factory=list)
    thresholds: Thresholds = Thresholds()
    disclosure: Disclosure = Disclosure()
    exposure: Exposure | None = None
    claims: list[Claim] = Field(default_factory=list)
    simulation: Simulation | None = None
    published: Published | None = None

    @property
    def period(self) -> Period:
        """What the window is told in: days up to 60 of them, weeks up to 548, then months."""
        return choose_period(len(self.days))

    @property
    def days(self) -> list[date]:
        """Every day of the window; none where the posts have no days."""
        return [] if self.window is None else self.window.days

    @property
    def series(self) -> str:
        """Name of the table whose counts trends, breaks and figures rest on."""
        return SERIES[self.period]

    @property
    def coverage(self) -> str:
        """Name of the table that grades the days, weeks or months of `series`."""
        return "coverage" if self.period == "day" else "coverage_periods"

    @model_validator(mode="after")
    def _event_days_in_window(self) -> Study:
        window = self.window
        outside = [
            day for day in self.event_days
            if window is not None and not window.start <= day <= window.end
        ]  # fmt: skip
        if outside:
            raise ValueError(f"event_days {outside[0]} lies outside the window")
        return self
