"""Planted personal data, in every column and in the names of files, reach nothing that is written.

A canary is written into one cell of an export; then every byte that a run, an error or a killed run
leaves outside the export is searched for it, tables also by what stands in them.
"""

import json
import os
import re
import signal
import subprocess
import sys
import zipfile

import polars as pl
import pytest
import xlsxwriter

from analysis.corpus.mask import FIELDS, IDS
from analysis.schema.tables import table

pytestmark = pytest.mark.slow

FILE = "联系人欧阳文华13877776666.csv"
COLUMNS = {
    "post_id": "帖子ID", "parent_id": "父ID", "title": "标题", "text": "内容", "author": "用户昵称",
    "author_type": "认证", "region": "地区", "channel": "渠道", "target": "投诉对象",
    "demand": "诉求", "status": "状态", "keyword": "关键词", "url": "链接", "source": "来源",
    "kind": "类型",
}  # fmt: skip
_CUE = re.compile("^(电话|微信号|QQ：|订单号|车牌|联系人：|我住在)")
GIVEN = "文武明华英俊伟强芳娜敏静丽勇军杰涛超磊洋"


def identity(number):
    body = f"310101198001{number % 28 + 1:02d}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def card(number):
    body, total = f"622202{number:012d}", 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)


KINDS = {
    "mobile": lambda n: f"138{n:08d}",
    "mobile with 0": lambda n: f"0137{n:08d}",
    "mobile in groups": lambda n: f"139 {n // 10000:04d} {n % 10000:04d}",
    "landline": lambda n: f"电话021-5{n % 10**7:07d}",
    "mail": lambda n: f"zhangsan{n}@163.com",
    "wechat": lambda n: f"微信号wxid{n}abc",
    "qq": lambda n: f"QQ：9{n:08d}",
    "order": lambda n: f"订单号2020{n:012d}",
    "plate": lambda n: f"车牌沪A{n % 100000:05d}",
    "name": lambda n: f"联系人：欧阳{GIVEN[n % 20]}{GIVEN[n // 20 % 20]}",
    "address": lambda n: f"我住在上海市浦东新区张杨路{n % 9000 + 100}弄{n % 90 + 10}号{n % 900}室",
    "identity card": identity,
    "bank card": card,
}


def plant():
    """Lay out the export: a row a canary; and the canaries, each with its place."""
    rows, canaries, number = (
        [],
        [("mobile", "file", "13877776666"), ("name", "file", "欧阳文华")],
        20000001,
    )
    for kind, write in KINDS.items():
        for column in COLUMNS:
            number += 1237
            row = dict.fromkeys(COLUMNS) | {
                "post_id": f"p{len(rows)}", "author": f"u{len(rows)}", "target": "京东",
                "text": f"快递太慢了一直不发货气死我了第{len(rows)}次", "channel": "weibo",
                "time": f"2020-06-{len(rows) % 20 + 1:02d} 08:{len(rows) % 60:02d}",
            }  # fmt: skip
            canary = write(number)
            is_text = column in ("text", "title", "demand")
            row[column] = f"{canary} 快递太慢了不发货{len(rows)}" if is_text else canary
            rows.append(row)
            canaries.append((kind, column, _CUE.sub("", canary)))
    return pl.DataFrame(rows, infer_schema_length=None), canaries


def written_in(path):
    yield path.read_bytes().decode("utf-8", "ignore")
    if path.suffix == ".parquet":
        yield "\n".join(str(row) for row in pl.read_parquet(path).rows())


def leaks(folder, export, canaries, told=""):
    found = set()
    for path in sorted(folder.rglob("*")):
        text = str(path.relative_to(folder))
        if export in (path, path.parent):
            continue
        if path.is_file() and path.name != ".caodian-secret":
            text += "\n".join(written_in(path))
        if path != export.parent:
            found |= {(*canary[:2], path.name) for canary in canaries if canary[2] in text}
    return sorted(found | {(*canary[:2], "said") for canary in canaries if canary[2] in told})


def plant_in_other_containers(folder):
    """Write exports of other kinds: names before texts, a book, an archive, a form, a page.

    The canaries stand in what a table has no column for: names of sheets, members and columns.
    """
    number = iter(range(20900001, 20990000, 997))
    canaries = []

    def canary(place, kind="mobile"):
        written = KINDS[kind](next(number))
        canaries.append((kind, place, _CUE.sub("", written)))
        return written

    weibo = ["微博正文,发布时间"] + [
        f"{_CUE.sub('', canary('nickname', 'name'))}:"
        f"{canary('text of it')} 京东太慢了{n},2020-06-{n + 10}"
        for n in range(8)
    ]
    (folder / "topic.csv").write_text("\n".join(weibo), encoding="utf-8")
    with xlsxwriter.Workbook(folder / "book.xlsx") as book:
        for place in range(2):
            sheet = book.add_worksheet(f"{canary('sheet')} {place}")
            sheet.write_row(0, 0, ["评论内容", "评论时间", f"备注{canary('column')}"])
            for row in range(1, 4):
                told = f"淘宝退款太慢了{place}{row}，{canary('text of it')}"
                sheet.write_row(row, 0, [told, "2020-06-11", canary("column")])
    with zipfile.ZipFile(folder / "pack.zip", "w") as pack:
        told = "".join(f"客服不理人{n}，{canary('text of it')},2020-06-12\n" for n in range(4))
        pack.writestr(f"{canary('member')}/{canary('member')}.csv", f"内容,时间\n{told}")
    form = [
        {"姓名": canary("field of a form", "name"), "联系电话": canary("field of a form"),
         "诉求内容": f"商家不发货{n}，{canary('text of it')}", "提交时间": "2020-06-13"}
        for n in range(4)
    ]  # fmt: skip
    (folder / "form.json").write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
    rows = "".join(f"<tr><td>差评{n} {canary('page')}</td><td>2020-06-14</td></tr>" for n in "123")
    page = f"<table><tr><th>内容</th><th>时间</th></tr>{rows}</table>"
    (folder / "page.html").write_text(page, encoding="utf-8")
    return canaries


