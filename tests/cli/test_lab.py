"""`caodian lab` starts the JupyterLab of this interpreter, wherever and whoever calls it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from analysis.cli import lab
from analysis.errors import CaodianError
from analysis.reporting.notebooks import execute_notebooks


class StartedError(Exception):
    pass


@pytest.fixture
def started(monkeypatch):
    """What the command would become: its words and its environment."""
    seen = []

    def become(path, words, environment):
        seen.append((words, environment))
        raise StartedError

    monkeypatch.setattr(os, "execve", become)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "JUPYTER_PATH", "CAODIAN_RUNS"):
        monkeypatch.delenv(name, raising=False)
    return seen


def call(*words):
    result = CliRunner().invoke(lab.command, words)
    assert isinstance(result.exception, StartedError), result.output


def test_it_runs_from_any_folder_on_the_notebooks_of_the_checkout(started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call("--port", "9000")
    ((words, environment),) = started
    root = Path(__file__).resolve().parents[2]
    assert words[:3] == [sys.executable, "-m", "jupyterlab"]
    assert {f"--ServerApp.root_dir={root}", "--ServerApp.port=9000"} <= set(words)
    assert environment["CAODIAN_RUNS"] == str(tmp_path)
    assert not any("token" in word or "password" in word for word in words)


@pytest.mark.parametrize(
    ("who", "flag"), [(0, ["--ServerApp.allow_root=True"]), (1000, [])], ids=["root", "user"]
)
def test_root_in_a_container_may_and_listens_on_this_machine_alone(who, flag, started, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: who)
    call()
    ((words, _),) = started
    assert [word for word in words if "root=" in word] == flag
    assert "--ServerApp.ip=127.0.0.1" in words


@pytest.mark.parametrize(
    ("words", "environment", "opens"),
    [
        ((), {}, False),  # no screen: a browser of the terminal would take it over
        ((), {"DISPLAY": ":0"}, True),
        ((), {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ((), {"BROWSER": "my-browser"}, True),
        (("--no-browser",), {"DISPLAY": ":0"}, False),
    ],
)
def test_a_browser_opens_where_there_is_a_screen(words, environment, opens, started, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    call(*words)
    ((said, _),) = started
    assert ("--ServerApp.open_browser=False" not in said) is opens


def test_without_notebooks_it_tells_what_to_do(started, tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "project_root", lambda: tmp_path)
    result = CliRunner().invoke(lab.command, [])
    assert "notebooks stand in the checkout" in str(result.exception)
    assert started == []


@pytest.fixture
def foreign_kernel(tmp_path):
    """A kernel of another Python by the name that the notebooks ask for."""
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["/no/such/python", "{connection_file}"], "display_name": "Mine"}
    (folder / "kernel.json").write_text(json.dumps({**spec, "language": "python"}))
    return str(tmp_path / "jupyter")


def resolved(environment):
    code = (
        "from jupyter_client.kernelspec import KernelSpecManager as M;"
        "print(M().get_kernel_spec('python3').argv[0])"
    )
    return subprocess.check_output([sys.executable, "-c", code], env=environment, text=True).strip()


@pytest.mark.slow
def test_a_foreign_kernel_does_not_shadow_ours_in_the_lab(foreign_kernel):
    environment = {**os.environ, "JUPYTER_PATH": foreign_kernel}
    assert resolved(environment) == "/no/such/python"
    # A kernel that says `python` is started with the interpreter of the server.
    assert resolved(lab._lab_environment(environment, Path("/"))) in ("python", sys.executable)


@pytest.mark.slow
def test_a_foreign_kernel_does_not_shadow_ours_in_a_report(foreign_kernel, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", foreign_kernel)
    cells = [
        nbformat.v4.new_markdown_cell("# 哪个？\n\n*Which?*"),
        nbformat.v4.new_code_cell("import sys, analysis\nsys.prefix"),
    ]
    source = tmp_path / "01-which.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), source)
    ((_, _, page),) = execute_notebooks([source], tmp_path / "out", {}, root=tmp_path)
    executed = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
    assert executed.cells[1].outputs[0].data["text/plain"] == repr(sys.prefix)


def test_a_page_needs_a_run_that_is_there_and_a_port_that_is_free(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(lab.explore_command, ["no-such-run", "--no-browser"])
    assert isinstance(found.exception, CaodianError)
    assert "only a run that was made" in str(found.exception)


def test_a_port_that_is_taken_is_told_with_another_way(monkeypatch):
    class Nothing:
        def warm(self):
            return self

    monkeypatch.setattr("analysis.reporting.explore.Explorer", lambda _: Nothing())
    monkeypatch.setattr("analysis.reporting.saved_run.open_run", lambda *_: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        found = CliRunner().invoke(lab.explore_command, ["mine", "--no-browser", "--port", port])
    assert "a port that is free" in str(found.exception) and "--port" in str(found.exception)
