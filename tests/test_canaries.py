"""Planted personal data, in every column and in the names of files, reach nothing that is written.

A canary is written into one cell of an export; then every byte that a run, an error or a killed run
leaves outside the export is searched for it, tables also by what stands in them. What is planted
and how it is looked for stands in `benchmarks/canaries.py`, which kills a run at every step.
"""

import base64
import gzip
import json
import subprocess
import sys
import tempfile
import zipfile
import zlib

import canaries as planted
import canary_walk
import polars as pl
import pytest
import xlsxwriter
from canaries import KINDS, Canary, bare, leaks

from analysis.cli.lab import _ANSWERS, explore_page
from analysis.cli.main import main
from analysis.corpus.mask import FIELDS, IDS
from analysis.pipeline.corpus_steps import NUMBERS, _without_long_numbers
from analysis.reporting.explore import Explorer
from analysis.reporting.figures import _FIGURES
from analysis.reporting.saved_run import open_run
from analysis.schema.tables import table

pytestmark = pytest.mark.slow

FILE = "联系人欧阳文华13877776666.csv"
FILE_CANARIES = [Canary("mobile", "file", "13877776666"), Canary("name", "file", "欧阳文华")]


def plant_in_other_containers(folder):
    """Write exports of other kinds: names before texts, a book, an archive, a form.

    The canaries stand in what a table has no column for: names of sheets, members and columns.
    """
    number = iter(range(20900001, 20990000, 997))
    canaries = []

    def canary(place, kind="mobile"):
        written = KINDS[kind](next(number))
        canaries.append(Canary(kind, place, bare(written)))
        return written

    weibo = ["微博正文,发布时间"] + [
        f"{bare(canary('nickname', 'name'))}:{canary('text of it')} 京东太慢了{n},2020-06-{n + 10}"
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
    lines = "".join(f"差评{n} {canary('text of it')}\t2020-06-14\n" for n in "123")
    (folder / "tabs.tsv").write_text(f"内容\t时间\n{lines}", encoding="utf-8")
    return canaries


@pytest.fixture
def export(tmp_path):
    rows, canaries = planted.plant()
    path = tmp_path / "data" / "raw" / FILE
    path.parent.mkdir(parents=True)
    planted.write_export(path, rows)
    return path, FILE_CANARIES + canaries


# Figures that write words of an export; the others write codes, days and numbers of the tables.
OF_WORDS = (
    "platforms", "channels", "collection_hours", "clusters", "cluster_days", "cluster_codes",
    "terms_by_platform", "terms_by_channel", "terms_by_stars", "terms_by_period",
)  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch, capfd):
    """Run a command in this process, which has imported all of it; give its code and its words."""
    monkeypatch.chdir(tmp_path)

    def ended(*words):
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main(list(map(str, words)))
        told = capfd.readouterr()
        return subprocess.CompletedProcess(words, end.value.code or 0, told.out, told.err)

    return ended


def test_a_whole_run_writes_no_canary(export, tmp_path, here, monkeypatch):
    monkeypatch.setattr("analysis.reporting.figures._FIGURES", {n: _FIGURES[n] for n in OF_WORDS})
    monkeypatch.setattr("analysis.pipeline.report_steps._MANY_FIGURES", 100)  # none draws beside
    path, canaries = export
    others = plant_in_other_containers(path.parent)
    files = sorted(path.parent.iterdir(), key=lambda one: (one != path, one.name))
    exports = [one.relative_to(tmp_path) for one in files]
    done = here("report", *exports)
    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    assert leaks(tmp_path, path.parent, [*canaries, *others], told) == []
    posts = pl.read_parquet(tmp_path / "data" / "processed" / "*" / "posts" / "*.parquet")
    texts = sum(place == "text of it" for _, place, _ in others)
    assert posts.height == len(canaries) - 2 + texts
    assert posts["post_id"].n_unique() == posts.height


def in_a_pdf(words):
    """Print words as a browser does: glyphs, numbered by the font, in a packed stream."""
    letters = sorted(set(words))
    told = b"".join(b"<%02X> <%04X>\n" % (n, ord(one)) for n, one in enumerate(letters))
    font = b"<00> <FF>\nendcodespacerange\nbegincmap\n" + told
    glyphs = "".join(f"<{letters.index(one):02X}> Tj" for one in words)
    page = zlib.compress(f"BT /F9 12 Tf {glyphs} ET".encode())
    parts = [b"/F9 2 0 R", b"/ToUnicode 3 0 R", b"stream\n%bendstream" % zlib.compress(font),
             b"stream\n%bendstream" % page]  # fmt: skip
    objects = [b"%d 0 obj\n%b\nendobj\n" % (n, part) for n, part in enumerate(parts, start=1)]
    return b"%PDF-1.4\n" + b"".join(objects)


