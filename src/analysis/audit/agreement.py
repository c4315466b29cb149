"""Do the coders agree? Krippendorff's alpha with an interval, and companions that know prevalence.

Alpha (nominal, missing codes allowed) after Krippendorff, *Content Analysis*, 2004, chapter 11;
checked against his worked example. On rare codes alpha is low even where coders hardly ever
differ, so Gwet's AC1 (2008) and the agreement on each value stand beside it. Then where both err
alike, and what a reader must know of the coding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.numbers import count_text, decimal_text, signed_text

SECONDS_A_POST = 25  # what reading and coding one post takes a person who knows the codebook

_BOOTSTRAPS = 2_000
_SEED = 618


@dataclass(frozen=True)
class Agreement:
    """Agreement of the coders on one code; NaN where it is not defined."""

    units: int
    alpha: float
    alpha_low: float
    alpha_high: float
    ac1: float
    by_value: dict[object, float]


def _krippendorff_alpha(codings: pd.DataFrame | np.ndarray) -> float:
    """Return Krippendorff's alpha for nominal codes."""
    counts, _ = _count_values(codings)
    size, differing = _unit_terms(counts)
    alpha = _alpha(np.array([differing.sum()]), counts.sum(axis=0)[None, :], size.sum())
    return float(alpha[0])


def measure_agreement(
    codings: pd.DataFrame | np.ndarray, *, bootstraps: int = _BOOTSTRAPS, seed: int = _SEED
) -> Agreement:
    """Return alpha with its 95 % interval, AC1 and the agreement on each value.

    The interval resamples units. Where the coders never differed every resample gives 1; then the
    lower end is that of a disagreement that would stay unseen in 1 of 40 such samples.

    Parameters
    ----------
    codings
        One row per unit, one column per coder.

    Returns
    -------
    Agreement
        Units that at least two coders coded, and what they agree on.

    Examples
    --------
    >>> codings = np.array([[1, 1]] * 20 + [[0, 0]] * 70 + [[1, 0]] * 10)
    >>> agreement = measure_agreement(codings)
    >>> round(agreement.alpha, 2), agreement.alpha_low < 0.73 < agreement.alpha_high
    (0.73, True)
    >>> agreement.by_value
    {0: 0.9333333333333333, 1: 0.8}
    """
    counts, values = _count_values(codings)
    size, differing = _unit_terms(counts)
    alpha = _krippendorff_alpha(codings)
    low, high = _bootstrap(counts, size, differing, bootstraps, seed)
    if len(size) and differing.sum() == 0 and not np.isnan(alpha):
        low, high = _unseen_disagreement(counts, size), 1.0
    return Agreement(
        units=len(size),
        alpha=alpha,
        alpha_low=min(low, alpha),
        alpha_high=max(high, alpha),
        ac1=_ac1(counts, size),
        by_value=_agreement_by_value(counts, size, values),
    )


def _count_values(codings: pd.DataFrame | np.ndarray) -> tuple[np.ndarray, list[object]]:
    """Count how often each unit was given each value, for units that two coders coded."""
    table = pd.DataFrame(codings)
    flat = pd.Series(table.to_numpy(dtype=object).ravel())
    values = sorted(flat.dropna().unique(), key=lambda value: (str(type(value)), value))
    counts = np.column_stack(
        [(table == value).sum(axis=1).to_numpy() for value in values] or [np.zeros(len(table))]
    ).astype(np.int64)
    return counts[counts.sum(axis=1) >= 2], values


