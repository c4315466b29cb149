"""The panel as a reader uses it: each choice changes charts, table, sentence and address."""

import csv
import io
import re
import runpy
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from analysis.measures.prevalence import count_codes, count_daily, count_platforms
from analysis.reporting.panel import count_cells
from analysis.reporting.report import render_report
from analysis.study.load import study_of_range

pytestmark = pytest.mark.browser
MADE = runpy.run_path(str(Path(__file__).parents[1] / "reporting" / "test_panel.py"))
POSTS = [post for post in MADE["as_posts"](MADE["POSTS"]).to_dict("records") if post["is_negative"]]
HOSTILE = MADE["HOSTILE"]
COUNTS = count_codes(MADE["POSTS"], MADE["CODES"]).set_index("grievance")["items"]


def count(of) -> int:
    """Count posts by the posts themselves."""
    return sum(bool(of(post)) for post in POSTS)


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Path:
    folder, tables = tmp_path_factory.mktemp("panel"), MADE["build_tables"]()
    for language in ("zh", "en"):
        page = render_report(tables, [], MADE["STUDY"], language, simulated=False, scale=1.0)
        (folder / f"report.{language}.html").write_bytes(page.encode())
    return folder


@pytest.fixture
def open_panel(visit, pages):
    """Open a report, at a choice if an address names one."""

    def opener(language="zh", width=1280, address="", **options):
        page = visit((pages / f"report.{language}.html").as_uri() + address, width, **options)
        if options.get("java_script_enabled", True):  # it is made when the page has been seen
            page.wait_for_selector("#panel:not([hidden])")
        return page

    return opener


def found(page) -> int:
    """Read the number that the sentence tells."""
    text = page.locator("#panel .found").text_content()
    return int(re.search(r"([\d,]+) (?:条|items?)", text)[1].replace(",", ""))


def wait_for(page, number):
    """Wait until the sentence tells a number: a browser goes back and forth in its own time."""
    for _ in range(100):
        if found(page) == number:
            return
        page.wait_for_timeout(50)
    assert found(page) == number


def bars(page, side) -> dict[str, str]:
    chart = page.locator(f"#panel svg[aria-labelledby=panel-chart-{side}]")
    told = chart.locator("[role=button]").evaluate_all("all => all.map(b => b.ariaLabel)")
    return dict(re.split("[：:] ?", text) for text in told)


def rows(page) -> list[list[str]]:
    return page.locator("#panel table tbody tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => cell.textContent))"
    )


def hash_of(page) -> str:
    return page.evaluate("decodeURIComponent(location.hash)")


def test_the_number_at_first_is_that_of_the_counts(open_panel):
    page = open_panel()
    assert found(page) == COUNTS["negative"]
    share = f"{COUNTS['negative'] / COUNTS['all']:.1%}"
    assert share in page.locator("#panel .found").text_content()
    shown = bars(page, "code")
    assert shown["价格"] == str(COUNTS["price"])
    assert len(shown) == len(MADE["CODES"]) + 1
    daily = count_daily(MADE["POSTS"], MADE["CODES"], (MADE["FIRST"], MADE["LAST"]))
    first = daily[(daily["grievance"] == "negative")]["items"].tolist()
    assert [int(text) for text in bars(page, "day").values()] == first
    platforms = count_platforms(MADE["POSTS"]).set_index("platform")["items"]
    assert bars(page, "platform")["京东"] == str(platforms["京东"])
    assert page.said == [] and len(page.requested) == 1


CHOICES = {
    "code": ("price", "price", lambda post: "price" in post["grievances"]),
    "sub": (
        "price.price_surge",
        "price.price_surge",
        lambda post: "price.price_surge" in post["sub_grievances"],
    ),
    "platform": ("淘宝", "淘宝", lambda post: "淘宝" in post["platforms"]),
    "channel": ("weibo", "weibo", lambda post: post["channel"] == "weibo"),
    "stars": ("5", "5", lambda post: post["rating"] in (4.5, 5.0)),
    "sentiment": ("0.7-0.9", "0.7-0.9", lambda post: post["negative_probability"] == 0.7),
}
PLACES = """([side, id]) => {
  const facts = JSON.parse(document.getElementById("panel-facts").textContent);
  const known = {code: "codes", sub: "subs", platform: "platforms", channel: "channels",
                 stars: "stars", sentiment: "bands"}[side];
  return String(facts[known].indexOf(id));
}"""


