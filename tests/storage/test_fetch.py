"""An example export comes whole and checked, from the network or a mirror, or not at all."""

import hashlib
import http.server
import threading
from pathlib import Path

import pytest

from analysis.cli.main import main
from analysis.errors import CaodianError
from analysis.storage import fetch
from analysis.storage.fetch import Example, ExampleFile, _load_examples, fetch_example

FIRST, SECOND = "评论,时间\n慢,2019-06-01\n".encode(), "评论,时间\n热,2019-06-02\n".encode()
CONTENTS = {"exports/first.csv": FIRST, "exports/second.csv": SECOND}
# Nothing listens on port 9 (discard) of this computer: a network that is not there.
NOWHERE = "http://127.0.0.1:9/{repository}/{commit}/{path}"


def example_at(url, contents=None):
    files = tuple(
        ExampleFile(path=path, sha256=hashlib.sha256(content).hexdigest())
        for path, content in (contents or CONTENTS).items()
    )
    return Example(
        about="invented", study="invented", repository="nobody/nothing", commit="0" * 40,
        licence="MIT", url=url, files=files,
    )  # fmt: skip


@pytest.fixture
def server(tmp_path):
    """Serve a folder laid out as the published repository is; yield the URL and the folder."""
    root = tmp_path / "published"

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given, **named):
            super().__init__(*given, directory=str(root), **named)

        def log_message(self, *words):
            pass

    for path, content in CONTENTS.items():
        place = root / "nobody/nothing" / ("0" * 40) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}" + "/{repository}/{commit}/{path}", root
        serving.shutdown()


def written(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_network_serves_all_files(tmp_path, server):
    url, _ = server
    paths = fetch_example(example_at(url), tmp_path / "raw")
    assert [path.read_bytes() for path in paths] == [FIRST, SECOND]


@pytest.mark.parametrize("name", ["{name}", "exports/{name}"])
def test_a_mirror_serves_under_base_name_or_path(tmp_path, name):
    mirror = tmp_path / "mirror"
    for file, content in (("first.csv", FIRST), ("second.csv", SECOND)):
        place = mirror / name.format(name=file)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    fetch_example(example_at(NOWHERE), tmp_path / "raw", mirror)
    assert written(tmp_path / "raw") == {"first.csv": FIRST, "second.csv": SECOND}


def test_what_the_mirror_lacks_comes_from_the_network(tmp_path, server):
    url, _ = server
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "first.csv").write_bytes(FIRST)
    fetch_example(example_at(url), tmp_path / "raw", mirror)
    assert written(tmp_path / "raw") == {"first.csv": FIRST, "second.csv": SECOND}


def test_files_that_are_there_need_no_network(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    for path, content in CONTENTS.items():
        (raw / Path(path).name).write_bytes(content)
    assert len(fetch_example(example_at(NOWHERE), raw)) == 2


def test_another_version_from_the_network_is_refused_and_nothing_written(tmp_path, server):
    url, root = server
    (root / "nobody/nothing" / ("0" * 40) / "exports/second.csv").write_bytes(SECOND + b"more")
    with pytest.raises(CaodianError, match="registered checksum"):
        fetch_example(example_at(url), tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


def test_another_version_in_the_mirror_is_refused_and_nothing_written(tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "first.csv").write_bytes(FIRST)
    (mirror / "second.csv").write_bytes(FIRST)
    with pytest.raises(CaodianError, match=r"second\.csv must have the registered checksum"):
        fetch_example(example_at(NOWHERE), tmp_path / "raw", mirror)
    assert not (tmp_path / "raw").exists()


def test_a_file_that_is_published_no_more_is_told_with_its_status(tmp_path, server):
    url, root = server
    (root / "nobody/nothing" / ("0" * 40) / "exports/second.csv").unlink()
    with pytest.raises(CaodianError, match="HTTP 404"):
        fetch_example(example_at(url), tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


def run(*words):
    with pytest.raises(SystemExit) as stopped:
        main(list(words))
    return stopped.value.code


@pytest.fixture
def registered(monkeypatch, tmp_path):
    """Register an invented example, in an empty working folder."""
    monkeypatch.chdir(tmp_path)

    def register(url):
        monkeypatch.setattr(fetch, "_load_examples", lambda: {"invented": example_at(url)})

    return register


def test_the_command_prints_the_next_one(registered, server, tmp_path, capsys):
    registered(server[0])
    assert run("fetch", "invented") == 0
    folder = Path("data/raw/invented")
    said = f"caodian report {folder / 'first.csv'} {folder / 'second.csv'} --study"
    assert capsys.readouterr().out == f"{said} studies/invented.yaml\n"
    assert written(tmp_path / "data") == {"first.csv": FIRST, "second.csv": SECOND}


@pytest.mark.parametrize("mirror", [(), ("--mirror", "empty"), ("--mirror", "absent")])
def test_without_network_and_mirror_it_says_so_in_one_message(registered, tmp_path, capsys, mirror):
    registered(NOWHERE)
    (tmp_path / "empty").mkdir()
    assert run("fetch", "invented", *mirror) == 1
    err = capsys.readouterr().err
    assert err.startswith("caodian: ") and err.count("\n") == 1
    assert "Traceback" not in err
    assert "mirror" in err
    assert not (tmp_path / "data").exists()


def test_an_unknown_name_is_told_with_the_nearest(capsys):
    assert run("fetch", "618-2019-water-heater") == 1
    assert "Did you mean '618-2019-water-heaters'?" in capsys.readouterr().err


def test_every_registered_example_belongs_to_a_study_of_the_checkout():
    studies = Path(__file__).resolve().parents[2] / "studies"
    for example in _load_examples().values():
        assert (studies / f"{example.study}.yaml").exists()
        assert example.commit in example.address(example.files[0])
        assert example.licence
