"""New grievances: planted ones are found and dated, with and without a word of their own."""

from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from scipy import stats

from analysis.cli.main import commands
from analysis.clusters import emerging
from analysis.clusters.emerging import draw_families, find_emerging
from analysis.clusters.onset import Steps
from analysis.errors import CaodianError
from analysis.schema.tables import table
from analysis.storage import read_table

START = datetime(2020, 6, 1, 9)
DAYS = 20
SLANG = {
    "what": ["又碰到影子规格", "下单以后变成影子规格", "商家玩影子规格", "影子规格害我少拿一半"],
    "more": ["截图给他看又改口", "图上拍着大瓶", "差价还不小", "邻居买到一样"],
}
PLAIN = {
    "what": [
        "充电宝插回柜子还在计费",
        "归还充电宝以后扣到封顶",
        "柜子没反应，充电宝算没归还",
        "计费停不下来，充电宝早归还了",
    ],
    "more": ["押金划走了", "商场机器坏了", "半夜收到扣款提醒", "让我再去插一遍"],
}


@cache
def words():
    """Eight hundred invented words of two characters."""
    generator = np.random.default_rng(3)
    return ["".join(chr(c) for c in generator.integers(0x6000, 0x7000, 2)) for _ in range(800)]


def background(count=2_000, seed=1):
    """Texts of words that stand together by chance, a few words much oftener than most."""
    generator = np.random.default_rng(seed)
    chances = 1 / np.arange(5, 805)
    chances /= chances.sum()
    return ["，".join(generator.choice(words(), 8, p=chances, replace=False)) for _ in range(count)]


def corpus(plant=None, *, size=40, onset=12, seed=1, **more):
    generator = np.random.default_rng(seed)
    texts = background(seed=seed)
    days = generator.integers(0, DAYS, len(texts)).tolist()
    planted = [""] * len(texts)
    for number in range(size if plant else 0):
        told = [generator.choice(plant["what"]), generator.choice(plant["more"])]
        common = generator.choice(words()[:40], 3, replace=False)
        texts.append("，".join([*generator.permutation([*told, *common])]))
        days.append(int(generator.integers(onset, DAYS)))
        planted.append(str(number))
    posts = pl.DataFrame(
        {
            "text": texts,
            "is_negative": True,
            "family_id": [f"t:{number}" for number in range(len(texts))],
            "published_at": [START + timedelta(days=day) for day in days],
            "author_key": [f"a{number}" for number in range(len(texts))],
        }
    )
    posts = posts.with_columns(
        voice=pl.lit("consumer"), grievances=pl.lit([], dtype=pl.List(pl.String))
    )
    is_planted = pl.Series(planted) != ""
    return posts.with_columns(
        pl.when(is_planted).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in more.items()
    )


@pytest.mark.slow
@pytest.mark.parametrize(("plant", "label"), [(SLANG, "影子规格"), (PLAIN, "充电宝")])
def test_a_plant_of_two_per_cent_is_found_and_dated(plant, label):
    found = find_emerging(corpus(plant))
    assert found.columns == [column.name for column in table("emerging").columns]
    assert found.height == 1
    find = found.row(0, named=True)
    assert label in find["terms"].split("、")
    assert abs((date.fromisoformat(find["onset"]) - date(2020, 6, 13)).days) <= 1
    assert find["onset_low"] <= "2020-06-13" <= find["onset_high"]
    assert 36 <= find["families"] == find["items"] == find["authors"] <= 44
    assert find["purity"] > 0.85
    assert (find["new_wording_of"], find["find_kind"]) == ("unknown", "grievance")


@pytest.mark.slow
def test_a_trick_without_a_word_of_its_own_is_found_as_a_group():
    # Words that many other texts hold: only their company is new.
    usual = words()[150:174]
    plant = {
        "what": ["，".join(usual[place::8]) for place in range(8)],
        "more": ["，".join(usual[place : place + 3]) for place in range(0, 24, 3)],
    }
    found = find_emerging(corpus(plant, size=60))
    assert found["found_by"].to_list()[:1] == ["group"]


