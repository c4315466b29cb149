"""The report as a reader meets it: in both languages, on a telephone and on a desk."""

import re
import shutil
import subprocess
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser
LANGUAGES = ["zh", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_asks_the_network_for_nothing_and_says_nothing_on_the_console(open_page, language):
    page = open_page(language)
    assert [url for url in page.requested if not url.startswith(("file:", "data:"))] == []
    assert page.said == []
    assert page.evaluate("document.images.length") == 0
    assert page.evaluate("document.fonts.check('16px \"Caodian Sans\"')")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_never_scrolls_sideways(open_page, language, width):
    page = open_page(language, width)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    inner, outer = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert inner <= outer


def test_a_title_without_a_space_does_not_widen_the_page(open_page):
    page = open_page("en", 390)
    page.evaluate("document.querySelector('h1').textContent = 'x'.repeat(240)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# Every pair of language, width and scheme, with the two dark pages below.
@pytest.mark.parametrize(("language", "width"), [("zh", 1280), ("en", 390)])
def test_axe_finds_nothing(open_page, language, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(language, width)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = axe.run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_data_table_with_many_rows_can_be_filtered(open_page, language):
    page = open_page(language)
    table = page.locator("table[data-source=counts]")
    field = page.locator(f"#{table.get_attribute('id')}-search")
    rows = table.locator("tbody tr:visible")
    assert rows.count() == 11
    field.fill("红包" if language == "zh" else "envelope")
    assert rows.count() == 1
    status = table.locator("xpath=ancestor::div[1]/preceding-sibling::div[1]//span")
    assert "1" in status.text_content() and "11" in status.text_content()
    field.fill("no such thing")
    assert rows.count() == 0
    field.fill("")
    assert rows.count() == 11


def test_a_filter_is_reached_and_used_by_keyboard(open_page):
    page = open_page("zh")
    page.get_by_label("筛选表格").first.focus()
    page.keyboard.type("价格")
    assert page.locator("table[data-source=counts] tbody tr:visible").count() == 1


def test_columns_sort_by_number_and_say_so(open_page):
    page = open_page("en")
    table = page.locator("table[data-source=counts]")
    head = table.locator("thead th").nth(1)
    rows = "[...document.querySelectorAll('table[data-source=counts] tbody tr')]"
    values = f"{rows}.map(row => +row.cells[1].dataset.value)"
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert page.evaluate(values) == sorted(page.evaluate(values))
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert page.evaluate(values) == sorted(page.evaluate(values), reverse=True)
    table.locator("thead th").nth(0).locator("button").click()
    assert head.get_attribute("aria-sort") is None


@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh-CN")])
def test_the_language_link_leads_to_the_other_report(open_page, language, other):
    page = open_page(language)
    with page.expect_navigation():
        page.locator("header a[hreflang]").click()
    assert page.evaluate("document.documentElement.lang") == other


LINKS = "[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"


def test_a_page_that_was_sent_alone_has_no_link_that_leads_nowhere(visit, report_folder, tmp_path):
    alone = tmp_path / "report.zh.html"
    alone.write_bytes((report_folder / "report.zh.html").read_bytes())
    page = visit(alone.as_uri())
    links = page.evaluate(LINKS)
    assert [link for link in links if not link.startswith(("#", "data:text/csv"))] == []
    ids = set(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_a_page_among_its_files_links_to_those_that_are_there(open_page, report_folder):
    links = open_page("zh").evaluate(LINKS)
    beside = [link for link in links if not link.startswith(("#", "data:", "notebooks/"))]
    assert len(beside) > 10 and all((report_folder / link).is_file() for link in beside)


def test_the_numbers_of_a_figure_are_saved_from_the_page_itself(open_page, report_folder):
    page = open_page("zh")
    with page.expect_download() as download:
        page.locator("a[download='grievances.csv']").first.click()
    saved = download.value.path().read_bytes()
    assert saved == (report_folder / "figures" / "grievances.csv").read_bytes()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_of_a_page_that_is_alone_is_saved_from_the_page(
    visit, report_folder, tmp_path, scheme
):
    alone = shutil.copy(report_folder / "report.en.html", tmp_path / "sent.html")
    page = visit(f"file://{alone}", color_scheme=scheme)
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.locator("figcaption").first.get_by_role("button", name=kind).press("Enter")
        assert download.value.suggested_filename == f"grievances.en.{kind.lower()}"
        shutil.move(download.value.path(), tmp_path / kind)
    drawn = ElementTree.parse(tmp_path / "SVG").getroot()
    words = " ".join(text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text"))
    assert "Product quality" in words and "var(" not in ElementTree.tostring(drawn, "unicode")
    picture = np.asarray(Image.open(tmp_path / "PNG").convert("L"), dtype=float)
    assert picture.shape[1] > 1400
    assert picture.std() > 10  # something is drawn
    assert (np.median(picture) > 128) == (scheme == "light")
    assert page.said == []


def test_a_figure_is_told_by_its_values_linked_and_quoted(open_page):
    page = open_page("en")
    figure = page.locator("#figure-grievances")
    title = figure.locator(".picture").get_attribute("aria-label")
    figure.get_by_role("button", name="Values: ").press("Enter")
    assert not figure.locator(".picture").is_visible()
    told = figure.locator(".values li").all_inner_texts()
    assert len(told) == 10 and told[0] == "Price 1,634 (1,452 to 1,815)"
    figure.get_by_role("button", name="Drawing: ").press("Enter")
    assert figure.locator(".picture").is_visible() and not figure.locator(".values").is_visible()
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => {"
        " window.copied = text; }}})"
    )
    figure.get_by_role("button", name="Link: ").press("Enter")
    assert page.evaluate("copied").endswith("report.en.html#figure-grievances")
    figure.get_by_role("button", name="Cite: ").press("Enter")
    assert page.evaluate("copied").startswith(f"{title}. ")
    assert page.evaluate("copied").endswith("build 3f.")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#figure-grievances [role=status]')]"
        ".some((status) => status.textContent === 'Copied')"
    )


def test_the_citation_is_copied(open_page):
    page = open_page("en")
    page.get_by_role("button", name="Copy the citation").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('footer [role=status]')].some(one => one.textContent)"
    )
    assert re.fullmatch(r".+June 2020\. Caodian \S+, build 3f\.", page.inner_text("#citation"))


def test_the_table_of_contents_names_each_place_once(open_page):
    links = open_page("zh").evaluate(
        "[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href'))"
    )
    assert len(links) == len(set(links))


def test_the_skip_link_is_first_and_works(open_page):
    page = open_page("zh")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.hash === '#report'")


def test_the_reading_order_of_headings_has_no_gaps(open_page):
    page = open_page("zh")
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_no_other_script_may_run(open_page):
    page = open_page("zh")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.broken = 1';"
        " document.body.append(s); }"
    )
    assert page.evaluate("window.broken") is None


def test_without_the_script_the_tables_are_complete(open_page):
    page = open_page("zh", java_script_enabled=False)
    assert page.locator("table[data-source=counts] tbody tr").count() == 11
    assert page.locator("input").count() == 0


def test_printing_shows_the_report_without_its_tools(open_page):
    page = open_page("zh")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator(".tools").first.is_hidden()
    assert page.locator("#headline").is_visible()


@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 1280)])
def test_axe_finds_nothing_on_a_dark_page(open_page, language, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(language, width)
    page.emulate_media(color_scheme="dark")
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 25, 29)"
    found = axe.run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == []


