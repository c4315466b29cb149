"""Draw the audit: a probability sample that serves all codes, known before anybody codes.

Within a stratum every post has the same chance, the chance is above zero for every post of the
frame and known, and the draw depends on the seed and the posts, never on the order of rows. Posts
are drawn, not families, so that repeated texts need no design effect: each copy counts as often
as it stands in the corpus.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from analysis.audit.hidden_side import describe_targets
from analysis.audit.machine_scores import countable, read_machine_coding
from analysis.audit.planning import plan_audit
from analysis.audit.post_names import name_posts
from analysis.audit.strata import Strata, allocate_strata, stratify
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy

__all__ = ["draw_sample", "plan_audit"]
STREAM = 0xA0D17  # the draw's own stream of the study's seed


def draw_sample(
    coded: AnyFrame,
    *,
    size: int,
    seed: int,
    codes: Sequence[str] | None = None,
    exclude: Collection[str] = (),
) -> pl.DataFrame:
    """Draw the posts that two people will code.

    Parameters
    ----------
    coded
        Coded posts; a LazyFrame is streamed.
    size
        Posts to draw; the whole frame when it holds no more.
    seed
        Seed of the draw.
    codes
        Codes to audit; those of the codebook by default.
    exclude
        Names of posts that must not be drawn: an audit post is never a training post. They leave
        the frame, and the estimates are about the rest.

    Returns
    -------
    pl.DataFrame
        In random order: post_id, stratum, inclusion_probability, channel, text, and `machine`, the
        side that coders must not see (one struct per target: band, posts in it, score).

    Raises
    ------
    CaodianError
        When the size is below 1, or posts are uncoded or not distinct.

    Examples
    --------
    >>> coded = pl.DataFrame(
    ...     {"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...      "is_negative": [True, False], "grievances": [["delivery"], []]}
    ... )
    >>> sample = draw_sample(coded, size=2, seed=1, codes=["delivery"])
    >>> sample.sort("post_id").select("post_id", "inclusion_probability").rows()
    [('1', 1.0), ('2', 1.0)]
    """
    if size < 1:
        raise CaodianError("an audit must draw at least one post", value=size, where="--size")
    chosen_codes = load_codebook().code_names if codes is None else codes
    machine = read_machine_coding(coded, chosen_codes, exclude)
    strata = stratify(machine, size)
    numbers = allocate_strata(strata, min(size, machine.size))
    rows = _draw_rows(strata, numbers, seed)
    probability = (numbers / strata.posts)[strata.of_post[rows]]
    sample = pl.DataFrame(
        {
            "post_id": machine.posts["name"].gather(rows),
            "stratum": [strata.names[number] for number in strata.of_post[rows]],
            "inclusion_probability": probability,
            "machine": describe_targets(machine, strata, rows),
        }
    )
    texts = _texts_of(coded, sample["post_id"])
    order = ["post_id", "stratum", "inclusion_probability", "channel", "text", "machine"]
    return sample.join(texts, on="post_id", how="left", maintain_order="left").select(order)


def _draw_rows(strata: Strata, numbers: np.ndarray, seed: int) -> np.ndarray:
    """Draw without replacement in each stratum, then shuffle: the order tells coders nothing."""
    generator = np.random.default_rng([seed, STREAM])
    order = np.argsort(strata.of_post, kind="stable")
    ends = np.cumsum(strata.posts)
    drawn = [
        order[end - posts : end][generator.choice(posts, number, replace=False)]
        for posts, number, end in zip(strata.posts, numbers, ends, strict=True)
    ]
    return generator.permutation(np.concatenate(drawn))


def _texts_of(coded: AnyFrame, names: pl.Series) -> pl.DataFrame:
    lazy = as_lazy(coded)
    if "channel" not in lazy.collect_schema():
        lazy = lazy.with_columns(pl.lit(None, pl.String).alias("channel"))
    lazy = name_posts(countable(lazy))
    chosen = lazy.filter(pl.col("name").is_in(names.implode()))
    return chosen.select(pl.col("name").alias("post_id"), "channel", "text").collect()
