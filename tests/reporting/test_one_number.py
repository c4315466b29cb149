"""One quantity has one printed form a language, wherever the report shows it.

The checks run over whatever the report contains: new sections, tables and figures are covered too.
"""

import base64
import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.text import Text

from analysis.measures.published import judge_claims
from analysis.measures.trend import judge_trend
from analysis.numbers import change_range_text, change_text, count_text, p_equation, share_text
from analysis.reporting.figures import _FIGURES, draw_figure
from analysis.reporting.report import render_report
from analysis.study.model import Claim
from analysis.words import load_words

pytestmark = pytest.mark.slow  # the fixture of all of them takes seconds


@dataclass
class Mark:
    """One marked element: what it shows, the exact value it carries, the evidence it names."""

    evidence: str
    kind: str
    value: str = ""
    over: str = ""
    text: str = ""
    data: bytes = b""  # the numbers that a figure hands out


@dataclass
class _State:
    marks: list[Mark] = field(default_factory=list)
    open_marks: list[tuple[str, Mark]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.state = _State()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "data-evidence" in values:
            mark = Mark(
                values["data-evidence"], tag, values.get("value", ""), values.get("data-over", "")
            )
            self.state.marks.append(mark)
            self.state.open_marks.append((tag, mark))
        if "download" in values and self.state.open_marks:
            _, _, content = values.get("href", "").partition("base64,")
            self.state.open_marks[-1][1].data = base64.b64decode(content)

    def handle_endtag(self, tag: str) -> None:
        if self.state.open_marks and self.state.open_marks[-1][0] == tag:
            self.state.open_marks.pop()

    def handle_data(self, data: str) -> None:
        for _, mark in self.state.open_marks:
            mark.text += data


def _read_marks(page: str) -> list[Mark]:
    """Collect the marked elements of a report."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.state.marks


LANGUAGES = ("zh", "en")
SOURCES = Path(__file__).resolve().parents[2] / "src" / "analysis"


def audited(fabricate):
    """A run with an audit, real trend sentences, and a claim on a rare code in each kind."""
    tables, study = fabricate()
    tables["trends"] = judge_trend(tables["daily"], event_days=study.event_days)
    more = [
        Claim(id="C90", statement_zh="红包", statement_en="red", kind=kind, **fields)
        for kind, fields in (
            ("count", {"grievance": "red_envelope", "published": 31_651}),
            ("share", {"grievance": "red_envelope", "of": "negative", "published": 0.0257}),
            ("daily_mean", {"grievance": "red_envelope", "published": 1_583}),
        )
    ]
    more = [claim.model_copy(update={"id": f"C9{n}"}) for n, claim in enumerate(more)]
    study = study.model_copy(update={"claims": [*study.claims, *more]})
    tables["claims"] = judge_claims(study, tables, simulated=True, scale=0.01)
    return tables, study


def unaudited(fabricate):
    """The coder's own counts, and none published."""
    tables, study = fabricate()
    for name in ("counts", "sub_grievances", "platforms"):
        tables[name] = tables[name].assign(estimate=None, low=None, high=None)
    study = study.model_copy(update={"claims": [], "published": None})
    return {k: v for k, v in tables.items() if k not in ("audit", "campaigns", "notes")}, study


def small(fabricate):
    """A handful of posts: ones and zeros everywhere."""
    tables, study = unaudited(fabricate)
    for name, table in tables.items():
        numbers = [c for c in ("items", "families", "authors", "negative_items") if c in table]
        tables[name] = table.assign(**{c: (table[c] > 0).astype(int) for c in numbers})
    tables["funnel"] = tables["funnel"].assign(posts_in=1, posts_out=1, dropped=0)
    tables["reconciliation"] = tables["reconciliation"].assign(
        records_read=1, kept=1, rejected=0, repeats=1
    )
    return tables, study


class Shown:
    """All that a reader meets of one run in one language."""

    def __init__(self, made, language):
        self.tables, self.study = made
        options = {"simulated": True, "scale": 0.01}
        self.page = render_report(self.tables, [], self.study, language, **options)
        self.words = load_words(language)
        drawn = {
            name: draw_figure(name, self.tables, self.study, language, **options)
            for name in _FIGURES
        }
        self.drawings = {name: figure for name, figure in drawn.items() if figure is not None}

    @property
    def estimates(self):
        """The printed forms of what stands for a row, by its id."""
        return grouped(self.page, "data-estimate")

    def texts(self):
        """Every text with its place: the page without figures and code, then each figure."""
        yield "page", visible(self.page)
        for name, drawing in self.drawings.items():
            yield f"{name} alt", drawing.alt
            yield f"{name} caption", drawing.caption
            for artist in drawing.findobj(Text):
                yield f"{name} label", artist.get_text()


class Grouping(HTMLParser):
    def __init__(self, attribute):
        super().__init__(convert_charrefs=True)
        self.attribute, self.found, self.depth, self.open = attribute, {}, 0, []

    def handle_starttag(self, tag, attrs):
        key = dict(attrs).get(self.attribute)
        if tag not in ("meta", "img", "br", "link", "input"):
            self.depth += 1
            if key is not None:
                self.open.append((self.depth, key, []))

    def handle_endtag(self, tag):
        if self.open and self.open[-1][0] == self.depth:
            _, key, parts = self.open.pop()
            self.found.setdefault(key, set()).add("".join(parts))
        self.depth -= 1

    def handle_data(self, data):
        for _, _, parts in self.open:
            parts.append(data)


def grouped(page, attribute):
    reader = Grouping(attribute)
    reader.feed(page)
    return reader.found


def visible(page):
    """The text of a page and its tables, without code, style and the versions at the end."""
    page = re.sub(r"<(style|script|pre)\b.*?</\1>", " ", page, flags=re.S)
    page = re.sub(r"<section id=\"reproduce\".*?</section>", " ", page, flags=re.S)
    return html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"</t[dh]>|<br>", "\n", page)))


