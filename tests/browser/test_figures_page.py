"""The figures inside the page: drawings with text, legible, in the colours of the page."""

import pytest

pytestmark = pytest.mark.browser
LANGUAGES = ["zh", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_drawn_across_its_column_with_text_in_the_font(open_page, language):
    page = open_page(language)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    drawn = page.evaluate(
        "[...document.querySelectorAll('figure .picture')].map(picture => {"
        " const all = [...picture.querySelectorAll('svg')].filter(svg => svg.clientWidth);"
        " const text = all[0].querySelector('text');"
        " return [all.length, all[0].clientWidth, picture.clientWidth,"
        "         getComputedStyle(text).fontFamily, all[0].querySelectorAll('text').length] })"
    )
    assert len(drawn) == page.locator("figure").count() > 10
    for shown, width, column, family, texts in drawn:
        assert shown == 1 and width == column > 500
        assert family.startswith('"Caodian Sans"') and texts > 5


# What Chromium measures against what matplotlib laid out: text of another width would overlap.
MEASURE = """
() => [...document.querySelectorAll('figure .picture svg')].filter(svg => svg.clientWidth)
  .map(svg => {
    const edge = svg.viewBox.baseVal, found = [];
    const boxes = [...svg.querySelectorAll('text')].filter(text => !text.hasAttribute('transform'))
      .map(text => [text.textContent, text.getBBox()]);
    for (const [text, box] of boxes)
      if (box.x < -1 || box.x + box.width > edge.width + 1 || box.y + box.height > edge.height + 9)
        found.push(`outside: ${text}`);
    // The box of a text is as high as its line: its middle half is where letters are.
    const ink = ([, b]) =>
      [b.x + 2, b.x + b.width - 2, b.y + b.height * .3, b.y + b.height * .7];
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
      const a = ink(boxes[i]), b = ink(boxes[j]);
      if (a[0] < b[1] && b[0] < a[1] && a[2] < b[3] && b[2] < a[3])
        found.push(`overlap: ${boxes[i][0]} | ${boxes[j][0]}`);
    }
    return [svg.getAttribute('aria-labelledby'), found];
  }).filter(([, found]) => found.length)
"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_lies_on_another_or_outside(open_page, language, width):
    page = open_page(language, width)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    page.evaluate("document.fonts.ready")
    assert page.evaluate(MEASURE) == []


def shown(page):
    return page.evaluate(
        "[...document.querySelectorAll('figure .picture')].map(picture =>"
        " [...picture.querySelectorAll('svg')].filter(svg => svg.clientWidth)"
        "   .map(svg => svg.getAttribute('class')).join())"
    )


def test_a_telephone_has_drawings_of_its_own_and_paper_the_wide_ones(open_page):
    page = open_page("zh", 390)
    assert set(shown(page)) == {"narrow"}
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('svg.narrow')].filter(svg => svg.clientWidth)"
        ".flatMap(svg => [...svg.querySelectorAll('g[font-size]')].map(group =>"
        " group.getAttribute('font-size') * svg.clientWidth / svg.viewBox.baseVal.width)))"
    )
    assert smallest >= 11
    page.emulate_media(media="print")
    printed = set(",".join(shown(page)).split(",")) - {""}  # a part that is folded is not printed
    assert printed == {"wide", "slice"}  # a tall one is cut between its rows of panels
    assert page.locator("svg.slice use").count() > 1


@pytest.mark.parametrize(
    ("width", "kind", "least"), [(700, "narrow", 14), (768, "wide", 9.4), (1000, "wide", 9.6)]
)
def test_a_tablet_has_drawings_that_can_be_read(open_page, width, kind, least):
    page = open_page("en", width)
    assert {name.split()[0] for name in shown(page)} == {kind}
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('figure svg')].filter(svg => svg.clientWidth)"
        ".flatMap(svg => [...svg.querySelectorAll('g[font-size]')].map(group =>"
        " group.getAttribute('font-size') * svg.clientWidth / svg.viewBox.baseVal.width)))"
    )
    assert smallest >= least
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_in_a_dark_page_figures_are_dark_and_on_paper_they_are_not(open_page):
    page = open_page("en")
    ink = "getComputedStyle(document.querySelector('svg.wide g.f-ink')).fill"
    light = page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(ink)
    sums = [sum(map(int, color[4:-1].split(","))) for color in (light, dark)]
    assert sums[0] < 200 and sums[1] > 600
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(ink) == light


def picture_of(page, name):
    return page.locator(f"figure[data-evidence*='{name}.'] .picture")


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [("zh", "6月1日：", "6月20日："), ("en", "1 June: ", "20 June: ")],
)
def test_arrow_keys_read_the_values_one_by_one(open_page, language, first, last):
    page = open_page(language)
    picture = picture_of(page, "sms_by_day")
    tip = picture.locator("[role=status]")
    page.keyboard.press("Tab")  # from here on the page knows that it is read by keys
    picture.focus()
    assert tip.text_content() == picture.get_attribute("data-keys")
    page.keyboard.press("ArrowRight")
    assert tip.text_content().startswith(first)
    page.keyboard.press("End")
    assert tip.text_content().startswith(last)
    page.keyboard.press("ArrowRight")
    assert tip.text_content().startswith(last)
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    assert picture.locator("svg title").count() == 0  # it would show itself beside the value
    assert picture.locator("svg.wide").get_attribute("aria-label")


def test_up_and_down_lead_to_the_same_day_of_another_panel(open_page):
    page = open_page("en")
    picture = picture_of(page, "daily_negatives")
    tip = picture.locator("[role=status]")
    picture.focus()
    for key in ("Home", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    name, value = tip.text_content().split("\n")
    assert name != "Negative items" and value.startswith("2 June: ")
    page.keyboard.press("ArrowUp")
    assert tip.text_content().startswith("Negative items\n2 June: ")


def test_pointing_at_a_bar_says_its_row_with_the_interval(open_page):
    page = open_page("en")
    picture = picture_of(page, "grievances")
    picture.scroll_into_view_if_needed()
    label = picture.locator("svg.wide text", has_text="Live-stream selling").bounding_box()
    page.mouse.move(label["x"] + label["width"] + 60, label["y"] + label["height"] / 2)
    tip = picture.locator("[role=status]")
    tip.wait_for(state="visible")
    assert tip.text_content().startswith("Live-stream selling 1,") and "(" in tip.text_content()
    page.mouse.move(1, 1)
    tip.wait_for(state="hidden")


def test_without_the_script_nothing_is_lost(open_page):
    page = open_page("zh", 390, java_script_enabled=False)
    svg = page.locator("figure svg.narrow").first
    assert svg.is_visible() and page.locator("figure svg.wide").first.is_hidden()
    assert svg.get_attribute("aria-labelledby")
