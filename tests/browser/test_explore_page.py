"""The page of `caodian explore` in Chromium: controls move figure and posts, strangers stay out."""

import http.client
import json
import threading

import polars as pl
import pytest

import analysis as cd
from analysis.cli.lab import make_server
from analysis.reporting.explore import Explorer
from analysis.reporting.saved_run import SavedRun

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # milliseconds: a machine may be compiling kernels


@pytest.fixture(scope="module", params=["zh", "en"])
def server(request, root):
    study = cd.load_study(root / "studies" / "618-2020.yaml")
    posts = cd.simulate_posts(study, 0.0003, frame="polars").select(pl.exclude("^true_.*$"))
    posts = cd.code_grievances(cd.find_families(cd.mask(cd.clean(posts))))
    server = make_server(Explorer(SavedRun({}, study, True, 0.0003, request.param), posts))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_explore(server, visit):
    """Open the page at a width."""

    def opener(width=1280):
        page = visit(server.address, width)
        page.set_default_timeout(PATIENCE)
        page.wait_for_selector("#rows tbody tr")
        return page

    return opener


def change(page, name, value):
    """Move a control and wait for the figure that follows."""
    before = page.locator("#figure").get_attribute("src")
    control = page.locator(f"#controls [name={name}]")
    if control.evaluate("one => one.tagName") == "SELECT":
        control.select_option(value)
    else:
        control.fill(value)
        control.dispatch_event("change")
    page.wait_for_function("src => document.querySelector('#figure').src != src", arg=before)


def size(page):
    return int(page.locator("#size").inner_text().split(": ")[-1].replace(",", ""))


def test_each_control_moves_the_figure_and_the_posts(open_explore, server):
    page = open_explore()
    negative = size(page)
    sizes = []
    for name, value in {
        "grievance": "red_envelope", "sub_grievance": "red_envelope.amount_too_small",
    }.items():  # fmt: skip
        change(page, name, value)
        sizes.append(size(page))
    assert negative > sizes[0] >= sizes[1] > 0
    change(page, "grievance", "all")
    everything = size(page)
    for name, value in {
        "platform": "淘宝", "channel": "weibo", "unit": "authors", "cutoff": "0.9",
        "first": "2020-06-10", "last": "2020-06-12", "stars": "1",
    }.items():  # fmt: skip
        if page.locator(f"#controls [name={name}]").count():
            change(page, name, value)
            if name != "cutoff":  # which says nothing of all posts
                assert size(page) < everything, name
    assert page.said == []
    here = server.address.split("?")[0]
    assert [url for url in page.requested if not url.startswith((here, "data:", "blob:"))] == []


def test_words_are_marked_and_pages_turned(open_explore):
    page = open_explore()
    change(page, "grievance", "all")
    change(page, "words", "客服")
    marks = page.locator("#rows mark").all_text_contents()
    assert len(marks) > 3 and set(marks) == {"客服"}
    change(page, "words", "")
    first = page.locator("#rows tbody tr td").first.inner_text()
    page.click("#next")
    page.wait_for_function(
        "first => document.querySelector('#rows tbody td').textContent != first", arg=first
    )
    assert page.locator("#page").inner_text().startswith("2 / ")


def test_a_row_tells_why_and_two_selections_their_words(open_explore, server):
    page = open_explore()
    page.locator("#rows tbody tr").first.click()
    page.wait_for_selector("#why table")
    say = server.explorer.say
    assert say("explore.rules") in page.locator("#why").inner_text()
    page.click("#keep")
    change(page, "grievance", "all")
    page.click("#compare")
    page.wait_for_selector("#terms td")
    assert page.locator("#terms table").count() == 2
    assert page.said == []


@pytest.mark.parametrize("kind", ["csv", "png", "svg", "pdf"])
def test_posts_and_figure_are_saved(kind, open_explore, tmp_path):
    page = open_explore()
    page.select_option("#export [name=kind]", kind)
    with page.expect_download() as waiting:
        page.click("#export button")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.name == f"selection.{kind}"
    if kind == "csv":
        assert pl.read_csv(path).height == size(page)
    else:
        starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
        assert path.read_bytes().startswith(starts[kind])


def test_it_fits_a_phone_and_every_control_has_a_name(open_explore):
    page = open_explore(390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelectorAll('#controls label, #export label').length") > 8
    unnamed = """() => [...document.querySelectorAll('select, input, button')].filter(one =>
        !(one.closest('label')?.textContent.trim() || one.ariaLabel || one.textContent.trim()))
        .length"""
    assert page.evaluate(unnamed) == 0
    assert page.locator("#figure").get_attribute("alt")


def ask(server, method, path, *, token=None, host=None, body=None):
    port = server.server_address[1]
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Host": host or f"127.0.0.1:{port}"}
    if token:
        headers["X-Caodian-Token"] = token
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


def test_it_answers_only_who_has_the_key_at_the_address_of_this_machine(server):
    good = server.token
    assert server.server_address[0] == "127.0.0.1"
    assert ask(server, "GET", "/")[0] == 403
    assert ask(server, "GET", "/?token=wrong")[0] == 403
    assert ask(server, "GET", f"/?token={good}", host="evil.example")[0] == 403
    assert ask(server, "POST", "/view", body={"choice": {}})[0] == 403
    assert ask(server, "GET", f"/?token={good}")[0] == 200
    assert ask(server, "GET", f"/../../etc/passwd?token={good}")[0] == 404


def test_the_address_that_a_browser_is_started_with_leads_in_once(server):
    way = server.way_in()
    place = way[way.index("/?") :]
    assert server.token not in way and "once=" in way
    assert ask(server, "GET", place, host="evil.example")[0] == 403
    assert ask(server, "GET", "/?once=")[0] == 403
    assert ask(server, "GET", place)[0] == 302
    assert ask(server, "GET", place)[0] == 403


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/view", {"choice": {"grievance": "prize"}}, "price"),
        ("/view", {"choice": {"os": "1"}}, "os"),
        ("/view", {}, "choice"),
        ("/save", {"choice": {}, "kind": "exe", "width": 85}, "exe"),
        ("/nothing", {}, "nothing"),
        ("/why", {"post": 10**9}, "number"),
    ],
)
def test_a_wrong_question_is_told_and_not_a_trace(server, path, body, told):
    status, text = ask(server, "POST", path, token=server.token, body=body)
    assert status == 400 and told in json.loads(text)["error"]
