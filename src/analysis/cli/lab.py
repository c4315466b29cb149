"""`caodian lab` and `caodian explore`: what opens in a browser."""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import click

from analysis.errors import CaodianError
from analysis.storage.run_paths import project_root

if TYPE_CHECKING:
    from analysis.reporting.explore import Choice, Explorer

_RUNS = "CAODIAN_RUNS"  # where `open_run` looks for runs beside the checkout
_SETTINGS = (
    Path(__file__).parent / "jupyter"
)  # no question about news, no question about the kernel


@click.command(short_help="Open JupyterLab on the notebooks.")
@click.option(
    "--port", type=int, default=8888, show_default=True, help="Port on this machine, or the next."
)
@click.option(
    "--browser/--no-browser", default=True, help="Open a browser window, if there is one."
)
def command(port: int, browser: bool) -> None:
    """Open JupyterLab on the notebooks; run `caodian report` first, they read its tables.

    It listens on this machine alone, and the address that it prints carries the key to it.

    \b
    Examples:
      caodian lab
      caodian lab --no-browser --port 9000
    """
    words = _lab_words(
        project_root(), port, browser=browser and _can_show_browser(os.environ, sys.platform)
    )
    environment = _lab_environment(os.environ, Path.cwd())
    if os.name == "posix":  # JupyterLab takes our place, and with it Ctrl-C
        os.execve(words[0], words, environment)  # noqa: S606 - our own words
    raise SystemExit(subprocess.run(words, env=environment, check=False).returncode)  # noqa: S603


def _lab_words(root: Path, port: int, *, browser: bool) -> list[str]:
    """Return the words that start JupyterLab on the notebooks of a checkout."""
    if not (root / "notebooks").is_dir():
        raise CaodianError(
            "the notebooks stand in the checkout of the project",
            value=str(root),
            remedy="Clone the project and install it from there with pip install -e .",
        )
    words = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    words += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    words += ["--LabApp.default_url=/lab/tree/notebooks", "--LabApp.news_url="]
    if _is_root():  # as in a container; who may do that may run code already
        words.append("--ServerApp.allow_root=True")
    return words if browser else [*words, "--ServerApp.open_browser=False"]


def _lab_environment(environment: Mapping[str, str], started_in: Path) -> dict[str, str]:
    """Return the environment that JupyterLab and its kernels get.

    The kernels of this interpreter come first: another one by the name `python3`, of the user's or
    in ``JUPYTER_PATH``, would lack the package. Runs are looked for where the command was started,
    too, since notebooks run in their own folder.
    """
    own = {
        "JUPYTER_PATH": Path(sys.prefix) / "share" / "jupyter",
        "JUPYTER_CONFIG_PATH": _SETTINGS,
    }
    first = {
        name: os.pathsep.join([str(path), *filter(None, [environment.get(name)])])
        for name, path in own.items()
    }
    return {**environment, **first, _RUNS: environment.get(_RUNS) or str(started_in)}


