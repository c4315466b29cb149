"""A second wave: drawn where the first was unsure, without bias, bound to what it was drawn for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pytest

from analysis.audit.score import (
    list_marks,
    score_audit,
    score_marks,
    settle_codes,
    write_disputes,
)
from analysis.audit.second_wave import aim_second_wave, draw_second_wave
from analysis.audit.sheets import draw_audit, open_folder
from analysis.audit.simulated_coders import fill
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError

Corpus = tuple[pl.DataFrame, pl.DataFrame]
SIZE, MORE = 120, 80


@pytest.mark.parametrize(
    ("posts", "first", "size", "measured", "expected"),
    [
        # as planned: all posts weigh the same, as in one sample of 60
        ([600], [20], 40, [0.3], ([40], [10.0], [10.0])),
        # twice as unsure as the other: twice the posts, each standing for half as many
        ([600, 600], [20, 20], 60, [0.4, 0.2], ([40, 20], [12.0, 12.0], [9.0, 18.0])),
        # nothing was found in the second: it still gets a third of what was planned
        ([600, 600], [20, 20], 60, [0.4, 0.0], ([50, 10], [12.0, 12.0], [7.2, 36.0])),
        # all that is left
        ([30, 40], [10, 10], 500, [0.1, 0.9], ([20, 30], [1.0, 1.0], [1.0, 1.0])),
        # the first drew them all
        ([10, 600], [10, 20], 40, [0.9, 0.1], ([0, 40], [1.0, 10.0], [0.0, 10.0])),
    ],
)
def test_a_wave_is_aimed_at_what_is_unsure_with_weights_that_add_up(
    posts: list[int],
    first: list[int],
    size: int,
    measured: list[float],
    expected: tuple[list[int], list[float], list[float]],
) -> None:
    waves = aim_second_wave(
        np.array(posts), np.array(first), size,
        planned=np.full(len(posts), 0.3), measured=np.array(measured),
    )  # fmt: skip
    assert waves.second.tolist() == expected[0]
    assert waves.first_weight.tolist() == pytest.approx(expected[1])
    assert waves.second_weight.tolist() == pytest.approx(expected[2])
    whole = np.array(first) * waves.first_weight + waves.second * waves.second_weight
    assert whole.tolist() == pytest.approx(posts)


def test_an_unlucky_first_wave_does_not_bias_the_two() -> None:
    """Rare posts in one of two strata: pooled by what was drawn in the end they would be missed."""
    rng = np.random.default_rng(7)
    posts, first, rare = np.array([2_000, 2_000]), np.array([40, 40]), 60
    waves = {}
    for seen in range(12):
        rate = (seen + 0.05) / (first[0] + 1)
        measured = np.array([np.sqrt(rate * (1 - rate)), 0.2])
        waves[seen] = aim_second_wave(posts, first, 80, planned=np.full(2, 0.3), measured=measured)
    totals, pooled = [], []
    for seen in rng.hypergeometric(rare, posts[0] - rare, first[0], size=4_000).tolist():
        wave, left = waves[seen], posts[0] - first[0] - rare + seen
        more = rng.hypergeometric(rare - seen, left, wave.second[0])
        totals.append(seen * wave.first_weight[0] + more * wave.second_weight[0])
        pooled.append((seen + more) * posts[0] / (first[0] + wave.second[0]))
    error = np.std(totals) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - rare) < 4 * error
    assert np.mean(pooled) < rare - 4 * error  # what the weights are for


@pytest.fixture(scope="module")
def coded(corpus_maker: Callable[..., Corpus]) -> Corpus:
    return corpus_maker(3_000)


@pytest.fixture(scope="module")
def drawn(coded: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit whose forms are filled in, and a second wave of which nobody has coded a post."""
    folder = tmp_path_factory.mktemp("waves") / "audit"
    draw_audit(coded[0], folder, size=SIZE, seed=3)
    fill(folder, coded[1], error=0.05, seed=1)
    draw_second_wave(coded[0], folder, size=MORE, seed=4, codes=["price"])
    return folder


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "audit"))


