"""From a drawn folder to corrected counts: simulated coders, adjudication, notes, refusals."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pytest

from analysis.audit.sampling import draw_sample
from analysis.audit.score import estimate_shared_error, score_audit, write_disputes
from analysis.audit.sheets import write_sheets
from analysis.audit.simulated_coders import fill
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError

Corpus = tuple[pl.DataFrame, pl.DataFrame]
COLUMNS = ["grievance", "items", "estimate", "low", "high", "audited", "carriers"]
COLUMNS += ["alpha", "alpha_low", "alpha_high", "coders", "coded_twice", "disputes", "open"]


def draw(corpus: Corpus, folder: Path, size: int = 300) -> Path:
    write_sheets(draw_sample(corpus[0], size=size, seed=1), load_codebook(), folder)
    return folder


def sheet_rows(path: Path) -> list[dict[str, object]]:
    lines = list(openpyxl.load_workbook(path)["coding"].iter_rows(values_only=True))
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


@pytest.mark.slow
def test_columns_and_rows_of_the_contract(corpus: Corpus, tmp_path: Path) -> None:
    fill(draw(corpus, tmp_path), corpus[1], 0.05, 1)
    table = score_audit(tmp_path)
    assert list(table) == COLUMNS
    assert table["grievance"].tolist() == ["negative", *load_codebook().code_names]
    assert (table["low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["high"]).all()
    assert (table["audited"] == 300).all()


@pytest.mark.slow
def test_coders_without_error_agree_wholly(corpus: Corpus, tmp_path: Path) -> None:
    fill(draw(corpus, tmp_path), corpus[1], 0.0, 1)
    assert sheet_rows(tmp_path / "adjudicated.xlsx") == []
    table = score_audit(tmp_path)
    assert (table["alpha"].dropna() == 1).all()
    notes = [note["en"] for note in table.attrs["notes"]]
    assert len(notes) == 4 and "handed in twice" in notes[3]
    assert "they differ on none" in notes[1] and "Krippendorff's alpha, is 1.00" in notes[2]


@pytest.mark.slow
@pytest.mark.parametrize("error", [0.05, 0.3])
def test_error_is_as_set_and_adjudication_takes_the_truth(
    corpus: Corpus, tmp_path: Path, error: float
) -> None:
    fill(draw(corpus, tmp_path, size=1_000), corpus[1], error, 1)
    codes = ("negative", *load_codebook().code_names)
    truth = {
        row["post_id"]: [int(row["is_negative"]), *(int(c in row["grievances"]) for c in codes[1:])]
        for row in corpus[1].to_dicts()
    }
    a, b, judged = (
        {row["post_id"]: [row[c] or 0 for c in codes] for row in sheet_rows(tmp_path / name)}
        for name in ("coder-a.xlsx", "coder-b.xlsx", "adjudicated.xlsx")
    )
    for coder in (a, b):
        wrong = sum(coder[post] != truth[post] for post in coder)
        assert wrong == pytest.approx(1_000 * error, rel=0.35)
        assert all(codes[0] or not any(codes[1:]) for codes in coder.values())
    assert set(judged) == {post for post in a if a[post] != b[post]}
    assert all(judged[post] == truth[post] for post in judged)


@pytest.mark.slow
def test_agreement_falls_with_error(corpus: Corpus, tmp_path: Path) -> None:
    alphas = []
    for error in (0.02, 0.2):
        fill(draw(corpus, tmp_path), corpus[1], error, 1)
        table = score_audit(tmp_path).set_index("grievance")
        alphas.append(table.loc["negative", "alpha"])
        assert table.loc["negative", "alpha_low"] <= alphas[-1]
        assert alphas[-1] <= table.loc["negative", "alpha_high"]
    assert alphas[0] > alphas[1]


@pytest.mark.slow
def test_same_seed_same_bytes(corpus: Corpus, tmp_path: Path) -> None:
    for name in ("first", "second"):
        fill(draw(corpus, tmp_path / name), corpus[1], 0.1, 3)
    for file in ("coder-a.xlsx", "coder-b.xlsx", "adjudicated.xlsx", "sample.parquet"):
        first, second = ((tmp_path / name / file).read_bytes() for name in ("first", "second"))
        assert first == second
    pd.testing.assert_frame_equal(score_audit(tmp_path / "first"), score_audit(tmp_path / "second"))


@pytest.mark.slow
def test_error_that_is_left_is_told(corpus: Corpus, tmp_path: Path) -> None:
    fill(draw(corpus, tmp_path, size=1_000), corpus[1], 0.25, 1)
    notes = score_audit(tmp_path).attrs["notes"]
    assert any("left after adjudication" in note["en"] for note in notes)
    (zh,) = (note["zh"] for note in notes if "裁定之后仍有编码误差" in note["zh"])
    (en,) = (note["en"] for note in notes if "left after adjudication" in note["en"])
    assert "after-sales service " in en and "售后服务 " in zh
    assert "_" not in zh + en and "platform:" not in zh + en
    assert not re.search("[一-鿿]", en.replace("：", ""))
    own = score_audit(tmp_path, names={"after_sales": ("货", "goods")}).attrs["notes"]
    assert any("goods " in note["en"] and "货 " in note["zh"] for note in own)


@pytest.mark.slow
def test_disputes_without_adjudicator_count_half(corpus: Corpus, tmp_path: Path) -> None:
    fill(draw(corpus, tmp_path), corpus[1], 0.1, 1)
    (tmp_path / "audit.json").unlink()  # it says that the coders are simulated
    judged = score_audit(tmp_path).set_index("grievance")["estimate"]
    (tmp_path / "adjudicated.xlsx").unlink()
    table = score_audit(tmp_path)
    assert any("nobody adjudicated" in note["en"] for note in table.attrs["notes"])
    assert (table["coders"] == 2).all() and (table["coded_twice"] == 300).all()
    assert (table["open"] == table["disputes"]).all() and table["disputes"].sum() > 20
    assert table.set_index("grievance")["estimate"]["negative"] != judged["negative"]


@pytest.mark.slow
def test_one_coder_is_enough_for_counts_but_not_for_alpha(corpus: Corpus, tmp_path: Path) -> None:
    fill(draw(corpus, tmp_path), corpus[1], 0.1, 1)
    for name in ("coder-b.xlsx", "adjudicated.xlsx", "audit.json"):
        (tmp_path / name).unlink()
    table = score_audit(tmp_path)
    assert table["alpha"].isna().all()
    assert table["estimate"].notna().all()
    assert (table["coders"] == 1).all() and (table["coded_twice"] == 0).all()
    assert any("by one person only" in note["en"] for note in table.attrs["notes"])


@pytest.mark.slow
def test_sub_grievances_are_coded_on_request(corpus: Corpus, tmp_path: Path) -> None:
    subs = pl.when(pl.col("grievances").list.contains("price")).then(
        pl.concat_list(pl.lit("price.price_surge"))
    )
    empty = pl.lit([], dtype=pl.List(pl.String))
    coded, truth = (
        frame.with_columns(subs.otherwise(empty).alias("sub_grievances")) for frame in corpus
    )
    sample = draw_sample(coded, size=500, seed=1)
    write_sheets(sample, load_codebook(), tmp_path, with_subs=True)
    fill(tmp_path, truth, 0.05, 1)
    details = score_audit(tmp_path).attrs["details"].set_index("grievance")
    count = truth["sub_grievances"].list.len().sum()
    assert details.loc["price.price_surge", "low"] <= count
    assert count <= details.loc["price.price_surge", "high"]


@pytest.mark.slow
def test_an_undecided_dispute_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    fill(draw(corpus, tmp_path), corpus[1], 0.2, 1)
    book = openpyxl.load_workbook(tmp_path / "adjudicated.xlsx")
    book["coding"].delete_rows(2)
    book.save(tmp_path / "adjudicated.xlsx")
    with pytest.raises(CaodianError, match=r"must decide every post.*copy it from coder-a\.xlsx"):
        score_audit(tmp_path)


SIX = ["一", "二", "三", "四", "五", "六"]


def mark(path: Path, marks: dict[str, dict[str, object]]) -> None:
    """Write marks into the row of each text."""
    book = openpyxl.load_workbook(path)
    sheet = book["coding"]
    names = [cell.value for cell in sheet[1]]
    for row in range(2, sheet.max_row + 1):
        for name, value in marks.get(sheet.cell(row, 3).value, {}).items():
            sheet.cell(row, names.index(name) + 1).value = value
    book.save(path)


@pytest.fixture
def six(tmp_path: Path) -> Path:
    """Two filled forms of six posts, which differ on four of them; one was coded by one alone."""
    posts = pl.DataFrame(
        {
            "post_id": [str(number) for number in range(6)],
            "text": SIX,
            "is_negative": [True, False] * 3,
            "grievances": [["delivery"], []] * 3,
        }
    )
    write_sheets(draw_sample(posts, size=6, seed=1), load_codebook(), tmp_path)
    late, none = {"negative": 1, "delivery": 1}, {"negative": 0}
    first = [late, {**late, "price": 1}, late, late, none, none]
    second = [late, late, {"negative": 1, "price": "√"}, none, {"negative": "是"}, {}]
    for name, rows in (("coder-a.xlsx", first), ("coder-b.xlsx", second)):
        mark(tmp_path / name, dict(zip(SIX, rows, strict=True)))
    return tmp_path


def test_disputes_are_written_for_whoever_decides(six: Path) -> None:
    sheet = six / "adjudicated.xlsx"
    assert write_disputes(six) == (sheet, 4)
    rows = {row["text"]: row for row in sheet_rows(sheet)}
    told = {text: (row["delivery"], row["price"], row["note"]) for text, row in rows.items()}
    assert told == {
        "二": (1, None, "≠ price"),
        "三": (None, None, "≠ price delivery"),
        "四": (None, None, "≠ negative delivery"),
        "五": (None, None, "≠ negative"),
    }
    assert {row["negative"] for row in rows.values()} == {None}
    assert write_disputes(six) == (sheet, 4)  # nobody has decided yet
    with pytest.raises(CaodianError, match=r"row \d, negative is blank.*counts as decided with it"):
        score_audit(six)


def test_decided_disputes_are_scored_and_not_written_over(six: Path) -> None:
    write_disputes(six)
    mark(six / "adjudicated.xlsx", {text: {"negative": 1} for text in "二三四"})
    with pytest.raises(CaodianError, match=r"1 undecided\). Fill in `negative` of each, or move"):
        score_audit(six)
    with pytest.raises(CaodianError, match="must not be written over"):
        write_disputes(six)
    mark(six / "adjudicated.xlsx", {"五": {"negative": 0}})
    table = score_audit(six).set_index("grievance")
    assert table.loc[["negative", "delivery", "price"], "estimate"].tolist() == [4, 2, 0]
    assert (table["open"] == 0).all()


def test_what_a_third_form_changes_beyond_disputes_is_told(six: Path) -> None:
    """It counts for every post on it: before, nothing said that it had overruled two who agreed."""
    write_disputes(six)
    mark(six / "adjudicated.xlsx", {text: {"negative": 1} for text in "二三四五"})
    assert "third form also" not in told_of(six)
    book = openpyxl.load_workbook(six / "adjudicated.xlsx")
    posts = {row["text"]: row["post_id"] for row in sheet_rows(six / "coder-a.xlsx")}
    book["coding"].append([posts["一"], None, "一", 0])  # on which nobody differed
    book["coding"].append([posts["六"], None, "六", 0])  # as its coder has it
    book.save(six / "adjudicated.xlsx")
    assert "The third form also changed 1 posts on which nobody differed; it stands." in told_of(
        six
    )
    assert score_audit(six)["estimate"][0] == 4
    (six / "coder-b.xlsx").unlink()
    assert "third form also changed 5 posts that this person had coded otherwise" in told_of(six)


def told_of(folder: Path) -> str:
    return " ".join(note["en"] for note in score_audit(folder).attrs["notes"])


def test_who_agrees_or_is_alone_has_no_disputes(six: Path) -> None:
    shutil.copy(six / "coder-a.xlsx", six / "coder-b.xlsx")
    assert write_disputes(six)[1] == 0
    assert not (six / "adjudicated.xlsx").exists()
    blank = dict.fromkeys(["negative", "price", "delivery"])
    mark(six / "coder-b.xlsx", dict.fromkeys(SIX, blank))
    with pytest.raises(CaodianError, match="two people must have coded"):
        write_disputes(six)


def test_unfilled_forms_are_refused(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(CaodianError, match="coded by at least one coder"):
        score_audit(draw(corpus, tmp_path))


@pytest.mark.parametrize("name", ["sample.parquet", "machine.parquet"])
def test_an_incomplete_folder_is_refused(corpus: Corpus, tmp_path: Path, name: str) -> None:
    (draw(corpus, tmp_path) / name).unlink()
    with pytest.raises(CaodianError, match=name):
        score_audit(tmp_path)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(CaodianError, match=r"sample\.parquet"):
        score_audit(tmp_path / "nowhere")


def test_a_truth_of_another_corpus_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    draw(corpus, tmp_path)
    with pytest.raises(CaodianError, match="every drawn post"):
        fill(tmp_path, corpus[1].head(10), 0.1, 1)
    with pytest.raises(CaodianError, match="probability"):
        fill(tmp_path, corpus[1], 1.5, 1)


def test_recovers_what_both_missed_and_what_both_invented() -> None:
    generator = np.random.default_rng(2)
    truth = (generator.random(200_000) < 0.2).astype(int)
    wrong = [
        np.where(truth == 1, generator.random(200_000) < 0.2, generator.random(200_000) < 0.05)
        for _coder in range(2)
    ]
    a, b = (np.where(slip, 1 - truth, truth) for slip in wrong)
    final = np.where(a == b, a, truth)
    shared = estimate_shared_error(a, b, final)
    assert shared.missed == pytest.approx((wrong[0] & wrong[1] & (truth == 1)).sum(), rel=0.1)
    assert shared.invented == pytest.approx((wrong[0] & wrong[1] & (truth == 0)).sum(), rel=0.1)
    assert shared.net == pytest.approx(shared.missed - shared.invented)


def test_weights_carry_the_sample_to_the_window() -> None:
    a = np.array([1] * 90 + [0] * 10)
    b = np.array([1] * 80 + [0] * 10 + [1] * 10)
    final = np.ones(100, dtype=int)
    plain = estimate_shared_error(a, b, final).missed
    scaled = estimate_shared_error(a, b, final, np.full(100, 50.0)).missed
    assert scaled == pytest.approx(50 * plain)


def test_coders_who_agree_leave_nothing() -> None:
    codes = np.array([1, 0, 1])
    assert estimate_shared_error(codes, codes, codes).net == 0
