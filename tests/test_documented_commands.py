"""Every command in README, docs and `--help` runs as written, on files of the names it uses."""

import glob
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import polars as pl
import pytest

from analysis.cli.main import commands, main
from analysis.storage import read_table, write_table

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "README.zh.md", "CONTRIBUTING.md", "data/coded/README.md", "docs/**/*.md"]

# Words that stand for the user's own, and files of the fixture in their place.
PLACEHOLDERS = {
    "BUILD": "build/618-2020",
    "COMMAND": "report",
    "命令": "report",
    "FILES_OR_FOLDERS…": "exports",
    "FILE": "posts.csv",
    "EXPORT": "my-export.csv",
    "DIR": "new-weights",
    "FOLDER": "exports",
    "NAME": "618-2019-water-heaters",
    "文件夹": "exports",
}
# Not run here, and why; their options are checked all the same.
NOT_RUN = {
    "lab": "opens JupyterLab and stays; tests/browser drives it",
    "explore": "serves a page and stays; tests/browser drives it",
    (
        "figures build/my-export --only grievances --format pdf --width 174mm"
    ): "tests/test_tutorial.py reports first",
    "fetch": "needs the network; tests/storage/test_fetch.py fetches from a folder",
    "train": "takes minutes; make test-training rebuilds the weights",
    "report --study studies/618-2020.yaml": "is make report, minutes with its notebooks",
    "audit score people --out people.csv": "people must fill the forms in first",
    "report my-export.csv --audit audit": "an audit is of one report; tests/pipeline/test_audit.py",
    "report my-export.csv --notebooks": "tests/test_notebooks.py executes notebooks",
    "verify build/618-2020 --rerun": "is make report again; tests/pipeline/test_rerun.py",
    "simulate --study studies/618-2020.yaml --scale 0.01 --out data/raw/618-2020": (
        "is what the fixture does at a smaller scale"
    ),
    "verify FILE.zip": "needs an archive that was shared; test_sharing.py makes one",
    "verify press.en.html --against 618-2020.zip": "needs what was shared; test_sharing.py, too",
    "privacy scan build/618-2020": "is half of what it does with my-export.csv, too",
    "evaluate coding data/coded/sample/development.jsonl": "is half of what --errors 10 does",
    "report 我的导出.csv": "is done with --out and --storage, too",
    "report exports/*.csv --study studies/my-study.yaml": "is done with the study of 618-2020",
    "report 导出文件夹/ --study studies/618-2019-water-heaters.yaml": "is report exports/",
    "report 陌生.csv --text-column 内容 --time-column 发布日期": "is report odd.csv",
}
OPTIONS_NOT_RUN = {
    "--more": "asks for the very posts of a filled audit; run by tests/pipeline/test_audit.py",
    "--since": "names a build that was published before; tests/reporting/test_disclosure.py",
    "--sign": "needs a key; tests/reporting/test_sharing.py makes one",
    "--signed-by": "needs a signed build; tests/reporting/test_sharing.py signs one",
}
# Drawn into pages figures prove as much as in files of their own, which take as long again.
FILES_OF_FIGURES = "analysis.reporting.figures.render", lambda *_: b""

# 1,950 posts: enough for an audit of a thousand and for topics.
SCALE = "0.0003"

# What one command makes, another reads and a third overwrites.
MADE = ("audit", "build/618-2020", "data/processed/618-2020", "data/raw/618-2020")

TEXTS = [
    "买完第二天就降价，客服拒绝保价",
    "红包抢了四十个，打开只有几分钱",
    "用了三天就漏水，售后说不归他们管",
    "师傅专业，安装很快，满意",
    "每天收到好几条推销短信，退订也没用",
    "物流快，包装好",
]


def documented() -> Iterator[tuple[str, str]]:
    """Yield place and text of each command in the pages and in the help of each command."""
    for pattern in PAGES:
        for path in sorted(ROOT.glob(pattern)):
            for text in commands_in(path.read_text("utf-8")):
                yield path.relative_to(ROOT).as_posix(), text
    yield from examples_of(commands, "caodian", click.Context(commands))


