"""A recoding by experts: what both coders have wrong alike is measured and no longer supposed.

Experts code some of the audited posts again. Their sheet is bound to the marks that it was drawn
for, and what they find widens the intervals of the corrected counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import polars as pl
from scipy.special import betaincinv, gammaincinv

from analysis.audit.sheet_reading import GOLD, RECORD_FILE, holds_marks, read_sheet
from analysis.audit.sheets import AuditFolder
from analysis.errors import CaodianError

# About a hundred audited posts are coded again by people who know the trade. Half are drawn among
# those that the audit calls negative, half among the others, each with a chance in proportion to
# what it stands for, so that within a half every post of the frame is represented alike. What the
# audit found is then off by what both missed less what both invented. Errors of single codes are
# too rare in a hundred posts to be told apart: codes lean on each other. A code is missed in
# proportion to its size, and invented as often as any other, each with a factor of its own (a Gamma
# distribution of shape 1/2, wide). The ends of the interval combine with those of the two errors as
# ends of independent quantities do (Zou and Donner 2008); an interval is only ever widened.

_SHAPE = 0.5  # of the Gamma distribution of codes about what they share
_OWN_FINDS = 2  # errors found in one code from which on it leans on no other
_FEWEST_GOLD = 20


def draw_gold(
    posts: Sequence[str], is_negative: np.ndarray, weight: np.ndarray, *, size: int, seed: int
) -> np.ndarray:
    """Draw the audited posts that experts code again."""
    if min(size, len(posts)) < _FEWEST_GOLD:
        raise CaodianError(
            f"a recoding by experts needs {_FEWEST_GOLD} posts",
            value=min(size, len(posts)),
            where="--size" if size < _FEWEST_GOLD else "the audit's sample",
        )
    drawn = np.zeros(len(posts), dtype=bool)
    for is_kind, number in zip(
        (is_negative, ~is_negative), _halves(is_negative, size), strict=True
    ):
        places = np.flatnonzero(is_kind)
        chance = _gold_chances(weight[places], number)
        order = sorted(range(len(places)), key=lambda at: _lot(seed, posts[int(places[at])]))
        steps = np.cumsum(chance[order]) + _lot(seed, f"start of {number}")
        before = np.concatenate([[steps[0] - chance[order[0]]], steps[:-1]]) if order else steps
        taken = np.floor(steps + 1e-9) > np.floor(before + 1e-9)
        drawn[places[np.array(order, dtype=int)[taken]]] = True
    return drawn


def _halves(is_negative: np.ndarray, size: int) -> tuple[int, int]:
    """Divide a recoding over negative posts and others; what one kind lacks the other gets."""
    kinds = int(is_negative.sum()), int((~is_negative).sum())
    first = min(max(size // 2, size - kinds[1]), kinds[0])
    return first, min(size - first, kinds[1])


def _gold_chances(weight: np.ndarray, number: int) -> np.ndarray:
    """Return chances in proportion to the weights, none above 1, that add up to the number."""
    is_sure = np.zeros(len(weight), dtype=bool)
    while True:
        rest = weight[~is_sure].sum()
        chance = np.where(is_sure, 1.0, weight * (number - is_sure.sum()) / max(rest, 1e-12))
        more = (chance >= 1) & ~is_sure
        if not more.any():
            return np.asarray(chance)
        is_sure |= more


def _lot(seed: int, name: str) -> float:
    """Return a number between 0 and 1 that depends on the seed and a name alone."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:6], "big") / 2**48


@dataclass(frozen=True)
class _Recoded:
    """Recoded posts of one kind: how many, how many of the frame each is, wrong codes by target."""

    posts: int
    scale: float
    missed: np.ndarray
    invented: np.ndarray


def _recoded(
    is_kind: np.ndarray, is_coded: np.ndarray, weight: np.ndarray, off: np.ndarray
) -> _Recoded:
    """Count what experts found in one kind of posts, each post by what it stands for."""
    rows = is_kind & is_coded
    number = int(rows.sum())
    chance = np.maximum(_gold_chances(weight[is_kind], number), 1e-12)
    stands = (weight[is_kind] / chance)[rows[is_kind]]
    share = stands * number / max(float(stands.sum()), 1e-12)
    scale = float(weight[is_kind].sum()) / max(number, 1)
    return _Recoded(
        number, scale, share @ np.maximum(off, 0)[rows], share @ np.maximum(-off, 0)[rows]
    )


def widen_by_gold(
    counts: pd.DataFrame, final: pd.DataFrame, gold: pd.DataFrame, weight: np.ndarray
) -> pd.DataFrame:
    """Widen the intervals of corrected counts by the error that both coders share."""
    targets = [name for name in counts["grievance"] if name in gold and "." not in name]
    is_coded = gold["negative"].notna().to_numpy()
    off = (gold[targets].astype(float) - final[targets].astype(float)).to_numpy()
    is_negative = final["negative"].to_numpy(dtype=float) >= 0.5
    kinds = [_recoded(kind, is_coded, weight, off) for kind in (is_negative, ~is_negative)]
    names = [str(name) for name in counts["grievance"]]
    old = counts[["estimate", "low", "high"]].to_numpy(dtype=float)
    sizes = old[[names.index(name) for name in targets], 0]
    wide, factors = old.copy(), {}
    for number, name in enumerate(targets):
        place = names.index(name)
        wide[place, 1:] = _widen(old[place], *_shared_ends(number, sizes, *kinds))
        factors[name] = wide[place, 1:] / np.where(old[place, 1:] > 0, old[place, 1:], 1)
    for place, name in enumerate(names):
        parent = "negative" if name.startswith("platform:") else name.split(".")[0]
        if name not in targets and parent in factors:
            wide[place, 1:] *= factors[parent]
    return counts.assign(low=wide[:, 1].round(1), high=wide[:, 2].round(1))


