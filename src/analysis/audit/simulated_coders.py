"""Simulated coders with a set error, for simulated corpora whose truth is known.

With probability `error` per post a coder turns `negative` round, or drops, adds or swaps one code
for a near one, as tired people do. The two coders err independently. The adjudicator sees only
their disagreements and decides as the truth has it: posts that both coded wrong in the same way
stay wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.audit.sheet_reading import (
    ADJUDICATED,
    CODER_A,
    CODER_B,
    GOLD,
    RECORD_FILE,
    SECOND_FOLDER,
    read_posts_of,
)
from analysis.audit.sheets import (
    AuditFolder,
    open_folder,
    open_wave,
    read_record,
    refuse_begun,
    write_form,
    write_record,
)
from analysis.coding.codebook import Codebook, load_codebook
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy
from analysis.schema import parse_columns

_STREAM = 0xC0DE
_NEAR = {
    "live_streaming": ("counterfeit", "product_quality"),
    "price": ("unfair_terms", "red_envelope"),
    "sms_harassment": ("unfair_terms",),
    "red_envelope": ("price", "unfair_terms"),
    "counterfeit": ("product_quality", "live_streaming"),
    "unfair_terms": ("after_sales", "price"),
    "delivery": ("after_sales",),
    "after_sales": ("unfair_terms", "delivery", "product_quality"),
    "product_quality": ("counterfeit", "after_sales"),
}
_Row = dict[str, object]


def fill(
    directory: Path | str,
    truth: AnyFrame,
    error: float,
    seed: int,
    codebook: Codebook | None = None,
) -> None:
    """Fill both forms of an audit folder from the truth, with error, and adjudicate.

    Parameters
    ----------
    directory
        Folder of `audit draw`; once a second wave was drawn, that one is filled.
    truth
        What the simulator planted: (source,) post_id, is_negative, grievances, voice, and
        sub_grievances where the forms ask for them.
    error
        Probability per post and coder of one slip.
    seed
        Seed of the slips.
    codebook
        The project's own by default.

    Raises
    ------
    CaodianError
        When the folder holds no sample, people have coded on its forms, the truth lacks a drawn
        post, or the error is no probability.
    """
    if not 0 <= error <= 1:
        raise CaodianError("a coder's error must be a probability", value=error, where="--error")
    book = load_codebook() if codebook is None else codebook
    folder = open_wave(_last_wave(Path(directory)), book)
    refuse_begun(folder.path, book, (CODER_A, CODER_B))
    right = _true_rows(folder, truth, book)
    generator = np.random.default_rng([seed, _STREAM])
    coders = [[_slip(row, folder.codes, error, generator) for row in right] for _ in range(2)]
    for name, rows in zip((CODER_A, CODER_B), coders, strict=True):
        write_form(rows, book, folder.path / name, with_subs=folder.has_subs)
    compared = ("negative", *folder.codes, *folder.subs)
    disputed = [
        row
        for row, a, b in zip(right, *coders, strict=True)
        if any(a.get(name, 0) != b.get(name, 0) for name in compared)
    ]
    write_form(disputed, book, folder.path / ADJUDICATED, with_subs=folder.has_subs)
    filled_by = {"filled_by": f"simulated coders, error {error}"}
    write_record(folder.path, {**read_record(folder.path), **filled_by})


def _last_wave(directory: Path) -> Path:
    """Return the folder of the second wave where one was drawn: the first is coded then."""
    second = directory / SECOND_FOLDER
    return second if (second / RECORD_FILE).is_file() else directory


def fill_gold(directory: Path | str, truth: AnyFrame, codebook: Codebook | None = None) -> None:
    """Fill the experts' sheet of an audit folder from the truth; experts make no error.

    Parameters
    ----------
    directory
        Folder of `audit gold`.
    truth
        What the simulator planted, as for `fill`.
    codebook
        The project's own by default.

    Raises
    ------
    CaodianError
        When no such sheet was drawn, experts have coded on it, or the truth lacks a post.
    """
    book = load_codebook() if codebook is None else codebook
    folder = open_folder(directory, book)
    record = read_record(folder.path)
    if "gold" not in record or not (folder.path / GOLD).is_file():
        raise CaodianError(
            f"the folder must hold {GOLD} as it was drawn",
            value=str(directory),
            remedy="Draw it: caodian audit gold FOLDER.",
        )
    refuse_begun(folder.path, book, (GOLD,))
    drawn = set(read_posts_of(folder.path / GOLD, book))
    rows = [row for row in _true_rows(folder, truth, book) if row["post_id"] in drawn]
    write_form(rows, book, folder.path / GOLD)
    filled_by = {"filled_by": "simulated experts, without error"}
    write_record(folder.path, {**record, "gold": {**record["gold"], **filled_by}})


def _true_rows(folder: AuditFolder, truth: AnyFrame, codebook: Codebook) -> list[_Row]:
    """Return the forms' rows as a coder without error would fill them, in the sample's order."""
    known = {str(row["name"]): row for row in _named_truth(truth, folder.sample["post_id"])}
    missing = [post for post in folder.sample["post_id"] if post not in known]
    if missing:
        raise CaodianError(
            "the truth must hold every drawn post",
            value=missing[0],
            where=f"{len(missing)} posts missing",
            remedy="Use the truth of the corpus that the sample was drawn from.",
        )
    rows: list[_Row] = []
    for post in folder.sample.select("post_id", "channel", "text").iter_rows(named=True):
        planted = known[post["post_id"]]
        given = set(planted["grievances"] or []) | set(planted.get("sub_grievances") or [])
        codes = {name: int(name in given) for name in codebook.code_names}
        subs = {name: int(name in given) for name in folder.subs}
        negative = int(bool(planted["is_negative"]))
        rows.append({**post, "negative": negative, **codes, **subs, "voice": planted.get("voice")})
    return rows


def _named_truth(truth: AnyFrame, names: pl.Series) -> list[dict[str, Any]]:
    """Return the truth's rows of the drawn posts, by the name that the sample uses."""
    lazy = as_lazy(truth)
    present = lazy.collect_schema().names()
    for column in ("post_id", "is_negative", "grievances"):
        if column not in present:
            raise CaodianError(f"a truth must hold the column `{column}`", value=present)
    short = pl.col("post_id").cast(pl.String)
    options = [short]
    if "source" in present:
        options.append(pl.concat_str("source", pl.lit(":"), short))
    optional = [name for name in ("sub_grievances", "voice") if name in present]
    columns = ["is_negative", "grievances", *optional]
    drawn = pl.col("name").is_in(names.implode())
    found = [lazy.select(name.alias("name"), *columns).filter(drawn) for name in options]
    table = pl.concat(found).unique("name", keep="first", maintain_order=True)
    return parse_columns(table.collect(engine="streaming")).to_dicts()


