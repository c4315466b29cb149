"""From a find to the codebook: a draft is accepted, and the next run counts it."""

import numpy as np
import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from analysis.cli.main import commands
from analysis.clusters.drafts import choose_wordings, draft_code
from analysis.clusters.emerging import find_emerging
from analysis.clusters.topics import cluster_topics
from analysis.coding.coder import code_grievances
from analysis.errors import CaodianError
from analysis.measures.prevalence import count_grievances
from analysis.storage import write_table

from .test_emerging import PLAIN, SLANG, corpus
from .test_topics import corpus as topic_corpus


@pytest.mark.parametrize("plant", [SLANG, PLAIN], ids=["slang", "ordinary words"])
def test_a_find_becomes_a_code_that_the_next_run_counts(tmp_path, monkeypatch, plant):
    posts = corpus(plant)
    found = find_emerging(posts)
    coded, finds, draft, mine = (
        tmp_path / name for name in ("coded.parquet", "emerging.csv", "draft.yaml", "mine")
    )
    write_table(posts, coded)
    write_table(found, finds)
    done = CliRunner().invoke(
        commands,
        ["codebook", "draft", str(coded), str(finds), "--row", "0", "--name", "new_trick",
         "--out", str(draft)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    entry = yaml.safe_load(draft.read_text(encoding="utf-8"))["new_trick"]
    assert {"zh", "en", "definition_zh", "definition_en", "include", "exclude"} <= set(entry)
    assert 1 <= len(entry["examples"]) <= 3
    assert all(len(example["text"]) <= 41 for example in entry["examples"])
    accepted = CliRunner().invoke(
        commands, ["codebook", "accept", str(draft), "--codebook", str(mine)]
    )
    assert accepted.exit_code == 0, accepted.output
    assert "export CAODIAN_CODEBOOK" in accepted.output
    monkeypatch.setenv("CAODIAN_CODEBOOK", str(mine))
    again = code_grievances(posts.select("text", "published_at"))
    is_planted = np.arange(posts.height) >= posts.height - 40
    given = np.array(["new_trick" in codes for codes in again["grievances"]])
    negative = again["is_negative"].to_numpy()
    assert given[is_planted & negative].mean() >= 0.7
    assert not given[~is_planted].any() and not given[~negative].any()
    counts = count_grievances(again).filter(pl.col("grievance") == "new_trick")
    assert counts["items"].to_list() == [given.sum()] and given.sum() >= 10


def test_a_topic_becomes_a_draft():
    found = cluster_topics(topic_corpus())
    for row in found.clusters.to_dicts():
        draft = draft_code(found.posts, row, "a_topic")
        terms = yaml.safe_load(draft)["a_topic"]["terms"]
        assert draft.startswith("# A draft from ") and 1 <= len(terms) <= 8
        inside = found.posts.filter(pl.col("topic") == row["cluster"])["text"]
        words = {word for term in terms for word in term.split(" <20> ")}
        assert all(inside.str.contains(word, literal=True).any() for word in words)


@pytest.mark.parametrize(
    ("texts", "inside", "terms", "chosen"),
    [
        (["甲一"] * 5 + ["乙"] * 5, 5, ["甲一"], ["甲一"]),
        (["甲一"] * 4 + ["乙"] * 5, 4, ["甲一"], []),
        (["甲一"] * 5 + ["甲一"] * 5, 5, ["甲一"], []),
        (["甲一和乙二"] * 5 + ["甲一", "乙二"] * 5, 5, ["甲一", "乙二"], ["甲一 <20> 乙二"]),
        (["乙二，甲一"] * 5 + ["甲一" + "长" * 30 + "乙二"] * 5, 5, ["甲一", "乙二"],
         ["甲一 <20> 乙二"]),
        (["甲一。乙二"] * 5 + ["甲一", "乙二"] * 5, 5, ["甲一", "乙二"], []),
        (["甲一"] * 6 + ["乙二"] * 5 + ["丙"], 11, ["乙二", "甲一"], ["甲一", "乙二"]),
        (["甲（一"] * 5, 5, ["甲（一"], ["甲（一"]),
        ([], 0, ["甲一"], []),
        (["甲一"] * 5, 5, [], []),
    ],
)  # fmt: skip
def test_wordings(texts, inside, terms, chosen):
    assert choose_wordings(texts, np.arange(len(texts)) < inside, terms, 0.6) == chosen


def test_what_cannot_be_drafted_is_told():
    posts = pl.DataFrame({"text": ["水温不稳"] * 6, "topic": [0] * 3 + [1] * 3})
    row = {"cluster": 0, "label": "水温", "terms": "水温"}
    with pytest.raises(CaodianError, match="must have wordings"):
        draft_code(posts, row, "water")
    with pytest.raises(CaodianError, match="must have the column topic"):
        draft_code(posts.drop("topic"), row, "water")
