"""How well a coder does on labelled posts or planted truth, why it errs, and how two agree."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from analysis.audit.agreement import measure_agreement
from analysis.coding.codebook import CODES, VOICES, load_codebook
from analysis.coding.coder import Coder, get_coder
from analysis.coding.features import read_features
from analysis.coding.keyword_coder import keyword_coder
from analysis.corpus.mask import mask_texts
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy, as_polars
from analysis.storage.read import read_table
from analysis.storage.run_paths import project_root
from analysis.training.texts import label_matrix, read_labels

# What the simulator planted: true counts, which the pipeline must recover without seeing them.


def planted_counts(truth: AnyFrame) -> dict[str, int]:
    """Count the planted posts, negative items, grievances, sub-grievances and platforms.

    Parameters
    ----------
    truth
        The simulator's truth: `is_negative, grievances, sub_grievances, platforms`.

    Returns
    -------
    dict
        `all`, `negative`, each code, each `code.sub`, and `platform:NAME` for negative items
        that name the platform.

    Examples
    --------
    >>> truth = pl.DataFrame({"is_negative": [True, False], "grievances": [["price"], []],
    ...                       "sub_grievances": [[], []], "platforms": [["得物"], ["京东"]]},
    ...     schema_overrides={"sub_grievances": pl.List(pl.String)})
    >>> planted_counts(truth)
    {'all': 2, 'negative': 1, 'price': 1, 'platform:得物': 1}
    """
    posts = as_lazy(truth)
    negative = posts.filter(pl.col("is_negative"))
    totals = posts.select(pl.len().alias("all"), pl.col("is_negative").sum().alias("negative"))
    counts: dict[str, int] = {name: int(n) for name, n in totals.collect().to_dicts()[0].items()}
    for column, prefix in (("grievances", ""), ("sub_grievances", ""), ("platforms", "platform:")):
        counts |= {f"{prefix}{name}": n for name, n in _count_inside(negative, column)}
    return counts


def _count_inside(posts: pl.LazyFrame, column: str) -> list[tuple[str, int]]:
    inside = posts.select(pl.col(column).explode()).drop_nulls()
    counted = inside.group_by(column).len().sort(column).collect()
    return [(str(name), int(n)) for name, n in counted.iter_rows()]


# Rows of an evaluation: counts, bias, precision, recall and F1 of labels, with intervals.

_Matrix = npt.NDArray[np.bool_]
_Floats = npt.NDArray[np.float64]
_Row = dict[str, object]
_DRAWS = 400
_INTERVAL = (0.025, 0.975)


def _label_rows(
    truth: _Matrix, found: _Matrix, names: list[str], seed: int, summary: str | None = None
) -> list[_Row]:
    """Return one row a label, and the means over labels that occur under the name `summary`.

    Intervals are bootstrap percentiles over posts (Efron 1979); a resample that holds a label on
    neither side says nothing about it.
    """
    if not len(truth):
        return []
    whole = _measures(truth, found, np.ones((1, len(truth))))
    drawn = _measures(truth, found, _resamples(len(truth), seed))
    true_items, coded_items = truth.sum(axis=0), found.sum(axis=0)
    rows = [
        _row(
            name,
            int(true_items[at]),
            int(coded_items[at]),
            {key: values[0, at] for key, values in whole.items()},
            {key: values[:, at] for key, values in drawn.items()},
        )
        for at, name in enumerate(names)
    ]
    if summary is not None:
        seen = true_items > 0
        means = {key: _means(values[:, seen])[0] for key, values in whole.items()}
        spread = {key: _means(values[:, seen]) for key, values in drawn.items()}
        means["bias"] = _total_bias(truth, found, np.ones((1, len(truth))))[0]
        spread["bias"] = _total_bias(truth, found, _resamples(len(truth), seed))
        rows.append(_row(summary, int(true_items.sum()), int(coded_items.sum()), means, spread))
    return rows


def _share_row(label: str, hits: _Matrix, seed: int) -> _Row:
    """Return a row whose precision is the share of posts that hit; the other measures are empty."""
    posts = len(hits)
    share = hits.mean() if posts else np.nan
    drawn = _resamples(posts, seed) @ hits / posts if posts else np.array([np.nan])
    return _row(label, posts, int(hits.sum()), {"precision": share}, {"precision": drawn})


def _resamples(posts: int, seed: int) -> _Floats:
    """Return how often each post stands in each of the bootstrap samples."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(posts, np.full(posts, 1 / posts), size=_DRAWS).astype(np.float64)


