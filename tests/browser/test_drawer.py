"""The drawer as a reader meets it: by mouse, finger, keyboard and address, without a server."""

import csv
import io
import os
import runpy
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest

from analysis.storage.write import show_hidden

pytestmark = pytest.mark.browser
MADE = runpy.run_path(str(Path(__file__).parents[1] / "conftest.py"))
HOSTILE = '</script><img src=x onerror="window.broken=1">\u202e\x00'


def examples_of(text="降价以后不给保价，第{n}条"):
    return pl.DataFrame({
        "post": [f"{n:016x}" for n in range(30)],
        "date": [f"2020-06-{1 + n % 20:02}" for n in range(30)],
        "channel": ["weibo"] * 30,
        "stars": ["none"] * 30,
        "is_negative": [True] * 30,
        "grievances": [["price"]] * 30,
        "sub_grievances": [["price.price_surge"] if n < 3 else [] for n in range(30)],
        "platforms": [["京东"] if n == 4 else [] for n in range(30)],
        "text": [text.format(n=n) for n in range(30)],
    })  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from analysis.measures.published import judge_claims
    from analysis.reporting.report import render_report

    made, study = MADE["build_tables"](), MADE["build_study"]()
    made["claims"] = judge_claims(study, made, simulated=True, scale=0.01)
    place = tmp_path_factory.mktemp("drawer")
    hostile = made["platforms"].copy()
    hostile.loc[0, "platform"] = HOSTILE
    hostile.loc[1, "platform"] = '=HYPERLINK("http://x")'
    bare = made["counts"].assign(estimate=None, low=None, high=None)
    endless = made["trends"].copy()
    endless.loc[0, "growth"] = float("inf")
    plain = made["platforms"].copy()
    plain.loc[0, "platform"] = "constructor"
    odd = made | {"platforms": plain, "trends": endless}
    pages = {
        "odd": ("en", odd, examples_of()),
        "zh": ("zh", made, examples_of()),
        "en": ("en", made, examples_of()),
        "public": ("en", made, None),
        "hostile": ("en", made | {"platforms": hostile}, examples_of("{n}" + HOSTILE)),
        "unaudited": ("en", made | {"audit": made["audit"].iloc[:0], "counts": bare}, None),
    }
    for name, (language, tables, examples) in pages.items():
        page = render_report(
            tables, [], study, language, simulated=True, scale=0.01, examples=examples
        )
        (place / f"{name}.html").write_bytes(page.encode())
    return place


@pytest.fixture
def open_drawer(visit, folder):
    """Open a report, at a number if an address names one."""

    def opener(name="en", width=1280, at="", **options):
        page = visit((folder / f"{name}.html").as_uri() + at, width, **options)
        if options.get("java_script_enabled", True):  # numbers below page one take their turn
            page.wait_for_selector("#drawer[data-waiting='0']", state="attached")
        return page

    return opener


PRICE = '[data-estimate="counts/price/best"]'


def body(page):
    return page.locator("#drawer-body").inner_text()


def close(page):
    """Close it, and wait until the address has gone back: the next click would be undone by it."""
    page.keyboard.press("Escape")
    page.wait_for_function("() => location.hash === ''")


def test_a_click_opens_the_number_and_escape_gives_the_focus_back(open_drawer):
    page = open_drawer()
    number = page.locator(PRICE).first
    number.click()
    assert page.locator("#drawer").is_visible()
    assert page.locator("#drawer-title").inner_text().startswith("Price")
    text = body(page)
    for part in ("1,634 items", "1,452 to 1,815", "1,749", '"price" in grievances', "counts/price"):
        assert part in text
    assert "A program wrote these posts" in text
    assert page.locator("#drawer .posts li").count() == 20
    assert page.evaluate("location.hash") == "#n=counts/price/best"
    close(page)
    assert not page.locator("#drawer").is_visible()
    assert number.evaluate("one => one === document.activeElement")
    assert page.said == []


