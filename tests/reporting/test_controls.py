"""The controls draw what they say, and what is coded by hand stands in the form."""

import re

import polars as pl
import pytest

import analysis as cd
from analysis.audit.simulated_coders import fill
from analysis.coding.coder import explain
from analysis.errors import CaodianError
from analysis.reporting.controls import (
    _Browser,
    _HandCoding,
    _short,
    browse,
    code_by_hand,
    explanation_html,
    reasons_html,
)
from analysis.reporting.explore import Choice, Explorer
from analysis.reporting.saved_run import SavedRun
from analysis.words import load_words

pytestmark = pytest.mark.slow  # the fixture of all of them takes seconds


@pytest.fixture(scope="module")
def simulated(root):
    study = cd.load_study(root / "studies" / "618-2020.yaml")
    return study, cd.simulate_posts(study, 0.0003, frame="polars")


@pytest.fixture(scope="module")
def coded(simulated):
    posts = simulated[1].select(pl.exclude("^true_.*$"))
    return cd.code_grievances(cd.find_families(cd.mask(cd.clean(posts))))


@pytest.fixture(scope="module")
def explorer(simulated, coded):
    return Explorer(SavedRun({}, simulated[0], True, 0.0003, "en"), coded)


@pytest.fixture
def browser(explorer):
    return _Browser(explorer)


VALUES = {
    "grievance": "delivery",
    "platform": "淘宝",
    "channel": "weibo",
    "unit": "families",
    "cutoff": 0.9,
    "words": "快递",
    "dates": ("2020-06-03", "2020-06-05"),
}


@pytest.mark.parametrize("name", VALUES)
def test_each_control_changes_figure_size_and_choice(browser, name):
    before = browser.picture.value, browser.size.value
    browser.chosen[name].value = VALUES[name]
    assert browser.picture.value != before[0]
    assert browser.size.value != before[1]
    assert browser.choice != Choice()


def test_days_are_written_short_as_long_as_they_stay_distinct(browser):
    assert browser.chosen["dates"].label == ("6/1", "6/20")
    assert _short(["2019-12-31", "2020-01-01"])[1] == ("2020/1/1", "2020-01-01")


def test_a_sub_grievance_is_offered_with_its_code_and_goes_with_it(browser):
    browser.chosen["grievance"].value = "price"
    browser.chosen["sub_grievance"].value = "price.price_surge"
    assert browser.choice.sub_grievance == "price.price_surge"
    browser.chosen["grievance"].value = "delivery"
    assert browser.choice.sub_grievance is None
    assert browser.choice == Choice(grievance="delivery")


def test_a_post_tells_why_and_two_selections_their_words(browser):
    browser.chosen["grievance"].value = "delivery"
    browser.post.value = browser.post.options[1][1]
    assert "Rules that fired" in browser.reasons.value and "Delivery" in browser.reasons.value
    browser._compare()
    assert "first" in browser.terms.value
    browser._keep()
    browser.chosen["grievance"].value = "price"
    browser._compare()
    assert "No word" in browser.terms.value  # a handful of posts on either side
    browser.chosen["grievance"].value = "negative"
    browser._keep()
    browser.chosen["grievance"].value = "all"
    browser._compare()
    assert "Negative items" in browser.terms.value and "<td>" in browser.terms.value


def test_rules_that_say_nothing_of_the_post_s_codes_are_left_out():
    found = explain("快递不打电话直接扔驿站，我还要自己去扛，太气人了")
    silent = found.rules[found.rules["negative"].eq(0) & found.rules["gives"].eq("")]
    shown = explanation_html(found, load_words("en"))
    assert len(silent) and not any(f">{name}<" in shown for name in silent["rule"])
    assert ">not_to_the_door<" in shown


def test_a_run_that_coded_a_post_otherwise_is_told(simulated, coded):
    posts = coded.filter("is_negative").head(2)
    same, other = "<strong>", "<strong>The run has coded this post otherwise"
    run = SavedRun({}, simulated[0], True, 0.0003, "en")
    assert same not in reasons_html(Explorer(run, posts), 0)
    emptied = posts.with_columns(pl.Series("grievances", [[], []], dtype=pl.List(pl.String)))
    held = [bool(len(codes)) for codes in posts["grievances"]]
    told = [other in reasons_html(Explorer(run, emptied), place) for place in (0, 1)]
    assert told == held and any(held)
    harmless = posts.with_columns(is_negative=pl.lit(value=False))
    assert other in reasons_html(Explorer(run, harmless), 0)