@pytest.mark.slow
@pytest.mark.parametrize(("sign", "is_found"), [("：", False), ("", True)])
def test_a_form_with_new_fields_is_no_grievance(sign, is_found):
    form = {"what": [f"安装服务{sign}"], "more": [f"噪音大小{sign}"]}
    finds = find_emerging(corpus(form, size=60))
    assert any("安装" in find["terms"] for find in finds.to_dicts()) == is_found


@pytest.mark.slow
def test_of_very_many_families_a_draw_is_scanned_and_said(monkeypatch):
    posts = corpus(SLANG, size=80)
    assert draw_families(posts.lazy())[1] is None
    monkeypatch.setattr(emerging, "_MOST_FAMILIES", 1_000)
    found = find_emerging(posts)
    assert find_emerging(posts.sample(fraction=1, shuffle=True, seed=2)).equals(found)
    (find,) = found.rows(named=True)
    assert "影子规格" in find["terms"].split("、")
    assert abs((date.fromisoformat(find["onset"]) - date(2020, 6, 13)).days) <= 1
    assert 25 <= find["families"] == find["items"] <= 55
    told = draw_families(posts.lazy())[1]
    assert "2,080" in told.zh and told.counted == "1000;2080;1080"
    assert "1,000 of 2,080 families" in told.en


@pytest.mark.parametrize("left_out", [{"repeat_of": "a:1"}, {"is_in_window": False}])
def test_posts_that_are_not_counted_are_no_families_of_a_draw(monkeypatch, left_out):
    monkeypatch.setattr(emerging, "_MOST_FAMILIES", 3)
    posts = pl.DataFrame({"text": list("abc"), "is_negative": True})
    others = pl.DataFrame({"text": list("defg"), "is_negative": True})
    held = pl.concat(
        [posts, others.with_columns(**{k: pl.lit(v) for k, v in left_out.items()})], how="diagonal"
    )
    assert draw_families(held.lazy())[1] is None
    assert draw_families(pl.concat([posts, others]).lazy())[1] is not None


@pytest.mark.slow
def test_where_nothing_rose_hardly_anything_is_found():
    # The search errs in one corpus of twenty, and here in one of five.
    assert sum(find_emerging(corpus(seed=seed)).height for seed in range(5)) <= 1


@pytest.mark.slow
def test_the_talk_of_one_day_is_no_step():
    posts = corpus(SLANG, size=20)
    told = pl.col("text").str.contains("影子规格")
    day = pl.lit(START + timedelta(days=13))
    moved = posts.with_columns(published_at=pl.when(told).then(day).otherwise("published_at"))
    assert find_emerging(moved).is_empty()
    # On the day itself nobody can know that it will not last.
    assert find_emerging(moved, "2020-06-14").height == 1


@pytest.mark.slow
def test_a_grievance_that_was_always_there_is_none():
    assert find_emerging(corpus(SLANG, size=60, onset=0)).is_empty()


@pytest.mark.slow
def test_one_text_copied_a_thousand_times_is_one_family():
    posts = corpus()
    copies = pl.concat([posts.head(1)] * 1_000).with_columns(
        published_at=pl.lit(START + timedelta(days=15)), family_id=pl.lit("t:copied")
    )
    assert find_emerging(pl.concat([posts, copies])).is_empty()


@pytest.mark.slow
def test_only_what_was_known_on_the_day_is_looked_at():
    by_chance = 0
    for seed in range(1, 7):
        posts = corpus(SLANG, size=60, seed=seed)
        early = find_emerging(posts, date(2020, 6, 15))
        is_planted = early["terms"].str.contains("影子规格")
        assert early.filter(is_planted)["onset"].to_list() == ["2020-06-13"]
        assert early.filter(is_planted)["families"].item() < 30
        by_chance += (~is_planted).sum()
    # Six searches, each of which errs in one corpus of twenty.
    assert by_chance <= 1


