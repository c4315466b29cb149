"""What a reader must know beside the numbers, as a table."""

from __future__ import annotations

import pandas as pd

from analysis.measures.clusters import Clusters
from analysis.measures.daily_series import DailySeries, explain_left_out
from analysis.measures.trend_family import OUTSIDE_FAMILY

COLUMNS = ("about", "number", "zh", "en")


def gather_notes(
    audit: pd.DataFrame | None,
    clusters: Clusters,
    series: DailySeries | None = None,
    no_days: tuple[str, str] | None = None,
) -> pd.DataFrame:
    """Put the notes of the audit, of the clustering and on series with too little into one table.

    Parameters
    ----------
    audit
        `zh, en`, from `score_audit`; None without an audit.
    clusters
        Their note says what was clustered, or why nothing was.
    series
        The counts by day, week or month, for what is below the minimum.
    no_days
        In Chinese and English, why posts have no days; None where all have.

    Returns
    -------
    pd.DataFrame
        about, number, zh, en.

    Examples
    --------
    >>> nothing = pd.DataFrame()
    >>> gather_notes(None, Clusters(nothing, nothing, "too few texts", "文本太少")).values.tolist()
    [['clusters', 1, '文本太少。', 'Too few texts.']]
    """
    rows = [] if audit is None else list(audit[["zh", "en"]].itertuples(index=False, name=None))
    listed = [("audit", number, zh, en) for number, (zh, en) in enumerate(rows, start=1)]
    if clusters.note:
        listed.append(("clusters", 1, clusters.note_zh or clusters.note, clusters.note))
    if series is not None:
        zh, en = explain_left_out(series, apart=(OUTSIDE_FAMILY,))
        listed += [("trends", 1, zh, en)] if en else []
    if no_days is not None:
        listed.append(("days", 1, *no_days))
    closed = [(about, n, _close(zh, "。"), _close(en, ".")) for about, n, zh, en in listed]
    return pd.DataFrame(closed, columns=list(COLUMNS))


def _close(note: str, stop: str) -> str:
    """Return a note as a sentence: with a capital and a full stop."""
    return (
        note[:1].upper() + note[1:] + ("" if note.endswith((".", "。", "!", "?", "？")) else stop)
    )
