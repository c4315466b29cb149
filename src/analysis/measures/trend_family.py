"""Judge all series of a table together: the rule, Holm's correction, and the guards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.measures.daily_series import DailySeries, shortfalls
from analysis.measures.drift import Interval, is_drift_shown
from analysis.measures.trend_guards import Family, guard_p_values
from analysis.measures.trend_rule import ALPHA, TrendFit, fit_trend
from analysis.measures.trend_words import direction_word, holm, is_fluctuating, size_word

OUTSIDE_FAMILY = "all"
TRENDS = ("growth", "decline")


@dataclass(frozen=True)
class Judgement:
    """What the rule decided on one series.

    Parameters
    ----------
    verdict, size, is_fluctuating
        The words.
    fit, plain_fit
        The fit that decides, and the one without the event dummy, printed beside it.
    p_holm
        Corrected p-value; for `all`, which is outside the family, its own.
    withdrawn_by
        The guard that withdrew a trend or a flat series; empty when none did.
    guard_p
        That guard's corrected p-value.
    """

    verdict: str
    size: str
    is_fluctuating: bool
    fit: TrendFit
    plain_fit: TrendFit
    p_holm: float
    withdrawn_by: str = ""
    guard_p: float = 0.0


def judge_family(
    series: DailySeries,
    events: NDArray[np.bool_],
    drifts: Mapping[str, Interval],
    *,
    seed: int,
    draws: int,
) -> dict[str, Judgement]:
    """Judge every series that has enough to tell (`measures.minimum`).

    Parameters
    ----------
    series
        The daily counts.
    events
        True on event days.
    drifts
        Drift interval by grievance.
    seed, draws
        Of the bootstrap.

    Returns
    -------
    dict
        Judgement by grievance; what cannot be tested is left out.

    Examples
    --------
    >>> from analysis.measures.daily_series import arrange_daily
    >>> import pandas as pd
    >>> daily = pd.DataFrame({"date": pd.date_range("2020-06-01", periods=20), "grievance": "price",
    ...                       "items": [1500, 1540] * 10})
    >>> judged = judge_family(arrange_daily(daily), np.zeros(20, bool), {}, seed=618, draws=999)
    >>> judged["price"].verdict
    'flat'
    """
    short = shortfalls(series)
    counts = {name: values for name, values in series.counts.items() if name not in short}
    if not counts:
        return {}
    days = series.day_numbers
    plain = {name: fit_trend(y, days, seed=seed, draws=draws) for name, y in counts.items()}
    fits = plain
    if events.any():
        fits = {
            name: fit_trend(y, days, [events], seed=seed, draws=draws) for name, y in counts.items()
        }
    corrected = correct_family({name: fit.p for name, fit in fits.items()})
    family = Family(counts, days, events, fits, seed, draws)
    guards = {
        guard: correct_family(values) for guard, values in guard_p_values(family, drifts).items()
    }
    return {
        name: _judge(
            name, family, plain[name], corrected[name],
            guards={guard: values[name] for guard, values in guards.items()},
            drift=drifts.get(name),
        )
        for name in counts
    }  # fmt: skip


def correct_family(p_values: Mapping[str, float]) -> dict[str, float]:
    """Correct by Holm over every row but `all`, which keeps its own p-value.

    Examples
    --------
    >>> correct_family({"all": 0.03, "negative": 0.03, "price": 0.01})
    {'all': 0.03, 'negative': 0.03, 'price': 0.02}
    """
    family = [name for name in p_values if name != OUTSIDE_FAMILY]
    corrected = dict(p_values)
    if family:
        values = holm(np.array([p_values[name] for name in family])).tolist()
        corrected.update(zip(family, values, strict=True))
    return corrected


def _judge(
    name: str,
    family: Family,
    plain: TrendFit,
    p_holm: float,
    *,
    guards: Mapping[str, float],
    drift: Interval | None,
) -> Judgement:
    fit = family.fits[name]
    verdict, withdrawn_by = direction_word(fit, p_holm, int(family.counts[name].sum())), ""
    if verdict in TRENDS:
        failed = [guard for guard, p in guards.items() if p >= ALPHA]
        withdrawn_by = max(failed, key=lambda guard: guards[guard], default="")
    elif verdict == "flat" and drift is not None and is_drift_shown(drift):
        withdrawn_by = "drift"
    verdict = "no_trend" if withdrawn_by else verdict
    return Judgement(
        verdict=verdict,
        size=size_word(fit, verdict),
        is_fluctuating=is_fluctuating(family.counts[name], family.day_numbers),
        fit=fit,
        plain_fit=plain,
        p_holm=p_holm,
        withdrawn_by=withdrawn_by,
        guard_p=guards.get(withdrawn_by, 0.0),
    )
