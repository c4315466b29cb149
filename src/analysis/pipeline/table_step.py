"""The audit of a run and its published tables, from coded posts to `build/<study>/tables`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import polars as pl

from analysis.coding.codebook import load_codebook
from analysis.corpus.readers.table import explain_no_days
from analysis.frames import to_pandas
from analysis.measures.coverage import COLUMNS as COVERAGE_COLUMNS
from analysis.measures.coverage import grade_coverage, grade_periods
from analysis.measures.coverage_cells import COLUMNS as HOURS_COLUMNS
from analysis.measures.coverage_cells import tabulate_hours
from analysis.measures.daily_series import DailySeries, explain_left_out
from analysis.measures.prevalence import (
    DAILY_COLUMNS,
    count_channels,
    count_codes,
    count_daily,
    count_platforms,
    count_ratings,
    count_sub_grievances,
)
from analysis.pipeline.partitions import renew_folder, scan_partitions
from analysis.schema import parse_columns
from analysis.storage import RunPaths, read_table, write_table
from analysis.storage.run_paths import in_project
from analysis.study import Study
from analysis.words import reader_names

if TYPE_CHECKING:
    from analysis.clusters.topics import Clusters

# The audit: simulated coders on a simulated corpus, filled sheets on a real one.

_AUDIT_SIZE = 1_000
_CODER_ERROR = 0.05


def audit_simulated(paths: RunPaths, truth: pl.LazyFrame, seed: int) -> None:
    """Draw a sample, let simulated coders with a set error code it, and correct the counts.

    Parameters
    ----------
    paths
        Where the run's files stand; sheets and result go to `processed/audit`.
    truth
        What the simulator planted; only the simulated coders see it.
    """
    from analysis.audit.score import score_audit
    from analysis.audit.sheets import draw_audit
    from analysis.audit.simulated_coders import fill

    directory = renew_folder(paths.processed / "audit")
    draw_audit(scan_partitions(paths.coded), directory, size=_AUDIT_SIZE, seed=seed, with_subs=True)
    fill(directory, truth, error=_CODER_ERROR, seed=seed)
    _save_audit(score_audit(directory, names=reader_names()), directory)
    write_table(_drift_of_codes(directory), directory / "drift.csv")


def _drift_of_codes(directory: Path) -> pd.DataFrame:
    """Measure the coder's drift for what has a trend: negative items and codes."""
    from analysis.audit.correction import measure_drift
    from analysis.audit.score import open_folder, settle_codes

    codebook = load_codebook()
    folder = open_folder(directory, codebook)
    drift = measure_drift(folder.sample, settle_codes(folder).final)
    tested = drift["grievance"].isin(["negative", *codebook.code_names])
    # A rounded lower end of -1 would say that nothing is left of the count; keep it above.
    return drift[tested].assign(low=drift["low"].clip(lower=-0.9999)).reset_index(drop=True)


def _save_audit(result: pd.DataFrame, directory: Path) -> None:
    """Write the corrected counts of codes, and beside them those of subs and platforms."""
    write_table(result, directory / "audit.csv")
    details = result.attrs.get("details")
    notes = pd.DataFrame(result.attrs.get("notes", []), columns=["zh", "en"])
    if len(notes):
        write_table(notes, directory / "notes.csv")
    if details is not None and len(details):
        write_table(details, directory / "details.csv")


@dataclass(frozen=True)
class Audit:
    """Corrected counts of codes, and of sub-grievances and platforms where the data allow."""

    counts: pd.DataFrame
    details: pd.DataFrame | None = None
    drift: pd.DataFrame | None = None
    notes: pd.DataFrame | None = None


def open_audit(path: Path) -> Audit:
    """Read corrected counts from a folder of `_save_audit`, or from a file of `audit score`."""
    if not path.is_dir():
        return Audit(_numbers(path))
    found = {name: path / f"{name}.csv" for name in ("details", "drift", "notes")}
    beside = {name: _numbers(file) for name, file in found.items() if file.exists()}
    return Audit(_numbers(path / "audit.csv"), **beside)


def _numbers(path: Path) -> pd.DataFrame:
    return parse_columns(read_table(path)).to_pandas()


# What a reader must know beside the numbers, as a table.

_COLUMNS = ("about", "number", "zh", "en")


def _gather_notes(
    audit: pd.DataFrame | None,
    clusters: Clusters,
    series: DailySeries | None = None,
    no_days: tuple[str, str] | None = None,
) -> pd.DataFrame:
    """Put the notes on the audit, the clusters and series with too little into one table."""
    from analysis.measures.trend_tests import OUTSIDE_TESTS

    rows = [] if audit is None else list(audit[["zh", "en"]].itertuples(index=False, name=None))
    listed = [("audit", number, zh, en) for number, (zh, en) in enumerate(rows, start=1)]
    if clusters.note:
        listed.append(("clusters", 1, clusters.note_zh or clusters.note, clusters.note))
    if series is not None:
        zh, en = explain_left_out(series, apart=(OUTSIDE_TESTS,))
        listed += [("trends", 1, zh, en)] if en else []
    if no_days is not None:
        listed.append(("days", 1, *no_days))
    closed = [(about, n, _close(zh, "。"), _close(en, ".")) for about, n, zh, en in listed]
    return pd.DataFrame(closed, columns=list(_COLUMNS))


