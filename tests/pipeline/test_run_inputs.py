"""Each input of a run, changed alone, has exactly those steps done again that depend on it.

The steps are stand-ins that write what they depend on, so that all that follows from a step is done
again after it, too. That real steps read nothing else is tested in `test_run_reads`.
"""

import hashlib
import json
import shutil
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis.coding import llm_coder  # noqa: F401 - it reads the codebook when it is imported
from analysis.corpus.readers.column_names import ColumnChoice
from analysis.errors import CaodianError
from analysis.measures.quantities import load_tables
from analysis.pipeline import corpus_steps, report_steps, stamps
from analysis.pipeline import run as run_module
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.pipeline.stamps import Step
from analysis.pipeline.table_step import Audit
from analysis.reporting.ledger import write_manifest
from analysis.sentiment import snownlp_tables
from analysis.sentiment.snownlp_tables import snownlp_folder
from analysis.study import load_study
from analysis.training import texts as training_texts

STEPS = {
    "S": "simulate", "R": "read", "D": "deduplicate", "C": "code", "A": "audit", "M": "measure",
    "T": "tables", "F": "figures", "P": "map", "N": "notebooks", "O": "report",
}  # fmt: skip
STUDY = {
    "name": "small", "title_zh": "甲", "title_en": "A", "sources": ["table"],
    "window": {"start": "2020-06-01", "end": "2020-06-20"}, "event_days": ["2020-06-18"],
    "exposure": {"file": "exposure.csv", "source": "a yearbook"}, "channels": ["weibo"],
}  # fmt: skip
CLAIM = {"id": "C1", "statement_zh": "甲", "statement_en": "A", "kind": "count", "published": 5.0}
real_code, real_stamp = run_module.hash_code, Run.stamp


class World:
    """A folder with everything that a run depends on, and the run itself."""

    def __init__(self, place, patch, simulated=()):
        self.place, self.patch = place, patch
        self.asked = {"exports": ["b.csv", "a.csv"], "audit": Path("audit"), "notebooks": True}
        self.package, self.simulated = {}, dict(simulated)
        if not (place / "study.yaml").exists():
            self.write_inputs()
        put_stand_ins(self, place, patch)

    def write_inputs(self):
        for name in ("a.csv", "b.csv", "exposure.csv", "published.csv", "test.jsonl"):
            self.write(name, name)
        for name in ("audit/coder-a.xlsx", "notebooks/01.ipynb", "learnt/aa.jsonl"):
            self.write(name, name)
        for name in ("codebook.yaml", "rules/price.yaml"):
            self.write(f"codebook/{name}", name)
        self.study(**STUDY)

    def write(self, name, content):
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def study(self, **changed):
        path = self.place / "study.yaml"
        known = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
        content = yaml.safe_dump({**known, **changed}, allow_unicode=True)
        path.write_text(content, encoding="utf-8")

    def run(self):
        """Run, and name by their letters the steps that were done."""
        study = load_study("study.yaml")
        asked = {**self.asked, "exports": [Path(name) for name in self.asked["exports"]]}
        if self.simulated:
            section = load_study("studies/618-2020.yaml").simulation
            asked |= {"exports": [], "audit": None}
            study = study.model_copy(update={"simulation": section, **self.simulated})
        letters = {name: letter for letter, name in STEPS.items()}
        done = Run(Request(study=study, **asked), lambda _line: None).execute().steps_run
        return "".join(letters[name] for name in done)


def write_stand_in(step):
    """Write into each place of a step what the step depends on."""
    for path in step.outputs:
        if path.name == "manifest.json":
            write_manifest(path.parent, {"step": step.fingerprint()})
        elif path.suffix:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.fingerprint(), encoding="utf-8")
        else:
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
            (path / "all.csv").write_text(step.fingerprint(), encoding="utf-8")


def put_stand_ins(made, place, patch):
    """Have each step write what it depends on, and what it reads lie in this place."""
    patch.chdir(place)

    def stamp(run, name, depends, outputs, _work):
        step = run_module.Step(name, depends, outputs)
        real_stamp(run, name, depends, outputs, lambda: write_stand_in(step))

    def code(step):
        return {name: made.package.get(name, found) for name, found in known_code(step).items()}

    def tables(folder):
        words = (folder / "tables" / "all.csv").read_text("utf-8")
        return {
            "counts": pd.DataFrame({"grievance": ["all"], "items": [5], "words": [words]}),
            "clusters": pd.DataFrame({"cluster": [0]}),
        }

    def audit(folder):
        words = (folder / "all.csv").read_text("utf-8")
        return Audit(pd.DataFrame({"words": [words]}), facts={"words": words})

    patch.setattr(Run, "stamp", stamp)
    for module in (run_module, report_steps):
        patch.setattr(module, "hash_code", code)
    patch.setattr(run_module, "load_tables", tables)
    patch.setattr(run_module, "open_audit", audit)
    patch.setattr(run_module, "require_audit", lambda _given: None)
    patch.setattr(run_module, "PUBLISHED", place / "published.csv")
    patch.setattr(run_module, "TEST_PART", place / "test.jsonl")
    patch.setattr(report_steps, "_READ_BY_NOTEBOOKS", [place / "notebooks"])
    patch.setattr(
        training_texts, "learnt_files", lambda _coder: sorted((place / "learnt").glob("*"))
    )
    days = (date(2020, 6, 1), date(2020, 6, 20))
    patch.setattr(corpus_steps, "own_range", lambda *_: days)
    patch.setenv("CAODIAN_CODEBOOK", str(place / "codebook"))
    patch.setenv("CAODIAN_SECRET", "one")


