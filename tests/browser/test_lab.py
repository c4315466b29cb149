"""JupyterLab as `caodian lab` opens it: Run All works on each kind, and controls answer."""

import json
import os
import runpy
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from analysis.cli.lab import _lab_environment, _lab_words
from analysis.engine.compiled import cache_folder

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
# One of each kind: posts to figures, tables of the project's own, controls. The others are
# executed without a browser (tests/test_notebooks.py).
QUICK = NOTEBOOKS[0]
CONTROLS = next(name for name in NOTEBOOKS if name.endswith("-what-do-you-want-to-see.ipynb"))
KINDS = [QUICK, next(name for name in NOTEBOOKS if "coders-agree" in name)]  # and controls, below
PATIENCE = 300_000  # milliseconds: a machine may be compiling kernels
NUMBERED = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
    return prompts.length > 0 && prompts.every(prompt => /^\\[\\d+\\]/.test(prompt.textContent))
}"""
FAILED = [
    f'.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.{kind}"]'
    for kind in ("error", "stderr")
]


def write_checkout(root):
    """Lay out what JupyterLab opens: the notebooks, and a fabricated run of the shipped study."""
    import analysis as cd
    from analysis.measures.published import judge_claims
    from analysis.reporting.saved_run import save_run

    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    made = runpy.run_path(str(ROOT / "tests" / "conftest.py"))
    tables, study = made["build_tables"](), made["build_study"]()
    tables["claims"] = judge_claims(study, tables, simulated=True, scale=0.01)
    build = root / "build" / "618-2020"
    (build / "tables").mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(build / "tables" / f"{name}.csv", index=False)
    save_run(build, study, simulated=True, scale=0.01)
    shipped = cd.load_study(ROOT / "studies" / "618-2020.yaml")
    posts = cd.simulate_posts(shipped, 0.0002, frame="polars")
    folder = root / "data" / "processed" / "618-2020" / "posts"
    folder.mkdir(parents=True)
    cd.mask(cd.clean(posts)).write_parquet(folder / "part-00000.parquet")


def user_environment(home):
    """Give a user who has never opened JupyterLab, and has another Python's kernel."""
    kernel = home / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    spec = {"argv": ["/no/such/python", "{connection_file}"], "display_name": "Another Python"}
    (kernel / "kernel.json").write_text(json.dumps({**spec, "language": "python"}))
    own = {"JUPYTER_PATH": home / "jupyter", "HOME": home, "IPYTHONDIR": home / "ipython"}
    own |= {f"JUPYTER_{name}_DIR": home / name for name in ("CONFIG", "DATA", "RUNTIME")}
    # What masks and codes is kept where the other tests keep it: building it takes 20 seconds.
    own["CAODIAN_CACHE"] = cache_folder()
    return {**os.environ, **{name: str(path) for name, path in own.items()}}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab from a folder without the project; give its address and its checkout."""
    root, home = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("home")
    write_checkout(root)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [*_lab_words(root, port, browser=False), "--IdentityProvider.token=key"]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            words,
            cwd=home,
            env=_lab_environment(user_environment(home), home),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api/status?token=key", server, home / "log")
        yield address, root
    finally:
        server.terminate()
        server.wait()


def wait_for(url, server, log):
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(log.read_text())


@pytest.fixture
def run_all(lab, chromium):
    """Open a notebook, choose Run All Cells, wait for what shows that it ended; give the page."""
    address, _ = lab
    pages = []

    def run(name, ended=NUMBERED):
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"{address}/lab/workspaces/{name[:2]}/tree/notebooks/{name}?token=key&reset")
        wait_until_idle(page)
        page.click('.lm-MenuBar-item:has-text("Run")')
        page.click('li[data-command="runmenu:run-all"]')
        page.wait_for_function(ended)
        wait_until_idle(page)
        return page

    yield run
    for page in pages:
        page.close()
    # Every kernel is a Python of its own: none is left to slow the next notebook down.
    with urllib.request.urlopen(f"{address}/api/kernels?token=key") as reply:
        for kernel in json.load(reply):
            url = f"{address}/api/kernels/{kernel['id']}?token=key"
            urllib.request.urlopen(urllib.request.Request(url, method="DELETE")).close()


def wait_until_idle(page):
    page.wait_for_selector('#jp-main-statusbar :text("| Idle")')


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name == QUICK else [pytest.mark.slow, pytest.mark.proof])
        for name in KINDS
    ],
)
def test_run_all_works_on_each_kind_of_notebook_as_it_opens(name, run_all, lab):
    expect_all_ran(run_all(name), lab)


def expect_all_ran(page, lab):
    assert [text for kind in FAILED for text in page.locator(kind).all_text_contents()] == []
    assert page.locator(".jp-Dialog").count() == 0  # neither a kernel to choose nor news
    assert page.locator(".Toastify__toast").count() == 0
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()
    assert prompts == [f"[{n}]:" for n in range(1, len(prompts) + 1)]
    pictures = page.locator(".jp-OutputArea-output img")
    assert pictures.count() > 0
    assert pictures.evaluate_all("all => all.every(one => one.naturalWidth > 500)")
    assert [url for url in page.asked if not url.startswith((lab[0], "data:", "blob:"))] == []


def test_controls_redraw_the_figure_and_list_the_posts(run_all, lab):
    page = run_all(CONTROLS)
    expect_all_ran(page, lab)
    changed = "before => document.querySelector('.jupyter-widgets img').src != before"
    for label in ("红包活动", "组", "微博"):
        before = page.locator(".jupyter-widgets img").first.get_attribute("src")
        option = page.locator(f".jupyter-widgets select:has(option:text-is('{label}'))").first
        option.select_option(label=label)
        page.wait_for_function(changed, arg=before)
    page.locator(".jupyter-widgets select").nth(0).select_option(label="全部帖子")
    words = page.locator(".widget-text:has-text('含有的词') input")
    words.fill("客服")
    words.press("Enter")
    page.wait_for_selector(".caodian-rows mark:text('客服')")
    why = page.locator(".widget-dropdown:has-text('为何这样编') select")
    why.select_option(index=1)
    page.wait_for_selector(".jupyter-widgets :text('触发的规则')")
    rows = page.locator("table.dataTable tbody tr")
    assert rows.count() > 0


@pytest.mark.proof
@pytest.mark.slow
def test_a_missing_run_is_told_in_a_sentence_that_offers_those_there_are(run_all, lab):
    root = lab[1]
    other = root / "notebooks" / "99-missing.ipynb"
    other.write_text((root / "notebooks" / QUICK).read_text().replace("618-2020", "nothing-such"))
    page = run_all(other.name, f"document.querySelector(`{', '.join(FAILED)}`)")
    (told,) = page.locator(", ".join(FAILED)).all_text_contents()
    assert told.startswith("CaodianError: only a run that was made can be opened")
    assert "caodian report FILE" in told and "'618-2020'" in told
    assert "Traceback" not in told
