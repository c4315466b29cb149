"""A built report in both languages, opened in an installed Chromium."""

import os
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
def report_folder(tmp_path_factory, drawn) -> Path:
    from analysis.reporting.report import render_report

    folder = tmp_path_factory.mktemp("report") / drawn.study.name  # as a build is called
    shutil.copytree(drawn.folder, folder / "figures")
    for language, other in (("zh", "en"), ("en", "zh")):
        page = render_report(
            drawn.tables,
            drawn.figures[language],
            drawn.study,
            language,
            simulated=True,
            scale=0.01,
            notebooks=[("问题?", "notebooks/01.html")],
            manifest={
                "software": {"caodian": "0"},
                "inputs": {"posts.csv": "0" * 64},
                "build": "3f",
            },
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
