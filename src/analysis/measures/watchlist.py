"""The red and black list, by rules that would rather name nobody than the wrong one.

A list says that a platform has more, or fewer, negative posts per unit of exposure in this corpus;
it says nothing on law or honesty. Ranking by counts names the largest platforms, not the worst.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from scipy import optimize, special

from analysis.audit.machine_scores import countable
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy, as_small, like_frame
from analysis.measures.coverage import put_into_words, write_reason
from analysis.measures.coverage_hours import local_time
from analysis.numbers import count_text, decimal_text

# Rates per unit of exposure, drawn together: an empirical-Bayes gamma-Poisson model.
#
# Counts k over exposures E; rates come from Gamma(a, b), fitted by marginal maximum likelihood
# (the counts are then negative binomial); the posterior of a platform is Gamma(a + k/φ, b + E/φ).
# φ is the overdispersion within a platform: posts come in affairs, and a total of 400 posts that
# swings by half tells as much as four independent posts. It is estimated from the platform's days
# against those of all platforms; where these are not known, the spread between the platforms stands
# for it, and only what stands out from that spread is listed.
# Sources: Clayton & Kaldor 1987 for the model, Spiegelhalter 2005 for overdispersion.

Array = NDArray[np.float64]

# Beyond this shape the platforms do not differ and the likelihood is flat.
_LARGEST_SHAPE = 1e5
_SMALLEST_SHAPE = 1e-2
_QUANTILES = 41


@dataclass(frozen=True)
class RatePosterior:
    """Posterior of the rates of all platforms."""

    shape: Array
    rate: Array

    @property
    def mean(self) -> Array:
        """Posterior mean rate."""
        mean: Array = self.shape / self.rate
        return mean

    @property
    def reference(self) -> float:
        """Median of the posterior means: what a platform is compared with."""
        return float(np.median(self.mean))

    def quantile(self, q: float) -> Array:
        """Quantile of each posterior."""
        value: Array = special.gammaincinv(self.shape, q) / self.rate
        return value


def _fit_gamma(counts: Array, exposure: Array) -> tuple[float, float]:
    """Fit the gamma distribution of the rates by marginal maximum likelihood."""
    # In units of the mean exposure the two parameters have similar scale.
    unit = float(exposure.mean())
    scaled = exposure / unit
    if counts.sum() == 0:
        return 1.0, unit
    found = optimize.minimize_scalar(
        lambda log_a: -_log_likelihood(np.exp(log_a), counts, scaled),
        bounds=(np.log(_SMALLEST_SHAPE), np.log(_LARGEST_SHAPE)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    a = float(np.exp(found.x))
    return a, _best_rate(a, counts, scaled) * unit


def _best_rate(a: float, counts: Array, exposure: Array) -> float:
    """Give the b that maximises the likelihood at this a: the root of a monotone equation."""

    def slope(log_b: float) -> float:
        b = np.exp(log_b)
        return float(len(counts) * a - ((a + counts) * b / (b + exposure)).sum())

    middle = float(np.log(a * exposure.sum() / counts.sum()))
    return float(np.exp(optimize.brentq(slope, middle - 20, middle + 20, xtol=1e-10)))


def _log_likelihood(a: float, counts: Array, exposure: Array) -> float:
    """Negative binomial log-likelihood at shape a and its best b, without the constant."""
    b = _best_rate(a, counts, exposure)
    terms = (
        special.gammaln(a + counts)
        - special.gammaln(a)
        + a * np.log(b / (b + exposure))
        - counts * np.log(b + exposure)
    )
    return float(terms.sum())


def posterior(counts: Array, exposure: Array) -> RatePosterior:
    """Fit and combine with each platform's own count."""
    a, b = _fit_gamma(counts, exposure)
    return RatePosterior(a + counts, b + exposure)


_BLOCKS = 4
_FEWEST_DAYS_FOR_NOISE = 8
# Blocks of days hang together as well: their noise adds up to more than if they did not.
_MEMORY = 2.0


