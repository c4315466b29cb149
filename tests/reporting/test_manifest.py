"""A whole small build from fabricated posts, verified, then tampered with in every way."""

import hashlib
import json
import os
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import nbformat
import pandas as pd
import polars as pl
import pyarrow.parquet
import pytest
import yaml

from analysis.errors import CaodianError
from analysis.measures.conspicuous_days import (
    compare_event_days,
    list_conspicuous_days,
    post_digest,
)
from analysis.measures.daily_series import arrange_daily, explain_left_out
from analysis.measures.prevalence import (
    count_channels,
    count_codes,
    count_daily,
    count_platform_sub_grievances,
    count_platforms,
    count_ratings,
    count_sub_grievances,
    with_named,
)
from analysis.measures.published import (
    PUBLISHED,
    compare_campaigns,
    judge_claims,
    parse_figures,
)
from analysis.measures.quantities import FUNNEL_REASONS, TABLES, load_tables
from analysis.measures.specification import specify_claims
from analysis.measures.trend import judge_trend
from analysis.measures.watchlist import gather_evidence, rank_platforms
from analysis.reporting import figures as figures_module
from analysis.reporting import remaking, verification
from analysis.reporting.drawer import read_examples, write_examples
from analysis.reporting.figures import draw_figures
from analysis.reporting.ledger import (
    counted_posts,
    describe_run,
    name_build,
    posts_behind,
    read_ledger,
    write_ledger,
    write_manifest,
    write_rows,
)
from analysis.reporting.notebooks import _KERNEL_TELLS, render_again
from analysis.reporting.panel import count_cells, fit_cells
from analysis.reporting.recounting import (
    _SOMETIMES,
    COUNTED,
    FROM_TEXTS,
    SCORED_AGAIN,
    _check_derived,
    _study_of,
)
from analysis.reporting.remaking import _TOLD, MADE_AGAIN, asked_notebooks
from analysis.reporting.report import render_report
from analysis.reporting.saved_run import SavedRun, save_run
from analysis.reporting.sharing import share_run, verify_shared
from analysis.reporting.verification import (
    _render_again,
    verify_build,
    written_files,
)
from analysis.schema import spell_numbers
from analysis.schema import table as columns_of
from analysis.sentiment.scores import describe_sentiment
from analysis.storage import read_table, write_table
from analysis.storage.run_paths import project_root
from analysis.words import reader_names

pytestmark = pytest.mark.slow  # the fixture of all of them takes seconds

CODES = ["live_streaming", "price", "delivery"]
SUBS = ["live_streaming.after_sales", "price.price_surge"]


