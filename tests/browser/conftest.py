"""A built report in both languages, opened in an installed Chromium."""

import os
import runpy
import shutil
from pathlib import Path

import pytest

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]


def find_chromium() -> str | None:
    """Give the browser named by CAODIAN_CHROMIUM, else one on PATH."""
    named = os.environ.get("CAODIAN_CHROMIUM")
    return named or next((found for name in CANDIDATES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium():
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (CAODIAN_CHROMIUM names one)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def report_folder(tmp_path_factory) -> Path:
    from analysis.measures.claims import judge_claims
    from analysis.reporting.figures import draw_figures
    from analysis.reporting.report import render_report

    fabricated = Path(__file__).parents[1] / "conftest.py"
    made = runpy.run_path(str(fabricated))
    tables, study = made["build_tables"](), made["build_study"]()
    tables["claims"] = judge_claims(study, tables, simulated=True, scale=0.01)
    folder = tmp_path_factory.mktemp("report") / study.name  # as a build is called
    for language, other in (("zh", "en"), ("en", "zh")):
        figures = draw_figures(
            tables, study, language, folder / "figures", simulated=True, scale=0.01
        )
        page = render_report(
            tables,
            figures,
            study,
            language,
            simulated=True,
            scale=0.01,
            notebooks=[("问题?", "notebooks/01.html")],
            manifest={"software": {"caodian": "0"}, "inputs": {"posts.csv": "0" * 64}},
            other_language_href=f"report.{other}.html",
        )
        (folder / f"report.{language}.html").write_bytes(page.encode())
    return folder


@pytest.fixture
def visit(chromium):
    """Open an address; what it asks the network for and says on the console is collected."""
    opened = []

    def visitor(address: str, width: int = 1280, **options):
        page = chromium.new_page(viewport={"width": width, "height": 900}, **options)
        opened.append(page)
        page.requested, page.said = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(address)
        return page

    yield visitor
    for page in opened:
        page.close()


@pytest.fixture
def open_page(visit, report_folder):
    """Open a report in a language."""

    def opener(language: str, width: int = 1280, **options):
        return visit((report_folder / f"report.{language}.html").as_uri(), width, **options)

    return opener
