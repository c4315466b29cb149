"""The rules by which a published statement of each kind is judged.

On a real corpus the words are reproduced, consistent, contradicted and not_testable. Every verdict
can fail: what is too wide to fail is not testable, by a rule fixed in advance for each kind
(docs/method.md, "Published claims"). A simulated
corpus was calibrated to the published totals, so there the question is whether the pipeline finds
what was planted: recovered or missed. That tests the method and not the world.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from math import comb, factorial

import numpy as np
import pandas as pd

from analysis.measures.breaks import chance_of_peaks, measure_peaks
from analysis.measures.quantities import (
    Quantity,
    find_quantity,
    qualified_sub,
    quantity_of,
    row_of,
    table_or_empty,
)
from analysis.measures.trend_rule import bears_out, chance_of_trend
from analysis.minimum import FEWEST_ITEMS, shortfall
from analysis.numbers import (
    count_text,
    day_text,
    is_missing,
    mean_text,
    number_text,
    quoted_share_text,
    scale_text,
    share_text,
)
from analysis.study.model import Claim, Study
from analysis.words import Words, load_words

# What a judge knows and says, and the rules for numbers.

_NEAR = 0.10  # "reproduced" asks for an estimate within this fraction of the published value
_EXACT = 0.01  # a total carries no coder error: it may differ from the truth by this much


@dataclass(frozen=True)
class Corpus:
    """What the judge knows about the corpus behind the tables."""

    study: Study
    tables: dict[str, pd.DataFrame]
    simulated: bool
    scale: float
    truth: Mapping[str, float]
    is_monitored_whole: bool = False

    @property
    def holds(self) -> str:
        """The verdict on a claim that the tables bear out."""
        return "recovered" if self.simulated else "reproduced"

    @property
    def fails(self) -> str:
        """The verdict on a claim that they speak against."""
        return "missed" if self.simulated else "contradicted"

    @property
    def is_audited(self) -> bool:
        """Whether the counts were corrected by an audit."""
        counts = table_or_empty(self.tables, "counts")
        return "estimate" in counts and bool(counts["estimate"].notna().any())

    @property
    def printed(self) -> dict[str, int]:
        """The counts that were published, by code and platform."""
        published = self.study.published
        return published.counts | published.platforms if published else {}

    def planted(self, name: str) -> float | None:
        """Give the planted count of a code, a sub-grievance or a platform, where it is known."""
        count = self.truth.get(name, self.truth.get(f"platform:{name}"))
        return None if count is None else float(count)


@dataclass(frozen=True)
class Verdict:
    """The word, the numbers behind it, and the reason as a key of the texts with its values.

    A value that is itself a pair (zh, en) is filled in by language. `chance` is how often a random
    answer, as vague as ours, would have borne the claim out.
    """

    word: str
    reason: str
    values: dict[str, object] = field(default_factory=dict)
    measured: Quantity | None = None
    chance: float | None = None

    def explain(self, words: Words) -> str:
        """Write the reason in one language."""
        chosen = {
            key: value[words.language] if isinstance(value, dict) else value
            for key, value in self.values.items()
        }
        return words(f"reason.{self.reason}", **chosen)


def _untestable(reason: str, measured: Quantity | None = None, **values: object) -> Verdict:
    """Say that a claim cannot be tested, and why."""
    return Verdict("not_testable", reason, values, measured)


def _judge_against_published(measured: Quantity, target: float, shown: str) -> Verdict:
    """Judge a number on a real corpus.

    Contradicted: the published value lies outside the interval. Inside one that is too wide to
    fail, nothing is said. Reproduced: inside a precise one and within 10 % of the estimate;
    consistent: inside a precise one, further away.
    """
    if not measured.has_interval:
        return _untestable("no_audit", measured)
    values: dict[str, object] = {"target": shown}
    if not measured.covers(target):
        return Verdict("contradicted", "outside", values, measured, measured.chance)
    if not measured.is_precise:
        return _untestable("too_wide", measured, target=shown)
    is_near = abs(measured.value - target) <= _NEAR * abs(target)
    word, reason = ("reproduced", "inside_near") if is_near else ("consistent", "inside_far")
    return Verdict(word, reason, values, measured, measured.chance)


def _judge_against_truth(
    measured: Quantity, truth: float, shown: str, tolerance: float = _NEAR
) -> Verdict:
    """Judge a number on a simulated corpus against what was planted.

    Where the audit gives no interval, the count itself must lie within the tolerance.
    """
    chance = measured.chance
    if measured.has_interval:
        inside = measured.covers(truth)
        if inside and not measured.is_precise:
            return _untestable("too_wide", measured, target=shown)
        reason = "planted_inside" if inside else "planted_outside"
    else:
        inside = abs(measured.value - truth) <= tolerance * abs(truth)
        reason = "planted_equal" if inside else "planted_unequal"
        chance = Quantity(1.0, 1 - tolerance, 1 + tolerance).chance
    values: dict[str, object] = {"target": shown, "tolerance": quoted_share_text(tolerance)}
    return Verdict("recovered" if inside else "missed", reason, values, measured, chance)


# Judge claims about numbers: counts, means, shares and what was computed from them.


def _judge_level(claim: Claim, corpus: Corpus) -> Verdict:
    """Judge a count or a mean per day."""
    name = claim.platform or claim.grievance or "all"
    found = find_quantity(name, corpus.tables)
    if found is None:
        return _untestable("no_data")
    days = len(corpus.study.days) if claim.kind == "daily_mean" else 1
    found = found.over(days)
    if corpus.simulated:
        truth = _truth(name, claim, corpus, days)
        if truth is None:
            return _untestable("no_published", found)
        shown = mean_text(truth) if claim.kind == "daily_mean" else count_text(truth)
        return _judge_against_truth(found, truth, shown, _EXACT if name == "all" else _NEAR)
    if not corpus.is_monitored_whole:
        return _untestable("partial_corpus", found)
    if claim.published is None:
        return _untestable("no_published", found)
    if name == "all":  # a total carries no coder error, so a band of 10 % stands for the interval
        found = Quantity(found.value, found.value * 0.9, found.value * 1.1)
    return _judge_against_published(found, claim.published, count_text(claim.published))


def _truth(name: str, claim: Claim, corpus: Corpus, days: int) -> float | None:
    """Give what was planted: the truth where it is known, else the published value to scale."""
    parts = name.split("+")
    planted = [corpus.planted(part) for part in parts]
    if all(count is not None for count in planted):
        return sum(count for count in planted if count is not None) / days
    printed = corpus.printed  # exact counts, where a claim may print a rounded mean
    if all(part in printed for part in parts):
        return sum(printed[part] for part in parts) * corpus.scale / days
    return None if claim.published is None else claim.published * corpus.scale


def _judge_share(claim: Claim, corpus: Corpus) -> Verdict:
    """Judge a share of one count in another; where both have an error, the ends take both."""
    name, whole_name = claim.grievance or claim.platform or "negative", claim.of or "all"
    part, whole = find_quantity(name, corpus.tables), find_quantity(whole_name, corpus.tables)
    if part is None or whole is None or whole.value == 0:
        return _untestable("no_data")
    found = part.share_of(whole)
    if not found.has_interval and corpus.is_audited:
        return _untestable("not_all_corrected", found)
    if corpus.simulated:
        target = _true_share(name, whole_name, claim, corpus)
        if target is None:
            return _untestable("no_published", found)
        return _judge_against_truth(found, target, share_text(target))
    if claim.published is None:
        return _untestable("no_published", found)
    return _judge_against_published(found, claim.published, quoted_share_text(claim.published))


def _true_share(name: str, whole: str, claim: Claim, corpus: Corpus) -> float | None:
    planted = [corpus.planted(part) for part in name.split("+")]
    divisor = corpus.planted(whole)
    if divisor and all(count is not None for count in planted):
        return sum(count for count in planted if count is not None) / divisor
    return claim.published


def _judge_arithmetic(claim: Claim, corpus: Corpus) -> Verdict:
    """Recompute a printed quotient from the printed counts; no corpus is needed."""
    known = corpus.printed
    parts = (claim.grievance or claim.platform or "").split("+")
    if claim.published is None or not all(part in known for part in parts):
        return _untestable("no_published")
    value = float(sum(known[part] for part in parts))
    divisor = known[claim.of] if claim.of in known else len(corpus.study.days)
    if not divisor:
        return _untestable("no_days")
    value /= divisor
    holds = abs(value - claim.published) <= 0.02 * abs(claim.published)
    text = f"{number_text(value)} ≈ {number_text(claim.published)}"
    word = "reproduced" if holds else "contradicted"
    return Verdict(
        word, f"arithmetic_{'holds' if holds else 'fails'}", {"sum": text}, Quantity(value),
        Quantity(1.0, 0.98, 1.02).chance,
    )  # fmt: skip


# Judge claims about days: trends over the window, and days called high.


def _judge_trend_claim(claim: Claim, corpus: Corpus) -> Verdict:  # noqa: PLR0911 - a verdict each
    """Judge growth, decline or steadiness by the trend test on what the claim speaks of.

    An interval that holds both growth and decline supports neither. Steady needs an interval
    within ±10 %, and is contradicted only by one that lies outside.
    """
    table = table_or_empty(corpus.tables, "trends")
    row = row_of(table, "grievance", claim.grievance or "negative")
    if row is None or claim.platform:  # series of platforms are not tested
        return _untestable("trend_untested")
    sentence = {"zh": row["sentence_zh"], "en": row["sentence_en"]}
    is_counted = claim.measure == "count"
    if is_counted and not corpus.simulated and not corpus.is_monitored_whole:
        return _untestable("trend_count_open", sentence=sentence)
    before = "count_" if is_counted and "count_verdict" in row else ""
    verdict, growth, low, high = (row[before + name] for name in _TREND_NUMBERS)
    if verdict == "not_testable" or is_missing(growth):
        known = not is_missing(row["sentence_en"])
        return _untestable("trend_too_little" if known else "trend_untested", sentence=sentence)
    ends = float(low), float(high)
    found = Quantity(float(growth), *ends)
    values: dict[str, object] = {
        "found": _in_both(lambda words: words.label(str(verdict))),
        "sentence": sentence,
    }
    chance = chance_of_trend(ends, claim.expected)
    outcome = bears_out(str(verdict), ends, claim.expected)
    if outcome is not None:
        word, reason = (corpus.holds, "trend_found") if outcome else (corpus.fails, "trend_other")
        return Verdict(word, reason, values, found, chance)
    if corpus.simulated and corpus.scale < 1:
        return _untestable("trend_volume", found, scale=scale_text(corpus.scale))
    if claim.expected == "flat":
        is_small = verdict != "no_trend" and bears_out("flat", ends, "flat")
        reason = "trend_small" if is_small else "trend_not_flat"
        return _untestable(reason, found, **values)
    spans = ends[0] < 0 < ends[1]
    return _untestable("trend_neither" if spans else "trend_open", found, sentence=sentence)


_TREND_NUMBERS = ("verdict", "growth", "low", "high")


# Fixed before any verdict. A day is "relatively high" by a tenth at least, the width within which a
# trend is steady; and the days that are not named must be enough to have a median and a spread.
_LEAST_HEIGHT = 0.10
_FEWEST_OTHERS = 5


def _judge_peak(claim: Claim, corpus: Corpus) -> Verdict:  # noqa: PLR0911 - a verdict each
    """Judge "relatively high" days against the median of the days that are not named."""
    daily = table_or_empty(corpus.tables, "daily")
    if daily.empty or claim.platform:  # days are counted by code alone
        return _untestable("no_data")
    rows = daily[daily["grievance"] == (claim.grievance or "negative")].set_index("date")
    named = [day.isoformat() for day in claim.days]
    usable = rows[rows["grade"].astype(str) != "unfit"] if "grade" in rows else rows
    absent = [day for day in named if day not in usable.index]
    counts = usable["items"].to_numpy(dtype=np.int64)
    lack = shortfall(counts, len(rows) - len(usable), most=None)
    if absent:
        return _untestable("missing_days", days=_days(absent))
    if lack is not None:
        told = _in_both(lambda words: lack.explain(words.language))
        return _untestable("peak_too_little", lack=told)
    others = usable.loc[~usable.index.isin(named), "items"].to_numpy(dtype=float)
    if len(others) < _FEWEST_OTHERS:
        return _untestable("peak_no_others", n=len(others), least=_FEWEST_OTHERS)
    found = Quantity(*measure_peaks(usable.loc[named, "items"].to_numpy(dtype=float), others))
    values: dict[str, object] = {"n": len(named), "days": _days(named)}
    chance = chance_of_peaks(counts.astype(float), len(named))
    if found.low is not None and found.low > 1:
        return Verdict(corpus.holds, "peak_high", values, found, chance)
    if found.high is not None and found.high < 1 + _LEAST_HEIGHT:
        values["least"] = quoted_share_text(_LEAST_HEIGHT)
        return Verdict(corpus.fails, "peak_low", values, found, chance)
    if corpus.simulated and corpus.scale < 1:
        return _untestable("peak_volume", found, scale=scale_text(corpus.scale))
    return _untestable("peak_open", found, **values)


def _days(days: list[str]) -> dict[str, str]:
    return _in_both(
        lambda words: words("list.comma").join(day_text(day, words.language) for day in days)
    )


def _in_both(write: Callable[[Words], str]) -> dict[str, str]:
    """Write something in Chinese and in English."""
    return {language: write(load_words(language)) for language in ("zh", "en")}


# Judge claims that are lists: the parts of a code, orders of size, the largest codes.

_MOST = 0.5  # parts that are all there is are the matter of a code when they are most of it


def _judge_subs(claim: Claim, corpus: Corpus) -> Verdict:  # noqa: PLR0911 - a verdict each
    """Judge a list of parts: they must be the largest, or, where no other is known, most of it."""
    rows = _parts(claim, corpus)
    if rows.empty:
        return _untestable("no_cross_table" if claim.platform else "no_data")
    if not corpus.simulated and not corpus.is_audited:
        return _untestable("no_audit")
    code = claim.grievance or ""
    known = {qualified_sub(code, str(row["sub_grievance"])): row for _, row in rows.iterrows()}
    found = {name: one for name, row in known.items() if (one := quantity_of(row)) is not None}
    named = list(dict.fromkeys(qualified_sub(code, sub) for sub in claim.order))
    total = sum(one.value for one in found.values())
    if total < FEWEST_ITEMS:
        return _untestable("order_too_little", names=_names(named), least=FEWEST_ITEMS)
    for sub in named:  # the coder found none of it
        found.setdefault(sub, Quantity(0.0))
    if not corpus.simulated and not _all_have_intervals(found):
        return _untestable("not_all_corrected")
    missing = _missing(named, found, known)
    if missing:
        return Verdict(corpus.fails, "subs_missing", {"names": _names(missing)})
    if len(found) == len(named):
        return _judge_whole(claim, found, corpus)
    planted = {name: corpus.planted(name) for name in found}
    if corpus.simulated and all(count is not None for count in planted.values()):
        most = _largest({name: count or 0.0 for name, count in planted.items()}, len(named))
        return _judge_largest(most, found, corpus, "subs_planted", named)
    return _judge_largest(named, found, corpus, "subs", named)


def _all_have_intervals(found: Mapping[str, Quantity]) -> bool:
    """Say whether an audit gave every one its interval."""
    return all(one.has_interval for one in found.values())


def _missing(
    named: list[str], found: dict[str, Quantity], known: Mapping[str, pd.Series]
) -> list[str]:
    """Give the named parts of which the coder found none, and that lie below all it did find."""
    seen = {name for name in found if name in known and known[name]["items"]}
    ends = {name: one.with_ends() for name, one in found.items()}
    return [
        sub for sub in named
        if sub not in seen and seen and all(ends[name].is_above(ends[sub]) for name in seen)
    ]  # fmt: skip


def _judge_whole(claim: Claim, found: dict[str, Quantity], corpus: Corpus) -> Verdict:
    """Judge parts beside which no other is known, by their share of the code or platform.

    Corrected parts are divided by a corrected whole, the coder's counts by the coder's count.
    """
    counts = row_of(table_or_empty(corpus.tables, "counts"), "grievance", claim.grievance or "")
    whole = None if counts is None else quantity_of(counts)
    counted = None if counts is None else Quantity(float(counts["items"]))
    rows = _parts(claim, corpus)
    if claim.platform:  # of all that is said of the platform in detail
        table = corpus.tables["platform_sub_grievances"]
        counted = Quantity(float(table.loc[table["platform"] == claim.platform, "items"].sum()))
        whole = counted
    if whole is None or counted is None or not whole.value or not counted.value:
        return _untestable("no_data")
    is_corrected = whole.has_interval and _all_have_intervals(found)
    if is_corrected:
        value, low, high = (
            sum(getattr(one, end) for one in found.values()) for end in ("value", "low", "high")
        )
        share = Quantity(value, low, high).share_of(whole).within_the_whole()
    elif corpus.simulated:
        share = Quantity(float(rows["items"].sum())).share_of_counts(counted)
    else:
        return _untestable("not_all_corrected")
    values: dict[str, object] = {
        "n": len(found), "share": share_text(share.value), "assumed": _assumed(is_corrected),
    }  # fmt: skip
    if (share.low or 0.0) > _MOST:
        return Verdict(corpus.holds, "subs_most", values, share, share.chance)
    if share.high is not None and share.high < _MOST:
        return Verdict(corpus.fails, "subs_few", values, share, share.chance)
    return _untestable("subs_share_open", share, **values)


def _assumed(is_corrected: bool) -> dict[str, str]:
    """Say that an interval was assumed; nothing where an audit gave it."""
    return _in_both(lambda words: "" if is_corrected else words("reason.assumed"))


def _parts(claim: Claim, corpus: Corpus) -> pd.DataFrame:
    """Take the sub-grievances of the claim's code, within its platform where it names one."""
    name = "platform_sub_grievances" if claim.platform else "sub_grievances"
    table = table_or_empty(corpus.tables, name)
    if "grievance" not in table:
        return table
    if claim.platform:
        table = table[table["platform"] == claim.platform]
    return table[table["grievance"] == claim.grievance]