@pytest.mark.slow
def test_posts_after_the_day_move_nothing():
    posts = corpus(SLANG, size=60)
    assert find_emerging(posts, "2020-06-12").is_empty()
    until = posts.filter(pl.col("published_at") < datetime(2020, 6, 16))
    assert find_emerging(posts, date(2020, 6, 15)).rows() == find_emerging(until).rows()
    with pytest.raises(CaodianError, match=r"2020年.*YYYY-MM-DD"):
        find_emerging(posts, "2020年6月")


@pytest.mark.slow
def test_texts_below_the_bar_are_not_looked_at():
    posts = corpus(SLANG).with_columns(
        is_negative=False,
        negative_probability=pl.when(pl.col("text").str.contains("影子规格"))
        .then(0.21)
        .otherwise(0.9),
    )
    assert find_emerging(posts).height == 1
    low = posts.with_columns(
        negative_probability=pl.col("negative_probability").replace(0.21, 0.19)
    )
    assert find_emerging(low).is_empty()


@pytest.mark.slow
def test_neither_the_order_of_rows_nor_the_kind_of_frame_matters():
    posts = corpus(PLAIN)
    expected = find_emerging(posts)
    shuffled = posts.sample(fraction=1, shuffle=True, seed=5)
    assert find_emerging(shuffled).rows() == expected.rows()
    pandas = find_emerging(shuffled.to_pandas())
    assert pandas["label"].tolist() == expected["label"].to_list()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "kind", "known"),
    [
        ({"voice": pl.lit("marketing")}, "advert", "unknown"),
        ({"voice": pl.lit("official")}, "news", "unknown"),
        ({"author_key": pl.lit("a0")}, "campaign", "unknown"),
        ({"grievances": pl.lit(["delivery"])}, "grievance", "delivery"),
    ],
)
def test_adverts_news_campaigns_and_new_wordings_are_named(more, kind, known):
    find = find_emerging(corpus(SLANG, **more)).row(0, named=True)
    assert (find["find_kind"], find["new_wording_of"]) == (kind, known)
    assert find["code_dispersion"] < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, 1, 9])
def test_below_the_minimum_there_is_an_empty_table(days):
    posts = corpus(SLANG).filter(pl.col("published_at") < START + timedelta(days=days))
    found = find_emerging(posts)
    assert found.is_empty() and found.columns[:2] == ["cluster", "label"]


def test_posts_without_days_have_no_first_day():
    assert find_emerging(corpus(SLANG).drop("published_at")).is_empty()


def test_a_ratio_is_that_of_two_binomial_shares_of_the_families_seen():
    totals = np.array([50, 60, 40, 80, 70])
    counts = np.array([[1, 0, 1, 12, 9]])
    steps = Steps(totals, 23)
    assert steps.days.tolist() == [3, 4]
    share = totals[3:].sum() / totals.sum()
    at_chance = stats.binom.logpmf(21, 23, share)
    at_best = stats.binom.logpmf(21, 23, 21 / 23)
    assert steps.ratios(counts)[0, 0] == pytest.approx(2 * (at_best - at_chance))
    # Nine after the last day are no ten.
    assert steps.ratios(counts)[0, 1] == 0


TEXTS = [
    "退款的运费【电话】",
    "运费险不能退",
    "APP闪退，运费也不退",
    "😀闪退😀",
    "",
    "流量造假",
    "流量造假吗",
]


@pytest.mark.slow
def test_the_command_writes_what_was_known_on_the_day(tmp_path):
    posts = corpus(SLANG, size=60)
    posts.write_parquet(tmp_path / "coded.parquet")
    arguments = ["emerging", str(tmp_path / "coded.parquet"), "--as-of", "2020-06-16", "--quiet"]
    result = CliRunner().invoke(commands, [*arguments, "--out", str(tmp_path / "found.csv")])
    assert result.exit_code == 0, result.output
    written = read_table(tmp_path / "found.csv")
    assert written["label"].to_list() == find_emerging(posts, "2020-06-16")["label"].to_list()
    CliRunner().invoke(commands, [*arguments, "--out", str(tmp_path / "folder")])
    assert read_table(tmp_path / "folder" / "emerging.csv").equals(written)