def measure_noise(daily: Array) -> Array:
    """Estimate how far the total of each platform swings beyond chance, from its days.

    The days are added up in four blocks, since an affair lasts for days; a platform's blocks are
    compared with those of all platforms together, so that a promotion, which all share, is no
    noise. Pearson's dispersion of the blocks gives the coefficient of variation of the total.
    """
    totals = daily.sum(axis=1)
    if daily.shape[1] < _FEWEST_DAYS_FOR_NOISE:
        return np.full(len(daily), np.nan)
    blocks = np.stack([part.sum(axis=1) for part in np.array_split(daily, _BLOCKS, axis=1)], axis=1)
    usual = blocks / np.maximum(totals, 1)[:, None]
    enough = totals >= _FEWEST_ITEMS
    if not enough.any():
        return np.full(len(daily), np.nan)
    shape = np.maximum(np.median(usual[enough], axis=0), 1e-9)
    shape = shape / shape.sum()
    expected = totals[:, None] * shape
    dispersion = ((blocks - expected) ** 2 / np.maximum(expected, 1e-9)).sum(axis=1) / (_BLOCKS - 1)
    excess = np.maximum(0.0, dispersion - 1) / np.maximum(totals, 1)
    noise: Array = np.where(enough, np.sqrt(_MEMORY * excess), np.nan)
    return noise


def dispersion_of(counts: Array, exposure: Array, noise: Array) -> Array:
    """Give the overdispersion φ of each platform's count, 1 for independent posts.

    A platform's own noise is estimated from few blocks, so that it never counts for less than what
    the platforms have on average. Where no platform's noise is known, the spread of the rates
    between the platforms stands for it (by the median deviation, which a few bad ones do not move).
    """
    known = ~np.isnan(noise)
    if known.any():
        common = float(np.mean(noise[known] ** 2))
        squared = np.maximum(np.where(known, noise, 0.0) ** 2, common)
    else:
        logs = np.log((counts + 0.5) / exposure)
        spread = 1.4826 * float(np.median(np.abs(logs - np.median(logs))))
        chance = float(np.median(1 / np.maximum(counts, 1.0)))
        squared = np.full(len(counts), max(0.0, spread**2 - chance))
    factors: Array = 1 + squared * counts
    return factors


def probability_above(drawn: RatePosterior, spread: Array, factor: float) -> Array:
    """Give the probability that a rate exceeds factor × the reference."""
    steps = special.ndtri((np.arange(_QUANTILES) + 0.5) / _QUANTILES)
    shapes = np.maximum(drawn.shape[:, None] + spread[:, None] * steps, 1e-9)
    chance = special.gammaincc(shapes, factor * drawn.reference * drawn.rate[:, None])
    mean: Array = chance.mean(axis=1)
    return mean


# What must hold before a platform is named: each condition with its reason.
#
# A condition that cannot be checked for want of data counts as not met: absent evidence never
# lists anybody.

_FEWEST_ITEMS = 30
_FEWEST_AUTHORS = 30
_FEWEST_TEXTS = 30
_FEWEST_DAYS = 5
_FEWEST_AUDITED = 60
_FEWEST_PLATFORMS = 5
_PRECISION = 0.95