def make_posts() -> pl.DataFrame:
    start = datetime(2020, 6, 1, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    rows = []
    for n in range(400):
        codes = [code for k, code in enumerate(CODES) if n % (k + 2) == 0] if n % 3 == 0 else []
        rows.append({
            "source": "table", "post_id": str(n), "published_at": start + timedelta(hours=n % 470),
            "is_in_window": n != 7, "repeat_of": "table:1" if n == 9 else None,
            "channel": ["weibo", "douyin", None][n % 3],
            "rating": [None, 1.0, 4.5, 5.0][n % 4],
            "is_negative": n % 3 == 0, "grievances": codes,
            "sub_grievances": [sub for sub in SUBS if sub.split(".")[0] in codes and n % 4 == 0],
            "platforms": ["得物"] if n % 5 == 0 else [], "family_id": f"table:{n // 2 * 2}",
            "author_key": None if n % 10 == 0 else f"secret{n % 50}", "text": f"第 {n} 条",
            "negative_probability": (n * 37 % 400) / 400, "snownlp_score": (n * 91 % 400) / 400,
        })  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def make_tables(posts, study):
    window = (study.window.start, study.window.end)
    tables = {
        "counts": count_codes(posts, CODES),
        "daily": count_daily(posts, CODES, window).assign(grade="good"),
        "sub_grievances": count_sub_grievances(posts, SUBS),
        "platforms": with_named(count_platforms(posts), posts),
        "platform_sub_grievances": count_platform_sub_grievances(posts),
        "channels": count_channels(posts),
        "ratings": count_ratings(posts),
        **describe_sentiment(posts, study),
    }
    evidence = gather_evidence(posts)
    tables["watchlist"] = rank_platforms(tables["platforms"], evidence=evidence)
    coverage = pd.DataFrame({"date": tables["daily"]["date"].unique(), "grade": "good"})
    tables["coverage"] = coverage.reindex(columns=columns_of("coverage").names)
    tables["event_days"] = compare_event_days(tables["daily"], study.event_days, coverage)
    tables["trends"] = judge_trend(
        tables["daily"], study.event_days, grades=coverage, claimed=study.claimed_trends,
        names=reader_names(),
    )  # fmt: skip
    tables["specifications"] = specify_claims(posts, study, coverage)
    tables["claims"] = judge_claims(study, tables, simulated=True, scale=1.0, truth_counts={})
    figures = read_table(project_root() / PUBLISHED).to_pandas()
    tables["campaigns"] = compare_campaigns(parse_figures(figures), tables, study)
    tables["explore"] = fit_cells(count_cells(posts, "day"))[0].to_pandas()
    tables["breaks"] = find_days(posts, tables["daily"], study, coverage)
    short = explain_left_out(arrange_daily(tables["daily"], grades=coverage), apart=("all",))
    tables["notes"] = pd.DataFrame([
        ("clusters", 1, *NOTE), *([("trends", 1, *short)] if short[1] else []),
    ], columns=["about", "number", "zh", "en"]).assign(counted="")  # fmt: skip
    # What else a run writes, and finds nothing for.
    for name in set(TABLES) - _SOMETIMES - tables.keys() | {"cluster_days", "planted"}:
        tables[name] = pd.DataFrame(columns=columns_of(name).names)
    return tables


find_days = partial(list_conspicuous_days, draws=99)  # of 1,999, which take a second
NOTE = (
    "67 条不同的吐槽文本里没有稳定的话题。", "67 distinct negative texts hold no stable topic.",
)  # fmt: skip
_FEW = (
    "channels", "platforms", "grievances", "ratings", "event_days", "daily_negatives",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def few_figures():
    """Draw some kinds of figures: what tells a forged one tells any, and each takes its time."""
    kept = {name: figures_module._FIGURES[name] for name in _FEW}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures_module, "_FIGURES", kept)
        patch.setattr(remaking, "list_conspicuous_days", find_days)
        yield


@pytest.fixture(scope="module")
def template(tmp_path_factory, fabricate):
    """Build once; each test gets a copy to damage."""
    study, posts = fabricate()[1], make_posts()
    build = tmp_path_factory.mktemp("built")
    tables = make_tables(posts, study)
    (build / "tables").mkdir()
    for name, table in tables.items():
        write_table(spell_numbers(name, table), build / "tables" / f"{name}.csv")
    _account(build)
    parameters = {"coder": "llm", "scale": 1.0, "seed": study.seed}
    parameters["similarity"] = study.thresholds.similarity
    description = describe_run(study, parameters=parameters, inputs={})
    name = name_build(build, description)
    description |= {"build": name, "command": "caodian report --scale 1 --coder llm --no-notebooks"}
    description |= {"run_in": "here"}
    description |= {"verify": f"caodian verify build/{study.name}"}
    write_ledger(build, posts)
    write_examples(build, posts, whole=True)
    tables, figures = load_tables(build), {}
    for language in ("zh", "en"):
        figures[language] = draw_figures(
            tables, study, language, build / "figures", simulated=True, scale=1.0
        )
        page = render_report(
            tables, figures[language], study, language, simulated=True, scale=1.0,
            manifest=description, examples=read_examples(build),
            other_language_href=f"report.{'en' if language == 'zh' else 'zh'}.html",
        )  # fmt: skip
        (build / f"report.{language}.html").write_bytes(page.encode())
    save_run(build, study, simulated=True, scale=1.0)
    write_manifest(build, description)
    return build, tables, figures


@pytest.fixture
def build(template, tmp_path):
    return shutil.copytree(template[0], tmp_path / "build")


@pytest.fixture
def drawn_before(template, build, monkeypatch):
    """Hand out what was drawn of the same tables, where a forgery is of what stands beside it.

    That a build is drawn again is tested on the one that is untouched.
    """
    _, known, figures = template

    def draw(tables, drawn_of, language, folder, *, simulated, scale):
        told = {"simulated": simulated, "scale": scale, "study": drawn_of.model_dump(mode="json")}
        assert told == json.loads((build / "run.json").read_text("utf-8"))
        assert tables.keys() == known.keys()
        for name, table in tables.items():
            pd.testing.assert_frame_equal(table, known[name])
        for one in figures[language]:
            for path in (one.png, one.svg, one.csv):
                shutil.copy(path, folder)
        return figures[language]

    monkeypatch.setattr("analysis.reporting.verification.draw_figures", draw)


def change(build, name, old, new):
    path = build / name
    content = path.read_bytes()
    assert old in content, "the test must change something"
    path.write_bytes(content.replace(old, new, 1))


def rehash(build):
    """Cover the tracks: what a forger would do who can also write the manifest."""
    manifest = json.loads((build / "manifest.json").read_text())
    manifest.pop("outputs")
    write_manifest(build, manifest)


def test_every_table_is_held_to_something_that_is_not_itself():
    ways = [COUNTED, SCORED_AGAIN, MADE_AGAIN, FROM_TEXTS]
    assert sorted(name for way in ways for name in way) == sorted(TABLES)


# Each way of tampering, by someone who also writes the manifest anew, and what tells it.


def swap(name, old, new):
    return lambda build: change(build, name, old.encode(), new.encode())


def edit(name, **columns):
    """Set columns of the first row of a table."""

    def done(build):
        path = build / "tables" / f"{name}.csv"
        table = pl.read_csv(path, infer_schema=False).with_row_index("row")
        first = pl.col("row") == 0
        values = {key: pl.when(first).then(pl.lit(v)).otherwise(key) for key, v in columns.items()}
        edited = table.with_columns(**values).drop("row")
        assert not edited.equals(table.drop("row")), "the test must change something"
        edited.write_csv(path)

    return done


def without_row(name):
    def done(build):
        path = build / "tables" / f"{name}.csv"
        header, _, *rows = path.read_text().splitlines(keepends=True)
        path.write_text("".join([header, *rows]))

    return done


def last_row_less(name):
    def done(build):
        path = build / "tables" / f"{name}.csv"
        path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")

    return done


def another_note(build):
    path = build / "tables/notes.csv"
    path.write_text(f"{path.read_text('utf-8')}trends,1,甲,A,\n", "utf-8")


def keyed():
    """Give digests as long as those of a published build."""
    return pl.col("post") + "0" * 8


def ledger(changed):
    def done(build):
        changed(read_ledger(build)).write_parquet(build / "evidence/posts.parquet")

    return done


def without(*names):
    def done(build):
        for name in names:
            (build / name).unlink()

    return done


def beside(name, content="x"):
    def done(build):
        (build / name).parent.mkdir(exist_ok=True)
        (build / name).write_text(content, encoding="utf-8")

    return done


def retold(**facts):
    def done(build):
        path = build / "manifest.json"
        known = json.loads(path.read_text())
        for name, told in facts.items():
            known[name] = known[name] | told if name == "parameters" else told
        ordered = {name: known[name] for name in _TOLD if name in known}  # as a run writes them
        path.write_text(json.dumps(ordered | known), encoding="utf-8")

    return done


def drop_scale(build):
    path = build / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["parameters"]["scale"]
    path.write_text(json.dumps(manifest), encoding="utf-8")


def both(*ways):
    def done(build):
        for way in ways:
            way(build)

    return done


def longer(name, content):
    return lambda build: (build / name).write_bytes((build / name).read_bytes() + content)


def rewritten(name, *columns, without_column=(), order=()):
    def done(build):
        path = build / "tables" / f"{name}.csv"
        table = pl.read_csv(path, infer_schema=False).with_columns(*columns)
        rest = [name for name in table.columns if name not in (*order, *without_column)]
        table.select(*order, *rest).write_csv(path)

    return done


def _last_line(build, name):
    return (build / "tables" / f"{name}.csv").read_bytes().splitlines(keepends=True)[-1]


def _write(build, name, rows, **changed):
    table = pd.DataFrame(rows).reindex(columns=columns_of(name).names)
    for column, value in changed.items():
        table.loc[len(table) - 1, column] = value
    write_table(spell_numbers(name, table), build / "tables" / f"{name}.csv")


def _account(build, *, of_files=(), of_steps=()):
    """Write an account of the posts of this build, in which something may be changed."""
    sizes = {"posts_in": 400, "posts_out": 400, "dropped": 0}
    steps = [
        {"step": name, **sizes, "reason": FUNNEL_REASONS[name]} for name in ("read", "repeats")
    ]
    _write(build, "funnel", steps, **dict(of_steps))
    file = {"source_file": "a.csv", "records_read": 400, "kept": 400, "rejected": 0, "repeats": 0}
    _write(build, "reconciliation", [file], **dict(of_files))


def funnel(**changed):
    return lambda build: _account(build, of_steps=changed)


def account(**changed):
    return lambda build: _account(build, of_files=changed)


def other_line_ends(name):
    def done(build):
        (build / name).write_bytes((build / name).read_bytes().replace(b"\n", b"\r\n"))

    return done


def more_columns(build):
    path = build / "tables/counts.csv"
    table = pl.read_csv(path, infer_schema=False)
    table.with_columns(note=pl.lit("approved")).write_csv(path)


def others(build):
    for path in sorted(build.rglob("*")):
        if path.is_file() and path.parent.name != "tables" and path.name != "manifest.json":
            path.unlink()


PAGES = ("report.zh.html", "report.en.html")
COUNT = '="398" data-evidence="counts/all/items">398<'
TAMPERINGS = {
    "a number": (swap(PAGES[0], COUNT, COUNT.replace("398", "399")), "its evidence holds"),
    "a number's print": (swap(PAGES[0], ">398<", ">498<"), "its evidence holds"),
    "a number in the table, too": (
        both(*(swap(page, COUNT, COUNT.replace("398", "399")) for page in PAGES),
             swap("tables/counts.csv", "all,398", "all,399")),
        "must say the same|its evidence holds"),
    "a verdict": (swap(PAGES[1], 'C1/verdict">missed', 'C1/verdict">recovered'), "evidence holds"),
    "a verdict in the table": (edit("claims", verdict="contradicted"), "made again|evidence"),
    "a reason": (edit("claims", reason_en="Because."), "made again|evidence"),
    "a sentence without a number": (swap(PAGES[1], "1 to 20 June", "2 to 20 June"), "made again"),
    "a page": (without(PAGES[1]), "must be whole"),
    "a script": (swap(PAGES[1], "</body>", "<script>1</script></body>"), "made again"),
    "a figure for another": (
        lambda build: (build / "figures/platforms.zh.png").write_bytes(
            (build / "figures/channels.zh.png").read_bytes()), "figures/platforms"),
    "the drawing of a figure": (swap("figures/channels.zh.svg", "0", "1"), "made again"),
    "the data of a figure": (swap("figures/channels.csv", "0", "1"), "its evidence holds"),
    "one figure more": (beside("figures/more.zh.png"), "nothing but what a run writes"),
    "one figure less": (without("figures/channels.en.png"), "made again|evidence holds"),
    "a post less": (ledger(lambda posts: posts.head(posts.height - 1)), "ledger"),
    "an empty ledger": (ledger(lambda posts: posts.clear()), "ledger"),
    "a ledger of other posts": (
        ledger(lambda posts: posts.with_columns(is_negative=~pl.col("is_negative"))),
        "codes of what is not negative"),
    "a ledger that says nothing": (
        ledger(lambda posts: posts.select(keyed())), "only a published"),
    "a ledger of digests without a key": (
        ledger(lambda posts: posts.select("post")), "what is no digest"),
    "no ledger": (without("evidence/posts.parquet"), "must be whole"),
    "other rules": (swap("evidence/rules.yaml", "zh", "en"), "rules of counting"),
    "no rules": (without("evidence/rules.yaml"), "must be whole"),
    "another run": (swap("run.json", '"scale": 1.0', '"scale": 0.5'), "run.json says: .*scale"),
    "another title": (swap("run.json", '"title_en": "', '"title_en": "Un'), "made again"),
    "no run": (without("run.json"), "must be whole"),
    "nothing but tables": (others, "must be whole"),
    "a hidden file": (beside(".hidden"), "nothing but what a run writes"),
    "a table of one's own": (beside("tables/truth.csv", "a\n1\n"), "nothing but what a run"),
    "a manifest within": (beside("notebooks/manifest.json", "{}"), "nothing but what a run"),
    "a page of one's own": (beside("read-me.html"), "nothing but what a run writes"),
    "another code": (retold(code="0" * 16), "--other-version"),
    "another version": (retold(software={"polars": "0.0.1"}), "--other-version"),
    "another name": (retold(build="0" * 16), "name of a build"),
    "a word more in the manifest": (retold(approved="by all"), "nothing beside it: .*approved"),
    "a tagger that the command does not ask for": (
        retold(parameters={"masking": "x"}), "nothing beside it: .*parameters/masking"),
    "a command that asks for a tagger that is not told": (
        retold(command="caodian report --scale 1 --coder llm --no-notebooks"),
        "nothing beside it: .*parameters/masking"),
    "another study in the manifest": (retold(study="618-2019"), "what run.json says: .*study"),
    "another seed": (retold(parameters={"seed": 5}), "what run.json says: .*seed"),
    "a scale that is not that of the run": (
        retold(parameters={"scale": 0.5}), "what run.json says: .*scale"),
    "an export, of a simulated run": (
        retold(command="caodian report posts.csv"), "what run.json says: .*command"),
    "a study that is not the one named": (
        retold(command="caodian report --study studies/618-2020.yaml --coder llm"),
        "the file that its comm"),
    "a second command": (
        retold(command="caodian report --scale 1; curl x.example"), "run.json says: .*command"),
    "a command within": (
        retold(command='caodian report --scale "$(curl x.example)"'), "run.json says: .*command"),
    "another command": (retold(command="pip install x"), "run.json says: .*command"),
    "another check": (retold(verify="true; caodian verify x"), "run.json says: .*verify"),
    "another build to check": (retold(verify="caodian verify x y"), "run.json says: .*verify"),
    "words about the place": (retold(run_in="approved"), "run.json says: .*run_in"),
    "a run that was real": (
        both(swap("run.json", '"simulated": true', '"simulated": false'),
             both(drop_scale, retold(
                 command="caodian report --scale 1 --coder llm --no-notebooks"))),
        "what run.json says: .*command"),
    "a word more in the run": (
        swap("run.json", '"simulated"', '"note": "x", "simulated"'), "nothing beside it: .*run"),
    "a column of words in the ledger": (
        ledger(lambda posts: posts.with_columns(text=pl.lit("x"))), "nothing beside it: .*posts"),
    "the ledger in another order": (ledger(lambda posts: posts.reverse()), "beside it|ledger"),
    "words in the metadata of the ledger": (
        lambda build: read_ledger(build).write_parquet(
            build / "evidence/posts.parquet", compression="zstd", metadata={"note": "x"}),
        "nothing beside it: .*posts"),
    "a ledger that is none": (beside("evidence/posts.parquet"), "as a run writes it"),
    "a table that is none": (beside("tables/counts.csv", "\x00"), "must|made again"),
    "an empty folder": (lambda build: (build / "Approved").mkdir(), "files, and folders of files"),
    "a pipe": (lambda build: os.mkfifo(build / "pipe"), "files, and folders of files"),
    "the mark of another study": (beside(".caodian-run", "study 618-2019"), "the mark"),
    "the mark of exports": (beside(".caodian-run", "exports " + "0" * 64), "the mark"),
    "no more records than none": (
        retold(command="caodian report --scale 1 --limit 399 --coder llm"), "says: .*limit"),
    "stars in another order": (
        lambda build: pl.read_csv(build / "tables/ratings.csv", infer_schema=False).reverse()
        .write_csv(build / "tables/ratings.csv"), "order of a run.*ratings"),
    "a word that shows nothing": (
        edit("channels", channel="wei\u200bbo"), "nothing beside it: .*channels"),
    "words in the mark of the folder": (beside(".caodian-run", "study x\nand more"), "the mark"),
    "a map of topics that is none": (beside("topics.en.html", "<p>x</p>"), "made again"),
    "a notebook of one's own": (beside("notebooks/99-x.html"), "nothing but what a run writes"),
    "a day less": (without_row("daily"), "must say the same: .*daily/items"),
    "sentiment by day": (edit("sentiment_days", negative="0.9"), "made again"),
    "sentiment by cut-off": (edit("sentiment_cutoffs", both="0.9"), "made again"),
    "event days": (edit("event_days", verdict="higher"), "made again"),
    "a trend": (edit("trends", count_low="0.9"), "made again"),
    "a trend left out": (without_row("trends"), "made again|evidence"),
    "a platform": (edit("platforms", items="99"), "items must be no more than named.*platforms"),
    "stars": (edit("ratings", items="98"), "must say the same: .*ratings/items"),
    "a name twice in the run": (
        swap("run.json", '"simulated":', '"simulated": false,\n "simulated":'), "run"),
    "a comment in the rules": (
        swap("evidence/rules.yaml", "\n", "\n# approved by all\n"), "rules of counting"),
    "a mark before a table": (
        swap("tables/counts.csv", "grievance", "\ufeffgrievance"), "nothing beside it: .*counts"),
    "other ends of lines in a table": (
        swap("tables/counts.csv", "\n", "\r\n"), "nothing beside it: .*counts"),
    "a column more in a table": (more_columns, "nothing beside it: .*counts.csv: note"),
    "an empty line below a table": (longer("tables/counts.csv", b"\n"), "beside it: .*counts"),
    "words behind a picture": (
        longer("figures/channels.zh.png", b"approved"), "figures/channels"),
    "a fraction of a whole number": (
        swap("tables/counts.csv", "all,398,", "all,398.0,"), "nothing beside it: .*counts"),
    "fractions in a whole column": (rewritten("counts", pl.col("items") + ".0"), "beside it: .*co"),
    "a share spelt otherwise": (
        rewritten("counts", pl.col("share").cast(pl.Float64).map_elements("{:.20e}".format,
                  return_dtype=pl.String)), "nothing beside it: .*counts"),
    "a plus": (swap("tables/counts.csv", "all,398", "all,+398"), "nothing beside it: .*counts"),
    "a nought before a number": (
        swap("tables/counts.csv", "all,398", "all,0398"), "nothing beside it: .*counts"),
    "a column less in a table": (
        rewritten("counts", without_column=("low",)), "counts.csv without .*low"),
    "no verdicts": (without("tables/claims.csv"), "that its run writes: .*claims"),
    "no trends": (without("tables/trends.csv"), "that its run writes: .*trends"),
    "no topics by day": (without("tables/cluster_days.csv"), "that its run writes: .*cluster_days"),
    "nothing of what was planted": (
        without("tables/planted.csv"), "that its run writes: .*planted"),
    "no errors of the coder": (
        retold(parameters={"coder": "fast"}, command="caodian report --scale 1"),
        "that its run writes: .*count_errors"),
    "a fact more of an audit": (retold(audit={"approved": "by all"}), "beside it: .*audit/appro"),
    "no audit": (retold(audit={"scored": True}), "that its run writes: .*audit"),
    "a step that loses posts": (funnel(dropped=7), "funnel/repeats/posts_out: the rest gives 393"),
    "a step that begins with others": (
        funnel(posts_in=390, posts_out=390), "funnel/repeats/posts_in"),
    "a file whose records are lost": (account(rejected=3), "reconciliation/a.csv/records_read"),
    "more records than steps": (account(records_read=401, rejected=1), "funnel/read/posts_in"),
    "a platform less on the watchlist": (without_row("watchlist"), "say the same.*watchlist/pl"),
    "another count on the watchlist": (edit("watchlist", items="77"), "say the same.*watchlist/i"),
    "a day less that is graded": (without_row("coverage"), "say the same.*daily/date"),
    "another grade": (edit("coverage", grade="unfit"), "say the same.*daily/grade"),
    "columns in another order": (
        rewritten("counts", order=("grievance", "families", "items")), "counts.csv without"),
    "an empty account": (
        lambda build: _write(build, "funnel", []), "hold all that.*nothing in tables/funnel.csv"),
    "no quoted posts": (without("evidence/examples.parquet"), "hold all that.*examples"),
    "topics without a map": (
        lambda build: _write(build, "clusters", [{"cluster": 0}]), "all that.*no topics.zh"),
    "a row twice": (
        lambda build: longer("tables/counts.csv", _last_line(build, "counts"))(build),
        "counts.csv: the row of line 6 twice"),
    "a row twice where no row has a name": (
        lambda build: longer("tables/trends.csv", _last_line(build, "trends"))(build),
        "trends.csv: the row of line"),
    "a formula in a table": (edit("platforms", platform="=1+1"), "nothing beside it: .*platforms"),
    "writing turned around": (
        edit("platforms", platform="a\u202eb"), "nothing beside it: .*platforms"),
    "no combinations behind the panel": (
        lambda build: _write(build, "explore", []), "made again.*explore"),
    "no days that stand out": (lambda build: _write(build, "breaks", []), "made again.*breaks"),
    "another reason on the watchlist": (
        edit("watchlist", reason="few_items(3)"), "made again.*watchlist"),
    "a note more": (another_note, "a note must follow.*notes/trends"),
    "a reason of one's own for a grade": (edit("coverage", reason="approved"), "grade of a day"),
    "weeks beside days": (lambda build: _write(build, "weekly", []), "run does not write"),
    "another coder": (
        retold(command="caodian report --scale 1", parameters={"coder": "keyword"}),
        "what run.json says: .*coder"),
    "a check of another build": (
        retold(verify="caodian verify build/618-2021"), "run.json says: .*verify"),
    "an option that no report has": (
        retold(command="caodian report --approved yes"), "run.json says: .*command"),
    "other line ends in a page": (other_line_ends(PAGES[1]), "made again"),
    "a comment in a page": (swap(PAGES[1], "</body>", "<!-- approved --></body>"), "made again"),
}  # fmt: skip


@pytest.mark.usefixtures("drawn_before")
@pytest.mark.parametrize("way", TAMPERINGS)
def test_tampering_is_found_although_the_manifest_was_written_anew(build, way):
    tamper, told = TAMPERINGS[way]
    tamper(build)
    rehash(build)
    with pytest.raises(CaodianError, match=told):
        verify_build(build)


def test_a_name_that_stands_twice_in_the_manifest_is_found(build):
    swap("manifest.json", '"study":', '"study": "another",\n "study":')(build)
    with pytest.raises(CaodianError, match="manifest"):
        verify_build(build)


def test_an_untouched_build_holds(build):
    done = verify_build(build)
    assert done.numbers > 100 and done.figures >= 8 and done.sentences > 10
    assert done.recounted > 100 and done.redrawn > 25
    assert done.redrawn == 2 + len(_FEW) * 5
    assert "agree" in str(done) and "byte for byte" in str(done)


@pytest.mark.parametrize("name", ["report.zh.html", "tables/counts.csv", "evidence/posts.parquet",
                                  "figures/grievances.zh.png", "manifest.json"])  # fmt: skip
def test_one_changed_byte_anywhere_is_found(build, name):
    path = build / name
    content = bytearray(path.read_bytes())
    place = len(content) // 2
    content[place] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(CaodianError):
        verify_build(build)


@pytest.mark.parametrize("name", ["report.en.html", "tables/daily.csv"])
def test_a_missing_file_is_found(build, name):
    (build / name).unlink()
    with pytest.raises(CaodianError, match="must be there"):
        verify_build(build)


def test_a_file_that_the_manifest_does_not_know_is_found(build):
    (build / "tables" / "more.csv").write_text("a\n1\n")
    with pytest.raises(CaodianError, match="named in the manifest"):
        verify_build(build)


def test_specifications_and_claims_must_agree(build):
    claims = build / "tables/claims.csv"
    table = pl.read_csv(claims, infer_schema=False)
    table.with_columns(tested=pl.lit("9")).write_csv(claims)
    rehash(build)
    with pytest.raises(CaodianError, match="as many specifications"):
        verify_build(build)


def test_a_build_of_another_version_is_checked_without_being_made_again(build):
    manifest = json.loads((build / "manifest.json").read_text())
    manifest["software"]["polars"] = "0.0.1"
    manifest["build"] = name_build(build, manifest)
    (build / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CaodianError, match=r"polars.*--other-version"):
        verify_build(build)
    assert "not made again" in str(verify_build(build, other_version=True))


@pytest.mark.parametrize("name", [".hidden", "tables/.hidden.csv", "notebooks/manifest.json"])
def test_no_file_is_overlooked(build, name):
    path = build / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x", encoding="utf-8")
    with pytest.raises(CaodianError, match="named in the manifest"):
        verify_build(build)


def test_a_link_out_of_the_build_is_refused(build, tmp_path):
    table = build / "tables" / "counts.csv"
    table.rename(tmp_path / "counts.csv")
    table.symlink_to(tmp_path / "counts.csv")
    with pytest.raises(CaodianError, match="not links"):
        verify_build(build)
    with pytest.raises(CaodianError, match="not links"):
        rehash(build)


@pytest.mark.usefixtures("drawn_before")
@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (None, ""),
        (swap(PAGES[0], COUNT, COUNT.replace("398", "399")), "evidence holds"),
        (swap(PAGES[1], "1 to 20 June", "2 to 20 June"), "made again"),
        (edit("claims", verdict="contradicted"), "made again|evidence"),
        (swap("figures/channels.zh.svg", "0", "1"), "made again"),
        (without(PAGES[1]), "must be whole"),
    ],
)  # fmt: skip
def test_an_archive_is_held_to_all_that_came_along_in_it(build, tmp_path, tamper, told):
    if tamper is not None:
        tamper(build)
        rehash(build)
    (path,) = share_run(build, tmp_path / "out", ["zip"])
    if tamper is None:
        said = verify_shared(path)
        assert "the ledger does not come along" in said and "byte for byte" in said
        assert "counts" in said.partition("byte for byte")[2]
    else:
        with pytest.raises(CaodianError, match=told):
            verify_shared(path)


