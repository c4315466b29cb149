"""Judge the study's published claims over seeds, on counts of the simulated corpus without texts.

    python benchmarks/validity/study_claims.py [--seeds 20] [--scale 1] [--audited 3000]

The simulator's own calendar gives the true posts of every code and day. The coder finds a share of
them and takes others for them, by chance; an audit knows a count that is a share p of all posts to
± 0.98 / sqrt(p × audited), the width that audits of the coded corpus have, and the drift of the
coder as audits of it do. Writes study_claims.csv: how often each claim is recovered, missed and not
testable, and in how many seeds each word of the trend claim is answered by yes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from trend_worlds import AUDIT_ERRORS

from analysis.audit.drift import pool_drifts
from analysis.measures.published import judge_claims
from analysis.measures.trend import judge_trend
from analysis.simulate.days import Calendar, ExperimentSettings, make_calendar
from analysis.study.load import load_study
from analysis.study.model import Study

HERE = Path(__file__).parent
SEED = 20261207
RECALL, FALSE_FINDS = 0.75, 0.10  # as the coder has them on the simulated corpus, about


def true_days(study: Study, scale: float) -> pd.DataFrame:
    """Count the true posts of all, negative, each code, sub and platform by day."""
    assert study.simulation is not None
    calendar: Calendar = make_calendar(
        days=list(study.days), event_days=study.event_days, simulation=study.simulation,
        scale=scale, seed=1, settings=ExperimentSettings(),
    )  # fmt: skip
    named: dict[str, np.ndarray] = {}
    for stratum, posts in zip(calendar.strata, calendar.table.T, strict=True):
        names = ["all"]
        if stratum.is_negative:
            names += ["negative", *stratum.grievances, *stratum.sub_grievances]
            names += [f"platform:{stratum.platform}"] * (stratum.platform is not None)
            if stratum.platform:
                names += [f"inside:{sub}" for sub in stratum.sub_grievances]
        for name in names:
            named[name] = named.get(name, 0) + posts
    return pd.DataFrame(named, index=[day.isoformat() for day in study.days])


def code(rng: np.random.Generator, true: pd.DataFrame) -> pd.DataFrame:
    """Give what the coder counts by day."""
    found = {"all": true["all"].to_numpy()}
    shape = true["negative"].to_numpy() / true["negative"].sum()
    for name in true.columns.drop("all"):
        posts = true[name].to_numpy()
        found[name] = rng.binomial(posts, RECALL) + rng.poisson(FALSE_FINDS * posts.sum() * shape)
    return pd.DataFrame(found, index=true.index)


def audit(
    rng: np.random.Generator, name: str, size: float, posts: float, audited: int
) -> tuple[float, float, float]:
    """Estimate a true count with the error of an audit."""
    sd = np.sqrt((0.98 / np.sqrt(size / posts * audited) / 1.96) ** 2)
    estimate = size * np.exp(rng.normal(0, sd))
    return estimate, estimate * np.exp(-1.96 * sd), estimate * np.exp(1.96 * sd)


def tables_of(
    rng: np.random.Generator, study: Study, true: pd.DataFrame, audited: int
) -> dict[str, pd.DataFrame]:
    """Give the tables of a run."""
    found, codes = code(rng, true), [name for name in true if "." not in name and ":" not in name]
    subs = [name for name in true if "." in name and ":" not in name]
    whole = float(true["all"].sum())

    def rows(column: str, names: list[str], shown: list[str]) -> pd.DataFrame:
        table = pd.DataFrame({column: shown, "items": [int(found[name].sum()) for name in names]})
        ends = [audit(rng, name, float(true[name].sum()), whole, audited) for name in names]
        table[["estimate", "low", "high"]] = np.array(ends)
        table.loc[table[column] == "all", ["estimate", "low", "high"]] = np.nan
        return table

    daily = found[codes].rename_axis("date").reset_index()
    daily = daily.melt("date", var_name="grievance", value_name="items")
    errors = AUDIT_ERRORS * np.sqrt(1000 / audited)
    drift = pool_drifts(rng.normal(0, errors), errors)
    known = pd.DataFrame({"grievance": codes[1:], "low": np.expm1(drift.low),
                          "high": np.expm1(drift.high), "p": drift.p})  # fmt: skip
    inside = [name for name in true if name.startswith("inside:")]
    platforms = [name for name in true if name.startswith("platform:")]
    parts = rows("sub_grievance", subs, subs)
    parts.insert(0, "grievance", [sub.split(".")[0] for sub in subs])
    cells = pd.DataFrame({
        "platform": platforms[0].split(":")[1], "sub_grievance": [n[7:] for n in inside],
        "grievance": [n[7:].split(".")[0] for n in inside],
        "items": [int(found[n].sum()) for n in inside],
    })  # fmt: skip
    return {
        "counts": rows("grievance", codes, codes), "daily": daily, "sub_grievances": parts,
        "platforms": rows("platform", platforms, [name.split(":")[1] for name in platforms]),
        "platform_sub_grievances": cells,
        "trends": judge_trend(daily, study.event_days, drift=known, claimed=study.claimed_trends),
    }  # fmt: skip


def main() -> None:
    """Judge the claims of every seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--audited", type=int, default=3000)
    options = parser.parse_args()
    study = load_study(HERE.parents[1] / "studies" / "618-2020.yaml")
    true = true_days(study, options.scale)
    truth = {name: float(true[name].sum()) for name in true if not name.startswith("inside:")}
    parts = []
    for seed in range(options.seeds):
        tables = tables_of(np.random.default_rng([SEED, seed]), study, true, options.audited)
        claims = judge_claims(
            study, tables, simulated=True, scale=options.scale, truth_counts=truth
        )
        parts.append(claims.assign(seed=seed))
    claims = pd.concat(parts)
    counted = claims.groupby("claim_id", sort=False)["verdict"].value_counts().unstack(fill_value=0)
    print(counted.to_string())
    print((counted.sum() / options.seeds).round(2).to_string())
    said = claims.loc[claims["claim_id"] == "C14", "found_en"].str.findall(r"(\w+): yes").explode()
    print(said.value_counts().to_string())
    print(claims.loc[claims["verdict"].isin(["not_testable", "missed"]), ["claim_id", "low", "high",
          "reason_en"]].groupby("claim_id").head(2).to_string())  # fmt: skip
    counted.to_csv(HERE / "study_claims.csv", lineterminator="\n")


if __name__ == "__main__":
    main()