_WORDING = {
    "more_per_exposure": (
        "本语料中每单位用户规模的吐槽多于参照水平（后验概率 {0}）",
        "more negative items per unit of exposure in this corpus (posterior probability {0})",
    ),
    "fewer_per_exposure": (
        "本语料中每单位用户规模的吐槽少于参照水平（后验概率 {0}）",
        "fewer negative items per unit of exposure in this corpus (posterior probability {0})",
    ),
    "no_exposure": ("没有用户规模数据（分母）", "the number of users is not known"),
    "no_source": ("用户规模数据没有注明来源", "exposure without a cited source"),
    "few_platforms": ("可比平台只有 {0} 个", "only {0} platforms to compare"),
    "no_clear_difference": (
        "与参照水平没有明确差异（后验概率 {0}）",
        "no clear difference from the reference (posterior probability {0})",
    ),
    "not_robust": ("用户规模变动 ±50% 后结论不成立", "does not hold where exposure is ±50%"),
    "not_in_families": ("按组计数结论不成立", "does not hold in families"),
    "few_items": ("校正后的吐槽只有 {0} 条", "only {0} corrected negative items"),
    "few_texts": ("只有 {0} 组", "only {0} families"),
    "few_authors": ("不同作者只有 {0} 人", "only {0} distinct authors"),
    "few_days": ("只涉及 {0} 天", "only {0} days"),
    "not_audited": ("该平台审核过的帖子不够（{0} 条）", "not enough audited posts ({0})"),
    "attribution": (
        "没有证据表明平台识别的准确率达到 95%（下限 {0}）",
        "platforms not shown to be recognised right in 95% (lower bound {0})",
    ),
    "no_campaign_check": ("未排查刷帖和水军", "no check for bots and campaigns"),
    "no_reply": ("尚未给予平台申辩机会", "right of reply not given"),
}


def explain_listing(reasons: str, language: str = "zh") -> str:
    """Turn the reasons of a listing into words.

    Parameters
    ----------
    reasons
        The cell `reason` of the watch list.

    Examples
    --------
    >>> explain_listing("few_items(12); no_reply", "en")
    'only 12 corrected negative items; right of reply not given'
    """
    return put_into_words(reasons, _WORDING, language)


def _missing_evidence(row: pd.Series) -> list[str]:
    """List what a platform's evidence lacks, apart from the rate itself."""
    numbers = (
        ("few_items", "estimate", _FEWEST_ITEMS),
        ("few_texts", "families", _FEWEST_TEXTS),
        ("few_authors", "authors", _FEWEST_AUTHORS),
        ("few_days", "days", _FEWEST_DAYS),
        ("not_audited", "audited", _FEWEST_AUDITED),
        ("attribution", "precision_low", _PRECISION),
    )
    reasons = [
        write_reason(code, _shown(row.get(column)))
        for code, column, least in numbers
        if not _number(row.get(column)) >= least
    ]
    flags = (("no_campaign_check", "is_campaign_checked"), ("no_reply", "is_reply_invited"))
    return reasons + [code for code, column in flags if not _is_true(row.get(column))]


def _number(value: object) -> float:
    number = pd.to_numeric(pd.Series([value], dtype="object"), errors="coerce").iloc[0]
    return float(number) if pd.notna(number) else float("nan")


def _shown(value: object) -> str:
    number = _number(value)
    if np.isnan(number):
        return "unknown"
    return decimal_text(number) if 0 < number < 1 else count_text(number)


def _is_true(value: object) -> bool:
    return str(value).strip().lower() in ("true", "1", "1.0")


# What the posts themselves tell of each platform, for the conditions of the red and black list.

_EVIDENCE_COLUMNS = (
    "platform", "days", "families", "authors", "largest_family_share", "noise",
)  # fmt: skip
_NEEDED = ("is_negative", "platforms")