@pytest.mark.parametrize("side", list(CHOICES))
def test_each_choice_changes_chart_table_sentence_and_address(open_panel, side):
    name, told, rule = CHOICES[side]
    page = open_panel("en")
    before = [bars(page, "day"), rows(page), page.locator("#panel .found").text_content()]
    page.select_option(f"#panel-{side}", page.evaluate(PLACES, [side, name]))
    expected = count(rule)
    assert 0 < expected < COUNTS["negative"]
    assert found(page) == expected
    after = [bars(page, "day"), rows(page), page.locator("#panel .found").text_content()]
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert sum(int(text) for text in after[0].values()) == expected
    assert hash_of(page) == f"#x={side}={told}"
    again = open_panel("en", address=page.evaluate("location.hash"))
    assert [bars(again, "day"), rows(again)] == after[:2]
    assert again.locator("#panel .found").text_content() == after[2]


@pytest.mark.parametrize(("address", "is_made"), [("", False), ("#x=code=price", True)])
def test_it_is_made_when_the_page_has_been_seen_or_at_once_for_an_address(
    chromium, pages, address, is_made
):
    with chromium.new_page() as page:
        page.add_init_script("window.requestIdleCallback = (act) => { window.later = act; }")
        page.goto((pages / "report.en.html").as_uri() + address)
        assert page.locator("#panel").is_visible() is is_made
        if not is_made:
            page.evaluate("later({ timeRemaining: () => 9 })")
        assert found(page) == (COUNTS["price"] if is_made else COUNTS["negative"])


WRITTEN = """(side) => {
  const seen = new MutationObserver(() => {}), select = document.getElementById("panel-" + side);
  const panel = document.getElementById("panel");
  seen.observe(panel, { subtree: true, childList: true, attributes: true, characterData: true });
  select.dispatchEvent(new Event("change"));
  return seen.takeRecords().length;
}"""


def test_a_change_to_the_same_writes_nothing_and_another_only_what_differs(open_panel):
    page = open_panel("en", address="#x=code=price&by=day")
    assert [page.evaluate(WRITTEN, side) for side in ("code", "platform", "by", "from")] == [0] * 4
    places = page.evaluate("document.querySelectorAll('#panel *').length")
    page.evaluate("document.getElementById('panel-by').value = 'channel'")
    assert 0 < page.evaluate(WRITTEN, "by") < places / 10  # the table, and no chart


# Fonts that come late, before which every text is too long for its place.
LATE_FONTS = """
  let come;
  const ready = new Promise((done) => { come = done; });
  const fonts = {status: "loading", ready};
  Object.defineProperty(document, "fonts", {value: fonts});
  const measure = SVGTextContentElement.prototype.getComputedTextLength;
  SVGTextContentElement.prototype.getComputedTextLength = () => 1000;
  window.bringFonts = () => {
    SVGTextContentElement.prototype.getComputedTextLength = measure;
    come();
  };
"""


def test_labels_that_were_measured_before_fonts_came_are_written_whole(chromium, pages):
    page = chromium.new_page()
    page.add_init_script(LATE_FONTS)
    page.goto((pages / "report.zh.html").as_uri() + "#x=code=price")
    names = page.locator("#panel svg[aria-labelledby=panel-chart-code] text:first-of-type")
    assert any("…" in name for name in names.all_text_contents())
    page.evaluate("bringFonts()")
    assert names.count() == len(MADE["CODES"]) + 1
    assert not any("…" in name for name in names.all_text_contents())
    assert found(page) == COUNTS["price"]
    page.close()


def test_days_are_chosen_from_either_end(open_panel):
    page = open_panel()
    page.select_option("#panel-from", label="6月2日")
    page.select_option("#panel-to", label="6月9日")
    expected = count(lambda post: 2 <= post["published_at"].day <= 9)
    assert found(page) == expected
    assert page.locator("#panel .found").text_content().startswith("6月2日至9日，吐槽：")
    assert hash_of(page) == "#x=from=2020-06-02&to=2020-06-09"
    assert list(bars(page, "day").values())[19] != "0"  # days outside can still be chosen
    page.select_option("#panel-by", "day")
    assert sum(int(row[1]) for row in rows(page)) == expected
    page.select_option("#panel-to", label="6月1日")  # before the first: the two change places
    assert hash_of(page) == "#x=to=2020-06-02&by=day"


def test_choices_come_together_and_go_with_reset(open_panel):
    address = f"#x=code=delivery&platform={quote('京东')}&channel=review&from=2020-06-02"
    page = open_panel(address=address)
    expected = count(
        lambda post: "delivery" in post["grievances"] and "京东" in post["platforms"]
        and post["channel"] == "review" and post["published_at"].day > 1
    )  # fmt: skip
    assert found(page) == expected > 0
    told = page.locator("#panel .found").text_content()
    assert "渠道为消费评价、提到京东的发货与物流" in told and "同渠道" in told
    # Each chart shows what could be chosen in it: all others hold.
    others = count(
        lambda post: "price" in post["grievances"] and "京东" in post["platforms"]
        and post["channel"] == "review" and post["published_at"].day > 1
    )  # fmt: skip
    assert bars(page, "code")["价格"] == str(others)
    page.get_by_role("button", name="清除条件").click()
    assert found(page) == COUNTS["negative"] and hash_of(page) == "#explore"


