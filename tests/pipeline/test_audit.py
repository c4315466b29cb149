"""An audit corrects the report that it was drawn from, and no other; what changed is found."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

import analysis as cd
from analysis.audit import agreement
from analysis.audit.machine_scores import seal_scores
from analysis.audit.score import draw_gold_sheet, score_audit, score_marks
from analysis.audit.sheets import draw_audit, read_record
from analysis.audit.simulated_coders import fill, fill_gold
from analysis.cli.main import commands
from analysis.coding.coder import identify_coder
from analysis.errors import CaodianError
from analysis.pipeline.corpus_steps import learnt_posts, read_learnt
from analysis.pipeline.partitions import scan_partitions
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.pipeline.table_step import _close, audit_given, open_audit, require_audit
from analysis.simulate import simulate
from analysis.storage import write_table
from analysis.study import load_study
from analysis.training import texts

pytestmark = pytest.mark.slow  # posts are simulated and coded for all of them

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "618-2020.yaml"
SIZE = 120


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A folder with an export, its truth, its coded posts and a filled audit of them."""
    folder = tmp_path_factory.mktemp("audited")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        parts = list(simulate(load_study(STUDY), scale=0.00012, seed=31))
        pl.concat([posts for posts, _ in parts]).write_parquet("export.parquet")
        pl.concat([truth for _, truth in parts]).write_parquet("truth.parquet")
        made = coded_run(Path("export.parquet"))
        draw(made, Path("audit"))
        yield folder, made


def coded_run(export, study=None, coder="fast", name=None):
    study = load_study(STUDY) if study is None else study
    made = Run(
        Request([export], study.model_copy(update={"name": name or study.name}), coder=coder),
        lambda _line: None,
    )
    made.code_corpus()
    return made


def draw(made, folder, seed=5):
    posts = scan_partitions(made.paths.coded)
    draw_audit(posts, folder, size=SIZE, seed=seed, study=made.study(), coder="fast")
    fill(folder, pl.read_parquet("truth.parquet"), error=0.1, seed=1)


def take(folder, made, coder="fast"):
    audit_given(folder, made.paths, made.study(), coder)
    return open_audit(made.paths.processed / "audit")


@pytest.fixture
def audit(ground, tmp_path, monkeypatch):
    """A copy of the audit that a test may spoil, and the run that it is of."""
    folder, made = ground
    monkeypatch.chdir(folder)
    shutil.copytree(folder / "audit", tmp_path / "audit")
    return tmp_path / "audit", made


def change_record(folder, **changes):
    record = {**json.loads((folder / "audit.json").read_text("utf-8")), **changes}
    (folder / "audit.json").write_text(json.dumps(record), "utf-8")


def change_table(folder, name, change, *, is_hidden):
    pl.read_parquet(folder / name).with_columns(change).write_parquet(folder / name)
    if is_hidden:
        files = {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in ("sample.parquet", "machine.parquet")
        }
        change_record(folder, files=files)


def change_mark(folder, name="coder-a.xlsx", column="negative", value=None):
    """Turn the first mark of a form round, or write another value."""
    book = openpyxl.load_workbook(folder / name)
    sheet = book["coding"]
    names = [cell.value for cell in sheet[1]]
    cells = [row[names.index(column)] for row in sheet.iter_rows(min_row=2)]
    cell = next(cell for cell in cells if cell.value == (0 if value is None else cell.value))
    cell.value = 1 if value is None else value
    book.save(folder / name)