def _unit_terms(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return codes per unit, and the unit's share of observed disagreement."""
    size = counts.sum(axis=1)
    pairs = size**2 - (counts**2).sum(axis=1)
    return size, pairs / np.maximum(size - 1, 1)


def _alpha(differing: np.ndarray, totals: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return alpha for each row of totals; NaN where only one value occurs."""
    expected = (size**2 - (totals.astype(float) ** 2).sum(axis=1)) / np.maximum(size - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(expected > 0, 1 - differing / expected, np.nan))


def _bootstrap(
    counts: np.ndarray, size: np.ndarray, differing: np.ndarray, bootstraps: int, seed: int
) -> tuple[float, float]:
    units = len(size)
    if units == 0:
        return np.nan, np.nan
    kinds, first, often = np.unique(counts, axis=0, return_index=True, return_counts=True)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(units, often / units, size=bootstraps)  # alike units are one kind
    alphas = _alpha(drawn @ differing[first], drawn @ kinds, drawn @ size[first])
    known = alphas[~np.isnan(alphas)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _unseen_disagreement(counts: np.ndarray, size: np.ndarray) -> float:
    rate = 1 - 0.025 ** (1 / len(size))
    totals = counts.sum(axis=0)
    chance = 1 - (totals / totals.sum()) @ (totals / totals.sum())
    return float(1 - rate / chance)


def _ac1(counts: np.ndarray, size: np.ndarray) -> float:
    if not len(size):
        return np.nan
    observed = ((counts * (counts - 1)).sum(axis=1) / (size * (size - 1))).mean()
    shares = (counts / size[:, None]).mean(axis=0)
    chance = (shares * (1 - shares)).sum() / max(len(shares) - 1, 1)
    return float((observed - chance) / (1 - chance))


def _agreement_by_value(
    counts: np.ndarray, size: np.ndarray, values: list[object]
) -> dict[object, float]:
    """Return, for each value, how often another coder gave it too when one coder did."""
    given = (counts * (size - 1)[:, None]).sum(axis=0)
    same = (counts * (counts - 1)).sum(axis=0)
    return {
        value: float(same[number] / given[number])
        for number, value in enumerate(values)
        if given[number] > 0
    }


# Posts that both coders coded wrong in the same way, which no adjudication sees.
#
# Double coding shows how often one coder was wrong alone. If the two err independently, the
# number that both got wrong follows as in capture-recapture (Lincoln-Petersen, with Chapman's
# correction for small numbers): of the true positives, found by both m, missed by A alone a, by
# B alone b, missed by both about a·b/(m+1).


@dataclass(frozen=True)
class SharedError:
    """Posts of the sample that both coders probably coded wrong, for one code."""

    missed: float
    invented: float

    @property
    def net(self) -> float:
        """Positives that the sample lacks, less those that it has too many."""
        return self.missed - self.invented


def estimate_shared_error(
    a: np.ndarray, b: np.ndarray, final: np.ndarray, weight: np.ndarray | None = None
) -> SharedError:
    """Estimate how many posts both coders coded wrong."""
    weights = np.ones(len(final)) if weight is None else weight
    return SharedError(
        missed=_wrong_together(a == 0, b == 0, final == 1, weights),
        invented=_wrong_together(a == 1, b == 1, final == 0, weights),
    )


def _wrong_together(
    a_wrong: np.ndarray, b_wrong: np.ndarray, of: np.ndarray, weight: np.ndarray
) -> float:
    only_a = float(weight[a_wrong & ~b_wrong & of].sum())
    only_b = float(weight[b_wrong & ~a_wrong & of].sum())
    both_right = float(weight[~a_wrong & ~b_wrong & of].sum())
    one_post = float(weight.mean()) if len(weight) else 1.0
    return only_a * only_b / (both_right + one_post)


# Errors that both share are in no interval, so the page says what they would move.

_SHARED_ERRORS = (0.01, 0.03, 0.05)


def range_shared_errors(audit: pd.DataFrame, posts: int) -> pd.DataFrame:
    """Tell by how much an error that both coders share would move each corrected count.

    Both misread a share of the posts in the same way. A negative item that they overlook raises
    the true count; a harmless post that they take for one lowers it. Among the negative items a
    misread post loses its code, or carries a wrong one of the others.

    Parameters
    ----------
    audit
        Table of `score_audit`, with the row `negative`.
    posts
        All posts of the frame.

    Returns
    -------
    pd.DataFrame
        grievance, shared_error (share of posts, 0.01, 0.03 and 0.05), down and up: by how many
        posts the truth could lie below and above the estimate on top of the interval.

    Examples
    --------
    >>> audit = pd.DataFrame({"grievance": ["negative", "price"], "estimate": [200.0, 50.0]})
    >>> range_shared_errors(audit, 1000).query("shared_error == 0.05").values.tolist()
    [['negative', 0.05, 40.0, 10.0], ['price', 0.05, 7.5, 2.5]]
    """
    estimates = audit.set_index("grievance")["estimate"].astype(float)
    negative, others = float(estimates["negative"]), max(len(estimates) - 2, 1)
    rows = []
    for name, estimate in estimates.items():
        is_whole = name == "negative"
        given = posts - estimate if is_whole else max(negative - estimate, 0.0) / others
        for error in _SHARED_ERRORS:
            down = min(error * given, estimate)
            rows.append([name, error, round(down, 1), round(error * estimate, 1)])
    return pd.DataFrame(rows, columns=["grievance", "shared_error", "down", "up"])


# What a reader must know beside the corrected counts, in Chinese and English.

_COVERS_ZH = "区间只涵盖机器编码的误差，不涵盖帖子的选取（谁发帖、采集到了什么）。"
_COVERS_EN = "The intervals cover the coder's error, not the selection of posts."
_COVERS_GOLD_ZH = (
    "区间涵盖机器编码的误差和审核本身编错的部分（由专家重新编码测得），"
    "不涵盖帖子的选取（谁发帖、采集到了什么）。"
)
_COVERS_GOLD_EN = (
    "The intervals cover the coder's error and, by the recoding, that of the audit itself, not the "
    "selection of posts."
)
# What happened, in one sentence: how many people, how many disputes, who decided them, how far the
# people agree.
_WHO_ZH = {
    "one": "抽出 {drawn} 条（种子 {seed}），只有一人编码：一致性未知，其本人的误差仍留在估计中。",
    "two": "抽出 {drawn} 条（种子 {seed}），两份表都填完，{told}",
    "part": "抽出 {drawn} 条（种子 {seed}），其中 {twice} 条有两人编码，其余只有一人；{told}",
    "simulated": "抽出 {drawn} 条（种子 {seed}），由程序模拟的两名编码者填表，不是真人"
    "（按每条约 {seconds} 秒，真人每人约需 {hours} 小时）；{told}",
}
_WHO_EN = {
    "one": (
        "{drawn} posts were drawn (seed {seed}) and coded by one person only: agreement is "
        "unknown, and that person's errors are in the estimates."
    ),
    "two": "{drawn} posts were drawn (seed {seed}) and both sheets were filled in; {told}",
    "part": (
        "{drawn} posts were drawn (seed {seed}); two people coded {twice} of them, one the rest; "
        "{told}"
    ),
    "simulated": (
        "{drawn} posts were drawn (seed {seed}) and coded by two simulated coders, not by people, "
        "whom it would take {hours} hours each at {seconds} seconds a post; {told}"
    ),
}
_TOLD_ZH = {
    "none": "没有一条不一致。",
    "judged": "{disputed} 条不一致，均已裁定。",
    "open": "{disputed} 条不一致，没有人裁定，各按一半计入，编码误差仍留在估计中。",
}
_TOLD_EN = {
    "none": "they differ on none.",
    "judged": "they differ on {disputed}, all of them settled on a third form.",
    "open": (
        "they differ on {disputed} that nobody adjudicated: each counts half, and coder error is "
        "left in the estimates."
    ),
}
# A third form decides for every post that stands on it, and not for disputes alone.
_OVERRULED_ZH = "第三份表还改了 {posts} 条{whose}，以第三份表为准。"
_OVERRULED_EN = "The third form also changed {posts} posts {whose}; it stands."
_WHOSE = {
    True: ("两人并无不一致的帖子", "on which nobody differed"),
    False: ("这名编码者编过的帖子", "that this person had coded otherwise"),
}
_ALPHA_ZH = (
    "两人编码吐槽的一致性 α 为 {alpha}（95% 区间 {low} 至 {high}，1 为完全一致）；各类的 α 在表中。"
)
_ALPHA_EN = (
    "Agreement of the two on negative items, Krippendorff's alpha, is {alpha} (95% interval {low} "
    "to {high}; 1 is complete); that on each kind stands in the table."
)
# Krippendorff (2004, p. 241): below it not even tentative conclusions rest on the codes.
_LEAST_ALPHA = 0.667
_LOW_ZH = "α 低于 0.67，按通行标准不足以据此下结论：两人对编码表的理解不同，校正值取决于由谁来定。"
_LOW_EN = (
    "An alpha below 0.67 is by the usual standard too low to rest conclusions on: the two read the "
    "codebook differently, and the corrected counts depend on who decides."
)
_OUT_ZH = "{posts} 条是编码器学过的，不抽；它们按编码器的判断计入。"
_OUT_EN = "Posts that the coder learnt from were not drawn: {posts}. They count as it has them."
_WORDLESS_ZH = (
    "{posts} 条没有文字（只有评分，或平台代填的话），没人能编码，不抽；"
    "它们算在帖子总数里，按编码器的判断计入。"
)
_WORDLESS_EN = (
    "Posts without words (stars alone, or what the platform fills in) were not drawn, since nobody "
    "can code them: {posts}. They are among all posts, and count as the coder has them."
)
_LEFT_ZH = (
    "裁定之后仍有编码误差。假定两人各自出错，样本中两人同错的帖子（括号里是估计因此移动的条数）"
    "约有：{listed}；估计与区间已按此平移。两人若错得更像，仍有剩余误差。"
)
_LEFT_EN = (
    "Coder error is left after adjudication. If the two err independently, both are wrong on about "
    "this many posts of the sample (in brackets, what that moved the estimate by): {listed}. "
    "Where they err more alike than that, error is left."
)
_SAME_ZH = "两份表逐格相同：只有两人分开编码，一致性才说明问题；请确认不是同一份表交了两次。"
_SAME_EN = (
    "The two sheets are equal cell for cell: agreement says something only if two people coded "
    "apart. Make sure that one sheet was not handed in twice."
)
_EXPERTS = {
    False: ("专家", "Experts"),
    True: ("程序模拟的专家（不是真人）", "Simulated experts, not people,"),
}
_GOLD_ZH = (
    "{who}把审核过的 {posts} 条重新编码：审核判为吐槽的 {negative} 条中，"
    "专家认为 {taken_back} 条不是；其余 {other} 条中，专家认为 {added} 条是。"
    "两名编码者错得一样的部分已计入区间，估计值不变。"
)
_GOLD_EN = (
    "{who} coded {posts} of the audited posts again: of the {negative} called negative they "
    "took back {taken_back}, of the {other} others they added {added}. The intervals take in the "
    "error that both coders share; the estimates stay."
)
_SECOND_ZH = (
    "审核分两轮：第一轮的 {first} 条编完以后，在它还说不准的地方又抽了 {second} 条{aim}。"
    "两轮各代表多少帖子，只由编码器的分数决定，所以第二轮抽在哪里不会带来偏差；抽多少、侧重哪一类由人决定。"
)
_SECOND_EN = (
    "The audit has two waves: once the first {first} posts were coded, {second} more were drawn "
    "where these left the counts unsure{aim}. How many posts either wave stands for follows from "
    "the coder's scores alone, so where the second looks biases nothing; its size and aim were "
    "chosen by people."
)
_UNCODED_ZH = "另抽了第二轮 {posts} 条，还没有人编，只计第一轮。"
_UNCODED_EN = (
    "A second wave of {posts} posts was drawn, and nobody has coded it: the first counts alone."
)
NOTICEABLE = 0.5


@dataclass(frozen=True)
class LeftError:
    """Posts of the sample that both coders probably coded wrong, and what they hide."""

    posts: float
    shift: float


@dataclass(frozen=True)
class CodingFacts:
    """What people did with the forms: posts drawn, coded twice, disputed; who decided what."""

    drawn: int
    coded_twice: int
    disputed: int
    is_adjudicated: bool
    is_same_form: bool
    overruled: int = 0


@dataclass(frozen=True)
class GoldFacts:
    """Posts that experts recoded, by what the audit called them, and how many they changed."""

    negative: int
    other: int
    taken_back: int
    added: int


def hours_of(posts: int) -> float:
    """Return how long coding so many posts takes one person.

    Examples
    --------
    >>> round(hours_of(3_000))
    21
    """
    return posts * SECONDS_A_POST / 3600


def _tell_who(coding: CodingFacts, record: Mapping[str, Any]) -> dict[str, str]:
    """Say who coded and what became of their differences."""
    who = "two" if coding.coded_twice == coding.drawn else "part"
    who = who if coding.coded_twice else "one"
    if "filled_by" in record:
        who = "simulated"
    told = "judged" if coding.is_adjudicated else "open"
    told = told if coding.disputed else "none"
    facts = {
        "drawn": count_text(coding.drawn),
        "twice": count_text(coding.coded_twice),
        "disputed": count_text(coding.disputed),
        "seed": record.get("seed", "?"),
        "hours": count_text(hours_of(coding.drawn)),
        "seconds": SECONDS_A_POST,
    }
    zh, en = (text[told].format(**facts) for text in (_TOLD_ZH, _TOLD_EN))
    return {
        "zh": _WHO_ZH[who].format(**facts, told=zh),
        "en": _WHO_EN[who].format(**facts, told=en),
    }


def write_notes(
    coding: CodingFacts,
    shared: dict[str, LeftError],
    names: Mapping[str, tuple[str, str]],
    record: Mapping[str, Any],
    negative: Agreement | None,
    *,
    gold: GoldFacts | None = None,
) -> list[dict[str, str]]:
    """Return the notes of an audit table, in Chinese and in English."""
    covers = (_COVERS_ZH, _COVERS_EN) if gold is None else (_COVERS_GOLD_ZH, _COVERS_GOLD_EN)
    notes = [_note(*covers), _tell_who(coding, record)]
    if coding.overruled:
        zh, en = _WHOSE[coding.coded_twice > 0]
        posts = count_text(coding.overruled)
        notes.append(
            {
                "zh": _OVERRULED_ZH.format(posts=posts, whose=zh),
                "en": _OVERRULED_EN.format(posts=posts, whose=en),
            }
        )
    if negative is not None and not np.isnan(negative.alpha):
        ends = [negative.alpha, negative.alpha_low, negative.alpha_high]
        alpha, low, high = (decimal_text(end, 2) for end in ends)
        notes.append(_note(_ALPHA_ZH, _ALPHA_EN, alpha=alpha, low=low, high=high))
        if negative.alpha < _LEAST_ALPHA:
            notes.append(_note(_LOW_ZH, _LOW_EN))
    notes += _tell_left_out(record.get("left_out", {}))
    if second := record.get("second"):
        notes.append(_tell_second(second, coding.drawn, names))
    if uncoded := record.get("second_uncoded"):
        notes.append(_note(_UNCODED_ZH, _UNCODED_EN, posts=count_text(uncoded)))
    if coding.is_same_form:
        notes.append(_note(_SAME_ZH, _SAME_EN))
    if gold is not None:
        facts = {name: count_text(number) for name, number in vars(gold).items()}
        facts["posts"] = count_text(gold.negative + gold.other)
        who_zh, who_en = _EXPERTS["filled_by" in record.get("gold", {})]
        texts = {
            "zh": _GOLD_ZH.format(who=who_zh, **facts),
            "en": _GOLD_EN.format(who=who_en, **facts),
        }
        return [*notes, texts]
    left = {name: error for name, error in shared.items() if error.posts >= NOTICEABLE}
    if left:
        parts = [
            (_called(name, names), decimal_text(error.posts, 1), signed_text(error.shift, 0))
            for name, error in left.items()
        ]
        zh = "、".join(f"{name[0]} {posts} 条（{shift}）" for name, posts, shift in parts)
        en = ", ".join(f"{name[1]} {posts} ({shift})" for name, posts, shift in parts)
        notes.append({"zh": _LEFT_ZH.format(listed=zh), "en": _LEFT_EN.format(listed=en)})
    return notes


def _tell_second(
    second: Mapping[str, Any], drawn: int, names: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """Say that there are two waves, and what the second was aimed at."""
    called = [_called(code, names) for code in second.get("codes", ())]
    more = int(second["drawn"])
    counts = {"first": count_text(drawn - more), "second": count_text(more)}
    aim_zh = f"，重点是“{'”“'.join(zh for zh, _ in called)}”" if called else ""
    aim_en = f", above all for “{'”, “'.join(en for _, en in called)}”" if called else ""
    return {
        "zh": _SECOND_ZH.format(**counts, aim=aim_zh),
        "en": _SECOND_EN.format(**counts, aim=aim_en),
    }


def _called(name: str, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return what a reader calls a code or, by its own name, a platform."""
    plain = name.removeprefix("platform:")
    return names.get(name, (plain, plain))


def _note(zh: str, en: str, **values: object) -> dict[str, str]:
    return {"zh": zh.format(**values), "en": en.format(**values)}


def _note_of(posts: int, zh: str, en: str) -> dict[str, str]:
    """Write a note that tells how many posts are of a kind."""
    return {**_note(zh, en, posts=count_text(posts)), "counted": str(posts)}


_SCORED_GOLD = (
    "{who}重新编码过一部分帖子，区间含两名编码者错得一样的部分。",
    " {who} coded some of the posts again: the intervals hold the error that both coders share.",
)


#: Among what a draw left out: the posts in which there was nothing to read.
WORDLESS = "without_words"


def _tell_left_out(left_out: Mapping[str, int]) -> list[dict[str, str]]:
    """Say which posts were not drawn: learnt ones, and those that nobody can code."""
    wordless = left_out.get(WORDLESS, 0)
    learnt = left_out.get("posts", 0) - wordless
    parts = [(learnt, _OUT_ZH, _OUT_EN), (wordless, _WORDLESS_ZH, _WORDLESS_EN)]
    return [_note_of(*part) for part in parts if part[0]]


_NOT_REPEATED = (
    "抽样没有能够重做：这份样本是另一版程序抽的，抽中概率只核对了总和与文件自带的校验值。",
    "The draw was not repeated: other code drew this sample, so its chances rest on their sum and "
    "on the digests of its own folder.",
)
_SEEN = (
    "审核的帖子中有 {posts} 条与编码器学过的文字完全相同，在这些帖子上它等于知道答案。",
    "The coder learnt from the very texts of {posts} of the audited posts, and knew the answers.",
)


def tell_draw(*, is_repeated: bool, seen: int) -> list[dict[str, str]]:
    """Say what a report found out about the draw: not repeated, or texts that the coder learnt.

    Examples
    --------
    >>> [note["en"][:45] for note in tell_draw(is_repeated=True, seen=1_200)]
    ['The coder learnt from the very texts of 1,200']
    """
    told = [] if is_repeated else [_note(*_NOT_REPEATED)]
    return [*told, *([_note_of(seen, *_SEEN)] if seen else [])]


def tell_recoding(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a report repeats of a recoding that was filled in: that it is, and by whom.

    Parameters
    ----------
    record
        Of the draw.

    Examples
    --------
    >>> tell_recoding({"gold": {"size": 100, "seed": 1}})
    {'has_gold': True}
    >>> tell_recoding({"gold": {"size": 100, "filled_by": "simulated experts"}})
    {'has_gold': True, 'gold': {'filled_by': 'simulated experts'}}
    """
    filled_by = record.get("gold", {}).get("filled_by")
    return {"has_gold": True, **({"gold": {"filled_by": filled_by}} if filled_by else {})}


def tell_scored_file(table: pd.DataFrame, seal: Mapping[str, Any]) -> dict[str, str]:
    """Say what is known of an audit of which only the scored numbers came along.

    Parameters
    ----------
    table
        Of `score_audit`.
    seal
        What it says of its draw.

    Examples
    --------
    >>> row = {"coders": 2, "audited": 400, "coded_twice": 300, "disputes": 9, "open": 0}
    >>> note = tell_scored_file(pd.DataFrame([row]), {"seed": 1})["en"]
    >>> note[note.index("seed") : note.index(";")]
    'seed 1, coded by two people on 300 of them and by one person on the rest'
    """
    row = table.iloc[0]
    drawn, twice = count_text(int(row["audited"])), count_text(int(row["coded_twice"]))
    who_zh, who_en = "两人编码", "two people"
    if not int(row["coders"]):
        who_zh, who_en = "由程序模拟的编码者，不是真人", "simulated coders, not people"
    elif not int(row["coded_twice"]):
        who_zh, who_en = "一人编码", "one person"
    elif twice != drawn:
        who_zh = f"其中 {twice} 条有两人编码，其余只有一人"
        who_en = f"two people on {twice} of them and by one person on the rest"
    experts = _EXPERTS["filled_by" in seal.get("gold", {})]
    gold_zh, gold_en = (
        text.format(who=who) if seal.get("has_gold") else ""
        for text, who in zip(_SCORED_GOLD, experts, strict=True)
    )
    return {
        "zh": f"校正值取自已算好的审核文件（抽出 {drawn} 条，种子 {seal['seed']}，{who_zh}；"
        f"“吐槽”上 {int(row['disputes'])} 条不一致，{int(row['open'])} 条未裁定）；"
        f"表格没有随文件来，所以没有细类、平台的校正，也没有编码漂移。{gold_zh}",
        "en": f"The corrected counts come from a scored file ({drawn} posts drawn, seed "
        f"{seal['seed']}, coded by {who_en}; {int(row['disputes'])} disputes on negative items, "
        f"{int(row['open'])} of them open). The sheets did not come along, so sub-grievances and "
        f"platforms are not corrected and drift is not known.{gold_en}",
    }
