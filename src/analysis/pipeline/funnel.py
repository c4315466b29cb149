"""What each step left out, from the records of the files to the negative items with a code."""

from __future__ import annotations

import pandas as pd
import polars as pl

from analysis.pipeline.partitions import scan_partitions
from analysis.storage import RunPaths, read_table

REASONS = {
    "read": "records rejected, each with its reason in rejects.csv",
    "repeats": "the same post again: another keyword, another run, overlapping exports, "
    "one review below several goods",
    "window": "published outside the window, or without a day",
    "no_window": "no days, so no window: all are counted",
    "consumer_voice": "media, official, marketing or merchant voice",
    "negative": "no grievance of a consumer is voiced",
    "coded": "a negative item that no code of the codebook covers",
}


def build_funnel(paths: RunPaths, *, has_days: bool = True) -> pd.DataFrame:
    """Count what enters and leaves each step of a run.

    Parameters
    ----------
    paths
        Where the run's files stand.
    has_days
        Whether the posts have days, so that a window could be taken.

    Returns
    -------
    pandas.DataFrame
        step, posts_in, posts_out, dropped, reason; each step takes in what the one before let out.
    """
    sizes = [*_sizes_of_reading(paths), *_sizes_of_coding(paths)]
    rows = []
    posts_in = sizes[0][1]
    for step, posts_out in sizes[1:]:
        key = step if has_days or step != "window" else "no_window"
        rows.append((step, posts_in, posts_out, posts_in - posts_out, REASONS[key]))
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