def gather_evidence(posts: AnyFrame) -> pd.DataFrame:
    """Count days, distinct texts and distinct authors of the negative items on each platform.

    What only people can know (the audit per platform, the precision of the brand attribution, the
    check for campaigns, the right of reply) has to be added before `rank_platforms` lists anybody.

    Parameters
    ----------
    posts
        Coded posts: `is_negative, platforms`; `published_at, family_id, author_key, repeat_of,
        is_in_window` where they are known.

    Returns
    -------
    pd.DataFrame
        One row per platform, by name: `days, families, authors` (0 where the posts do not know
        them), `largest_family_share`, the part of the items that one text makes up, and `noise`,
        how far the platform's total swings beyond chance (`measure_noise`).

    Raises
    ------
    CaodianError
        When the posts are not coded.

    Examples
    --------
    >>> posts = pl.DataFrame({"is_negative": [True] * 3, "platforms": [["得物"]] * 3,
    ...                       "family_id": ["a", "a", "b"]})
    >>> gather_evidence(posts)[["platform", "families", "largest_family_share"]].values.tolist()
    [['得物', 2, 0.666667]]
    """
    lazy = as_lazy(posts)
    present = lazy.collect_schema()
    missing = [name for name in _NEEDED if name not in present]
    if missing:
        raise CaodianError(
            f"the evidence on platforms needs the columns {', '.join(_NEEDED)}",
            value=f"missing: {', '.join(missing)}",
            remedy="Code the posts first (caodian code).",
        )
    rows = (
        countable(lazy)
        .filter("is_negative")
        .select(
            pl.col("platforms").cast(pl.List(pl.String)).list.unique().alias("platform"),
            _day(present).alias("day"),
            *(
                (pl.col(name) if name in present else pl.lit(None)).cast(pl.String).alias(name)
                for name in ("family_id", "author_key")
            ),
        )
    )
    rows = rows.explode("platform").drop_nulls("platform")
    largest = rows.group_by("platform", "family_id").len().group_by("platform")
    counted = rows.group_by("platform").agg(
        pl.col("day").drop_nulls().n_unique().alias("days"),
        pl.col("family_id").drop_nulls().n_unique().alias("families"),
        pl.col("author_key").drop_nulls().n_unique().alias("authors"),
        pl.len().alias("items"),
    )
    table = counted.join(largest.agg(pl.col("len").max()), on="platform").with_columns(
        largest_family_share=(pl.col("len") / pl.col("items")).round(6)
    )
    by_day = rows.drop_nulls("day").group_by("platform", "day").len().collect()
    found = table.sort("platform").collect()
    noise = pl.Series("noise", _noise_of(found["platform"].to_list(), by_day), strict=False)
    evidence = found.with_columns(noise.cast(pl.Float64).fill_nan(None))
    return pd.DataFrame(evidence.select(_EVIDENCE_COLUMNS).to_dict(as_series=False))


def _noise_of(platforms: list[str], by_day: pl.DataFrame) -> list[float]:
    """Measure the noise of each platform over all days from the first to the last with posts."""
    if by_day.is_empty():
        return [np.nan] * len(platforms)
    numbers = (by_day["day"] - by_day["day"].min()).dt.total_days().to_numpy()
    daily = np.zeros((len(platforms), int(numbers.max()) + 1))
    places = {name: place for place, name in enumerate(platforms)}
    rows = [places[name] for name in by_day["platform"]]
    daily[rows, numbers] = by_day["len"].to_numpy()
    return [float(value) for value in measure_noise(daily).round(6)]


def _day(present: pl.Schema) -> pl.Expr:
    if "published_at" not in present:
        return pl.lit(None, dtype=pl.Date)
    return local_time(present["published_at"]).dt.date()


_COLUMNS = ("platform", "items", "exposure", "rate", "low", "high", "list", "reason")
_EVIDENCE = (
    "families", "authors", "days", "audited", "precision_low", "is_campaign_checked",
    "is_reply_invited", "noise",
)  # fmt: skip
_SURE = 0.95
_BLACK_ABOVE = 1.25
_RED_BELOW = 0.8
_EXPOSURE_ERRORS = (0.5, 1.5)
_NOTHING = "not_enough_evidence"


