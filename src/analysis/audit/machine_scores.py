"""What the machine said about every post of the frame: the basis of the draw, hidden from coders.

A *target* is a number that the audit corrects: `negative`, a code, a sub-grievance `code.sub`, or
`platform:NAME`, the negative items that name it. Scores are whole ten-thousandths.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from analysis.audit.agreement import WORDLESS, tell_recoding
from analysis.coding.scoring import STARS, with_stars
from analysis.corpus.readers.convert import BLANK_REVIEW, name_unnamed
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy
from analysis.storage.run_paths import codebook_directory

# One name per post, as the sheets show it: short where that is clear, never ambiguous.


def name_posts(posts: pl.LazyFrame) -> pl.LazyFrame:
    """Return the posts with their `name`: `post_id` where unique, else `source:post_id`.

    Posts without an id are named by their text and its occurrence number, so that the order of rows
    does not matter.

    Parameters
    ----------
    posts
        Posts, repeats already left out.

    Raises
    ------
    CaodianError
        When two posts have the same source and id.

    Examples
    --------
    >>> posts = pl.LazyFrame({"source": ["a", "b"], "post_id": ["1", "1"]})
    >>> name_posts(posts).collect()["name"].to_list()
    ['a:1', 'b:1']
    """
    present = posts.collect_schema()
    if "post_id" not in present:
        texts = posts.select(pl.col("text").cast(pl.String)).collect()
        return posts.with_columns(name_unnamed(texts).alias("name"))
    short = pl.col("post_id").cast(pl.String)
    options = [short]
    if "source" in present:
        options.append(pl.concat_str(pl.col("source").fill_null("table"), pl.lit(":"), short))
    for name in options:
        if _is_unique(posts, name):
            return posts.with_columns(name.alias("name"))
    twice = posts.group_by(options[-1].alias("name")).len().filter(pl.col("len") > 1)
    first = twice.sort("name").first().collect(engine="streaming")
    raise CaodianError(
        "each post must have its own id",
        value=first["name"][0],
        where=f"{first['len'][0]} rows",
        remedy="Deduplicate the ids, or ingest the export so that repeats are marked.",
    )


def post_key(present: pl.Schema) -> pl.Expr:
    """Return a post's `source:post_id`, which no corpus around it changes; else its `name`."""
    if "post_id" not in present or "source" not in present:
        return pl.col("name").alias("key")
    source = pl.col("source").fill_null("table")
    return pl.concat_str(source, pl.lit(":"), pl.col("post_id").cast(pl.String)).alias("key")


def _is_unique(posts: pl.LazyFrame, name: pl.Expr) -> bool:
    """Tell whether no two posts have one name, and none has none.

    Numbers that names are hashed to take a fifth of their memory; where no two are equal, no two
    names are. Where two are, the names are compared.
    """
    hashed = posts.select(name.hash().alias("number"), name.is_null().alias("is_missing"))
    found = hashed.collect(engine="streaming")
    if found["is_missing"].any():
        return False
    numbers = np.sort(found["number"].to_numpy())
    if not (numbers[1:] == numbers[:-1]).any():
        return True
    counted = posts.select((name.n_unique() == pl.len()).alias("is_unique"))
    return bool(counted.collect(engine="streaming").item())


# Lists of a post (sub-grievances, platforms) as one category a set of members: there are few sets,
# and a list a post of millions takes a hundred times as much, and more while it is put in order.

_BETWEEN = "\x1f"


def _as_sets(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.List(pl.String)).list.join(_BETWEEN).cast(pl.Categorical)


def _lists_of(sets: pl.Series) -> pl.Series:
    """Return the lists that a column of sets stands for; lists stay as they are."""
    if isinstance(sets.dtype, pl.List):
        return sets
    words = pl.col(sets.name).cast(pl.String)
    lists = (
        pl.when(words == "")
        .then(pl.lit([], pl.List(pl.String)))
        .otherwise(words.str.split(_BETWEEN))
    )
    return sets.to_frame().select(lists.alias(sets.name)).to_series()


