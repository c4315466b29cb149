"""The map of topics in Chromium: open, search, slide, click by mouse, key and finger."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import analysis as cd

pytestmark = pytest.mark.browser
LANGUAGES = ["zh", "en"]
MATTERS = {
    0: ["物流停滞", "快递丢件", "迟迟不发货", "催单无人理", "配送超时", "驿站拒收"],
    1: ["退款被拒", "客服踢皮球", "售后敷衍", "退货运费", "换货拖延", "维修收费"],
    -1: ["天气", "电影", "早餐", "风景", "音乐", "散步"],
}
TOPICS = pd.DataFrame(
    {"cluster": [0, 1], "label": ["物流·快递·发货", "退款·客服·售后"],
     "terms": ["物流、快递", "退款、客服"], "items": [80, 80], "covered": [1.0, 0.3]}
)  # fmt: skip


def make_posts(source="simulated"):
    draw = np.random.default_rng(2)
    rows = [
        {"source": source, "topic": topic, "confidence": 0.9, "grievances": ["delivery"],
         "text": "，".join(draw.permutation(words)[:3]) + f"，第{topic}{i}回",
         "published_at": f"2020-06-{1 + i % 20:02d} 08:00:00"}
        for topic, words in MATTERS.items() for i in range(80)
    ]  # fmt: skip
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map")
    made = cd.map_topics(make_posts(), TOPICS, scale=0.01)
    for language in LANGUAGES:
        made.save(folder / f"{language}.html", language=language)
    cd.map_topics(make_posts("weibo"), TOPICS).save(folder / "real.html")
    shown = made._repr_html_()
    (folder / "notebook.html").write_text(f"<meta charset=utf-8>{shown}", encoding="utf-8")
    return folder


@pytest.fixture
def open_map(visit, folder):
    """Open the map at a width."""

    def opener(name="zh", width=1280, **options):
        return visit((folder / f"{name}.html").as_uri(), width, **options)

    return opener


def ready(page):
    page.wait_for_selector("#app:not([hidden])")
    return page


def until(page, told):
    """Wait for a condition; the page's policy forbids Playwright's own way of asking."""
    for _ in range(200):
        if page.evaluate(told):
            return
        page.wait_for_timeout(50)
    raise AssertionError(told)


def counts(page):
    """Give the texts and posts that the page says it shows."""
    digits = [int(part) for part in page.locator("#status").inner_text().split() if part.isdigit()]
    return digits[0], digits[-1]


def zoom(page):
    return float(page.locator("#map").get_attribute("data-zoom"))


def ink(page):
    """Tell how many pixels of the canvas are neither paper nor grey, once it is painted."""
    return page.evaluate(
        """async () => { for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
        const c = document.querySelector('#map');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0;
        for (let i = 0; i < d.length; i += 4)
            if (Math.max(d[i], d[i+1], d[i+2]) - Math.min(d[i], d[i+1], d[i+2]) > 40) n++;
        return n; }"""
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_shows_all_topics_and_asks_the_network_for_nothing(open_map, language):
    page = ready(open_map(language))
    until(page, "document.querySelector('#map').dataset.labels == '2'")
    assert counts(page) == (240, 240) and ink(page) > 500
    assert page.locator("#legend label").count() == 3
    assert page.locator("tbody tr").count() == 2
    assert [url for url in page.requested if not url.startswith("file:")] == []
    assert page.said == []


def test_words_are_found_marked_and_opened(open_map):
    page = ready(open_map("en"))
    before = ink(page)
    page.fill("#search", "快递丢件")
    until(page, "document.querySelectorAll('#found button').length == 12")
    expected = sum("快递丢件" in text for text in make_posts()["text"])
    assert page.locator("#hits").inner_text() == f"{expected} texts found"
    assert ink(page) < before
    page.press("#search", "Enter")
    assert "快递丢件" in page.locator("#post .text").inner_text()
    assert page.locator("#post mark").first.inner_text() == "快递丢件" and zoom(page) >= 5
    page.fill("#search", "没有这样的词")
    until(page, "document.querySelector('#hits').textContent == 'Nothing found'")
    page.fill("#search", "")
    until(page, "document.querySelector('#hits').textContent == ''")


def test_days_and_topics_narrow_what_is_shown(open_map):
    page = ready(open_map())
    page.locator("#last").fill("4")
    assert counts(page) == (60, 60)
    assert page.locator("#span").inner_text() == "2020-06-01 – 2020-06-05"
    page.locator("#first").fill("9")  # the last day follows
    assert page.locator("#span").inner_text() == "2020-06-10" and counts(page) == (12, 12)
    page.locator("#legend input").first.uncheck()
    assert counts(page) == (8, 8)
    page.click("#none")
    assert counts(page) == (0, 0) and ink(page) == 0
    page.click("#all")
    assert counts(page) == (12, 12)


def middle_of(page):
    box = page.locator("#map").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_point_opens_by_mouse(open_map):
    page = ready(open_map("en"))
    page.fill("#search", "第07回")  # one text, centred by Enter
    page.press("#search", "Enter")
    told = page.locator("#post").inner_text()
    page.click("#close")
    assert not page.locator("#post").is_visible()
    page.mouse.click(*middle_of(page))
    assert page.locator("#post").inner_text() == told
    assert "物流·快递·发货" in told and "2020-06-08" in told and "Delivery" in told
    page.mouse.click(page.locator("#map").bounding_box()["x"] + 3, middle_of(page)[1])
    assert not page.locator("#post").is_visible()


def test_wheel_drag_and_buttons_move_the_map(open_map):
    page = ready(open_map())
    assert zoom(page) == 1
    page.mouse.move(*middle_of(page))
    page.mouse.wheel(0, -400)
    until(page, "+document.querySelector('#map').dataset.zoom > 1.5")
    here = page.locator("#map").get_attribute("data-x")
    page.mouse.down()
    page.mouse.move(middle_of(page)[0] - 120, middle_of(page)[1], steps=4)
    page.mouse.up()
    assert int(page.locator("#map").get_attribute("data-x")) > int(here)
    before = zoom(page)
    page.click("#in")
    assert zoom(page) > before
    page.click("#out")
    page.click("#whole")
    assert zoom(page) == 1


def test_the_map_works_without_a_mouse(open_map):
    page = ready(open_map("zh"))
    page.focus("#map")
    page.keyboard.press("+")
    assert zoom(page) == pytest.approx(1.4)
    here = page.locator("#map").get_attribute("data-y")
    page.keyboard.press("ArrowDown")
    assert int(page.locator("#map").get_attribute("data-y")) > int(here)
    page.keyboard.press("Enter")
    first = page.locator("#post .text").inner_text()
    page.keyboard.press("n")
    second = page.locator("#post .text").inner_text()
    page.keyboard.press("p")
    assert first and second != first and page.locator("#post .text").inner_text() == first
    page.keyboard.press("Escape")
    assert not page.locator("#post").is_visible()
    page.keyboard.press("0")
    assert zoom(page) == 1
    reached = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    assert {"in", "out", "whole", "first", "last", "search", "all", "none"} <= reached


def test_two_fingers_zoom_and_one_opens(open_map):
    page = ready(open_map("zh", 390, has_touch=True, is_mobile=True))
    page.locator("#map").scroll_into_view_if_needed()
    x, y = middle_of(page)
    client = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 30), ("touchMove", 60), ("touchMove", 90), ("touchEnd", 0)):
        points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        client.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if apart else []}
        )
    until(page, "+document.querySelector('#map').dataset.zoom > 2")
    page.fill("#search", "第07回")
    page.press("#search", "Enter")
    page.click("#close")
    page.touchscreen.tap(*middle_of(page))
    assert page.locator("#post").is_visible()
    assert page.locator("#post").bounding_box()["y"] < 900  # a sheet at the foot of the screen


# Every pair of language, width and scheme.
@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("zh", 390, "light"), ("zh", 1280, "dark"), ("en", 390, "dark"), ("en", 1280, "light")],
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_map, language, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = ready(open_map(language, width, color_scheme=scheme))
    page.fill("#search", "快递")
    page.press("#search", "Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    number = page.locator("tbody td").first.bounding_box()
    assert number["height"] < 120 and number["width"] > 18  # digits stand side by side
    found = axe.run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == []
    corner = page.evaluate(
        "[...document.querySelector('#map').getContext('2d').getImageData(2, 2, 1, 1).data]"
    )
    assert (max(corner[:3]) < 40) == (scheme == "dark")


def test_texts_of_real_posts_are_not_shown_and_topics_are_searched(open_map):
    page = ready(open_map("real"))
    page.fill("#search", "退款")
    page.press("#search", "Enter")
    assert page.locator("#hits").inner_text() == "找到 80 条文本"
    told = page.locator("#post").inner_text()
    assert "退款·客服·售后" in told and not page.locator("#post .text").is_visible()


def test_without_a_script_the_table_stands(open_map):
    page = open_map("zh", java_script_enabled=False)
    assert page.locator("tbody tr").count() == 2 and page.locator("table").is_visible()
    assert not page.locator("#map").is_visible()


def test_a_notebook_shows_it_in_a_frame(open_map):
    page = open_map("notebook")
    frame = page.frame_locator("iframe")
    frame.locator("#app").wait_for(state="visible")
    frame.locator("#search").fill("快递")
    frame.locator("#found button").first.click()
    assert "快递" in frame.locator("#post .text").inner_text()