def test_an_audit_of_the_report_is_scored_from_its_sheets(audit):
    folder, made = audit
    taken = take(folder, made)
    scored = score_audit(folder)
    columns = ["estimate", "low", "high", "disputes"]
    assert taken.counts[columns].values.tolist() == scored[columns].values.tolist()
    assert (taken.counts["coders"] == 0).all()  # they were simulated
    assert taken.drift is not None and "negative" in set(taken.drift["grievance"])
    assert taken.details is None or len(taken.details)
    assert sorted(taken.facts["sheets"]) == ["adjudicated.xlsx", "coder-a.xlsx", "coder-b.xlsx"]
    assert (taken.facts["seed"], taken.facts["drawn"]) == (5, SIZE)
    marks = pl.read_parquet(taken.marks)
    assert marks.height == SIZE and not {"text", "note"} & set(marks.columns)
    ids = scan_partitions(made.paths.coded).select("post_id").collect()["post_id"]
    assert not set(marks["post_id"]) & set(ids)


FOREIGN = {
    "a shorter window": ("window: 2020-06-01 to 2020-06-20 in the audit, 2020-06-01 to 2020-06-09"),
    "other posts": "posts: ",
    "another coder": "coder: fast in the audit, keyword in the report",
}


@pytest.mark.parametrize("what", list(FOREIGN))
def test_an_audit_of_something_else_is_refused(audit, what, tmp_path):
    folder, _ = audit
    export, study, coder = Path("export.parquet"), load_study(STUDY), "fast"
    if what == "a shorter window":
        window = study.window.model_copy(update={"end": date(2020, 6, 9)})
        days = [day for day in study.event_days if day <= date(2020, 6, 9)]
        study = study.model_copy(update={"window": window, "event_days": days})
    if what == "other posts":
        export = tmp_path / "export.parquet"
        pl.read_parquet("export.parquet").slice(9).write_parquet(export)
    if what == "another coder":
        coder = "keyword"
    made = coded_run(export, study, coder, name=what.replace(" ", "-"))
    with pytest.raises(CaodianError, match="that it was drawn from") as refused:
        take(folder, made, coder)
    assert FOREIGN[what] in str(refused.value)
    assert not (made.paths.processed / "audit").exists()


def test_a_report_without_posts_in_the_window_takes_no_audit(audit):
    folder, _ = audit
    study = load_study(STUDY)
    days = {"start": date(2019, 6, 1), "end": date(2019, 6, 20)}
    earlier = study.model_copy(
        update={"window": study.window.model_copy(update=days), "event_days": []}
    )
    made = coded_run(Path("export.parquet"), earlier, name="nothing")
    with pytest.raises(CaodianError, match="needs posts in the window of its report"):
        take(folder, made)


def test_changed_weights_and_codebook_are_named(audit, monkeypatch):
    folder, made = audit
    for part, told in (("weights", "with other weights"), ("_codebook", "codebook: its files")):
        with monkeypatch.context() as patch:
            patch.setattr(f"analysis.audit.machine_scores.{part}_digest", lambda *_: "x")
            with pytest.raises(CaodianError, match=told):
                take(folder, made)


def test_posts_that_are_decided_otherwise_are_refused(audit):
    """A file of coded posts tells no coder: then the decisions tell."""
    folder, made = audit
    frame = {**read_record(folder)["frame"], "coder": None, "weights": None}
    change_record(folder, frame=frame)
    assert take(folder, made).facts["frame"]["coder"] is None
    change_record(folder, frame={**frame, "coding": "0" * 64})
    with pytest.raises(CaodianError, match="decides or scores some of the posts otherwise"):
        take(folder, made)