def deflated(words):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(words.encode()) + packer.flush())


LEFT_IN = {
    "a.parquet": lambda words, path: pl.DataFrame({"text": [words]}).write_parquet(path),
    "a.csv.gz": lambda words, path: path.write_bytes(gzip.compress(words.encode())),
    "a.zip": lambda words, path: zipfile.ZipFile(path, "w").writestr("b.html", words),
    "a.pdf": lambda words, path: path.write_bytes(in_a_pdf(words)),
    "link.html": lambda words, path: path.write_bytes(
        b'<a href="data:text/csv;base64,%b">' % base64.b64encode(f"text\n{words}\n".encode())),
    "map.html": lambda words, path: path.write_bytes(b'"%b"' % deflated(f"{words}, {words}")),
    "a.ipynb": lambda words, path: path.write_text(json.dumps({"source": words})),
    "picture.html": lambda words, path: path.write_bytes(
        base64.b64encode(b"PNG" + b"\x00" * 60) + words.replace("138", "1 3 8-").encode()),
    "named.html": lambda words, path: path.write_text("".join(f"&#{ord(one)};" for one in words)),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_IN)
def test_the_scan_finds_what_is_left(tmp_path, name):
    canaries = [Canary("name", "text", "欧阳文明"), Canary("mobile", "text", "13812345678")]
    LEFT_IN[name](f"打{canaries[0].text} {canaries[1].text} 太慢了", tmp_path / name)
    found = [(*canary[:2], name) for canary in reversed(canaries)]
    assert leaks(tmp_path, tmp_path / "data", canaries) == found