def members_of(sets: pl.Series) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each member of the sets of posts, in order, and which posts hold it."""
    if isinstance(sets.dtype, pl.List):
        sets = sets.alias("sets").to_frame().select(_as_sets("sets")).to_series()
    kinds = sets.unique()
    none = max(kinds.to_physical().drop_nulls().to_list(), default=0) + 1
    of_post = sets.to_physical().fill_null(none).to_numpy()
    held = pl.DataFrame({"kind": kinds.to_physical(), "member": _lists_of(kinds)})
    held = held.explode("member").drop_nulls("member").sort("member")
    for (member,), part in held.group_by("member", maintain_order=True):
        is_held = np.zeros(none + 1, dtype=np.bool_)
        is_held[part["kind"].to_numpy()] = True
        yield str(member), is_held[of_post]


FULL = 10_000
PRAISED, PANNED = 1, 2
UNCODED = 1_999  # a post that was not coded stays below the bands of coded posts


@dataclass(frozen=True)
class MachineCoding:
    """One row per post of the frame, in the order of their names.

    `against_stars` is `PRAISED` for a negative item with four or five stars, `PANNED` for any other
    post that has words and one or two, else 0. `is_wordless` marks the posts in which there is
    nothing to read. `left_out` has the posts that must not be drawn (``posts``), those of them
    without words, and what the machine counts among them, by target.
    """

    posts: pl.DataFrame
    targets: tuple[str, ...]
    scores: np.ndarray
    is_coded: np.ndarray
    half: np.ndarray
    against_stars: np.ndarray
    is_wordless: np.ndarray | None = None
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Posts in the frame."""
        return self.posts.height


def read_machine_coding(coded: AnyFrame, codes: Sequence[str]) -> MachineCoding:
    """Read the coder's decisions and probabilities for the countable posts.

    Returns
    -------
    MachineCoding
        Sorted by post, so that the order of rows does not matter.

    Raises
    ------
    CaodianError
        When a column is missing or no post is left.

    Examples
    --------
    >>> coded = pl.DataFrame({"post_id": ["7"], "text": ["发货慢"], "is_negative": [True],
    ...                       "grievances": [["delivery"]], "scores": ['{"delivery":0.91}']})
    >>> read_machine_coding(coded, ["price", "delivery"]).scores.tolist()
    [[10000, 0, 9100]]
    """
    lazy = as_lazy(coded)
    present = lazy.collect_schema()
    for column in ("text", "is_negative", "grievances"):
        if column not in present:
            raise CaodianError(
                f"an audit needs the column `{column}`",
                value=present.names(),
                remedy="Code the posts first (caodian code).",
            )
    posts = name_posts(countable(with_stars(lazy)))
    kept = ["name", *(name for name in ("sub_grievances", "platforms") if name in present)]
    timed = [name for name in ("published_at",) if name in present]
    columns = [_decided("negative", "negative_probability", present)]
    columns += [_decided(code, "scores", present) for code in codes]
    table = posts.select(
        "name",
        *(_as_sets(name) for name in kept[1:]),
        *timed,
        _source_before_name(posts.collect_schema()),
        *(score.alias(f"score:{n}") for n, (score, _) in enumerate(columns)),
        *(coded.alias(f"coded:{n}") for n, (_, coded) in enumerate(columns)),
        _against_stars("rating" in present or STARS in present),
        _is_wordless(),
    ).collect(engine="streaming")
    if table.is_empty():
        raise CaodianError(
            "an audit needs posts in the window", value=0, remedy="Give coded posts of its days."
        )
    return _in_order(table, [*kept, "source"], ("negative", *codes))


def _source_before_name(present: pl.Schema) -> pl.Expr:
    """Return the source where it stands in a post's key and not in its name, else null."""
    if "source" not in present or "post_id" not in present:
        return pl.lit(None, pl.Categorical).alias("source")
    source = pl.col("source").cast(pl.String).fill_null("table")
    is_short = pl.col("name") == pl.col("post_id").cast(pl.String)
    return pl.when(is_short).then(source).cast(pl.Categorical).alias("source")