def _measures(truth: _Matrix, found: _Matrix, weights: _Floats) -> dict[str, _Floats]:
    """Return the measures by sample and label; NaN where a label stands on neither side."""
    both, true, coded = weights @ (truth & found), weights @ truth, weights @ found
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "bias": np.where(true > 0, coded / true - 1, np.nan),
            "precision": np.where(coded > 0, both / coded, np.where(true > 0, 0.0, np.nan)),
            "recall": np.where(true > 0, both / true, np.nan),
            "f1": np.where(true + coded > 0, 2 * both / (true + coded), np.nan),
        }


def _total_bias(truth: _Matrix, found: _Matrix, weights: _Floats) -> _Floats:
    """Return the bias of all labels' items together."""
    true, coded = (weights @ side.sum(axis=1) for side in (truth, found))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(true > 0, coded / true - 1, np.nan)


def _means(values: _Floats) -> _Floats:
    """Average over the labels that a sample knows."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        means: _Floats = np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)
    return means


def _row(
    label: str,
    true_items: int,
    coded_items: int,
    whole: dict[str, float],
    drawn: dict[str, _Floats],
) -> _Row:
    row: _Row = {"label": label, "true_items": true_items, "coded_items": coded_items}
    for name in ("bias", "precision", "recall", "f1"):
        row[name] = float(whole.get(name, np.nan))
        if name != "recall":
            row[f"{name}_low"], row[f"{name}_high"] = _interval(drawn.get(name))
    return row


def _interval(drawn: _Floats | None) -> tuple[float, float]:
    known = np.array([]) if drawn is None else drawn[~np.isnan(drawn)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, _INTERVAL)
    return float(low), float(high)


_SEED = 20200618
_SLICES = ("difficulty", "register", "channel")
_SLICED = ("negative", "false_alarms", "macro_codes")
_NOT_SLICED = ("sub_grievances", "platforms", "voice")


def code_labelled(data: AnyFrame, coder: Coder | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the labelled posts as `read_labels` gives them, and what the coder says of them.

    Parameters
    ----------
    data
        Posts with ``text`` and ``negative`` (or ``is_negative``); ``grievances``,
        ``sub_grievances``, ``platforms`` and ``voice`` are measured where they are there. Lists
        may be ``;``-joined.
    coder
        The coder measured; the default one if none is given.

    Raises
    ------
    CaodianError
        If a column is missing or a code unknown.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["下单第九天还没发货"], "negative": [True]})
    >>> code_labelled(posts, get_coder("keyword"))[1]["is_negative"].to_list()
    [True]
    """
    labelled = read_labels(as_polars(data))
    return labelled, (coder or get_coder()).code(labelled)


TEST_PART = Path("data/coded/sample/test.jsonl")
_FEWEST_TRUE = 10  # one post more or less in a handful is no error of a coder


