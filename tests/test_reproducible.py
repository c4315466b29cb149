"""The same input gives the same bytes, whatever the environment and the order of rows."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from analysis.pipeline.request import Request
from analysis.pipeline.run import Run

ROOT = Path(__file__).resolve().parents[1]
COMPLAINTS = [
    "{shop}发货太慢了，等了{n}天还没有物流信息",
    "在{shop}买的东西第{n}天就降价，客服拒绝保价",
    "{shop}红包抢了{n}个，打开只有几分钱",
    "直播间买的衣服和主播说的完全不一样，{shop}不给退，已经{n}天",
    "每天收到{n}条{shop}的推销短信，退订也没用",
]
HARMLESS = [
    "{shop}东西不错，用了{n}天很满意",
    "今天天气真好，走了{n}公里",
    "请问{shop}的会员多少钱，{n}元吗",
]


def write_export(path, order):
    """Write 240 invented reviews over 12 days, in the given order of rows."""
    rows = []
    for n in range(240):
        pattern = (COMPLAINTS + HARMLESS)[n % 8]
        text = pattern.format(shop=["京东", "淘宝", "拼多多"][n % 3], n=n % 37)
        rows.append((f"2020-06-{n % 12 + 1:02d} {n % 24:02d}:{n % 60:02d}:00", text))
    pl.DataFrame(rows, schema=["评论时间", "评论内容"], orient="row")[order].write_csv(path)


def report(folder, order, *options, **environment):
    """Run `caodian report` in a folder of its own and return the bytes of what it published."""
    folder.mkdir()
    write_export(folder / "reviews.csv", order)
    words = ["-c", "from analysis.cli import main; main()", "report", "reviews.csv"]
    words += ["--quiet", *options]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    build = folder / "build" / "reviews"
    files = sorted(path for path in build.rglob("*") if path.is_file())
    return {
        path.relative_to(build).as_posix(): path.read_bytes()
        for path in files
        if path.name != "manifest.json"  # it holds the hash of the input file
    }


def report_twice(folder, *options):
    """Report the same reviews in two orders and surroundings."""
    straight, shuffled = list(range(240)), [n * 77 % 240 for n in range(240)]
    first = report(
        folder / "a",
        straight,
        *options,
        PYTHONHASHSEED="1",
        TZ="UTC",
        LC_ALL="C",
        CAODIAN_SECRET="one",
    )
    second = report(
        folder / "b",
        shuffled,
        *options,
        PYTHONHASHSEED="2",
        TZ="America/New_York",
        LC_ALL="C.UTF-8",
        POLARS_MAX_THREADS="1",
        NUMBA_NUM_THREADS="1",
        CAODIAN_SECRET="two",
    )
    return first, second


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return report_twice(tmp_path_factory.mktemp("reproducible"))


@pytest.mark.proof
@pytest.mark.slow
def test_the_same_files_are_published(published):
    first, second = published
    assert list(first) == list(second)
    assert {"report.zh.html", "report.en.html", "tables/counts.csv"} <= set(first)


@pytest.mark.proof
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tables/", "figures/", "report.", "topics."])
def test_they_have_the_same_bytes(published, kind):
    first, second = published
    chosen = [name for name in first if name.startswith(kind)]
    assert chosen
    assert [name for name in chosen if first[name] != second[name]] == []


@pytest.mark.training
def test_notebooks_have_the_same_bytes(tmp_path):
    first, second = report_twice(tmp_path, "--notebooks")
    chosen = [name for name in first if name.startswith("notebooks/")]
    assert chosen
    assert [name for name in chosen if first[name] != second[name]] == []


def write_ties(folder, order):
    """Write 80 posts of Weibo, each three times: by other authors, with other words and likes."""
    rows = [
        (str(4500000000000000 + n // 3), f"J{n // 3}", str(n * 7 % 31), f"用户{n * 7 % 31}",
         (COMPLAINTS + HARMLESS)[n % 8].format(shop=["京东", "淘宝"][n % 2], n=n % 37),
         f"2020-06-{n // 3 % 12 + 1:02d} 08:00:31", n % 5)
        for n in range(240)
    ]  # fmt: skip
    names = ["id", "bid", "user_id", "用户昵称", "微博正文", "发布时间", "点赞数"]
    pl.DataFrame(rows, schema=names, orient="row")[order].write_csv(folder / "posts.csv")


@pytest.mark.proof
@pytest.mark.slow
def test_which_row_of_an_id_counts_is_decided_by_no_secret(tmp_path, monkeypatch):
    """Five secrets and five orders of rows give the same posts, but for the keys of authors."""
    found = []
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("CAODIAN_SECRET", f"secret {number}")
        write_ties(folder, [n * (77, 7, 11, 13, 17)[number] % 240 for n in range(240)])
        run = Run(Request([Path("posts.csv")], None), lambda _line: None)
        tables = run.measure_corpus()
        posts = pl.read_parquet(run.paths.posts / "*.parquet").drop("row_number")
        keys = posts["author_key"].n_unique()
        rows = sorted(posts.drop("author_key").rows(), key=str)
        found.append((rows, keys, {name: table.to_csv() for name, table in tables.items()}))
        assert posts.height == 240 and posts["repeat_of"].null_count() == 80
    assert all(one == found[0] for one in found[1:])
