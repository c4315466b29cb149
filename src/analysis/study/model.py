"""What a study file may hold: one class a section, unknown keys refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analysis.study.names import NAME_PATTERN
from analysis.study.periods import SERIES, Period, choose_period

# The `simulation:` section of a study file: sizes, shapes and mixtures, each with its reason.

Weight = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """A part of the section; a key that is not listed is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DailyShape(Part):
    """How a number of posts is spread over the days of the window.

    `growth` is the change from the first to the last day as a fraction, `peaks` multiply single
    days, `fluctuation` is the standard deviation of a day's log level and `turns` the smallest
    number of ups and downs that the fluctuation must show.
    """

    growth: Annotated[float, Field(gt=-1)] = 0.0
    peaks: dict[date, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    fluctuation: Weight = 0.0
    turns: Count = 0
    reason: str


class Combination(Part):
    """Posts that carry several codes at once, or several subs of one code."""

    grievances: Annotated[list[str], Field(min_length=1)]
    sub_grievances: list[str] = Field(default_factory=list)
    posts: Count

    @model_validator(mode="after")
    def _subs_belong_to_codes(self) -> Combination:
        for sub in self.sub_grievances:
            if sub.split(".")[0] not in self.grievances:
                raise ValueError(f"{sub} belongs to none of {', '.join(self.grievances)}")
        return self


class GrievanceSize(Part):
    """All posts of one code at 1:1, the mixture of its subs, and its days.

    `subs` are relative weights of the posts that carry this code alone; the key `none` stands for
    posts without a sub.
    """

    posts: Count
    published: bool = False
    reason: str
    subs: dict[str, Weight] = Field(default_factory=lambda: {"none": 1.0})
    daily: DailyShape


class NamedPlatform(Part):
    """Negative items that name one platform, and what they are about."""

    posts: Count
    published: bool = False
    reason: str
    mixture: list[Combination]
    uncoded: Weight = 0.0


class Copies(Part):
    """Shares of posts that copy another one, and how many posts a copied text reaches."""

    negative: Annotated[float, Field(ge=0, lt=1)]
    harmless: Annotated[float, Field(ge=0, lt=1)]
    exact: Annotated[float, Field(ge=0, le=1)]
    reason: str


class Simulation(Part):
    """Sizes and shapes of a simulated corpus at 1:1."""

    posts: Count
    negative: Count
    reason: str
    daily: DailyShape
    uncoded_daily: DailyShape
    grievances: dict[str, GrievanceSize]
    combinations: list[Combination] = Field(default_factory=list)
    named_platforms: dict[str, NamedPlatform] = Field(default_factory=dict)
    harmless: dict[str, Weight]
    harmless_reason: str
    copies: Copies
    shape_seed: Count = 0

    @model_validator(mode="after")
    def _parts_fit(self) -> Simulation:
        if self.negative > self.posts:
            raise ValueError(f"{self.negative} negative posts do not fit into {self.posts}")
        for combination in self.combinations:
            for code in combination.grievances:
                if code not in self.grievances:
                    raise ValueError(f"the combination names {code}, which has no size")
        return self


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
    """One published statement, in a form that can be judged.

    `measure` says what a trend claim is on: the share of all posts, or the number itself; `says`
    which other words it has, each judged by itself.
    """

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
    measure: Literal["share", "count"] = "share"
    says: list[Literal["slight", "fluctuating"]] = Field(default_factory=list)
    days: list[date] = Field(default_factory=list)
    order: list[str] = Field(default_factory=list)
    note: str | None = None
    note_zh: str | None = None


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

    @property
    def claimed_trends(self) -> list[str]:
        """The series whose trend was published, which are tested as a family of their own."""
        named = {claim.grievance or "negative" for claim in self.claims if claim.kind == "trend"}
        return sorted(named)

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
