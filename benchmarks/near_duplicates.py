"""Near-duplicates: ours beside rensa and datasketch, on the same texts in one run, as one table.

    python benchmarks/near_duplicates.py [--texts 100000] [--flood 100000] [--spilled 400000]

Each line is measured in a process of its own, so that its peak memory is its own; the operating
system tells it. Times are CPU seconds, 3-grams included, and each is the median of `--runs`.
Recall is the share of planted pairs found, by their true similarity. Precision is, for ours, the
share of the families that comparing all their pairs confirms; for the peers, the share of what
they answer. Peers are asked for the neighbours of the planted copies only, which is less than we
do. Those that are not installed are passed over.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from near_duplicate_tools import PARTITION, TOOLS

_PEERS = ("rensa", "datasketch")
_HEAD = (
    "| what | texts | CPU s | texts a CPU second | ours is faster by | recall 0.80-0.85 (pairs) "
    "| recall 0.85-1 (pairs) | precision | peak MB | of it added |"
)


def main() -> None:
    """Measure line by line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--flood", type=int, default=100_000)
    parser.add_argument("--spilled", type=int, default=400_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tool", choices=TOOLS)
    asked = parser.parse_args()
    if asked.tool:
        print(json.dumps(TOOLS[asked.tool](asked.texts)))
        return
    print(_HEAD)
    print("|---" * (_HEAD.count("|") - 1) + "|")
    speed = 0.0
    for tool, count in _lines(asked):
        figures = _measure(tool, count, 1 if tool.startswith("datasketch") else asked.runs)
        if figures:
            speed = speed or figures["texts"] / figures["cpu"]
            print(_line(tool, figures, speed), flush=True)


def _lines(asked: argparse.Namespace) -> list[tuple[str, int]]:
    peers = [(tool, asked.texts) for tool in TOOLS if tool.startswith(_PEERS)]
    spilled = [
        ("ours, spilled", max(size // PARTITION, 1) * PARTITION)
        for size in (asked.spilled // 4, asked.spilled // 2, asked.spilled)
    ]
    floods = [
        (tool, size)
        for tool in TOOLS
        if "variants" in tool
        for size in (asked.flood // 4, asked.flood // 2, asked.flood)
    ]
    return [("ours", asked.texts), *peers, *spilled, *floods]


def _measure(tool: str, count: int, runs: int) -> dict[str, float]:
    """Run a line's process several times; the times' median, the rest of the last."""
    command = [sys.executable, str(Path(__file__)), "--tool", tool, "--texts", str(count)]
    seconds, figures = [], {}
    for _ in range(runs):
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            print(f"{tool}: passed over ({run.stderr.strip().splitlines()[-1]})", file=sys.stderr)
            return {}
        figures = json.loads(run.stdout)
        seconds.append(figures["cpu"])
    return figures | {"cpu": median(seconds)}


def _line(tool: str, figures: dict[str, float], ours: float) -> str:
    speed = figures["texts"] / figures["cpu"]
    is_peer = tool.startswith(_PEERS)
    cells = [
        tool,
        f"{figures['texts']:,.0f}",
        f"{figures['cpu']:.2f}",
        f"{speed:,.0f}",
        f"{ours / speed:.1f}" if is_peer else "",
        _recall(figures, "near"),
        _recall(figures, "far"),
        f"{figures['precision']:.4f}" if "precision" in figures else "",
        f"{figures['peak_mb']:,.0f}",
        f"{figures['added_mb']:,.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _recall(figures: dict[str, float], band: str) -> str:
    if f"recall_{band}" not in figures:
        return ""
    return f"{figures[f'recall_{band}']:.4f} ({figures[f'pairs_{band}']:,.0f})"


if __name__ == "__main__":
    main()