@pytest.fixture
def export(tmp_path):
    rows, canaries = plant()
    path = tmp_path / "data" / "raw" / FILE
    path.parent.mkdir(parents=True)
    rows.rename({**COLUMNS, "time": "发布时间"}).write_csv(path)
    return path, canaries


MAIN = "import sys; from analysis.cli.main import main; sys.exit(main(sys.argv[1:]))"
# Figures that write words of an export; the others write codes, days and numbers of the tables.
OF_WORDS = (
    "platforms", "channels", "collection_hours", "clusters", "cluster_days", "cluster_codes",
    "terms_by_platform", "terms_by_channel", "terms_by_stars", "terms_by_period",
)  # fmt: skip
DRAW = "from analysis.reporting import figures as f; f._FIGURES = {n: f._FIGURES[n] for n in %r}\n"


def run(folder, *words, code=MAIN):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONUTF8": "1"}, check=False,
    )  # fmt: skip


def test_a_whole_run_writes_no_canary(export, tmp_path):
    path, canaries = export
    others = plant_in_other_containers(path.parent)
    files = sorted(path.parent.iterdir(), key=lambda one: (one != path, one.name))
    exports = [one.relative_to(tmp_path) for one in files]
    done = run(tmp_path, "report", *exports, code=DRAW % (OF_WORDS,) + MAIN)
    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    assert leaks(tmp_path, path.parent, [*canaries, *others], told) == []
    posts = pl.read_parquet(tmp_path / "data" / "processed" / "*" / "posts" / "*.parquet")
    texts = sum(place in ("text of it", "page") for _, place, _ in others)
    assert posts.height == len(canaries) - 2 + texts
    assert posts["post_id"].n_unique() == posts.height


def test_the_scan_finds_what_is_left(export, tmp_path):
    path, canaries = export
    pl.DataFrame({"text": [f"打{canaries[2][2]}"]}).write_parquet(tmp_path / "a.parquet")
    assert leaks(tmp_path, path, canaries) == [(*canaries[2][:2], "a.parquet")]


KILLED = """
import os, signal, sys
from analysis.pipeline import corpus_steps
write = corpus_steps.write_partition
def killed(posts, path):
    write(posts, path)
    os.kill(os.getpid(), signal.SIGKILL)
corpus_steps.write_partition = killed
from analysis.cli.main import main
main(sys.argv[1:])
"""


def test_a_killed_run_leaves_no_canary(export, tmp_path):
    path, canaries = export
    done = run(tmp_path, "report", path.relative_to(tmp_path), code=KILLED)
    assert done.returncode == -signal.SIGKILL
    assert leaks(tmp_path, path, canaries, done.stdout + done.stderr) == []


@pytest.mark.parametrize(
    "words", [["--text-column", "不在"], ["--time-column", "联系人：欧阳文明"]]
)
def test_a_refusal_shows_no_canary(words, tmp_path):
    first = "联系人：欧阳文华,13812345678,我住在上海市浦东新区张杨路500弄3号601室"
    path = tmp_path / "a.csv"
    path.write_text(f"{first}\n联系人：欧阳文明,13912345678,x\n", encoding="utf-8")
    done = run(tmp_path, "report", path, *words)
    assert done.returncode == 1
    for canary in ("欧阳文华", "欧阳文明", "13812345678", "13912345678", "500弄"):
        assert canary not in done.stdout + done.stderr


# What the readers themselves write into a column, and not the export.
CLOSED = {"source_format", "source_file", "published_precision", "text"}


def test_every_column_of_words_has_its_treatment():
    words = {name for name, kind in table("posts").polars_schema.items() if kind == pl.String}
    assert words - CLOSED == {*FIELDS, *IDS, "title"} & words


def test_masking_a_file_masks_each_of_its_columns(export, tmp_path):
    path, canaries = export
    out = tmp_path / "out" / "masked.csv"
    done = run(tmp_path, "mask", path, "--text-column", "内容", "--out", out)
    assert done.returncode == 0, done.stderr
    inside = [canary for canary in canaries if canary[1] != "file"]
    assert [one for one in leaks(tmp_path, path, inside) if one[2] == out.name] == []
