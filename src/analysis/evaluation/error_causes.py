"""Why a coder errs: each error put to what the post, its labels and the rules say of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from analysis.coding.clues import read_clues
from analysis.coding.codebook import CODES
from analysis.coding.keyword_coder import keyword_coder
from analysis.evaluation.coding import SEED
from analysis.evaluation.label_matrix import label_matrix, read_labels
from analysis.evaluation.label_rows import Matrix, share_row
from analysis.storage.read import read_table
from analysis.storage.run_paths import project_root

Causes = dict[str, tuple[Matrix, Matrix]]


def read_coded(path: str | Path) -> pl.DataFrame:
    """Read coded posts; a relative path lies within the checkout and not within a run.

    Examples
    --------
    >>> read_coded("data/coded/sample/development.jsonl")["negative"].dtype
    Boolean
    """
    return read_labels(read_table(project_root() / path))


def count_causes(labelled: pl.DataFrame, coded: pl.DataFrame, *, seed: int = SEED) -> pd.DataFrame:
    """Count the errors by cause, rows aligned.

    Parameters
    ----------
    labelled
        Posts as `read_labels` gives them, with ``grievances, voice, difficulty, register``.
    coded
        What the coder says of them.
    seed
        Of the bootstrap.

    Returns
    -------
    pd.DataFrame
        `about, cause, errors, posts, share, share_low, share_high`: how many of the posts on
        which the error is possible show it. An error may have several causes: sarcasm, chains and
        voice look at the same misses from another side.

    Examples
    --------
    >>> labelled = pl.DataFrame({
    ...     "text": ["青菜三根", "很满意"], "negative": [True, False], "voice": ["consumer"] * 2,
    ...     "grievances": [["price"], []], "difficulty": ["sarcasm", "harmless"],
    ...     "register": ["post"] * 2})
    >>> table = count_causes(labelled, keyword_coder().code(labelled))
    >>> table[table["errors"] > 0]["cause"].to_list()
    ['missed_unknown_words', 'missed_sarcasm']
    """
    groups = {
        "negative": _on_the_item(labelled, coded),
        "codes": _on_codes(labelled, coded),
        "voice": _on_voices(labelled, coded),
    }
    rows = []
    for about, causes in groups.items():
        for cause, (possible, errors) in causes.items():
            row = share_row(cause, errors[possible], seed)
            rows.append({
                "about": about, "cause": cause, "errors": int((errors & possible).sum()),
                "posts": int(possible.sum()), "share": row["precision"],
                "share_low": row["precision_low"], "share_high": row["precision_high"],
            })  # fmt: skip
    return pd.DataFrame(rows)


def _on_the_item(labelled: pl.DataFrame, coded: pl.DataFrame) -> Causes:
    negative = labelled["negative"].to_numpy()
    found = coded["is_negative"].fill_null(False).to_numpy()
    known, ruled = _rule_evidence(labelled)
    missed, alarm = negative & ~found, ~negative & found
    sarcastic = (labelled["difficulty"] == "sarcasm").fill_null(False).to_numpy()
    is_chain = labelled["text"].str.contains("//@", literal=True) | (
        labelled["register"] == "repost_chain"
    )
    chain = is_chain.fill_null(False).to_numpy()
    return {
        "missed_unknown_words": (negative, missed & ~known),
        "missed_words_of_no_code": (negative, missed & known & ~ruled),
        "missed_despite_rule": (negative, missed & ruled),
        "missed_sarcasm": (negative & sarcastic, missed),
        "alarm_grievance_words": (~negative & ruled, alarm),
        "alarm_no_rule": (~negative & ~ruled, alarm),
        "quoted_chain": (chain, missed | alarm),
    }


def _rule_evidence(labelled: pl.DataFrame) -> tuple[Matrix, Matrix]:
    """Tell which posts hold a known word or rule, and which a rule of a code, whole codebook.

    A post without either scores like an empty one of its channel.
    """
    coder = keyword_coder()
    silent = labelled.with_columns(pl.lit("").alias("text"))
    scores, empty = (
        coder.rule_scores(posts, read_clues(posts, coder.engine)) for posts in (labelled, silent)
    )
    ruled: Matrix = np.any(scores.labels > empty.labels, axis=1)
    spoken: Matrix = np.any(scores.voice != empty.voice, axis=1)
    return ruled | spoken | (scores.negative != empty.negative), ruled


def _on_codes(labelled: pl.DataFrame, coded: pl.DataFrame) -> Causes:
    """Compare the sets of codes of the posts that both sides take for negative items."""
    truth, found = (label_matrix(frame["grievances"], list(CODES)) for frame in (labelled, coded))
    both = labelled["negative"].to_numpy() & coded["is_negative"].fill_null(False).to_numpy()
    lacks, adds = np.any(truth & ~found, axis=1), np.any(found & ~truth, axis=1)
    shared = np.any(truth & found, axis=1)
    has, several = np.any(truth, axis=1), truth.sum(axis=1) > 1
    return {
        "neighbour_code": (both & has, lacks & adds),
        "no_code_found": (both & has, lacks & ~adds & ~shared),
        "second_code_missed": (both & several, lacks & ~adds & shared),
        "code_too_many": (both, adds & ~lacks),
    }


def _on_voices(labelled: pl.DataFrame, coded: pl.DataFrame) -> Causes:
    consumer = (labelled["voice"] == "consumer").to_numpy()
    heard = (coded["voice"] == "consumer").fill_null(False).to_numpy()
    other = (labelled["voice"] != coded["voice"]).fill_null(True).to_numpy()
    negative = labelled["negative"].to_numpy()
    missed = negative & ~coded["is_negative"].fill_null(False).to_numpy()
    return {
        "consumer_as_other": (consumer, ~heard),
        "other_as_consumer": (~consumer, heard),
        "other_as_another": (~consumer, other & ~heard),
        "silenced_by_voice": (negative & consumer, missed & ~heard),
    }


def list_confusions(labelled: pl.DataFrame, coded: pl.DataFrame) -> pd.DataFrame:
    """Count which code was given for which, in posts that both sides take for negative items.

    Returns
    -------
    pd.DataFrame
        `true_code, given_code, posts`, most often first: every code lacking beside every code
        added in the same post.

    Examples
    --------
    >>> labelled = pl.DataFrame({"negative": [True], "grievances": [["price"]]})
    >>> coded = pl.DataFrame({"is_negative": [True], "grievances": [["delivery"]]})
    >>> list_confusions(labelled, coded).to_dict("records")
    [{'true_code': 'price', 'given_code': 'delivery', 'posts': 1}]
    """
    both = labelled["negative"] & coded["is_negative"].fill_null(False)
    pairs = zip(labelled.filter(both)["grievances"], coded.filter(both)["grievances"], strict=True)
    counts: Counter[tuple[str, str]] = Counter()
    for truth, found in pairs:
        true, given = set(truth), set(found)
        counts.update((lack, add) for lack in true - given for add in given - true)
    rows = sorted(((*pair, posts) for pair, posts in counts.items()), key=lambda r: (-r[2], r))
    return pd.DataFrame(rows, columns=["true_code", "given_code", "posts"])