def test_an_address_opens_the_number_and_the_table_that_it_is_folded_in(open_drawer):
    page = open_drawer("zh", at="#n=daily/2020-06-05/sms_harassment/items")
    assert page.locator("#drawer").is_visible()
    number = page.locator('[data-evidence="daily/2020-06-05/sms_harassment/items"]').first
    assert number.evaluate("one => one.closest('details').open")
    assert number.evaluate("one => one.getBoundingClientRect().top") > 0
    assert '"2020-06-05"' in body(page)
    page.locator("#drawer-close").click()
    page.wait_for_function("() => location.hash === ''")
    page.evaluate("location.hash = '#n=platforms/%E4%BA%AC%E4%B8%9C/items'")
    page.locator("#drawer").wait_for(state="visible")
    assert page.locator("#drawer-title").inner_text().startswith("京东")
    assert page.locator("#drawer .posts li").count() == 1


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("", PRICE),
        ("", "table [data-evidence='counts/price/items']"),
        ("#n=counts/price/items", None),
    ],
)
def test_a_number_opens_before_the_browser_had_time_for_all_of_them(chromium, folder, at, opens):
    with chromium.new_page() as page:
        page.add_init_script("window.requestIdleCallback = () => {}")
        page.goto((folder / "en.html").as_uri() + at)
        if opens:
            page.locator(opens).first.click()
        page.locator("#drawer-title", has_text="Price").wait_for()
        assert page.locator("#drawer").is_visible()


@pytest.mark.parametrize(
    "at", ["#n=counts/nothing/items", "#n=no/such", "#n=%E0%A4%A", "#n=", "#report", "#n=a&of=b"]
)
def test_an_address_that_names_no_number_opens_nothing(open_drawer, at):
    page = open_drawer(at=at)
    assert not page.locator("#drawer").is_visible()
    assert page.said == []


def test_back_closes_and_forward_opens_again(open_drawer):
    page = open_drawer()
    page.locator(PRICE).first.click()
    page.go_back()
    page.locator("#drawer").wait_for(state="hidden")
    page.go_forward()
    page.locator("#drawer").wait_for(state="visible")
    assert "Price" in page.locator("#drawer-title").inner_text()


def test_a_keyboard_reaches_every_number_with_one_stop_a_table(open_drawer):
    page = open_drawer()
    stops = page.evaluate(
        "[...document.querySelectorAll('table')].map(t => "
        "t.querySelectorAll('.opens[tabindex=\"0\"]').length)"
    )
    assert set(stops) <= {0, 1} and sum(stops) > 5
    assert page.locator(".opens[tabindex='0']").count() < 130
    page.locator("table[data-source=counts] .opens[tabindex='0']").focus()
    evidence = "document.activeElement.dataset.evidence ?? document.activeElement.dataset.estimate"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(evidence) == "counts/negative/items"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(evidence) == "counts/negative/best"
    page.keyboard.press("Enter")
    assert page.locator("#drawer").is_visible()
    for _ in range(12):  # the focus stays inside
        page.keyboard.press("Tab")
        assert page.evaluate("!document.activeElement.closest('nav, main, footer')")
    close(page)
    assert page.evaluate(evidence) == "counts/negative/best"


def test_a_filtered_table_keeps_a_stop(open_drawer):
    page = open_drawer()
    table = page.locator("table[data-source=counts]")
    page.locator(f"#{table.get_attribute('id')}-search").fill("envelope")
    stop = table.locator(".opens[tabindex='0']")
    assert stop.count() == 1 and stop.is_visible()


def test_a_share_names_both_of_its_numbers(open_drawer):
    page = open_drawer()
    page.locator('[data-estimate="counts/negative/share_best"]').first.click()
    text = body(page)
    assert "12,198" in text and "÷ All posts (Items) 64,885" in text
    assert "18.1% to 19.5%" in text


def test_a_share_of_a_channel_names_both_of_its_numbers(open_drawer):
    page = open_drawer(at="#n=channels/weibo/share")
    assert "Weibo (Negative) 6,100 ÷ Weibo (Items) 30,000" in body(page)


@pytest.mark.parametrize(
    ("row", "meaning"),
    [("all", "All posts in the window"), ("negative", "a consumer voices"), ("price", "this kind")],
)
def test_a_total_is_defined_as_a_total(open_drawer, row, meaning):
    assert meaning in body(open_drawer(at=f"#n=counts/{row}/items"))


def test_a_best_number_without_an_audit_is_told_as_the_coders_own_count(open_drawer):
    page = open_drawer("unaudited", at="#n=counts/price/best")
    title = page.locator("#drawer-title").inner_text()
    assert title == "Price · The coder's own count"
    told = body(page)
    assert "Posts that the coder took for complaints of this kind" in told
    assert "correction" not in told and "errors that the audit found" not in told