def test_a_bar_is_a_control_by_mouse_and_by_keyboard(open_panel):
    page = open_panel()
    bar = page.get_by_role("button", name=re.compile("^价格："))
    bar.click()
    assert found(page) == COUNTS["price"] and bar.get_attribute("aria-pressed") == "true"
    bar.click()
    assert found(page) == COUNTS["negative"]
    chart = page.locator("#panel svg[aria-labelledby=panel-chart-code]")
    assert chart.locator("[tabindex='0']").count() == 1
    chart.locator("[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    name = page.evaluate("document.activeElement.ariaLabel")
    assert name == [f"{k}：{v}" for k, v in bars(page, "code").items()][1]
    page.keyboard.press("Enter")
    assert str(found(page)) == name.split("：")[1]
    assert page.evaluate("document.activeElement.ariaLabel") == name


def test_days_are_chosen_by_dragging_and_one_by_a_click(open_panel):
    page = open_panel("en")
    chart = page.locator("#panel svg[aria-labelledby=panel-chart-day]")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    step, y = box["width"] / 20, box["y"] + 90
    page.mouse.move(box["x"] + step * 1.5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + step * 8.5, y, steps=4)
    page.mouse.up()
    assert found(page) == count(lambda post: 2 <= post["published_at"].day <= 9)
    assert ", 2 to 9 June: " in page.locator("#panel .found").text_content()
    for _ in range(2):
        page.mouse.click(box["x"] + step * 8.5, y)
        numbers = found(page), hash_of(page)
        if _ == 0:
            assert numbers[1] == "#x=from=2020-06-09&to=2020-06-09"
    assert numbers == (COUNTS["negative"], "#explore")


def test_shares_are_of_the_posts_of_the_day(open_panel):
    page = open_panel()
    page.check("#panel-share")
    daily = count_daily(MADE["POSTS"], MADE["CODES"], (MADE["FIRST"], MADE["LAST"]))
    items = daily.pivot(index="date", columns="grievance", values="items")
    expected = items["negative"] / items["all"].clip(lower=1)
    assert bars(page, "day")["6月1日"] == f"{expected['2020-06-01']:.1%}"
    assert bars(page, "day")["6月5日"] == "0%"
    assert hash_of(page) == "#x=share=1"


def test_two_choices_stand_side_by_side(open_panel):
    page = open_panel("en", address="#x=code=price")
    page.get_by_role("button", name="Keep to compare").click()
    page.select_option("#panel-code", label="Delivery")
    told = page.locator("#panel .kept").text_content()
    assert f"Price, 1 to 20 June: {COUNTS['price']} items" in told
    assert found(page) == COUNTS["delivery"]
    page.select_option("#panel-by", "channel")
    both = {row[0]: (int(row[1]), int(row[4])) for row in rows(page)}
    for channel, name in (("weibo", "Weibo"), ("review", "Customer reviews")):
        for place, code in enumerate(("delivery", "price")):
            expected = count(
                lambda post, code=code, channel=channel: (
                    code in post["grievances"] and post["channel"] == channel
                )
            )
            assert both[name][place] == expected
    curve = page.locator("#panel .curve").get_attribute("points")
    assert len(curve.split()) == 20
    again = open_panel("en", address=page.evaluate("location.hash"))
    assert again.locator("#panel .kept").text_content() == told
    assert rows(again) == rows(page)
    assert again.locator("#panel .curve").get_attribute("points") == curve
    again.get_by_role("button", name="Reset").click()
    assert again.locator("#panel .kept").is_hidden()
    assert again.locator("#panel .curve").get_attribute("points") == ""


def test_back_and_forward_go_from_view_to_view(open_panel):
    page = open_panel("en")
    page.select_option("#panel-channel", label="Weibo")
    page.select_option("#panel-code", label="Price")
    weibo = count(lambda post: post["channel"] == "weibo")
    assert found(page) < weibo
    page.go_back()
    wait_for(page, weibo)
    page.go_back()
    wait_for(page, COUNTS["negative"])
    page.go_forward()
    wait_for(page, weibo)
    assert page.locator("#panel-channel").evaluate("one => one.selectedOptions[0].text") == "Weibo"


def test_a_link_within_the_page_leaves_the_choice_and_back_returns_to_it(open_panel):
    page = open_panel("en", address="#x=code=price")
    page.evaluate("location.hash = '#headline'")
    assert found(page) == COUNTS["price"]
    page.evaluate("location.hash = '#n=counts/all/items'")
    assert found(page) == COUNTS["price"] and hash_of(page) == "#n=counts/all/items"
    page.go_back()
    page.go_back()
    page.wait_for_function("() => location.hash === '#x=code=price'")
    assert found(page) == COUNTS["price"]
    page.evaluate("location.hash = '#x=code=delivery'")
    page.wait_for_function(
        "() => document.querySelector('#panel-code').selectedOptions[0].text === 'Delivery'"
    )
    assert found(page) == COUNTS["delivery"]


@pytest.mark.parametrize(
    "address", ["#x=", "#x=code=no_such", "#x=from=yesterday&to=%00", "#x=%%%&by=<b>", "#x=code"]
)
def test_an_address_that_makes_no_sense_shows_all(open_panel, address):
    page = open_panel(address=address)
    assert found(page) == COUNTS["negative"] and page.said == []


def test_the_csv_holds_the_cells_of_the_choice_and_no_formula(open_panel):
    page = open_panel(address="#x=platform=" + quote(HOSTILE, safe=""))
    with page.expect_download() as caught:
        page.get_by_role("button", name="下载 CSV").click()
    text = Path(caught.value.path()).read_text("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert sum(int(row["items"]) for row in table) == found(page) > 0
    assert all(HOSTILE in row["platforms"] for row in table)
    assert caught.value.suggested_filename == "x-explore.csv"
    page.goto(page.url.split("#")[0] + "#x=platform=%3D2%2B3")
    with page.expect_download() as caught:
        page.get_by_role("button", name="下载 CSV").click()
    text = Path(caught.value.path()).read_text("utf-8-sig")
    assert "'=2+3" in text
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]


def test_hostile_names_stay_text_in_menu_chart_and_table(open_panel):
    page = open_panel(address="#x=by=platform")
    assert page.locator("#panel img").count() == 0
    assert HOSTILE in [row[0] for row in rows(page)]
    page.select_option("#panel-platform", label=HOSTILE)
    assert HOSTILE in page.locator("#panel .found").text_content()


def test_without_script_a_line_and_a_table_stand_there(open_panel):
    page = open_panel(java_script_enabled=False)
    assert page.locator("#panel").is_hidden()
    plain = page.locator("#panel-plain")
    assert plain.is_visible() and "同样的数字" in plain.text_content()
    price = plain.locator("tbody tr", has_text="价格").locator("td").first.text_content()
    assert price == str(COUNTS["price"])


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_fits_every_screen_and_axe_finds_nothing(open_panel, language, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_panel(language, width, "#x=code=price&share=1&by=day", color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.locator("#panel svg text").evaluate_all(
        "all => all.filter(t => t.getBoundingClientRect().right > "
        "t.ownerSVGElement.getBoundingClientRect().right + 1).map(t => t.textContent)"
    )
    assert wide == []
    problems = axe.run(page, context="#explore").response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:150]) for rule in problems] == []


