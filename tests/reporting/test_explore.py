"""Any selection of a run's posts is counted as counting the posts one by one counts it."""

from datetime import date

import pandas as pd
import polars as pl
import pytest
from scipy import stats

import analysis as cd
from analysis.errors import CaodianError
from analysis.reporting.explore import Choice, Explorer
from analysis.reporting.saved_run import SavedRun, open_run, save_run
from analysis.study.model import Window


@pytest.fixture
def run(tables, study):
    return SavedRun(tables, study, True, 0.01, "zh")


@pytest.fixture(scope="module")
def coded(root):
    study = cd.load_study(root / "studies" / "618-2020.yaml")
    posts = cd.simulate_posts(study, 0.001, frame="polars").select(pl.exclude("^true_.*$"))
    return cd.code_grievances(cd.find_families(cd.mask(cd.clean(posts))))


@pytest.fixture(scope="module")
def explorer(coded, root):
    study = cd.load_study(root / "studies" / "618-2020.yaml")
    return Explorer(SavedRun({}, study, True, 0.001, "en"), coded)


@pytest.mark.parametrize("unit", ["items", "families", "authors"])
def test_without_a_choice_the_counts_are_those_of_the_report(explorer, coded, unit):
    ours = explorer.count("codes", Choice(unit=unit)).set_index("grievance")["count"]
    theirs = cd.count_grievances(coded).to_pandas().set_index("grievance")[unit]
    assert ours.to_dict() == theirs.to_dict()


def test_days_and_platforms_are_those_of_the_report(explorer, coded):
    ours = explorer.count("daily", Choice(grievance="delivery"))
    daily = cd.count_grievances(coded, by="date", study=explorer.run.study).to_pandas()
    theirs = daily[daily["grievance"] == "delivery"].set_index("date")["items"]
    assert ours.set_index("date")["count"].to_dict() == {
        str(day)[:10]: count for day, count in theirs.items()
    }
    named = explorer.count("platforms").set_index("platform")["count"]
    listed = coded.filter("is_negative").explode("platforms").drop_nulls("platforms")
    assert named.to_dict() == dict(listed.group_by("platforms").len().iter_rows())


CHOICES = [
    (Choice(grievance="all"), lambda post: True),
    (Choice(), lambda post: post["is_negative"]),
    (Choice(grievance="price"), lambda post: "price" in post["grievances"]),
    (
        Choice(grievance="red_envelope", sub_grievance="red_envelope.amount_too_small"),
        lambda post: "red_envelope.amount_too_small" in post["sub_grievances"],
    ),
    (Choice(grievance="all", channel="weibo"), lambda post: post["channel"] == "weibo"),
    (Choice(grievance="all", platform="淘宝"), lambda post: "淘宝" in post["platforms"]),
    (Choice(grievance="all", stars="1"), lambda post: post["rating"] == 1),
    (
        Choice(first="2020-06-05", last="2020-06-07"),
        lambda post: post["is_negative"] and 5 <= post["published_at"].day <= 7,
    ),
    (
        Choice(grievance="all", words="快递 没"),
        lambda post: "快递" in post["text"] and "没" in post["text"],
    ),
    (Choice(cutoff=0.9), lambda post: post["negative_probability"] >= 0.9),
    (
        Choice(grievance="delivery", cutoff=0.9),
        lambda post: post["negative_probability"] >= 0.9 and "delivery" in post["grievances"],
    ),
    (Choice(cutoff=0.2), lambda post: post["negative_probability"] >= 0.2),
]


@pytest.mark.parametrize(("choice", "belongs"), CHOICES, ids=range(len(CHOICES)))
def test_a_choice_takes_the_posts_that_it_names(explorer, coded, choice, belongs):
    expected = sum(bool(belongs(post)) for post in coded.iter_rows(named=True))
    assert explorer.size(choice) == expected
    if choice.stars is None:
        assert expected > 0


@pytest.mark.parametrize(
    ("start", "choice", "inside"),
    [
        (date(2020, 4, 1), Choice(first="2020-06-10", last="2020-06-10"), (8, 14)),  # weeks
        (date(2020, 4, 1), Choice(first="2020-06-11", last="2020-06-16"), (8, 21)),
        (date(2018, 4, 1), Choice(first="2020-06-15"), (1, 20)),  # months
    ],
)
def test_dates_mean_the_weeks_or_months_that_they_lie_in(coded, explorer, start, choice, inside):
    window = Window(start=start, end=date(2020, 6, 20))
    study = explorer.run.study.model_copy(update={"window": window, "event_days": []})
    explored = Explorer(SavedRun({}, study, True, 0.001, "en"), coded)
    days = coded["published_at"].dt.convert_time_zone("Asia/Shanghai").dt.day()
    within = days.is_between(*inside) & coded["is_negative"]
    assert explored.size(choice) == int(within.sum()) > 0


