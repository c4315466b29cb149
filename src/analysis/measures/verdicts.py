"""The rules by which a published statement of each kind is judged.

On a real corpus the words are reproduced, consistent, contradicted and not_testable. Every verdict
can fail: what is too wide to fail is not testable, by a rule fixed in advance for each kind
(docs/method.md, "Published claims"). A simulated
corpus was calibrated to the published totals, so there the question is whether the pipeline finds
what was planted: recovered or missed. That tests the method and not the world.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from math import comb, factorial
from typing import Any

import numpy as np
import pandas as pd

from analysis.measures.breaks import chance_of_peaks, measure_peaks
from analysis.measures.quantities import (
    Quantity,
    add,
    find_quantity,
    qualified_sub,
    quantity_of,
    row_of,
    table_or_empty,
)
from analysis.measures.trend_rule import bears_out, chance_of_trend, size_word
from analysis.measures.trend_tests import ALIKE
from analysis.minimum import FEWEST_ITEMS, shortfall
from analysis.numbers import (
    change_range_text,
    change_text,
    count_text,
    day_text,
    is_missing,
    mean_text,
    multiple_text,
    number_text,
    p_equation,
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
    answer, as vague as ours, would have borne the claim out; `found` says in both languages what no
    single number does.
    """

    word: str
    reason: str
    values: dict[str, object] = field(default_factory=dict)
    measured: Quantity | None = None
    chance: float | None = None
    found: dict[str, str] = field(default_factory=dict)

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
    inform, nothing is said. Reproduced: inside a precise one and within 10 % of the estimate;
    consistent: inside a wider one.
    """
    if not measured.has_interval:
        return _untestable("no_audit", measured)
    values: dict[str, object] = {"target": shown}
    if not measured.covers(target):
        return Verdict("contradicted", "outside", values, measured, measured.chance)
    if not measured.is_informative:
        return _untestable("too_wide", measured, target=shown)
    is_near = measured.is_precise and abs(measured.value - target) <= _NEAR * abs(target)
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
        if inside and not measured.is_informative:
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


def _judge_trend_claim(claim: Claim, corpus: Corpus) -> Verdict:
    """Judge growth, decline or steadiness by the trend test on what the claim speaks of.

    An interval that holds both growth and decline supports neither. Steady needs an interval
    within ±10 %, and is contradicted only by one that lies outside.
    """
    table = table_or_empty(corpus.tables, "trends")
    row = row_of(table, "grievance", claim.grievance or "negative")
    if row is None or claim.platform:  # series of platforms are not tested
        return _untestable("trend_untested")
    is_counted = claim.measure == "count"
    if is_counted and not corpus.simulated and not corpus.is_monitored_whole:
        return _untestable("trend_count_open")
    before = "count_" if is_counted and "count_verdict" in row else ""
    verdict, growth, low, high = (row[before + name] for name in _TREND_NUMBERS)
    if verdict == "not_testable" or is_missing(growth):
        sentence = {"zh": row["sentence_zh"], "en": row["sentence_en"]}
        known = not is_missing(row["sentence_en"])
        return _untestable("trend_too_little" if known else "trend_untested", sentence=sentence)
    sentence = _in_both(lambda words: tell_tier(row, words, before))
    ends = float(low), float(high)
    found = Quantity(float(growth), *ends)
    values: dict[str, object] = {
        "found": _in_both(lambda words: words.label(str(verdict))),
        "sentence": sentence,
    }
    chance = chance_of_trend(ends, claim.expected)
    outcome = bears_out(str(verdict), ends, claim.expected)
    answers = _answer_words(claim, row, outcome, ends, corpus) if claim.says else {}
    told = _tell_answers(answers, row, found) if answers else {}
    denied = [word for word, answer in answers.items() if answer == "denied"]
    if outcome is not None:
        is_held = outcome and not denied
        word, reason = (corpus.holds, "trend_found") if is_held else (corpus.fails, "trend_other")
        return Verdict(word, reason, values, found, chance, told)
    if corpus.simulated and corpus.scale < 1:
        values = {"scale": scale_text(corpus.scale)}
        return Verdict("not_testable", "trend_volume", values, found, found=told)
    if claim.expected == "flat":
        is_small = verdict != "no_trend" and bears_out("flat", ends, "flat")
        reason = "trend_small" if is_small else "trend_not_flat"
    else:
        reason = "trend_neither" if ends[0] < 0 < ends[1] else "trend_open"
    return Verdict("not_testable", reason, values, found, found=told)


# Where a day holds so many items, chance alone moves it by a twentieth at most: what then varies no
# more than chance, or hardly turns, does not fluctuate.
_MANY_A_DAY = 400


def _answer_words(
    claim: Claim, row: pd.Series, outcome: bool | None, ends: tuple[float, float], corpus: Corpus
) -> dict[str, str]:
    """Answer each word of a trend claim on a count by held, denied or open."""
    answers = {str(claim.expected): {True: "held", False: "denied", None: "open"}[outcome]}
    if "slight" in claim.says:
        size = size_word(ends, "growth" if outcome else "")
        answers["slight"] = {"slight": "held", "marked": "denied"}.get(size, "open")
    if "fluctuating" in claim.says and "count_fluctuates" in row:
        items = find_quantity(claim.grievance or "negative", corpus.tables)
        is_large = items is not None and items.value >= _MANY_A_DAY * float(row["days"])
        steady = "denied" if is_large else "open"
        answers["fluctuating"] = "held" if row["count_fluctuates"] else steady
    return answers


def _tell_answers(answers: Mapping[str, str], row: pd.Series, found: Quantity) -> dict[str, str]:
    """Write the answer to each word of a claim, with its evidence."""

    def write(words: Words) -> str:
        evidence = {
            "growth": change_text(found.value),
            "interval": change_range_text(found.low or 0.0, found.high or 0.0, words.language),
            "high": change_text(found.high), "turns": row.get("count_turns"),
            "excess": multiple_text(float(row.get("count_excess", 1)) - 1),
        }  # fmt: skip
        return words("list.semicolon").join(
            words(f"claimed.{word}", answer=words(f"claimed.{answer}"), **evidence)
            for word, answer in answers.items()
        )

    return _in_both(write)


def tell_tier(row: pd.Series, words: Words, before: str = "") -> str:
    """Say what a trend rests on: nothing, or that the coder judged early and late posts alike."""
    tier: Any = row.get(f"{before}tier")
    p: Any = row.get("drift_p")
    if is_missing(tier):
        return ""
    if is_missing(p):
        return words("tier.untested") if int(tier) == ALIKE else ""
    drift = change_range_text(float(row["drift_low"]), float(row["drift_high"]), words.language)
    return words(f"tier.told_{int(tier)}", drift=drift, p=p_equation(float(p)))


_TREND_NUMBERS = ("verdict", "growth", "low", "high")


# A day is "relatively high" by a twentieth at least: a coder that takes a tenth of its finds from
# other kinds sees less of a peak than there is. The days that are not named must be enough to have
# a median and a spread.
_LEAST_HEIGHT = 0.05
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
    told = _in_both(lambda words: words("claimed.peak", height=change_text(found.value - 1)))
    if found.low is not None and found.low > 1:
        return Verdict(corpus.holds, "peak_high", values, found, chance, told)
    if found.high is not None and found.high < 1 + _LEAST_HEIGHT:
        values["least"] = quoted_share_text(_LEAST_HEIGHT)
        return Verdict(corpus.fails, "peak_low", values, found, chance, told)
    if corpus.simulated and corpus.scale < 1:
        values = {"scale": scale_text(corpus.scale)}
        return Verdict("not_testable", "peak_volume", values, found, found=told)
    return Verdict("not_testable", "peak_open", values, found, found=told)


def _days(days: list[str]) -> dict[str, str]:
    return _in_both(
        lambda words: words("list.comma").join(day_text(day, words.language) for day in days)
    )


def _in_both(write: Callable[[Words], str]) -> dict[str, str]:
    """Write something in Chinese and in English."""
    return {language: write(load_words(language)) for language in ("zh", "en")}


# Judge claims that are lists: the parts of a code, orders of size, the largest codes.
#
# Each list is decided by the same rule for what was measured and for what was planted: it holds, it
# does not, or the intervals leave it open. On a simulated corpus the two decisions are compared.

_MOST = 0.5  # parts are the matter of a code when they are most of it
_Sizes = dict[str, Quantity]


def _settle(
    decision: bool | None,
    planted: bool,
    corpus: Corpus,
    reasons: tuple[str, str, str],
    values: dict[str, object],
    *,
    found: dict[str, str],
    measured: Quantity | None = None,
    chance: float | None = None,
) -> Verdict:
    """Turn a decision on a list into a verdict; reasons for holds, fails and open."""
    if decision is None:
        return Verdict("not_testable", reasons[2], values, measured, found=found)
    is_borne_out = decision == planted if corpus.simulated else decision
    other = _in_both(lambda words: words("reason.others_planted"))
    values |= {"other": other if corpus.simulated and not planted else ""}
    word, reason = (corpus.holds if is_borne_out else corpus.fails), reasons[not decision]
    return Verdict(word, reason, values, measured, chance, found)


def _judge_subs(claim: Claim, corpus: Corpus) -> Verdict:  # noqa: PLR0911 - a verdict each
    """Judge a list of parts: together they are most of what is said of the code, or are not."""
    rows = _parts(claim, corpus)
    if rows.empty:
        return _untestable("no_cross_table" if claim.platform else "no_data")
    if not corpus.simulated and not corpus.is_audited:
        return _untestable("no_audit")
    code = claim.grievance or ""
    sizes = {
        qualified_sub(code, str(row["sub_grievance"])): one
        for _, row in rows.iterrows() if (one := quantity_of(row)) is not None
    }  # fmt: skip
    named = list(dict.fromkeys(qualified_sub(code, sub) for sub in claim.order))
    sizes |= {sub: Quantity(0.0) for sub in named if sub not in sizes}
    if sum(one.value for one in sizes.values()) < FEWEST_ITEMS:
        return _untestable("order_too_little", names=_names(named), least=FEWEST_ITEMS)
    if not corpus.simulated and not _all_have_intervals(sizes):
        return _untestable("not_all_corrected")
    share = _share_of_parts(claim, corpus, rows, {sub: sizes[sub] for sub in named})
    if share is None:
        return _untestable("no_data")
    whole, parts = corpus.planted(code), [corpus.planted(sub) for sub in named]
    planted = True  # what a claim says of a platform was planted as it says
    if corpus.simulated and not claim.platform and whole and None not in parts:
        planted = sum(part or 0.0 for part in parts) > _MOST * whole
    values: dict[str, object] = {
        "n": len(named), "share": share_text(share.value), "assumed": _assumed(sizes),
    }  # fmt: skip
    missing = [sub for sub in named if not sizes[sub].value and not sizes[sub].high]
    if missing:
        return Verdict(corpus.fails, "subs_missing", {"names": _names(missing)})
    width = (share.high or 1.0) - (share.low or 0.0)
    return _settle(
        _are_most(share), planted, corpus,
        ("subs_most", "subs_few", "subs_share_open"), values,
        found=_order(sizes), measured=share, chance=max(0.0, 0.5 - width / 2),
    )  # fmt: skip


def _are_most(share: Quantity) -> bool | None:
    """Say whether parts are more than half of their code; None where the interval holds both."""
    if (share.low or 0.0) > _MOST:
        return True
    return False if share.high is not None and share.high < _MOST else None


def _share_of_parts(
    claim: Claim, corpus: Corpus, rows: pd.DataFrame, named: _Sizes
) -> Quantity | None:
    """Give the share of the named parts in their code, or in all that is said of a platform.

    Corrected parts are divided by a corrected whole, the coder's counts by the coder's count.
    """
    if claim.platform:
        table = corpus.tables["platform_sub_grievances"]
        items = table.loc[table["platform"] == claim.platform, "items"].sum()
        whole = counted = Quantity(float(items))
    else:
        counts = row_of(table_or_empty(corpus.tables, "counts"), "grievance", claim.grievance or "")
        found = None if counts is None else quantity_of(counts)
        if counts is None or found is None:
            return None
        whole, counted = found, Quantity(float(counts["items"]))
    if not whole.value or not counted.value:
        return None
    if whole.has_interval and _all_have_intervals(named):
        return add(list(named.values())).share_of(whole).within_the_whole()
    code = claim.grievance or ""
    of_named = [qualified_sub(code, str(sub)) in named for sub in rows["sub_grievance"]]
    return Quantity(float(rows.loc[of_named, "items"].sum())).share_of_counts(counted)


def _all_have_intervals(found: Mapping[str, Quantity]) -> bool:
    """Say whether an audit gave every one its interval."""
    return all(one.has_interval for one in found.values())


def _assumed(sizes: Mapping[str, Quantity]) -> dict[str, str]:
    """Say that an interval was assumed; nothing where an audit gave it."""
    is_given = _all_have_intervals(sizes)
    return _in_both(lambda words: "" if is_given else words("reason.assumed"))


def _parts(claim: Claim, corpus: Corpus) -> pd.DataFrame:
    """Take the sub-grievances of the claim's code, within its platform where it names one."""
    name = "platform_sub_grievances" if claim.platform else "sub_grievances"
    table = table_or_empty(corpus.tables, name)
    if "grievance" not in table:
        return table
    if claim.platform:
        table = table[table["platform"] == claim.platform]
    return table[table["grievance"] == claim.grievance]