SMALL = {"scale": 0.001}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run an export, and a simulated study, once in one folder; keep a copy of what each left."""
    place = tmp_path_factory.mktemp("runs")
    for name, simulated in (("exported", {}), ("simulated", SMALL)):
        with pytest.MonkeyPatch.context() as patch:
            made = World(renewed(place / "here"), patch, simulated)
            assert made.run() == ("S" if simulated else "") + ALL
        shutil.copytree(place / "here", place / name)
    return place


def renewed(folder, content=None):
    """Empty a folder, or have it hold what another one holds."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(content, folder) if content else folder.mkdir()
    return folder


@pytest.fixture
def world(runs, monkeypatch):
    """The folder of an export after a run."""
    return World(renewed(runs / "here", runs / "exported"), monkeypatch)


@pytest.fixture
def simulated_world(runs, monkeypatch):
    return World(renewed(runs / "here", runs / "simulated"), monkeypatch, SMALL)


known_code = cache(real_code)


# What is changed, by its name: how, and the steps that are done again.


def content(name, words="changed"):
    return lambda world: world.write(name, words)


def asking(**asked):
    return lambda world: world.asked.update(asked)


def studying(**changed):
    return lambda world: world.study(**changed)


def package(name):
    def done(world):
        assert name in known_code("report")
        world.package[name] = "changed"

    return done


def environment(**values):
    return lambda world: [world.patch.setenv(name, value) for name, value in values.items()]


def moved(old, new):
    def done(world):
        (world.place / old).rename(world.place / new)
        world.asked["exports"] = [new if n == old else n for n in world.asked["exports"]]

    return done


def touched(world):
    for name in ("a.csv", "exposure.csv", "study.yaml", "codebook/codebook.yaml"):
        (world.place / name).touch()


def elsewhere(world):
    shutil.copytree(world.place / "codebook", world.place / "own" / "codebook")
    world.patch.setenv("CAODIAN_CODEBOOK", str(world.place / "own" / "codebook"))


def commented(world):
    with (world.place / "study.yaml").open("a", encoding="utf-8") as stream:
        stream.write("\n# a comment\n")


def reordered_study(world):
    path = world.place / "study.yaml"
    known = yaml.safe_load(path.read_text("utf-8"))
    path.write_text(yaml.safe_dump(dict(reversed(known.items())), sort_keys=False), "utf-8")


def in_a_file(world):
    world.patch.delenv("CAODIAN_SECRET")
    world.write(".caodian-secret", "two\n")


def other_version(world):
    for module in (run_module,):
        world.patch.setattr(module, "environment_hash", lambda: "another")


def trained_again(name):
    """Have SnowNLP trained again where it is installed: its version stays."""

    def change(world):
        folder = shutil.copytree(
            snownlp_folder(),
            world.place / "snownlp",
            ignore=shutil.ignore_patterns("*.txt", "*.py"),
        )
        shutil.copytree(snownlp_folder() / "normal", folder / "normal", dirs_exist_ok=True)
        with (folder / name).open("ab") as stream:
            stream.write(b"x")
        for module in (snownlp_tables, stamps):
            world.patch.setattr(module, "snownlp_folder", lambda: folder)

    return change


def removed(name):
    return lambda world: (world.place / name).unlink()


