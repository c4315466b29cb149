"""Render the report: one HTML file that needs nothing else and asks nobody anything."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from analysis.numbers import scale_text
from analysis.plots.style import font_face
from analysis.reporting.figures import SavedFigure
from analysis.reporting.panel import build_panel
from analysis.reporting.sections import answers, days, published, sources, trust
from analysis.reporting.sections.section import Block, ReportContext, gather_silent
from analysis.study.model import Study
from analysis.words import load_words, window_of

# Reading order.
SECTIONS = (
    answers.headline, answers.grievances, days.trends, days.breaks,
    answers.live_streaming, answers.sms, answers.red_envelopes, answers.price, sources.platforms,
    sources.channels, sources.ratings, sources.clusters, published.claims, published.campaigns,
    trust.funnel, trust.coverage, trust.method, trust.reproduce,
)  # fmt: skip

# A part of the page with a look or a script of its own has a file of each; they are joined in
# this order, into one style and one script.
_STYLES = ("report.css", "figure.css", "drawer.css", "panel.css")
_SCRIPTS = ("report.js", "figure.js", "drawer.js", "panel.js")

# Left out where the posts have no days; the headline then says so in one sentence.
_OF_DAYS = (days.trends, days.breaks, trust.coverage)


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
    script = "\n".join(asset(name) for name in _SCRIPTS)
    values = {
        "say": say,
        "title": study.title_zh if language == "zh" else study.title_en,
        "window": window_of(study, say),
        "other_language_href": other_language_href,
        "simulated": simulated,
        "simulated_note": say("page.simulated", scale=scale_text(scale)) if simulated else "",
        "unaudited_note": answers.unaudited_note(run),
        "sections": gather_silent(
            [section(run) for section in SECTIONS if study.days or section not in _OF_DAYS],
            say("section.unsaid"),
        ),
        "panel": build_panel(run),
        "pictures": {
            figure.name: Markup(figure.inline)  # noqa: S704 - drawn by ourselves, texts escaped
            for figure in figures
        },
        "script": Markup(script),  # noqa: S704 - our own file
        "script_hash": csp_hash(script),
    }
    template = _template()
    bare = template.render(values, style=Markup(look))  # noqa: S704 - our own file
    # The script shows arrows and numbers that the bare page may lack.
    style = font_face(bare + "↑↓↕0123456789") + look
    return template.render(values, style=Markup(style))  # noqa: S704 - our own file


def csp_hash(script: str) -> str:
    """Name the one script that a page may run.

    Examples
    --------
    >>> csp_hash("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def asset(name: str) -> str:
    """Read a style or script of the pages.

    Examples
    --------
    >>> asset("report.css").startswith(":root")
    True
    """
    return resources.files("analysis.reporting").joinpath("templates", name).read_text("utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("analysis.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["block"] = lambda text: isinstance(text, Block)
    return environment.get_template("report.html.j2")
