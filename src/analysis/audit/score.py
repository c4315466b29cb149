"""Score an audit: agreement of the coders and corrected counts, from the audit's folder alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.agreement import Agreement, measure_agreement
from analysis.audit.correction import estimate_counts, prediction_powered_counts
from analysis.audit.sheet_reading import (
    ADJUDICATED,
    CODER_A,
    CODER_B,
    HIDDEN_FILE,
    SAMPLE_FILE,
    read_head_of,
    read_sheet,
)
from analysis.coding.codebook import Codebook, load_codebook
from analysis.errors import CaodianError
from analysis.numbers import decimal_text, signed_text

# An audit's folder: the sample, its hidden side, and whatever forms have come back.


@dataclass(frozen=True)
class AuditFolder:
    """The drawn posts with their hidden side, and the codes that the forms ask for."""

    path: Path
    sample: pl.DataFrame
    codes: tuple[str, ...]
    subs: tuple[str, ...]

    @property
    def has_subs(self) -> bool:
        """Whether the forms ask for sub-grievances."""
        return bool(self.subs)

    def read(self, name: str, *, is_part: bool = False) -> pd.DataFrame | None:
        """Return one filled form, or None when the file is not there."""
        if not (self.path / name).is_file():
            return None
        codes = [*self.codes, *self.subs]
        return read_sheet(self.path / name, self.sample, codes, is_part=is_part)


def open_folder(directory: Path | str, codebook: Codebook) -> AuditFolder:
    """Open the folder of an audit.

    Parameters
    ----------
    directory
        Folder of `audit draw`.
    codebook
        Codes that the forms may hold.

    Raises
    ------
    CaodianError
        When the sample or its hidden side is missing, or the two do not belong together.
    """
    path = Path(directory)
    for name in (SAMPLE_FILE, HIDDEN_FILE):
        if not (path / name).is_file():
            raise CaodianError(
                f"an audit folder must hold {name}",
                value=str(directory),
                remedy="Draw the audit with `caodian audit draw` and keep all files of its folder.",
            )
    sample = pl.read_parquet(path / SAMPLE_FILE)
    hidden = pl.read_parquet(path / HIDDEN_FILE)
    if set(sample["post_id"]) != set(hidden["post_id"]):
        raise CaodianError(
            f"{SAMPLE_FILE} and {HIDDEN_FILE} must come from one draw",
            where=str(directory),
            remedy="Draw the audit again, or restore the two files.",
        )
    joined = sample.join(hidden, on="post_id", how="left", maintain_order="left")
    columns = {
        column for name in (CODER_A, CODER_B) if (path / name).is_file()
        for column in read_head_of(path / name, codebook)
    }  # fmt: skip
    subs = tuple(name for name in codebook.sub_names if name in columns)
    return AuditFolder(path, joined, codebook.code_names, subs)


# From two forms and an adjudicator's to one code per post.


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
    """Estimate how many posts both coders coded wrong.

    Parameters
    ----------
    a, b
        Codes of the two coders, 1 or 0.
    final
        Codes after adjudication.
    weight
        One over the inclusion probability of each post, for numbers of the window; without it
        the numbers are of the sample.

    Returns
    -------
    SharedError
        Expected numbers of posts, not rates.

    Examples
    --------
    >>> a = np.array([1] * 90 + [0] * 10 + [0] * 900)
    >>> b = np.array([1] * 80 + [0] * 10 + [1] * 10 + [0] * 900)
    >>> final = np.array([1] * 100 + [0] * 900)
    >>> round(estimate_shared_error(a, b, final).missed, 2)
    1.23
    """
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


# What a reader must know beside the corrected counts, in Chinese and English.

_COVERS_ZH = "区间只涵盖机器编码的误差，不涵盖帖子的选取（谁发帖、采集到了什么）。"
_COVERS_EN = "The intervals cover the coder's error, not the selection of posts."
_ONE_ZH = "只有一人编码：一致性未知，编码者本人的误差仍留在估计中。"
_ONE_EN = (
    "Only one person coded: agreement is unknown, and that person's errors are in the estimates."
)
_OPEN_ZH = "两位编码者在 {number} 条上不一致且未经裁定，各按一半计入；编码误差仍留在估计中。"
_OPEN_EN = (
    "The coders differ on {number} posts that nobody adjudicated; each counts half, and coder "
    "error is left in the estimates."
)
_LEFT_ZH = (
    "裁定之后仍有编码误差：按两人独立出错推算，样本中两人同错的帖子数及其对估计的影响约为 "
    "{listed}；估计与区间未计入。"
)
_LEFT_EN = (
    "Coder error is left after adjudication: if the two err independently, both coded wrong about "
    "this many posts of the sample (and would move the estimate by): {listed}; neither estimates "
    "nor intervals take it in."
)
_SAME_ZH = "两份表逐格相同：只有两人分开编码，一致性才说明问题；请确认不是同一份表交了两次。"
_SAME_EN = (
    "The two sheets are equal cell for cell: agreement says something only if two people coded "
    "apart. Make sure that one sheet was not handed in twice."
)
_NOTICEABLE = 0.5


@dataclass(frozen=True)
class _LeftError:
    """Posts of the sample that both coders probably coded wrong, and what they hide."""

    posts: float
    shift: float


def _write_notes(
    settled: SettledCodes, shared: dict[str, _LeftError], names: Mapping[str, tuple[str, str]]
) -> list[dict[str, str]]:
    """Return the notes of an audit table."""
    notes = [_note(_COVERS_ZH, _COVERS_EN)]
    if len(settled.forms) < 2:
        notes.append(_note(_ONE_ZH, _ONE_EN))
    elif settled.disputed and not settled.is_adjudicated:
        notes.append(_note(_OPEN_ZH, _OPEN_EN, number=settled.disputed))
    if len(settled.forms) > 1 and settled.forms[0].equals(settled.forms[1]):
        notes.append(_note(_SAME_ZH, _SAME_EN))
    left = {name: error for name, error in shared.items() if error.posts >= _NOTICEABLE}
    if left:
        parts = [
            (_called(name, names), decimal_text(error.posts, 1), signed_text(error.shift, 0))
            for name, error in left.items()
        ]
        zh = "、".join(f"{name[0]} {posts}（{shift}）" for name, posts, shift in parts)
        en = ", ".join(f"{name[1]} {posts} ({shift})" for name, posts, shift in parts)
        notes.append({"zh": _LEFT_ZH.format(listed=zh), "en": _LEFT_EN.format(listed=en)})
    return notes


def _called(name: str, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return what a reader calls a code or, by its own name, a platform."""
    plain = name.removeprefix("platform:")
    return names.get(name, (plain, plain))


