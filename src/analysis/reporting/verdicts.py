"""What a judgement of a claim looks like, and the rules for numbers."""

from dataclasses import dataclass, field

from analysis.numbers import quoted_share_text
from analysis.reporting.measured import Measured
from analysis.reporting.words import Words

NEAR = 0.10  # "reproduced" asks for an estimate within this fraction of the published value
EXACT = 0.01  # a total carries no coder error: it may differ from the truth by this much


@dataclass(frozen=True)
class Verdict:
    """The word, the numbers behind it, and the reason as a key of the texts with its values.

    A value that is itself a pair (zh, en) is filled in by language.
    """

    word: str
    reason: str
    values: dict[str, object] = field(default_factory=dict)
    measured: Measured | None = None

    def explain(self, words: Words) -> str:
        """Write the reason in one language."""
        chosen = {
            key: value[words.language] if isinstance(value, dict) else value
            for key, value in self.values.items()
        }
        return words(f"reason.{self.reason}", **chosen)


def untestable(reason: str, measured: Measured | None = None, **values: object) -> Verdict:
    """Say that a claim cannot be tested, and why.

    Examples
    --------
    >>> untestable("no_audit").word
    'not_testable'
    """
    return Verdict("not_testable", reason, values, measured)


def judge_against_published(measured: Measured, target: float, shown: str) -> Verdict:
    """Judge a number on a real corpus.

    Reproduced: the published value lies inside the interval and the estimate within 10 % of it.
    Consistent: inside the interval, but the estimate further away. Contradicted: outside.

    Examples
    --------
    >>> judge_against_published(Measured(19.0, 18.0, 20.0), 18.99, "18.99").word
    'reproduced'
    >>> judge_against_published(Measured(25.0, 15.0, 35.0), 18.99, "18.99").word
    'consistent'
    >>> judge_against_published(Measured(25.0, 24.0, 26.0), 18.99, "18.99").word
    'contradicted'
    """
    if not measured.has_interval:
        return untestable("no_audit", measured)
    if not measured.covers(target):
        return Verdict("contradicted", "outside", {"target": shown}, measured)
    if abs(measured.value - target) <= NEAR * abs(target):
        return Verdict("reproduced", "inside_near", {"target": shown}, measured)
    return Verdict("consistent", "inside_far", {"target": shown}, measured)


def judge_against_truth(
    measured: Measured, truth: float, shown: str, tolerance: float = NEAR
) -> Verdict:
    """Judge a number on a simulated corpus against what was planted.

    Where the audit gives no interval, the count itself must lie within the tolerance.

    Examples
    --------
    >>> judge_against_truth(Measured(100.0, 90.0, 110.0), 92.0, "92").word
    'recovered'
    >>> judge_against_truth(Measured(100.0), 80.0, "80").word
    'missed'
    """
    if measured.has_interval:
        inside = measured.covers(truth)
        reason = "planted_inside" if inside else "planted_outside"
    else:
        inside = abs(measured.value - truth) <= tolerance * abs(truth)
        reason = "planted_equal" if inside else "planted_unequal"
    values: dict[str, object] = {"target": shown, "tolerance": quoted_share_text(tolerance)}
    return Verdict("recovered" if inside else "missed", reason, values, measured)