def make_notebook(build, language="zh"):
    """Lay out a notebook as it is executed on a build, and as its source stands in the project."""
    told = f"build = {build!r}  # name of a run\nlanguage = {language!r}  # zh or en"
    cells = [
        nbformat.v4.new_markdown_cell("# 甲\n\n*A*", id="a"),
        nbformat.v4.new_code_cell(told, id="b", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("1", id="c"),
    ]
    for number, cell in enumerate(cells[1:], start=1):
        cell.execution_count = number
    table = pd.DataFrame({"条": [1]})
    shown = {"text/plain": "1", "text/html": f"<div>\n{table._repr_html_()}\n</div>"}
    cells[2].outputs = [
        nbformat.v4.new_output("execute_result", data=shown, execution_count=2),
        nbformat.v4.new_output("stream", text="1"),
    ]
    about = {"caodian": {"about": "run"}, "language_info": dict(_KERNEL_TELLS)}
    return nbformat.v4.new_notebook(cells=cells, metadata=about)


def write_notebook(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook).rstrip() + "\n", encoding="utf-8")
    path.with_suffix(".html").write_text(render_again(path), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("notebooks/06-does-sms-harassment-grow.html", True),
        ("notebooks/06-does-sms-harassment-grow.en.html", True),
        ("notebooks/06-does-sms-harassment-grow.en.ipynb", True),
        ("notebooks/06-does-sms-harassment-grow.fr.html", False),
        ("notebooks/06-does-it-grow.html", False), ("notebooks/en/06.html", False),
        ("figures/channels.zh.svg", True), ("figures/channels.csv", True),
        ("figures/a/b.csv", False), ("figures/channels.fr.svg", False),
        ("report.en.html", True), ("report.fr.html", False), ("tables/nothing.csv", False),
        ("topics.zh.html", True), ("evidence/audit.parquet", True), ("evidence/x.yaml", False),
    ],
)  # fmt: skip
def test_what_a_run_writes_is_known_from_what_writes_it(name, is_known):
    assert (name in written_files()) == is_known


