"""Who wrote a post and which post it is, without naming anybody.

An author becomes an HMAC-SHA256 under the project's secret, also where the collector hashed the id
itself: an unsalted hash of a numeric id can be recovered by counting through all numbers.
"""

from __future__ import annotations

import hashlib

import polars as pl

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
        keyed = _hash_all(authors.fill_null("").to_list(), secret, scope)
        return pl.Series(keyed, dtype=pl.String).set(authors.is_null(), None)
    keys = pl.Series(_hash_all(unique.to_list(), secret, scope), dtype=pl.String)
    return authors.replace_strict(unique, keys, default=None)


def _hash_all(authors: list[str], secret: bytes, scope: str) -> list[str]:
    inner, outer = _pads(secret)
    inner.update(f"{scope}:".encode())
    keys = []
    for author in authors:
        first, second = inner.copy(), outer.copy()
        first.update(author.encode())
        second.update(first.digest())
        keys.append(second.hexdigest()[:KEY_LENGTH])
    return keys


def _pads(secret: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Hash the two padded keys of RFC 2104 once, not once an author."""
    key = (hashlib.sha256(secret).digest() if len(secret) > 64 else secret).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
    return inner, hashlib.sha256(bytes(byte ^ 0x5C for byte in key))


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