def _judge_ranking(claim: Claim, corpus: Corpus) -> Verdict:  # noqa: PLR0911 - a verdict each
    """Judge an order of size, or (with ``grievance: negative``) a set of the largest codes."""
    found = {name: find_quantity(name, corpus.tables) for name in claim.order}
    if any(value is None for value in found.values()):
        return _untestable("no_data")
    measured = {name: value for name, value in found.items() if value is not None}
    few = _too_few(measured)
    if few:
        return _untestable("order_too_little", names=_names(few), least=FEWEST_ITEMS)
    if not corpus.simulated and not corpus.is_audited:
        return _untestable("no_audit")
    if claim.grievance == "negative":
        return _judge_set(claim, corpus)
    if not corpus.simulated:
        if not all(value.has_interval for value in measured.values()):
            return _untestable("no_audit")
        return _judge_order(list(measured), measured, corpus)
    true = {name: size for name in measured if (size := _true_size(name, corpus)) is not None}
    if len(true) < len(measured):
        return _untestable("no_published")
    return _judge_order(_largest(true, len(true)), measured, corpus)


def _true_size(name: str, corpus: Corpus) -> float | None:
    """Give the planted count, or where none is known the printed one at the corpus's scale."""
    planted = corpus.planted(name)
    if planted is not None:
        return planted
    printed = corpus.printed.get(name)
    return None if printed is None else printed * corpus.scale