def test_a_filter_is_said_in_words_with_its_code_beside_it(open_drawer):
    told = body(open_drawer(at="#n=daily/2020-06-05/sms_harassment/items"))
    assert (
        'Posts counted: taken for complaints by the coder, of the kind "SMS harassment and'
        ' personal information", published on 5 June.'
    ) in told
    assert 'is_negative and "sms_harassment" in grievances and date == "2020-06-05"' in told


@pytest.mark.parametrize(
    ("cell", "has_interval"),
    [("counts/price/best", True), ("counts/price/families", False),
     ("trends/sms_harassment/growth", True), ("trends/sms_harassment/p", False),
     ("trends/sms_harassment/days", False)],
)  # fmt: skip
def test_an_interval_stands_below_the_number_that_it_is_of(open_drawer, cell, has_interval):
    told = body(open_drawer(at=f"#n={cell}"))
    assert "What it is" in told
    assert ("The interval reflects" in told) is has_interval


def test_both_ends_of_an_interval_open_the_same(open_drawer):
    page = open_drawer()
    seen = []
    for end in ("low", "high"):
        page.locator(f'table [data-evidence="counts/price/{end}"]').first.click()
        seen.append(body(page).split("\n", 1)[1].split("Evidence id")[0])
        close(page)
    assert seen[0] == seen[1]


def test_a_trend_says_its_test_in_full(open_drawer):
    page = open_drawer(at="#n=trends/sms_harassment/growth")
    assert "sms_harassment: growth" in body(page)
    assert "+12% to +80%" in body(page)


def test_a_claim_is_named_with_its_verdict(open_drawer):
    page = open_drawer(at="#n=claims/C1/estimate")
    text = body(page)
    assert "The published claim\n\nClaim 1" in text and "Why this verdict" in text


def test_a_number_in_round_figures_opens_what_the_exact_one_does(open_drawer):
    page = open_drawer("zh")
    page.evaluate(
        "document.querySelector('.card .number')"
        ".insertAdjacentHTML('afterbegin', '<span class=rounded>约 123万</span> ')"
    )
    page.locator(".rounded").first.click()
    page.wait_for_function("() => location.hash === '#n=counts/negative/best'")
    assert page.locator("#drawer").is_visible()


def test_words_and_dashes_open_nothing(open_drawer):
    page = open_drawer()
    opening = page.evaluate("[...document.querySelectorAll('.opens')].map(o => o.textContent)")
    assert all(text.strip() not in ("", "–") for text in opening)
    page.locator("table[data-source=counts] tbody th").first.click()
    assert not page.locator("#drawer").is_visible()


def download(page):
    with page.expect_download() as saved:
        page.get_by_role("button", name="csv").click()
    text = Path(saved.value.path()).read_text("utf-8-sig")
    return saved.value.suggested_filename, list(csv.DictReader(io.StringIO(text)))


def test_the_table_behind_a_number_can_be_saved(open_drawer):
    page = open_drawer(at="#n=counts/price/best")
    name, rows = download(page)
    assert name == "counts.csv" and len(rows) == 11
    price = next(row for row in rows if row["grievance"] == "price")
    assert (price["items"], price["estimate"], price["published"]) == ("1749", "1633.5", "")


# Every pair of language, width and state.
@pytest.mark.parametrize(
    ("name", "width", "is_open"),
    [("zh", 390, False), ("zh", 1280, True), ("en", 390, True), ("en", 1280, False)],
)
def test_axe_finds_nothing(open_drawer, name, width, is_open):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_drawer(name, width, at="#n=counts/price/best" if is_open else "")
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
    found = axe.run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == []
    assert page.evaluate("document.getElementById('drawer').scrollWidth") <= width


def test_a_word_is_looked_for_in_the_posts_that_the_page_quotes(open_drawer):
    page = open_drawer()
    assert "holds 20 posts as examples" in page.locator(".post-search").inner_text()
    page.get_by_label("Search", exact=True).fill("保价")
    assert page.locator(".post-search [role=status]").inner_text() == "20 posts found"
    assert page.locator(".post-search li").count() == 20
    last = page.locator(".post-search li span").last.inner_text().partition("，")[2]
    page.get_by_label("Search", exact=True).fill(last)
    assert page.locator(".post-search li mark").all_inner_texts() == [last]
    assert page.locator(".post-search [role=status]").inner_text() == "1 post found"
    page.get_by_label("Search", exact=True).fill("退款")
    assert page.locator(".post-search li").count() == 0
    assert open_drawer("public").locator(".post-search").count() == 0