@pytest.mark.slow
def test_both_waves_are_scored_together_once_the_second_is_begun(
    folder: Path, coded: Corpus
) -> None:
    alone = score_audit(folder)
    assert (alone["audited"] == SIZE).all()  # nobody has begun
    told = " ".join(note["en"] + note["zh"] for note in alone.attrs["notes"])
    assert f"second wave of {MORE} posts was drawn, and nobody has coded it" in told
    assert f"另抽了第二轮 {MORE} 条，还没有人编" in told and "two waves" not in told
    fill(folder, coded[1], error=0.05, seed=2)
    decided = folder / "second/adjudicated.xlsx"
    posts = [row[0].value for row in openpyxl.load_workbook(decided)["coding"]]
    assert write_disputes(folder) == (decided, len(posts) - 1)
    assert [row[0].value for row in openpyxl.load_workbook(decided)["coding"]] == posts
    fill(folder, coded[1], error=0.05, seed=2)
    table = score_audit(folder)
    assert (table["audited"] == SIZE + MORE).all()
    opened = open_folder(folder, load_codebook())
    sample = opened.sample
    assert sample["post_id"].n_unique() == SIZE + MORE
    assert (1 / sample["inclusion_probability"]).sum() == pytest.approx(3_000)
    assert opened.record["drawn"] == SIZE + MORE
    width = (table["high"] - table["low"]).sum() / (alone["high"] - alone["low"]).sum()
    assert width < 0.9
    note = next(note for note in table.attrs["notes"] if "two waves" in note["en"])
    assert f"once the first {SIZE} posts were coded, {MORE} more" in note["en"]
    assert f"第一轮的 {SIZE} 条编完以后" in note["zh"]
    assert len(list(openpyxl.load_workbook(folder / "second/coder-a.xlsx")["coding"])) == MORE + 1
    marks = list_marks(opened, settle_codes(opened))  # the evidence gives the same numbers
    again = score_marks(marks.sort("post_id"), opened.record)
    pd.testing.assert_frame_equal(again[["estimate", "low"]], table[["estimate", "low"]])


@pytest.mark.slow
def test_two_waves_of_all_posts_return_the_truth(
    corpus_maker: Callable[..., Corpus], tmp_path: Path
) -> None:
    posts, truth = corpus_maker(300)
    draw_audit(posts, tmp_path, size=100)
    fill(tmp_path, truth, error=0.0, seed=1)
    more = draw_second_wave(posts, tmp_path, size=5_000)
    assert more.height == 200
    fill(tmp_path, truth, error=0.0, seed=1)
    row = score_audit(tmp_path).iloc[0]
    found = truth["is_negative"].sum()
    assert row[["estimate", "low", "high"]].tolist() == [found] * 3


@pytest.mark.slow
def test_the_order_of_posts_does_not_matter(coded: Corpus, folder: Path) -> None:
    before = pl.read_parquet(folder / "second/sample.parquet")
    draw_second_wave(coded[0].reverse(), folder, size=MORE, seed=4, codes=["price"])
    assert pl.read_parquet(folder / "second/sample.parquet").equals(before)
    draw_second_wave(coded[0], folder, size=MORE, seed=5, codes=["price"])
    assert not pl.read_parquet(folder / "second/sample.parquet").equals(before)


def _turn(form: Path) -> None:
    """Turn one empty mark of a negative item."""
    book = openpyxl.load_workbook(form)
    sheet = book["coding"]
    cell = next(row[3] for row in sheet.iter_rows(min_row=2) if row[3].value == 0)
    cell.value = 1
    book.save(form)


@pytest.mark.slow
def test_a_wave_of_other_marks_or_another_audit_is_refused(folder: Path, coded: Corpus) -> None:
    fill(folder, coded[1], error=0.05, seed=2)
    with pytest.raises(CaodianError, match="nothing without the first"):
        score_audit(folder / "second")
    (folder / "second").rename(folder / "second (1)")
    with pytest.raises(CaodianError, match=r"found 'second \(1\)'.*Rename it to second"):
        score_audit(folder)
    (folder / "second (1)").rename(folder / "second")
    other = folder.parent / "other"
    draw_audit(coded[0], other, size=SIZE, seed=9)
    fill(other, coded[1], error=0.05, seed=1)
    shutil.copytree(folder / "second", other / "second")
    with pytest.raises(CaodianError, match="must be of the first one beside it"):
        score_audit(other)
    with pytest.raises(CaodianError, match="in which somebody has coded"):
        people = json.loads((folder / "second/audit.json").read_text("utf-8"))
        del people["filled_by"]
        (folder / "second/audit.json").write_text(json.dumps(people), "utf-8")
        draw_second_wave(coded[0], folder, size=MORE)
    for name in ("coder-a.xlsx", "coder-b.xlsx"):
        _turn(folder / name)
    for place in (folder, folder / "second"):
        (place / "adjudicated.xlsx").unlink()
    with pytest.raises(CaodianError, match="of the codes that the first one has"):
        score_audit(folder)