@pytest.mark.parametrize(
    ("period", "ends", "told"),
    [
        (None, (None, None), "All negative items, without dates: "),
        (
            "week",
            (date(2020, 4, 6), date(2020, 6, 21)),
            "All negative items, the week of 6 April 2020 to the week of 15 June 2020: ",
        ),
        ("month", (date(2018, 1, 1), date(2020, 6, 30)), "items, January 2018 to June 2020: "),
    ],
    ids=["undated", "weeks", "months"],
)
def test_posts_without_days_and_long_windows(open_panel, pages, period, ends, told):
    study = study_of_range("x", *ends, [])
    tables = MADE["build_tables"]() | {"explore": count_cells(MADE["POSTS"], period).to_pandas()}
    page = render_report(tables, [], study, "en", simulated=False, scale=1.0)
    (pages / "report.long.html").write_bytes(page.encode())
    page = open_panel("long", 390)
    assert found(page) == COUNTS["negative"] and page.said == []
    assert told in page.locator("#panel .found").text_content()
    days = page.locator("#panel svg[aria-labelledby=panel-chart-day]")
    assert days.count() == (period is not None)
    if period:
        assert sum(int(text) for text in bars(page, "day").values()) == COUNTS["negative"]
    page.select_option("#panel-code", label="Price")
    assert found(page) == COUNTS["price"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_link_is_copied_or_shown(open_panel):
    page = open_panel("en", address="#x=code=price")
    page.get_by_role("button", name="Copy link").click()
    told = page.locator("#panel .actions [role=status]")
    page.wait_for_function(
        "() => document.querySelector('#panel .actions [role=status]').childNodes.length"
    )
    field = told.locator("input")
    assert (field.count() and field.input_value().endswith("#x=code=price")) or (
        "Link copied" in told.text_content()
    )