def twice(build):
    """Say one thing to readers that take the first of two keys, another to those of the last."""
    path = build / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'{\n "study"', b'{\n "study": "x",\n "study"', 1))


def trailing(build):
    with (build / "manifest.json").open("ab") as stream:
        stream.write(b" " * 5)


@pytest.mark.parametrize("tamper", [twice, trailing])
def test_a_manifest_says_one_thing_to_every_reader(build, tamper):
    before = (build / "manifest.json").read_bytes()
    tamper(build)
    assert (build / "manifest.json").read_bytes() != before
    with pytest.raises(CaodianError, match="nothing beside it"):
        verify_build(build)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("counts", "share", "0.9"), ("counts", "published", "5"), ("channels", "share", "0.9"),
        ("ratings", "share", "0.9"), ("platforms", "named", "9"),
    ],
)  # fmt: skip
def test_what_stands_beside_a_count_follows_from_the_ledger(build, table, column, value):
    posts, study = read_ledger(build), _study_of(build)
    tables = load_tables(build)
    tables["platforms"] = with_named(tables["platforms"], make_posts())
    _check_derived(tables, posts, study)
    tables[table][column] = tables[table][column].astype(float)
    tables[table].loc[0, column] = float(value)
    with pytest.raises(CaodianError, match=f"{table}/.*/{column}"):
        _check_derived(tables, posts, study)


