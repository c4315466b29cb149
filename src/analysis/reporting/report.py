"""Render the report: one HTML file that needs nothing else and asks nobody anything."""

import base64
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath

import pandas as pd
import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from analysis.errors import CaodianError
from analysis.numbers import scale_text
from analysis.plots.style import font_face
from analysis.reporting.drawer import drawer_data
from analysis.reporting.figures import SavedFigure
from analysis.reporting.panel import build_panel
from analysis.reporting.sections import answers, days, sources
from analysis.reporting.sections.first_page import first_page
from analysis.reporting.sections.section import (
    Block,
    Part,
    ReportContext,
    Section,
    gather_silent,
    is_shown,
)
from analysis.storage.write import replacing, show_hidden
from analysis.study.model import Study
from analysis.words import LANGUAGES, load_words, window_of

# The parts after page one, in reading order. What is no finding is folded.
_FINDINGS = (
    answers.headline, answers.grievances, days.trends, days.event_days, days.breaks,
    answers.live_streaming, answers.sms, answers.red_envelopes, answers.price, sources.sentiment,
    sources.platforms, sources.clusters,
)  # fmt: skip
_PUBLISHED = (answers.claims, answers.campaigns)
_EVIDENCE = (
    sources.method, sources.audit, days.trend_tests, answers.specifications, sources.coverage,
    sources.funnel, sources.channels, sources.ratings, sources.reproduce,
)  # fmt: skip
SECTIONS = (*_FINDINGS, *_PUBLISHED, *_EVIDENCE)

# The figures that stand open among the findings, the first eight that a run has; the others are
# folded below the section that they belong to.
_OPEN_FIGURES = (
    "grievances", "daily_negatives", "sms_by_day", "live_streaming_by_day", "red_envelopes",
    "price_strands", "sentiment", "platforms", "event_days", "clusters", "ratings",
)  # fmt: skip
_MOST_OPEN = 8

# A part of the page with a look or a script of its own has a file of each; they are joined in
# this order, into one style and one script.
_STYLES = ("report.css", "figure.css", "drawer.css", "panel.css")
_SCRIPTS = ("report.js", "figure.js", "drawer.js", "panel.js")

# Left out where the posts have no days; the headline then says so in one sentence.
_OF_DAYS = (days.trends, days.event_days, days.trend_tests, days.breaks, sources.coverage)


def render_report(
    tables: Mapping[str, pd.DataFrame],
    figures: Sequence[SavedFigure],
    study: Study,
    language: str,
    *,
    simulated: bool,
    scale: float,
    notebooks: Sequence[tuple[str, str]] = (),
    manifest: Mapping[str, object] | None = None,
    other_language_href: str = "",
    map_href: str = "",
    examples: pl.DataFrame | None = None,
) -> str:
    """Write the whole report of a run in one language.

    Parameters
    ----------
    tables
        The run's tables by name (contract 8); a section with nothing to say is one line of a list.
    figures
        The saved figures of the same language.
    simulated
        Whether the corpus was simulated; the report then says so at the top.
    scale
        Scale of the simulated corpus, 1 for a real one.
    notebooks
        Title and link of each executed notebook.
    manifest
        Versions, parameters and inputs of the run, printed under "how to make this report again".
    other_language_href
        Link to the report in the other language; empty when there is none.
    map_href
        Link to the map of topics; empty when there is none.
    examples
        Posts that the page may quote, as `read_examples` gives them; None where it may quote none.

    Returns
    -------
    str
        One HTML page with its figures, font, style and script inside.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> page = render_report({}, [], study, "en", simulated=False, scale=1.0)
    >>> page.count("<h1>")
    1
    """
    say = load_words(language, study.period)
    run = ReportContext(
        tables, {figure.name: figure for figure in figures}, study, say, simulated, scale,
        notebooks, manifest or {}, map_href,
    )  # fmt: skip
    look = "\n".join(asset(name) for name in _STYLES)
    script = "\n".join(_alone(asset(name)) for name in _SCRIPTS)
    values = {
        "say": say,
        "title": study.title_zh if language == "zh" else study.title_en,
        "window": window_of(study, say),
        "other_language_href": other_language_href,
        "simulated": simulated,
        "scale": scale_text(scale) if simulated and scale < 1 else "",
        "simulated_note": say("page.simulated", scale=scale_text(scale)) if simulated else "",
        "unaudited_note": answers.unaudited_note(run),
        "first": first_page(run),
        "parts": _parts(run),
        "open_figures": _choose_open(figures),
        "panel": build_panel(run),
        "build": _folder_of(manifest or {}, study),
        "citation": sources.citation(run),
        "data": {figure.name: _data_of(figure) for figure in figures},
        "pictures": {
            figure.name: Markup(figure.inline)  # noqa: S704 - drawn by ourselves, texts escaped
            for figure in figures
        },
        "script": Markup(script),  # noqa: S704 - our own file
        "script_hash": csp_hash(script),
    }
    template = page_template("report.html.j2")
    bare = template.render(values, style=Markup(look), drawer="")  # noqa: S704 - our own file
    drawer, in_our_font = drawer_data(bare, run, examples)
    # The script shows arrows and numbers that the bare page may lack.
    style = font_face(bare + in_our_font + "↑↓↕0123456789") + look
    values["drawer"] = Markup(drawer)  # noqa: S704 - escaped there
    page = template.render(values, style=Markup(style))  # noqa: S704 - our own file
    return show_hidden(page, in_page=True)