half = pl.col("inclusion_probability") / 2
richer = pl.col("machine").list.eval(
    pl.element().struct.with_fields(band_posts=pl.element().struct.field("band_posts") * 2)
)
SPOILT = {
    "chances": (lambda f: change_table(f, "sample.parquet", half, is_hidden=False), "as it was"),
    "bands": (lambda f: change_table(f, "machine.parquet", richer, is_hidden=False), "as it was"),
    "hidden chances": (
        lambda f: change_table(f, "sample.parquet", half, is_hidden=True),
        "seed and size draw",
    ),
    "hidden bands": (
        lambda f: change_table(f, "machine.parquet", richer, is_hidden=True),
        "seed and size draw",
    ),
    "another seed": (lambda f: change_record(f, seed=6), "seed and size draw"),
    "another size": (lambda f: change_record(f, size=119), "seed and size draw"),
    "what was left out": (
        lambda f: change_record(
            f, left_out={**read_record(f)["left_out"], "negative": 900, "posts": 3}
        ),
        r"that it left out must be what the report counts: found 'negative 900, posts 3'",
    ),
    "the number drawn": (lambda f: change_record(f, drawn=5_000), "how many posts were drawn"),
    "no record": (lambda f: (f / "audit.json").unlink(), "what it was drawn from"),
    "a broken record": (lambda f: (f / "audit.json").write_text("{"), "as the draw wrote it"),
    "no hidden side": (lambda f: (f / "machine.parquet").unlink(), "must hold machine.parquet"),
    "an edited text": (lambda f: change_mark(f, column="text", value="好"), "text of a post"),
    "a blank row in both": (
        lambda f: [change_mark(f, n, c, "") for n in ("coder-a.xlsx", "coder-b.xlsx")
                   for c in ("negative",)],
        "negative",
    ),
    "an open dispute": (
        change_mark,
        "adjudicator must decide",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", list(SPOILT))
def test_a_spoilt_folder_is_refused(audit, what):
    folder, made = audit
    spoil, told = SPOILT[what]
    spoil(folder)
    with pytest.raises(CaodianError, match=told):
        take(folder, made)


def test_forms_where_the_run_keeps_its_results_are_refused_and_stay(audit):
    """Before, the folder was emptied, and with it a day of two people's work."""
    folder, made = audit
    own = made.paths.processed / "audit"
    shutil.rmtree(own, ignore_errors=True)
    shutil.copytree(folder, own)
    shutil.copytree(folder, own / "below")
    names = sorted(path.name for path in own.rglob("*"))
    for place in (own, own / "below", made.paths.processed, own / "coder-a.xlsx"):
        with pytest.raises(CaodianError, match="must not lie where the run keeps its own"):
            audit_given(place, made.paths, made.study(), "fast")
    assert sorted(path.name for path in own.rglob("*")) == names
    shutil.rmtree(own)


def test_a_result_stays_until_the_next_one_is_whole(audit, monkeypatch):
    folder, made = audit
    take(folder, made)
    own = made.paths.processed / "audit"
    before = sorted(path.name for path in own.iterdir())

    def full(*_args, **_more):
        raise OSError("no space left")

    monkeypatch.setattr("analysis.pipeline.table_step.write_text", full)
    with pytest.raises(OSError, match="no space"):
        take(folder, made)
    assert sorted(path.name for path in own.iterdir()) == before
    assert not list(made.paths.processed.glob(".audit*"))


def test_a_draw_of_other_code_is_told_and_must_add_up(audit):
    folder, made = audit
    assert take(folder, made).facts["draw_repeated"]
    change_record(folder, sampler="x")  # this code still draws the same
    assert "was not repeated" not in " ".join(take(folder, made).notes["en"])
    change_record(folder, seed=6)
    taken = take(folder, made)
    assert "The draw was not repeated" in " ".join(taken.notes["en"])
    assert "抽样没有能够重做" in " ".join(taken.notes["zh"])
    assert taken.facts["draw_repeated"] is False
    change_table(folder, "sample.parquet", half, is_hidden=True)
    with pytest.raises(CaodianError, match="seed and size draw"):
        take(folder, made)


@pytest.mark.parametrize("sampler", [None, "of another version"])
def test_posts_with_other_texts_under_the_same_names_are_refused(audit, sampler, monkeypatch):
    """Whoever drew the sample: people coded these words and no others."""
    folder, made = audit
    if sampler:
        change_record(folder, sampler=sampler)
    (drawn,) = pl.read_parquet(folder / "sample.parquet")["post_id"].head(1)
    whole = scan_partitions(made.paths.coded)
    other = pl.when(pl.col("post_id") == drawn).then(pl.lit("好用")).otherwise("text").alias("text")
    monkeypatch.setattr(
        "analysis.pipeline.table_step.scan_partitions", lambda _: whole.with_columns(other)
    )
    told = rf"must have the text that people coded: found '{drawn}' .*: 1 posts of the report"
    with pytest.raises(CaodianError, match=told):
        take(folder, made)


@pytest.fixture
def waves(audit):
    """The audit with a second wave, drawn by command from the coded posts and filled in."""
    folder, made = audit
    options = f"--study {STUDY} --more 60 --for price --out {folder}"
    drawn = CliRunner().invoke(commands, f"audit draw {made.paths.coded} {options}".split())
    assert drawn.exit_code == 0, drawn.stderr
    assert "60 posts drawn" in drawn.stderr and "second" in drawn.stderr
    fill(folder, pl.read_parquet("truth.parquet"), error=0.1, seed=2)
    return folder, made


def test_a_report_takes_both_waves_and_the_evidence_gives_them_again(waves):
    folder, made = waves
    taken = take(folder, made)
    assert taken.facts["drawn"] == SIZE + 60 and taken.facts["draw_repeated"]
    assert taken.facts["second"]["codes"] == ["price"]
    assert {"second/coder-a.xlsx", "second/coder-b.xlsx"} <= set(taken.facts["sheets"])
    assert "The audit has two waves" in " ".join(taken.notes["en"])
    marks = pl.read_parquet(taken.marks)
    assert len(marks) == SIZE + 60
    again = score_marks(marks.drop("post"), taken.facts)
    assert again["estimate"].tolist() == taken.counts["estimate"].tolist()


def test_a_report_takes_both_waves_and_their_recoding(waves):
    """Experts recode both waves; the first by itself, which says how the second is drawn, has no
    marks of theirs."""
    folder, made = waves
    draw_gold_sheet(folder, size=40)
    fill_gold(folder, pl.read_parquet("truth.parquet"))
    taken = take(folder, made)
    assert taken.facts["draw_repeated"] and "gold.xlsx" in taken.facts["sheets"]
    assert "40 of the audited posts again" in " ".join(taken.notes["en"])
    again = score_marks(pl.read_parquet(taken.marks).drop("post"), taken.facts)
    assert again["high"].tolist() == taken.counts["high"].tolist()


def test_a_second_wave_that_was_changed_is_refused(waves):
    folder, made = waves
    change_table(folder / "second", "sample.parquet", half, is_hidden=True)
    with pytest.raises(CaodianError, match="must be what its seed, size and first wave draw"):
        take(folder, made)


def test_a_scored_file_says_of_which_posts_it_is(audit, tmp_path):
    folder, made = audit
    sealed = seal_scores(score_audit(folder), read_record(folder))
    for ending in ("csv", "xlsx", "jsonl", "parquet"):
        path = tmp_path / f"scored.{ending}"
        write_table(sealed, path)
        require_audit(path)
        taken = take(path, made)
        assert taken.counts["estimate"].tolist() == sealed["estimate"].tolist()
        assert taken.drift is None and taken.marks is None and taken.facts["scored"]
        assert "simulated coders" in taken.notes["en"].tolist()[0]
    for column, value, told in (
        ("estimate", 1.0, "as `caodian audit score` wrote them"),
        ("audit_of", None, "which posts they are of"),
    ):
        write_table(sealed.assign(**{column: value}), tmp_path / "changed.csv")
        with pytest.raises(CaodianError, match=told):
            take(tmp_path / "changed.csv", made)
    other = {**read_record(folder)["frame"], "size": 3, "posts": "0"}
    foreign = seal_scores(score_audit(folder), {**read_record(folder), "frame": other})
    write_table(foreign, tmp_path / "foreign.csv")
    with pytest.raises(CaodianError, match="posts: 3 in the audit"):
        take(tmp_path / "foreign.csv", made)


def test_an_audit_that_is_not_there_is_told_before_the_run(tmp_path):
    with pytest.raises(CaodianError, match="must be there"):
        require_audit(tmp_path / "nowhere")
    for name in ("audit.zip", "audit.json"):
        (tmp_path / name).write_bytes(b"PK")
        with pytest.raises(CaodianError, match="an archive of it is unpacked first"):
            require_audit(tmp_path / name)


def test_forms_in_which_somebody_coded_are_not_overwritten(audit):
    folder, made = audit
    draw(made, folder)  # simulated coders lose nothing
    record = read_record(folder)
    record.pop("filled_by")
    (folder / "audit.json").write_text(json.dumps(record), "utf-8")
    with pytest.raises(CaodianError, match="must not overwrite forms"):
        draw(made, folder)


def test_posts_that_the_coder_learnt_stay_outside_and_count_as_coded(ground, tmp_path, monkeypatch):
    folder, made = ground
    monkeypatch.chdir(folder)
    posts = scan_partitions(made.paths.coded)
    learnt = posts.filter("is_negative").select("post_id").collect()["post_id"].sort()[:40]
    draw_audit(posts, tmp_path / "a", size=SIZE, study=made.study(), coder="fast", exclude=learnt)
    fill(tmp_path / "a", pl.read_parquet("truth.parquet"), error=0, seed=1)
    sample = pl.read_parquet(tmp_path / "a" / "sample.parquet")
    assert not set(sample["post_id"]) & set(learnt)
    # Reposts without a word of their own are in no draw either.
    worded = posts.filter(pl.col("text").str.contains(r"\S")).select(pl.len()).collect().item()
    assert (1 / sample["inclusion_probability"]).sum() == pytest.approx(worded - 40)
    counts = take(tmp_path / "a", made).counts.set_index("grievance")
    own = posts.select(pl.col("is_negative").sum()).collect().item()
    assert counts.loc["negative", "items"] == own
    assert counts.loc["negative", "low"] > 40


def test_learnt_posts_are_found_under_any_name(ground, tmp_path, monkeypatch):
    """The same post is called `1` in one corpus and `jd:1` in another."""
    folder, made = ground
    monkeypatch.chdir(folder)
    posts = scan_partitions(made.paths.coded)
    some = posts.select("source", "post_id").head(3).collect()
    keys = [f"{source}:{post}" for source, post in some.iter_rows()]
    for number, exclude in enumerate((keys, some["post_id"].to_list())):
        place = tmp_path / str(number)
        draw_audit(posts, place, size=SIZE, study=made.study(), exclude=exclude)
        left_out = read_record(place)["left_out"]
        assert left_out["posts"] - left_out.get("without_words", 0) == 3
    strange = [f"elsewhere:{post}" for post in some["post_id"]]
    draw_audit(posts, tmp_path / "c", size=SIZE, study=made.study(), exclude=strange)
    left_out = read_record(tmp_path / "c")["left_out"]
    assert left_out.get("posts", 0) == left_out.get("without_words", 0)


@pytest.mark.parametrize(
    ("coder", "is_learnt"), [("keyword", 0), ("llm", 0), ("fast", 1), ("refit abc", 1), (None, 1)]
)
def test_only_a_coder_that_learnt_leaves_posts_out(coder, is_learnt):
    text = pl.read_ndjson(ROOT / "data" / "coded" / "sample" / "train.jsonl")["text"][0]
    posts = pl.LazyFrame({"post_id": ["1", "2"], "text": [text, "没有人写过的一句话 一二三"]})
    assert learnt_posts(posts, coder) == ["1"][:is_learnt]
    if coder is not None:
        known = texts.is_learnt(pl.Series([text, "没有人写过", None]), coder)
        assert known.to_list() == [is_learnt == 1, False, False]


def run(*words):
    done = CliRunner().invoke(commands, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.proof
@pytest.mark.usefixtures("few_figures")  # two of which show what the audit corrects
def test_from_a_report_through_its_audit_to_the_corrected_report(ground, tmp_path, monkeypatch):
    """By command, as a user does it; and a mark that is changed afterwards is found."""
    folder, _ = ground
    monkeypatch.chdir(tmp_path)
    for name in ("export.parquet", "truth.parquet"):
        shutil.copy(folder / name, name)
    with monkeypatch.context() as patch:  # figures are looked at with the audit in them
        patch.setattr("analysis.reporting.figures.render", lambda *_: b"")
        run("report", "export.parquet", "--study", STUDY)
    page = Path("build/618-2020/report.en.html").read_text("utf-8")
    assert "There was no audit, so the counts" in page
    run("audit", "draw", "build/618-2020", "--size", SIZE, "--out", "sheets", "--with-subs")
    run("audit", "fill", "sheets", "--truth", "truth.parquet", "--error", 0.1)
    run("audit", "gold", "sheets", "--size", 40)
    run("audit", "fill", "sheets", "--truth", "truth.parquet", "--gold")
    run("report", "export.parquet", "--study", STUDY, "--audit", "sheets")
    page = Path("build/618-2020/report.en.html").read_text("utf-8")
    assert "--audit sheets" in page and "There was no audit, so the counts" not in page
    assert "coded by two simulated coders, not by people, whom" in page
    assert "Simulated experts, not people, coded 40 of the audited posts again" in page
    assert not Path("build/618-2020/tables/shared_errors.csv").exists()  # measured instead
    manifest = json.loads(Path("build/618-2020/manifest.json").read_text("utf-8"))
    assert manifest["audit"]["seed"] == 1 and len(manifest["audit"]["sheets"]) == 4
    assert manifest["audit"]["gold"] == {"filled_by": "simulated experts, without error"}
    assert "By the recoding it also covers errors of the audit itself." in page
    again = ("verify", "build/618-2020", "--rerun", "export.parquet")
    assert "files are what the posts give" in run(*again)
    shutil.move("sheets", "kept")
    assert "files are what the posts give" in run(*again, "--audit", "kept")
    change_mark(Path("kept"), "gold.xlsx")
    with pytest.raises(CaodianError, match="a build must be what its posts give"):
        run(*again, "--audit", "kept")


def test_the_door_draws_what_the_report_takes(ground, tmp_path, monkeypatch):
    """As notebook 14 does: posts of a run, coded again, without the coder's name."""
    folder, made = ground
    monkeypatch.chdir(folder)
    posts = scan_partitions(made.paths.posts).collect().to_pandas()
    coded = posts.pipe(cd.code_grievances)
    cd.draw_audit(coded, tmp_path / "a", size=40, study=made.study())
    fill(tmp_path / "a", pl.read_parquet("truth.parquet"), error=0, seed=1)
    assert take(tmp_path / "a", made).facts["drawn"] == 40


@pytest.mark.usefixtures("few_figures")
def test_the_water_heaters_are_audited_from_the_sheets(research_data, tmp_path, monkeypatch):
    """A real export: two invented coders who follow the stars, one of whom errs."""
    export = research_data / "jd_water_heater" / "comments_2019.csv"
    monkeypatch.chdir(tmp_path)
    study = ROOT / "studies" / "618-2019-water-heaters.yaml"
    run("report", export, "--study", study)
    build = "build/618-2019-water-heaters"
    run("audit", "draw", build, "--size", 200, "--out", "sheets")
    posts = scan_partitions(Path("data/processed/618-2019-water-heaters/coded")).collect()
    stars = dict(posts.select("post_id", "rating").iter_rows())
    for name, cut in (("coder-a.xlsx", 2), ("coder-b.xlsx", 3)):
        book = openpyxl.load_workbook(f"sheets/{name}")
        sheet = book["coding"]
        code = [cell.value for cell in sheet[1]].index("product_quality") + 1
        for row in range(2, sheet.max_row + 1):
            rating = stars[str(sheet.cell(row, 1).value).lstrip("'")]
            is_bad = rating is not None and rating <= cut
            sheet.cell(row, 4).value = sheet.cell(row, code).value = int(is_bad)
        book.save(f"sheets/{name}")
    run("report", export, "--study", study, "--audit", "sheets")
    audit = pl.read_csv(f"{build}/tables/audit.csv").row(0, named=True)
    few = posts.filter(pl.col("rating") <= 3)["rating"].value_counts().sort("rating")["count"]
    ones_and_twos, three = int(few[:2].sum()), int(few[2:].sum())
    assert audit["coders"] == 2 and audit["open"] == audit["disputes"] > 0
    assert audit["low"] <= ones_and_twos + three / 2 <= audit["high"]
    page = Path(f"{build}/report.en.html").read_text("utf-8")
    assert "both sheets were filled in; they differ on" in page
    assert "nobody adjudicated" in page and "adjudicated by" not in page
    assert "files are those of the manifest" in run("verify", build)


def test_a_coder_that_learnt_from_an_audit_is_audited_on_other_posts(audit, tmp_path):
    folder, _made = audit
    run("train", "coder", "--from", folder, "--out", tmp_path / "mine")
    learnt = read_learnt(tmp_path / "mine")
    assert len(learnt) == SIZE and all(":" in key for key in learnt)
    # The audit that it learnt from is of the coder before.
    again = coded_run(Path("export.parquet"), coder=str(tmp_path / "mine"), name="again")
    coder = identify_coder(str(tmp_path / "mine"))
    with pytest.raises(CaodianError, match="coder: fast in the audit, refit"):
        take(folder, again, coder)
    # A new draw that does not know better is refused, one that does is taken.
    posts = scan_partitions(again.paths.coded)
    for name, exclude in (("blind", ()), ("apart", learnt)):
        new = tmp_path / name
        draw_audit(posts, new, size=SIZE, study=again.study(), coder=coder, exclude=exclude)
        fill(new, pl.read_parquet("truth.parquet"), error=0, seed=1)
    with pytest.raises(CaodianError, match="no post that the coder learnt from"):
        audit_given(tmp_path / "blind", again.paths, again.study(), coder, learnt=learnt)
    audit_given(tmp_path / "apart", again.paths, again.study(), coder, learnt=learnt)
    told = open_audit(again.paths.processed / "audit").notes["en"].tolist()
    assert any("learnt from were not drawn: 120." in note for note in told)
    # A scored file holds no posts, but says how many were left out.
    for name, is_taken in (("blind", False), ("apart", True)):
        scored = seal_scores(score_audit(tmp_path / name), read_record(tmp_path / name))
        write_table(scored, tmp_path / f"{name}.csv")
        given = (tmp_path / f"{name}.csv", again.paths, again.study(), coder)
        if is_taken:
            audit_given(*given, learnt=learnt)
            continue
        with pytest.raises(CaodianError, match="0 such posts were left out"):
            audit_given(*given, learnt=learnt)
    (tmp_path / "mine" / "learnt.json").unlink()
    with pytest.raises(CaodianError, match="which posts it learnt from"):
        read_learnt(tmp_path / "mine")


def test_notes_of_an_audit_stand_in_a_report_as_they_were_written():
    """One began with a capital alpha where agreement was low."""
    notes = [
        (text, "。" if name.endswith("_ZH") else ".")
        for name, text in vars(agreement).items()
        if name.endswith(("_ZH", "_EN")) and isinstance(text, str) and not text.startswith("{")
    ]
    assert len(notes) > 10
    assert [text for text, stop in notes if _close(text, stop) != text] == []
    assert _close("in 3 of “10” series", ".") == "In 3 of “10” series."