@pytest.mark.parametrize("step", ["window", "negative", "coded"])
def test_the_funnel_ends_with_the_posts_of_the_ledger(build, step):
    posts, study = read_ledger(build), _study_of(build)
    coded = int((posts["is_negative"] & (posts["grievances"].list.len() > 0)).sum())
    steps = {"window": posts.height, "negative": int(posts["is_negative"].sum()), "coded": coded}
    funnel = lambda: pd.DataFrame(list(steps.items()), columns=["step", "posts_out"])  # noqa: E731
    _check_derived({"funnel": funnel()}, posts, study)
    steps[step] += 1
    with pytest.raises(CaodianError, match=f"funnel/{step}"):
        _check_derived({"funnel": funnel()}, posts, study)


def test_a_published_build_has_a_digest_for_each_post(build):
    ledger(lambda posts: posts.select(keyed()).head(300))(build)
    retold(command="caodian report --study elsewhere.yaml --public --coder llm")(build)
    rehash(build)
    with pytest.raises(CaodianError, match="counts/all/items: the ledger has 300"):
        verify_build(build)


@pytest.mark.usefixtures("drawn_before")
def test_a_build_that_is_replaced_while_it_is_checked_is_checked_again(build, monkeypatch):
    real, calls = verification.check_files, []

    def check(folder, *, alone):
        calls.append(folder)
        if len(calls) == 1:  # as between two renames
            (build / "run.json").rename(build / "gone")
            retold(run_in="here")(build)
            raise CaodianError("torn")
        if (build / "gone").exists():
            (build / "gone").rename(build / "run.json")
            rehash(build)
        return real(folder, alone=alone)

    monkeypatch.setattr(verification, "check_files", check)
    with suppress(CaodianError):  # the page does not say where it is to run
        verify_build(build)
    assert len(calls) == 2


