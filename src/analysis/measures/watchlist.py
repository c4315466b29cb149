"""The red and black list, by rules that would rather name nobody than the wrong one.

A list says that a platform has more, or fewer, negative posts per unit of exposure in this corpus;
it says nothing on law or honesty. Ranking by counts names the largest platforms, not the worst.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_small, like_frame
from analysis.measures.reason_words import write_reason
from analysis.measures.shrinkage import Array, posterior, probability_above
from analysis.measures.watchlist_rules import FEWEST_PLATFORMS, missing_evidence
from analysis.numbers import decimal_text

COLUMNS = ("platform", "items", "exposure", "rate", "low", "high", "list", "reason")
EVIDENCE = (
    "families", "authors", "days", "audited", "precision_low", "is_campaign_checked",
    "is_reply_invited",
)  # fmt: skip
SURE = 0.95
BLACK_ABOVE = 1.25
RED_BELOW = 0.8
EXPOSURE_ERRORS = (0.5, 1.5)
NOTHING = "not_enough_evidence"


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
    50 % smaller or larger, also in distinct texts; at least 30 corrected items, 30 texts,
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
        authors, families`.
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
    if known.sum() >= FEWEST_PLATFORMS:
        table = table.join(_compare(table[known]))
    else:
        table = table.assign(rate=np.nan, low=np.nan, high=np.nan)
    verdicts = [_decide(row, int(known.sum())) for _, row in table.iterrows()]
    table["list"] = [verdict for verdict, _ in verdicts]
    table["reason"] = [reason for _, reason in verdicts]
    return like_frame(platform_counts, table[list(COLUMNS)])


def _gather(
    counts: pd.DataFrame,
    exposure: pd.DataFrame | None,
    evidence: pd.DataFrame | None,
    source: str | None,
) -> pd.DataFrame:
    """Collect all that is known of each platform, in an order that is not the input's."""
    table = _by_platform(counts, ("platform", "items"), "platform counts")
    table = table.rename(columns={"low": "audit_low", "high": "audit_high"})
    for name in ("exposure", "estimate", "audit_low", "audit_high", *EVIDENCE):
        table[name] = table[name] if name in table.columns else None
    table["source"] = source
    for extra, need in ((exposure, ("platform", "exposure")), (evidence, ("platform",))):
        if extra is not None:
            given = _by_platform(extra, need, " and ".join(need))
            for name in set(given.columns) & set(table.columns):
                table[name] = given[name].reindex(table.index).combine_first(table[name])
    for name in ("items", "exposure", "estimate", "audit_low", "audit_high", "families"):
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
    counts = known["estimate"].fillna(known["items"]).to_numpy()
    spread = ((known["audit_high"] - known["audit_low"]) / 3.92).fillna(0.0).to_numpy()
    units = known["exposure"].to_numpy()
    drawn = posterior(counts, units)
    share = (known["families"] / known["items"].where(known["items"] > 0)).fillna(1.0).to_numpy()
    texts = posterior(counts * share, units)
    table = pd.DataFrame(
        {
            "rate": drawn.mean,
            "low": drawn.quantile(0.025),
            "high": drawn.quantile(0.975),
            "black": probability_above(drawn, spread, BLACK_ABOVE),
            "red": 1 - probability_above(drawn, spread, RED_BELOW),
            "black_in_texts": probability_above(texts, spread * share, BLACK_ABOVE),
            "red_in_texts": 1 - probability_above(texts, spread * share, RED_BELOW),
        },
        index=known.index,
    )
    table["is_robust"] = [
        max(row["black"], row["red"]) >= SURE and _survives(place, counts, spread, units)
        for place, (_, row) in enumerate(table.iterrows())
    ]
    return table


def _survives(place: int, counts: Array, spread: Array, units: Array) -> bool:
    """Tell whether a verdict stands with the platform's exposure 50 % smaller and larger."""
    verdicts = set()
    for error in (1.0, *EXPOSURE_ERRORS):
        changed = units.copy()
        changed[place] *= error
        drawn = posterior(counts, changed)
        black = probability_above(drawn, spread, BLACK_ABOVE)[place] >= SURE
        red = 1 - probability_above(drawn, spread, RED_BELOW)[place] >= SURE
        verdicts.add("black" if black else "red" if red else NOTHING)
    return len(verdicts) == 1 and NOTHING not in verdicts


def _decide(row: pd.Series, platforms: int) -> tuple[str, str]:
    if not row["exposure"] > 0:
        return NOTHING, "no_exposure"
    if platforms < FEWEST_PLATFORMS:
        return NOTHING, write_reason("few_platforms", platforms)
    name = "black" if row["black"] >= row["red"] else "red"
    chance = decimal_text(row[name])
    if row[name] < SURE:
        return NOTHING, write_reason("no_clear_difference", chance)
    reasons = [] if _is_named(row["source"]) else ["no_source"]
    reasons += [] if row["is_robust"] else ["not_robust"]
    reasons += [] if row[f"{name}_in_texts"] >= SURE else ["not_in_families"]
    reasons += missing_evidence(row)
    if reasons:
        return NOTHING, "; ".join(reasons)
    word = "more_per_exposure" if name == "black" else "fewer_per_exposure"
    return name, write_reason(word, chance)


def _is_named(source: object) -> bool:
    return isinstance(source, str) and source.strip() != ""