def _note(zh: str, en: str, **values: object) -> dict[str, str]:
    return {"zh": zh.format(**values), "en": en.format(**values)}


_COLUMNS = [
    "grievance",
    "items",
    "estimate",
    "low",
    "high",
    "audited",
    "alpha",
    "alpha_low",
    "alpha_high",
]


def score_audit(
    directory: Path | str,
    *,
    codebook: Codebook | None = None,
    names: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Return the corrected counts of an audit whose forms have come back.

    Post-stratified by bands of the coder's score, intervals from Beta draws in each band, agreement
    by Krippendorff's alpha (2004); `docs/method.md` has the measured coverage. `correct_counts`
    puts the estimates beside a table of counts.

    Parameters
    ----------
    directory
        Folder of `draw_audit` with `coder-a.xlsx` and `coder-b.xlsx` filled in, and
        `adjudicated.xlsx` where somebody adjudicated.
    codebook
        The project's own by default.
    names
        What notes call each code, in Chinese and in English; by default the codebook's names.

    Returns
    -------
    pd.DataFrame
        One row for `negative` and each code: grievance, items (the machine's own count),
        estimate, low, high (95 %, the coder's error only), audited, alpha, alpha_low, alpha_high.
        What a reader must know beside the numbers is in `attrs["notes"]`, rows for sub-grievances
        and platforms (`platform:NAME`) in `attrs["details"]`, the prediction-powered estimates to
        hold beside them in `attrs["prediction_powered"]`.

    Raises
    ------
    CaodianError
        For whatever is wrong with a form (`sheet_reading`) or missing from the folder.

    Examples
    --------
    Simulated coders fill in the forms; people do so in a spreadsheet.

    >>> from tempfile import TemporaryDirectory
    >>> from analysis.audit.sheets import draw_audit
    >>> from analysis.audit.simulated_coders import fill
    >>> posts = pd.DataFrame({"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...                       "is_negative": [True, True], "grievances": [["delivery"], ["price"]]})
    >>> truth = posts.assign(is_negative=[True, False], grievances=[["delivery"], []],
    ...                      voice="consumer")
    >>> with TemporaryDirectory() as folder:
    ...     drawn = draw_audit(posts, folder, size=2)
    ...     fill(folder, truth, error=0, seed=1)
    ...     audit = score_audit(folder)
    >>> rows = audit.set_index("grievance").loc[["negative", "price"]]
    >>> rows[["items", "estimate"]].values.tolist()
    [[2.0, 1.0], [1.0, 0.0]]
    """
    book = load_codebook() if codebook is None else codebook
    folder = open_folder(directory, book)
    settled = settle_codes(folder)
    counts = estimate_counts(folder.sample, settled.final)
    agreement = _measure_all_agreement(settled)
    for column in ("alpha", "alpha_low", "alpha_high"):
        values = [getattr(agreement.get(name), column, None) for name in counts["grievance"]]
        counts[column] = pd.Series(values, dtype="Float64").round(4)
    is_main = counts["grievance"].isin(["negative", *book.code_names])
    table = counts[is_main].reset_index(drop=True)[_COLUMNS]
    table.attrs["notes"] = _write_notes(
        settled, _shared_errors(folder, settled), _names_of(book) if names is None else names
    )
    table.attrs["details"] = counts[~is_main].reset_index(drop=True)[_COLUMNS]
    table.attrs["prediction_powered"] = prediction_powered_counts(folder.sample, settled.final)
    return table


def _names_of(book: Codebook) -> dict[str, tuple[str, str]]:
    """Return the codebook's names of negative items, codes and sub-grievances."""
    names = {"negative": (book.negative.zh, book.negative.en)}
    for code, entry in book.codes.items():
        names[code] = (entry.zh, entry.en)
        names |= {f"{code}.{name}": (sub.zh, sub.en) for name, sub in entry.subs.items()}
    return names


def _measure_all_agreement(settled: SettledCodes) -> dict[str, Agreement]:
    """Return the coders' agreement by code; nothing when only one form came back."""
    if len(settled.forms) < 2:
        return {}
    return {
        target: measure_agreement(
            np.column_stack(
                [form[target].to_numpy(dtype=float, na_value=np.nan) for form in settled.forms]
            )
        )
        for target in settled.targets
    }


def _shared_errors(folder: AuditFolder, settled: SettledCodes) -> dict[str, _LeftError]:
    """Return, by code, what both coders probably coded wrong, in the sample and in the window."""
    if len(settled.forms) < 2 or not settled.is_adjudicated:
        return {}
    a, b = settled.forms
    chance = dict(folder.sample.select("post_id", "inclusion_probability").iter_rows())
    weight = np.array([1 / chance[post] for post in settled.final["post_id"]])
    found = {}
    for target in settled.targets:
        both = (a[target].notna() & b[target].notna()).to_numpy()
        first, second = (form[target][both].to_numpy(dtype=float) for form in (a, b))
        final = settled.final[target].to_numpy()[both]
        sample = estimate_shared_error(first, second, final)
        window = estimate_shared_error(first, second, final, weight[both])
        found[target] = _LeftError(sample.missed + sample.invented, window.net)
    return found