def commands_in(page: str) -> list[str]:
    """Return the commands of a Markdown page: lines of its blocks, and words in backticks."""
    blocks = re.findall(r"^```.*?\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE)
    found = [text for text in [*lines, *re.findall(r"`([^`\n]+)`", prose)] if is_command(text)]
    return list(dict.fromkeys(found))


def is_command(text: str) -> bool:
    return re.match(r"\s*(\S*[/\\])?caodian\s+\S", text) is not None


def examples_of(group: click.Command, name: str, ctx: click.Context) -> Iterator[tuple[str, str]]:
    for line in (group.help or "").splitlines():
        if is_command(line):
            yield f"{name} --help", line.strip()
    if isinstance(group, click.Group):
        for child in group.list_commands(ctx):
            made = group.get_command(ctx, child)
            assert made is not None
            yield from examples_of(made, f"{name} {child}", ctx)


def words_of(text: str) -> list[str]:
    """Return what a shell would hand to `caodian`, globs excepted."""
    words = shlex.split(text.replace("\\", "/"), comments=True)
    return [PLACEHOLDERS.get(word, word) for word in words[1:]]


def reason_not_to_run(words: list[str]) -> str | None:
    if words[:1] == ["codebook"] and words[1:] in (["draft"], ["accept"]):
        return "is only named"
    if "--help" in words or len(words) == 1:  # a command that is only named
        return None if words[0] != "lab" else NOT_RUN["lab"]
    for word in words:
        if word in OPTIONS_NOT_RUN:
            return OPTIONS_NOT_RUN[word]
    return NOT_RUN.get(words[0]) or NOT_RUN.get(" ".join(words))


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("run\n\n```sh\nmake test\n.venv/bin/caodian report a.csv  # x\n```\n", 1),
        ("type `caodian verify build/x` or `.venv\\Scripts\\caodian report`", 2),
        ("`caodian` reads `data/caodian/x`, the project caodian report", 0),
    ],
)
def test_commands_are_found_in_blocks_and_backticks(page, found):
    assert len(commands_in(page)) == found


COMMANDS = list(documented())


def test_the_pages_and_the_help_were_searched():
    places = {place for place, _ in COMMANDS}
    assert {"README.md", "README.zh.md", "docs/method.md", "caodian audit draw --help"} <= places
    assert len(COMMANDS) > 60


@pytest.mark.parametrize(("place", "text"), COMMANDS, ids=lambda word: word)
def test_a_documented_command_has_the_options_that_it_is_given(place, text):
    ctx, words = click.Context(commands), words_of(text)
    command: click.Command = commands
    while isinstance(command, click.Group) and words:
        child = command.get_command(ctx, words.pop(0))
        assert child is not None, text
        command = child
    known = {option for made in command.params for option in (*made.opts, *made.secondary_opts)}
    given = {word.split("=")[0] for word in words if re.match("--?[a-z]", word)}
    assert given <= known | {"--help", "-h"}


def run(*words: str) -> int | str | None:
    with pytest.raises(SystemExit) as stopped:
        main(list(words))
    return stopped.value.code


@pytest.fixture(scope="module")
def project(tmp_path_factory, some_figures):
    """Make a folder like that of a user who follows the pages, with the files named there."""
    # A command may name the folder above, where nothing of other tests stands.
    folder = tmp_path_factory.mktemp("above") / "project"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("CAODIAN_SECRET", "x")
        patch.setattr(*FILES_OF_FIGURES)
        patch.setattr("analysis.reporting.figures._FIGURES", some_figures)
        (folder / "data").mkdir()
        for name in ("data/coded", "studies"):
            shutil.copytree(ROOT / name, folder / name)
        study = (ROOT / "studies/618-2019-water-heaters.yaml").read_text("utf-8")
        named = study.replace("name: 618-2019-water-heaters", "name: my-study")
        (folder / "studies/my-study.yaml").write_text(named, encoding="utf-8")
        _write_exports(folder)
        _write_labelled(folder)
        quietly = ("--quiet",)
        simulated = ("simulate", "--study", "studies/618-2020.yaml", "--scale", SCALE)
        assert run(*simulated, "--out", "data/raw/618-2020", *quietly) == 0
        posts = read_table("data/raw/618-2020/posts.parquet")
        labels = pl.int_range(pl.len()).mod(2).cast(pl.String).alias("label")
        write_table(posts.with_columns(labels), "posts.csv")
        assert run("code", "posts.csv", "--out", "coded.jsonl", *quietly) == 0
        shipped = "data/coded/sample/test.jsonl"
        assert run("code", shipped, "--out", "test-coded.jsonl", *quietly) == 0
        _write_topics(folder)
        draft = ("codebook", "draft", "topics/posts.parquet", "topics/clusters.csv", "--row", "0")
        assert run(*draft, "--name", "hot_cold", "--out", "draft.yaml") == 0
        assert run("audit", "draw", "coded.jsonl", "--size", "300", "--out", "audit") == 0
        truth = ("--truth", "data/raw/618-2020/truth.parquet")
        assert run("audit", "fill", "audit", *truth) == 0
        assert run("audit", "gold", "audit", "--size", "40") == 0
        small = ("--scale", SCALE, "--no-notebooks", *quietly)
        assert run("report", "--study", "studies/618-2020.yaml", *small) == 0
        for name in MADE:
            shutil.copytree(name, Path("kept") / name)
    return folder