def measure_count_errors(coder: str = "fast") -> pd.DataFrame:
    """Measure how far a coder's counts are off on the test part of the coded sample.

    Parameters
    ----------
    coder
        Name of the coder.

    Returns
    -------
    pd.DataFrame
        One row for `negative` and for each code with at least ten true cases: grievance, posts
        (of the test part), true_items, coded_items, error (coded over true, less 1). Empty where
        the sample is not there.

    Examples
    --------
    >>> errors = measure_count_errors("keyword").set_index("grievance")
    >>> int(errors.loc["negative", "posts"]) > 900, bool(errors["true_items"].min() >= 10)
    (True, True)
    """
    columns = ["grievance", "posts", "true_items", "coded_items", "error"]
    path = project_root() / TEST_PART
    if not path.is_file():
        return pd.DataFrame(columns=columns)
    labelled, coded = code_labelled(pl.read_ndjson(path), get_coder(coder))
    names = list(CODES)
    pairs = [("negative", int(labelled["negative"].sum()), int(coded["is_negative"].sum()))]
    true = label_matrix(labelled["grievances"], names).sum(axis=0).tolist()
    found = label_matrix(coded["grievances"], names).sum(axis=0).tolist()
    pairs += zip(names, true, found, strict=True)
    rows = [
        (name, labelled.height, items, counted, round(counted / items - 1, 4))
        for name, items, counted in pairs
        if items >= _FEWEST_TRUE
    ]
    return pd.DataFrame(rows, columns=columns)


def measure_coding(
    labelled: pl.DataFrame, coded: pl.DataFrame, *, seed: int = _SEED
) -> pd.DataFrame:
    """Measure a coder on labelled posts, whole and by difficulty, register and channel.

    Parameters
    ----------
    labelled, coded
        What `code_labelled` returns, rows aligned.

    Returns
    -------
    pd.DataFrame
        One row a slice and label: `slice, label, posts, true_items, coded_items`, then `bias`,
        `precision` and `f1`, each with `_low` and `_high`, and `recall`. `bias` is how far the
        coder's own count lies off. The labels `false_alarms` (harmless posts called negative),
        `voice_accuracy`, `platforms_exact` (the whole set right) and `abstained` have their share
        as `precision`; the macro rows average over labels that occur. Intervals are bootstrap
        percentiles.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["下单第九天还没发货", "很满意"], "negative": [True, False]})
    >>> found = measure_coding(*code_labelled(posts, get_coder("keyword")))
    >>> float(found.set_index("label").loc["negative", "f1"])
    1.0
    """
    parts = [_measure(labelled, coded, "all", seed)]
    for column in _SLICES:
        if column in labelled.columns:
            for value in sorted(labelled[column].cast(pl.String).drop_nulls().unique().to_list()):
                chosen = (labelled[column].cast(pl.String) == value).fill_null(False)
                sliced = labelled.filter(chosen).drop(_NOT_SLICED, strict=False)
                part = _measure(sliced, coded.filter(chosen), f"{column}={value}", seed)
                parts.append(part[part["label"].isin(_SLICED)])
    return pd.concat(parts, ignore_index=True)


def _measure(labelled: pl.DataFrame, coded: pl.DataFrame, name: str, seed: int) -> pd.DataFrame:
    """All rows of one slice."""
    rows = _negative_rows(labelled["negative"], coded["is_negative"], seed)
    sets = (("grievances", CODES, "macro_codes"),
            ("sub_grievances", load_codebook().sub_names, "macro_subs"))  # fmt: skip
    for column, known, summary in sets:
        if column in labelled.columns:
            names = list(known)
            truth, found = label_matrix(labelled[column], names), label_matrix(coded[column], names)
            rows += _label_rows(truth, found, names, seed, summary)
    if "platforms" in labelled.columns:
        rows += _platform_rows(labelled["platforms"], coded["platforms"], seed)
    if "voice" in labelled.columns:
        truth, found = _one_hot(labelled["voice"]), _one_hot(coded["voice"])
        rows += _label_rows(truth, found, list(VOICES), seed, "macro_voices")
        right: _Matrix = np.any(truth & found, axis=1)
        rows.append(_share_row("voice_accuracy", right, seed))
    if coded["is_negative"].has_nulls():
        rows.append(_share_row("abstained", coded["is_negative"].is_null().to_numpy(), seed))
    table = pd.DataFrame(rows)
    table.insert(0, "slice", name)
    table.insert(2, "posts", labelled.height)
    return table


