"""Scripts and formulas in every column of an export: nothing that opens a build runs them.

    python benchmarks/payloads.py [--keep FOLDER]

An export holds 40 payloads (scripts, handlers, addresses, templates, formulas, escapes of a
terminal) in each of its columns and in names of its files; `caodian report` with quotes makes the
build, `caodian share` the archive, the workbook and the press pages. Every page is opened in an
installed Chromium, its drawers opened, and no script of a payload may run, no other address be
asked for, no page may complain. Every SVG must be XML without a script, and no cell of a table or
a workbook may be a formula. The report is made in a surrounding without a network, where the
system has one (`unshare -rn`).
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from canaries import COLUMNS

NAME = "payloads"
_RUN = "window.broken=1"
PAYLOADS = (
    f"<script>{_RUN}</script>", f"</script><script>{_RUN}</script>", f"<ScRiPt>{_RUN}</sCrIpT>",
    f"<img src=x onerror={_RUN}>", f'"><img src=x onerror="{_RUN}">', f"'><svg onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>", f"<body onload={_RUN}>", f'" onmouseover="{_RUN}" x="',
    f"' autofocus onfocus='{_RUN}", f"<iframe srcdoc='<script>parent.{_RUN}</script>'>",
    f"<a href='javascript:{_RUN}'>x</a>", f"javascript:{_RUN}", f"<details open ontoggle={_RUN}>",
    f"<style>@import 'http://x.example/a.css'</style><script>{_RUN}</script>",
    "<link rel=stylesheet href=http://x.example/a.css>", "<img src=http://x.example/a.png>",
    "<meta http-equiv=refresh content='0;url=http://x.example/'>", "<base href=http://x.example/>",
    f"--><script>{_RUN}</script><!--", f"]]><script>{_RUN}</script>", f"*/{_RUN}/*",
    f"</style><script>{_RUN}</script>", f"</title><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>", f"\\u003cscript>{_RUN}</script>", f"${{{_RUN}}}",
    f"{{{{ {_RUN} }}}}", "{% include '/etc/passwd' %}", f"`;{_RUN};`", f"';{_RUN};//",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;", f"\u2028{_RUN}\u2028", f"<script\x00>{_RUN}</script>",
    "=HYPERLINK(\"http://x.example\",\"x\")", "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0", "\x1b]8;;http://x.example\x07x\x1b[2J",
    "\u202eevil\u2066\x9b31m",
)  # fmt: skip
STUDY = f"""
name: {NAME}
title_zh: 载荷
title_en: Payloads
window: {{start: 2020-06-01, end: 2020-06-20}}
event_days: [2020-06-18]
sources: [table]
disclosure: {{minimum_cell: 1, quotes: true}}
"""
_FORMULA = re.compile(r"[\t\r]|[\s\u00ad\u200b-\u200d\u2060\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫\u2212]")
_NUMBER = re.compile(r"[+\-\u2212]?[0-9.]+(e[+\-]?[0-9]+)?", re.IGNORECASE)


def write_exports(folder: Path) -> list[str]:
    """Write the export in two files, whose names are payloads, too; return their names."""
    rows = []
    for column in list(COLUMNS)[:-1]:
        for payload in PAYLOADS:
            row = dict.fromkeys(COLUMNS, "") | {
                "post_id": f"p{len(rows)}", "author": f"u{len(rows) % 90}", "channel": "weibo",
                "text": f"快递太慢了一直不发货，客服不理人{len(rows)}", "target": "京东",
                "time": f"2020-06-{len(rows) % 20 + 1:02d} 08:{len(rows) % 60:02d}",
            }  # fmt: skip
            is_text = column in ("text", "title", "demand")
            row[column] = f"{payload}快递太慢了不发货{len(rows)}" if is_text else payload
            rows.append([row[name] for name in COLUMNS])
    names = ["<img src=x onerror=alert(1)>.csv", "=1+1.csv"]
    for place, name in enumerate(names):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([list(COLUMNS.values()), *rows[place::2]])
    return names


def caodian(folder: Path, *words: str, apart: bool = False) -> None:
    """Run a command, without a network where it is to be apart and the system lets it."""
    before = ["unshare", "-rn"] if apart and shutil.which("unshare") else []
    code = "import sys; from analysis.cli.main import main; main(sys.argv[1:])"
    command = [*before, sys.executable, "-c", code, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr[-2000:]}")


def strange_tables(folder: Path) -> Iterator[str]:
    """Yield what stands as a formula in a table or a workbook, and SVGs that are no plain XML."""
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for line in csv.reader(stream):
                for cell in line:
                    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
                        yield f"{path.name}: a formula {cell[:40]!r}"
    for path in sorted(folder.rglob("*.xlsx")):
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if b"<f>" in book.read(name) or "externalLink" in name:
                    yield f"{path.name}: a formula in {name}"
    for path in sorted(folder.rglob("*.svg")):
        for one in ElementTree.parse(path).iter():
            tag, said = (
                one.tag.rpartition("}")[2],
                {n.rpartition("}")[2]: v for n, v in one.items()},
            )
            asked = [v for n, v in said.items() if n == "href" and not v.startswith(("#", "data:"))]
            if asked or tag in ("script", "foreignObject", "a") or any(n[:2] == "on" for n in said):
                yield f"{path.name}: {tag} {asked}"


def strange_pages(folder: Path) -> Iterator[str]:
    """Open every page, and what its numbers open; yield what ran, was asked for or complained."""
    from playwright.sync_api import sync_playwright

    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    with sync_playwright() as driver:
        shown = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for path in sorted(folder.rglob("*.html")):
            said: list[str] = []
            page = shown.new_page()
            page.on("request", lambda one, said=said: _foreign(one.url, said))
            page.on("dialog", lambda one, said=said: (said.append("a dialog"), one.dismiss()))
            page.on("pageerror", lambda error, said=said: said.append(f"error {error}"))
            page.on("console", lambda one, said=said: said.append(f"{one.type}: {one.text[:90]}"))
            page.goto(path.resolve().as_uri())
            page.evaluate(
                "() => [...document.querySelectorAll('data[data-evidence]')].slice(0, 60)"
                ".forEach((one) => one.click())"
            )
            page.wait_for_timeout(300)
            if page.evaluate("window.broken"):
                said.append("a payload ran")
            yield from (f"{path.name}: {one}" for one in said)
            page.close()
        shown.close()


def _foreign(address: str, said: list[str]) -> None:
    if not address.startswith(("file:", "data:", "blob:")):
        said.append(f"asks for {address[:80]}")


def main() -> None:
    """Build, share and open, and print what is strange."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="folder in which all that was written stays")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
        exports = write_exports(folder)
        caodian(folder, "report", *exports, "--study", "study.yaml", "--quiet", apart=True)
        caodian(folder, "share", f"build/{NAME}", "--out", "share", "--format", "xlsx,zip,press")
        built, shared = folder / "build", folder / "share"
        found = [one for place in (built, shared) for one in strange_tables(place)]
        found += [one for place in (built, shared) for one in strange_pages(place)]
        pages = sum(1 for place in (built, shared) for _ in place.rglob("*.html"))
        drawn = sum(1 for _ in built.rglob("*.svg"))
    print(*found[:40], sep="\n", end="\n" * bool(found))
    print(
        json.dumps({"payloads": len(PAYLOADS), "pages": pages, "svg": drawn, "found": len(found)})
    )
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