def test_selection_and_figure_are_saved_or_it_is_said_why_not(browser, tmp_path):
    browser.folder.value = str(tmp_path)
    browser._save()
    for kind in ("png", "svg", "pdf"):
        browser.kind.value = kind
        browser._save()
        assert (tmp_path / f"selection.{kind}").stat().st_size > 1000
    posts = pl.read_csv(tmp_path / "posts.csv")  # no figure has written its numbers over them
    assert posts.height == browser.explorer.size()
    assert not posts["grievances"].str.contains("[", literal=True).any()
    (tmp_path / "file").touch()
    browser.folder.value = str(tmp_path / "file")
    browser._save()
    assert "file" in browser.saved.value and "Saved" not in browser.saved.value


def test_hostile_text_stays_text(simulated, coded):
    hostile = coded.with_columns(pl.lit("<script>alert(1)</script>快递").alias("text"))
    run = SavedRun({}, simulated[0], True, 1.0, "en")
    browser = _Browser(Explorer(run, hostile))
    browser.chosen["words"].value = "<script>"
    assert "<script" not in browser.rows.value
    assert browse(Explorer(run, hostile)).children


@pytest.mark.parametrize("words", ["0", "t", "a mark", "快递"])
def test_words_are_marked_in_texts_and_not_in_tags(browser, words):
    browser.chosen["words"].value = words
    assert not re.search("<[^<>]*<mark", browser.rows.value)
    assert words != "快递" or "<mark>快递</mark>" in browser.rows.value


@pytest.fixture
def audit(coded, tmp_path):
    folder = tmp_path / "audit"
    cd.draw_audit(coded, folder, size=12, seed=3)
    return folder


def test_what_is_coded_by_hand_is_what_a_filled_form_says(audit, simulated, tmp_path, coded):
    truth = simulated[1].select(
        "source", "post_id", pl.col("^true_.*$").name.map(lambda name: name.removeprefix("true_"))
    )
    other = tmp_path / "other"
    cd.draw_audit(coded, other, size=12, seed=3)
    fill(other, truth, error=0.0, seed=1)
    hand, form = (
        _HandCoding(audit, "a", load_words("en")),
        _HandCoding(other, "a", load_words("en")),
    )
    widths = []
    for post in hand._posts:
        answer = form.done[post]
        hand.negative.value = int(answer["negative"])
        for name, box in hand.codes.items():
            box.value = answer.get(name) == 1
        hand._store()
        estimate = hand.estimates().set_index("grievance").loc["negative"]
        widths.append(estimate["high"] - estimate["low"])
    assert widths[-1] < widths[3]
    assert hand.told.value.endswith("caodian report … --audit audit")
    (other / "coder-b.xlsx").unlink()
    (other / "adjudicated.xlsx").unlink(missing_ok=True)
    (audit / "coder-b.xlsx").unlink()
    ours, theirs = (cd.score_audit(folder)["estimate"] for folder in (audit, other))
    assert ours.tolist() == theirs.tolist()


def test_a_form_that_was_begun_is_gone_on_with(audit):
    first = _HandCoding(audit, "a", load_words("zh"))
    first.codes["price"].value = True
    first._store()
    again = _HandCoding(audit, "a", load_words("zh"))
    assert len(again.done) == 1 and again.at == 1
    assert again.done[again._posts[0]]["negative"] == 1  # a code makes a negative item
    assert code_by_hand(audit, "b").children
    again._go(-1)
    assert again.codes["price"].value and again.negative.value == 1


def test_notes_and_sub_grievances_of_a_form_survive_another_look(audit):
    hand = _HandCoding(audit, "a", load_words("en"))
    post = hand._posts[0]
    hand.done[post] = {
        "post_id": post, "negative": 1, "price": 1, "note": "unsure", "voice": float("nan"),
        "price.price_surge": 1, "delivery.late": 1,
    }  # fmt: skip
    hand._go(0)
    assert hand.voice.value == "consumer"
    hand._store()
    kept = hand.done[post]
    assert (kept["note"], kept["price.price_surge"]) == ("unsure", 1)
    assert "delivery.late" not in kept


def test_sub_grievances_that_a_form_asks_for_are_asked(coded, tmp_path):
    """Unasked they came back as zeros: the form then says that none holds."""
    cd.draw_audit(coded, tmp_path, size=3, seed=3, with_subs=True)
    hand = _HandCoding(tmp_path, "a", load_words("zh"))
    shown = [box for row in hand.box.children if hasattr(row, "children") for box in row.children]
    hand.subs["price.price_surge"].value = True
    assert set(hand.subs.values()) <= set(shown)
    hand._store()
    again = _HandCoding(tmp_path, "a", load_words("zh"))
    answer = again.done[again._posts[0]]
    assert [answer[name] for name in ("negative", "price", "price.price_surge")] == [1, 1, 1]
    again._go(-1)
    assert again.subs["price.price_surge"].value and again.codes["price"].value


def test_there_are_two_coders(audit):
    with pytest.raises(CaodianError, match="a or b"):
        _HandCoding(audit, "B", load_words("en"))
