"""Judge claims that are lists: the parts of a code, orders of size, the largest codes."""

from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from analysis.measures.minimum import FEWEST_ITEMS
from analysis.numbers import share_text
from analysis.reporting.measured import Measured, measure
from analysis.reporting.tables import qualified_sub, table_or_empty
from analysis.reporting.verdicts import Verdict, untestable
from analysis.reporting.words import load_words
from analysis.study.model import Claim

if TYPE_CHECKING:
    from analysis.reporting.claims import Corpus


def judge_subs(claim: Claim, corpus: "Corpus") -> Verdict:
    """Judge a list of parts: each named sub-grievance must be found in the corpus."""
    rows = _parts(claim, corpus)
    if rows.empty:
        return untestable("no_cross_table" if claim.platform else "no_data")
    if not corpus.simulated and not _is_audited(corpus):
        return untestable("no_audit")
    code = claim.grievance or ""
    known = {
        qualified_sub(code, sub): n
        for sub, n in zip(rows["sub_grievance"], rows["items"], strict=True)
    }
    named = [qualified_sub(code, sub) for sub in claim.order]
    missing = [sub for sub in named if not known.get(sub, 0)]
    if missing:
        word = "missed" if corpus.simulated else "contradicted"
        return Verdict(word, "subs_missing", {"names": _names(missing)})
    share = sum(known[sub] for sub in named) / max(sum(known.values()), 1)
    values: dict[str, object] = {"n": len(named), "share": share_text(share)}
    return Verdict("recovered" if corpus.simulated else "reproduced", "subs_found", values)


def _parts(claim: Claim, corpus: "Corpus") -> pd.DataFrame:
    """Take the sub-grievances of the claim's code, within its platform where it names one."""
    name = "platform_sub_grievances" if claim.platform else "sub_grievances"
    table = table_or_empty(corpus.tables, name)
    if "grievance" not in table:
        return table
    if claim.platform:
        table = table[table["platform"] == claim.platform]
    return table[table["grievance"] == claim.grievance]


def _is_audited(corpus: "Corpus") -> bool:
    counts = table_or_empty(corpus.tables, "counts")
    return "estimate" in counts and bool(counts["estimate"].notna().any())


def judge_ranking(claim: Claim, corpus: "Corpus") -> Verdict:
    """Judge an order of size, or (with ``grievance: negative``) a set of the largest codes."""
    found = {name: measure(name, corpus.tables) for name in claim.order}
    if any(value is None for value in found.values()):
        return untestable("no_data")
    measured = {name: value for name, value in found.items() if value is not None}
    few = _too_few(measured)
    if few:
        return untestable("order_too_little", names=_names(few), least=FEWEST_ITEMS)
    if claim.grievance == "negative":
        return _judge_set(claim, corpus)
    if corpus.simulated:
        return _judge_planted_order(measured, corpus)
    if not all(value.has_interval for value in measured.values()):
        return untestable("no_audit")
    return _judge_order(measured)


def _too_few(measured: dict[str, Measured]) -> list[str]:
    """Give the first two neighbours that hold too few items between them to be told apart."""
    for one, other in pairwise(measured):
        if measured[one].value + measured[other].value < FEWEST_ITEMS:
            return [one, other]
    return []


def _judge_order(measured: dict[str, Measured]) -> Verdict:
    """Judge the order in which the values stand by their intervals."""
    values: dict[str, object] = {"order": _order(measured)}
    pairs = list(pairwise(measured.values()))
    if all((a.low or 0) > (b.high or 0) for a, b in pairs):
        return Verdict("reproduced", "order_apart", values)
    if any((a.high or 0) < (b.low or 0) for a, b in pairs):
        return Verdict("contradicted", "order_reversed", values)
    return Verdict("consistent", "order_touching", values)


def _judge_planted_order(measured: dict[str, Measured], corpus: "Corpus") -> Verdict:
    printed = corpus.study.published
    known = dict(printed.counts | printed.platforms) if printed else {}
    true = {name: corpus.planted(name) or known.get(name) for name in measured}
    if any(count is None for count in true.values()):
        return untestable("no_published")
    true_order = sorted(measured, key=lambda name: (-(true[name] or 0), name))
    our_order = sorted(measured, key=lambda name: (-measured[name].value, name))
    same = true_order == our_order
    word, reason = ("recovered", "order_planted") if same else ("missed", "order_missed")
    return Verdict(word, reason, {"order": _order(measured)})


def _judge_set(claim: Claim, corpus: "Corpus") -> Verdict:
    """Judge whether the named codes are the largest ones."""
    counts = corpus.tables["counts"]
    codes = [code for code in counts["grievance"] if code not in ("all", "negative")]
    sizes = {code: found.value for code in codes if (found := measure(code, corpus.tables))}
    n = len(claim.order)
    ours = set(sorted(sizes, key=lambda code: (-sizes[code], code))[:n])
    if corpus.simulated:
        if not all(code in corpus.truth for code in codes):
            return untestable("no_published")
        true = set(sorted(codes, key=lambda code: (-corpus.truth[code], code))[:n])
        word, reason = ("recovered", "set_planted") if true == ours else ("missed", "set_missed")
        return Verdict(word, reason, {"n": n, "names": _names(sorted(ours))})
    if not _is_audited(corpus):
        return untestable("no_audit")
    more = sorted(ours - set(claim.order))
    if not more:
        return Verdict("reproduced", "set_holds", {"n": n})
    word = "contradicted" if _is_clearly_larger(more, claim.order, corpus) else "consistent"
    return Verdict(word, "set_fails", {"n": n, "names": _names(more)})


def _is_clearly_larger(outside: list[str], named: list[str], corpus: "Corpus") -> bool:
    """Say whether a code outside the list is larger than a named one beyond both intervals."""
    lows = [found.low for code in outside if (found := measure(code, corpus.tables))]
    highs = [found.high for code in named if (found := measure(code, corpus.tables))]
    return any(low > high for low in lows for high in highs if low is not None and high is not None)


def _names(names: list[str]) -> dict[str, str]:
    texts = {}
    for language in ("zh", "en"):
        words = load_words(language)
        texts[language] = words("list.comma").join(words.label(name) for name in names)
    return texts


def _order(measured: dict[str, Measured]) -> dict[str, str]:
    ranked = sorted(measured, key=lambda name: (-measured[name].value, name))
    return {
        language: " > ".join(load_words(language).label(name) for name in ranked)
        for language in ("zh", "en")
    }