def test_a_date_that_is_none_is_refused(explorer):
    with pytest.raises(CaodianError, match="begins and ends with a date"):
        explorer.size(Choice(first="June"))


def test_an_export_holds_no_formula(explorer, monkeypatch):
    text = pl.lit("=1+1").alias("text")
    monkeypatch.setattr(explorer, "posts", explorer.posts.with_columns(text))
    assert set(explorer.export(Choice(grievance="all"))["text"]) == {"'=1+1"}


def test_families_and_authors_of_a_choice_are_the_distinct_ones(explorer, coded):
    posts = coded.filter(pl.col("grievances").list.contains("delivery"))
    assert explorer.size(Choice(grievance="delivery", unit="families")) == (
        posts["family_id"].drop_nulls().n_unique()
    )
    assert explorer.size(Choice(grievance="delivery", unit="authors")) == (
        posts["author_key"].drop_nulls().n_unique()
    )


def test_the_interval_of_a_day_is_the_exact_one_of_a_poisson_count(explorer):
    daily = explorer.count("daily")
    day = daily.iloc[0]
    assert stats.poisson.sf(day["count"] - 1, day["low"]) == pytest.approx(0.025, abs=0.002)
    assert stats.poisson.cdf(day["count"], day["high"]) == pytest.approx(0.025, abs=0.002)


def test_a_lower_cutoff_adds_posts_and_codes_and_a_higher_one_takes_them(explorer):
    sizes = [explorer.size(Choice(grievance="delivery", cutoff=c)) for c in (0.1, 0.5, 0.9)]
    assert sizes[0] > sizes[1] > sizes[2] > 0


def test_panels_are_linked_and_leave_their_own_part_open(explorer):
    weibo = Choice(grievance="price", channel="weibo")
    codes = explorer.count("codes", weibo).set_index("grievance")["count"]
    assert codes["price"] == explorer.size(weibo)
    assert codes["delivery"] == explorer.size(Choice(grievance="delivery", channel="weibo"))
    assert explorer.count("daily", weibo)["count"].sum() == explorer.size(weibo)


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (Choice(grievance="prize"), "'price'"),
        (Choice(platform="陶宝"), "'淘宝'"),
        (Choice(channel="nowhere"), "channel"),
        (Choice(unit="posts"), "items, families, authors"),
    ],
)
def test_what_there_is_not_is_named(explorer, choice, told):
    with pytest.raises(CaodianError, match=told):
        explorer.size(choice)


def test_words_are_shown_in_their_context(explorer):
    shown = explorer.posts_of(Choice(grievance="all", words="快递"), rows=5)
    assert len(shown) == 5 and shown["text"].str.contains("快递").all()
    assert (shown["text"].str.len() <= 20 + 2 + 20 + 2).all()


def test_posts_come_page_by_page_the_surest_first(explorer):
    first, second = (explorer.posts_of(Choice(), start, 10) for start in (0, 10))
    chances = [*first["negative_probability"], *second["negative_probability"]]
    assert chances == sorted(chances, reverse=True)
    assert not set(first["post"]) & set(second["post"])


def test_real_texts_are_snippets_and_none_where_pages_are_rendered(coded, root, monkeypatch):
    study = cd.load_study(root / "studies" / "618-2020.yaml")
    real = Explorer(SavedRun({}, study, False, 1.0, "en"), coded)
    assert real.posts_of(rows=50)["text"].str.len().max() == 41
    assert real.export()["text"].str.len().max() == 41
    monkeypatch.setenv("CAODIAN_RENDERED", "1")
    withheld = real.posts_of(Choice(words="快递"), rows=5)["text"].unique().tolist()
    assert len(withheld) == 1 and "快递" not in withheld[0]


def test_the_words_of_two_selections_set_them_apart(explorer, coded):
    found = explorer.compare(Choice(), Choice(grievance="all"))
    first, second = found[found["z"] > 0]["term"], found[found["z"] < 0]["term"]
    assert len(first) and len(second)
    negative = coded.filter("is_negative")["text"]
    harmless = coded.filter(~pl.col("is_negative"))["text"]
    for term, z in zip(found["term"], found["z"], strict=True):
        shares = [part.str.contains(term, literal=True).mean() for part in (negative, harmless)]
        assert (shares[0] > shares[1]) == (z > 0), term
    assert not set(first) & set(second)