def _can_show_browser(environment: Mapping[str, str], platform: str) -> bool:
    """Say whether a window can open; without one, a browser of the terminal would take it over."""
    if platform in ("darwin", "win32"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


# `caodian explore`: the explorer of notebook 18 as a page of its own. A small server of the
# standard library, for this machine alone: it listens on the loopback address, answers only what
# carries its token, and only where the browser was sent to that address by name.

_MOST_BYTES = 100_000  # of a question
_ROWS = 15
_POLICY = (
    "default-src 'none'; img-src data:; connect-src 'self'; style-src 'unsafe-inline'; "
    "script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {
    "csv": "text/csv; charset=utf-8", "png": "image/png", "svg": "image/svg+xml",
    "pdf": "application/pdf",
}  # fmt: skip


@click.command(short_help="Look at a run from every side, in a page of the browser.")
@click.argument("build", type=click.Path())
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free one.")
@click.option(
    "--browser/--no-browser", default=True, help="Open a browser window, if there is one."
)
def explore_command(build: str, language: str, port: int, browser: bool) -> None:
    """Open the run BUILD as a page: choose posts, see figure and texts follow, ask why, save.

    It is notebook 18 without JupyterLab. The page listens on this machine alone, and the address
    that it prints carries the key to it. Ctrl-C ends it.

    \b
    Examples:
      caodian explore build/618-2020
      caodian explore build/618-2020 --language en --no-browser --port 8899
    """
    from analysis.reporting.explore import Explorer
    from analysis.reporting.saved_run import open_run

    explorer = Explorer(open_run(build, language)).warm()
    try:
        server = make_server(explorer, port)
    except OSError as error:
        raise CaodianError(
            "the page needs a port that is free",
            value=port,
            where=error.strerror,
            remedy="Name another one with --port, or none.",
        ) from None
    click.echo(server.address)
    if browser and _can_show_browser(os.environ, sys.platform):
        webbrowser.open(server.way_in())
    with server:
        server.serve_forever()


class ExploreServer(ThreadingHTTPServer):
    """Serves one run on the loopback address."""

    daemon_threads = True

    def __init__(self, explorer: Explorer, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.explorer, self.token = explorer, secrets.token_urlsafe(24)
        self._once = ""  # opens the page a single time
        self.alone = threading.Lock()  # matplotlib draws one figure at a time

    @property
    def address(self) -> str:
        """The address of the page, with its key."""
        return f"http://127.0.0.1:{self.server_address[1]}/?token={self.token}"

    def way_in(self) -> str:
        """Give an address that leads to the page once.

        Every user of a machine sees the words that a browser is started with, so they must not
        hold the key; this one is worth nothing as soon as the browser has used it.
        """
        self._once = secrets.token_urlsafe(24)
        return f"http://127.0.0.1:{self.server_address[1]}/?once={self._once}"

    def admits(self, once: str) -> bool:
        """Tell whether this is the way in, which it is a single time."""
        with self.alone:
            admitted = bool(self._once) and hmac.compare_digest(once.encode(), self._once.encode())
            if admitted:
                self._once = ""
        return admitted


def make_server(explorer: Explorer, port: int = 0) -> ExploreServer:
    """Make the server of a page, which listens at once and answers when it serves."""
    return ExploreServer(explorer, port)


# What a question that the page never asks ends in.
_NO_QUESTION = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


class _Handler(BaseHTTPRequestHandler):
    server: ExploreServer

    def log_message(self, *_: object) -> None:
        """Write nothing: addresses carry the key."""

    def do_GET(self) -> None:
        """Give the page."""
        place = urlsplit(self.path)
        asked = parse_qs(place.query)
        if "once" in asked and self._is_here() and self.server.admits(asked["once"][0]):
            self.send_response(302)
            self.send_header("Location", self.server.address)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if not self._is_allowed(asked.get("token", [""])[0]):
            return
        if place.path != "/":
            self._send(404, b"", "text/plain")
            return
        nonce = secrets.token_urlsafe(12)
        page = explore_page(self.server.explorer, nonce)
        self._send(200, page.encode(), "text/html; charset=utf-8", nonce)

    def do_POST(self) -> None:
        """Answer a question of the page."""
        if not self._is_allowed(self.headers.get("X-Caodian-Token", "")):
            return
        answer = _ANSWERS.get(urlsplit(self.path).path.strip("/"))
        try:
            length = int(self.headers.get("Content-Length", 0))
            if answer is None or not 0 <= length <= _MOST_BYTES:
                raise CaodianError(
                    "the page asks only what it knows",
                    value=self.path[:80],
                    remedy="Load the page again.",
                )
            asked = json.loads(self.rfile.read(length))
            with self.server.alone:
                content, kind = answer(self.server.explorer, asked)
        except (CaodianError, *_NO_QUESTION) as error:
            body = json.dumps({"error": str(error)}, ensure_ascii=False).encode()
            self._send(400, body, "application/json")
            return
        self._send(200, content, kind)

    def _is_here(self) -> bool:
        """Tell an address of this machine from one that only points here (DNS rebinding)."""
        port = self.server.server_address[1]
        return self.headers.get("Host") in (f"127.0.0.1:{port}", f"localhost:{port}")

    def _is_allowed(self, token: str) -> bool:
        """Refuse who has not the key, or comes by another name than this machine's."""
        if self._is_here() and hmac.compare_digest(token.encode(), self.server.token.encode()):
            return True
        self._send(403, b"The address that caodian explore printed carries the key.", "text/plain")
        return False

    def _send(self, status: int, content: bytes, kind: str, nonce: str = "") -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Content-Security-Policy": _POLICY.format(nonce=nonce),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


_Answer = tuple[bytes, str]


def _as_json(**values: object) -> _Answer:
    from analysis.reporting.drawer import safe_json
    from analysis.storage.write import show_hidden

    if "html" in values:
        values["html"] = show_hidden(str(values["html"]), in_page=True)
    return safe_json(values).encode(), "application/json"


def _read_choice(asked: Mapping[str, Any]) -> Choice:
    """Read a choice of the page; a name that it does not know is an error."""
    from analysis.reporting.explore import Choice

    known = {field.name for field in fields(Choice)}
    unknown = sorted(set(asked) - known)
    if unknown:
        raise CaodianError(
            f"a choice is made of {', '.join(sorted(known))}",
            value=", ".join(unknown),
            remedy="Load the page again.",
        )
    texts = {name: str(value) for name, value in asked.items() if name != "cutoff"}
    return Choice(**texts, cutoff=float(asked.get("cutoff", 0.5)))  # type: ignore[arg-type]


def _view(explorer: Explorer, asked: Mapping[str, Any]) -> _Answer:
    """Give figure, size and a page of posts."""
    from analysis.numbers import count_text
    from analysis.plots.frame import render
    from analysis.reporting.controls import named_table

    choice = _read_choice(asked["choice"])
    pages = max(1, -(-explorer.posts_in(choice) // _ROWS))
    page = min(max(int(asked.get("page", 1)), 1), pages)
    figure = explorer.plot(None, choice)
    picture = render(figure, "png", dpi=100)
    shown = named_table(explorer.posts_of(choice, (page - 1) * _ROWS, _ROWS), explorer.say)
    rows = json.loads(shown.to_json(orient="values", force_ascii=False))
    size = f"{explorer.say(f'header.{choice.unit}')}: {count_text(explorer.size(choice))}"
    return _as_json(
        size=size, pages=pages, picture=base64.b64encode(picture).decode(), alt=figure.alt,
        table={"heads": list(map(str, shown)), "rows": rows},
    )  # fmt: skip


def _why(explorer: Explorer, asked: Mapping[str, Any]) -> _Answer:
    from analysis.reporting.controls import reasons_html

    return _as_json(html=reasons_html(explorer, int(asked["post"])))


def _spell(explorer: Explorer, asked: Mapping[str, Any]) -> _Answer:
    spelt = explorer.spell(_read_choice(asked["choice"]))
    return _as_json(text=explorer.say("explore.kept", choice=spelt))


def _compare(explorer: Explorer, asked: Mapping[str, Any]) -> _Answer:
    from analysis.reporting.controls import terms_html

    two = [_read_choice(asked[name]) for name in ("first", "second")]
    found = explorer.compare(*two)
    if found.empty:
        return _as_json(html=explorer.say("explore.no_terms"))
    return _as_json(html=terms_html(found, [explorer.spell(one) for one in two], explorer.say))


def _save(explorer: Explorer, asked: Mapping[str, Any]) -> _Answer:
    """Give the posts of a choice as CSV, or its figure."""
    from analysis.plots.frame import render
    from analysis.reporting.figures import KINDS

    choice, kind = _read_choice(asked["choice"]), str(asked["kind"])
    if kind == "csv":
        table = explorer.export(choice).to_csv(index=False, lineterminator="\n")
        return table.encode("utf-8-sig"), _TYPES["csv"]  # Excel reads UTF-8 by its mark alone
    if kind not in KINDS:
        raise CaodianError("a figure is saved as png, svg, pdf", value=kind)
    width = min(max(float(asked["width"]), 60.0), 400.0)
    figure = explorer.plot(asked.get("panel") or None, choice, width=width)
    return render(figure, kind, dpi=300), _TYPES[kind]


_ANSWERS: dict[str, Callable[[Explorer, Mapping[str, Any]], _Answer]] = {
    "view": _view, "why": _why, "spell": _spell, "compare": _compare, "save": _save,
}  # fmt: skip


def explore_page(explorer: Explorer, nonce: str) -> str:
    """Write the page: its controls, and the script that asks for everything else.

    Parameters
    ----------
    nonce
        Lets the page's own script run and no other.
    """
    from importlib import resources

    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    from analysis.plots.selection import PANELS
    from analysis.reporting.controls import WIDTHS
    from analysis.reporting.drawer import safe_json
    from analysis.reporting.figures import KINDS
    from analysis.storage.write import show_hidden

    run, say = explorer.run, explorer.say
    subs: dict[str, list[tuple[str, str]]] = {}
    for name in explorer.subs:
        subs.setdefault(name.split(".")[0], []).append((say.label(name), name))
    known = safe_json({"dates": explorer.dates, "subs": subs})
    templates = resources.files("analysis.reporting").joinpath("templates")
    texts = {
        name: Markup(templates.joinpath(f"explore.{end}").read_text("utf-8"))  # noqa: S704 - our own
        for name, end in (("style", "css"), ("script", "js"))
    }
    # The run says its title, its window, its scale and, last, its tables.
    facts = say("list.semicolon").join(repr(run).split(say("list.semicolon"))[1:-1])
    title = run.study.title_zh if run.language == "zh" else run.study.title_en
    environment = Environment(
        loader=PackageLoader("analysis.reporting"), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("explore.html.j2").render(
        language=run.language, title=title, facts=facts,
        say=say, nonce=nonce, controls=_page_controls(explorer), kinds=("csv", *KINDS),
        panels=PANELS, widths=WIDTHS[::-1], **texts,
        page_facts=Markup(known),  # noqa: S704 - escaped there
    )  # fmt: skip
    return show_hidden(page, in_page=True)


def _page_controls(explorer: Explorer) -> list[dict[str, Any]]:
    """List the controls of the page: name, label, options and value."""
    from analysis.reporting.explore import UNITS

    say = explorer.say

    def menu(name: str, values: list[str], label: str = "", value: str = "") -> dict[str, Any]:
        every = [] if value else [(say("explore.any"), "")]
        named = [(say.label(one) if label != "explore.unit" else say(f"header.{one}"), one)
                 for one in values]  # fmt: skip
        head = say(label or f"header.{name}")
        return {"name": name, "label": head, "options": every + named, "value": value}

    dates = explorer.dates
    ends = (
        [("first", "explore.first", dates[0]), ("last", "explore.last", dates[-1])] if dates else []
    )
    return [
        *(menu(name, dates, label, value) for name, label, value in ends),
        menu("grievance", ["all", "negative", *explorer.codes], value="negative"),
        menu("sub_grievance", []),
        menu("platform", explorer.platforms),
        menu("channel", explorer.channels),
        *([menu("stars", explorer.stars)] if explorer.stars else []),
        menu("unit", list(UNITS), "explore.unit", "items"),
        {"name": "cutoff", "label": say("explore.cutoff")},
        {"name": "words", "label": say("explore.words")},
    ]
