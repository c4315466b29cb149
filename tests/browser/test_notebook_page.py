"""A rendered notebook on a phone: code is folded, tables begin at the left, nothing spills."""

import nbformat
import pytest

from analysis.reporting.notebooks import execute_notebooks

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rendered")
    code = """import pandas as pd
pd.set_option("display.max_colwidth", None)
text = "等了九天还不发货，客服也不理人。" * 12
pd.DataFrame({"条": [3], "正文": [text], "platform": ["淘宝"]})"""
    cells = [
        nbformat.v4.new_markdown_cell("# 问题？\n\n*A question?*"),
        nbformat.v4.new_code_cell(code),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"caodian": {"about": "project"}})
    source = folder / "01-a-question.ipynb"
    nbformat.write(notebook, source)
    pages = [
        execute_notebooks([source], folder / name, {}, root=folder)[0][2] for name in ("a", "b")
    ]
    assert pages[0].read_bytes() == pages[1].read_bytes()
    return pages[0]


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_its_folds_and_its_tables_begin_at_the_left(width, page_file, visit):
    page = visit(page_file.as_uri(), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    code = page.locator("details.code")
    assert code.count() == 1 and not page.locator("details.code pre").is_visible()
    page.locator("details.code summary").click()
    assert page.locator("details.code pre").is_visible()
    cells = page.locator("table.dataframe th, table.dataframe td")
    aligned = cells.evaluate_all("all => all.map(one => getComputedStyle(one).textAlign)")
    assert set(aligned) == {"left"}
    text = page.locator("table.dataframe td").nth(1).bounding_box()
    assert text["width"] > 100  # long text is a block, not a column of single characters