def _close(note: str, stop: str) -> str:
    """Return a note as a sentence: with a capital and a full stop."""
    return (
        note[:1].upper() + note[1:] + ("" if note.endswith((".", "。", "!", "?", "？")) else stop)
    )


# What each step left out, from the records of the files to the negative items with a code.

_REASONS = {
    "read": "records rejected, each with its reason in rejects.csv",
    "repeats": "the same post again: another keyword, another run, overlapping exports, "
    "one review below several goods",
    "window": "published outside the window, or without a day",
    "no_window": "no days, so no window: all are counted",
    "consumer_voice": "media, official, marketing or merchant voice",
    "negative": "no grievance of a consumer is voiced",
    "coded": "a negative item that no code of the codebook covers",
}


def _build_funnel(paths: RunPaths, *, has_days: bool = True) -> pd.DataFrame:
    """Count what enters and leaves each step of a run."""
    sizes = [*_sizes_of_reading(paths), *_sizes_of_coding(paths)]
    rows = []
    posts_in = sizes[0][1]
    for step, posts_out in sizes[1:]:
        key = step if has_days or step != "window" else "no_window"
        rows.append((step, posts_in, posts_out, posts_in - posts_out, _REASONS[key]))
        posts_in = posts_out
    return pd.DataFrame(rows, columns=["step", "posts_in", "posts_out", "dropped", "reason"])


def _sizes_of_reading(paths: RunPaths) -> list[tuple[str, int]]:
    reconciliation = read_table(paths.processed / "reconciliation.csv")
    read, kept, repeats = (
        int(reconciliation[name].cast(pl.Int64).sum())
        for name in ("records_read", "kept", "repeats")
    )
    return [("start", read), ("read", kept), ("repeats", kept - repeats)]


def _sizes_of_coding(paths: RunPaths) -> list[tuple[str, int]]:
    consumer = pl.col("voice") == "consumer"
    negative = pl.col("is_negative")
    counts = scan_partitions(paths.coded).select(
        pl.len().alias("window"),
        (consumer | negative).sum().alias("consumer_voice"),
        negative.sum().alias("negative"),
        (negative & (pl.col("grievances").list.len() > 0)).sum().alias("coded"),
    )
    return [(str(name), int(size)) for name, size in counts.collect().to_dicts()[0].items()]


def build_tables(paths: RunPaths, study: Study, audit: Audit | None) -> dict[str, pd.DataFrame]:
    """Measure the coded posts of a run.

    Parameters
    ----------
    study
        Window, event days, published figures.
    audit
        Corrected counts, or None without an audit.

    Returns
    -------
    dict
        The tables of the contract by name, claims excepted.
    """
    # SciPy and scikit-learn behind these take a second to import, and counting needs neither.
    from analysis.clusters.emerging import find_emerging
    from analysis.clusters.topics import cluster_topics
    from analysis.measures.daily_series import arrange_daily
    from analysis.measures.prevalence import count_platform_sub_grievances, with_named
    from analysis.measures.watchlist import gather_evidence, rank_platforms

    posts = scan_partitions(paths.coded)
    counted = count_tables(paths, study, audit)
    clusters = cluster_topics(_negative_in_order(posts), seed=study.seed, period=study.period)
    placed = clusters.posts.select("source", "post_id", "topic", "confidence")
    write_table(placed, paths.topics)
    reconciliation = read_table(paths.processed / "reconciliation.csv").to_pandas()
    tables = {
        "funnel": _build_funnel(paths, has_days=bool(study.days)),
        "reconciliation": reconciliation,
        **counted,
        **_test_days(posts, counted, study, audit),
        "platform_sub_grievances": count_platform_sub_grievances(posts),
        "clusters": to_pandas(clusters.clusters),
        "emerging": to_pandas(
            find_emerging(_possibly_negative(posts), seed=study.seed, period=study.period)
        ),
        "watchlist": rank_platforms(
            counted["platforms"],
            evidence=gather_evidence(posts),
            exposure_source=study.exposure.source if study.exposure else None,
        ),
    }
    tables["platforms"] = with_named(counted["platforms"], posts)
    series = None
    if study.days:
        series = arrange_daily(
            counted[study.series], grades=counted[study.coverage], period=study.period
        )
    tables["notes"] = _gather_notes(
        audit.notes if audit else None, clusters, series, _no_days(reconciliation, study)
    )
    if audit is not None:
        tables["audit"] = audit.counts
    return tables