@pytest.mark.proof
@pytest.mark.parametrize(
    "words",
    [["--kinds", "csv", "--kills", "1", "--refusals", "7"],
     ["--kinds", "xlsx", "--whole", "", "--kills", "1", "--refusals", "4"]],
    ids=["csv", "xlsx"],
)  # fmt: skip
def test_killed_and_refused_runs_leave_no_canary(words, tmp_path):
    done = subprocess.run(
        [sys.executable, planted.__file__, *words, "--commands", "report"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    looked = json.loads(done.stdout)["looked after"]
    assert looked["refused"] >= 2
    if "csv" in words:
        steps = ("read", "deduplicate", "code", "measure", "tables", "figures", "report", "publish")
        assert {f"report: {step}" for step in steps} <= set(looked)
        # A kill some milliseconds after the last step may find a run that has ended.
        assert looked["killed"] >= len(steps) - 1
        assert looked["killed"] + looked.get("ended before", 0) >= len(steps)


# Of the walk, what takes long or says the same of the same posts in another form.
OTHERWHERE = (
    "verify",
    "train",
    "report * --since",
    "report * --audit",
    "masked.jsonl",
    "masked.xlsx",
    "coded.csv",
    "coded.xlsx",
    "share public",
    "--gold",
    "audit gold",
    "score audit-of-file",
    "codebook",
    "draw coded",
)


# Of the columns in which canaries are planted, those that a table without a collector has.
READ = set(planted.ODD_NAMES) - {"source", "kind"}


def steps_of_the_slim_walk(export):
    for step in canary_walk.steps(export, "--no-notebooks"):
        line = " ".join(step.words)
        if not any(all(part in line for part in one.split(" * ")) for one in OTHERWHERE):
            is_shared = step.name == "share"  # no PDF: a browser takes longer than all of it
            yield step._replace(words=(*step.words, *["--format", "xlsx,zip,press"] * is_shared))


def look_around(build, folder):
    """Write what the explorer shows of a run: its page, its posts, and why one is coded so."""
    explorer = Explorer(open_run(build, "en")).warm()
    asked = {"choice": {}, "first": {}, "second": {}, "kind": "csv", "post": 0, "page": 1}
    answers = [_ANSWERS[name](explorer, asked)[0] for name in ("view", "why", "spell", "save")]
    (folder / "explored").write_bytes(explore_page(explorer, "x").encode() + b"".join(answers))


def test_what_an_owner_does_leaves_no_canary(tmp_path, monkeypatch, capsys):
    """Audit, shared files, figures, stages, topics, finds, the explorer, and refusals.

    `benchmarks/canary_walk.py` walks all of it, in processes of their own.
    """
    rows, canaries = planted.plant()
    rows = canary_walk.with_plain(rows, 120)
    export = canary_walk.fill(tmp_path, "csv", rows, planted.ODD_NAMES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    drawn = {"grievances": _FIGURES["grievances"]}
    monkeypatch.setattr("analysis.reporting.figures._FIGURES", drawn)
    walked = []
    for step in steps_of_the_slim_walk(export):
        with pytest.raises(SystemExit) as ended:
            main(list(step.words))
        walked.append((step.words, ended.value.code or 0))
        if not (tmp_path / "data/raw/truth.parquet").exists():
            canary_walk.write_truth(tmp_path)
        if step.words[:2] == ("audit", "disputes"):
            canary_walk.settle(tmp_path)
    steps = list(steps_of_the_slim_walk(export))
    assert walked == [(step.words, step.ends) for step in steps] and len(steps) > 20
    look_around(f"build/{canary_walk.NAME}", tmp_path)
    told = "".join(capsys.readouterr())
    posts = pl.read_parquet("data/processed/walk/posts/*.parquet")
    columns = {"author": "author_key", "time": "published_at"}
    # A channel is one of a closed list.
    read = set(READ) - {"channel"}
    assert all(posts[columns.get(name, name)].drop_nulls().n_unique() >= 10 for name in read)
    named = [*canaries, Canary("name", "option", "欧阳文华")]
    assert leaks(tmp_path, tmp_path / "data" / "raw", named, told) == []


# Of the refusals of `benchmarks/canaries.py` those after which nothing is read.
REFUSED = [one for one in planted.REFUSALS if one.why in ("no such column", "no time", "no header")]


@pytest.mark.parametrize("refusal", REFUSED, ids=lambda one: one.why)
def test_a_run_that_refuses_leaves_no_canary(refusal, tmp_path, here):
    rows, canaries = planted.plant()
    path = tmp_path / "data" / "raw" / "posts.csv"
    path.parent.mkdir(parents=True)
    refusal.write(path, rows)
    done = here("report", path.relative_to(tmp_path), "--quiet", *refusal.words)
    assert done.returncode == 1 and done.stderr.startswith("caodian: ")
    named = [*canaries, Canary("name", "option", "欧阳文华")]
    assert leaks(tmp_path, path.parent, named, done.stdout + done.stderr) == []


@pytest.mark.parametrize(
    "words", [["--text-column", "不在"], ["--time-column", "联系人：欧阳文明"]]
)
def test_a_refusal_shows_no_canary(words, tmp_path, here):
    first = "联系人：欧阳文华,13812345678,我住在上海市浦东新区张杨路500弄3号601室"
    path = tmp_path / "a.csv"
    path.write_text(f"{first}\n联系人：欧阳文明,13912345678,x\n", encoding="utf-8")
    done = here("report", path, *words)
    assert done.returncode == 1
    for canary in ("欧阳文华", "欧阳文明", "13812345678", "13912345678", "500弄"):
        assert canary not in done.stdout + done.stderr


def test_a_remedy_shows_no_canary(tmp_path, here):
    path = tmp_path / "a.csv"
    path.write_text("内容,时间,评分13812345678\n太慢了,2020-06-11,1\n", encoding="utf-8")
    done = here("report", path, "--rating-column", "评分13812345679")
    assert done.returncode == 1 and "Did you mean '评分【电话】'?" in done.stderr
    assert "138" not in done.stderr


def test_reasons_of_rejected_records_show_no_canary(tmp_path, here):
    path, rejects = tmp_path / "a.csv", tmp_path / "rejects.csv"
    rows = "".join(f"太慢了{n},2020-06-1{n},3\n" for n in range(6))
    path.write_text(f"内容,时间,评分\n{rows}太慢了,139 1234 5678,3\n", encoding="utf-8")
    words = ["ingest", path, "--out", tmp_path / "posts.csv", "--rejects", rejects]
    assert here(*words).returncode == 0
    told = rejects.read_text(encoding="utf-8")
    assert "【电话】" in told and "1234" not in told


# What the readers themselves write into a column, and not the export.
CLOSED = {"source_format", "source_file", "published_precision", "text"}


def test_every_column_of_words_has_its_treatment():
    words = {name for name, kind in table("posts").polars_schema.items() if kind == pl.String}
    assert words - CLOSED == {*FIELDS, *IDS, "title"} & words


def test_every_column_of_numbers_is_bounded():
    """A telephone number in one of them is no count, however a column was named."""
    counts = {
        name for name, kind in table("posts").polars_schema.items()
        if kind.is_numeric() and name != "row_number"
    }  # fmt: skip
    assert counts == set(NUMBERS)
    posts = pl.DataFrame({name: [3, 999_999_999, 13812345678, None] for name in NUMBERS})
    kept = _without_long_numbers(posts.with_columns(pl.col("rating").cast(pl.Float64)))
    assert all(kept[name].to_list() == [3, 999_999_999, None, None] for name in NUMBERS)


def test_masking_a_file_masks_each_of_its_columns(export, tmp_path, here):
    path, canaries = export
    out = tmp_path / "out" / "masked.csv"
    done = here("mask", path, "--text-column", "内容", "--out", out)
    assert done.returncode == 0, done.stderr
    inside = [canary for canary in canaries if canary[1] != "file"]
    assert [one for one in leaks(tmp_path, path, inside) if one[2] == out.name] == []