def _negative_rows(truth: pl.Series, answers: pl.Series, seed: int) -> list[_Row]:
    """Measure the negative item, and false alarms among harmless posts; an abstention is none."""
    negative, found = truth.to_numpy(), answers.fill_null(False).to_numpy()
    rows = _label_rows(negative[:, None], found[:, None], ["negative"], seed)
    return [*rows, _share_row("false_alarms", found[~negative], seed)]


def _platform_rows(truth: pl.Series, answers: pl.Series, seed: int) -> list[_Row]:
    names = pl.concat([truth.explode(), answers.explode()]).drop_nulls().unique().sort().to_list()
    given, found = label_matrix(truth, names), label_matrix(answers, names)
    pairs = _label_rows(given.reshape(-1, 1), found.reshape(-1, 1), ["all_platforms"], seed)
    right: _Matrix = np.all(given == found, axis=1) & answers.is_not_null().to_numpy()
    return [*pairs, _share_row("platforms_exact", right, seed)]


def _one_hot(voices: pl.Series) -> _Matrix:
    return np.column_stack([(voices == voice).fill_null(False).to_numpy() for voice in VOICES])


def list_errors(labelled: pl.DataFrame, coded: pl.DataFrame, *, most: int = 20) -> pd.DataFrame:
    """Return the errors on the negative item that the coder was surest of, texts masked."""
    probability = coded["negative_probability"]
    frame = pl.DataFrame({
        "kind": pl.Series(
            np.where(labelled["negative"].to_numpy(), "missed", "false alarm"), dtype=pl.String
        ),
        "negative_probability": probability,
        "surprise": (probability - labelled["negative"].cast(pl.Float64)).abs(),
        "voice": coded["voice"],
        "grievances": coded["grievances"].list.join(";"),
        **{f"true_{name}": labelled[name].list.join(";")
           for name in ("grievances",) if name in labelled.columns},
        "text": mask_texts(labelled["text"])[0],
    })  # fmt: skip
    wrong = coded["is_negative"] != labelled["negative"]
    asked = frame.filter(wrong.fill_null(False))
    return asked.sort("surprise", "text", descending=[True, False]).head(most).to_pandas()


# An evaluation of a coder as text, one small table a question.

_SHARES = ("false_alarms", "voice_accuracy", "platforms_exact", "abstained")
_LONGEST = 60


def describe_coding(table: pd.DataFrame, errors: pd.DataFrame | None = None) -> str:
    """Write what `measure_coding` found, and the errors if there are any to show.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.coding.coder import get_coder
    >>> posts = pl.DataFrame({"text": ["下单第九天还没发货", "很满意"], "negative": [True, False]})
    >>> found = measure_coding(*code_labelled(posts, get_coder("keyword")))
    >>> print(describe_coding(found).splitlines()[0])
    Labels, 2 posts (intervals: 95 %, bootstrap over posts)
    """
    whole = table[table["slice"] == "all"]
    posts = int(whole["posts"].iloc[0])
    is_share = whole["label"].isin(_SHARES)
    blocks = [
        (
            f"Labels, {posts:,} posts (intervals: 95 %, bootstrap over posts)",
            _labels(whole[~is_share]),
        ),
        ("Shares of posts; false alarms of harmless posts", _shares(whole[is_share])),
        ("How a naive count would be biased: coded items over true items", _bias(whole)),
        ("Slices", _slices(table[table["slice"] != "all"])),
    ]
    if errors is not None:
        blocks.append((f"Worst {len(errors)} errors on the negative item, masked", _cut(errors)))
    return "\n\n".join(_write(*block) for block in blocks if len(block[1]))


def _write(title: str, rows: pd.DataFrame) -> str:
    return f"{title}\n{rows.to_string(index=False, float_format='{:.3f}'.format, na_rep='-')}"


def _labels(rows: pd.DataFrame) -> pd.DataFrame:
    names = ["label", "true_items", "coded_items", "precision", "recall"]
    return rows[names].assign(f1=_with_interval(rows, "f1"))


def _shares(rows: pd.DataFrame) -> pd.DataFrame:
    counts = rows[["label", "coded_items", "true_items"]]
    named = counts.rename(columns={"coded_items": "posts", "true_items": "of"})
    return named.assign(share=_with_interval(rows, "precision"))