def _in_order(table: pl.DataFrame, kept: list[str], targets: tuple[str, ...]) -> MachineCoding:
    """Arrange the posts by name, a column at a time: of millions no two copies are held."""
    order = table["name"].arg_sort()

    def take(name: str) -> pl.Series:
        return table.drop_in_place(name).gather(order)

    half = _halves(table)[order.to_numpy()]
    posts = pl.DataFrame([take(name) for name in kept])
    scores = np.empty((len(order), len(targets)), dtype=np.uint16, order="F")
    is_coded = np.empty((len(order), len(targets)), dtype=np.bool_, order="F")
    for number in range(len(targets)):
        scores[:, number] = take(f"score:{number}").to_numpy()
        is_coded[:, number] = take(f"coded:{number}").to_numpy()
    against, wordless = (take(name).to_numpy() for name in ("against_stars", "is_wordless"))
    return MachineCoding(posts, targets, scores, is_coded, half, against, wordless)


def leave_out(
    machine: MachineCoding, names: Collection[str], *, wordless: bool = True
) -> MachineCoding:
    """Drop the posts nobody can or may code; return frame and machine's count of them."""
    is_out = is_named(machine, names).to_numpy()
    is_wordless = np.zeros(machine.size, dtype=np.bool_)
    if wordless and machine.is_wordless is not None:
        is_wordless = machine.is_wordless
    kept = ~(is_out | is_wordless)
    if kept.all():
        return machine
    if not kept.any():
        raise CaodianError(
            "an audit needs posts that have words and that the coder did not learn from",
            value=f"{machine.size} posts, {is_wordless.sum()} of them without words",
        )
    unread = int((is_wordless & ~is_out).sum())
    columns = ("scores", "is_coded", "half", "against_stars")
    return replace(
        machine,
        posts=machine.posts.filter(kept),
        **{name: getattr(machine, name)[kept] for name in columns},
        is_wordless=None,
        left_out=_count_in(machine, pl.Series(~kept)) | ({WORDLESS: unread} if unread else {}),
    )


def leave_out_again(machine: MachineCoding, record: Mapping[str, Any]) -> MachineCoding:
    """Return the frame without the posts that a draw left out, by what it wrote down.

    Draws from before 30 November 2026 did not leave out posts without words.
    """
    told = record.get("left_out", {})
    return leave_out(machine, record.get("left_out_names", ()), wordless=WORDLESS in told)


def is_named(machine: MachineCoding, names: Collection[str]) -> pl.Series:
    """Tell which posts of a frame are among some, by `name` or `source:post_id`.

    Examples
    --------
    >>> coded = pl.DataFrame({"post_id": ["1", "2"], "source": "jd", "text": ["发货慢", "好用"],
    ...                       "is_negative": [True, False], "grievances": [["delivery"], []]})
    >>> is_named(read_machine_coding(coded, ["delivery"]), ["jd:1", "2", "9"]).to_list()
    [True, True]
    """
    listed = pl.Series(sorted(names), dtype=pl.String).implode()
    whole = pl.concat_str(pl.col("source").cast(pl.String), pl.lit(":"), "name")
    is_in = pl.col("name").is_in(listed) | whole.is_in(listed).fill_null(False)
    return machine.posts.select(is_in.alias("name")).to_series()


def _count_in(machine: MachineCoding, is_in: pl.Series) -> dict[str, int]:
    """Count some posts of the frame, and what the machine finds in them."""
    coded = machine.is_coded[is_in.to_numpy()]
    counts = {"posts": int(is_in.sum())}
    totals = coded.sum(axis=0).tolist()
    counts |= {target: int(n) for target, n in zip(machine.targets, totals, strict=True)}
    negative = machine.posts.filter(is_in & pl.Series(machine.is_coded[:, 0]))
    for column, prefix in (("sub_grievances", ""), ("platforms", "platform:")):
        if column in negative.columns:
            found = _lists_of(negative[column]).explode().drop_nulls().value_counts().sort(column)
            counts |= {f"{prefix}{name}": int(count) for name, count in found.iter_rows()}
    return counts


# What an audit is of, in a form that can be compared: it corrects the counts of these posts, coded
# so, and of nothing else.

_PARTS = ("window", "posts", "codebook", "coder", "coding")