def test_the_reasons_are_those_of_the_post_in_its_frame(explorer, coded):
    shown = explorer.posts_of(Choice(grievance="delivery"), rows=1)
    found = explorer.why(int(shown["post"][0]))
    chance = found.scores.set_index("target")["probability"]["negative"]
    assert chance == pytest.approx(shown["negative_probability"][0], abs=0.001)
    assert set(found.clues["target"]) >= {"negative", "delivery"}
    with pytest.raises(CaodianError, match="number"):
        explorer.why(coded.height)


def test_a_run_is_explored_as_it_was_coded_and_coded_anew_where_it_left_no_codes(
    coded, root, tmp_path
):
    study = cd.load_study(root / "studies" / "618-2020.yaml")
    folder = tmp_path / "build" / "mine"
    folder.mkdir(parents=True)
    run = SavedRun({}, study, True, 0.001, "en", folder)
    kept = tmp_path / "data" / "processed" / "mine"
    (kept / "posts").mkdir(parents=True)
    coded.select(pl.exclude("grievances", "is_negative", "scores")).head(200).write_parquet(
        kept / "posts" / "part-00000.parquet"
    )
    anew = run.coded(frame="polars").filter("is_negative")["post_id"].to_list()
    first = coded.head(200).filter("is_negative")["post_id"].to_list()
    assert sorted(anew) == sorted(first)
    (kept / "coded").mkdir()
    turned = coded.head(200).with_columns(~pl.col("is_negative"))
    turned.write_parquet(kept / "coded" / "part-00000.parquet")
    assert Explorer(run).size() == 200 - len(first)
    posts = run.coded()
    assert isinstance(posts, pd.DataFrame) and posts["is_negative"].sum() == 200 - len(first)
    assert posts["post_id"].tolist() == sorted(turned["post_id"])
    assert all(isinstance(codes, list) for codes in posts["grievances"])


def test_a_run_without_dates_or_posts_is_explored_all_the_same(coded, study):
    undated = study.model_copy(update={"window": None, "claims": []})
    bare = coded.select("text", "is_negative", "negative_probability", "grievances")
    for posts in (bare, bare.head(0)):
        explorer = Explorer(SavedRun({}, undated, True, 1.0, "zh"), posts)
        assert explorer.size() == posts["is_negative"].sum()
        assert explorer.count("daily").empty
        assert explorer.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(("language", "said"), [("zh", "没有汉字"), ("en", "no Chinese")])
def test_a_run_says_at_once_what_its_texts_are_not(study, language, said):
    notes = pd.DataFrame([("language", "没有汉字", "no Chinese"), ("days", "无日期", "no days")])
    tables = {"notes": notes.set_axis(["about", "zh", "en"], axis=1)}
    shown = repr(SavedRun(tables, study, simulated=False, scale=1.0, language=language))
    assert shown.splitlines()[1:] == [said]
    assert repr(SavedRun({}, study, simulated=False, scale=1.0, language=language)).count("\n") == 0


def test_a_saved_run_opens_as_it_was(tables, study, tmp_path):
    (tmp_path / "tables").mkdir()
    for name, table in tables.items():
        table.to_csv(tmp_path / "tables" / f"{name}.csv", index=False)
    save_run(tmp_path, study, simulated=True, scale=0.01)
    run = open_run(tmp_path, "en")
    assert "1 to 20 June 2020; Simulated data, 1:100" in repr(run)
    assert f"{len(tables)} tables: {min(tables)}, " in repr(run)
    assert run.study == study and run.simulated and run.scale == 0.01
    assert run.table("daily", grievance="price")["items"].sum() > 0
    assert "13,060" in repr(run.answer("headline"))
    assert run.figure("funnel").title.startswith("From 67,300 records to 12,321")


def test_what_a_run_did_not_write_is_an_empty_table_and_a_sentence(study):
    run = SavedRun({}, study, False, 1.0, "en")
    assert run.table("clusters", top_grievance="price").columns[0] == "cluster"
    assert len(run.table("clusters")) == 0 and len(run.claims("price")) == 0
    assert repr(run.figure("clusters")) == "This run has no data for this figure."
    with pytest.raises(CaodianError, match=r"found 'cluster'.*Nearest: clusters"):
        run.table("cluster")


def test_answers_keep_hostile_labels_as_text(run):
    run.tables["clusters"].loc[0, "label"] = "<script>alert(1)</script>"
    assert "<script" not in run.answer("clusters")._repr_html_()


def test_a_figure_in_a_notebook_brings_its_alternative_text(run):
    content, metadata = run.figure("channels")._repr_mimebundle_()
    assert content["image/png"].startswith(b"\x89PNG")
    assert "微博" in metadata["image/png"]["alt"]
