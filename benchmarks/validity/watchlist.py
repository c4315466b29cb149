"""Measure the red and black list: how often it names wrongly, and how often it names at all.

    python benchmarks/validity/watchlist.py [--runs 400]

Writes watchlist.csv beside this file. False: on the black list though the true rate is at most
1.25 × the true median, or on the red list though it is at least .8 ×. Recall: share of the truly
high (or low) platforms that are named. Beside the full rule: the ranking by counts that press
tables print, and the posterior alone, which takes posts for independent and does not ask that a
verdict survives an exposure error of 50 %. `any_false` is the share of runs with a false listing.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize

from analysis.measures.watchlist import (
    measure_noise,
    posterior,
    probability_above,
    rank_platforms,
)

HERE = Path(__file__).parent
SEED = 20260618
DAYS = 20
BLACK, RED = 1.25, 0.8


@dataclass(frozen=True)
class World:
    """Platforms with known rates."""

    name: str
    platforms: int
    items: float
    spread: float
    tail: str = "lognormal"
    exposure_error: float = 0.0
    audit_error: float = 0.08
    is_bounded: bool = False
    wildness: float = 0.02
    noise: float = 0.0  # coefficient of variation of a platform's total beyond chance
    memory: float = 0.5  # autocorrelation of the days behind it
    has_days: bool = True


WORLDS = (
    World("12 platforms", 12, 400, 0.3),
    World("12 platforms, Poisson, exact audit", 12, 400, 0.3, audit_error=0.0, wildness=1e-6),
    World("12 platforms, five times fewer posts", 12, 80, 0.3),
    World("30 platforms, few posts", 30, 60, 0.3),
    World("12 platforms, no real difference", 12, 400, 0.0),
    World("12 platforms, one far above", 12, 400, 0.1, "outlier"),
    World("12 platforms, large differences", 12, 400, 0.8),
    World("30 platforms, heavy-tailed rates", 30, 300, 0.35, "t"),
    World("30 platforms, exposure wrong by up to 50 %", 30, 300, 0.3, "lognormal", 0.5, 0.08, True),
    World("30 platforms, exposure wrong by 25 % without bound", 30, 300, 0.3, exposure_error=0.25),
    World("30 platforms, weak audit", 30, 300, 0.3, audit_error=0.25),
    *(
        World(
            f"12 platforms, no difference, noise {noise:.2f}{kind}",
            12,
            400,
            0.0,
            noise=noise,
            memory=memory,
            has_days=has_days,
        )
        for noise in (0.25, 0.55)
        for kind, memory, has_days in (
            (", days known", 0.5, True),
            (", long memory", 0.8, True),
            (", no days", 0.5, False),
        )
    ),
    World("12 platforms, noise 0.55, one threefold", 12, 400, 0.1, "outlier", noise=0.55),
    World("12 platforms, noise 0.25, one threefold", 12, 400, 0.1, "outlier", noise=0.25),
    World("12 platforms, one threefold, no days", 12, 400, 0.1, "outlier", has_days=False),
    World("30 platforms, noise 0.55, spread .3", 30, 400, 0.3, noise=0.55),
)


def swing(world: World, rng: np.random.Generator) -> np.ndarray:
    """Draw what multiplies each day, so that a total has the world's coefficient of variation."""
    if not world.noise:
        return np.ones((world.platforms, DAYS))
    distance = np.abs(np.subtract.outer(np.arange(DAYS), np.arange(DAYS)))
    chained = world.memory**distance
    # the mean of exp(Gaussian) days has the variance of the mean of exp(sd² φ^distance) - 1
    sd = optimize.brentq(lambda sd: np.mean(np.expm1(sd**2 * chained)) - world.noise**2, 1e-3, 3.0)
    logs = sd * np.linalg.cholesky(chained) @ rng.standard_normal((DAYS, world.platforms))
    return np.exp(logs.T - sd**2 / 2)