@pytest.fixture(scope="module", params=[audited, unaudited, small], ids=lambda made: made.__name__)
def made(request, fabricate):
    return request.param.__name__, request.param(fabricate)


@pytest.fixture(scope="module", params=LANGUAGES)
def shown(request, made):
    name, run = made
    return name, Shown(run, request.param)


def test_every_cell_has_one_form(shown):
    forms = {}
    for mark in _read_marks(shown[1].page):
        if mark.kind == "data":
            forms.setdefault((mark.evidence, mark.over), set()).add(mark.text.strip())
    assert len(forms) > 100 or shown[0] == "small"
    assert {key: texts for key, texts in forms.items() if len(texts) > 1} == {}


def test_every_row_of_counts_has_one_headline_number(shown):
    found = shown[1].estimates
    assert "counts/negative/best" in found or shown[0] != "audited"
    assert {key: texts for key, texts in found.items() if len(texts) > 1} == {}


def test_no_rare_estimate_stands_bare_anywhere(shown):
    """Text, table, label, caption, alternative text: the same silence."""
    _, run = shown
    bare, told = set(), set()
    for name in ("counts", "sub_grievances", "platforms"):
        rows = run.tables[name].dropna(subset=["estimate"])
        is_told = (rows["high"] - rows["low"]) / 2 <= 0.6 * rows["estimate"]
        is_told &= ~(rows.get("carriers", pd.Series(9, rows.index)).fillna(9).astype(float) < 5)
        told |= {count_text(value) for value in rows.loc[is_told, "estimate"]}
        bare |= {count_text(value) for value in rows.loc[~is_told, "estimate"]}
    bare -= told
    for table in run.tables.values():  # what another cell says as well cannot be told apart
        numbers = table.drop(columns="estimate", errors="ignore").select_dtypes("number")
        bare -= {count_text(value) for value in numbers.to_numpy().ravel()}
    assert len(bare) > 3 or shown[0] != "audited"
    for place, text in run.texts():
        found = set(re.findall(r"(?<![\d,.])\d[\d,]*(?![\d.%]*\d)(?!%)", text)) & bare
        assert not found, place


def test_figures_say_what_the_page_says(shown):
    """Beside each bar, and in the alternative text, stands the page's own form."""
    name, run = shown
    if "grievances" not in run.drawings:
        pytest.skip("this run draws no codes")
    labels = {run.words.label(code): code for code in run.tables["counts"]["grievance"]}
    drawing, compared = run.drawings["grievances"], 0
    axes = drawing.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    beside = {
        round(t.get_position()[1]): t.get_text()
        for t in axes.texts
        if t.get_text()[0] not in " （("
    }
    for row, label in enumerate(names):
        code = labels.get(label)
        forms = run.estimates.get(f"counts/{code}/best")
        if forms is None:
            continue
        compared += 1
        assert {beside[row]} == forms
        end = {"zh": "[；。（]", "en": r"[;.]| \("}[run.words.language]
        assert re.search(f"{re.escape(label)} {re.escape(next(iter(forms)))}(?:{end})", drawing.alt)
    assert compared > 5 or name != "audited"