def _exact(names: Iterable[str], size_of: Callable[[str], float | None]) -> _Sizes:
    """Give the planted sizes that are known, as quantities without error."""
    known = {name: size for name in names if (size := size_of(name)) is not None}
    return {name: Quantity(size, size, size) for name, size in known.items()}


def _judge_ranking(claim: Claim, corpus: Corpus) -> Verdict:
    """Judge an order of size, or (with ``grievance: negative``) a set of the largest codes."""
    is_set = claim.grievance == "negative"
    counts = table_or_empty(corpus.tables, "counts")
    codes = [code for code in counts.get("grievance", []) if code not in ("all", "negative")]
    named = list(dict.fromkeys(claim.order))
    names = codes if is_set else named
    sizes = {name: one for name in names if (one := find_quantity(name, corpus.tables))}
    strange = [name for name in named if name not in sizes]
    if strange:
        is_code = any(find_quantity(name, corpus.tables) for name in strange)
        return _untestable("set_no_codes" if is_code else "no_data", names=_names(strange))
    few = _too_few({name: sizes[name] for name in named})
    if few:
        return _untestable("order_too_little", names=_names(few), least=FEWEST_ITEMS)
    if len(sizes) == (len(named) if is_set else 1):
        return _untestable("names_all", names=_names(named))
    if not corpus.simulated and not (corpus.is_audited and _all_have_intervals(sizes)):
        return _untestable("not_all_corrected" if corpus.is_audited else "no_audit")
    exact = _exact(sizes, lambda name: _true_size(name, corpus))
    if corpus.simulated and len(exact) < len(sizes):
        return _untestable("no_published")
    decide, reasons = (
        (_are_largest, ("set_holds", "set_fails", "largest_tied"))
        if is_set
        else (_is_in_order, ("order_apart", "order_reversed", "order_tied"))
    )
    decision, pair = decide(named, sizes)
    planted = decide(named, exact)[0] is True if corpus.simulated else True
    values: dict[str, object] = {
        "n": len(named), "names": _names(pair or named), "order": _order(sizes),
        "assumed": _assumed(sizes),
    }  # fmt: skip
    chance = 1 / (comb(len(sizes), len(named)) if is_set else factorial(len(named)))
    return _settle(
        decision, planted, corpus, reasons, values, found=_order(sizes), chance=chance
    )  # fmt: skip