def shown(kind, content):
    return lambda notebook: notebook.cells[2].outputs[0].data.update({kind: content})


def in_cell(number, **changed):
    return lambda notebook: notebook.cells[number].update(changed)


def said_of(notebook, **changed):
    notebook.metadata.update(changed)


ASKED = [Path("01-x.ipynb")]
# What a forger may write into an executed notebook, whose page and manifest are made anew.
OF_NOTEBOOKS = {
    "another result": (shown("text/plain", "2"), ""),  # `verify --notebooks` computes it again
    "another picture and its words": (
        both(shown("image/png", "iVBORw0KGgo="), lambda notebook: notebook.cells[2].outputs[0]
             .metadata.update({"image/png": {"alt": 'a "b" \\'}})), ""),
    "another text": (in_cell(0, source="# 乙\n\n*A*"), "its cells"),
    "another code": (in_cell(2, source="2"), "its cells"),
    "a cell more": (
        lambda notebook: notebook.cells.append(nbformat.v4.new_markdown_cell("x", id="d")),
        "its cells"),
    "another run": (in_cell(1, source=make_notebook("other").cells[1].source), "its cells"),
    "a command in place of a value": (
        in_cell(1, source="build = print(1)  # name of a run\nlanguage = 'zh'  # zh or en"),
        "its cells"),
    "a hidden cell": (
        lambda notebook: notebook.cells[2].metadata.update({"jupyter": {"source_hidden": True}}),
        "its cells"),
    "a file beside a text": (in_cell(0, attachments={"a.png": {"image/png": "AA=="}}), "its cells"),
    "an author": (lambda notebook: said_of(notebook, authors=[{"name": "x"}]), "its cells"),
    "words of the kernel": (
        lambda notebook: notebook.metadata.language_info.update(approved="by all"), "its kernel"),
    "a kind of text of the kernel": (
        lambda notebook: notebook.metadata.language_info.update(mimetype="approved"), "its kernel"),
    "no word of the kernel": (
        lambda notebook: notebook.metadata.pop("language_info"), "its kernel"),
    "another number of a cell": (in_cell(2, execution_count=7), "the numbers of its cells"),
    "another number of an output": (
        lambda notebook: notebook.cells[2].outputs[0].update(execution_count=7), "its number"),
    "words beside an output": (
        lambda notebook: notebook.cells[2].outputs[0].metadata.update(a=1), "words beside it"),
    "a word to a terminal": (shown("text/plain", "\x1b[2J"), "a control character"),
    "a program": (shown("application/javascript", "alert(1)"), "application/javascript"),
    "a picture that is none": (shown("image/png", '"><script>'), "image/png"),
    "half a program": (shown("text/html", "<table></table><script"), "what is not closed"),
    "a table without an end": (shown("text/html", "<table>"), "what is not closed: table"),
    "an error": (
        lambda notebook: notebook.cells[2].outputs.append(
            nbformat.v4.new_output("error", ename="a", evalue="b", traceback=[])), "error"),
    **{
        f"a table with {told}": (
            shown("text/html", f"<table><tr><td>{page}</td></tr></table>"), told)
        for told, page in {
            "script": "<script>1</script>", "img": "<img src=x>", "a": "<a href='x'>1</a>",
            "style": "<style>td{display:none}</style>", "td onclick": "<td onclick='x'>1</td>",
            "td style": "<td style='display:none'>1</td>", "a comment": "<!-- approved -->",
            "/div": "</div></div></body>", "/td": "<b>",
        }.items()
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def executed(tmp_path_factory, fabricate):
    """Execute nothing: write what a run would, once, and hand it out to be damaged."""
    folder, study = tmp_path_factory.mktemp("project"), fabricate()[1]
    for name in ("notebooks/01-x.ipynb", "build/notebooks/01-x.ipynb"):
        write_notebook(folder / name, make_notebook(study.name))
    write_notebook(folder / "build/notebooks/01-x.en.ipynb", make_notebook(study.name, "en"))
    (folder / "notebooks/01-x.html").unlink()
    return folder, study


@pytest.fixture
def notebooks(executed, tmp_path, monkeypatch):
    project, study = executed
    monkeypatch.setattr("analysis.reporting.verification.project_root", lambda: project)
    build = shutil.copytree(project / "build", tmp_path / "with-notebooks")
    return build, study


@pytest.mark.parametrize("way", OF_NOTEBOOKS)
def test_a_notebook_is_one_of_the_project_s_as_it_was_executed(notebooks, way):
    (build, study), (change, told) = notebooks, OF_NOTEBOOKS[way]
    assert _render_again(build, study, ASKED) == 2
    path = build / "notebooks/01-x.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    write_notebook(path, notebook)
    if told:
        with pytest.raises(CaodianError, match=f"as it was executed.*{told}"):
            _render_again(build, study, ASKED)
    else:
        assert _render_again(build, study, ASKED) == 2


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (swap("notebooks/01-x.html", "甲", "乙"), "made again.*01-x.html"),
        (longer("notebooks/01-x.ipynb", b"\n"), "as it was executed.*its bytes"),
        (without("notebooks/01-x.en.ipynb"), "all that belong to its run.*01-x.en.ipynb"),
        (without("notebooks/01-x.en.ipynb", "notebooks/01-x.en.html"), "all that belong"),
        (beside("notebooks/02-x.ipynb", "{}"), "all that belong to its run.*02-x"),
    ],
)  # fmt: skip
def test_the_notebooks_of_a_build_are_all_and_their_pages_what_they_computed(
    notebooks, tamper, told
):
    build, study = notebooks
    tamper(build)
    with pytest.raises(CaodianError, match=told):
        _render_again(build, study, ASKED)


