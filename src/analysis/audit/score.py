"""Score an audit from its folder alone: its forms, what came of them, the corrected counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.agreement import (
    NOTICEABLE,
    Agreement,
    CodingFacts,
    GoldFacts,
    LeftError,
    estimate_shared_error,
    measure_agreement,
    write_notes,
)
from analysis.audit.correction import estimate_counts
from analysis.audit.drift import measure_drift
from analysis.audit.recoding import (
    digest_codes,
    pick_gold,
    place_codes,
    read_gold,
    widen_by_gold,
)
from analysis.audit.sheet_reading import (
    ADJUDICATED,
    CODER_A,
    CODER_B,
    GOLD,
    SECOND_FOLDER,
    holds_marks,
)
from analysis.audit.sheets import (
    UNCODED,
    AuditFolder,
    is_filled_by_program,
    open_folder,
    write_form,
    write_gold,
)
from analysis.coding.codebook import Codebook, load_codebook
from analysis.errors import CaodianError, require_path

# From two forms and an adjudicator's to one code per post.


@dataclass(frozen=True)
class SettledCodes:
    """The coders' forms and what came of them; rows are posts in the sample's order."""

    forms: tuple[pd.DataFrame, ...]
    final: pd.DataFrame
    disputed: int
    is_adjudicated: bool
    judged: pd.DataFrame | None = None
    names: tuple[str, ...] = ()
    gold: pd.DataFrame | None = None  # of experts, missing where they did not code a post
    overruled: int = 0  # posts that the third form changed although nobody differed on them

    @property
    def coded_twice(self) -> int:
        """Posts that both coders coded."""
        if len(self.forms) < 2:
            return 0
        first, second = (form["negative"].notna().to_numpy() for form in self.forms)
        return int((first & second).sum())

    @property
    def facts(self) -> CodingFacts:
        """What people did with the forms."""
        is_same = len(self.forms) > 1 and self.forms[0].equals(self.forms[1])
        return CodingFacts(
            len(self.final), self.coded_twice, self.disputed, self.is_adjudicated, is_same,
            self.overruled,
        )  # fmt: skip

    @property
    def gold_facts(self) -> GoldFacts | None:
        """What experts changed, where they coded."""
        if self.gold is None:
            return None
        given, true = self.final["negative"].to_numpy() >= 0.5, self.gold["negative"].to_numpy()
        return GoldFacts(
            negative=int((given & (true >= 0)).sum()),
            other=int((~given & (true >= 0)).sum()),
            taken_back=int((given & (true == 0)).sum()),
            added=int((~given & (true == 1)).sum()),
        )

    def disputes(self, target: str) -> int:
        """Count the posts that both coded, and differently for one target."""
        if len(self.forms) < 2:
            return 0
        marks = (form[target].to_numpy(dtype=float, na_value=np.nan) for form in self.forms)
        return int((np.abs(np.subtract(*marks)) > 0).sum())

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
        When no form is there, a post was coded by nobody, the adjudicator left a dispute open, or
        the experts' sheet is missing, incomplete, or of other marks than these.
    """
    settled = settle_forms(folder)
    if folder.waves:
        _require_marks_of_first(folder)
    return replace(settled, gold=read_gold(folder, settled.final))


def _require_marks_of_first(folder: AuditFolder) -> None:
    """Refuse a second wave that was drawn for other marks of the first."""
    first = folder.waves[0]
    if folder.record[SECOND_FOLDER].get("marks") != digest_codes(settle_forms(first).final):
        raise CaodianError(
            "a second wave must be of the codes that the first one has",
            value="other marks than when it was drawn",
            where=str(folder.waves[1].path),
            remedy="Restore the forms of the first wave as they were: they decided which posts the "
            "second one holds. Or move its folder away, and the first counts alone.",
        )


def settle_forms(folder: AuditFolder) -> SettledCodes:
    """Settle what coders and adjudicator say, before any expert."""
    found = {name: folder.read(name) for name in (CODER_A, CODER_B)}
    coders = {name: form for name, form in found.items() if form is not None}
    if not coders:
        raise CaodianError(
            f"an audit folder must hold {CODER_A} or {CODER_B}",
            value=str(folder.path),
            remedy="Put the filled-in forms back under these names.",
        )
    # A form that nobody began is no second coder.
    begun = {name: form for name, form in coders.items() if form["negative"].notna().any()}
    coders = begun or coders
    judged = folder.read(ADJUDICATED, is_part=True)
    forms = tuple(form.set_index("post_id") for form in coders.values())
    return _settle(forms, tuple(coders), judged, folder)