def test_a_link_into_a_folded_part_opens_it(open_page):
    page = open_page("zh")
    fold = page.locator("#trend-tests > details")
    assert fold.get_attribute("open") is None
    page.evaluate("location.hash = 'trend-tests'")
    page.wait_for_function("() => document.querySelector('#trend-tests > details').open")
    inside = page.locator("#audit table").first.get_attribute("id")
    page.evaluate(f"location.hash = '{inside}'")
    page.wait_for_function("() => document.querySelector('#audit > details').open")
    assert page.locator(f"#{inside}").is_visible()


def test_the_summary_is_copied_and_where_it_cannot_be_it_is_selected(open_page):
    page = open_page("zh")
    summary = page.locator("#summary").text_content().strip()
    page.evaluate(
        "() => { navigator.clipboard.writeText = text => {"
        " window.taken = text; return Promise.resolve(); }; }"
    )
    page.get_by_role("button", name="复制摘要").click()
    page.wait_for_function("() => document.querySelector('.copying [role=status]').textContent")
    assert page.evaluate("window.taken") == summary
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no'));"
        " document.execCommand = () => false; }"
    )
    page.get_by_role("button", name="复制摘要").press("Enter")
    page.wait_for_function("() => String(getSelection()).length > 20")
    assert page.evaluate("String(getSelection())").strip() == summary
    assert "Ctrl+C" in page.locator(".summary .copying").text_content()


def test_what_is_folded_is_left_out_of_print_and_that_is_said(open_page):
    page = open_page("en")
    page.emulate_media(media="print")
    assert page.get_by_text("Folded parts are not printed").is_visible()
    assert not page.locator("#method").get_by_text("A negative item is a post").is_visible()
    page.evaluate("document.querySelector('#method > details').open = true")
    assert page.locator("#method").get_by_text("A negative item is a post").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == (
        "table-header-group"
    )
    # A head that holds a button is repeated on no sheet.
    assert not page.locator("th button").first.is_visible()
    assert page.evaluate(
        "[...document.querySelectorAll('thead th')].every(h => !h.querySelector('button') || "
        "getComputedStyle(h, '::before').content === JSON.stringify(h.textContent))"
    )


def test_page_one_stands_without_the_script(open_page):
    page = open_page("en", java_script_enabled=False)
    assert page.locator(".card").count() == 3
    assert page.locator(".card svg").first.is_visible()
    assert page.locator("#summary").is_visible()
    assert page.get_by_role("button", name="Copy the summary").count() == 0
    page.locator("#method summary").click()  # folds open without it
    assert page.locator("#method").get_by_text("A negative item is a post").is_visible()


def inked(page, folder):
    """Print a page as PDF, and say of each sheet down to which share of its height it is inked."""
    tool = shutil.which("pdftoppm")
    if tool is None:
        pytest.skip("no pdftoppm on this machine, which draws the sheets of a PDF")
    page.pdf(path=folder / "page.pdf", format="A4")
    subprocess.run([tool, "-r", "20", "-gray", folder / "page.pdf", folder / "sheet"], check=True)
    sheets = [np.asarray(Image.open(path)) for path in sorted(folder.glob("sheet*.pgm"))]
    return [(np.flatnonzero((sheet < 200).any(axis=1)).max() + 1) / len(sheet) for sheet in sheets]


def test_in_print_what_is_smaller_than_the_text_stays_smaller(open_page):
    page = open_page("en")
    page.emulate_media(media="print")
    sizes = page.evaluate(
        "['body', '.card', '.simulated', '.source', '.window'].map(name =>"
        " parseFloat(getComputedStyle(document.querySelector(name)).fontSize))"
    )
    assert max(sizes[1:]) <= sizes[0], sizes


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sheet_but_the_last_is_half_empty_in_print(open_page, language, tmp_path):
    full = inked(open_page(language), tmp_path)
    assert len(full) > 6
    assert min(full[:-1]) > 0.5, full
