"""The corpus: exact totals, exact days, the same posts whatever the partitions."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
import yaml

from analysis.errors import CaodianError
from analysis.schema import check
from analysis.simulate import ExperimentSettings, simulate
from analysis.simulate.corpus import _plan_corpus
from analysis.study.model import Simulation

STUDIES = Path(__file__).parents[2] / "studies"
DAYS = [date(2020, 6, day) for day in range(1, 21)]


def study_file() -> dict:
    path = STUDIES / "618-2020.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))["simulation"]


@pytest.fixture(scope="module")
def study():
    return SimpleNamespace(
        name="618-2020",
        window=SimpleNamespace(days=DAYS),
        event_days=[date(2020, 6, day) for day in (16, 17, 18)],
        simulation=Simulation.model_validate(study_file()),
    )


def corpus(study, **changes):
    choice = {"scale": 0.001, "seed": 7} | changes
    parts = list(simulate(study, **choice))
    return pl.concat([posts for posts, _ in parts]), pl.concat([truth for _, truth in parts])


@pytest.fixture(scope="module")
def small(study):
    return corpus(study)


def counted(truth, code):
    return truth.filter(pl.col("grievances").list.contains(code)).height


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (0.001, (6488, 1232, 112, 32, 9)),
        (0.01, (64885, 12321, 1124, 317, 87)),
        (1.0, (6488460, 1232056, 112384, 31651, 8735)),
    ],
)
def test_published_totals_are_exact_at_every_scale(study, scale, expected):
    calendar = _plan_corpus(study, scale=scale, seed=1)
    sizes = dict(zip(calendar.strata, calendar.table.sum(axis=0).tolist(), strict=True))

    def total(condition):
        return sum(size for stratum, size in sizes.items() if condition(stratum))

    assert expected == (
        total(lambda stratum: True),
        total(lambda stratum: stratum.is_negative),
        total(lambda stratum: "live_streaming" in stratum.grievances),
        total(lambda stratum: "red_envelope" in stratum.grievances),
        total(lambda stratum: stratum.platform == "得物"),
    )


def test_posts_have_what_the_plan_says(small):
    posts, truth = small
    negative = truth.filter("is_negative")
    assert (posts.height, negative.height) == (6488, 1232)
    assert counted(truth, "live_streaming") == 112
    assert negative.filter(pl.col("platforms").list.contains("得物")).height == 9
    assert set(truth["grievances"].explode().drop_nulls()) == set(study_file()["grievances"])


def test_posts_keep_the_contract_of_their_columns(small):
    posts, truth = small
    check(posts, "posts")
    assert posts["post_id"].n_unique() == posts.height
    assert posts["post_id"].to_list() == truth["post_id"].to_list()
    assert posts["published_at"].is_sorted()
    assert posts["text"].str.len_chars().min() > 0
    assert not posts["text"].str.contains("[\ue000-\uf8ff<>]").any()


def test_subs_belong_to_the_codes_of_their_post(small):
    for codes, subs in small[1].select("grievances", "sub_grievances").iter_rows():
        assert {sub.split(".")[0] for sub in subs} <= set(codes)


def test_grievances_are_negative_and_voiced_by_consumers(small):
    coded = small[1].filter(pl.col("grievances").list.len() > 0)
    assert coded["is_negative"].all()
    assert set(coded["voice"]) == {"consumer"}
    assert set(small[1]["voice"]) == {"consumer", "media", "official", "marketing", "merchant"}


def test_planted_data_stand_in_the_text(small):
    posts, truth = small
    planted = 0
    for text, title, found in zip(posts["text"], posts["title"], truth["planted"], strict=True):
        for values in json.loads(found).values():
            for value in values:
                planted += 1
                assert value in text or value in (title or "")
    assert planted > 100


def test_copies_name_an_earlier_post_of_their_family(small):
    truth = small[1]
    ids = dict(zip(truth["post_id"], truth["family"], strict=True))
    copies = truth.filter(pl.col("duplicate_of").is_not_null())
    assert 0.05 < copies.height / truth.height < 0.3
    for post_id, origin, family in copies.select("post_id", "duplicate_of", "family").iter_rows():
        assert ids[origin] == family == origin
        assert origin < post_id


@pytest.mark.slow
def test_workers_do_not_change_a_byte(study, small):
    with ThreadPoolExecutor(2) as executor:
        posts, truth = corpus(study, executor=executor, partition_posts=200)
    assert posts.equals(small[0])
    assert truth.equals(small[1])


def test_a_post_has_one_phone(small):
    for found in small[1]["planted"]:
        assert len(json.loads(found).get("phone", [])) <= 2  # a copy may add its own


@pytest.mark.slow
def test_partitions_do_not_change_a_byte(study, small):
    for size in (37, 100_000):
        posts, truth = corpus(study, partition_posts=size)
        assert posts.equals(small[0])
        assert truth.equals(small[1])


@pytest.mark.slow
def test_other_seed_gives_other_texts_of_the_same_plan(study, small):
    posts, truth = corpus(study, seed=8)
    assert posts.height == small[0].height
    assert counted(truth, "price") == counted(small[1], "price")
    assert set(posts["text"]) != set(small[0]["text"])


@pytest.mark.slow
def test_missing_days_and_hours_leave_holes(study):
    lost = date(2020, 6, 3)
    settings = ExperimentSettings(
        missing_days=(lost,), missing_hours=(1, 2), partly_missing_days=(DAYS[4],)
    )
    posts, _ = corpus(study, settings=settings)
    dates = posts["published_at"].dt.date()
    assert lost not in set(dates)
    hours = set(posts.filter(dates == DAYS[4])["published_at"].dt.hour())
    assert not hours & {1, 2}


@pytest.mark.slow
def test_more_duplicates(study, small):
    _, truth = corpus(study, settings=ExperimentSettings(duplicates=2.0))
    assert truth["duplicate_of"].count() > 1.4 * small[1]["duplicate_of"].count()


@pytest.mark.slow
def test_difficulty_hides_grievances(study):
    shares = []
    for difficulty in (0.0, 1.0, 2.0):
        _, truth = corpus(study, settings=ExperimentSettings(difficulty=difficulty))
        coded = truth.filter(pl.col("grievances").list.len() > 0)
        shares.append((coded["difficulty"] == "hidden").mean())
    assert shares[0] < 0.02 < shares[1] < shares[2]


@pytest.mark.parametrize(("trend", "ratio"), [("none", 1.0), ("slight", 1.3), ("marked", 2.0)])
def test_the_trend_setting_sets_growth(study, trend, ratio):
    calendar = _plan_corpus(study, scale=1, seed=1, settings=ExperimentSettings(trend=trend))
    columns = [n for n, kind in enumerate(calendar.strata) if kind.shape == "sms_harassment"]
    days = calendar.table[:, columns].sum(axis=1)
    slope = (days[10:].mean() / days[:10].mean()) ** (19 / 10)
    assert slope == pytest.approx(ratio, rel=0.08)


@pytest.mark.parametrize("scale", [0, -0.1, 1.5])
def test_refuses_a_scale_out_of_range(study, scale):
    with pytest.raises(CaodianError, match="scale"):
        simulate(study, scale=scale, seed=1)


def test_refuses_a_study_without_simulation():
    study = SimpleNamespace(name="x", simulation=None)
    with pytest.raises(CaodianError, match="simulation section"):
        simulate(study, scale=0.01, seed=1)