def _settle(
    forms: tuple[pd.DataFrame, ...],
    names: tuple[str, ...],
    judged: pd.DataFrame | None,
    folder: AuditFolder,
) -> SettledCodes:
    """Settle what the forms say, whether read from sheets or from the evidence of a report."""
    targets = [name for name in forms[0] if name not in ("voice", "note")]
    codes = np.stack([form[targets].to_numpy(dtype=float, na_value=np.nan) for form in forms])
    posts = list(forms[0].index)
    _require_coded(codes, posts, names, folder)
    with np.errstate(invalid="ignore"):
        final = np.nanmean(codes, axis=0)
    is_disputed = ((final > 0) & (final < 1)).any(axis=1)
    agreed = final.copy()
    if judged is not None:
        open_posts = [post for post, is_open in zip(posts, is_disputed, strict=True) if is_open]
        _require_judged(judged, open_posts, folder)
        known = judged.dropna(subset="negative").set_index("post_id")[targets]
        final[[posts.index(post) for post in known.index]] = known.to_numpy(dtype=float)
    settled = pd.DataFrame(final, columns=targets)
    settled.insert(0, "post_id", posts)
    overruled = int(((final != agreed).any(axis=1) & ~is_disputed).sum())
    return SettledCodes(
        forms, settled, int(is_disputed.sum()), judged is not None, judged, names,
        overruled=overruled,
    )  # fmt: skip


def _require_coded(
    codes: np.ndarray, posts: list[str], names: tuple[str, ...], folder: AuditFolder
) -> None:
    is_blank = np.isnan(codes[:, :, 0]).all(axis=0)
    blank = [post for post, is_so in zip(posts, is_blank, strict=True) if is_so]
    if blank:
        wave, count = _first_wave_of(blank, folder)
        alone = _OR_ALONE if folder.waves and wave is folder.waves[1] else ""
        raise CaodianError(
            "every drawn post must be coded by at least one coder",
            value=blank[0],
            where=f"{' and '.join(str(wave.path / name) for name in names)}: "
            f"`negative` is blank for {count} posts",
            remedy=f"Fill in `negative` with 1 or 0 in each row{alone}.",
        )


def _require_judged(judged: pd.DataFrame, disputed: list[str], folder: AuditFolder) -> None:
    decided = set(judged.dropna(subset="negative")["post_id"])
    undecided = [post for post in disputed if post not in decided]
    if undecided:
        wave, count = _first_wave_of(undecided, folder)
        is_second = bool(folder.waves) and wave is folder.waves[1]
        absent = len(set(undecided) - set(judged["post_id"]))
        lost = f" ({absent} have no row there: copy it from {CODER_A})" if absent else ""
        raise CaodianError(
            "the adjudicator must decide every post on which the coders differ",
            value=undecided[0],
            where=f"{wave.path / ADJUDICATED}, {count} undecided",
            remedy=_DECIDE_SECOND
            if is_second
            else f"Fill in `negative` of each{lost}, or move {ADJUDICATED} away: a difference then "
            "counts half.",
        )


# What a second wave that is not finished may be, too.
_OR_ALONE = f", or move the folder `{SECOND_FOLDER}` away: the first wave then counts alone"
_DECIDE_SECOND = f"Decide each (caodian audit disputes AUDIT lists them){_OR_ALONE}."


def _first_wave_of(posts: list[str], folder: AuditFolder) -> tuple[AuditFolder, int]:
    """Return the wave whose forms hold the first of some posts, and how many of them it holds."""
    wave = folder.wave_of(posts[0])
    return wave, len(set(posts) & set(wave.sample["post_id"]))


# Experts code some of the audited posts again, and tell what both coders have wrong alike.


def draw_gold_sheet(
    directory: Path | str, *, size: int = 100, seed: int = 1, codebook: Codebook | None = None
) -> int:
    """Write `gold.xlsx`, on which experts code some of the audited posts again.

    Parameters
    ----------
    directory
        Folder of an audit whose forms are filled in.
    size
        Posts to recode, half of them called negative by the audit.
    seed
        Of the draw.
    codebook
        The project's own by default.

    Returns
    -------
    int
        Posts on the sheet.

    Raises
    ------
    CaodianError
        When the audit is not coded, holds too few posts, or its experts have begun.
    """
    book = load_codebook() if codebook is None else codebook
    folder = open_folder(directory, book)
    final = settle_forms(folder).final
    drawn = pick_gold(folder, final, size, seed)
    write_gold(folder.path, drawn, book, {"size": size, "seed": seed, "marks": digest_codes(final)})
    return drawn.height