def _too_few(measured: dict[str, Quantity]) -> list[str]:
    """Give the first two neighbours that hold too few items between them to be told apart."""
    for one, other in pairwise(measured):
        if measured[one].value + measured[other].value < FEWEST_ITEMS:
            return [one, other]
    return []


def _judge_order(names: list[str], measured: dict[str, Quantity], corpus: Corpus) -> Verdict:
    """Judge an order: neighbours whose intervals overlap are tied, and a tie supports no order."""
    if len(names) == 1:
        return _untestable("names_all", names=_names(names))
    ends = {name: measured[name].with_ends() for name in names}
    pairs = list(combinations(names, 2))
    is_corrected = _all_have_intervals(measured)
    values: dict[str, object] = {"order": _order(measured), "assumed": _assumed(is_corrected)}
    chance = 1 / factorial(len(names))
    if any(ends[after].is_above(ends[before]) for before, after in pairs):
        return Verdict(corpus.fails, "order_reversed", values, chance=chance)
    tied = [pair for pair in pairwise(names) if not ends[pair[0]].is_above(ends[pair[1]])]
    if tied:
        return Verdict("not_testable", "order_tied", values | {"names": _names(list(tied[0]))})
    return Verdict(corpus.holds, "order_apart", values, chance=chance)


def _judge_set(claim: Claim, corpus: Corpus) -> Verdict:
    """Judge whether the named codes are the largest ones; planted ones on a simulated corpus."""
    counts = table_or_empty(corpus.tables, "counts")
    codes = [code for code in counts.get("grievance", []) if code not in ("all", "negative")]
    sizes = {code: one for code in codes if (one := find_quantity(code, corpus.tables))}
    named = list(dict.fromkeys(claim.order))
    strange = [name for name in named if name not in sizes]
    if strange:
        return _untestable("set_no_codes", names=_names(strange))
    if not corpus.simulated and not _all_have_intervals(sizes):
        return _untestable("not_all_corrected")
    if not corpus.simulated:
        return _judge_largest(named, sizes, corpus, "set", named)
    if not all(code in corpus.truth for code in codes):
        return _untestable("no_published")
    planted = _largest({code: corpus.truth[code] for code in codes}, len(named))
    return _judge_largest(planted, sizes, corpus, "set_planted", named)