def test_a_published_report_quotes_nothing_and_says_so(open_drawer):
    page = open_drawer("public", at="#n=counts/price/best")
    assert page.locator("#drawer .posts").count() == 0
    assert "personal data" in body(page)


def test_what_is_hostile_stays_text(open_drawer):
    page = open_drawer("hostile", at="#n=counts/price/best")
    assert page.evaluate("window.broken") is None
    first = page.locator("#drawer .posts li span").first.inner_text()
    assert "</script><img" in first and "<U+202E><U+0000>" in first
    assert page.locator("#drawer img").count() == 0
    close(page)
    page.locator("table[data-source=platforms] .opens").first.click(force=True)
    page.evaluate(
        "document.querySelector('table[data-source=platforms]').closest('details').open = true"
    )
    page.locator("table[data-source=platforms] .opens").first.click()
    assert "<U+202E>" in page.locator("#drawer-title").inner_text()
    _, rows = download(page)
    assert rows[1]["platform"].startswith("'=HYPERLINK")
    assert rows[0]["platform"] == show_hidden(HOSTILE)
    assert page.evaluate("window.broken") is None
    assert [url for url in page.requested if not url.startswith(("file:", "data:", "blob:"))] == []


def test_a_number_without_end_and_a_name_that_scripts_know_stop_nothing(open_drawer):
    page = open_drawer("odd")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.locator("table[data-source=platforms] .opens").first.click()
    title = page.locator("#drawer-title").inner_text()
    assert title.startswith("constructor ·") and page.said == []


def test_a_part_of_the_script_that_fails_stops_no_other(visit, folder):
    text, block = (folder / "en.html").read_text("utf-8"), 'id="drawer-data">'
    assert block in text
    place = folder / "spoilt.html"
    place.write_text(text.replace(block, f"{block}!"), "utf-8")
    page = visit(place.as_uri())
    assert page.locator("input[type=search]").count() > 0  # the tables have their tools
    assert page.locator(".opens").count() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode elsewhere")
def test_a_folder_whose_name_is_no_unicode_stops_nothing(visit, folder, tmp_path):
    place = os.fsencode(tmp_path) + b"/\xb1\xa8\xb8\xe6"  # a Chinese word, not in UTF-8
    Path(os.fsdecode(place)).mkdir()
    shutil.copy(folder / "en.html", os.fsdecode(place))
    page = visit("file://" + quote(place) + "/en.html")
    assert page.locator("input[type=search]").count() > 0
    page.locator(".opens").first.wait_for()


@pytest.mark.parametrize("at", ["#n=%E0%A4%A", "#n=counts/%/items", "#x=%", "#x=code=%E0%A4", "#%"])
def test_a_broken_address_stops_nothing(open_drawer, at):
    page = open_drawer(at=at)
    assert page.locator(".opens").count() > 0 and page.said == []


def test_without_the_script_a_number_is_text_with_its_evidence(open_drawer):
    page = open_drawer(at="#n=counts/price/best", java_script_enabled=False)
    assert not page.locator("#drawer").is_visible()
    number = page.locator(PRICE).first
    assert number.inner_text() == "1,634"
    assert number.get_attribute("role") is None and number.get_attribute("tabindex") is None


def test_the_drawer_writes_numbers_as_the_page_does(open_drawer):
    """Ranges of the drawer, where the page prints both ends, are the same with and without them."""
    page = open_drawer()
    for evidence in ("trends/price/p", "trends/delivery/days", "campaigns/this_run/price/days"):
        page.evaluate(f"location.hash = '#n={evidence}'")
    page.evaluate("document.querySelectorAll('[data-evidence$=\"/low\"]').forEach(o => o.remove())")
    page.evaluate("location.hash = '#n=trends/price/growth'")
    page.wait_for_function(
        "() => document.getElementById('drawer-body').textContent.includes('trends/price/growth')"
    )
    assert "−20% to +38%" in body(page)
