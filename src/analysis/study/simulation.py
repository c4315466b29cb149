"""The `simulation:` section of a study file: sizes, shapes and mixtures, each with its reason."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

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
