"""Score an audit: agreement of the coders and corrected counts, from the audit's folder alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.audit.agreement import Agreement, measure_agreement
from analysis.audit.audit_folder import AuditFolder, open_folder
from analysis.audit.coder_error import estimate_shared_error
from analysis.audit.correction import estimate_counts
from analysis.audit.prediction_powered import prediction_powered_counts
from analysis.audit.score_notes import LeftError, write_notes
from analysis.audit.settled_codes import SettledCodes, settle_codes
from analysis.coding.codebook import Codebook, load_codebook

COLUMNS = [
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
    agreement = measure_all_agreement(settled)
    for column in ("alpha", "alpha_low", "alpha_high"):
        values = [getattr(agreement.get(name), column, None) for name in counts["grievance"]]
        counts[column] = pd.Series(values, dtype="Float64").round(4)
    is_main = counts["grievance"].isin(["negative", *book.code_names])
    table = counts[is_main].reset_index(drop=True)[COLUMNS]
    table.attrs["notes"] = write_notes(
        settled, shared_errors(folder, settled), _names_of(book) if names is None else names
    )
    table.attrs["details"] = counts[~is_main].reset_index(drop=True)[COLUMNS]
    table.attrs["prediction_powered"] = prediction_powered_counts(folder.sample, settled.final)
    return table


def _names_of(book: Codebook) -> dict[str, tuple[str, str]]:
    """Return the codebook's names of negative items, codes and sub-grievances."""
    names = {"negative": (book.negative.zh, book.negative.en)}
    for code, entry in book.codes.items():
        names[code] = (entry.zh, entry.en)
        names |= {f"{code}.{name}": (sub.zh, sub.en) for name, sub in entry.subs.items()}
    return names


def measure_all_agreement(settled: SettledCodes) -> dict[str, Agreement]:
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


def shared_errors(folder: AuditFolder, settled: SettledCodes) -> dict[str, LeftError]:
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
        found[target] = LeftError(sample.missed + sample.invented, window.net)
    return found