def _largest(sizes: Mapping[str, float], n: int) -> list[str]:
    return sorted(sizes, key=lambda name: (-sizes[name], name))[:n]


def _judge_largest(
    named: list[str], found: dict[str, Quantity], corpus: Corpus, kind: str, claimed: list[str]
) -> Verdict:
    """Judge whether the named, on a simulated corpus those planted most, are apart from others."""
    ends = {name: one.with_ends() for name, one in found.items()}
    others = [name for name in ends if name not in named]
    if not others:
        return _untestable("names_all", names=_names(named))
    assumed = _assumed(_all_have_intervals(found))
    values: dict[str, object] = {"n": len(named), "names": _names(named), "assumed": assumed}
    other = _in_both(lambda words: words("reason.others_planted"))
    values["other"] = other if set(named) != set(claimed) else ""
    chance = 1 / comb(len(ends), len(named))
    larger = [other for other in others if any(ends[other].is_above(ends[one]) for one in named)]
    if larger:
        values["names"] = _names(larger)
        return Verdict(corpus.fails, f"{kind.partition('_')[0]}_fails", values, chance=chance)
    tied = [
        (one, other) for one in named for other in others if not ends[one].is_above(ends[other])
    ]
    if tied:
        return _untestable(
            "largest_tied", names=_names(list(tied[0])), n=len(named), assumed=assumed
        )
    return Verdict(corpus.holds, f"{kind}_holds", values, chance=chance)