ALL = "RDCAMTFPNO"
CODED = "CAMTFPNO"
MEASURED = "MTFPNO"
PAGES = "TFPNO"
CHANGES = {
    # Exports
    "an export": (content("a.csv"), ALL),
    "its log, where it is of SQLite": (content("a.csv-wal"), ALL),
    "one more export": (asking(exports=["a.csv", "b.csv", "exposure.csv"]), ALL),
    "one export less": (asking(exports=["a.csv"]), ALL),
    "the name of an export": (moved("a.csv", "c.csv"), ALL),
    "the order of two exports": (asking(exports=["a.csv", "b.csv"]), ""),
    "an export named twice": (asking(exports=["b.csv", "a.csv", "a.csv"]), ""),
    "the time of files": (touched, ""),
    # Options
    "--text-column": (asking(choice=ColumnChoice(text=("评论",))), ALL),
    "--time-column": (asking(choice=ColumnChoice(time="时间")), ALL),
    **{
        f"--{name}-column": (asking(choice=ColumnChoice(**{name: "栏"})), ALL)
        for name in ("title", "id", "rating", "author", "region", "keyword", "channel")
    },
    "--limit": (asking(limit=5), ALL),
    "--storage": (asking(storage=Path("elsewhere")), "RDCAMTFPNO"),
    "--coder": (asking(coder="keyword"), CODED),
    "--public": (asking(public=True), "TFO"),
    "--no-notebooks": (asking(notebooks=False), "O"),
    "--out": (asking(out=Path("elsewhere")), PAGES),
    "no --audit": (asking(audit=None), MEASURED),
    "where the study file lies": (asking(study_path=Path("other.yaml")), "O"),
    # The study file
    "the window": (studying(window={"start": "2020-06-01", "end": "2020-06-19"}), ALL),
    "an event day": (studying(event_days=["2020-06-17"]), MEASURED),
    "the seed": (studying(seed=5), MEASURED),
    "the similarity": (studying(thresholds={"similarity": 0.7}), "DCAMTFPNO"),
    "the threshold of sentiment": (studying(thresholds={"negative": 0.6}), MEASURED),
    "the channels": (studying(channels=["review"]), PAGES),
    "a claim": (studying(claims=[CLAIM]), MEASURED),
    "published counts": (studying(published={"source": "x", "counts": {"price": 5}}), MEASURED),
    "the source of the exposure": (studying(exposure={**STUDY["exposure"], "source": "b"}),
                                   MEASURED),
    "a title": (studying(title_en="B"), PAGES),
    "a title in Chinese": (studying(title_zh="乙"), PAGES),
    "the least of a day": (studying(thresholds={"similarity": 0.8, "negative": 0.5}), ""),
    "the sources": (studying(sources=["jd_review"]), PAGES),
    "the smallest cell": (studying(disclosure={"minimum_cell": 5}), "TFO"),
    "that posts are quoted": (studying(disclosure={"quotes": True}), PAGES),
    "a comment in the study file": (commented, ""),
    "the order of its keys": (reordered_study, ""),
    # Files beside it
    "the exposure file": (content("exposure.csv"), MEASURED),
    "the codebook": (content("codebook/codebook.yaml"), CODED),
    "a rule of the codebook": (content("codebook/rules/price.yaml"), CODED),
    "codes of one's own": (content("codebook/own.yaml"), CODED),
    "a word list of the codebook": (content("codebook/terms/new.yaml"), CODED),
    "a rule less": (removed("codebook/rules/price.yaml"), CODED),
    "a hidden file beside it": (content("codebook/.notes.yaml"), ""),
    "where the codebook lies": (elsewhere, ""),
    "a sheet of the audit": (content("audit/coder-a.xlsx"), "AMTFPNO"),
    "a sheet of a second wave": (content("audit/wave-2/coder-a.xlsx"), "AMTFPNO"),
    "a sheet less": (removed("audit/coder-a.xlsx"), "AMTFPNO"),
    "a sheet recoded by experts": (content("audit/gold.xlsx"), "AMTFPNO"),
    "what the coder learnt from": (content("learnt/ab.jsonl"), "AMTFPNO"),
    "figures that were published": (content("published.csv"), MEASURED),
    "the test part, where there is an audit": (content("test.jsonl"), ""),
    "a notebook": (content("notebooks/01.ipynb"), "NO"),
    # The package and its versions
    "the masking of posts": (package("corpus/mask.py"), ALL),
    "the list of family names": (package("corpus/mask_words.yaml"), ALL),
    "the weights of the coder": (package("coding/weights/coder.npz"), CODED),
    "how an audit is scored": (package("audit/score.py"), "AMTFPNO"),
    "how posts are named": (package("measures/conspicuous_days.py"), "AMTFPNO"),
    "how trends are judged": (package("measures/trend.py"), MEASURED),
    "how the panel is counted": (package("reporting/panel.py"), MEASURED),
    "the look of a page": (package("reporting/templates/report.css"), PAGES),
    "the words of pages": (package("words.yaml"), ALL),
    "versions of packages": (other_version, ALL),
    "what SnowNLP learnt": (trained_again("sentiment/sentiment.marshal.3"), CODED),
    "the words that SnowNLP knows": (trained_again("tag/tag.marshal.3"), MEASURED),
    "what SnowNLP was trained on": (trained_again("sentiment/pos.txt"), ""),
    # The environment
    "the secret": (environment(CAODIAN_SECRET="two"), ALL),
    "the secret, in a file": (in_a_file, ALL),
    "locale and time zone": (
        environment(LANG="tr_TR.UTF-8", LC_ALL="C", TZ="America/St_Johns"), ""),
    "threads, seed of hashes, width": (
        environment(POLARS_MAX_THREADS="1", NUMBA_NUM_THREADS="1", PYTHONHASHSEED="5",
                    COLUMNS="20"), ""),
    "where caches lie": (environment(CAODIAN_CACHE="/nowhere", XDG_CACHE_HOME="/nowhere"), ""),
    "where an endpoint would be": (environment(CAODIAN_LLM_URL="http://x/v1"), ""),
    # What a run had written
    "posts between the steps": (content("data/processed/small/coded/all.csv"), "C"),
    "a table of the build": (content("build/small/tables/all.csv"), "T"),
    "a figure of the build": (content("build/small/figures/all.csv"), "F"),
    "a page": (content("build/small/report.en.html"), "O"),
    "a page less": (removed("build/small/report.en.html"), "O"),
    "a file put into the build": (content("build/small/notes.txt"), "O"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_input_has_those_steps_done_again_that_depend_on_it(world, what):
    change, expected = CHANGES[what]
    assert world.run() == ""
    change(world)
    assert world.run() == expected
    assert world.run() == ""


def test_a_build_that_was_published_before_is_an_input(world):
    world.patch.setattr(run_module, "load_tables", published_or(run_module.load_tables))
    world.write("earlier/tables/counts.csv", "grievance,items\nall,3\n")
    world.asked["public"] = True
    done = [world.run()]
    world.asked["since"] = [Path("earlier")]
    done += [world.run(), world.run()]
    world.write("earlier/tables/counts.csv", "grievance,items\nall,4\n")
    done += [world.run(), world.run()]
    assert done == ["TFO", "TFO", "", "TFO", ""]


def published_or(of_this_run):
    """Read a build that was published before as it is, and of this run what stands in for it."""
    return lambda folder: (load_tables if folder.name == "earlier" else of_this_run)(folder)


SIMULATED = {
    "the scale": (asking(scale=0.002), "S" + ALL),
    "the seed": (lambda world: world.simulated.update(seed=5), "S" + ALL),
    "how posts are written": (package("simulate/grammar.py"), "S" + ALL),
    "an audit": (content("audit/coder-a.xlsx"), ""),
    "what was planted": (content("data/raw/small/truth/all.csv"), "S"),
    "the test part, where coders are simulated": (content("test.jsonl"), ""),
    "a title": (studying(title_en="B"), PAGES),
}


@pytest.mark.parametrize("what", SIMULATED)
def test_so_it_is_where_the_corpus_is_simulated(simulated_world, what):
    change, expected = SIMULATED[what]
    assert simulated_world.run() == ""
    change(simulated_world)
    assert simulated_world.run() == expected
    assert simulated_world.run() == ""


def test_notebooks_are_executed_again_for_all_that_they_open(world):
    steps = {}
    fingerprint = Step.fingerprint

    def noted(step):
        steps[step.name] = json.dumps(step.depends, default=str)
        return fingerprint(step)

    world.patch.setattr(Step, "fingerprint", noted)
    world.run()
    for folder in ("data/processed/small/posts", "data/processed/small/coded",
                   "build/small/tables", "build/small/evidence", "notebooks"):  # fmt: skip
        for path in Path(folder).iterdir():
            assert hashlib.sha256(path.read_bytes()).hexdigest() in steps["notebooks"], path


def test_a_database_is_read_at_every_run(world):
    world.write("posts.db", "SQLite")
    world.asked |= {"exports": ["sqlite:///posts.db"]}
    assert [world.run(), world.run()] == [ALL, ALL]


def test_a_report_without_an_audit_says_how_far_coders_are_off_on_the_test_part(world):
    world.asked["audit"] = None
    world.run()
    world.write("test.jsonl", "changed")
    assert world.run() == MEASURED


def test_a_model_behind_an_address_is_known_by_all_of_it_but_the_key(world):
    world.asked["coder"] = "llm"
    environment(CAODIAN_LLM_URL="http://x/a/v1", CAODIAN_LLM_MODEL="m")(world)
    done = [world.run()]
    for values in (
        {"CAODIAN_LLM_KEY": "k"}, {"CAODIAN_LLM_URL": "http://x/b/v1"}, {"CAODIAN_LLM_MODEL": "n"},
    ):  # fmt: skip
        environment(**values)(world)
        done.append(world.run())
    assert done == [CODED, "", CODED, CODED]


def test_a_codebook_that_is_none_is_told_and_not_passed_over(world):
    world.run()
    environment(CAODIAN_CODEBOOK=str(world.place / "learnt"))(world)
    with pytest.raises(CaodianError, match=r"must hold codebook\.yaml"):
        world.run()