def _slip(row: _Row, codes: Sequence[str], error: float, generator: np.random.Generator) -> _Row:
    """Return the row as one coder fills it: right, or with one slip."""
    chance, kind, *places = generator.random(4)  # always four: a slip does not shift later ones
    coded = dict(row)
    if chance < error:
        given = [code for code in codes if row[code]]
        slips = ["turn", "add", "drop", "swap"] if given else ["turn", "add"]
        slip = slips[int(kind * len(slips))] if row["negative"] else "turn"
        dropped, added = _change(slip, codes, given, places)
        for name, value in coded.items():
            if name.split(".")[0] in dropped and isinstance(value, int):
                coded[name] = 0
        coded |= dict.fromkeys(added, 1)
        if slip == "turn":
            coded["negative"] = 1 - int(bool(row["negative"]))
    return coded


def _change(
    slip: str, codes: Sequence[str], given: list[str], places: list[float]
) -> tuple[list[str], list[str]]:
    """Return the codes that a slip takes away and those that it adds."""
    if slip == "turn":
        return given, []
    at = _pick(given or codes, places[0])
    near = [code for code in _NEAR.get(at, ()) if code in codes and code not in given]
    others = near or [code for code in codes if code not in given]
    added = [_pick(others, places[1])] if slip in ("add", "swap") and others else []
    return ([at] if slip in ("drop", "swap") else []), added


def _pick(names: Sequence[str], place: float) -> str:
    return names[int(place * len(names))]
