"""Measure the verdicts on published claims by claims that are made up, true and false ones.

    python benchmarks/validity/claims.py [--runs 400]

Writes claims.csv beside this file. Each run draws a world, what an audited report of it would hold,
and claims that are true or false in that world, and judges them by `judge_claims`. False: a false
claim borne out (reproduced or consistent), or a true one contradicted. Beside it how many claims
could be tested, and how many true ones were borne out. A number is false when it is off by half
again or more; a growth when there is none; steady when the change is not within 10 %; a high day
when it is as all others. A day 10 % above them is the smallest that counts as high.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import trend_worlds as worlds

from analysis.measures.published import judge_claims
from analysis.measures.trend import judge_trend
from analysis.study.load import study_of_range
from analysis.study.model import Claim

HERE = Path(__file__).parent
SEED = 20261130
SMALL = 0.1
NAMES = ("price", "delivery", "counterfeit", "after_sales", "red_envelope", "unfair_terms",
         "product_quality", "live_streaming", "sms_harassment")  # fmt: skip
PARTS = ("amount_too_small", "not_credited", "unfair_rules")
STUDY = study_of_range("made", date(2020, 6, 1), date(2020, 6, 20), [])
Made = tuple[Claim, bool]
World = Callable[[np.random.Generator], tuple[dict[str, pd.DataFrame], list[Made]]]


def claim(kind: str, **fields: Any) -> Claim:  # noqa: ANN401 - the fields of a claim
    """Make a claim without words."""
    return Claim(id="C", statement_zh="", statement_en="", kind=kind, **fields)  # type: ignore[arg-type]


def audited(
    rng: np.random.Generator, names: tuple[str, ...], true: np.ndarray, error: float
) -> pd.DataFrame:
    """Estimate true counts with a known error on the log scale."""
    estimate = true * np.exp(rng.normal(0, error, len(true)))
    reach = np.exp(1.96 * error)
    return pd.DataFrame(
        {"grievance": names, "items": np.round(true), "estimate": estimate,
         "low": estimate / reach, "high": estimate * reach}
    )  # fmt: skip


def numbers(error: float) -> World:
    """Claim counts of codes, and their shares of all posts, under an audit of this error."""

    def draw(rng: np.random.Generator) -> tuple[dict[str, pd.DataFrame], list[Made]]:
        true = np.exp(rng.uniform(5, 9, 4))
        counts = audited(rng, NAMES[:4], true, error)
        whole = pd.DataFrame({"grievance": ["all"], "items": [60_000]})
        made = []
        for name, size, factor in zip(NAMES, true, (1, 1.5, 1 / 1.5, 2), strict=False):
            made.append((claim("count", grievance=name, published=size * factor), factor == 1))
            share = claim("share", grievance=name, of="all", published=size * factor / 60_000)
            made.append((share, factor == 1))
        return {"counts": pd.concat([whole, counts])}, made

    return draw


def orders(error: float) -> World:
    """Claim an order of three codes, and the five largest of nine: the true ones and drawn ones."""

    def draw(rng: np.random.Generator) -> tuple[dict[str, pd.DataFrame], list[Made]]:
        true = np.exp(rng.uniform(5, 8, len(NAMES)))
        ranked = [NAMES[i] for i in np.argsort(-true)]
        few = [name for name in ranked if name in NAMES[:3]]
        made = [
            (claim("ranking", order=order), order == few)
            for order in (few, [*few[1:], few[0]], [few[0], few[2], few[1]])
        ]
        for five in (ranked[:5], [*ranked[:4], ranked[5]], list(rng.permutation(NAMES)[:5])):
            is_true = set(five) == set(ranked[:5])
            made.append((claim("ranking", grievance="negative", order=list(five)), is_true))
        return {"counts": audited(rng, NAMES, true, error)}, made

    return draw


def parts(error: float) -> World:
    """Claim that two of three parts are most of a code: the two largest, smallest, and others."""

    def draw(rng: np.random.Generator) -> tuple[dict[str, pd.DataFrame], list[Made]]:
        true = np.exp(rng.uniform(3, 6, 3))
        names = tuple(f"red_envelope.{part}" for part in PARTS)
        table = audited(rng, names, true, error).rename(columns={"grievance": "sub_grievance"})
        table = table.assign(grievance="red_envelope", families=table["items"])
        ranked = [names[i] for i in np.argsort(-true)]
        counts = audited(rng, ("red_envelope",), np.array([true.sum()]), error)
        made = [
            (claim("sub_grievances", grievance="red_envelope", order=list(two)),
             sum(size for name, size in zip(names, true, strict=True) if name in two)
             > 0.5 * true.sum())
            for two in (ranked[:2], ranked[1:], [ranked[0], ranked[2]])
        ]  # fmt: skip
        return {"counts": counts, "sub_grievances": table}, made

    return draw


def days(sd: float, height: float) -> World:
    """Claim days that are high, and the highest days of flat noise, named after a look at them."""

    def draw(rng: np.random.Generator) -> tuple[dict[str, pd.DataFrame], list[Made]]:
        rates = 500 * np.exp(sd * rng.standard_t(8, (2, 20)) / np.sqrt(8 / 6))
        rates[1, [11, 16]] = 500 * (1 + height)
        counts = rng.poisson(rates)
        daily = pd.concat(
            pd.DataFrame({"date": worlds.DATES, "grievance": name, "items": row, "grade": "good"})
            for name, row in zip(("price", "delivery"), counts, strict=True)
        )
        highest = [[date(2020, 6, 1 + int(day)) for day in np.argsort(-counts[0])[:n]]
                   for n in (1, 2)]  # fmt: skip
        made = [(claim("peak", grievance="price", days=named), False) for named in highest]
        named = [date(2020, 6, 12), date(2020, 6, 17)]
        return {"daily": daily}, [*made, (claim("peak", grievance="delivery", days=named), True)]

    return draw


def changes(growth: float, sd: float) -> World:
    """Claim growth, decline and steadiness of a share that does one of them."""

    def draw(rng: np.random.Generator) -> tuple[dict[str, pd.DataFrame], list[Made]]:
        drawn = worlds.growing(growth, 1500, sd, 0.2)(rng)
        trends = judge_trend(drawn.daily, drawn.event_days, claimed=["sms_harassment"])
        truth = {"growth": growth > 0, "decline": growth < 0, "flat": abs(growth) <= SMALL}
        if 0 < abs(growth) <= SMALL:  # steady and a small growth at once: either may be said
            del truth["growth" if growth > 0 else "decline"]
        made = [
            (claim("trend", grievance="sms_harassment", expected=word), is_true)
            for word, is_true in truth.items()
        ]
        return {"trends": trends}, made

    return draw


WORLDS: dict[str, World] = {
    **{f"counts and shares, audit error {error:.0%}": numbers(error)
       for error in (0.05, 0.1, 0.2, 0.4)},
    **{f"orders and largest codes, audit error {error:.0%}": orders(error)
       for error in (0.05, 0.1, 0.2)},
    **{f"largest sub-grievances, audit error {error:.0%}": parts(error)
       for error in (0.1, 0.2, 0.4)},
    **{f"peak days, noise {sd:.0%}, height {height:.0%}": days(sd, height)
       for sd, height in ((0.05, 0.1), (0.05, 0.3), (0.1, 0.5), (0.2, 0.5))},
    **{f"trends, {growth:+.0%}, noise {sd:.0%}": changes(growth, sd)
       for growth, sd in ((0.0, 0.03), (0.0, 0.1), (0.05, 0.03), (0.3, 0.1), (0.6, 0.1),
                          (-0.4, 0.1))},
}  # fmt: skip


def judged(world: World, runs: int) -> Iterator[tuple[bool, str]]:
    """Give for each made claim whether it is true, and the verdict on it."""
    rng = np.random.default_rng(SEED)
    for _ in range(runs):
        tables, made = world(rng)
        study = STUDY.model_copy(update={"claims": [one for one, _ in made]})
        verdicts = judge_claims(study, tables, is_monitored_whole=True)["verdict"]
        yield from zip((is_true for _, is_true in made), verdicts, strict=True)


def measure(runs: int) -> pd.DataFrame:
    """Share of false verdicts among all made claims, by world."""
    rows = []
    for name, world in WORLDS.items():
        true, verdicts = (np.array(column) for column in zip(*judged(world, runs), strict=True))
        borne = np.isin(verdicts, ["reproduced", "consistent"])
        against = verdicts == "contradicted"
        false = (borne & ~true) | (against & true)
        shares = (
            borne[~true].mean(), against[true].mean() if true.any() else np.nan, false.mean(),
            borne[true].mean() if true.any() else np.nan, (borne | against).mean(),
        )  # fmt: skip
        rows.append((name, len(verdicts), *shares))
        print(*rows[-1], sep=" | ", flush=True)
    columns = ["claims", "judged", "false_borne_out", "true_contradicted", "false_verdicts",
               "true_borne_out", "testable"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).round(4)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=400)
    measured = measure(parser.parse_args().runs)
    measured.to_csv(HERE / "claims.csv", index=False, lineterminator="\n")