def _names(names: list[str]) -> dict[str, str]:
    return _in_both(lambda words: words("list.comma").join(map(words.inside, names)))


def _order(measured: dict[str, Quantity]) -> dict[str, str]:
    ranked = sorted(measured, key=lambda name: (-measured[name].value, name))
    return _in_both(lambda words: words("list.order").join(map(words.inside, ranked)))


# Without these a claim says nothing, and nothing would bear it out.
_NEEDED = {"trend": "expected", "peak": "days", "sub_grievances": "order", "ranking": "order"}


def judge(claim: Claim, corpus: Corpus) -> Verdict:
    """Give the verdict on a claim by the judge of its kind."""
    judges: dict[str, Callable[[Claim, Corpus], Verdict]] = {
        "count": _judge_level,
        "daily_mean": _judge_level,
        "share": _judge_share,
        "arithmetic": _judge_arithmetic,
        "trend": _judge_trend_claim,
        "peak": _judge_peak,
        "sub_grievances": _judge_subs,
        "ranking": _judge_ranking,
    }
    needed = _NEEDED.get(claim.kind)
    if needed is not None and not getattr(claim, needed):
        return _untestable("claim_open")
    if claim.kind == "daily_mean" and not corpus.study.days:
        return _untestable("no_days")
    return judges[claim.kind](claim, corpus)
