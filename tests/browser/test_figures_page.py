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
@pytest.mark.parametrize("language", ["zh"])
def test_no_text_lies_on_another_or_outside(open_page, language, width):
    page = open_page(language, width)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    page.evaluate("document.fonts.ready")
    assert page.evaluate(MEASURE) == []