def test_notebooks_that_nobody_asked_for_are_none_of_a_build(notebooks):
    build, study = notebooks
    with pytest.raises(CaodianError, match=r"and no others.*01-x"):
        _render_again(build, study, [])
    shutil.rmtree(build / "notebooks")
    assert _render_again(build, study, []) == 0
    with pytest.raises(CaodianError, match=r"all that belong to its run"):
        _render_again(build, study, ASKED)


@pytest.mark.parametrize(
    ("name", "words", "changed", "number"),
    [
        ("618-2020", "--study studies/618-2020.yaml --scale 0.05", {}, 19),  # the shipped study
        ("618-2020", "--study studies/618-2020.yaml --no-notebooks", {}, 0),
        ("618-2020", "--study studies/618-2020.yaml --public", {}, 0),
        ("618-2020", "--study studies/618-2020.yaml", {"minimum_cell": 5}, 0),
        ("618-2020", "--study studies/618-2020.yaml", {"posts": 1_000_001}, 0),
        ("618-2020", "posts.csv --study studies/618-2020.yaml", {}, 0),
        ("618-2020", "posts.csv --study studies/618-2020.yaml --notebooks", {}, 16),
        ("mine", "--study mine.yaml", {}, 0), ("mine", "--study mine.yaml --notebooks", {}, 16),
        ("mine", "a.csv --notebooks --public", {}, 0), ("mine", "a.csv", {}, 0),
    ],
)  # fmt: skip
def test_a_build_has_the_notebooks_that_its_command_executes(study, name, words, changed, number):
    minimum, posts = changed.get("minimum_cell", 1), changed.get("posts", 1000)
    disclosure = study.disclosure.model_copy(update={"minimum_cell": minimum})
    known = study.model_copy(update={"name": name, "disclosure": disclosure})
    tables = {"counts": pd.DataFrame({"items": [posts, 3]})}
    manifest = {"command": f"caodian report {words}"}
    assert len(asked_notebooks(known, tables, manifest)) == number


