"""Teaching one coder with the labels of another."""

from pathlib import Path

import polars as pl
import pytest
from teacher_and_student import label_posts, posts_to_label

from analysis.coding.coder import get_coder
from analysis.study import load_study
from analysis.training.coder import SEED
from analysis.training.texts import simulated_posts

ROOT = Path(__file__).resolve().parents[2]


class Silent:
    """A coder that abstains from the first post."""

    name = "silent"

    def code(self, posts):
        coded = get_coder("keyword").code(posts)
        first = pl.int_range(coded.height, eager=True) == 0
        return coded.with_columns(pl.when(~first).then(pl.all()))


def test_posts_without_an_answer_teach_nothing():
    posts = pl.DataFrame({"text": ["坏了", "等了十天还没发货"], "channel": ["weibo", None]})
    assert label_posts(posts, Silent())["text"].to_list() == ["等了十天还没发货"]


@pytest.mark.slow
def test_posts_to_label_are_none_of_the_simulated_ones_that_are_learnt(monkeypatch):
    monkeypatch.chdir(ROOT)
    posts = posts_to_label(50)
    assert posts.height == 100
    assert (posts["channel"] == "review").sum() >= 50
    learnt = set(simulated_posts(load_study("studies/618-2020.yaml"), 250, SEED)["text"])
    assert len(set(posts["text"]) & learnt) < 5
