"""Reviews of stars alone: nobody can code them, so no audit draws them, and they still count."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.audit.machine_scores import describe_frame, leave_out, read_machine_coding
from analysis.audit.sampling import draw_from, plan_audit
from analysis.audit.score import score_audit
from analysis.audit.second_wave import require_audit_of
from analysis.audit.sheets import draw_audit, open_folder, read_record, write_sheets
from analysis.audit.simulated_coders import fill
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError

BLANK = [
    "",
    None,
    "  \u3000\n",
    "此用户没有填写评价内容",
    "系统默认好评",
    "买家未及时作出评价,系统默认好评!",
]
SAID = ["差", "😡😡", "10086", "此用户没有填写评价，我来说：差", "……"]
BOOK = load_codebook()


def reviews(texts: list[str | None], called: set[int]) -> pl.DataFrame:
    numbers = range(len(texts))
    return pl.DataFrame(
        {
            "source": "table",
            "post_id": [str(number) for number in numbers],
            "text": texts,
            "rating": [1.0 + number % 5 for number in numbers],
            "is_negative": [number in called for number in numbers],
            "grievances": [["delivery"] if number in called else [] for number in numbers],
        }
    )


POSTS = reviews([*SAID, *BLANK], called={0, 3, 5})


def test_what_nobody_can_read_is_not_drawn_and_counts_as_the_coder_has_it(tmp_path: Path) -> None:
    drawn = draw_audit(POSTS, tmp_path, size=11)
    assert sorted(drawn["text"]) == sorted(SAID)
    assert (1 / drawn["inclusion_probability"]).sum() == pytest.approx(len(SAID))
    assert read_record(tmp_path)["frame"]["size"] == len(SAID) + len(BLANK)
    fill(tmp_path, POSTS.with_columns(voice=pl.lit("consumer")), error=0, seed=1)
    scored = score_audit(tmp_path)
    found = scored.set_index("grievance").loc["negative", ["items", "estimate", "low", "high"]]
    assert found.tolist() == [3, 3, 3, 3]  # two with words, all of them audited, and one without
    notes = [note["en"] for note in scored.attrs["notes"] if "without words" in note["en"]]
    assert len(notes) == 1 and notes[0].count(" 6. ") == 1


def test_a_report_takes_the_audit_and_draws_it_again(tmp_path: Path) -> None:
    draw_audit(POSTS, tmp_path, size=3, exclude=["1", "table:6"])  # one of them has no words
    assert read_record(tmp_path)["left_out"] == {
        "posts": 7, "negative": 1, **dict.fromkeys(BOOK.code_names, 0), "delivery": 1,
        "without_words": 5,
    }  # fmt: skip
    machine = read_machine_coding(POSTS, BOOK.code_names)
    assert require_audit_of(open_folder(tmp_path, BOOK), POSTS, describe_frame(machine), machine)


def test_an_audit_of_before_which_holds_such_posts_is_still_taken(tmp_path: Path) -> None:
    machine = read_machine_coding(POSTS, BOOK.code_names)
    sample = draw_from(machine, POSTS, size=11, seed=1)
    record = {"seed": 1, "size": 11, "frame": describe_frame(machine), "left_out": {}}
    write_sheets(sample, BOOK, tmp_path, record=record)
    assert require_audit_of(open_folder(tmp_path, BOOK), POSTS, describe_frame(machine), machine)


def test_an_audit_is_planned_for_the_posts_that_can_be_drawn() -> None:
    plan = plan_audit(POSTS, sizes=[4, 11], codes=["delivery"])
    assert plan["size"].unique().tolist() == [4, len(SAID)]


def test_posts_without_any_words_are_refused_with_their_number() -> None:
    machine = read_machine_coding(reviews(BLANK, called=set()), BOOK.code_names)
    with pytest.raises(CaodianError, match="have words") as caught:
        leave_out(machine, ())
    assert "6 of them without words" in str(caught.value)
