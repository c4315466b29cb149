"""Who wrote a post and which post it is, without naming anybody.

An author becomes an HMAC-SHA256 under the project's secret, also where the collector hashed the id
itself: an unsalted hash of a numeric id can be recovered by counting through all numbers.
"""

from __future__ import annotations

from hashlib import blake2b, sha256

import polars as pl

KEY_LENGTH = 32
BLOCK = 64  # bytes that SHA-256 takes at a time
# Where most authors of a batch differ, telling them apart takes longer than hashing some twice.
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
    return authors.replace_strict(unique, keys, default=None, return_dtype=pl.String)


def _hash_all(authors: pl.Series, secret: bytes, scope: str) -> pl.Series:
    """Return the keyed hashes of authors, none of whom is missing.

    HMAC as RFC 2104 has it: what is the same for all, the padded key and the scope, is hashed once.
    `hmac` itself gives the same bytes, but makes three objects an author.
    """
    key = (secret if len(secret) <= BLOCK else sha256(secret).digest()).ljust(BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in key) + f"{scope}:".encode())
    outer = sha256(bytes(byte ^ 0x5C for byte in key))
    digests = []
    for author in authors.cast(pl.Binary).to_list():
        message, keyed = inner.copy(), outer.copy()
        message.update(author)
        keyed.update(message.digest())
        digests.append(keyed.digest())
    return pl.Series(digests, dtype=pl.Binary).bin.encode("hex").str.head(KEY_LENGTH)


def name_unnamed(posts: pl.DataFrame) -> pl.Series:
    """Return an id for each post that has none: a hash of what it says, and its occurrence.

    Reading an export names posts without an id in the same way, so that neither the order of files
    nor that of rows matters.

    Parameters
    ----------
    posts
        What is told of the posts, of `ID_COLUMNS`; two that say the same differ in their number.

    Examples
    --------
    >>> name_unnamed(pl.DataFrame({"text": ["好", "坏", "好"]})).to_list()
    ['6b540e66ac62331382d4-1', 'dc53348432f1fe88a4e0-1', '6b540e66ac62331382d4-2']
    """
    hashes = hash_contents(posts).alias("hash")
    occurrence = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("hash")
    return hashes.to_frame().select(pl.concat_str("hash", pl.lit("-"), occurrence)).to_series()


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
    digests = [blake2b(row.encode(), digest_size=10).hexdigest() for row in joined.to_list()]
    return pl.Series(digests, dtype=pl.String)
