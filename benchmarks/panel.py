"""How large the panel of the report is, and how long a change of its choice takes in a browser.

    python benchmarks/panel.py data/processed/618-2020/coded --times 10 --platforms 300

Takes the coded posts of a run, once or `--times` over: then the platforms and the day of a post are
those of another, which makes more combinations than there are. `--platforms` spreads each platform
over so many names. Prints the cells, what had to be given up, seconds and memory of counting, the
bytes that the page gains, and the milliseconds of a change, its drawing included, in Chromium: the
best of three, since other work on the machine only adds; then the CPU that a change takes of the
page's thread, painting and going there and back included, on a screen of a telephone. Four times
that is what a telephone takes, whatever else the machine does.
"""

import argparse
import json
import re
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from analysis.coding.codebook import load_codebook
from analysis.measures.prevalence import count_codes
from analysis.reporting.panel import count_cells, fit_cells, pack_cells
from analysis.reporting.report import render_report
from analysis.study.load import study_of_range

NEEDED = ["published_at", "channel", "stars", "is_negative", "negative_probability", "grievances",
          "sub_grievances", "platforms", "repeat_of", "is_in_window"]  # fmt: skip
BOUND = 50  # milliseconds
CHANGE = """async () => {
  const times = [], wait = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  for (const side of ["code", "platform", "channel", "stars", "sentiment", "sub", "from"]) {
    const select = document.getElementById("panel-" + side);
    if (!select) continue;
    for (let n = 0; n < Math.min(select.options.length, 12); n++) {
      let best = Infinity;  // of three, as other work on the machine only adds
      for (let turn = 0; turn < 3; turn++) {
        select.selectedIndex = n;
        const start = performance.now();
        select.dispatchEvent(new Event("change"));
        document.getElementById("panel").getBoundingClientRect();
        best = Math.min(best, performance.now() - start);
        await wait();
      }
      times.push(best);
    }
    if (side !== "code") { select.selectedIndex = 0; select.dispatchEvent(new Event("change")); }
  }
  return times;
}"""

# A choice and the way back, some turns: on average one change.
TURNS, SIDES = 4, ("code", "platform", "channel", "stars", "sentiment", "sub", "from", "to", "by")
THERE_AND_BACK = """async ([side, n, turns]) => {
  const select = document.getElementById("panel-" + side);
  const wait = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  await wait();
  for (let turn = 0; turn < turns; turn++) for (const place of [n, 0]) {
    if (select) {
      select.selectedIndex = place;
      select.dispatchEvent(new Event("change"));
      document.getElementById("panel").getBoundingClientRect();
    }
    await wait();
  }
}"""


