"""`caodian lab`."""

from __future__ import annotations

import subprocess
import sys

import click


@click.command(short_help="Open JupyterLab on the notebooks.")
@click.option("--port", type=int, default=8888, show_default=True, help="Port on this machine.")
@click.option("--browser/--no-browser", default=True, help="Open a browser window.")
def command(port: int, browser: bool) -> None:
    """Open JupyterLab on the notebooks; run `caodian report` first, they read its tables.

    \b
    Example:
      caodian lab
    """
    from analysis.storage.run_paths import project_root

    root = project_root()
    words = [sys.executable, "-m", "jupyter", "lab", f"--port={port}", f"--notebook-dir={root}"]
    words += ["--LabApp.news_url=", "--ip=127.0.0.1", "--LabApp.default_url=/lab/tree/notebooks"]
    if not browser:
        words.append("--no-browser")
    raise SystemExit(subprocess.run(words, check=False).returncode)  # noqa: S603 - our own words
