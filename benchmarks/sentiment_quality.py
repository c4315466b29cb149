"""SnowNLP and the linear model on public labelled sets, and what other sets in training add.

    python benchmarks/sentiment_quality.py FOLDER [--leave-one-out]

FOLDER holds the sets named below, each in a folder of its name; absent ones are left out. Stars
are no labels of sentiment: sets marked * are there for comparison. With `--leave-one-out` the
model is trained anew for each set, on the texts of the shipped weights and all other sets.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import polars as pl

from analysis.evaluation.sentiment import evaluate_sentiment, select_labelled
from analysis.sentiment.linear import LinearModel
from analysis.training.sentiment import train_sentiment
from analysis.training.texts import text_identity

MOST = 10_000


class LabelledSet(NamedTuple):
    """Where a set stands and which labels say what."""

    name: str
    files: tuple[str, ...]
    text: str
    label: str
    negative: tuple[str, ...]
    positive: tuple[str, ...]


SETS = (
    LabelledSet(
        "shop reviews, 10 categories",
        ("online_shopping_10_cats/online_shopping_10_cats.csv",),
        "review",
        "label",
        ("0",),
        ("1",),
    ),
    LabelledSet(
        "sneakers", ("jd_sneakers_counterfeit/comments.csv",), "content", "tag", ("1",), ("3",)
    ),
    LabelledSet(
        "car forum",
        ("bdci_car_2018/train_2.csv",),
        "content",
        "sentiment_value",
        ("-1",),
        ("1",),
    ),
    LabelledSet(
        "Weibo emotions",
        ("covid_weibo_7emotion/labeledData.csv",),
        "review",
        "label",
        ("0", "1", "3", "5", "6"),
        ("2", "4"),
    ),
    LabelledSet(
        "laptop clauses",
        ("jd_laptop_manual_2018/manually_labeled_data_sentiment.txt",),
        "text",
        "label",
        ("2",),
        ("1",),
    ),
    LabelledSet(
        "water heaters *",
        ("jd_water_heater/comments_2018.csv", "jd_water_heater/comments_2019.csv"),
        "comment",
        "score",
        ("1", "2"),
        ("5",),
    ),
    LabelledSet(
        "app store *",
        ("appstore_shopping/小米商城.csv", "appstore_shopping/米家.csv"),
        "内容",
        "评级",
        ("1.0", "2.0"),
        ("5.0",),
    ),
)


def read_set(folder: Path, labelled: LabelledSet) -> pl.DataFrame:
    """Return the text and label columns of a set."""
    tables = []
    for name in labelled.files:
        if name.endswith(".txt"):
            rows = [line.split("\t")[:2] for line in (folder / name).read_text("utf-8").split("\n")]
            pairs = [row for row in rows if len(row) == 2]
            tables.append(pl.DataFrame(pairs, schema=["label", "text"], orient="row"))
        else:
            tables.append(
                pl.read_csv(folder / name, infer_schema=False, truncate_ragged_lines=True)
            )
    return pl.concat([table.select(labelled.text, labelled.label) for table in tables])


def measure(folder: Path, labelled: LabelledSet, model: LinearModel | None) -> pd.DataFrame:
    """Return one row a scorer."""
    table = evaluate_sentiment(
        read_set(folder, labelled),
        text_column=labelled.text,
        label_column=labelled.label,
        negative_value=labelled.negative,
        positive_value=labelled.positive,
        model=model,
    )
    table.insert(0, "set", labelled.name)
    return table


def balanced(texts: pl.DataFrame) -> pl.DataFrame:
    """Return as many negative texts as others: a set's share of them is not to be learnt."""
    sides = texts.partition_by("is_negative", maintain_order=True)
    most = min(MOST, *(side.height for side in sides))
    return pl.concat([side.sample(most, seed=618) for side in sides])


def train_without(folder: Path, left_out: LabelledSet, present: list[LabelledSet]) -> LinearModel:
    """Train on the shipped weights' texts and the other sets, on no text of the tested one."""
    tested = text_identity(read_set(folder, left_out)[left_out.text].drop_nulls()).to_list()
    extra = []
    for other in present:
        if other is left_out or other.name.endswith("*"):
            continue
        texts, _ = select_labelled(
            read_set(folder, other),
            text_column=other.text,
            label_column=other.label,
            negative_value=other.negative,
            positive_value=other.positive,
        )
        unseen = texts.filter(~text_identity(texts["text"]).is_in(tested))
        extra.append(balanced(unseen))
    return train_sentiment(extra).model


def main() -> None:
    """Print the table as CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--leave-one-out", action="store_true")
    given = parser.parse_args()
    present = [one for one in SETS if all((given.folder / name).exists() for name in one.files)]
    tables = []
    for one in present:
        model = train_without(given.folder, one, present) if given.leave_one_out else None
        tables.append(measure(given.folder, one, model))
    print(pd.concat(tables).round(4).to_csv(index=False))


if __name__ == "__main__":
    main()