def spread(posts: pl.DataFrame, names: int, rng: np.random.Generator) -> pl.DataFrame:
    """Give each naming of a platform one of many names, the first of them most often."""
    rows = posts.with_row_index().select("index", "platforms").explode("platforms").drop_nulls()
    known = rows["platforms"].n_unique()
    which = np.minimum(rng.zipf(1.6, rows.height), max(names // known, 1))
    named = rows.with_columns(pl.col("platforms") + pl.Series(which).cast(pl.String))
    lists = named.group_by("index").agg(pl.col("platforms"))
    joined = posts.drop("platforms").with_row_index().join(lists, on="index", how="left")
    empty = pl.lit([], dtype=pl.List(pl.String))
    return joined.with_columns(pl.col("platforms").fill_null(empty)).drop("index")


def measure(path: str) -> tuple[pl.DataFrame, float, float]:
    """Count the cells of a file; CPU seconds, and megabytes above those of an idle process."""
    count_cells(pl.scan_parquet(path).head(1_000))
    before, start = highest(), time.process_time()
    cells = count_cells(pl.scan_parquet(path))
    return cells, time.process_time() - start, highest() - before


def highest() -> float:
    """Give the most memory so far in MB; that of `getrusage` comes from the parent, too."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.is_file() else None
    return int(found[1]) / 1024 if found else float("nan")


def change_times(page: str) -> tuple[list[float], list[float]]:
    """Change each control through its values; give milliseconds, and those of CPU, of a change."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        path = Path(folder) / "report.html"
        path.write_text(page, "utf-8")
        found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = driver.chromium.launch(executable_path=found, args=flags)
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.goto(path.as_uri())
        tab.wait_for_selector("#panel:not([hidden])")
        times: list[float] = tab.evaluate(CHANGE)
        tab.set_viewport_size({"width": 390, "height": 844})
        tab.evaluate("document.getElementById('panel').scrollIntoView()")
        taken = cpu_times(tab)
        browser.close()
    return times, taken


def cpu_times(tab: Any) -> list[float]:  # noqa: ANN401 - a page of an optional package
    """Give the milliseconds of CPU of the page's thread for each of some changes."""
    told = tab.context.new_cdp_session(tab)
    told.send("Performance.enable")

    def spent() -> float:
        metrics = told.send("Performance.getMetrics")["metrics"]
        return 1000 * next(one["value"] for one in metrics if one["name"] == "ThreadTime")

    def look(side: str, place: int) -> float:
        before = spent()
        tab.evaluate(THERE_AND_BACK, [side, place, TURNS])
        return (spent() - before) / TURNS / 2

    look("code", 1)
    idle = min(look("", 0) for _ in range(3))
    sizes = {side: tab.locator(f"#panel-{side} option").count() for side in SIDES}
    places = [(side, n) for side, size in sizes.items() for n in range(1, min(size, 7))]
    return [look(*place) - idle for place in places]


def main() -> None:
    """Print one row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("coded")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--platforms", type=int, default=0)
    asked = parser.parse_args()
    posts = pl.scan_parquet(f"{asked.coded}/*.parquet").select(NEEDED).collect()
    rng = np.random.default_rng(618)
    if asked.times > 1:
        posts = pl.concat([posts] * asked.times)
        other = posts.select("platforms", "published_at")[rng.permutation(posts.height)]
        posts = posts.drop("platforms", "published_at").hstack(other)
    if asked.platforms:
        posts = spread(posts, asked.platforms, rng)
    with tempfile.TemporaryDirectory() as folder:
        posts.write_parquet(f"{folder}/posts.parquet")
        del posts
        alone = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        with alone:  # whose memory is that of counting alone
            cells, seconds, megabytes = alone.submit(measure, f"{folder}/posts.parquet").result()
        start = time.process_time()
        fitting, taken = fit_cells(cells)
        fitted = time.process_time() - start
        counts = count_codes(
            pl.scan_parquet(f"{folder}/posts.parquet"), list(load_codebook().code_names)
        )
    days = sorted(filter(None, cells["date"].unique()))
    study = study_of_range("x", date.fromisoformat(days[0]), date.fromisoformat(days[-1]), [])
    tables = {"counts": counts, "explore": fitting.to_pandas()}
    page, bare = (
        render_report(shown, [], study, "zh", simulated=True, scale=0.1)
        for shown in (tables, {"counts": counts, "explore": pd.DataFrame()})
    )
    font = re.compile(r"base64,[A-Za-z0-9+/=]+")
    gain = len(font.sub("", page).encode()) - len(font.sub("", bare).encode())
    print(f"{counts['items'][0]:,} posts, {counts['items'][1]:,} negative: {cells.height:,} cells")
    print(f"given up: {', '.join(taken) or 'nothing'}; {fitting.height:,} cells in the page")
    packed = len(json.dumps(pack_cells(fitting), ensure_ascii=False))
    print(f"packed in {packed:,} characters; section of {gain:,} bytes")
    print(f"counted in {seconds:.1f} s of CPU, +{megabytes:.0f} MB; fitted in {fitted:.1f} s")
    times, taken = change_times(page)
    print(f"{len(times)} changes: median {statistics.median(times):.1f} ms, "
          f"slowest {max(times):.1f} ms (bound {BOUND})")  # fmt: skip
    usual, most = statistics.median(taken), max(taken)
    print(f"{len(taken)} changes: CPU median {usual:.1f} ms, most {most:.1f} ms; "
          f"of a telephone (x 4) {4 * usual:.0f} and {4 * most:.0f} ms")  # fmt: skip
    if max(times) > 4 * BOUND:
        raise SystemExit("a change takes four times as long as it may")


if __name__ == "__main__":
    main()