def _alone(script: str) -> str:
    """Let a part of the script fail without the others."""
    return f"try {{\n{script}}} catch (error) {{ console.error(error); }}"


def _parts(run: ReportContext) -> list[Part]:
    """Build the sections in their parts; what is not said is one list after the findings."""
    say = run.words

    def build(makers: Sequence[Callable[[ReportContext], Section]]) -> list[Section]:
        return [maker(run) for maker in makers if run.study.days or maker not in _OF_DAYS]

    parts = [
        Part("findings", say("part.findings"), build(_FINDINGS)),
        Part("published", say("part.published"), build(_PUBLISHED)),
        Part("evidence", say("part.evidence"), build(_EVIDENCE), is_folded=True),
    ]
    unsaid = gather_silent([s for part in parts for s in part.sections], say("section.unsaid"))
    shown = [
        replace(part, sections=[section for section in part.sections if is_shown(section)])
        for part in parts
    ]
    if unsaid is not None:
        shown[0].sections.append(unsaid)
    return [part for part in shown if part.sections]


def _choose_open(figures: Sequence[SavedFigure]) -> set[str]:
    """Choose the figures that stand open."""
    there = {figure.name for figure in figures}
    return set([name for name in _OPEN_FIGURES if name in there][:_MOST_OPEN])


def _folder_of(manifest: Mapping[str, object], study: Study) -> str:
    """Name the folder of the build, among whose files the page may link to others."""
    words = shlex.split(str(manifest.get("verify") or ""))
    return PurePosixPath(words[-1]).name if words else study.name


_LARGEST_DATA = 20_000  # bytes: what is more weighs the page down and stays a file beside it


def _data_of(figure: SavedFigure) -> str:
    """Give the numbers behind a figure as an address that the browser saves as a file."""
    content = figure.csv.read_bytes()
    if len(content) > _LARGEST_DATA:
        return ""
    return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(content).decode('ascii')}"


def csp_hash(script: str) -> str:
    """Name the one script that a page may run."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def asset(name: str) -> str:
    """Read a style or script of the pages."""
    return resources.files("analysis.reporting").joinpath("templates", name).read_text("utf-8")


@cache
def page_template(name: str) -> Template:
    """Open a template of the pages."""
    environment = Environment(
        loader=PackageLoader("analysis.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["block"] = lambda text: isinstance(text, Block)
    return environment.get_template(name)


# Pages on paper.

_BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge",
    "microsoft-edge",
)  # fmt: skip
_PRINT_SECONDS = 120


def find_browser() -> str | None:
    """Find a Chromium, Chrome or Edge on the search path; None where there is none."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def print_pages(
    folder: Path, target: Path, browser: str | None, tell: Callable[[str], None]
) -> list[Path]:
    """Print the page of each language to a PDF."""
    if browser is None:
        for language in LANGUAGES:  # those of an earlier run would stand beside new pages
            (target / f"{folder.name}.{language}.pdf").unlink(missing_ok=True)
        tell("pdf: no Chromium, Chrome or Edge is installed; open the page and print it")
        return []
    written = []
    for language in LANGUAGES:
        path = target / f"{folder.name}.{language}.pdf"
        page = folder / f"report.{language}.html"
        _print_page(browser, page.resolve(), path)
        written.append(path)
    return written


_BESIDE = re.compile(r' data-beside="[^"]*"')


def _print_page(browser: str, page: Path, path: Path) -> None:
    """Print one page by a browser of its own, which keeps nothing and asks nobody.

    A copy without links to files beside it is printed: they would tell the folders of this machine.
    """
    with (
        replacing(path) as unfinished,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        alone = Path(profile, "page.html")
        alone.write_text(_BESIDE.sub("", page.read_text("utf-8")), "utf-8")
        said = _run_browser(
            [
                browser, "--headless", "--disable-gpu", "--no-sandbox", "--no-first-run",
                f"--user-data-dir={profile}", "--no-pdf-header-footer",
                f"--print-to-pdf={unfinished.resolve()}", alone.as_uri(),
            ]
        )  # fmt: skip
        if said or not unfinished.is_file() or not unfinished.stat().st_size:
            raise CaodianError(
                "a browser must be able to print the page", value=said or "no page came",
                where=browser, remedy="Leave pdf out of --format, and print the page by hand.",
            )  # fmt: skip


def _run_browser(command: Sequence[str]) -> str:
    """Run a browser to its end; return what went wrong, empty where nothing did.

    What it says goes to a file: a process that it leaves behind would hold a pipe open for ever.
    """
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(  # noqa: S603 - a browser that the user has installed
                command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, start_new_session=True
            )
        except (OSError, ValueError) as error:
            return (error.strerror if isinstance(error, OSError) else None) or str(error)
        try:
            code = process.wait(_PRINT_SECONDS)
        except subprocess.TimeoutExpired:
            return f"not done after {_PRINT_SECONDS} s"
        finally:
            _end(process)
        if not code:
            return ""
        told.seek(0)
        lines = told.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit {code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a browser and all that it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
