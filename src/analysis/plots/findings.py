"""Headlines that state what a figure shows: made by rule, never saying more than the data bear.

An order is stated where the interval of the largest lies above all others; a bare count gets one of
chance and a tenth for the coder, as in the verdicts on published claims. Else the figure is said to
be tied, or too small to tell.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.measures.published import OURS
from analysis.measures.quantities import (
    Form,
    Quantity,
    quantity_of,
    row_of,
    spell_best,
    spell_share,
)
from analysis.minimum import FEWEST_ITEMS
from analysis.numbers import (
    about_text,
    change_text,
    count_text,
    is_missing,
    mean_text,
    range_text,
    share_text,
)
from analysis.words import Words

MOST_NAMED = 3  # more are counted
_MOST_CODES = 2  # whose names are long
_FEW_WORDS = 2  # of each side, in a headline on words
_ESTABLISHED = ("growth", "decline")
# What the coder calls of negative texts and of others: the least and the most of any kind of place
# (benchmarks/validity/channel_error.py, docs/method/coding.md).
_HITS, _ALARMS = (0.38, 0.97), (0.01, 0.21)


def name_leader(
    key: str,
    rows: pd.DataFrame,
    labels: Sequence[str],
    words: Words,
    **facts: object,
) -> str:
    """Say which row is the largest, which share the first place, or that there is too little."""
    tied = find_leaders(rows)
    if not tied:
        return _headline(words(f"figure.{key}.few", **facts))
    if len(tied) == 1:
        row = rows.iloc[tied[0]]
        size, interval = spell_best(row, words)
        about = words("figure.found.about", n=about_text(row["estimate"])) if interval else size
        return _headline(words(f"figure.{key}.leads", name=labels[tied[0]], size=about, **facts))
    if len(tied) > MOST_NAMED:
        return _headline(words(f"figure.{key}.tied_many", n=len(tied), **facts))
    names = words.listed([labels[place] for place in tied])
    return _headline(words(f"figure.{key}.tied", names=names, n=len(tied), **facts))


def find_leaders(rows: pd.DataFrame) -> list[int]:
    """List the places of the largest row and of all that cannot be told from it; none of too few.

    Examples
    --------
    >>> find_leaders(pd.DataFrame({"items": [90, 900, 870]}))
    [1, 2]
    >>> find_leaders(pd.DataFrame({"items": [29, 3]}))
    []
    """
    sizes = [quantity_of(row) for _, row in rows.iterrows()]
    known = [(size.with_ends(), place) for place, size in enumerate(sizes) if size is not None]
    known = sorted(known, key=lambda pair: -pair[0].value)
    if not known or known[0][0].value < FEWEST_ITEMS:
        return []
    return [place for size, place in known if not known[0][0].is_above(size)]


def tell_total(counts: pd.DataFrame, words: Words) -> str:
    """Write how many negative items there are, as the first half of a headline."""
    row = row_of(counts, "grievance", "negative")
    if row is None or is_missing(row["items"]):
        return ""
    size, interval = spell_best(row, words)
    if interval:
        return words("figure.found.total_about", n=about_text(row["estimate"]))
    return words("figure.found.total", n=size)


def compare_strands(rows: pd.DataFrame, words: Words) -> str:
    """Say whether one strand of price complaints outweighs the other."""
    surge, drop = (_sum(rows[rows["strand"] == strand]) for strand in ("surge", "drop"))
    if max(surge.value, drop.value) < FEWEST_ITEMS:
        return words("figure.price.few")
    if surge.is_above(drop) or drop.is_above(surge):
        return words(f"figure.price.{'surge' if surge.is_above(drop) else 'drop'}_leads")
    return words("figure.price.tied")


def _sum(rows: pd.DataFrame) -> Quantity:
    parts = [quantity_of(row) for _, row in rows.iterrows()]
    known = [part for part in parts if part is not None]
    if any(not part.has_interval for part in known) or not known:
        return Quantity(sum(part.value for part in known)).with_ends()
    ends = [sum(getattr(part, end) for part in known) for end in ("low", "high")]
    return Quantity(sum(part.value for part in known), *ends)


def compare_shares(
    key: str, rows: pd.DataFrame, labels: Sequence[str], words: Words, *, by_size: bool
) -> str:
    """Say which row has the largest negative share, or how the first compares with the last."""
    known = rows[["items", "negative_items"]].notna().all(axis=1)
    enough = [place for place in range(len(rows)) if known.iloc[place]
              and rows["items"].iloc[place] >= FEWEST_ITEMS]  # fmt: skip
    shares = {
        place: Quantity(float(rows["negative_items"].iloc[place])).share_of_counts(
            Quantity(float(rows["items"].iloc[place]))
        )
        for place in enough
    }
    if not shares or (len(shares) == 1 and (len(rows) > 1 or not by_size)):
        return _headline(words(f"figure.{key}.few"))
    if len(rows) == 1:
        return _headline(
            words(f"figure.{key}.one", name=labels[0], share=share_text(shares[0].value))
        )
    if by_size:
        return _headline(_highest(key, shares, labels, words))
    ends = [enough[0], enough[-1]]
    low, high = (shares[place] for place in ends)
    facts = {
        "first": labels[ends[0]], "last": labels[ends[1]],
        "low": share_text(low.value), "high": share_text(high.value),
    }  # fmt: skip
    apart = low.is_above(high) or high.is_above(low)
    return _headline(words(f"figure.{key}.{'apart' if apart else 'tied'}", **facts))


def _highest(key: str, shares: Mapping[int, Quantity], labels: Sequence[str], words: Words) -> str:
    """Say whose share is the highest, which cannot be told apart, or that errors could make it."""
    first = max(shares, key=lambda place: shares[place].value)
    level = [place for place in shares if not shares[first].is_above(shares[place])]
    tied = [place for place in shares if _could_be_alike(shares[first], shares[place])]
    if len(tied) == len(shares) > len(level):
        return words(f"figure.{key}.alike")
    tied.sort(key=lambda place: -shares[place].value)
    if len(tied) > MOST_NAMED:
        return words(f"figure.{key}.tied_many", n=len(tied))
    if len(tied) > 1:
        return words(f"figure.{key}.tied", names=words.listed([labels[place] for place in tied]))
    share = share_text(shares[first].value)
    return words(f"figure.{key}.leads", name=labels[first], share=share)


def _could_be_alike(high: Quantity, low: Quantity) -> bool:
    """Say whether chance and the coder's errors could set two channels so far apart.

    What it misses and what it calls without reason depends on the place. The least true share of
    the one is that of a place where it finds the most and errs the most, the greatest of the other
    that of a place where it does the least of both.
    """
    if high.low is None or low.high is None:
        return True
    least = (high.low - _ALARMS[1]) / (_HITS[1] - _ALARMS[1])
    most = (low.high - _ALARMS[0]) / (_HITS[0] - _ALARMS[0])
    return max(least, 0.0) <= max(most, 0.0)


def tell_trend(
    key: str,
    label: str,
    series: pd.Series,
    trend: pd.Series | None,
    words: Words,
    *,
    has_mean: bool,
) -> str:
    """Say how many a day and what the test found of its trend."""
    name = words(f"figure.{key}.subject", label=label)
    verdict = "none" if trend is None or is_missing(trend["verdict"]) else str(trend["verdict"])
    days = len(series)
    measure = words.label("count")
    bound = ""
    if trend is not None:
        days = len(series) if is_missing(trend.get("days")) else int(trend["days"])
        tested = trend.get("measure")
        measure = words.label("count" if is_missing(tested) or not tested else str(tested))
        bound = _bound(trend, verdict, words)
    own = f"figure.{key}.{verdict}"
    text = own if own in words.texts else f"figure.trend.{verdict}"
    told = words(text, days=days, measure=measure, bound=bound)
    return _headline(_size_of(name, series, words, has_mean=has_mean) + told)


def _size_of(name: str, series: pd.Series, words: Words, *, has_mean: bool) -> str:
    """Write the first half of a headline: the code and how many a day, or in all."""
    if series.isna().any():
        return words("figure.trend.withheld", subject=name)
    if has_mean:
        return words("figure.trend.mean", subject=name, mean=mean_text(series.mean()))
    return words("figure.trend.total", subject=name, total=count_text(series.sum()))


def _bound(trend: pd.Series, verdict: str, words: Words) -> str:
    """Write by how much at least a series grew or fell, where the interval says so."""
    end = {"growth": trend["low"], "decline": trend["high"]}.get(verdict)
    if end is None or is_missing(end) or (end <= 0 if verdict == "growth" else end >= 0):
        return ""
    return words("figure.trend.bound", size=change_text(end).lstrip("+−"))


def tell_trends(
    totals: pd.Series | None,
    verdicts: Mapping[str, str],
    measure: str,
    words: Words,
    *,
    has_mean: bool,
) -> str:
    """Say how many negative items a day there are, and which codes grew or declined."""
    parts = []
    if totals is not None and not totals.isna().any():
        size = mean_text(totals.mean()) if has_mean else count_text(totals.sum())
        parts.append(words(f"figure.daily.{'mean' if has_mean else 'total'}", n=size))
    found = {
        verdict: [code for code, told in verdicts.items() if told == verdict]
        for verdict in (*_ESTABLISHED, "flat", "no_trend", "not_testable")
    }
    if any(found[verdict] for verdict in _ESTABLISHED):
        told = [verdict for verdict in _ESTABLISHED if found[verdict]]
        parts += [
            words(
                f"figure.daily.{verdict}", measure=measure, names=name_codes(found[verdict], words)
            )
            for verdict in told
        ]
    else:
        left = [verdict for verdict in found if found[verdict]]
        only = "all_" if len(left) == 1 else ""
        parts += [words(f"figure.daily.{only}{verdict}", n=len(found[verdict])) for verdict in left]
    if not parts:
        return words("figure.daily.title")
    return _headline(words("figure.found.and").join(parts))


def name_codes(codes: Sequence[str], words: Words) -> str:
    """Name one or two codes in a sentence, or say how many there are.

    All negative items are a total and no kind: they are named, and not counted among the kinds.
    """
    kinds = [words.inside(code) for code in codes if code != "negative"]
    has_whole = len(kinds) < len(codes)
    if len(codes) > _MOST_CODES:
        return words(f"figure.found.{'whole_and_' if has_whole else ''}kinds", n=len(kinds))
    return words.listed([*([words("figure.found.whole")] if has_whole else []), *kinds])


def tell_peaks(
    label: str, series: pd.Series, verdicts: Sequence[str], words: Words, *, has_mean: bool
) -> str:
    """Say how many a day, and what the verdict on the days that a claim named was."""
    size = _size_of(label, series, words, has_mean=has_mean)
    if len(set(verdicts)) != 1:
        return _headline(size.rstrip("，,：: "))
    return _headline(size + words(f"figure.peaks.{verdicts[0]}"))


def tell_campaigns(rows: pd.DataFrame, words: Words, form: Form) -> str:
    """Put the negative share of this run beside those that were published."""
    told = rows[(rows["grievance"] == "negative") & rows["share"].notna()]
    others = told.loc[told["campaign"] != OURS, "share"].astype(float)
    ours = told[told["campaign"] == OURS]
    if others.empty:
        return words("figure.campaigns.title")
    least, most = share_text(others.min()), share_text(others.max())
    facts = {"range": least if least == most else range_text(least, most, words.language)}
    if ours.empty:
        return words("figure.campaigns.published", **facts)
    row = ours.iloc[0]
    own = [None if is_missing(row[end]) else float(row[end]) for end in ("low", "high")]
    share = spell_share(Quantity(float(row["share"]), *own), words, form)
    return words("figure.campaigns.ours", share=share, **facts)


def tell_terms(
    names: Sequence[str], terms: Sequence[Sequence[str]], words: Words, *, negative: bool
) -> str:
    """Name the words that set two selections apart most; each side has those beyond chance."""
    parts = [
        words("figure.terms.side", name=name, terms=_quoted(side[:_FEW_WORDS], words))
        for name, side in zip(names, terms, strict=True)
        if side
    ]
    text = words("list.semicolon").join(parts)
    return _headline(words("figure.terms.in_negative", text=text) if negative else text)


def _quoted(terms: Sequence[str], words: Words) -> str:
    return words("list.comma").join(words("list.quoted", text=term) for term in terms)


def _headline(text: str) -> str:
    return text[:1].upper() + text[1:]