def _test_days(
    posts: pl.LazyFrame, counted: dict[str, pd.DataFrame], study: Study, audit: Audit | None
) -> dict[str, pd.DataFrame]:
    """Test what needs days: trends, breaks, specifications; empty tables where there are none."""
    from analysis.measures.conspicuous_days import TABLE as BREAK_COLUMNS
    from analysis.measures.conspicuous_days import list_conspicuous_days
    from analysis.measures.specification import TABLE as SPECIFICATION_COLUMNS
    from analysis.measures.specification import specify_claims
    from analysis.measures.trend import COLUMNS as TREND_COLUMNS
    from analysis.measures.trend import judge_trend
    from analysis.words import reader_names

    if not study.days:
        return {
            "trends": pd.DataFrame(columns=list(TREND_COLUMNS)),
            "breaks": pd.DataFrame(columns=list(BREAK_COLUMNS)),
            "specifications": pd.DataFrame(columns=list(SPECIFICATION_COLUMNS)),
        }
    series, grades = counted[study.series], counted[study.coverage]
    return {
        "trends": judge_trend(
            series,
            event_days=study.event_days,
            grades=grades,
            drift=audit.drift if audit else None,
            seed=study.seed,
            names=reader_names(),
            period=study.period,
        ),
        "breaks": list_conspicuous_days(posts, series, study, grades),
        "specifications": specify_claims(posts, study, grades),
    }


def _no_days(reconciliation: pd.DataFrame, study: Study) -> tuple[str, str] | None:
    """Say in both languages why posts have no days, or that those of some files have none."""
    codes = reconciliation["no_days"].dropna().tolist() if "no_days" in reconciliation else []
    if study.days and not any(codes):
        return None
    zh, en = (explain_no_days(codes, word, all_posts=not study.days) for word in ("zh", "en"))
    return zh, en


def count_tables(
    paths: RunPaths, study: Study, audit: Audit | None = None
) -> dict[str, pd.DataFrame]:
    """Count the coded posts by code, sub-grievance, platform, channel and day, and grade the days.

    Parameters
    ----------
    study
        Window and published figures.
    audit
        Corrected counts, or None without an audit.

    Returns
    -------
    dict
        counts, daily, sub_grievances, platforms, channels, ratings, coverage, coverage_hours; in a
        window of more than 60 days weekly or monthly, too, and coverage_periods. Without days those
        that need them are empty.
    """
    codebook = load_codebook()
    codes = list(codebook.code_names)
    corrected = audit.counts if audit else None
    details = audit.details if audit else None
    posts = scan_partitions(paths.coded)
    published = study.published.counts if study.published else None
    return {
        "counts": count_codes(posts, codes, published, corrected),
        "sub_grievances": count_sub_grievances(posts, codebook.sub_names, details),
        "platforms": count_platforms(posts, _exposures(study), details),
        "channels": count_channels(posts),
        "ratings": count_ratings(posts),
        **_count_days(posts, codes, study),
    }


def _count_days(posts: pl.LazyFrame, codes: list[str], study: Study) -> dict[str, pd.DataFrame]:
    """Count by day, and by week or month in a long window, and grade what was counted."""
    if study.window is None:
        return {
            "daily": pd.DataFrame(columns=list(DAILY_COLUMNS)),
            "coverage": pd.DataFrame(columns=list(COVERAGE_COLUMNS)),
            "coverage_hours": pd.DataFrame(columns=list(HOURS_COLUMNS)),
        }
    coverage = to_pandas(grade_coverage(posts, study))
    window = (study.window.start, study.window.end)
    counted = {
        "daily": count_daily(posts, codes, window, coverage),
        "coverage": coverage,
        "coverage_hours": tabulate_hours(posts, study, coverage),
    }
    if study.period != "day":
        periods = grade_periods(coverage, study.window, study.period)
        counted["coverage_periods"] = periods
        counted[study.series] = count_daily(posts, codes, window, periods, study.period)
    return counted


def _negative_in_order(posts: pl.LazyFrame) -> pl.DataFrame:
    """Return the negative items in an order that no order of input rows can change."""
    return posts.filter(pl.col("is_negative")).sort("source", "post_id").collect()


def _possibly_negative(posts: pl.LazyFrame) -> pl.DataFrame:
    """Return the posts among which new grievances are looked for."""
    from analysis.clusters.emerging import LEAST_PROBABILITY

    low_bar = pl.col("negative_probability") >= LEAST_PROBABILITY
    return posts.filter(pl.col("is_negative") | low_bar).collect()


def _exposures(study: Study) -> dict[str, float] | None:
    """Return the denominator of each platform from the study's cited source, if it has one."""
    if study.exposure is None:
        return None
    table = parse_columns(read_table(in_project(study.exposure.file)))
    return dict(table.select("platform", "exposure").iter_rows())