def _widen(old: np.ndarray, missed: np.ndarray, invented: np.ndarray) -> tuple[float, float]:
    """Combine an interval with the ends of posts missed and posts invented."""
    estimate, low, high = old
    middle = estimate + missed[:, 1].sum() - invented[:, 1].sum()
    down = [estimate - low, *(missed[:, 1] - missed[:, 0]), *(invented[:, 2] - invented[:, 1])]
    up = [high - estimate, *(missed[:, 2] - missed[:, 1]), *(invented[:, 1] - invented[:, 0])]
    new = middle - np.linalg.norm(down), middle + np.linalg.norm(up)
    return min(float(low), max(float(new[0]), 0.0)), max(float(high), float(new[1]))


def _shared_ends(
    number: int, sizes: np.ndarray, negative: _Recoded, other: _Recoded
) -> tuple[np.ndarray, np.ndarray]:
    """Return posts missed and posts invented, of one target: rows of low, middle and high."""
    if number == 0:  # the negative items themselves
        missed = _beta_ends(other.missed[0], other.posts) * other.posts * other.scale
        invented = (
            _beta_ends(negative.invented[0], negative.posts) * negative.posts * negative.scale
        )
        return missed[None], invented[None]
    codes = sizes[1:].clip(min=1)
    part = codes[number - 1] / codes.sum()
    missed = np.array(
        [
            kind.scale * _gamma_ends(kind.missed[number], kind.missed[1:].sum(), part)
            for kind in (negative, other)
        ]
    )
    invented = _gamma_ends(negative.invented[number], negative.invented[1:].sum(), 1 / len(codes))
    return missed, negative.scale * invented[None]


def _beta_ends(found: float, posts: int) -> np.ndarray:
    """Return low, middle and high of a share, after Jeffreys."""
    a, b = found + 0.5, posts - found + 0.5
    return np.array([betaincinv(a, b, 0.025), a / (a + b), betaincinv(a, b, 0.975)])


def _gamma_ends(found: float, found_in_all: float, part: float) -> np.ndarray:
    """Return low, middle and high of the errors of a code that leans on those of all codes.

    One find may be chance and leans; two of one code are its own, and speak for themselves.
    """
    leaning = min(max(_OWN_FINDS - found, 0.0), 1.0)
    shape, rate = found + _SHAPE, 1 + leaning * _SHAPE / ((found_in_all + 0.5) * part)
    return np.array([gammaincinv(shape, 0.025), shape, gammaincinv(shape, 0.975)]) / rate


# The experts' sheet, and its codes beside the audit's.


def pick_gold(folder: AuditFolder, final: pd.DataFrame, size: int, seed: int) -> pl.DataFrame:
    """Return the audited posts that experts code, in an order that tells them nothing."""
    posts = final["post_id"].to_list()
    is_negative = final["negative"].to_numpy() >= 0.5
    drawn = draw_gold(posts, is_negative, folder.weights(posts), size=size, seed=seed)
    names = [post for post, is_drawn in zip(posts, drawn, strict=True) if is_drawn]
    return folder.sample.filter(pl.col("post_id").is_in(names))


def digest_codes(final: pd.DataFrame) -> str:
    """Hash the settled codes of an audit, whatever the order of its posts."""
    text = final.sort_values("post_id").to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()


def read_gold(folder: AuditFolder, final: pd.DataFrame) -> pd.DataFrame | None:
    """Return the experts' codes beside the audit's; nothing where they have not begun."""
    drawn, path = folder.record.get("gold"), folder.path / GOLD
    if drawn is None and not path.is_file():
        return None
    if path.is_file() and not holds_marks(path, [*folder.codes, *folder.subs]):
        return None  # whatever was drawn: nobody has begun
    remedy = f"Put {GOLD} back, or take its draw back: caodian audit gold FOLDER --drop."
    if drawn is None or not path.is_file():
        raise CaodianError(
            f"{GOLD} and what {RECORD_FILE} says of it must come from one draw",
            value=f"no {GOLD}" if drawn else f"{RECORD_FILE} says nothing of it",
            where=str(folder.path),
            remedy=remedy if drawn else f"Remove {GOLD}, or restore {RECORD_FILE}.",
        )
    if drawn["marks"] != digest_codes(final):
        raise CaodianError(
            f"{GOLD} must be of the codes that the audit has",
            value="other marks than when it was drawn",
            where=str(folder.path),
            remedy=f"Restore the coders' sheets, or move {GOLD} away and take its draw back: "
            "caodian audit gold FOLDER --drop.",
        )
    sample = pick_gold(folder, final, int(drawn["size"]), int(drawn["seed"]))
    coded = read_sheet(path, sample, folder.codes)
    if coded["negative"].isna().all():
        return None
    if coded["negative"].isna().any():
        raise CaodianError(
            "experts must code every post of their sheet",
            value=coded.loc[coded["negative"].isna(), "post_id"].iloc[0],
            where=f"{path}: `negative` is blank for {int(coded['negative'].isna().sum())} posts",
            remedy="Fill in `negative` with 1 or 0 in each row.",
        )
    return place_codes(coded, final)


def place_codes(coded: pd.DataFrame, final: pd.DataFrame) -> pd.DataFrame:
    """Put the experts' codes into the rows of the audit's."""
    targets = [name for name in final.columns[1:] if name in coded]
    placed = coded.set_index("post_id")[targets].astype("Float64").reindex(final["post_id"])
    return placed.astype(float).reset_index()
