"""A forged build, its manifest written anew, is not what its posts give."""

import json
import random
import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from analysis.cli.report import _asked_by, command, verify_command
from analysis.errors import CaodianError
from analysis.pipeline.rerun import _is_close, compare_builds, rerun
from analysis.reporting import figures
from analysis.reporting.ledger import MANIFEST, name_build, write_manifest

pytestmark = pytest.mark.slow

TEXTS = ["用了三天就漏水，客服说不归他们管", "师傅专业，很满意", "迟迟不发货"]


def seal(build, **changes):
    """Write name and manifest anew, as a forger would."""
    told = json.loads((build / MANIFEST).read_text("utf-8")) | changes
    told.pop("outputs")
    told["build"] = name_build(build, told)
    write_manifest(build, told)


def write_posts(path, posts=60):
    times = [f"2020-06-{1 + n % 20:02d} 10:00:00" for n in range(posts)]
    texts = [f"{TEXTS[n % 3]}，第{n}次" for n in range(posts)]
    table = {"评论时间": times, "内容": texts, "说明": ["同上"] * posts}
    pl.DataFrame(table).write_csv(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with an export and its build."""
    folder = tmp_path_factory.mktemp("rerun")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(figures, "_FIGURES", {"channels": figures._FIGURES["channels"]})
        write_posts("reviews.csv")
        words = ["reviews.csv", "--text-column", "内容", "--limit", "50"]
        made = CliRunner().invoke(command, words)
        assert made.exit_code == 0, made.output
    return folder


@pytest.fixture
def build(place, monkeypatch, tmp_path):
    """A copy of the build, beside a copy of the export."""
    shutil.copytree(place / "build", tmp_path / "build")
    shutil.copy(place / "reviews.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(figures, "_FIGURES", {"channels": figures._FIGURES["channels"]})
    return Path("build/reviews")


def test_a_build_is_what_its_export_gives(build):
    told = CliRunner().invoke(verify_command, [str(build), "--rerun", "reviews.csv"])
    assert told.exit_code == 0, told.exception
    assert "files are what the posts give" in told.output
    left = {path.name for path in Path().iterdir()}
    assert left == {"build", "reviews.csv", ".caodian-secret"}  # all else was made elsewhere
    asked = _asked_by(build, ("reviews.csv",))
    assert (asked.limit, asked.choice.text) == (50, ("内容",))
    trends = build / "tables" / "trends.csv"
    trends.write_text(trends.read_text("utf-8").replace("all,", "negative,", 1), encoding="utf-8")
    seal(build)
    with pytest.raises(CaodianError, match=r"what its posts give.*tables/trends.csv"):
        rerun(build, asked)
    write_posts("reviews.csv", 59)
    with pytest.raises(CaodianError, match="inputs of the manifest"):
        rerun(build, asked)


def mutations(content, chance):
    """Give contents that a forger might leave in place of one: bytes, lines, numbers, nothing."""
    at = chance.randrange(len(content))
    other = bytes([content[at] ^ 1])
    lines = content.splitlines(keepends=True)
    yield content[:at] + other + content[at + 1 :]
    yield content[:at]
    yield content + b"\n"
    yield content.replace(b"\n", b"\r\n")
    yield b"\xef\xbb\xbf" + content
    yield b"".join(lines + lines[-1:])
    yield b"".join(lines[:-1])
    for digit in b"123456789":
        changed = bytes([49 + (digit - 48) % 9])
        yield content.replace(bytes([digit]), changed, 1)


def test_every_file_is_held_whatever_was_changed_in_it(build, place):
    """All files × all mutations, each with the manifest written anew."""
    made, chance, tried = place / "build/reviews", random.Random(618), 0
    assert compare_builds(build, made) > 30
    for path in sorted(build.rglob("*")):
        if not path.is_file() or path.name in (MANIFEST, ".caodian-run"):
            continue
        whole = path.read_bytes()
        for forged in mutations(whole, chance):
            if forged == whole:
                continue
            path.write_bytes(forged)
            seal(build)
            with pytest.raises(CaodianError, match="what its posts give"):
                compare_builds(build, made)
            tried += 1
        path.unlink()
        seal(build)
        with pytest.raises(CaodianError, match="in the build"):
            compare_builds(build, made)
        path.with_name("more").write_bytes(whole)
        path.write_bytes(whole)
        seal(build)
        with pytest.raises(CaodianError, match="no such file"):
            compare_builds(build, made)
        path.with_name("more").unlink()
    assert tried > 400
    seal(build)
    assert compare_builds(build, made) > 30


@pytest.mark.parametrize("name", ["study", "code", "software", "parameters", "inputs"])
def test_the_manifest_is_that_of_the_run(build, place, name):
    seal(build, **{name: {"x": "y"}})
    with pytest.raises(CaodianError, match="what its posts give"):
        compare_builds(build, place / "build/reviews")


def test_a_manifest_has_no_other_parts(build, place):
    seal(build, more="x")
    with pytest.raises(CaodianError, match="its parts"):
        compare_builds(build, place / "build/reviews")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"command": "caodian report reviews.csv --text-column 内容 --limit 50; rm x"}, "command"),
        ({"command": "caodian report other.csv --text-column '内容' --limit 50"}, "command"),
        ({"command": "caodian report reviews.csv --limit 50 --text-column 内容"}, "command"),
        ({"command": "caodian verify reviews.csv"}, "command"),
        ({"command": "caodian report 'reviews.csv"}, "its command"),
        ({"verify": "caodian verify build/other"}, "verify"),
        ({"run_in": "nowhere"}, "verify"),
    ],
)
def test_what_a_page_says_of_its_command_is_what_was_asked(build, said, told):
    seal(build, **said)
    with pytest.raises(CaodianError, match=told):
        rerun(build, _asked_by(build, ("reviews.csv",)))


def test_a_smaller_limit_is_another_run(build):
    old = json.loads((build / MANIFEST).read_text("utf-8"))["command"]
    seal(build, command=old.replace("50", "40"))
    with pytest.raises(CaodianError, match="what its posts give"):
        rerun(build, _asked_by(build, ("reviews.csv",)))


@pytest.mark.parametrize(
    ("told", "found", "is_close"),
    [
        ("0.1", "0.1", True), ("0.12345678901", "0.12345678902", True), ("0.1", "0.1001", False),
        ("3", "4", False), ("3", "3.0", False), ("0.10", "0.1", False), ("1e5", "100000.0", False),
        (None, "0.1", False), ("٠.١", "0.1", False), ("-0.5", "0.5", False), ("nan", "0.1", False),
    ],
)  # fmt: skip
def test_only_the_last_digits_of_a_fraction_may_differ(told, found, is_close):
    assert _is_close(told, found) == is_close


def test_other_versions_are_held_to_the_tables(build, place):
    made = place / "build/reviews"
    (build / "report.en.html").write_text("drawn otherwise", encoding="utf-8")
    seal(build, code="0" * 16)
    assert compare_builds(build, made, other_version=True) > 10
    counts = build / "tables/counts.csv"
    counts.write_text(counts.read_text("utf-8").replace("5", "6"), encoding="utf-8")
    with pytest.raises(CaodianError, match=r"tables/counts\.csv"):
        compare_builds(build, made, other_version=True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["x", "a.csv"], "go with --rerun"),
        (["x", "--audit", "a"], "go with --rerun"),
        (["x", "--against", "y", "--rerun"], "needs the folder of a build"),
    ],
)
def test_words_that_go_with_no_rerun(words, told):
    done = CliRunner().invoke(verify_command, words)
    assert done.exit_code == 2 and told in done.output


def test_a_simulated_build_is_made_of_no_export(build):
    run = json.loads((build / "run.json").read_text("utf-8"))
    (build / "run.json").write_text(json.dumps(run | {"simulated": True}), "utf-8")
    with pytest.raises(CaodianError, match="Name no export"):
        _asked_by(build, ("reviews.csv",))


@pytest.mark.slow
def test_a_build_held_against_a_published_one_tells_no_few_posts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(figures, "_FIGURES", {"channels": figures._FIGURES["channels"]})
    times = [f"2020-06-{1 + n % 20:02d} 10:00:00" for n in range(60)]
    texts = [f"{TEXTS[n % 3]}，第{n}次" for n in range(60)]
    pl.DataFrame({"评论时间": times, "内容": texts}).write_csv("reviews.csv")
    Path("published/tables").mkdir(parents=True)
    # Four posts fewer than now.
    Path("published/tables/counts.csv").write_text("grievance,items\nall,56\n", "utf-8")
    Path("published/run.json").write_text("{}", "utf-8")
    made = CliRunner().invoke(command, ["reviews.csv", "--public", "--since", "published"])
    assert made.exit_code == 0, made.output
    counts = pl.read_csv("build/reviews/tables/counts.csv", infer_schema=False)
    shown = dict(zip(counts["grievance"], counts["items"], strict=True))
    assert shown["all"] is None
    assert any(shown.values())  # of which nothing was published
    told = CliRunner().invoke(verify_command, ["build/reviews"])
    assert told.exit_code == 0, told.exception
    again = _asked_by(Path("build/reviews"), ("reviews.csv",))
    assert again.public and list(again.since) == [Path("published")]
    assert rerun(Path("build/reviews"), again) > 10


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--since", "published"], "--since goes with --public"),
        (["--public", "--since", "build/reviews"], "must name a copy of what was published"),
    ],
)
def test_what_a_build_is_held_against_is_a_copy_and_the_build_public(
    tmp_path, monkeypatch, words, message
):
    monkeypatch.chdir(tmp_path)
    Path("build/reviews").mkdir(parents=True)
    Path("reviews.csv").write_text("评论时间,内容\n2020-06-01 10:00:00,一直漏水\n", "utf-8")
    refused = CliRunner().invoke(command, ["reviews.csv", *words])
    assert isinstance(refused.exception, CaodianError) and message in str(refused.exception)