def rank_platforms(
    platform_counts: AnyFrame,
    exposure: AnyFrame | None = None,
    *,
    evidence: AnyFrame | None = None,
    exposure_source: str | None = None,
) -> Any:  # noqa: ANN401 - the kind of frame that was given
    """Put each platform on the black list, the red list or under not enough evidence.

    Listed only if all hold: exposure from a cited source for at least five platforms; posterior
    probability ≥ .95 that the rate is above 1.25 × (black) or below .8 × (red) the median, on
    audit-corrected counts with the audit's error averaged in, also with the platform's own exposure
    50 % smaller or larger, with the noise within platforms taken into account, also in distinct
    texts; at least 30 corrected items, 30 texts,
    30 authors, 5 days and 60 audited posts; brand attribution at least 95 % right (lower bound);
    bots and campaigns checked; reply invited. What is not known counts as not met. Rates are
    shrunk by a gamma prior (Clayton & Kaldor 1987), so that a small platform tops no list by
    chance.

    Parameters
    ----------
    platform_counts
        pandas or Polars, from `count_grievances(posts, by="platform")`: `platform, items`, and
        `families, authors, estimate, low, high` where they are known.
    exposure
        `platform, exposure` and optionally `source`; by default the counts' own column.
    evidence
        By platform any of `days, audited, precision_low, is_campaign_checked, is_reply_invited,
        authors, families, noise` (`gather_evidence`; without any noise the spread between the
        platforms stands for it).
    exposure_source
        Where the exposure comes from, when the table does not say.

    Returns
    -------
    The same kind of frame
        `platform, items, exposure, rate, low, high, list` (black, red, not_enough_evidence),
        `reason` (codes), most items first. `rate` is the posterior mean per unit of exposure,
        `low, high` its 95 % interval.

    Raises
    ------
    CaodianError
        A column is missing, a platform stands twice, or an exposure is no number above 0.

    Examples
    --------
    >>> counts = pd.DataFrame({"platform": ["甲", "乙"], "items": [900, 40]})
    >>> rank_platforms(counts)[["platform", "list", "reason"]].values.tolist()[0]
    ['甲', 'not_enough_evidence', 'no_exposure']
    """
    units, known_of = (None if table is None else as_small(table) for table in (exposure, evidence))
    table = _gather(as_small(platform_counts), units, known_of, exposure_source)
    known = table["exposure"] > 0
    if known.sum() >= _FEWEST_PLATFORMS:
        table = table.join(_compare(table[known]))
    else:
        table = table.assign(rate=np.nan, low=np.nan, high=np.nan)
    verdicts = [_decide(row, int(known.sum())) for _, row in table.iterrows()]
    table["list"] = [verdict for verdict, _ in verdicts]
    table["reason"] = [reason for _, reason in verdicts]
    return like_frame(platform_counts, table[list(_COLUMNS)])


def _gather(
    counts: pd.DataFrame,
    exposure: pd.DataFrame | None,
    evidence: pd.DataFrame | None,
    source: str | None,
) -> pd.DataFrame:
    """Collect all that is known of each platform, in an order that is not the input's."""
    table = _by_platform(counts, ("platform", "items"), "platform counts")
    table = table.rename(columns={"low": "audit_low", "high": "audit_high"})
    for name in ("exposure", "estimate", "audit_low", "audit_high", *_EVIDENCE):
        table[name] = table[name] if name in table.columns else None
    table["source"] = source
    for extra, need in ((exposure, ("platform", "exposure")), (evidence, ("platform",))):
        if extra is not None:
            given = _by_platform(extra, need, " and ".join(need))
            for name in set(given.columns) & set(table.columns):
                table[name] = given[name].reindex(table.index).combine_first(table[name])
    for name in ("items", "exposure", "estimate", "audit_low", "audit_high", "families", "noise"):
        table[name] = pd.to_numeric(table[name], errors="coerce").astype("float64")
    _check_numbers(table)
    return table.reset_index().sort_values(
        ["items", "platform"], ascending=[False, True], ignore_index=True
    )