def _write_exports(folder: Path) -> None:
    def table(days: list[str], **names: str) -> pl.DataFrame:
        rows = [(f"{day} 1{n}:00:00", text) for day in days for n, text in enumerate(TEXTS)]
        frame = pl.DataFrame(rows, schema=["评论时间", "评论内容"], orient="row")
        return frame.rename(names)

    days = [f"2020-06-{day:02d}" for day in range(1, 13)]
    for name in ("my-export.csv", "我的导出.csv"):
        write_table(table(days), folder / name)
    odd = table(days, 评论内容="内容", 评论时间="发布日期")
    more = {"甲": pl.col("内容"), "乙": pl.col("发布日期"), "丙": pl.lit("5")}
    write_table(odd.with_columns(**more), folder / "odd.csv")
    write_table(table(days), folder / "exports" / "618-2020.csv")
    earlier = [day.replace("2020", "2019") for day in days]
    write_table(table(earlier), folder / "exports" / "618-2019.csv")


def _write_labelled(folder: Path) -> None:
    labels = ["0", "0", "0", "1", "0", "1"] * 10
    texts = [f"{text}，第{n}次" for n in range(10) for text in TEXTS]
    write_table(pl.DataFrame({"review": texts, "label": labels}), folder / "reviews.csv")
    pairs = {"text_a": TEXTS, "text_b": [text + "！" for text in TEXTS]}
    write_table(pl.DataFrame(pairs), folder / "pairs.csv")
    spans = [{"start": 1, "end": 12, "kind": "phone"}]
    labelled = pl.DataFrame({"text": ["打13812345678问"], "spans": [spans]})
    labelled.write_ndjson(folder / "labelled.jsonl")


def _write_topics(folder: Path) -> None:
    """Write what `cluster --out topics` writes."""
    texts = [f"水温忽冷忽热，第{n}次" for n in range(6)] + TEXTS
    topics = pl.DataFrame({"text": texts, "topic": [0] * 6 + [-1] * len(TEXTS)})
    write_table(topics, folder / "topics" / "posts.parquet")
    found = pl.DataFrame({"cluster": [0], "label": ["忽冷·忽热"], "terms": ["忽冷、忽热"]})
    write_table(found, folder / "topics" / "clusters.csv")


TO_RUN = {
    " ".join(words_of(text)): words_of(text)
    for _, text in COMMANDS
    if reason_not_to_run(words_of(text)) is None and len(words_of(text)) > 1
}


@pytest.mark.slow
@pytest.mark.parametrize("words", TO_RUN.values(), ids=list(TO_RUN))
@pytest.mark.usefixtures("few_figures")
def test_a_documented_command_runs_as_it_is_written(project, words, monkeypatch, capsys):
    monkeypatch.chdir(project)
    monkeypatch.setenv("CAODIAN_SECRET", "x")
    for name in MADE:
        shutil.rmtree(name)
        shutil.copytree(Path("kept") / name, name)
    if words[0] != "figures":
        monkeypatch.setattr(*FILES_OF_FIGURES)
    # Whole reports are those of test_canaries and test_reproducible; what is run again is alike.
    if words[0] == "report" or words[:2] == ["verify", "build/my-export"]:
        monkeypatch.setattr("analysis.reporting.figures._FIGURES", {})
    expanded = [
        name
        for word in words
        for name in (sorted(glob.glob(word)) if "*" in word else [word])  # noqa: PTH207 - a shell
    ]
    # Finding personal data is an answer, too.
    answers = (0, 1) if words[:2] == ["privacy", "scan"] else (0,)
    assert run(*expanded) in answers, capsys.readouterr().err
    assert "caodian: " not in capsys.readouterr().err


def test_what_is_not_run_is_still_documented():
    all_words = [words_of(text) for _, text in COMMANDS]
    for text in NOT_RUN:
        assert any(" ".join(words).startswith(text) for words in all_words)
