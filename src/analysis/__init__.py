"""Turn exports of Chinese consumer posts into the figures of a consumer-rights report.

The library behind the command, for notebooks and scripts: pandas or Polars in, the same kind out,
columns added and none dropped.

>>> import analysis as cd
>>> import pandas as pd
>>> posts = pd.DataFrame({"text": ["等了九天还不发货，客服也不理人", "很满意，下次还来"]})
>>> posts = posts.pipe(cd.clean).pipe(cd.mask).pipe(cd.code_grievances)
>>> posts["is_negative"].tolist()
[True, False]
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from analysis.errors import CaodianError, nearest

if TYPE_CHECKING:
    from analysis.audit.correction import correct_counts
    from analysis.audit.score import score_audit
    from analysis.audit.second_wave import draw_second_wave
    from analysis.audit.sheets import draw_audit
    from analysis.clusters.drafts import compare_terms, draft_code
    from analysis.clusters.emerging import find_emerging
    from analysis.clusters.topics import TopicClusters, cluster_topics
    from analysis.coding.codebook import load_codebook
    from analysis.coding.coder import code_grievances, explain
    from analysis.corpus.clean import clean
    from analysis.corpus.families import find_families
    from analysis.corpus.ingest import read_posts
    from analysis.corpus.mask import mask
    from analysis.errors import CaodianError
    from analysis.measures.coverage import grade_coverage
    from analysis.measures.prevalence import count_grievances, count_steps
    from analysis.measures.published import judge_claims
    from analysis.measures.trend import judge_trend, smallest_growth
    from analysis.measures.watchlist import rank_platforms
    from analysis.plots.accuracy import plot_agreement, plot_error_causes, plot_hardness
    from analysis.plots.collection import plot_coverage, plot_funnel, plot_hours
    from analysis.plots.daily import plot_daily, plot_peak_days, plot_trend
    from analysis.plots.grievances import (
        plot_cluster_codes,
        plot_cluster_days,
        plot_grievances,
        plot_sub_grievances,
        plot_terms,
    )
    from analysis.plots.sources import (
        plot_campaigns,
        plot_channels,
        plot_clusters,
        plot_platforms,
        plot_ratings,
        plot_sentiment,
    )
    from analysis.plots.specifications import (
        plot_event_days,
        plot_specifications,
        plot_topic_agreement,
    )
    from analysis.reporting.saved_run import open_run
    from analysis.reporting.topic_map import map_topics
    from analysis.sentiment.scores import score_sentiment, sentiment_by_day, sweep_cutoffs
    from analysis.simulate.corpus import simulate_posts
    from analysis.study import load_study
    from analysis.training.coder import GrievanceCoder
    from analysis.training.sentiment import SentimentClassifier

# Each name is imported when it is first asked for, so that `import analysis` costs nothing.
_HOMES = {
    "CaodianError": "analysis.errors",
    "load_study": "analysis.study",
    "load_codebook": "analysis.coding.codebook",
    "read_posts": "analysis.corpus.ingest",
    "simulate_posts": "analysis.simulate.corpus",
    "clean": "analysis.corpus.clean",
    "mask": "analysis.corpus.mask",
    "find_families": "analysis.corpus.families",
    "score_sentiment": "analysis.sentiment.scores",
    "code_grievances": "analysis.coding.coder",
    "explain": "analysis.coding.coder",
    "count_grievances": "analysis.measures.prevalence",
    "draw_audit": "analysis.audit.sheets",
    "draw_second_wave": "analysis.audit.second_wave",
    "score_audit": "analysis.audit.score",
    "count_steps": "analysis.measures.prevalence",
    "correct_counts": "analysis.audit.correction",
    "cluster_topics": "analysis.clusters.topics",
    "find_emerging": "analysis.clusters.emerging",
    "compare_terms": "analysis.clusters.drafts",
    "draft_code": "analysis.clusters.drafts",
    "sentiment_by_day": "analysis.sentiment.scores",
    "sweep_cutoffs": "analysis.sentiment.scores",
    "judge_trend": "analysis.measures.trend",
    "smallest_growth": "analysis.measures.trend",
    "grade_coverage": "analysis.measures.coverage",
    "judge_claims": "analysis.measures.published",
    "rank_platforms": "analysis.measures.watchlist",
    "SentimentClassifier": "analysis.training.sentiment",
    "GrievanceCoder": "analysis.training.coder",
    "TopicClusters": "analysis.clusters.topics",
    "open_run": "analysis.reporting.saved_run",
    "map_topics": "analysis.reporting.topic_map",
    "plot_grievances": "analysis.plots.grievances",
    "plot_sub_grievances": "analysis.plots.grievances",
    "plot_daily": "analysis.plots.daily",
    "plot_peak_days": "analysis.plots.daily",
    "plot_trend": "analysis.plots.daily",
    "plot_platforms": "analysis.plots.sources",
    "plot_channels": "analysis.plots.sources",
    "plot_ratings": "analysis.plots.sources",
    "plot_funnel": "analysis.plots.collection",
    "plot_coverage": "analysis.plots.collection",
    "plot_hours": "analysis.plots.collection",
    "plot_clusters": "analysis.plots.sources",
    "plot_cluster_days": "analysis.plots.grievances",
    "plot_cluster_codes": "analysis.plots.grievances",
    "plot_terms": "analysis.plots.grievances",
    "plot_sentiment": "analysis.plots.sources",
    "plot_event_days": "analysis.plots.specifications",
    "plot_specifications": "analysis.plots.specifications",
    "plot_topic_agreement": "analysis.plots.specifications",
    "plot_campaigns": "analysis.plots.sources",
    "plot_agreement": "analysis.plots.accuracy",
    "plot_error_causes": "analysis.plots.accuracy",
    "plot_hardness": "analysis.plots.accuracy",
}

__all__ = [
    "CaodianError",
    "GrievanceCoder",
    "SentimentClassifier",
    "TopicClusters",
    "clean",
    "cluster_topics",
    "code_grievances",
    "compare_terms",
    "correct_counts",
    "count_grievances",
    "count_steps",
    "draft_code",
    "draw_audit",
    "draw_second_wave",
    "explain",
    "find_emerging",
    "find_families",
    "grade_coverage",
    "judge_claims",
    "judge_trend",
    "load_codebook",
    "load_study",
    "map_topics",
    "mask",
    "open_run",
    "plot_agreement",
    "plot_campaigns",
    "plot_channels",
    "plot_cluster_codes",
    "plot_cluster_days",
    "plot_clusters",
    "plot_coverage",
    "plot_daily",
    "plot_error_causes",
    "plot_event_days",
    "plot_funnel",
    "plot_grievances",
    "plot_hardness",
    "plot_hours",
    "plot_peak_days",
    "plot_platforms",
    "plot_ratings",
    "plot_sentiment",
    "plot_specifications",
    "plot_sub_grievances",
    "plot_terms",
    "plot_topic_agreement",
    "plot_trend",
    "rank_platforms",
    "read_posts",
    "score_audit",
    "score_sentiment",
    "sentiment_by_day",
    "simulate_posts",
    "smallest_growth",
    "sweep_cutoffs",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a function or class of the library
    if name not in _HOMES:
        told = f"module 'analysis' has no attribute {name!r}"
        meant = " or ".join(map(repr, _names_like(name)))
        raise AttributeError(f"{told}. Did you mean {meant}?" if meant else told)
    found = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def _names_like(name: str) -> list[str]:
    """Return the names that hold a word as a word of theirs, as read_posts read; or the nearest."""
    if name.startswith("_"):
        return []
    near = nearest(name, list(_HOMES), 0.8)
    if near is not None:
        return [near]
    asked = {name.lower().removesuffix("s"), name.lower().partition("_")[0].removesuffix("s")}
    holding = [
        known
        for known in _HOMES
        if not asked.isdisjoint(word.removesuffix("s") for word in known.lower().split("_"))
    ]
    functions = [known for known in holding if not known.startswith("plot_")]
    near = nearest(name, list(_HOMES), 0.7)
    return (functions or holding)[:3] or ([near] if near else [])


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def _tell_notebook(error: CaodianError) -> str:
    """Say an error as the commands do, without what names a person."""
    told: str = importlib.import_module("analysis.cli.main").without_persons(error)
    return told


CaodianError.tell_notebook = staticmethod(_tell_notebook)
