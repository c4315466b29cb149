"""From two forms and an adjudicator's to one code per post."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.audit.audit_folder import AuditFolder
from analysis.audit.sheet_layout import ADJUDICATED, CODER_A, CODER_B
from analysis.errors import CaodianError


@dataclass(frozen=True)
class SettledCodes:
    """The coders' forms and what came of them; rows are posts in the sample's order."""

    forms: tuple[pd.DataFrame, ...]
    final: pd.DataFrame
    disputed: int
    is_adjudicated: bool

    @property
    def targets(self) -> list[str]:
        """Columns that were coded."""
        return [str(name) for name in self.final if name != "post_id"]


def settle_codes(folder: AuditFolder) -> SettledCodes:
    """Read the forms of a folder and settle what the coders did not agree on.

    Where the two differ the adjudicator decides. Without `adjudicated.xlsx` a difference counts
    half, and the notes say so; with one form only, that coder decides.

    Parameters
    ----------
    folder
        The audit's folder.

    Returns
    -------
    SettledCodes
        Final codes between 0 and 1.

    Raises
    ------
    CaodianError
        When no form is there, a post was coded by nobody, or the adjudicator left a dispute open.
    """
    coders = [form for form in (folder.read(CODER_A), folder.read(CODER_B)) if form is not None]
    if not coders:
        raise CaodianError(
            f"an audit folder must hold {CODER_A} or {CODER_B}", value=str(folder.path)
        )
    forms = tuple(form.set_index("post_id") for form in coders)
    targets = [name for name in forms[0] if name not in ("voice", "note")]
    codes = np.stack([form[targets].to_numpy(dtype=float, na_value=np.nan) for form in forms])
    posts = list(forms[0].index)
    _require_coded(codes, posts, folder)
    with np.errstate(invalid="ignore"):
        final = np.nanmean(codes, axis=0)
    is_disputed = ((final > 0) & (final < 1)).any(axis=1)
    judged = folder.read(ADJUDICATED, is_part=True)
    if judged is not None:
        open_posts = [post for post, is_open in zip(posts, is_disputed, strict=True) if is_open]
        _require_judged(judged, open_posts)
        known = judged.dropna(subset="negative").set_index("post_id")[targets]
        final[[posts.index(post) for post in known.index]] = known.to_numpy(dtype=float)
    settled = pd.DataFrame(final, columns=targets)
    settled.insert(0, "post_id", posts)
    return SettledCodes(forms, settled, int(is_disputed.sum()), judged is not None)


def _require_coded(codes: np.ndarray, posts: list[str], folder: AuditFolder) -> None:
    blank = np.isnan(codes[:, :, 0]).all(axis=0)
    if blank.any():
        raise CaodianError(
            "every drawn post must be coded by at least one coder",
            value=posts[int(blank.argmax())],
            where=f"{folder.path}: `negative` is blank for {int(blank.sum())} posts",
            remedy="Fill in `negative` with 1 or 0 in each row.",
        )


def _require_judged(judged: pd.DataFrame, disputed: list[str]) -> None:
    decided = set(judged.dropna(subset="negative")["post_id"])
    undecided = [post for post in disputed if post not in decided]
    if undecided:
        raise CaodianError(
            "the adjudicator must decide every post on which the coders differ",
            value=undecided[0],
            where=f"{ADJUDICATED}, {len(undecided)} undecided",
            remedy=f"Add the rows, or remove {ADJUDICATED}: a difference then counts half.",
        )
