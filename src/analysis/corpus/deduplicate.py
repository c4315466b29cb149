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

import hashlib

import polars as pl

from analysis.corpus.families import FamilyIndex
from analysis.corpus.fingerprints import fingerprint_posts


def find_families(posts: pl.DataFrame, similarity: float = 0.8) -> pl.DataFrame:
    """Tell each post its family of near-duplicates.

    Parameters
    ----------
    posts
        `key, published_at, text`, the text masked and cleaned.
    similarity
        Least Jaccard similarity of character 3-gram sets.

    Returns
    -------
    pl.DataFrame
        `family_id` (key of the representative: the earliest, then the smallest key),
        `is_representative`, `duplicate_kind` (none, exact, near); rows as in `posts`.

    Examples
    --------
    >>> posts = pl.DataFrame({
    ...     "key": ["w:2", "w:1", "w:3"], "published_at": [1, 1, 2],
    ...     "text": ["这家店卖假货还不退款真的气死我了", "这家店卖假货还不退款真的气死我了", "好"],
    ... })
    >>> find_families(posts).rows()
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
        return _content_keys(frame)
    identity = pl.col("post_id").cast(pl.String)
    source = pl.col("source").cast(pl.String) + ":" if "source" in frame.columns else pl.lit("")
    named = frame.select(key=source.fill_null("") + identity)["key"]
    return named.fill_null(_content_keys(frame)) if named.has_nulls() else named


def _content_keys(frame: pl.DataFrame) -> pl.Series:
    """Hash of the row's text and its number among the rows with that text."""
    columns = ["text"] if "text" in frame.columns else frame.columns
    rows = frame.select(content=pl.concat_str(pl.col(columns).cast(pl.String), ignore_nulls=True))
    return rows.select(
        key=pl.col("content").map_elements(_digest, return_dtype=pl.String, skip_nulls=False)
        + pl.format("-{}", pl.int_range(pl.len()).over("content") + 1)
    )["key"]


def _digest(content: str | None) -> str:
    return hashlib.sha256((content or "").encode()).hexdigest()[:16]
