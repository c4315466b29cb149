"""Every command explains itself, and a mistake ends in one sentence and the right exit code."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from analysis.cli.main import _COMMANDS, main

STUDY = Path(__file__).parents[2] / "studies" / "618-2020.yaml"
TEXTS = ["发货太慢了，客服也不理人", "很好用，推荐购买", "红包抢了四十个才十块钱", ""]


def run(*words):
    """Run a command in this process and return its exit code."""
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    return stopped.value.code


@pytest.fixture
def posts(tmp_path):
    path = tmp_path / "posts.csv"
    pl.DataFrame({"mine": ["a", "b", "c", "d"], "text": TEXTS}).write_csv(path)
    return path


@pytest.mark.parametrize("name", _COMMANDS)
def test_help_shows_an_example(name, capsys):
    assert run(name, "--help") == 0
    assert "Example" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["draw", "fill", "score", "plan"])
def test_help_of_the_audit_shows_an_example(name, capsys):
    assert run("audit", name, "--help") == 0
    assert "Example" in capsys.readouterr().out


def test_help_lists_every_command(capsys):
    assert run("--help") == 0
    out = capsys.readouterr().out
    assert all(name in out for name in _COMMANDS)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from analysis.cli.main import commands; "
        "heavy = {'polars', 'pandas', 'numpy', 'numba', 'pydantic'} & set(sys.modules); "
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("mask", "posts.csv", "--nonsense"),
        ("mask",),
        ("mask", "posts.csv"),
        ("deduplicate", "posts.csv", "--out", "x.csv", "--similarity", "2"),
        ("code", "posts.csv", "--out", "x.csv", "--coder", "magic"),
    ],
)
def test_wrong_flags_exit_with_2(words, capsys):
    assert run(*words) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "idle"),
    [
        (
            "audit draw no --out x --for price",
            "'--for' (caodian audit draw without --more). Add --more,",
        ),
        ("audit draw no --out x --more 9 --size 1000", "'--size'"),  # its default, yet said
        ("audit draw no --out x --more 9 --with-subs", "'--with-subs'"),
        ("audit draw no --out x --more 9 --learnt-from y --size 9", "'--size, --learnt-from'"),
        ("audit fill no --truth no --gold --error .1 --seed 2", "'--error, --seed'"),
        ("audit gold no --drop --size 50", "'--size'"),
        ("audit gold no --drop --seed 2", "'--seed'"),
        ("train coder --from no --seed 2 --out x", "'--seed'"),
        ("cluster no --out x --language en", "'--language'"),
        ("cluster no --out x --quotes", "'--quotes'"),
        ("ingest no --explain --out x --rejects y", "'--out, --rejects'"),
        ("ingest no --explain --study no --limit 2", "'--study, --limit'"),
        ("report posts.csv --study no --scale .1", "'--scale'"),
        ("share no --format xlsx --browser no", "'--browser'"),
        ("simulate --study STUDY --out x --trend-grievance price", "'--trend-grievance'"),
        ("simulate --study no --out x --partly-missing-day 2020-06-02", "'--partly-missing-day'"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(posts, monkeypatch, capsys, words, idle):
    monkeypatch.chdir(posts.parent)
    assert run(*(STUDY if word == "STUDY" else word for word in words.split())) == 1
    err = capsys.readouterr().err
    assert "an option must have an effect" in err
    assert idle in err
    assert [path.name for path in posts.parent.iterdir()] == ["posts.csv"]


@pytest.mark.parametrize("stage", ["clean", "mask", "deduplicate", "sentiment", "code"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "must exist"),
        (b"", "must not be empty"),
        ("text\n发货太慢\n".encode("gb18030"), "UTF-8"),
        (b"body\nslow\n", "--text-column"),
        (b"text,n\n,1\n,2\n", "must hold a text"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_1(tmp_path, capsys, stage, content, said):
    path = tmp_path / "posts.csv"
    if content is not None:
        path.write_bytes(content)
    assert run(stage, path, "--out", tmp_path / "out.csv") == 1
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert len([line for line in err.splitlines() if line.startswith("caodian:")]) == 1
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["clean", "mask", "deduplicate", "sentiment", "code"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".jsonl", ".parquet"])
def test_a_stage_keeps_rows_and_columns_and_adds_its_own(tmp_path, posts, stage, suffix):
    from analysis.schema import table
    from analysis.storage import read_table

    added = {"clean": "cleaned", "mask": "masked", "deduplicate": "deduplicated", "code": "coded"}
    out = tmp_path / f"out{suffix}"
    assert run(stage, posts, "--out", out, "--quiet") == 0
    written = read_table(out)
    assert written["mine"].to_list() == ["a", "b", "c", "d"]
    assert written.columns[:2] == ["mine", "text"]
    expected = set(table(added.get(stage, stage)).names) - {"text_original"}
    assert expected <= set(written.columns)


def test_limit_reads_the_first_rows_only(tmp_path, posts):
    assert run("mask", posts, "--out", tmp_path / "out.csv", "--limit", 2, "--quiet") == 0
    assert pl.read_csv(tmp_path / "out.csv").height == 2


def test_an_unforeseen_error_is_no_trace(posts, tmp_path, capsys, monkeypatch, unforeseen):
    import analysis.corpus.mask as module

    def fail(*given, **named):
        raise RuntimeError("something odd")

    monkeypatch.setattr(module, "mask", fail)
    assert run("mask", posts, "--out", tmp_path / "out.csv") == 1
    err = capsys.readouterr().err
    assert "something odd" in err
    assert unforeseen
    assert "Traceback" not in err


def test_explain_tells_scores_rules_and_clues_of_a_text(capsys):
    assert run("explain", "下单第九天还没发货", "--channel", "weibo", "--stars", "1") == 0
    out = capsys.readouterr().out
    for part in ("a negative item (delivery", "unsent", "没发", "What would have changed it"):
        assert part in out