def _by_platform(frame: pd.DataFrame, columns: tuple[str, ...], where: str) -> pd.DataFrame:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise CaodianError(
            f"the table of {where} must have the columns {', '.join(columns)}",
            value=f"missing: {', '.join(missing)}",
            where=f"columns there: {', '.join(map(str, frame.columns)) or 'none'}",
        )
    repeated = frame["platform"][frame["platform"].duplicated()]
    if len(repeated):
        raise CaodianError(
            "a platform must stand once in a table", value=repeated.iloc[0], where=where
        )
    return frame.set_index("platform")


def _check_numbers(table: pd.DataFrame) -> None:
    if table["items"].isna().any() or (table["items"] < 0).any():
        raise CaodianError("items of a platform must be numbers from 0 up", where="platform counts")
    bad = table["exposure"] <= 0
    if bad.any():
        raise CaodianError(
            "an exposure must be above 0",
            value=float(table["exposure"][bad].iloc[0]),
            where=f"platform {table.index[bad][0]}",
            remedy="Leave it empty where it is not known.",
        )


def _compare(known: pd.DataFrame) -> pd.DataFrame:
    """Rates with intervals and the chances of a high and of a low rate in every scenario."""
    raw = known["estimate"].fillna(known["items"]).to_numpy()
    factors = dispersion_of(raw, known["exposure"].to_numpy(), known["noise"].to_numpy())
    counts = raw / factors
    spread = ((known["audit_high"] - known["audit_low"]) / 3.92).fillna(0.0).to_numpy() / factors
    units = known["exposure"].to_numpy() / factors
    drawn = posterior(counts, units)
    share = (known["families"] / known["items"].where(known["items"] > 0)).fillna(1.0).to_numpy()
    texts = posterior(counts * share, units)
    table = pd.DataFrame(
        {
            "rate": drawn.mean,
            "low": drawn.quantile(0.025),
            "high": drawn.quantile(0.975),
            "black": probability_above(drawn, spread, _BLACK_ABOVE),
            "red": 1 - probability_above(drawn, spread, _RED_BELOW),
            "black_in_texts": probability_above(texts, spread * share, _BLACK_ABOVE),
            "red_in_texts": 1 - probability_above(texts, spread * share, _RED_BELOW),
        },
        index=known.index,
    )
    table["is_robust"] = [
        max(row["black"], row["red"]) >= _SURE and _survives(place, counts, spread, units)
        for place, (_, row) in enumerate(table.iterrows())
    ]
    return table


def _survives(place: int, counts: Array, spread: Array, units: Array) -> bool:
    """Tell whether a verdict stands with the platform's exposure 50 % smaller and larger."""
    verdicts = set()
    for error in (1.0, *_EXPOSURE_ERRORS):
        changed = units.copy()
        changed[place] *= error
        drawn = posterior(counts, changed)
        black = probability_above(drawn, spread, _BLACK_ABOVE)[place] >= _SURE
        red = 1 - probability_above(drawn, spread, _RED_BELOW)[place] >= _SURE
        verdicts.add("black" if black else "red" if red else _NOTHING)
    return len(verdicts) == 1 and _NOTHING not in verdicts


def _decide(row: pd.Series, platforms: int) -> tuple[str, str]:
    if not row["exposure"] > 0:
        return _NOTHING, "no_exposure"
    if platforms < _FEWEST_PLATFORMS:
        return _NOTHING, write_reason("few_platforms", platforms)
    name = "black" if row["black"] >= row["red"] else "red"
    chance = decimal_text(row[name])
    if row[name] < _SURE:
        return _NOTHING, write_reason("no_clear_difference", chance)
    reasons = [] if _is_named(row["source"]) else ["no_source"]
    reasons += [] if row["is_robust"] else ["not_robust"]
    reasons += [] if row[f"{name}_in_texts"] >= _SURE else ["not_in_families"]
    reasons += _missing_evidence(row)
    if reasons:
        return _NOTHING, "; ".join(reasons)
    word = "more_per_exposure" if name == "black" else "fewer_per_exposure"
    return name, write_reason(word, chance)


def _is_named(source: object) -> bool:
    return isinstance(source, str) and source.strip() != ""
