"""Find families of near-duplicate posts.

Two texts are near-duplicates when the sets of their character 3-grams have a Jaccard similarity of
at least 0.8; texts under three characters compare whole. Families are the components of these
pairs (single linkage). A post without text is a family of its own. Candidates come from MinHash
bands and every link is verified exactly, so precision is 1; a pair just at the threshold is missed
with a probability of 0.0002 unless another path connects it.

For corpora in partitions: `fingerprints.fingerprint_posts` on each, `fingerprint_files.spill`, then
`families.FamilyIndex` over all.
"""

from __future__ import annotations

import polars as pl

from analysis.corpus.families import FamilyIndex
from analysis.corpus.fingerprints import fingerprint_posts
from analysis.corpus.readers.identity import name_unnamed
from analysis.errors import CaodianError
from analysis.frames import Frame, put_columns, take_columns
from analysis.schema import parse_columns

_USED = ("source", "post_id", "published_at", "repeat_of", "is_in_window")


def find_families(posts: Frame, similarity: float = 0.8, *, text: str = "text") -> Frame:
    """Tell each post its family of near-duplicates; no row is dropped.

    Families are formed among the posts that count: not those marked as a repeat (`repeat_of`),
    nor those outside the window (`is_in_window` false). A repeat is in the family of the post
    that it repeats; a post outside the window is in none.

    Parameters
    ----------
    posts
        pandas or Polars frame, the text cleaned and masked. Used where they are there:
        `source, post_id` (the key of a post; a hash of the text without them), `published_at`
        (the earliest post represents its family), `repeat_of`, `is_in_window`.
    similarity
        Least Jaccard similarity of two texts' sets of character 3-grams, above 0 up to 1.
    text
        Column of the text.

    Returns
    -------
    The same kind of frame
        With `family_id` (the key of the representative: the earliest, then the smallest key),
        `is_representative`, `duplicate_kind` (none, exact, near).

    Raises
    ------
    CaodianError
        When the text column is missing, or the similarity is no share above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = pd.DataFrame({"post_id": ["2", "1", "3"], "text": [
    ...     "这家店卖假货还不退款真的气死我了", "这家店卖假货还不退款真的气死我了!", "好"]})
    >>> find_families(posts)[["post_id", "family_id", "duplicate_kind"]]
      post_id family_id duplicate_kind
    0       2         1           near
    1       1         1           none
    2       3         3           none
    """
    if not 0 < similarity <= 1:
        raise CaodianError("similarity must lie above 0 and be at most 1", value=similarity)
    rows = _keyed(take_columns(posts, [text], _USED), text)
    counted = rows["counts"]
    families = group_near_duplicates(rows.filter(counted), similarity)
    if not counted.all():
        families = _spread_to_repeats(rows, families)
    return put_columns(posts, families)


def _keyed(taken: pl.DataFrame, text: str) -> pl.DataFrame:
    """Return `key, published_at, text, counts` of each post, missing columns filled in."""
    taken = taken.with_columns(pl.col(text).cast(pl.String).alias("text"))
    missing = [pl.lit(None, dtype=pl.String).alias(n) for n in _USED if n not in taken.columns]
    parsed = parse_columns(taken.with_columns(missing), ["published_at", "is_in_window"])
    is_inside = pl.col("is_in_window").cast(pl.Boolean).fill_null(True)
    return parsed.select(
        post_keys(taken).alias("key"),
        "published_at",
        "text",
        (is_inside & pl.col("repeat_of").is_null()).alias("counts"),
        is_inside.alias("is_inside"),
    )


def _spread_to_repeats(rows: pl.DataFrame, families: pl.DataFrame) -> pl.DataFrame:
    """Return a row for every post: a repeat's is its original's, a post outside has none."""
    known = rows.filter("counts").select("key").hstack(families)
    own = known.with_columns(place=rows["counts"].arg_true())
    others = rows.with_row_index("place").filter(~pl.col("counts"))
    lent = others.join(known.unique("key"), on="key", how="left").select(
        pl.when("is_inside").then("family_id").alias("family_id"),
        pl.when(pl.col("is_inside") & pl.col("family_id").is_not_null())
        .then(False)
        .alias("is_representative"),
        pl.when(pl.col("is_inside") & pl.col("family_id").is_not_null())
        .then(pl.lit("exact"))
        .alias("duplicate_kind"),
        "place",
    )
    both = pl.concat([own.drop("key").select(lent.columns), lent], how="vertical_relaxed")
    return both.sort("place").drop("place")


def group_near_duplicates(posts: pl.DataFrame, similarity: float = 0.8) -> pl.DataFrame:
    """Tell each post its family, by keys that are given.

    Parameters
    ----------
    posts
        `key, published_at, text`, the text masked and cleaned.
    similarity
        Least Jaccard similarity of character 3-gram sets.

    Returns
    -------
    pl.DataFrame
        `family_id, is_representative, duplicate_kind`; rows as in `posts`.

    Examples
    --------
    >>> posts = pl.DataFrame({
    ...     "key": ["w:2", "w:1", "w:3"], "published_at": [1, 1, 2],
    ...     "text": ["这家店卖假货还不退款真的气死我了", "这家店卖假货还不退款真的气死我了", "好"],
    ... })
    >>> group_near_duplicates(posts).rows()
    [('w:1', False, 'exact'), ('w:1', True, 'none'), ('w:3', True, 'none')]
    """
    index = FamilyIndex(similarity)
    index.add(fingerprint_posts(posts, similarity))
    return next(index.families())


def post_keys(frame: pl.DataFrame) -> pl.Series:
    """Return the key of each post as a string.

    `source:post_id`; without a source `post_id`; without either a hash of the text and its
    occurrence number among identical texts.

    Examples
    --------
    >>> post_keys(pl.DataFrame({"source": ["weibo"], "post_id": ["17"]})).to_list()
    ['weibo:17']
    """
    if "post_id" not in frame.columns:
        return name_unnamed(frame.select("text"))
    identity = pl.col("post_id").cast(pl.String)
    source = pl.col("source").cast(pl.String) + ":" if "source" in frame.columns else pl.lit("")
    named = frame.select(key=source.fill_null("") + identity)["key"]
    return named.fill_null(name_unnamed(frame.select("text"))) if named.has_nulls() else named
