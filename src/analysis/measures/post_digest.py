"""The name by which a post is told in what is published: it can be checked and not read."""

import hashlib


def post_digest(key: str) -> str:
    """Turn the key of a post (``source:post_id``) into the id that the ledger prints.

    Examples
    --------
    >>> post_digest("weibo_search:4513")
    'd32edcf60fbdbc21'
    """
    return hashlib.sha256(key.encode()).hexdigest()[:16]
