"""Who wrote a post and which post it is, without naming anybody.

An author becomes an HMAC-SHA256 under the project's secret, also where the collector hashed the id
itself: an unsalted hash of a numeric id can be recovered by counting through all numbers.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
import pyarrow as pa

from analysis.kernels.keyed_digest import digest_texts, start_states

KEY_LENGTH = 32
MOSTLY_UNIQUE = 0.7
ID_COLUMNS = (
    "kind",
    "channel",
    "title",
    "text",
    "published_at",
    "region",
    "rating",
    "target",
    "demand",
    "url",
)


def key_authors(authors: pl.Series, secret: bytes, *, scope: str) -> pl.Series:
    """Return the keyed hash of each author, null where there is none.

    Parameters
    ----------
    authors
        Ids or names as the export gives them.
    secret
        The project's secret.
    scope
        Where the id is valid (the channel), so that equal numbers on two platforms differ.

    Examples
    --------
    >>> keys = key_authors(pl.Series(["7", None, "7"]), b"secret", scope="weibo")
    >>> keys[0] == keys[2], keys[1] is None, len(keys[0])
    (True, True, 32)
    """
    unique = authors.drop_nulls().unique()
    if len(unique) > MOSTLY_UNIQUE * len(authors):
        keyed = _hash_all(authors.fill_null(""), secret, scope)
        return keyed if not authors.null_count() else keyed.set(authors.is_null(), None)
    keys = _hash_all(unique, secret, scope)
    return authors.replace_strict(unique, keys, default=None)


def _hash_all(authors: pl.Series, secret: bytes, scope: str) -> pl.Series:
    """Return the keyed hashes of authors, none of whom is missing."""
    array = pa.array(authors.to_arrow()).cast(pa.large_string())
    _, places, content = array.buffers()
    offsets = np.frombuffer(places, np.int64)[array.offset :][: len(array) + 1]
    data = np.frombuffer(content, np.uint8) if content else np.zeros(0, np.uint8)
    prefix = np.frombuffer(f"{scope}:".encode(), np.uint8)
    digits = digest_texts(data, offsets, prefix, *start_states(secret), KEY_LENGTH)
    ends = pa.py_buffer(np.arange(len(array) + 1, dtype=np.int64) * KEY_LENGTH)
    hashes = pa.LargeStringArray.from_buffers(len(array), ends, pa.py_buffer(digits))
    return pl.Series(values=pl.from_arrow(hashes), dtype=pl.String)


def hash_contents(posts: pl.DataFrame) -> pl.Series:
    """Return a hash of what each row says, for rows without an id of their own.

    The author takes no part: the hash is no way back to a person, and no secret changes it.

    Examples
    --------
    >>> rows = pl.DataFrame({"text": ["好", "好", "坏"]})
    >>> hashes = hash_contents(rows)
    >>> hashes[0] == hashes[1], hashes[0] == hashes[2], len(hashes[0])
    (True, False, 20)
    """
    present = [pl.col(name) for name in ID_COLUMNS if name in posts.columns]
    joined = posts.select(
        pl.concat_str([one.cast(pl.String).fill_null("") for one in present], separator="\x1f")
    ).to_series()
    digests = [
        hashlib.blake2b(row.encode(), digest_size=10).hexdigest() for row in joined.to_list()
    ]
    return pl.Series(digests, dtype=pl.String)
