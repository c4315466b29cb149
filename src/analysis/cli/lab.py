"""`caodian lab`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from analysis.errors import CaodianError
from analysis.storage.run_paths import project_root

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