def opened(build, study):
    tables = load_tables(build) if (build / "tables").is_dir() else {}
    return SavedRun(tables, study, True, 1.0, "zh", build)


def test_numbers_resolve_to_posts(build, study):
    ledger = read_ledger(build)
    posts = make_posts().filter(pl.col("is_in_window"), pl.col("repeat_of").is_null())
    price = posts.filter(pl.col("is_negative"), pl.col("grievances").list.contains("price"))
    expected = sorted(post_digest(f"table:{n}") for n in price["post_id"])
    assert opened(build, study).posts_behind("counts/price/items") == expected
    assert len(posts_behind(ledger, "platforms/%E5%BE%97%E7%89%A9/items")) > 5
    assert len(posts_behind(ledger, "daily/2020-06-02/all/items")) == 24
    with pytest.raises(CaodianError):
        posts_behind(ledger, "funnel/read/dropped")


def test_a_run_without_its_ledger_says_so(build, study):
    (build / "evidence" / "posts.parquet").unlink()
    with pytest.raises(CaodianError, match=r"ledger.*caodian report writes"):
        opened(build, study).posts_behind("counts/price/items")


def test_the_ledger_holds_no_text_no_id_no_secret_and_no_order(build, tmp_path):
    ledger = read_ledger(build)
    assert ledger.columns == ["post", "date", "channel", "stars", "is_negative", "grievances",
                              "sub_grievances", "platforms", "family", "author",
                              "negative_band", "snownlp_band"]  # fmt: skip
    posts = make_posts()
    other = posts.sample(fraction=1.0, shuffle=True, seed=3).with_columns(
        author_key="other" + pl.col("author_key")
    )
    again = write_ledger(tmp_path, other)
    assert again.read_bytes() == (build / "evidence/posts.parquet").read_bytes()


def test_the_ledger_is_what_its_definition_gives(tmp_path):
    posts = make_posts().with_columns(
        pl.when(pl.int_range(pl.len()) % 5 == 0).then(None).otherwise("author_key")
        .alias("author_key"),
        pl.when(pl.int_range(pl.len()) % 7 == 0).then(None).otherwise("platforms")
        .alias("platforms"),
    )  # fmt: skip
    rows = counted_posts(posts.lazy()).collect()
    named = rows.with_columns(
        post=pl.Series([hashlib.sha256(key.encode()).hexdigest()[:16] for key in rows["key"]])
    )
    first = {
        group: pl.when(pl.col(name).is_not_null()).then(pl.col("post").min().over(name))
        for group, name in (("family", "family_id"), ("author", "author_key"))
    }
    expected = named.with_columns(**first).sort("post")
    found = pl.read_parquet(write_ledger(tmp_path, posts))
    told = [name for name in found.columns if not name.endswith("_band")]
    assert found.select(told).equals(expected.select(told))
    assert found["author"].null_count() > 0 < found["platforms"].null_count()
    nothing = write_ledger(tmp_path, posts.head(0))
    assert pl.read_parquet(nothing).schema == found.schema


def test_a_ledger_in_pieces_is_the_same_bytes_when_it_is_written_again(tmp_path, monkeypatch):
    """`verify` writes it again: of more than 100,000 posts, too."""
    monkeypatch.setattr("analysis.reporting.ledger._AT_ONCE", 50)
    path = write_ledger(tmp_path, make_posts())
    assert pyarrow.parquet.ParquetFile(path).num_row_groups > 3
    write_rows(pl.scan_parquet(path), tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == path.read_bytes()


def test_a_published_ledger_restores_no_cell_and_tells_no_id(tmp_path):
    posts = make_posts()
    write_ledger(tmp_path, posts)
    open_digests = set(read_ledger(tmp_path)["post"])
    write_ledger(tmp_path, posts, secret=b"one")
    ledger = read_ledger(tmp_path)
    assert ledger.columns == ["post"] and ledger.height == len(open_digests)
    with pytest.raises(CaodianError, match="published build does not say"):
        opened(tmp_path, None).posts_behind("counts/price/items")
    assert not open_digests & set(ledger["post"])
    write_ledger(tmp_path, posts, secret=b"two")
    assert not set(ledger["post"]) & set(read_ledger(tmp_path)["post"])


def test_every_resolvable_table_has_its_rule_in_both_languages(build):
    rules = yaml.safe_load((build / "evidence" / "rules.yaml").read_text("utf-8"))
    assert {"counts", "daily", "sub_grievances", "platforms", "channels", "ratings"} <= rules.keys()
    assert all(set(rule) == {"zh", "en"} for rule in rules.values())