def describe_frame(
    machine: MachineCoding,
    *,
    window: tuple[str, str] | None = None,
    coder: str | None = None,
) -> dict[str, Any]:
    """Describe the frame of an audit: its window, posts, codebook, coder and what it decided.

    Parameters
    ----------
    machine
        The coder's decisions on the frame.
    window
        First and last day, where a study or a run has set them.
    coder
        What `identify_coder` says of the coder, where it is known; a file of coded posts does not
        say it.

    Returns
    -------
    dict
        window, coder and weights (null where unknown), size (posts), and the SHA-256 of posts
        (their names and halves of the window), codebook and coding (every decision and score).

    Examples
    --------
    >>> coded = pl.DataFrame({"post_id": ["7"], "text": ["发货慢"], "is_negative": [True],
    ...                       "grievances": [["delivery"]]})
    >>> frame = describe_frame(read_machine_coding(coded, ["delivery"]), coder="fast")
    >>> frame["size"], frame["coder"], frame["window"], len(frame["posts"])
    (1, 'fast', None, 64)
    """
    lists = (
        part.list.sort().list.join(";").fill_null("")
        for name in ("sub_grievances", "platforms")
        if name in machine.posts.columns
        for part in map(_lists_of, _in_slices(machine.posts[name]))
    )
    names = _in_slices(machine.posts["name"])
    return {
        "window": None if window is None else list(window),
        "size": machine.size,
        "posts": _digest(chain(names, [pl.Series([""])]), (machine.half, np.int8)),
        "codebook": _codebook_digest(),
        "coder": coder,
        "weights": None if coder is None else weights_digest(),
        "coding": _digest(
            chain([pl.Series(machine.targets)], lists),
            (machine.scores, "<u2"),
            (machine.is_coded, np.int8),
        ),
    }


_AT_ONCE = 100_000  # texts


def _in_slices(texts: pl.Series) -> Iterator[pl.Series]:
    return (texts.slice(start, _AT_ONCE) for start in range(0, len(texts), _AT_ONCE))


def _digest(texts: Iterable[pl.Series], *more: tuple[np.ndarray, npt.DTypeLike]) -> str:
    """Hash texts, each with a byte 0 behind it, and the numbers of arrays, row by row."""
    digest = hashlib.sha256()
    for part in texts:
        if len(part):
            digest.update(part.str.join("\0").item().encode() + b"\0")
    for array, kind in more:
        for start in range(0, len(array), _AT_ONCE):
            digest.update(array[start : start + _AT_ONCE].astype(kind, order="C").tobytes())
    return digest.hexdigest()


def _codebook_digest() -> str:
    """Hash the files that define the codes, wherever they lie."""
    folder = codebook_directory()
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def weights_digest() -> str:
    """Hash the weights that the package brings.

    Examples
    --------
    >>> len(weights_digest())
    64
    """
    digest = hashlib.sha256()
    for package in ("coding", "sentiment"):
        folder = resources.files(f"analysis.{package}").joinpath("weights")
        for path in sorted(folder.iterdir(), key=lambda path: path.name):
            if path.name.endswith(".npz"):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def frame_differences(audited: Mapping[str, Any], reported: Mapping[str, Any]) -> dict[str, str]:
    """Say in what the frame of an audit differs from the posts of a report."""
    found = {}
    known = [name for name in _PARTS if None not in (audited.get(name), reported.get(name))]
    for name in known:
        same = audited[name] == reported[name]
        if name == "coder":
            same = same and audited.get("weights") == reported.get("weights")
        if not same:
            found[name] = _difference(name, audited, reported)
    # Other posts or codes have other decisions: that says nothing of the coder.
    if found.keys() & {"posts", "codebook", "coder"}:
        found.pop("coding", None)
    return found


def _difference(name: str, audited: Mapping[str, Any], reported: Mapping[str, Any]) -> str:
    if name == "window":
        ours, theirs = (" to ".join(frame["window"]) for frame in (audited, reported))
        return f"window: {ours} in the audit, {theirs} in the report"
    if name == "posts":
        sizes = f"{audited['size']} in the audit, {reported['size']} in the report"
        return f"posts: {sizes}, others or other halves of the window"
    if name == "coder":
        ours, theirs = audited["coder"], reported["coder"]
        same = "the same name with other weights" if ours == theirs else f"{theirs} in the report"
        return f"coder: {ours} in the audit, {same}"
    if name == "codebook":
        return "codebook: its files have changed since the draw"
    return "coding: the coder decides or scores some of the posts otherwise than at the draw"


