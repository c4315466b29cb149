"""Daily series with known truth, for measuring how often the trend rule is wrong.

Not the generator by which the rule was chosen: shocks are shared between grievances, innovations
have heavy tails, peaks have shoulders, cascades decay over days, and levels differ by grievance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.audit.drift import pool_drifts

DAYS = 20
DATES = pd.date_range("2020-06-01", periods=DAYS).strftime("%Y-%m-%d")
EVENT_DAYS = ("2020-06-16", "2020-06-17", "2020-06-18")
TIME = np.arange(DAYS) - (DAYS - 1) / 2
CODES = (
    "negative", "live_streaming", "price", "sms_harassment", "red_envelope", "counterfeit",
    "unfair_terms", "delivery", "after_sales", "product_quality",
)  # fmt: skip
LEVELS = np.array([6000, 560, 400, 300, 160, 150, 90, 700, 650, 500])
ALL = 32_000  # posts a day of any kind: what the ten rows are shares of


@dataclass(frozen=True)
class Drawn:
    """One simulated family: the daily table and what goes with it."""

    daily: pd.DataFrame
    event_days: tuple[str, ...] = ()
    drift: pd.DataFrame | None = None
    unit: str = "items"


def heavy_noise(rng: np.random.Generator, rows: int, sd: float, phi: float) -> np.ndarray:
    """AR(1) with Student-t(5) innovations and marginal standard deviation `sd`."""
    shocks = rng.standard_t(5, (rows, DAYS + 30)) / np.sqrt(5 / 3)
    series = np.zeros_like(shocks)
    for day in range(1, DAYS + 30):
        series[:, day] = phi * series[:, day - 1] + np.sqrt(1 - phi**2) * shocks[:, day]
    return sd * series[:, 30:]


def shared_and_own(rng: np.random.Generator, sd: float, phi: float) -> np.ndarray:
    """Noise of all grievances, then of all posts: half of the variance is common to the day."""
    common = heavy_noise(rng, 1, sd / np.sqrt(2), phi)
    return common + heavy_noise(rng, len(CODES) + 1, sd / np.sqrt(2), phi)


def table(
    rng: np.random.Generator, log_change: np.ndarray, levels: np.ndarray = LEVELS
) -> pd.DataFrame:
    """Poisson counts around levels × exp(log change), the last row all posts, as a daily table."""
    means = np.append(levels, ALL)[:, None] * np.exp(log_change)
    return as_table(rng.poisson(means))


def as_table(counts: np.ndarray) -> pd.DataFrame:
    """Put counts, one row a grievance and the last all posts, into a daily table."""
    wide = pd.DataFrame(counts.T, columns=[*CODES, "all"]).assign(date=DATES)
    return wide.melt("date", var_name="grievance", value_name="items")


def plain(
    sd: float, phi: float, levels: np.ndarray = LEVELS
) -> Callable[[np.random.Generator], Drawn]:
    """Noise alone."""
    return lambda rng: Drawn(table(rng, shared_and_own(rng, sd, phi), levels), EVENT_DAYS)


def moving_average(rng: np.random.Generator) -> Drawn:
    """Noise that is no AR(1): a moving average over three days."""
    raw = rng.standard_normal((len(CODES) + 1, DAYS + 2))
    smooth = (raw[:, :-2] + raw[:, 1:-1] + raw[:, 2:]) / np.sqrt(3)
    return Drawn(table(rng, 0.12 * smooth), EVENT_DAYS)


def peak(shoulder: float) -> Callable[[np.random.Generator], Drawn]:
    """Draw a peak of 30 to 150 % on the event days, with a share of it on the days beside."""

    def draw(rng: np.random.Generator) -> Drawn:
        height = np.log1p(rng.uniform(0.3, 1.5, (len(CODES) + 1, 1)))
        shape = np.zeros(DAYS)
        shape[15:18] = 1
        shape[[14, 18]] = shoulder
        noise = shared_and_own(rng, 0.1, 0.2)
        return Drawn(table(rng, height * shape + noise), EVENT_DAYS)

    return draw


def weekday_cycle(rng: np.random.Generator) -> Drawn:
    """Weekends lower, or higher, by up to 30 %, the same for all grievances."""
    weekend = np.isin(np.arange(DAYS) % 7, [5, 6])  # 1 June 2020 was a Monday
    depth = rng.uniform(-0.35, 0.25)
    return Drawn(table(rng, depth * weekend + shared_and_own(rng, 0.08, 0.2)), EVENT_DAYS)


def cascades(rng: np.random.Generator, *, by_families: bool) -> Drawn:
    """Reposts: now and then a post is copied hundreds of times, fading over days."""
    daily = table(rng, shared_and_own(rng, 0.08, 0.2)).rename(columns={"items": "families"})
    extra = np.zeros((len(CODES) + 1, DAYS))
    for row, level in enumerate(LEVELS):
        for _ in range(rng.poisson(3)):
            start, size = rng.integers(0, DAYS), level * 0.3 * (rng.pareto(1.2) + 0.2)
            decay = np.exp(-np.arange(DAYS - start) / 2)
            extra[row, start:] += rng.poisson(min(size, 40 * level) * decay)
    daily["items"] = daily["families"] + extra.astype(int).ravel()
    return Drawn(daily, EVENT_DAYS, unit="families" if by_families else "items")


def coder_drift(rng: np.random.Generator, *, audited: str) -> Drawn:
    """Change the coder's recall over the window; an audit of early and late posts shows it.

    `audited` says how the audit's drift is used: of each code alone, of all together, or not at
    all (empty).
    """
    change = rng.uniform(-0.3, 0.5, len(CODES))
    log_change = np.log1p(np.append(change, 0.0))[:, None] * TIME / (DAYS - 1)
    daily = table(rng, log_change + shared_and_own(rng, 0.08, 0.2))
    # Early and late halves differ by half of the change from end to end; audits of ±12 % a half.
    error = np.full(len(CODES), 0.12 / 1.96 * 2 * np.sqrt(2))
    return Drawn(daily, EVENT_DAYS, _see_drift(rng, np.log1p(change), error, audited))


def _see_drift(
    rng: np.random.Generator, change: np.ndarray, error: np.ndarray, audited: str
) -> pd.DataFrame | None:
    """Tell the drift as an audit with this error would."""
    seen = change + rng.normal(0, error)
    ends = np.column_stack([seen - 1.96 * error, seen + 1.96 * error])
    if audited == "together":
        pooled = pool_drifts(seen, error)
        ends = np.column_stack([pooled.low, pooled.high])
    low, high = np.expm1(ends).T
    return pd.DataFrame({"grievance": CODES, "low": low, "high": high}) if audited else None


# What 1,000 audited posts of the simulated study tell of each row (benchmarks/validity/drift.csv).
AUDIT_ERRORS = np.array([0.14, 0.6, 0.65, 0.8, 1.0, 1.1, 1.2, 0.55, 0.6, 0.6])


def growing_audited(
    growth: float, level: float, sd: float, audited: str, spread: float = 0.1
) -> Callable[[np.random.Generator], Drawn]:
    """One grievance grows; all drift by a common and an own part, seen by 1,000 audited posts."""

    def draw(rng: np.random.Generator) -> Drawn:
        drift = rng.normal(0, spread) + rng.normal(0, spread, len(CODES))
        drawn = growing(growth, level, sd, 0.0, drift)(rng)
        return replace(drawn, drift=_see_drift(rng, drift, AUDIT_ERRORS, audited))

    return draw


def growing(
    growth: float, level: float, sd: float, phi: float, drift: np.ndarray | None = None
) -> Callable[[np.random.Generator], Drawn]:
    """One grievance (sms_harassment) grows; the nine others do not. The coder may drift."""

    def draw(rng: np.random.Generator) -> Drawn:
        log_change = shared_and_own(rng, sd, phi)
        levels = LEVELS.astype(float)
        place = CODES.index("sms_harassment")
        log_change[place] += np.log1p(growth) * TIME / (DAYS - 1)
        if drift is not None:
            log_change[:-1] += drift[:, None] * TIME / (DAYS - 1)
        levels[place] = level
        return Drawn(table(rng, log_change, levels), EVENT_DAYS)

    return draw


def collected_more(growth: float, sd: float) -> Callable[[np.random.Generator], Drawn]:
    """Let the collection grow: all posts and all grievances alike, nothing in the world."""

    def draw(rng: np.random.Generator) -> Drawn:
        more = np.log1p(growth) * TIME / (DAYS - 1)
        return Drawn(table(rng, more + shared_and_own(rng, sd, 0.0)), EVENT_DAYS)

    return draw


def other_posts(growth: float, sd: float) -> Callable[[np.random.Generator], Drawn]:
    """Let posts of another kind be collected more or less: only all posts change."""

    def draw(rng: np.random.Generator) -> Drawn:
        log_change = shared_and_own(rng, sd, 0.0)
        log_change[-1] += np.log1p(growth) * TIME / (DAYS - 1)
        return Drawn(table(rng, log_change), EVENT_DAYS)

    return draw


def build_up(own: float) -> Callable[[np.random.Generator], Drawn]:
    """Let a promotion build up from the sixth day to its peak and fade; all posts follow it.

    `own` is how far the height of a grievance differs from that of all posts (sd of the logs).
    """

    def draw(rng: np.random.Generator) -> Drawn:
        days = np.arange(DAYS)
        shape = np.where(days < 15, np.clip((days - 5) / 10, 0, 1), 1.0)
        shape[18:] = (0.5, 0.25)
        height = np.log1p(rng.uniform(0.3, 1.0)) * np.exp(rng.normal(0, own, (len(CODES) + 1, 1)))
        return Drawn(table(rng, height * shape + shared_and_own(rng, 0.08, 0.2)), EVENT_DAYS)

    return draw


def counted(
    growth: float, level: float, dispersion: float, *, phi: float = 0.3, more: float = 0.0
) -> Callable[[np.random.Generator], Drawn]:
    """Draw negative-binomial counts around a week and an autocorrelated day; one code may grow.

    Another generator than that by which the rule was chosen: the noise of a series is its own
    (coefficient of variation `dispersion` on top of Poisson; of all posts, which hold many kinds,
    .03), weekends are lower by a tenth to a third, differently deep for every series, and the days
    of all hang together.
    """

    def draw(rng: np.random.Generator) -> Drawn:
        rows = len(CODES) + 1
        weekend = np.isin(np.arange(DAYS) % 7, [5, 6])
        depth = rng.uniform(-0.4, -0.1) + rng.normal(0, 0.05, (rows, 1))
        day = heavy_noise(rng, 1, 0.08, phi) + np.log1p(more) * TIME / (DAYS - 1)
        means = np.append(LEVELS.astype(float), ALL)[:, None] * np.exp(depth * weekend + day)
        place = CODES.index("sms_harassment")
        means[place] *= level / LEVELS[place] * np.exp(np.log1p(growth) * TIME / (DAYS - 1))
        shape = 1 / np.append(np.full(len(CODES), dispersion), 0.03)[:, None] ** 2
        counts = rng.poisson(means * rng.gamma(shape, 1 / shape, means.shape))
        return Drawn(as_table(counts), EVENT_DAYS)

    return draw