@pytest.mark.slow
def test_what_is_open_in_the_second_wave_is_looked_for_there(folder: Path, coded: Corpus) -> None:
    fill(folder, coded[1], error=0.2, seed=2)
    book = openpyxl.load_workbook(folder / "second/adjudicated.xlsx")
    book["coding"].delete_rows(3)
    book.save(folder / "second/adjudicated.xlsx")
    with pytest.raises(CaodianError, match=r"second/adjudicated\.xlsx, 1 undecided.*`second` away"):
        score_audit(folder)
    (folder / "second/adjudicated.xlsx").unlink()
    (folder / "adjudicated.xlsx").unlink()
    for name in ("coder-a.xlsx", "coder-b.xlsx"):  # one mark is left
        book = openpyxl.load_workbook(folder / "second" / name)
        for row in book["coding"].iter_rows(min_row=3):
            for cell in row[3:]:
                cell.value = None
        book.save(folder / "second" / name)
    blank = rf"second/coder-a\.xlsx and \S+second/coder-b\.xlsx: .* blank for {MORE - 1} posts"
    with pytest.raises(CaodianError, match=f"{blank}.*move the folder `second` away"):
        score_audit(folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"codes": ["prize"]}, "Did you mean 'price'"),
        ({"size": 0}, "at least one post"),
        ({"posts": 2_900}, "posts: 3000 in the audit, 2900 in the report"),
        ({"gold": True}, "before experts recode"),
        ({"open": True}, r"must be decided before a second wave: found '\d+ posts'.*disputes"),
        (
            {"blank": True},
            r"audit/coder-a\.xlsx.*1 posts.*Code the first wave, then draw the second",
        ),
    ],
)
def test_a_wave_that_cannot_be_drawn_is_refused(
    folder: Path, coded: Corpus, change: dict[str, object], message: str
) -> None:
    posts = coded[0].head(int(str(change.pop("posts", 3_000))))
    if change.pop("gold", False):
        (folder / "gold.xlsx").write_bytes((folder / "coder-a.xlsx").read_bytes())
    if change.pop("open", False):
        (folder / "adjudicated.xlsx").unlink()
    if change.pop("blank", False):
        (folder / "coder-b.xlsx").unlink()
        book = openpyxl.load_workbook(folder / "coder-a.xlsx")
        book["coding"]["D2"].value = None
        book.save(folder / "coder-a.xlsx")
    with pytest.raises(CaodianError, match=message):
        draw_second_wave(posts, folder, **{"size": MORE, **change})  # type: ignore[arg-type]


def test_the_committed_cells_hold_what_the_report_says() -> None:
    """Two waves cover, are never much wider than one, and narrower where they are aimed."""
    cells = pd.read_csv(Path(__file__).parents[2] / "benchmarks/validity/second_wave.csv")
    keys = ["coder", "condition", "first", "second"]
    assert len(cells[keys].drop_duplicates()) == 14 and (cells["runs"] >= 600).all()
    ways = cells.pivot_table(index=[*keys, "target"], columns="way", sort=False)
    covered, width = ways["coverage"], ways["half_width_pct"]
    assert covered["two waves"].min() >= 0.93
    assert covered["two waves"].mean() > 0.955
    ratio = width["two waves"] / width["one wave"]
    assert ratio.groupby(keys).mean().max() < 1.0
    aimed = (width["aimed at c1.7"] / width["one wave"]).xs("c1.7", level="target")
    assert aimed.max() < 1.0 and aimed.mean() < 0.9
