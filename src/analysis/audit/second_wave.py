"""A second wave of an audit: further posts of the same frame, drawn where the first was unsure.

What the first wave found decides where the second one looks, and so must not decide what its posts
weigh: a stratum in which the first found nothing by bad luck would get few posts more, and keep its
bad luck. Weights are those of a plan that rests on the coder's scores alone. In a stratum of N
posts with n of the first wave and m planned for the second, a post of the first weighs N / (n + m),
as in one sample of both; the posts of the second share what is left, N m / (n + m), however many
were drawn in the end. Given the first wave, the second estimates the posts that were left without
bias; so the two together do, whatever the first made of the allocation.

A report takes an audit where both draws are those of its own posts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.machine_scores import (
    FULL,
    MachineCoding,
    describe_frame,
    leave_out_again,
    read_machine_coding,
    refuse_other_frame,
)
from analysis.audit.recoding import digest_codes
from analysis.audit.sampling import (
    BANDS,
    LEAST_SHARE,
    LEAST_VARIANCE,
    Strata,
    allocate,
    describe_targets,
    draw_from,
    sampler_digest,
    stratify,
    texts_of,
)
from analysis.audit.score import settle_forms
from analysis.audit.sheet_reading import GOLD, RECORD_FILE, SECOND_FOLDER
from analysis.audit.sheets import (
    AuditFolder,
    hash_sample,
    open_wave,
    take_coded,
    write_sheets,
)
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError, nearest
from analysis.frames import AnyFrame, Frame, like_frame
from analysis.study import Study

_STREAM = 0x5EC0  # the draw's own stream of the seed
_PRIOR_POSTS = 5.0  # audited posts that the mean score of a group is worth
_GROUPS = BANDS + 1  # bands, and the lowest one apart where no target claims the post


@dataclass(frozen=True)
class Uncertainty:
    """Posts of each stratum by target and group, and what the scores expect of each group.

    `counts` has strata, targets and groups; `expected` the mean score, targets and groups. A group
    is a band of the target's own score; of its lowest band the posts that no target claims are one
    of their own, since misses are rarer there.
    """

    counts: np.ndarray
    expected: np.ndarray
    groups: np.ndarray

    def spread(self, rates: np.ndarray, aims: np.ndarray) -> np.ndarray:
        """Return the standard deviation within each stratum, of the targets that are aimed at."""
        posts = self.counts.sum(axis=0)
        shares = np.maximum((posts * rates).sum(axis=1) / posts.sum(axis=1), LEAST_SHARE)
        variances = np.maximum(rates * (1 - rates), LEAST_VARIANCE) / shares[:, None]
        worth = (self.counts * variances)[:, aims].sum(axis=(1, 2))
        return np.asarray(np.sqrt(worth / self.counts[:, 0].sum(axis=1)))

    def measure(self, rows: np.ndarray, weight: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Return the share of true posts in each group, by target, as the first wave found it."""
        rates = np.empty_like(self.expected)
        for target, expected in enumerate(self.expected):
            group = self.groups[rows, target]
            drawn, true, square = (
                np.bincount(group, weights=values, minlength=_GROUPS)
                for values in (weight, weight * codes[:, target], weight**2)
            )
            effective = drawn**2 / np.maximum(square, 1e-9)
            found = effective * true / np.maximum(drawn, 1e-9)
            rates[target] = (found + _PRIOR_POSTS * expected) / (effective + _PRIOR_POSTS)
        return rates


def describe_uncertainty(machine: MachineCoding, strata: Strata) -> Uncertainty:
    """Count the posts of each stratum by target and group."""
    is_sure = strata.is_surely_not[strata.of_post]
    groups = np.where((strata.bands == 0) & is_sure[:, None], BANDS, strata.bands).astype(np.int64)
    targets = groups.shape[1]
    counts = np.empty((len(strata.posts), targets, _GROUPS))
    expected = np.empty((targets, _GROUPS))
    for target in range(targets):
        cell = strata.of_post * _GROUPS + groups[:, target]
        by_cell = np.bincount(cell, minlength=len(strata.posts) * _GROUPS)
        counts[:, target] = by_cell.reshape(-1, _GROUPS)
        score = np.bincount(
            groups[:, target], weights=machine.scores[:, target] / FULL, minlength=_GROUPS
        )
        expected[target] = score / np.maximum(counts[:, target].sum(axis=0), 1)
    return Uncertainty(counts, expected, groups)