def _bias(whole: pd.DataFrame) -> pd.DataFrame:
    rows = whole[whole["label"].isin(["negative", *CODES])]
    ratio = rows[["bias", "bias_low", "bias_high"]] + 1
    counts = rows[["label", "true_items", "coded_items"]]
    return counts.assign(ratio=_with_interval(ratio, "bias"))


def _slices(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a slice: posts, F1 of the negative item, false alarms, macro-F1 of the codes."""
    first = rows[rows["label"] == "negative"].set_index("slice")
    slices = first[["posts"]].copy()
    for label in _SLICED:
        chosen = rows[rows["label"] == label].set_index("slice")
        measure = "precision" if label in _SHARES else "f1"
        if len(chosen):
            title = label if label in _SHARES else f"{label}_f1"
            slices[title] = _with_interval(chosen, measure).where(chosen["true_items"] > 0, "-")
    return slices.reset_index()


def _with_interval(rows: pd.DataFrame, name: str) -> pd.Series:
    columns = (rows[name], rows[f"{name}_low"], rows[f"{name}_high"])
    texts = [
        "-" if pd.isna(value) else f"{value:.3f} ({low:.3f}-{high:.3f})"
        for value, low, high in zip(*columns, strict=True)
    ]
    return pd.Series(texts, index=rows.index, dtype="str")


def _cut(errors: pd.DataFrame) -> pd.DataFrame:
    lines = errors["text"].str.replace(r"\s+", " ", regex=True)
    return errors.assign(text=lines.str.slice(0, _LONGEST))


# Why a coder errs: each error put to what the post, its labels and the rules say of it.

_Causes = dict[str, tuple[_Matrix, _Matrix]]


def read_coded(path: str | Path) -> pl.DataFrame:
    """Read coded posts; a relative path lies within the checkout and not within a run."""
    return read_labels(read_table(project_root() / path))


def count_causes(labelled: pl.DataFrame, coded: pl.DataFrame, *, seed: int = _SEED) -> pd.DataFrame:
    """Count the errors by cause, rows aligned."""
    groups = {
        "negative": _on_the_item(labelled, coded),
        "codes": _on_codes(labelled, coded),
        "voice": _on_voices(labelled, coded),
    }
    rows = []
    for about, causes in groups.items():
        for cause, (possible, errors) in causes.items():
            row = _share_row(cause, errors[possible], seed)
            rows.append({
                "about": about, "cause": cause, "errors": int((errors & possible).sum()),
                "posts": int(possible.sum()), "share": row["precision"],
                "share_low": row["precision_low"], "share_high": row["precision_high"],
            })  # fmt: skip
    return pd.DataFrame(rows)


def _on_the_item(labelled: pl.DataFrame, coded: pl.DataFrame) -> _Causes:
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


def _rule_evidence(labelled: pl.DataFrame) -> tuple[_Matrix, _Matrix]:
    """Tell which posts hold a known word or rule, and which a rule of a code, whole codebook.

    A post without either scores like an empty one of its channel.
    """
    coder = keyword_coder()
    silent = labelled.with_columns(pl.lit("").alias("text"))
    scores, empty = (
        coder.rule_scores(posts, read_features(posts, coder.compiled))
        for posts in (labelled, silent)
    )
    ruled: _Matrix = np.any(scores.labels > empty.labels, axis=1)
    spoken: _Matrix = np.any(scores.voice != empty.voice, axis=1)
    return ruled | spoken | (scores.negative != empty.negative), ruled


def _on_codes(labelled: pl.DataFrame, coded: pl.DataFrame) -> _Causes:
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


def _on_voices(labelled: pl.DataFrame, coded: pl.DataFrame) -> _Causes:
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
    """Count which code was given for which, in posts that both sides take for negative items."""
    both = labelled["negative"] & coded["is_negative"].fill_null(False)
    pairs = zip(labelled.filter(both)["grievances"], coded.filter(both)["grievances"], strict=True)
    counts: Counter[tuple[str, str]] = Counter()
    for truth, found in pairs:
        true, given = set(truth), set(found)
        counts.update((lack, add) for lack in true - given for add in given - true)
    rows = sorted(((*pair, posts) for pair, posts in counts.items()), key=lambda r: (-r[2], r))
    return pd.DataFrame(rows, columns=["true_code", "given_code", "posts"])


# Two coders of the same posts, each blind to the other: how far they agree, label by label.

_Answers = dict[tuple[str, str], tuple[pl.Series, pl.Series]]


def read_double_coding(folder: str | Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read ``coder-a.csv`` and ``coder-b.csv`` of a folder, posts in one order."""
    first, second = (_read(project_root() / folder / f"coder-{name}.csv") for name in "ab")
    if not first["post_id"].equals(second["post_id"]) or first["post_id"].is_duplicated().any():
        raise CaodianError(
            "both passes must code the same posts, each once",
            value=f"{first.height} and {second.height} posts",
            where=str(folder),
        )
    return first, second


def _read(path: Path) -> pl.DataFrame:
    posts = read_table(path).sort("post_id")
    return read_labels(posts.with_columns(pl.lit("").alias("text"))).drop("text")


def compare_coders(first: pl.DataFrame, second: pl.DataFrame, *, fewest: int = 20) -> pd.DataFrame:
    """Measure the agreement on the negative item, voices, codes, sub-grievances and platforms."""
    pairs = _whole_answers(first, second) | _voices(first, second)
    codebook = load_codebook()
    pairs |= _held("grievance", "grievances", list(CODES), first, second)
    pairs |= _held("sub_grievance", "sub_grievances", list(codebook.sub_names), first, second)
    pairs |= _held("platform", "platforms", _often(first, second, fewest), first, second)
    table = pd.DataFrame([_agreement_row(*key, *pair) for key, pair in pairs.items()])
    return table.astype({"first": "Int64", "second": "Int64"})


def _whole_answers(first: pl.DataFrame, second: pl.DataFrame) -> _Answers:
    sets = [
        coded["platforms"].list.unique().list.sort().list.join(";") for coded in (first, second)
    ]
    return {
        ("negative", "negative"): (first["negative"], second["negative"]),
        ("platform", "platforms"): (sets[0], sets[1]),
        ("voice", "voice"): (first["voice"], second["voice"]),
    }


def _voices(first: pl.DataFrame, second: pl.DataFrame) -> _Answers:
    return {
        ("voice", voice): (first["voice"] == voice, second["voice"] == voice) for voice in VOICES
    }


def _held(
    kind: str, column: str, names: list[str], first: pl.DataFrame, second: pl.DataFrame
) -> _Answers:
    held = [label_matrix(coded[column], names) for coded in (first, second)]
    return {
        (kind, name): (pl.Series(held[0][:, at]), pl.Series(held[1][:, at]))
        for at, name in enumerate(names)
    }


def _often(first: pl.DataFrame, second: pl.DataFrame, fewest: int) -> list[str]:
    named = pl.concat([first["platforms"], second["platforms"]]).explode().drop_nulls()
    counts = named.rename("name").value_counts(name="times").filter(pl.col("times") >= fewest)
    return counts.sort("times", "name", descending=[True, False])["name"].to_list()


def _agreement_row(kind: str, label: str, first: pl.Series, second: pl.Series) -> dict[str, object]:
    agreement = measure_agreement(np.column_stack([first.to_numpy(), second.to_numpy()]))
    is_label = first.dtype == pl.Boolean
    return {
        "kind": kind,
        "label": label,
        "posts": agreement.units,
        "first": int(first.sum()) if is_label else None,
        "second": int(second.sum()) if is_label else None,
        "alpha": agreement.alpha,
        "alpha_low": agreement.alpha_low,
        "alpha_high": agreement.alpha_high,
        "ac1": agreement.ac1,
        "same_when_given": agreement.by_value.get(True) if is_label else None,
    }