def _is_in_order(named: list[str], sizes: _Sizes) -> tuple[bool | None, list[str]]:
    """Decide an order, with the pair that decides against it or leaves it open."""
    ends = {name: sizes[name].with_ends() for name in named}
    for before, after in combinations(named, 2):
        if ends[after].is_above(ends[before]):
            return False, [after, before]
    for before, after in pairwise(named):
        if not ends[before].is_above(ends[after]):
            return None, [before, after]
    return True, []


def _are_largest(named: list[str], sizes: _Sizes) -> tuple[bool | None, list[str]]:
    """Decide whether the named are the largest, with who decides against it or leaves it open."""
    ends = {name: one.with_ends() for name, one in sizes.items()}
    others = [name for name in ends if name not in named]
    larger = [other for other in others if any(ends[other].is_above(ends[one]) for one in named)]
    if larger:
        return False, larger
    for one, other in product(named, others):
        if not ends[one].is_above(ends[other]):
            return None, [one, other]
    return True, []


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


def _names(names: list[str]) -> dict[str, str]:
    return _in_both(lambda words: words("list.comma").join(map(words.inside, names)))


def _order(sizes: Mapping[str, Quantity]) -> dict[str, str]:
    """Write the names by size, as far as a reader can take them in."""
    ranked = sorted(sizes, key=lambda name: (-sizes[name].value, name))[:_MOST_NAMED]
    return _in_both(lambda words: words("list.order").join(map(words.inside, ranked)))


_MOST_NAMED = 6


# Without these a claim says nothing, and nothing would bear it out.
_NEEDED = {"trend": "expected", "peak": "days", "sub_grievances": "order", "ranking": "order"}
_JUDGES: dict[str, Callable[[Claim, Corpus], Verdict]] = {
    "count": _judge_level, "daily_mean": _judge_level, "share": _judge_share,
    "arithmetic": _judge_arithmetic, "trend": _judge_trend_claim, "peak": _judge_peak,
    "sub_grievances": _judge_subs, "ranking": _judge_ranking,
}  # fmt: skip


def judge(claim: Claim, corpus: Corpus) -> Verdict:
    """Give the verdict on a claim by the judge of its kind."""
    needed = _NEEDED.get(claim.kind)
    if needed is not None and not getattr(claim, needed):
        return _untestable("claim_open")
    if claim.kind == "daily_mean" and not corpus.study.days:
        return _untestable("no_days")
    return _JUDGES[claim.kind](claim, corpus)
