"""Audits through the door: draw from a frame of either kind, score the folder, correct counts."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

import analysis as cd
from analysis.audit.sampling import draw_sample
from analysis.audit.simulated_coders import fill
from analysis.cli.audit import _require_posts_of
from analysis.errors import CaodianError

Corpus = tuple[pl.DataFrame, pl.DataFrame]
DRAWN = ["post_id", "stratum", "inclusion_probability", "channel", "text"]


def test_either_kind_of_frame_draws_the_same_posts_and_no_hidden_side(corpus: Corpus) -> None:
    coded = corpus[0]
    expected = draw_sample(coded, size=120, seed=4)
    drawn = cd.draw_audit(coded, size=120, seed=4)
    assert isinstance(drawn, pl.DataFrame)
    assert drawn.equals(expected.select(DRAWN))
    ours = coded.to_pandas().set_index("channel", drop=False)
    again = cd.draw_audit(ours, size=120, seed=4)
    assert isinstance(again, pd.DataFrame)
    assert again.columns.tolist() == DRAWN
    assert [tuple(row) for row in again.itertuples(index=False)] == drawn.rows()


@pytest.mark.slow
def test_an_audit_corrects_the_counts_it_was_drawn_for(corpus: Corpus, tmp_path: Path) -> None:
    coded, truth = corpus
    cd.draw_audit(coded.to_pandas(), tmp_path, size=400)
    fill(tmp_path, truth, error=0, seed=1)
    audit = cd.score_audit(tmp_path)
    counts = cd.count_grievances(coded.to_pandas())
    corrected = cd.correct_counts(counts, audit)
    assert corrected.columns.tolist() == counts.columns.tolist()
    assert corrected["items"].tolist() == counts["items"].tolist()
    found = corrected.set_index("grievance")
    assert pd.isna(found.loc["all", "estimate"])
    planted = truth["is_negative"].sum()
    assert found.loc["negative", "low"] <= planted <= found.loc["negative", "high"]
    by_name = audit.set_index("grievance")
    assert found.loc["price", "estimate"] == by_name.loc["price", "estimate"]
    polars = cd.correct_counts(pl.DataFrame(counts), audit)
    assert polars["estimate"].to_list()[1:] == by_name["estimate"].tolist()


def test_sub_grievances_and_platforms_take_the_rows_beside_the_audit() -> None:
    audit = pd.DataFrame({"grievance": ["price"], "estimate": [9.0], "low": [7.0], "high": [12.0]})
    audit.attrs["details"] = pd.DataFrame(
        {
            "grievance": ["platform:得物", "price.price_surge"],
            "estimate": [5.0, 4.0],
            "low": [4.0, 3.0],
            "high": [6.0, 5.0],
        }
    )
    platforms = pd.DataFrame({"platform": ["京东", "得物"], "items": [1, 2]}, index=[3, 3])
    corrected = cd.correct_counts(platforms, audit)
    assert corrected["estimate"].fillna(-1).tolist() == [-1, 5]
    assert corrected.index.tolist() == [3, 3]
    subs = pd.DataFrame(
        {"grievance": ["price"], "sub_grievance": ["price.price_surge"], "items": [3]}
    )
    assert cd.correct_counts(subs, audit)["estimate"].tolist() == [4]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"date": ["2020-06-01"], "grievance": ["price"], "items": [1]}, "counts by date"),
        ({"channel": ["weibo"], "items": [1]}, "by grievance, sub-grievance or platform"),
    ],
)
def test_counts_that_no_audit_corrects_are_refused(counts: object, message: str) -> None:
    audit = pd.DataFrame({"grievance": ["price"], "estimate": [9.0], "low": [7.0], "high": [12.0]})
    with pytest.raises(cd.CaodianError, match=message):
        cd.correct_counts(pd.DataFrame(counts), audit)


def test_what_is_no_audit_is_refused() -> None:
    counts = pd.DataFrame({"grievance": ["price"], "items": [1]})
    with pytest.raises(cd.CaodianError, match=r"column estimate.*table of score_audit"):
        cd.correct_counts(counts, counts)


def test_uncoded_posts_are_not_drawn() -> None:
    with pytest.raises(cd.CaodianError, match=r"column is_negative.*Code the posts"):
        cd.draw_audit(pd.DataFrame({"text": ["慢"]}))


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ([3, 1], None),
        ([None, None], None),  # withheld from the tables of a public build
        ([4, 1], "posts 4 and 3, negative items 1 and 1"),
        ([3, 2], "posts 3 and 3, negative items 2 and 1"),
    ],
)
def test_posts_that_a_later_run_left_are_not_drawn(
    items: list[int | None], told: str | None
) -> None:
    posts = pl.LazyFrame({"post_id": ["1", "2", "3"], "is_negative": [True, False, None]})
    counts = pd.DataFrame({"grievance": ["all", "negative"], "items": items})
    run = SimpleNamespace(
        scan_coded=lambda: posts,
        table=lambda _: counts,
        folder=Path("build/made"),
        study=SimpleNamespace(name="made"),
    )
    with nullcontext() if told is None else pytest.raises(CaodianError, match=told):
        _require_posts_of(run)  # type: ignore[arg-type]