def refuse_other_frame(audited: Mapping[str, Any], reported: Mapping[str, Any], where: str) -> None:
    """Refuse an audit whose frame is not that of the report, saying in what they differ.

    Raises
    ------
    CaodianError
        When anything differs.

    Examples
    --------
    >>> frame = {"size": 9, "posts": "a", "codebook": "b"}
    >>> refuse_other_frame(frame, frame, "audit")
    """
    found = frame_differences(audited, reported)
    if found:
        raise CaodianError(
            "an audit corrects only the posts, window, codebook and coder that it was drawn from",
            value="; ".join(found.values()),
            where=where,
            remedy="Draw and code an audit of this report: caodian report without --audit, then "
            "caodian audit draw build/STUDY.",
        )


# A scored file says of which posts its numbers are, since it can be handed on without its folder.

SEAL = "audit_of"


def seal_scores(table: pd.DataFrame, record: Mapping[str, Any]) -> pd.DataFrame:
    """Add to the first row of a scored table what the audit was drawn from.

    Parameters
    ----------
    table
        Of `score_audit`.
    record
        Of the draw; without a frame the table stays as it is.

    Examples
    --------
    >>> table = pd.DataFrame({"grievance": ["negative"], "estimate": [9.0]})
    >>> sealed = seal_scores(table, {"frame": {"size": 40}, "seed": 1, "size": 20})
    >>> read_seal(sealed, "scored.csv")["frame"]
    {'size': 40}
    """
    if "frame" not in record:
        return table
    content = {
        "frame": record["frame"],
        "seed": record["seed"],
        "size": record["size"],
        "numbers": _hash_numbers(table),
        "left_out": record.get("left_out", {}),
        **{name: record[name] for name in ("filled_by", "second") if name in record},
        **(tell_recoding(record) if table.attrs.get("has_gold") else {}),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    sealed = table.copy()
    sealed[SEAL] = pd.array([text, *[None] * (len(table) - 1)], dtype="string")
    return sealed


def read_seal(table: pd.DataFrame, where: str) -> dict[str, Any]:
    """Return what a scored table says of its audit.

    Raises
    ------
    CaodianError
        When it says nothing, or its numbers are not those that were scored.

    Examples
    --------
    >>> read_seal(pd.DataFrame({"grievance": ["negative"], "estimate": [9.0]}), "scored.csv")
    Traceback (most recent call last):
    analysis.errors.CaodianError: corrected counts must say which posts they are of: ...
    """
    texts = table[SEAL].dropna().tolist() if SEAL in table else []
    try:
        content = json.loads(texts[0]) if texts else {}
        frame, numbers = content["frame"], content["numbers"]
    except (ValueError, KeyError, TypeError):
        raise CaodianError(
            "corrected counts must say which posts they are of",
            value=f"no column {SEAL}" if SEAL not in table else f"{SEAL} cannot be read",
            where=where,
            remedy="Name the folder of the audit, or score it again: caodian audit score.",
        ) from None
    if numbers != _hash_numbers(table.drop(columns=SEAL)):
        raise CaodianError(
            "corrected counts must be as `caodian audit score` wrote them",
            where=where,
            remedy="Score the folder again, or name the folder itself with --audit.",
        )
    return {**content, "frame": frame}


def _hash_numbers(table: pd.DataFrame) -> str:
    """Hash the numbers of a scored table, in the form that every kind of file keeps."""
    numbers = [str(name) for name in table if name != "grievance"]
    lines = [
        "|".join("" if pd.isna(value) else str(value) for value in (row["grievance"], *(
            None if pd.isna(row[name]) else round(float(row[name]), 4) for name in numbers
        )))
        for row in table.to_dict("records")
    ]  # fmt: skip
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def countable(lazy: pl.LazyFrame) -> pl.LazyFrame:
    """Return the posts in the window, repeats once.

    Without a study `is_in_window` is null throughout, and every post is in the window.
    """
    present = lazy.collect_schema()
    if "is_in_window" in present:
        is_judged = lazy.select(pl.col("is_in_window").is_not_null().any())
        if is_judged.collect(engine="streaming").item():
            lazy = lazy.filter(pl.col("is_in_window"))
    return lazy.filter(pl.col("repeat_of").is_null()) if "repeat_of" in present else lazy


def _decided(target: str, column: str, present: pl.Schema) -> tuple[pl.Expr, pl.Expr]:
    """Return score and decision; a decision without a score counts as certain."""
    if target == "negative":
        is_coded = pl.col("is_negative").fill_null(False)
        score = pl.col(column).cast(pl.Float64) if column in present else pl.lit(None)
        certain = pl.when(is_coded).then(1.0).otherwise(0.0)
    else:
        listed = pl.col("grievances").cast(pl.List(pl.String))
        is_coded = listed.list.contains(target).fill_null(False)
        score, is_scored = _json_score(target, column, present)
        certain = pl.when(is_coded).then(1.0).otherwise(0.0)
        score = pl.when(is_scored).then(score.fill_null(0.0))
    scaled = (score.fill_null(certain).fill_nan(0.0).clip(0.0, 1.0) * FULL).round().cast(pl.Int32)
    capped = pl.min_horizontal(scaled, pl.lit(UNCODED, pl.Int32))
    raised = pl.max_horizontal(scaled, pl.lit(UNCODED + 1, pl.Int32))
    # `negative_probability` judges the wording, `is_negative` also who speaks
    low = capped if target == "negative" else scaled
    return pl.when(is_coded).then(raised).otherwise(low).cast(pl.UInt16), is_coded


def _json_score(code: str, column: str, present: pl.Schema) -> tuple[pl.Expr, pl.Expr]:
    kind = present.get(column)
    if isinstance(kind, pl.Struct):
        fields = [field.name for field in kind.fields]
        found = pl.col(column).struct.field(code) if code in fields else pl.lit(None)
        return found.cast(pl.Float64), pl.col(column).is_not_null()
    if kind is None or kind == pl.Null:
        return pl.lit(None, pl.Float64), pl.lit(False)
    pattern = rf'"{code}"\s*:\s*([0-9.eE+-]+)'
    return pl.col(column).str.extract(pattern).cast(pl.Float64), pl.col(column).is_not_null()


def _against_stars(has_stars: bool) -> pl.Expr:
    """Tell where stars and decision contradict each other; without words there is no decision."""
    if not has_stars:
        return pl.lit(0, pl.Int8).alias("against_stars")
    # Read from a file, or taken for the texts of the table of ratings, they are no numbers.
    stars = pl.col(STARS).cast(pl.Float64, strict=False)
    is_coded = pl.col("is_negative").fill_null(False)
    has_words = pl.col("text").cast(pl.String).str.contains(r"\pL")
    return (
        pl.when(is_coded & (stars >= 4))
        .then(PRAISED)
        .when(~is_coded & (stars <= 2) & has_words)
        .then(PANNED)
        .otherwise(0)
        .cast(pl.Int8)
        .alias("against_stars")
    )


def _is_wordless() -> pl.Expr:
    """Tell where nobody can read anything: no text, or what a site writes for who wrote none."""
    text = pl.col("text").cast(pl.String).fill_null("")
    return (~text.str.contains(r"\S") | text.str.contains(BLANK_REVIEW)).alias("is_wordless")


def _halves(table: pl.DataFrame) -> np.ndarray:
    """Return 0 for the first half of the window, 1 for the second; undated posts go first."""
    if "published_at" not in table.columns or table["published_at"].is_null().all():
        return np.zeros(table.height, dtype=np.int8)
    times = table["published_at"].cast(pl.Datetime("us")).to_physical()
    middle = (int(times.min()) + int(times.max())) / 2  # type: ignore[arg-type]
    return (times.fill_null(0) > middle).cast(pl.Int8).to_numpy()