def draw(world: World, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Draw counts with full evidence, stated exposure, and the true rates."""
    log_rates = rng.normal(0, 1, world.platforms)
    if world.tail == "t":
        log_rates = rng.standard_t(3, world.platforms)
    log_rates = world.spread * log_rates
    if world.tail == "outlier":
        log_rates[0] = np.log(3)
    rates = np.exp(log_rates)
    exposure = np.exp(rng.normal(0, 1, world.platforms))
    mean = world.items * rates * exposure / np.mean(exposure)
    shape = 1 / world.wildness
    daily = rng.poisson(
        (mean * rng.gamma(shape, 1 / shape, world.platforms) / DAYS)[:, None] * swing(world, rng)
    )
    true = daily.sum(axis=1)
    estimate = true * np.exp(rng.normal(0, world.audit_error, world.platforms))
    reach = 1.96 * world.audit_error * np.maximum(estimate, 1)
    names = [f"p{i:02}" for i in range(world.platforms)]
    counts = pd.DataFrame(
        {
            "platform": names, "items": true, "families": true, "authors": true,
            "estimate": estimate, "low": np.maximum(0, estimate - reach), "high": estimate + reach,
            "days": 20, "audited": 80, "precision_low": 0.97,
            "is_campaign_checked": True, "is_reply_invited": True,
            "noise": measure_noise(daily.astype(float)) if world.has_days else np.nan,
        }
    )  # fmt: skip
    if world.is_bounded:  # the truth lies within ± the error of what is stated
        factor = rng.uniform(1 - world.exposure_error, 1 + world.exposure_error, world.platforms)
        stated = exposure / factor
    else:
        stated = exposure * np.exp(rng.normal(0, world.exposure_error, world.platforms))
    return (
        counts,
        pd.DataFrame({"platform": names, "exposure": stated, "source": "simulated"}),
        rates,
    )


def by_full_rule(counts: pd.DataFrame, exposure: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Say which platforms are black and which red, by `rank_platforms`."""
    table = rank_platforms(counts, exposure).set_index("platform").loc[counts["platform"], "list"]
    return (table == "black").to_numpy(), (table == "red").to_numpy()


def by_posterior(counts: pd.DataFrame, exposure: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Say the same by shrinkage and n ≥ 30 alone."""
    k = counts["estimate"].to_numpy()
    drawn = posterior(k, exposure["exposure"].to_numpy())
    spread = ((counts["high"] - counts["low"]) / 3.92).to_numpy()
    enough = k >= 30
    black = (probability_above(drawn, spread, BLACK) >= 0.95) & enough
    return black, (1 - probability_above(drawn, spread, RED) >= 0.95) & enough


def by_count(counts: pd.DataFrame, _: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Blame the three platforms with the most items."""
    first = np.argsort(-counts["items"].to_numpy())[:3]
    return np.isin(np.arange(len(counts)), first), np.zeros(len(counts), dtype=bool)


RULES = {
    "full rule": by_full_rule,
    "posterior and n >= 30 alone": by_posterior,
    "top 3 by count": by_count,
}


def measure(runs: int) -> pd.DataFrame:
    """Count named, falsely named and truly conspicuous platforms in every world."""
    rows = []
    for world in WORLDS:
        rng = np.random.default_rng(SEED)
        drawn = [draw(world, rng) for _ in range(runs)]
        for name, rule in RULES.items():
            totals = np.zeros(7)
            for counts, exposure, rates in drawn:
                black, red = rule(counts, exposure)
                high, low = rates > BLACK * np.median(rates), rates < RED * np.median(rates)
                false = int((black & ~high).sum() + (red & ~low).sum())
                totals += [
                    black.sum() + red.sum(), false, (black & high).sum(), high.sum(),
                    (red & low).sum(), low.sum(), false > 0,
                ]  # fmt: skip
            named, false, hit, high_all, hit_red, low_all, any_false = totals
            rows.append(
                (
                    world.name, name, runs, named / runs, any_false / runs, false / runs,
                    false / named if named else 0.0,
                    hit / high_all if high_all else np.nan,
                    hit_red / low_all if low_all else np.nan,
                )
            )  # fmt: skip
            print(*rows[-1], sep=" | ", flush=True)
    columns = [
        "world", "rule", "runs", "named_per_run", "any_false", "false_per_run",
        "false_share_of_named", "recall_black", "recall_red",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).round(4)


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=400)
    measure(parser.parse_args().runs).to_csv(HERE / "watchlist.csv", index=False)


if __name__ == "__main__":
    main()