# The posts on which the two differ, ready for whoever decides.


def write_disputes(directory: Path | str, codebook: Codebook | None = None) -> tuple[Path, int]:
    """Write the posts on which two coders differ onto `adjudicated.xlsx`.

    The codes that both gave stand there already, what they differ on is named in `note`, and
    `negative` is blank on every row: a row counts once somebody has filled that in. Whose mark is
    whose is told nowhere.

    Parameters
    ----------
    directory
        Folder of an audit whose two forms are filled in. Once a second wave is coded it is about
        that one: the marks of the first decided which posts it holds.
    codebook
        The project's own by default.

    Returns
    -------
    tuple[Path, int]
        The sheet, and the posts on it; where the two agree there is none.

    Raises
    ------
    CaodianError
        When one person coded, or somebody has decided a dispute on the sheet that is there.
    """
    book = load_codebook() if codebook is None else codebook
    folder = open_folder(directory, book)
    wave = folder.waves[-1] if folder.waves else folder
    path = wave.path / ADJUDICATED
    is_kept = path.is_file() and not is_filled_by_program(wave.record, ADJUDICATED)
    if is_kept and holds_marks(path, [*wave.codes, *wave.subs], in_column="negative"):
        raise CaodianError(
            "decided disputes must not be written over", value=str(path),
            remedy=f"Move {ADJUDICATED} away first, or add the missing rows by hand.",
        )  # fmt: skip
    rows = _disputed_rows(wave)
    if rows or path.is_file():
        write_form(rows, book, path, with_subs=wave.has_subs)
    return path, len(rows)


def _disputed_rows(wave: AuditFolder) -> list[dict[str, object]]:
    """Return the rows of one wave's posts on which its coders differ."""
    found = [wave.read(name) for name in (CODER_A, CODER_B)]
    forms = [form.set_index("post_id") for form in found if form is not None]
    if len(forms) < 2 or any(form["negative"].isna().all() for form in forms):
        raise CaodianError(
            "two people must have coded before their differences can be listed",
            where=str(wave.path), remedy=f"Fill in {CODER_A} and {CODER_B}.",
        )  # fmt: skip
    targets = ["negative", *(name for name in (*wave.codes, *wave.subs) if name in forms[0])]
    rows = []
    for post in wave.sample.select("post_id", "channel", "text").to_dicts():
        first, second = (form.loc[post["post_id"], targets] for form in forms)
        if pd.isna(first["negative"]) or pd.isna(second["negative"]):
            continue  # coded by one alone: nobody differs
        differing = [name for name in targets if first[name] != second[name]]
        if differing:
            agreed = [name for name in targets[1:] if first[name] == second[name] == 1]
            rows.append({**post, **dict.fromkeys(agreed, 1), "note": "≠ " + " ".join(differing)})
    return rows


_COLUMNS = [
    "grievance",
    "items",
    "estimate",
    "low",
    "high",
    "audited",
    "carriers",
    "alpha",
    "alpha_low",
    "alpha_high",
    "coders",
    "coded_twice",
    "disputes",
    "open",
]