@dataclass(frozen=True)
class Waves:
    """Posts of the second wave by stratum, and what one post of each wave stands for."""

    second: np.ndarray
    first_weight: np.ndarray
    second_weight: np.ndarray


_LEAST_PART = 3  # a stratum gets at least one in so many of the posts that were planned for it


def aim_second_wave(
    posts: np.ndarray, first: np.ndarray, size: int, *, planned: np.ndarray, measured: np.ndarray
) -> Waves:
    """Allocate a second wave by what the first one found, with weights that do not depend on it.

    The weights add up to the posts where the first wave drew from every stratum, as `draw_audit`
    does from as many posts as there are strata.
    """
    left = posts - first
    size = min(size, int(left.sum()))
    both = int(first.sum()) + size
    plan = allocate(both, posts * planned, at_least=first, at_most=posts) - first
    together = np.maximum(first + plan, 1)
    # What the second wave stands for. More posts than that would each stand for less than one.
    stands_for = posts * plan / together
    second = allocate(
        size,
        stands_for * measured,
        at_least=-(-plan // _LEAST_PART),
        at_most=np.minimum(left, np.floor(stands_for + 1e-9)).astype(np.int64),
    )
    return Waves(second, posts / together, stands_for / np.maximum(second, 1))


def draw_second(
    machine: MachineCoding,
    coded: AnyFrame,
    first: pl.DataFrame,
    final: pd.DataFrame,
    *,
    size: int,
    seed: int,
    drawn_with: int,
    codes: Sequence[str] = (),
) -> pl.DataFrame:
    """Return the posts of both waves with what each stands for, the first ones first."""
    strata = stratify(machine, drawn_with)
    place = {name: row for row, name in enumerate(machine.posts["name"])}
    rows = np.array([place[name] for name in first["post_id"]], dtype=np.int64)
    numbers = np.bincount(strata.of_post[rows], minlength=len(strata.posts))
    if size < 1 or numbers.sum() >= machine.size:
        raise CaodianError(
            "a second wave must draw at least one post that the first did not",
            value=size if size < 1 else f"{machine.size} posts, all of them audited",
            where="--more",
        )
    unsure = describe_uncertainty(machine, strata)
    coding = final.set_index("post_id").loc[first["post_id"].to_list()]
    found = coding[list(machine.targets)].to_numpy(dtype=float)
    rates = unsure.measure(rows, 1 / first["inclusion_probability"].to_numpy(), found)
    aims = np.array([machine.targets.index(name) for name in _aims(machine, codes)])
    waves = aim_second_wave(
        strata.posts, numbers, size,
        planned=unsure.spread(unsure.expected, aims), measured=unsure.spread(rates, aims),
    )  # fmt: skip
    more = _draw_left(strata, rows, waves.second, seed)
    weight = np.concatenate(
        [waves.first_weight[strata.of_post[rows]], waves.second_weight[strata.of_post[more]]]
    )
    drawn = np.concatenate([rows, more])
    sample = pl.DataFrame(
        {
            "post_id": machine.posts["name"].gather(drawn),
            "stratum": [strata.names[number] for number in strata.of_post[drawn]],
            "inclusion_probability": 1 / weight,
            "wave": pl.Series(np.repeat([1, 2], [len(rows), len(more)]), dtype=pl.Int8),
            "machine": describe_targets(machine, strata, drawn),
        }
    )
    texts = texts_of(coded, sample["post_id"])
    return sample.join(texts, on="post_id", how="left", maintain_order="left")


def _aims(machine: MachineCoding, codes: Sequence[str]) -> list[str]:
    """Return the targets that a wave is aimed at."""
    for code in codes:
        if code not in machine.targets:
            near = nearest(code, list(machine.targets))
            raise CaodianError(
                "a second wave must be aimed at codes of the codebook", value=code, where="--for",
                remedy=f"Did you mean {near!r}?"
                if near else f"Codes: {', '.join(machine.targets[1:])}.",
            )  # fmt: skip
    return ["negative", *sorted({*codes} - {"negative"})] if codes else list(machine.targets)


def _draw_left(strata: Strata, rows: np.ndarray, numbers: np.ndarray, seed: int) -> np.ndarray:
    """Draw without replacement from what the first wave left of each stratum, then shuffle."""
    generator = np.random.default_rng([seed, _STREAM])
    is_left = np.ones(len(strata.of_post), dtype=bool)
    is_left[rows] = False
    left = np.flatnonzero(is_left)
    order = left[np.argsort(strata.of_post[left], kind="stable")]
    ends = np.cumsum(np.bincount(strata.of_post[left], minlength=len(numbers)))
    drawn = [
        generator.choice(part, number, replace=False)
        for part, number in zip(np.split(order, ends[:-1]), numbers, strict=True)
    ]
    return np.asarray(generator.permutation(np.concatenate(drawn)))


# The folder of a second wave lies within that of the first, and is bound to its sample and marks.


def draw_second_wave(
    posts: Frame,
    directory: Path | str,
    *,
    size: int,
    seed: int = 1,
    codes: Sequence[str] = (),
    text: str = "text",
    study: Study | Path | str | None = None,
    coder: str | None = None,
) -> Frame:
    """Draw further posts for an audit that is coded, where it left the counts unsure.

    Strata are those of the first wave; sizes near Neyman (1934) by what it found. Both waves are
    scored together by `score_audit` as soon as somebody has begun to code the second. Aimed at some
    codes (and the negative items) it makes these narrower than the others.

    Parameters
    ----------
    posts
        The posts that the first wave was drawn from, coded as they were.
    directory
        Folder of the audit, its forms filled in. The second wave goes to `second` in it: forms of
        the same kind, and a digest of the first wave's sample and marks. Change no mark of the
        first wave after that.
    size
        Posts to draw; all that are left when there are no more.
    seed
        Of the draw.
    codes
        Codes to aim at; all by default.
    text, study, coder
        As for `draw_audit`.

    Returns
    -------
    The same kind of frame
        The posts of the second wave in random order: `post_id, stratum, inclusion_probability,
        channel, text`. The chance is one over what a post stands for beside the first wave.

    Raises
    ------
    CaodianError
        When the first wave is not coded, not decided or of other posts, experts have recoded it, a
        second wave was begun, or no post is left.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from analysis.audit.sheets import draw_audit, open_folder
    >>> from analysis.audit.simulated_coders import fill
    >>> posts = pl.DataFrame({"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...                       "is_negative": [True, False], "grievances": [["delivery"], []]})
    >>> with TemporaryDirectory() as folder:
    ...     drawn = draw_audit(posts, folder, size=1)
    ...     fill(folder, posts, error=0.0, seed=1)
    ...     draw_second_wave(posts, folder, size=1)["inclusion_probability"].to_list()
    [1.0]
    """
    book = load_codebook()
    first = open_wave(directory, book)
    record = first.record
    coded, days = take_coded(posts, text, study)
    whole = read_machine_coding(coded, book.code_names)
    _require_first(first, describe_frame(whole, window=days, coder=coder))
    machine = leave_out_again(whole, record)
    _require_same_draw(first, machine, coded)
    final = _settle_first(first)
    drawn = draw_second(
        machine, coded, first.sample, final, size=size, seed=seed,
        drawn_with=int(record["size"]), codes=codes,
    )  # fmt: skip
    told = {
        "seed": seed,
        "size": size,
        "codes": sorted(codes),
        "first": hash_sample(first.path),
        "marks": digest_codes(final),
        "sampler": second_digest(),
    }
    place = first.path / SECOND_FOLDER
    write_sheets(drawn, book, place, with_subs=first.has_subs, record=told)
    shown = drawn.filter(pl.col("wave") == 2).drop("machine", "key", "wave")
    order = ["post_id", "stratum", "inclusion_probability", "channel", "text"]
    result: Frame = like_frame(posts, shown.select(order))
    return result


def _settle_first(first: AuditFolder) -> pd.DataFrame:
    """Settle the first wave, which must be coded whole: it decides where the second is drawn."""
    try:
        settled = settle_forms(first)
    except CaodianError as error:
        raise CaodianError(
            error.rule, value=error.value, where=error.where,
            remedy=f"{error.remedy} Code the first wave, then draw the second: it is drawn where "
            "the codes of the first are unsure.",
        ) from None  # fmt: skip
    if settled.disputed and not settled.is_adjudicated:
        raise CaodianError(
            "what two coders differ on must be decided before a second wave",
            value=f"{settled.disputed} posts", where=str(first.path),
            remedy="Decide each on the sheet of `caodian audit disputes AUDIT`: after this draw no "
            "mark of the first wave may change.",
        )  # fmt: skip
    return settled.final


def second_digest() -> str:
    """Return what a second draw depends on beside posts, marks, size and seed."""
    return hashlib.sha256(sampler_digest().encode() + Path(__file__).read_bytes()).hexdigest()


def _require_first(first: AuditFolder, frame: dict[str, object]) -> None:
    """Refuse a first wave of other posts, or one that experts have recoded."""
    where = str(first.path)
    if "frame" not in first.record:
        raise CaodianError(
            "an audit must say what it was drawn from", where=where,
            remedy="Draw it again with `caodian audit draw build/STUDY`.",
        )  # fmt: skip
    refuse_other_frame(first.record["frame"], frame, where)
    if "gold" in first.record or (first.path / GOLD).is_file():
        raise CaodianError(
            "a second wave must be drawn before experts recode the audit", value=GOLD, where=where,
            remedy=f"Move {GOLD} away and take its draw back (caodian audit gold FOLDER --drop); "
            "draw it again when both waves are coded.",
        )  # fmt: skip


def _require_same_draw(first: AuditFolder, machine: MachineCoding, coded: AnyFrame) -> None:
    """Refuse a first wave whose strata this version would draw otherwise."""
    size, seed = int(first.record["size"]), int(first.record["seed"])
    again = draw_from(machine, coded, size=size, seed=seed)
    columns = ["post_id", "stratum", "inclusion_probability"]
    if not again.select(columns).equals(first.sample.select(columns)):
        raise CaodianError(
            "a second wave needs the strata of the first",
            value="another version drew it", where=str(first.path),
            remedy="Draw the second wave with the version that drew the first.",
        )  # fmt: skip


# An audit corrects the counts of what it was drawn from, and of nothing else.


def require_audit_of(
    folder: AuditFolder, posts: AnyFrame, frame: Mapping[str, Any], machine: MachineCoding
) -> bool:
    """Refuse an audit of other posts, or of these coded otherwise.

    Parameters
    ----------
    folder
        The audit.
    posts, machine
        Coded posts of the report, and their frame.
    frame
        The description of that frame (`describe_frame`).

    Returns
    -------
    bool
        Whether seed and size draw this sample here. Where other code or another NumPy drew it they
        need not; then its chances must still add up to the frame, and readers must be told.

    Raises
    ------
    CaodianError
        With all that differs, when the folder does not say what it was drawn from, when its posts
        have other texts or its count of what was left out is not that of the report, or when its
        sample is not what its seed and size draw from these posts.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from analysis.audit.machine_scores import describe_frame, read_machine_coding
    >>> from analysis.audit.sheets import draw_audit, open_folder
    >>> posts = pl.DataFrame({"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...                       "is_negative": [True, False], "grievances": [["delivery"], []]})
    >>> book = load_codebook()
    >>> machine = read_machine_coding(posts, book.code_names)
    >>> with TemporaryDirectory() as path:
    ...     drawn = draw_audit(posts, path, size=1)
    ...     require_audit_of(open_folder(path, book), posts, describe_frame(machine), machine)
    True
    """
    record = folder.record
    if "frame" not in record:
        raise CaodianError(
            "an audit must say what it was drawn from",
            value=f"no {RECORD_FILE}",
            where=str(folder.path),
            remedy="Draw it again with `caodian audit draw build/STUDY`.",
        )
    refuse_other_frame(record["frame"], frame, str(folder.path))
    kept = leave_out_again(machine, record)
    _refuse_other_left_out(record.get("left_out", {}), kept.left_out, str(folder.path))
    again = draw_from(kept, posts, size=int(record["size"]), seed=int(record["seed"]))
    sample = folder.waves[0].sample if folder.waves else folder.sample
    columns = [name for name in again.columns if name in sample.columns]
    is_same = again.select(columns).equals(sample.select(columns))
    if folder.waves or not is_same:
        _refuse_other_texts(folder, posts)
    if is_same:
        return True
    is_of_this_code = record.get("sampler") == sampler_digest()
    if is_of_this_code or not adds_up(sample["inclusion_probability"], kept.size):
        raise CaodianError(
            "the sample of an audit must be what its seed and size draw",
            value=f"seed {record['seed']}, size {record['size']}",
            where=str(folder.path),
            remedy="The folder was changed after the draw: restore it, or draw and code again.",
        )
    return False


def _refuse_other_left_out(told: Mapping[str, int], found: Mapping[str, int], where: str) -> None:
    """Refuse a record whose count of the posts that were not drawn is not the machine's own.

    These posts count as the coder has them, so every estimate rests on that count.
    """
    names = {"posts"} | told.keys()
    wrong = sorted(name for name in names if told.get(name, 0) != found.get(name, 0))
    if wrong:
        counted = ", ".join(f"{name} {told.get(name, 0)}" for name in wrong[:3])
        raise CaodianError(
            "what an audit says of the posts that it left out must be what the report counts",
            value=counted,
            where=f"{where}, {RECORD_FILE}: {', '.join(str(found.get(n, 0)) for n in wrong[:3])}",
            remedy=f"Restore {RECORD_FILE} as the draw wrote it.",
        )


def _refuse_other_texts(folder: AuditFolder, posts: AnyFrame) -> None:
    """Refuse an audit whose posts have other texts in the report than people coded."""
    drawn = folder.sample.select("post_id", "text")
    now = dict(texts_of(posts, drawn["post_id"]).select("post_id", "text").iter_rows())
    changed = [post for post, text in drawn.iter_rows() if now.get(post, text) != text]
    if changed:
        raise CaodianError(
            "an audited post must have the text that people coded",
            value=changed[0],
            where=f"{folder.path}: {len(changed)} posts of the report with another text",
            remedy="Make the report from the export that the audit was drawn from, with the same "
            "version of Caodian, or draw and code again.",
        )


def adds_up(chances: pl.Series, posts: int) -> bool:
    """Tell whether the drawn posts, each standing for one over its chance, make up the frame.

    Examples
    --------
    >>> adds_up(pl.Series([0.5, 0.25, 0.25]), 10), adds_up(pl.Series([0.5, 0.25, 0.25]), 30)
    (True, False)
    """
    made_up = float(np.sum(1 / chances.to_numpy()))
    return abs(made_up - posts) <= _STANDS_FOR * max(posts, 1)


_STANDS_FOR = 1e-6  # chances are exact but for the last digits of a float


def require_second_wave_of(folder: AuditFolder, posts: AnyFrame, machine: MachineCoding) -> bool:
    """Refuse a second wave that seed, size and the first wave's marks do not draw.

    Parameters
    ----------
    folder
        The audit; nothing is asked of one without a second wave.
    posts, machine
        Coded posts of the report, and their frame.

    Returns
    -------
    bool
        Whether the draw could be repeated. Where other code drew it, its chances must still add up
        to the frame.

    Raises
    ------
    CaodianError
        When the sample is another one.
    """
    if not folder.waves:
        return True
    first, told = folder.waves[0], folder.record[SECOND_FOLDER]
    kept = leave_out_again(machine, folder.record)
    columns = [name for name in folder.sample.columns if name != "text"]
    if set(first.sample["post_id"]) <= set(kept.posts["name"]):
        again = draw_second(
            kept, posts, first.sample, settle_forms(first).final, size=int(told["size"]),
            seed=int(told["seed"]), drawn_with=int(folder.record["size"]), codes=told["codes"],
        )  # fmt: skip
        if again.select(columns).equals(folder.sample.select(columns)):
            return True
    is_of_this_code = told.get("sampler") == second_digest()
    if is_of_this_code or not adds_up(folder.sample["inclusion_probability"], kept.size):
        raise CaodianError(
            "the second wave of an audit must be what its seed, size and first wave draw",
            value=f"seed {told['seed']}, size {told['size']}", where=str(folder.waves[1].path),
            remedy="The folder was changed after the draw: restore it, or draw and code again.",
        )  # fmt: skip
    return False
