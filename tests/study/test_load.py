"""A study file is read and checked; every mistake is named with the way out."""

import pytest

from analysis.errors import CaodianError
from analysis.study import load_study, study_of_range

GOOD = """
name: my-study
title_zh: 我的研究
title_en: My study
window: {start: 2020-06-01, end: 2020-06-20}
"""


def write(tmp_path, text):
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_minimal_study_has_the_documented_defaults(tmp_path):
    study = load_study(write(tmp_path, GOOD))
    assert len(study.window.days) == 20
    assert (study.thresholds.similarity, study.disclosure.minimum_cell) == (0.8, 1)
    assert not study.disclosure.quotes


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("event_day: [2020-06-18]", "event_days"),
        ("thresholds: {similarty: 0.8}", "similarity"),
        ("thresholds: {similarity: 1.8}", "less than or equal to 1"),
        ("event_days: [2021-06-18]", "outside the window"),
        ("claims: [{id: C1, statement_zh: a, statement_en: b, kind: cuont}]", "claims.0.kind"),
        (
            "claims: [{id: C1, statement_zh: a, statement_en: b, kind: count, grievence: all}]",
            "grievance",
        ),
        ("seed: -3", "greater than or equal to 0"),
    ],
)
def test_a_mistake_is_named_with_the_way_out(tmp_path, extra, said):
    with pytest.raises(CaodianError, match=said):
        load_study(write(tmp_path, GOOD + extra))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "keys and values"),
        ("- a\n- b", "keys and values"),
        ("name: [", "line"),
        (GOOD.replace("end: 2020-06-20", "end: 2020-05-20"), "before"),
        (GOOD.replace("name: my-study\n", ""), "must have the key name"),
        (GOOD.replace("my-study", "../escape"), "name"),
    ],
)
def test_a_file_that_is_no_study_is_refused(tmp_path, text, said):
    with pytest.raises(CaodianError, match=said):
        load_study(write(tmp_path, text))


def test_a_misspelt_key_is_named_with_the_word_that_was_meant(tmp_path):
    with pytest.raises(CaodianError, match=r"windov.*Did you mean 'window'"):
        load_study(write(tmp_path, GOOD.replace("window:", "windov:")))


def test_a_file_of_another_encoding_is_refused(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(CaodianError, match="UTF-8"):
        load_study(path)


def test_the_studies_of_the_project_are_valid(root):
    studies = [
        load_study(path)
        for path in sorted((root / "studies").glob("618-20??*.yaml"))
        if "draft" not in path.name
    ]
    assert {"618-2020", "618-2019-water-heaters"} <= {study.name for study in studies}


def test_the_published_totals_of_2020_agree_with_each_other(root):
    study = load_study(root / "studies" / "618-2020.yaml")
    counts = study.published.counts
    assert round(counts["negative"] / counts["all"], 4) == 0.1899
    shares = {claim.id: claim.published for claim in study.claims}
    assert round(shares["C5"] / 20, -2) == shares["C6"]


def test_a_study_over_a_range_claims_nothing():
    from datetime import date

    study = study_of_range("reviews", date(2019, 1, 1), date(2019, 1, 2), ["jd_review"])
    assert study.claims == []
    assert study.published is None