def test_claims_and_campaigns_say_what_the_counts_say(shown):
    """A claim's number is the count's; its share and the campaign's are the headline's."""
    name, run = shown
    if name != "audited":
        pytest.skip("claims and campaigns come with published figures")
    ours = {
        key: re.search(rf'<th scope="row">{key}</th>.*?<td[^>]*>([^\n]*?)</td></tr>', run.page)[1]
        for key in ("C3", "C4", "C90", "C91")
    }
    ours = {
        key: re.sub("<[^>]*>", "", cell.rpartition("<td")[2].partition(">")[2].partition("<br>")[0])
        for key, cell in ours.items()
    }
    forms = {key: next(iter(texts)) for key, texts in run.estimates.items()}
    assert ours["C3"] == forms["counts/negative/best"]
    assert ours["C4"] == forms["counts/negative/share_best"]
    assert ours["C90"] == forms["counts/red_envelope/best"]
    assert ours["C91"] == forms["counts/red_envelope/share_best"]
    label = run.words.label("this_run")
    for code in ("negative", "live_streaming"):
        written = f"{label} {run.words.label(code)} {forms[f'counts/{code}/share_best']}"
        assert written in run.drawings["campaigns"].alt


def test_sentences_print_the_numbers_of_their_table(shown):
    name, run = shown
    if name != "audited":
        pytest.skip("trends are judged once")
    tested = run.tables["trends"].dropna(subset=["growth"])
    for row in tested.to_dict("records"):
        sentence = row[f"sentence_{run.words.language}"]
        assert change_text(row["growth"]) in sentence
        assert change_range_text(row["low"], row["high"], run.words.language) in sentence
        assert p_equation(row["p"]) in sentence


FORBIDDEN = {
    "a space before the per cent sign": r"\d %",
    "thousands without a separator": r"(?<![\d.,/:_-])(?!(?:19|20)\d\d(?!\d))\d{4,}(?![\d-]*[-/:])",
    "a hyphen for a minus": r"(?<![\w\d])-\d",
    "a dash in a range": r"\d–\d",
    "a missing value": r"\b(?:nan|None|NaT)\b",
    "a plural of one": r"(?<![\d,.])1 (?:families|(?:item|author|post|day|row|cluster|claim)s)\b",
    "a gap left open": r"\{\w+",
}  # fmt: skip
ALLOWED = r"2019–2024|[0-9a-f]{16}"


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_no_number_is_written_another_way(shown, rule):
    for place, text in shown[1].texts():
        found = re.search(FORBIDDEN[rule], re.sub(ALLOWED, "", text))
        assert found is None, f"{place}: {found[0]!r} in {found.string[: found.end() + 20][-80:]!r}"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("95 % interval", "a space before the per cent sign"),
        ("10380 texts", "thousands without a separator"),
        ("from -3% up", "a hyphen for a minus"),
        ("246–742", "a dash in a range"),
        ("1 items", "a plural of one"),
    ],
)
def test_each_rule_finds_what_it_forbids(text, rule):
    assert re.search(FORBIDDEN[rule], text)


def test_words_hold_no_form_of_their_own():
    for language in LANGUAGES:
        for key, text in load_words(language).texts.items():
            assert not re.search(r"\d %|\{\w+\}–\{\w+\}", text), key


OTHER_FORMATTERS = re.compile(r"""\{[^{}"']*:[+,.\d]*[,+]?(?:\.\d)?[f%g]\}|:,\}|:\+[^{}]*\}""")


@pytest.mark.parametrize("layer", ["measures", "clusters", "plots", "reporting", "audit"])
def test_one_module_formats_numbers(layer):
    """Digits, separators and signs are chosen in ``analysis/numbers.py`` alone."""
    found = []
    for path in sorted((SOURCES / layer).rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if OTHER_FORMATTERS.search(line) and "# an id" not in line:
                found.append(f"{path.relative_to(SOURCES)}:{number} {line.strip()}")
    assert found == []


@pytest.mark.parametrize("value", [0.18988, 0.0729, 0.5, 0.0001, 0.09999, 1.0])
def test_a_share_is_the_same_whatever_holds_it(value):
    assert share_text(value) == share_text(pd.Series([value])[0])