def score_audit(
    directory: Path | str,
    *,
    codebook: Codebook | None = None,
    names: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Return the corrected counts of an audit whose forms have come back.

    Post-stratified by bands of the coder's score and calibrated to the scores of all posts, a Beta
    interval with a guard for what nobody saw, agreement by Krippendorff's alpha (2004);
    `docs/method.md` has the measured coverage. `correct_counts` puts the estimates beside a table
    of counts.

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
        estimate, low, high (95 %, the coder's error only), audited, carriers (audited posts that
        carry it), alpha, alpha_low, alpha_high,
        coders (people who coded, 0 where they were simulated), coded_twice (posts that both coded),
        disputes (of these, differently for this code), open (disputes that nobody decided).
        What a reader must know beside the numbers is in `attrs["notes"]`, rows for sub-grievances
        and platforms (`platform:NAME`) in `attrs["details"]`.

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
    remedy = "Give the folder of `draw_audit`, its sheets filled in, such as 'audit'."
    require_path(directory, "an audit is scored from its folder", remedy)
    book = load_codebook() if codebook is None else codebook
    folder = open_folder(directory, book)
    called = _names_of(book) if names is None else names
    return score_codes(folder, settle_codes(folder), called)


def score_codes(
    folder: AuditFolder, settled: SettledCodes, names: Mapping[str, tuple[str, str]]
) -> pd.DataFrame:
    """Return the table of `score_audit` from codes that are settled.

    Parameters
    ----------
    folder
        The sample with its hidden side, and the record of the draw.
    settled
        What the people said, and what came of it.
    names
        What notes call each code, in Chinese and in English.
    """
    record = folder.record
    counts = estimate_counts(folder.sample, settled.final, left_out=record.get("left_out"))
    shared = _shared_errors(folder, settled)
    if settled.gold is not None:
        weights = folder.weights(settled.final["post_id"])
        counts = widen_by_gold(counts, settled.final, settled.gold, weights)
    else:
        counts = _move_by_shared(counts, shared)
    agreement = _measure_all_agreement(settled)
    for column in ("alpha", "alpha_low", "alpha_high"):
        values = [getattr(agreement.get(name), column, None) for name in counts["grievance"]]
        counts[column] = pd.Series(values, dtype="Float64").round(4)
    is_simulated = is_filled_by_program(record, CODER_A)
    counts["coders"] = 0 if is_simulated else len(settled.forms)
    counts["coded_twice"] = settled.coded_twice
    columns = [_coded_column(name) for name in counts["grievance"]]
    counts["disputes"] = [settled.disputes(name) for name in columns]
    counts["open"] = 0 if settled.is_adjudicated else counts["disputes"]
    is_main = ~counts["grievance"].str.contains(r"\.|^platform:")
    table = counts[is_main].reset_index(drop=True)[_COLUMNS]
    table.attrs["notes"] = write_notes(
        settled.facts, shared, names, record, agreement.get("negative"), gold=settled.gold_facts
    )
    table.attrs["has_gold"] = settled.gold is not None
    table.attrs["details"] = counts[~is_main].reset_index(drop=True)[_COLUMNS]
    return table


def _coded_column(target: str) -> str:
    """Return the column of the forms that decides a target."""
    return "negative" if target.startswith("platform:") else target


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


_FEWEST_TWICE = 100  # posts that both coded, to tell what both have wrong


def _move_by_shared(counts: pd.DataFrame, shared: Mapping[str, LeftError]) -> pd.DataFrame:
    """Take out of estimates what both coders have wrong alike where each errs by chance.

    The adjudicator sees what they differ on, and so no post that both turned round: two who each
    slip on one post in twenty leave one in 400 wrong, and of those far more are harmless posts than
    negative items.
    """
    moved = counts.copy()
    shifts = {name: error.shift for name, error in shared.items() if error.posts >= NOTICEABLE}
    shift = np.array([shifts.get(name, 0.0) for name in moved["grievance"]])
    for column in ("estimate", "low", "high"):
        moved[column] = (moved[column] + shift).clip(lower=moved["carriers"]).round(1)
    return moved


def _shared_errors(folder: AuditFolder, settled: SettledCodes) -> dict[str, LeftError]:
    """Return, by code, what both coders probably coded wrong, in the sample and in the window."""
    if settled.coded_twice < _FEWEST_TWICE or not settled.is_adjudicated:
        return {}
    a, b = settled.forms
    weight = folder.weights(settled.final["post_id"])
    found = {}
    for target in settled.targets:
        both = (a[target].notna() & b[target].notna()).to_numpy()
        first, second = (form[target][both].to_numpy(dtype=float) for form in (a, b))
        final = settled.final[target].to_numpy()[both]
        sample = estimate_shared_error(first, second, final)
        window = estimate_shared_error(first, second, final, weight[both])
        found[target] = LeftError(sample.missed + sample.invented, window.net)
    return found


# The marks as evidence of a report: whoever holds them can score the audit again.

# What the manifest of a report repeats of the record of the draw.
AUDIT_FACTS = ("seed", "size", "drawn", "frame", "left_out", "filled_by", SECOND_FOLDER, UNCODED)

# In the evidence of a report beside the marks: the coder learnt from the very text of this post.
LEARNT_TEXT = "learnt"

_FORMS = {CODER_A: "coder_a", CODER_B: "coder_b", ADJUDICATED: "adjudicated", GOLD: "gold"}


def list_marks(folder: AuditFolder, settled: SettledCodes) -> pl.DataFrame:
    """Return every mark of an audit beside its draw: neither texts nor notes are among it.

    Parameters
    ----------
    folder
        The sample with its hidden side.
    settled
        The forms.

    Returns
    -------
    pl.DataFrame
        post_id, stratum, inclusion_probability, machine, and by form and column a mark such as
        `coder_a.price` (1, 0, missing); in the order of the draw.
    """
    forms = dict(zip(settled.names, settled.forms, strict=True))
    if settled.judged is not None:
        forms[ADJUDICATED] = settled.judged.set_index("post_id")
    if settled.gold is not None:
        forms[GOLD] = settled.gold.set_index("post_id")
    columns = ["post_id", "stratum", "inclusion_probability", "machine"]
    marks = folder.sample.select(columns)
    posts = marks["post_id"].to_list()
    for name, form in forms.items():
        placed = form.reindex(posts)
        values = [
            pl.Series(f"{_FORMS[name]}.{target}", _as_marks(placed[target]), dtype=pl.Int8)
            for target in settled.targets
            if target in placed
        ]
        marks = marks.with_columns(values)
    return marks


def _as_marks(column: pd.Series) -> list[int | None]:
    return [None if pd.isna(mark) else int(mark) for mark in column]


def score_marks(
    marks: pl.DataFrame,
    record: Mapping[str, Any],
    names: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Score an audit again from its marks alone.

    Parameters
    ----------
    marks
        Of `list_marks`; posts may have other names, in the same order.
    record
        Seed, posts that were left out, and who filled the forms in, as the draw wrote it.
    names
        What notes call each code.

    Returns
    -------
    pd.DataFrame
        The table of `score_audit` with its details and notes.

    Examples
    --------
    >>> from analysis.audit.sampling import draw_sample
    >>> posts = pl.DataFrame({"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...                       "is_negative": [True, True], "grievances": [["delivery"], []]})
    >>> sample = draw_sample(posts, size=2, seed=1, codes=["delivery"]).sort("post_id")
    >>> marks = sample.with_columns(pl.Series("coder_a.negative", [1, 0], dtype=pl.Int8))
    >>> score_marks(marks, {"seed": 1})[["grievance", "items", "estimate"]].values.tolist()
    [['negative', 2, 1.0]]
    """
    folder, settled = _settle_marks(marks, record)
    codes = tuple(name for name in settled.targets[1:] if "." not in name)
    subs = tuple(name for name in settled.targets if "." in name)
    return score_codes(replace(folder, codes=codes, subs=subs), settled, names or {})


def _settle_marks(
    marks: pl.DataFrame, record: Mapping[str, Any]
) -> tuple[AuditFolder, SettledCodes]:
    """Settle the codes of an audit from its marks alone."""
    forms = {}
    for name, prefix in _FORMS.items():
        held = [column for column in marks.columns if column.startswith(f"{prefix}.")]
        if held:
            short = {column: column.removeprefix(f"{prefix}.") for column in held}
            form = marks.select("post_id", *held).rename(short).to_pandas()
            forms[name] = form.astype(dict.fromkeys(short.values(), "Int8"))
    judged, gold = forms.pop(ADJUDICATED, None), forms.pop(GOLD, None)
    people = tuple(form.set_index("post_id") for form in forms.values())
    folder = AuditFolder(Path(), marks, (), (), record)
    settled = _settle(people, tuple(forms), judged, folder)
    if gold is not None:
        settled = replace(settled, gold=place_codes(gold, settled.final))
    return folder, settled


def find_drift(marks: pl.DataFrame) -> pd.DataFrame:
    """Measure how far the coder drifts from the marks of an audit alone, as `measure_drift` does.

    Examples
    --------
    >>> from analysis.audit.sampling import draw_sample
    >>> posts = pl.DataFrame({"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...                       "is_negative": [True, True], "grievances": [["delivery"], []]})
    >>> sample = draw_sample(posts, size=2, seed=1, codes=["delivery"]).sort("post_id")
    >>> find_drift(sample.with_columns(pl.Series("coder_a.negative", [1, 0], dtype=pl.Int8))).empty
    True
    """
    _, settled = _settle_marks(marks, {})
    return measure_drift(marks, settled.final)
