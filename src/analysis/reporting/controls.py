"""Controls for JupyterLab: look at a run from every side, code posts by hand, search a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, cast

import ipywidgets as widgets  # type: ignore[import-untyped]
import pandas as pd
import polars as pl

from analysis.audit.correction import estimate_counts
from analysis.audit.sheet_reading import CODER_A, CODER_B, VOICES
from analysis.audit.sheets import open_wave, write_form
from analysis.coding.codebook import load_codebook
from analysis.coding.coder import Explanation
from analysis.errors import CaodianError
from analysis.numbers import count_text, decimal_text, range_text
from analysis.plots.selection import PANELS
from analysis.reporting.explore import UNITS, Choice, Explorer
from analysis.reporting.figures import KINDS, save_figure
from analysis.reporting.saved_run import SavedRun
from analysis.storage import write_bytes
from analysis.words import Words, load_words

WIDTHS = (85, 114, 174)  # millimetres: one column, one and a half, a page
_ROWS = 15
_WIDE = {"width": "15rem"}
_ROW = "display:flex;flex-wrap:wrap;gap:1.5rem;max-height:none"
_STYLE = (
    "<style>.caodian-rows{max-height:26rem;overflow:auto;line-height:1.5}"
    ".caodian-rows th,.caodian-rows td{text-align:left!important;vertical-align:top;"
    "white-space:normal;word-break:keep-all;padding:2px 10px 2px 0}"
    ".caodian-posts td:nth-child(2){white-space:nowrap}"
    ".caodian-posts td:last-child{min-width:18rem;word-break:normal}"
    ".caodian-rows mark{background:#f0c9a5}</style>"
)


def browse(run: SavedRun | Explorer) -> widgets.VBox:
    """Offer a run with controls above a figure and a table that follow them."""
    explorer = run if isinstance(run, Explorer) else Explorer(run)
    return _Browser(explorer.warm()).box


class _Browser:
    """The controls of one run, and what they draw."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer, self.say = explorer, explorer.say
        self.kept: Choice | None = None
        self.is_offering = False
        self._make_controls()
        self._make_shown()
        self.chosen["grievance"].observe(self._offer_subs, names="value")
        for control in self.chosen.values():
            control.observe(self._redraw, names="value")
        self.post.observe(self._explain, names="value")
        self.page.observe(self._list_posts, names="value")
        self._redraw()

    def _make_controls(self) -> None:
        say, explorer = self.say, self.explorer
        codes = [(say.label(name), name) for name in ("all", "negative", *explorer.codes)]
        self.chosen: dict[str, Any] = {
            "grievance": _menu(say("header.grievance"), codes, "negative"),
            "sub_grievance": _menu(say("header.sub_grievance"), [(say("explore.any"), None)]),
            "platform": self._open_menu("platform", explorer.platforms),
            "channel": self._open_menu("channel", explorer.channels),
            "stars": self._open_menu("stars", explorer.stars),
            "unit": _menu(
                say("explore.unit"), [(say(f"header.{unit}"), unit) for unit in UNITS], "items"
            ),
            "cutoff": widgets.FloatSlider(
                value=0.5, min=0.05, max=0.95, step=0.05, continuous_update=False,
                description=say("explore.cutoff"), layout=_WIDE,
            ),
            "words": widgets.Text(
                description=say("explore.words"), continuous_update=False, layout=_WIDE
            ),
        }  # fmt: skip
        dates = explorer.dates
        if dates:
            self.chosen["dates"] = widgets.SelectionRangeSlider(
                options=_short(dates), index=(0, len(dates) - 1), description=say("header.date"),
                continuous_update=False, layout={"width": "38rem"},
            )  # fmt: skip

    def _open_menu(self, name: str, values: Sequence[str]) -> Any:  # noqa: ANN401 - a widget
        named = [(self.say.label(value), value) for value in values]
        return _menu(self.say(f"header.{name}"), [(self.say("explore.any"), None), *named])

    def _make_shown(self) -> None:
        say = self.say
        self.picture = widgets.Image(format="png", layout={"max_width": "760px"})
        self.size, self.rows, self.reasons, self.terms, self.saved = (
            widgets.HTML() for _ in range(5)
        )
        self.page = widgets.BoundedIntText(
            value=1, min=1, max=1, description=say("explore.page"), layout={"width": "10rem"}
        )
        self.post = _menu(say("explore.why"), [("", None)])
        self.post.layout = {"width": "30rem"}
        keep = _button(say("explore.keep"), self._keep)
        compare = _button(say("explore.compare"), self._compare)
        self.kind = _menu("", [("CSV", "csv"), *((kind.upper(), kind) for kind in KINDS)], "csv")
        self.width = _menu("", [(f"{width} mm", width) for width in WIDTHS], WIDTHS[-1])
        every = (say("explore.all_panels"), None)
        named = [(say(f"explore.panel_{panel}"), panel) for panel in PANELS]
        self.panel = _menu("", [every, *named])
        self.folder = widgets.Text("exports", description=say("explore.folder"), layout=_WIDE)
        save = _button(say("explore.save"), self._save)
        rest = [name for name in self.chosen if name != "dates"]
        lines = [self.chosen[name] for name in rest]
        self.box = widgets.VBox(
            [
                *(widgets.HBox(lines[first : first + 4]) for first in (0, 4)),
                *([self.chosen["dates"]] if "dates" in self.chosen else []),
                self.size, self.picture, self.page, self.rows, self.post, self.reasons,
                widgets.HBox([keep, compare]), self.terms,
                widgets.HBox([self.kind, self.panel, self.width, self.folder, save]), self.saved,
            ]
        )  # fmt: skip

    @property
    def choice(self) -> Choice:
        """What the controls say."""
        values = {name: control.value for name, control in self.chosen.items()}
        dates = self.explorer.dates
        first, last = values.pop("dates", (None, None))
        if dates and (first, last) == (dates[0], dates[-1]):
            first = last = None
        return Choice(first=first, last=last, **values)

    def _offer_subs(self, _: object = None) -> None:
        code = self.chosen["grievance"].value
        subs = [name for name in self.explorer.subs if name.split(".")[0] == code]
        every = [(self.say("explore.any"), None)]
        self.is_offering = True  # that a sub of another code goes is no choice of its own
        self.chosen["sub_grievance"].options = every + [(self.say.label(s), s) for s in subs]
        self.is_offering = False

    def _redraw(self, _: object = None) -> None:
        if self.is_offering:
            return
        choice = self.choice
        size = self.explorer.size(choice)
        unit = self.say(f"header.{choice.unit}")
        self.size.value = f"<b>{escape(unit)}: {count_text(size)}</b>"
        self.picture.value = self.explorer.picture(choice)
        self.page.max = max(1, -(-self.explorer.posts_in(choice) // _ROWS))
        self.page.value = 1
        self._list_posts()

    def _list_posts(self, _: object = None) -> None:
        shown = self.explorer.posts_of(self.choice, (self.page.value - 1) * _ROWS, _ROWS)
        table = named_table(shown, self.say)
        html = table.to_html(index=False, escape=True, border=0)
        words = "|".join(re.escape(escape(word)) for word in self.choice.words.split())
        if words:  # outside of tags, which may hold the word as well
            html = re.sub(rf"(<[^>]*>)|({words})", lambda m: m[1] or f"<mark>{m[2]}</mark>", html)
        numbers = shown[["post", "text"]].itertuples(index=False)
        # Before the table: whoever sees a post there and asks for it at once must find it here.
        self.post.options = [
            ("", None),
            *((f"{post} · {text[:24]}", post) for post, text in numbers),
        ]
        self.post.value = None
        self.rows.value = f'{_STYLE}<div class="caodian-rows caodian-posts">{html}</div>'

    def _explain(self, _: object = None) -> None:
        post = self.post.value
        if post is None:
            self.reasons.value = ""
            return
        self.reasons.value = reasons_html(self.explorer, post)

    def _keep(self, _: object = None) -> None:
        self.kept = self.choice
        self.terms.value = escape(self.say("explore.kept", choice=self.explorer.spell(self.kept)))

    def _compare(self, _: object = None) -> None:
        if self.kept is None:
            self.terms.value = escape(self.say("explore.keep_first"))
            return
        found = self.explorer.compare(self.kept, self.choice)
        if found.empty:
            self.terms.value = escape(self.say("explore.no_terms"))
            return
        names = [self.explorer.spell(choice) for choice in (self.kept, self.choice)]
        self.terms.value = terms_html(found, names, self.say)

    def _save(self, _: object = None) -> None:
        try:
            panel, kind = self.panel.value, self.kind.value
            # A figure writes its numbers beside it, as CSV: the posts have a name of their own.
            stem = "posts" if kind == "csv" else panel or "selection"
            path = Path(self.folder.value) / f"{stem}.{kind}"
            if kind == "csv":
                table = self.explorer.export(self.choice)
                path = write_bytes(table.to_csv(index=False, lineterminator="\n").encode(), path)
            else:
                figure = self.explorer.plot(panel, self.choice, width=self.width.value)
                path = save_figure(figure, path)
            self.saved.value = escape(self.say("explore.saved", path=path.absolute().as_posix()))
        except (CaodianError, OSError) as error:
            self.saved.value = escape(str(error))


def _short(days: list[str]) -> list[tuple[str, str]]:
    """Write days as short as they stay distinct: the slider has room for few signs."""
    shown = [f"{when.year}/{when.month}/{when.day}" for when in map(date.fromisoformat, days)]
    if len({text.partition("/")[0] for text in shown}) == 1:
        shown = [text.partition("/")[2] for text in shown]
    return list(zip(shown, days, strict=True))


def _menu(name: str, options: Sequence[tuple[str, Any]], value: Any = None) -> Any:  # noqa: ANN401
    layout = _WIDE if name else {"width": "9rem"}
    return widgets.Dropdown(options=options, value=value, description=name, layout=layout)


def _button(name: str, act: Callable[[object], None]) -> Any:  # noqa: ANN401 - a widget
    button = widgets.Button(description=name, layout={"width": "auto"})
    button.on_click(act)
    return button


def named_table(shown: pd.DataFrame, say: Words) -> pd.DataFrame:
    """Give a table of posts the reader's names of its columns, codes and channels.

    Examples
    --------
    >>> shown = pd.DataFrame({"post": [3], "channel": ["weibo"], "grievances": [["price"]]})
    >>> named_table(shown, load_words("en"))[["Channel", "Codes"]].values.tolist()
    [['Weibo', 'Price']]
    """
    lists = [name for name in ("platforms", "grievances", "sub_grievances") if name in shown]
    spelt = {
        name: [say("list.comma").join(map(say.label, value)) for value in shown[name]]
        for name in lists
    }
    if "channel" in shown:
        spelt["channel"] = [say.label(str(name)) for name in shown["channel"]]
    heads = {name: say(f"explore.column.{name}") for name in map(str, shown)}
    return shown.assign(**spelt).rename(columns=heads)


def reasons_html(explorer: Explorer, post: int) -> str:
    """Write why a post is coded so, and first of all whether its run has coded it otherwise."""
    found = explorer.why(post)
    told = explanation_html(found, explorer.say)
    if not explorer.disagrees(post, found):
        return told
    return f"<p><strong>{escape(explorer.say('explore.otherwise'))}</strong></p>{told}"


def explanation_html(found: Explanation, say: Words) -> str:
    """Write why a post is coded so: probabilities, rules that fired, words that decide."""
    speaks = found.rules["negative"].ne(0) | found.rules["gives"].ne("")  # the others name voices
    tables = {
        "scores": found.scores.query("probability >= 0.01")[["target", "probability"]],
        "clues": found.clues,
        "rules": found.rules.loc[speaks, ["rule", "negative", "gives"]],
    }
    parts = []
    for name, table in tables.items():
        named = {"target": table["target"].map(say.label)} if "target" in table else {}
        heads = {column: say(f"explore.column.{column}") for column in map(str, table)}
        shown = table.assign(**named).rename(columns=heads)
        html = shown.to_html(index=False, escape=True, border=0)
        parts.append(f"<div><b>{escape(say(f'explore.{name}'))}</b>{html}</div>")
    said = found.verdict
    verdict = say("explore.is_negative" if said["is_negative"] else "explore.is_harmless")
    voice = say("explore.voice", voice=_voice_name(str(said["voice"]), say))
    told = f"<p>{escape(verdict)} {escape(voice)}</p>"
    return f'{told}<div class="caodian-rows" style="{_ROW}">{"".join(parts)}</div>'


def _voice_name(voice: str, say: Words) -> str:
    """Give the codebook's name of a voice."""
    named = next((names for name, names in load_codebook().voices.items() if name == voice), None)
    return voice if named is None else named.zh if say.language == "zh" else named.en


def terms_html(found: pd.DataFrame, names: Sequence[str], say: Words) -> str:
    """Write the words that set two selections apart, those of each in a table of its own."""
    parts = []
    for name, table in zip(names, (found[found["z"] > 0], found[found["z"] < 0]), strict=True):
        heads = {column: say(f"explore.column.{column}") for column in map(str, table)}
        html = table.rename(columns=heads).to_html(index=False, escape=True, border=0)
        parts.append(f"<div><b>{escape(name)}</b>{html}</div>")
    return f'<div class="caodian-rows" style="{_ROW}">{"".join(parts)}</div>'


def code_by_hand(directory: str | Path, coder: str = "a", language: str = "zh") -> widgets.VBox:
    """Code the posts of an audit one by one, and see the intervals narrow.

    What is coded is written to the coder's form after each post; ``caodian report … --audit`` and
    `score_audit` read it. A form that was begun is gone on with.
    """
    return _HandCoding(Path(directory), coder, load_words(language)).box


class _HandCoding:
    """One coder's form, a post at a time."""

    def __init__(self, directory: Path, coder: str, say: Words) -> None:
        if coder not in ("a", "b"):
            raise CaodianError(
                "a coder must be a or b", value=coder, remedy='Write code_by_hand(folder, "b").'
            )
        self.say, self.book = say, load_codebook()
        self.folder = open_wave(directory, self.book)
        self.path = directory / (CODER_B if coder == "b" else CODER_A)
        self.done = self._read()
        self.at = next((n for n, post in enumerate(self._posts) if post not in self.done), 0)
        self.text, self.told = widgets.HTML(), widgets.HTML()
        self.negative = widgets.ToggleButtons(
            options=[(say("explore.answer_no"), 0), (say("explore.answer_yes"), 1)],
            description=say("label.negative"),
        )
        self.codes, self.subs = (
            {
                name: widgets.Checkbox(
                    description=say.label(name), indent=False, layout={"width": "16rem"}
                )
                for name in names
            }
            for names in (self.book.code_names, self.folder.subs)
        )
        voices = sorted(set(VOICES.values()))
        names = [(_voice_name(name, say), name) for name in voices]
        self.voice = _menu(say("explore.column.voice"), names, "consumer")
        back = _button(say("explore.back"), lambda _: self._go(-1))
        onward = _button(say("explore.next"), lambda _: self._store())
        lines = [
            widgets.HBox(boxes[first : first + 3])
            for boxes in (list(self.codes.values()), list(self.subs.values()))
            for first in range(0, len(boxes), 3)
        ]
        self.box = widgets.VBox(
            [
                self.text, self.negative, *lines,
                self.voice, widgets.HBox([back, onward]), self.told,
            ]
        )  # fmt: skip
        self._show()
        self._tell()

    @property
    def _posts(self) -> list[str]:
        return cast("list[str]", self.folder.sample["post_id"].to_list())

    def _read(self) -> dict[str, dict[str, object]]:
        """Read what was coded before."""
        form = self.folder.read(self.path.name)
        if form is None:
            return {}
        coded = form.dropna(subset="negative")
        return {
            str(row["post_id"]): dict(zip(map(str, row), row.values(), strict=True))
            for row in coded.to_dict("records")
        }

    def _show(self) -> None:
        post = self.folder.sample.row(self.at, named=True)
        known = self.done.get(post["post_id"], {})
        head = (
            f"{self.at + 1} / {self.folder.sample.height} · {self.say.label(str(post['channel']))}"
        )
        self.text.value = f"<b>{escape(head)}</b><p>{escape(post['text'] or '')}</p>"
        self.negative.value = int(cast("int", known.get("negative", 0)))
        for name, box in [*self.codes.items(), *self.subs.items()]:
            box.value = known.get(name, 0) == 1
        voice = known.get("voice")
        self.voice.value = voice if isinstance(voice, str) and voice else "consumer"

    def _go(self, step: int) -> None:
        self.at = min(max(self.at + step, 0), self.folder.sample.height - 1)
        self._show()

    def _store(self) -> None:
        """Write the answer into the form.

        A post with a sub-grievance has its code, and one with a code is a negative item.
        """
        given = {name: int(box.value) for name, box in self.codes.items()}
        subs = {name: int(box.value) for name, box in self.subs.items()}
        for name, mark in subs.items():
            given[name.split(".")[0]] |= mark
        negative = max(self.negative.value, *given.values())
        post = self._posts[self.at]
        # What stands there beside (notes, sub-grievances of the codes given) is kept.
        kept_marks = {
            name: value
            for name, value in self.done.get(post, {}).items()
            if name == "note" or ("." in name and given.get(name.split(".")[0]))
        }
        answer = {
            **kept_marks,
            **{"post_id": post, "negative": negative, "voice": self.voice.value, **given, **subs},
        }
        self.done[post] = answer
        rows = self.folder.sample.select("post_id", "channel", "text").to_dicts()
        kept = [{**row, **_marks(self.done.get(row["post_id"], {}))} for row in rows]
        write_form(kept, self.book, self.path, with_subs=self.folder.has_subs)
        self._go(1)
        self._tell()

    def _tell(self) -> None:
        """Say how many are coded, and what follows of it so far."""
        n, size = len(self.done), self.folder.sample.height
        lines = [self.say("explore.coded", n=n, size=size)]
        is_second = "wave" in self.folder.sample.columns  # says nothing without the first
        if n and not is_second:
            row = self.estimates().set_index("grievance").loc["negative"]
            ends = [decimal_text(row[end], 0) for end in ("low", "high")]
            lines.append(
                self.say(
                    "explore.so_far", estimate=decimal_text(row["estimate"], 0),
                    interval=range_text(ends[0], ends[1], self.say.language),
                )
            )  # fmt: skip
        if n == size:
            lines.append(self.say("explore.all_coded", folder=self.path.parent.name))
        self.told.value = "<br>".join(map(escape, lines))

    def estimates(self) -> pd.DataFrame:
        """Estimate from what is coded so far: the sample stands in random order."""
        part = len(self.done) / self.folder.sample.height
        sample = self.folder.sample.filter(pl.col("post_id").is_in(list(self.done)))
        sample = sample.with_columns(pl.col("inclusion_probability") * part)
        columns = ["post_id", "negative", *self.book.code_names]
        coding = pd.DataFrame(
            [{name: self.done[post].get(name, 0) for name in columns} for post in sample["post_id"]]
        ).assign(post_id=sample["post_id"].to_list())
        return estimate_counts(sample, coding.fillna(0))


def _marks(answer: dict[str, object]) -> dict[str, object]:
    """Give the cells of a row: marks as whole numbers, what is missing left out."""
    return {
        name: int(value) if isinstance(value, float) else value
        for name, value in answer.items()
        if name != "post_id" and value is not None and value == value  # noqa: PLR0124 - NaN
    }


def search(table: pd.DataFrame) -> None:
    """Show a table that can be searched and sorted, without any network."""
    import itables

    itables.init_notebook_mode(all_interactive=False, connected=False)
    itables.show(table, table_id="caodian-table", maxBytes=0)
