"""Make tables of a build again that others, posts and study give, and write its files again."""

import csv
import hashlib
import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import polars as pl

from analysis.audit.agreement import range_shared_errors
from analysis.audit.score import AUDIT_FACTS, find_drift
from analysis.clusters.post_topics import finds_topics
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.frames import to_pandas
from analysis.measures.conspicuous_days import compare_event_days, list_conspicuous_days
from analysis.measures.coverage import find_ungraded, grade_periods
from analysis.measures.daily_series import arrange_daily, explain_left_out, explain_strays
from analysis.measures.published import (
    PUBLISHED,
    compare_campaigns,
    judge_claims,
    parse_figures,
)
from analysis.measures.quantities import REMEDY, TABLES, parse_table
from analysis.measures.specification import find_misjudged, specify_claims
from analysis.measures.trend import judge_trend
from analysis.measures.trend_tests import OUTSIDE_TESTS
from analysis.measures.watchlist import gather_evidence, rank_platforms
from analysis.reporting.disclosure import rules_of
from analysis.reporting.drawer import EXAMPLES, read_examples
from analysis.reporting.ledger import (
    AUDIT_MARKS,
    LEDGER,
    LEDGER_COLUMNS,
    MANIFEST,
    is_published,
    measured_posts,
    name_build,
    read_ledger,
    software_versions,
    write_rows,
)
from analysis.reporting.notebooks import MOST_POSTS, choose_notebooks
from analysis.reporting.panel import cells_of, fit_cells, note_cells
from analysis.reporting.saved_run import FILE as RUN
from analysis.reporting.saved_run import save_run
from analysis.reporting.sections.section import DATES, KEYS
from analysis.schema import check_cells, spell_numbers
from analysis.schema import table as table_of
from analysis.sentiment.scores import CUTOFFS, describe_sentiment
from analysis.simulate import simulate
from analysis.storage import read_table, write_table
from analysis.storage.run_paths import is_shipped_study, project_root
from analysis.storage.write import guard_formulas
from analysis.study.model import Study
from analysis.study.periods import SERIES, period_start
from analysis.words import Note, reader_names

# What is made again, but for columns and rows that follow from texts.
MADE_AGAIN = frozenset({
    "breaks", "campaigns", "claims", "coverage_periods", "event_days", "explore", "planted",
    "sentiment_cutoffs", "sentiment_days", "trends", "watchlist",
})  # fmt: skip
_MOST_SIMULATED = 200_000  # posts that are simulated again; more take minutes
# They code the test part in a second; without an audit a report says how far they are off.
MEASURED_CODERS = ("fast", "keyword")


@dataclass(frozen=True)
class _Build:
    """What tables are made again from: the facts of a build, and its other tables."""

    study: Study
    tables: dict[str, pd.DataFrame]
    simulated: bool
    scale: float
    drift: pd.DataFrame | None
    knows_drift: bool

    @property
    def series(self) -> pd.DataFrame:
        """The counts by day, week or month that trends and breaks are looked for in."""
        return self.tables.get(self.study.series, pd.DataFrame())

    @property
    def grades(self) -> pd.DataFrame | None:
        """How well each of these days was collected."""
        return self.tables.get(self.study.coverage)


def check_made_again(
    folder: Path,
    tables: dict[str, pd.DataFrame],
    manifest: Mapping[str, Any],
    *,
    alone: bool = False,
    measure: Callable[[str], pd.DataFrame] | None = None,
) -> list[str]:
    """Make tables again that need no text, and hold those of the build to them."""
    facts = json.loads((folder / RUN).read_text("utf-8"))
    study, ledger = Study.model_validate(facts["study"]), read_ledger(folder)
    _check_withheld(tables, rules_of(study.disclosure, public=is_published(manifest)).minimum_cell)
    _check_order(tables)
    _check_places(tables, study)
    if "coverage" in tables and (day := find_ungraded(tables["coverage"])) is not None:
        raise CaodianError(
            "the grade of a day must follow from its reasons", value=day, where="coverage",
            remedy=REMEDY,
        )  # fmt: skip
    is_told = ledger is not None and ledger.columns != ["post"]
    is_open = not is_published(manifest) if alone else is_told
    again: dict[str, pd.DataFrame] = {}
    coder = str((manifest.get("parameters") or {}).get("coder", ""))
    if measure is not None and "count_errors" in tables and coder in MEASURED_CODERS:
        again["count_errors"] = measure(coder)
    if is_open and study.disclosure.minimum_cell <= 1:
        # What is withheld is lacking in what they follow from.
        drift, knows_drift = _find_drift(folder, manifest, has_audit="audit" in tables)
        build = _Build(study, tables, facts["simulated"], facts["scale"], drift, knows_drift)
        _check_topics(tables)
        again |= _from_tables(build, facts, manifest)
        again |= {} if ledger is None else _from_posts(build, ledger)
    held = sorted(again.keys() & tables.keys())
    for name in held:
        _require_same(name, *(_without_texts(name, one) for one in (tables[name], again[name])))
    return held


def _from_tables(
    build: _Build, facts: Mapping[str, Any], manifest: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Make again what follows from other tables and from the study."""
    study, tables = build.study, build.tables
    planted, files = _plant_again(study, facts) if "planted" in tables else (None, None)
    if files and manifest.get("inputs", files) != files:
        raise CaodianError(
            "the files of a simulated corpus must be what its study gives", value="inputs",
            where="manifest.json: another name or hash", remedy=REMEDY,
        )  # fmt: skip
    again = {
        "event_days": compare_event_days(
            build.series, study.event_days, build.grades, period=study.period
        ),
        "campaigns": compare_campaigns(
            parse_figures(read_table(project_root() / PUBLISHED).to_pandas()), tables, study
        ),
    }
    if len(build.series) and build.knows_drift:
        again["trends"] = judge_trend(
            build.series, study.event_days, grades=build.grades, drift=build.drift,
            claimed=study.claimed_trends, names=reader_names(), period=study.period,
        )  # fmt: skip
    if planted is not None:
        again["planted"] = pd.DataFrame(list(planted.items()), columns=["grievance", "items"])
    elif "planted" in tables:
        planted = dict(tables["planted"][["grievance", "items"]].itertuples(index=False))
    again["claims"] = judge_claims(
        study, tables, simulated=build.simulated, scale=build.scale, truth_counts=planted
    )
    if study.window is not None and study.coverage in tables and study.coverage != "coverage":
        again[study.coverage] = grade_periods(tables["coverage"], study.window, study.period)
    if {"audit", "counts", "shared_errors"} <= tables.keys():
        posts = tables["counts"].set_index("grievance")["items"]["all"]
        again["shared_errors"] = range_shared_errors(tables["audit"], int(posts))
    return again


def _from_posts(build: _Build, ledger: pl.DataFrame) -> dict[str, pd.DataFrame]:
    """Make again what follows from the posts of a ledger, whose texts are not told."""
    study, tables, posts = build.study, build.tables, measured_posts(ledger)
    cells, coarser = fit_cells(cells_of(ledger, study.period if study.window else None))
    _check_notes(build, note_cells(coarser))
    again = {**describe_sentiment(posts, study), "explore": to_pandas(cells)}
    if "platforms" in tables:
        again["watchlist"] = rank_platforms(
            tables["platforms"], evidence=gather_evidence(posts),
            exposure_source=study.exposure.source if study.exposure else None,
        )  # fmt: skip
    if study.days and len(build.series):
        again["breaks"] = list_conspicuous_days(posts, build.series, study, build.grades)
    if study.days and build.knows_drift:
        again["specifications"] = specify_claims(posts, study, build.grades, build.drift)
    return again


def _find_drift(
    folder: Path, manifest: Mapping[str, Any], *, has_audit: bool
) -> tuple[pd.DataFrame | None, bool]:
    """Find the drift of the coder from the marks of an audit, and whether it can be known."""
    path = folder / "evidence" / AUDIT_MARKS
    if path.is_file():
        return find_drift(pl.read_parquet(path).drop("post")), True
    is_scored = bool((manifest.get("audit") or {}).get("scored"))  # a file, which tells no drift
    return None, not has_audit or is_scored


def _check_withheld(tables: Mapping[str, pd.DataFrame], minimum: int) -> None:
    """Let no table of a build that withholds small cells show one."""
    for name in sorted(tables.keys() - _ACCOUNT) if minimum > 1 else ():
        for column in tables[name].columns.intersection([*_COUNTS]):
            numbers = pd.to_numeric(tables[name][column], errors="coerce")
            few = numbers[(numbers > 0) & (numbers < minimum)]
            if len(few):
                raise CaodianError(
                    "a build that withholds small cells must show none", value=int(few.iloc[0]),
                    where=f"{name}/{column}", remedy=REMEDY,
                )  # fmt: skip


_ACCOUNT = frozenset({"funnel", "reconciliation", "count_errors", "planted"})  # not of these posts
_COUNTS = ("items", "families", "authors", "negative_items", "texts_first", "texts_second")


def _check_order(tables: Mapping[str, pd.DataFrame]) -> None:
    """Hold rows that the codebook names to its order, day by day, and others to that of a run."""
    for name, (keys, ascending) in _ORDERED.items():
        rows = tables.get(name, pd.DataFrame()).reindex(columns=keys)
        labels = rows[[key for key in keys if key not in _COUNTS]]
        if labels.isna().any(axis=None):  # `,,,` is read as a row
            raise CaodianError("each row must name what it counts", value=name, remedy=REMEDY)
        if rows.notna().all(axis=None) and not rows.equals(
            rows.sort_values(keys, ascending=ascending, ignore_index=True)
        ):
            raise CaodianError(
                "the rows of a table must stand in the order of a run", value=name, remedy=REMEDY
            )
    book = load_codebook()
    known = ["all", "negative", *book.code_names, *book.sub_names]
    place = {name: number for number, name in enumerate(known)}
    columns = {"counts": "grievance", "sub_grievances": "sub_grievance"}
    for name, column in (columns | dict.fromkeys(SERIES.values(), "grievance")).items():
        rows = tables.get(name, pd.DataFrame())
        if not len(rows):
            continue
        days = rows["date"].astype(str) if "date" in rows else [""] * len(rows)
        found = [(day, place.get(key, 0)) for day, key in zip(days, rows[column], strict=True)]
        if found != sorted(found):
            raise CaodianError(
                "rows must stand in the order of the codebook, day by day", value=name,
                remedy=REMEDY,
            )  # fmt: skip


# By what a run sorts rows that no codebook names, and whether small comes first. Where a count is
# withheld, its place would tell it, and they stand otherwise.
_ORDERED = {
    "ratings": (["stars"], [True]),
    "platforms": (["items", "platform"], [False, True]),
    "channels": (["negative_items", "items", "channel"], [False, False, True]),
    "platform_sub_grievances": (["platform", "items", "sub_grievance"], [True, False, True]),
}


def _check_places(tables: Mapping[str, pd.DataFrame], study: Study) -> None:
    """Hold what no post of a ledger tells to the days, codes, files and grades of the run."""
    none = pd.DataFrame(columns=["grievance", "date", "grade", "about", "number", "counted"])
    codes, days = tables.get("counts", none)["grievance"], tables.get("coverage", none)
    hours, files = tables.get("coverage_hours", none), tables.get("reconciliation", none)
    notes = tables.get("notes", none)
    agree: dict[str, object] = {}
    window = study.window
    for name, table in tables.items():
        for column in table.columns.intersection([*_OF_CODES.get(name, ())]):
            agree[f"{name}/{column}"] = table[column].dropna().isin([*codes, *_NO_CODE]).all()
        for column in table.columns.intersection([*DATES]):
            if window is None:
                break
            told = table[column].dropna().astype(str)
            first = period_start(window.start, study.period).isoformat()
            agree[f"{name}/{column}"] = told.between(first, window.end.isoformat()).all()
    if "hour" in hours:
        grades = hours["date"].map(dict(zip(days["date"], days["grade"], strict=True)))
        agree["coverage_hours/grade"] = (hours["grade"] == grades).all()
        agree["coverage_hours/items"] = hours["items"].sum() <= files.get("kept", _ALL).sum()
    for name in files.get("source_file", ()):
        agree[f"reconciliation/{name}"] = not {"", ".."} & {*str(name).split("/")}
    if "about" in notes:
        agree["notes/number"] = (notes.groupby("about").cumcount() + 1 == notes["number"]).all()
        counted = notes.get("counted", notes["number"]).dropna().astype(str)
        agree["notes/counted"] = counted.str.fullmatch(r"[0-9]+(?:;[0-9]+)*").all()
    if (strange := find_misjudged(tables.get("specifications", none), study)) is not None:
        agree[f"specifications/{strange}"] = False
    for where, holds in agree.items():
        if not holds:
            raise CaodianError(
                "a table must speak of the days, codes, files and numbers of its run",
                value="others", where=where, remedy=REMEDY,
            )  # fmt: skip


_OF_CODES = {
    "clusters": ("top_grievance",), "cluster_codes": ("grievance",), "breaks": ("grievance",),
    "emerging": ("top_grievance", "new_wording_of"),
}  # fmt: skip
_NO_CODE = ("none", "unknown")
_ALL = pd.Series([float("inf")])


# What of a table follows from texts: terms of a day, its families by the post that came first, and
# what other thresholds of the coder would give.


def _without_texts(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Leave out what no ledger tells."""
    if name == "breaks" and len(table):
        families = table["top_families"].astype("string").fillna("")
        sizes = families.str.replace(r"\w+ (\d+)", r"\1", regex=True)
        return table.assign(top_families=sizes).drop(columns="terms")
    if name == "specifications" and len(table):
        own = table[table["threshold"].astype(str) == "coder"]
        return own.drop(columns="specification").reset_index(drop=True)
    return table


def _check_notes(build: _Build, coarser: Note | None) -> None:
    """Hold notes to what they speak of: series too short, far dates, a coarser panel, topics."""
    notes = build.tables.get("notes")
    if notes is None or "about" not in notes:
        return
    due: dict[str, Note | tuple[str, str] | None] = {"explore": coarser}
    if "daily" in build.tables:
        due["strays"] = explain_strays(build.tables["daily"])
    if build.study.days and len(build.series):
        series = arrange_daily(build.series, grades=build.grades, period=build.study.period)
        due["trends"] = explain_left_out(series, apart=(OUTSIDE_TESTS,))
    for about, expected in due.items():
        printed = notes[notes["about"] == about]
        told = [tuple(map(_bare, row)) for row in zip(printed["zh"], printed["en"], strict=True)]
        wanted = [tuple(map(_bare, expected[:2]))] if expected and expected[1] else []
        if told != wanted:
            raise CaodianError(
                "a note must follow from what it speaks of", value=" ".join(printed["en"])[:120],
                where=f"notes/{about}: it is {wanted[0][1] if wanted else 'none'}", remedy=REMEDY,
            )  # fmt: skip


def _check_topics(tables: Mapping[str, pd.DataFrame]) -> None:
    """Hold what tables say of topics to each other: their items, days and codes, and the note."""
    known = {name: tables[name] for name in ("clusters", "counts", "notes") if name in tables}
    if len(known) < 3:
        return
    topics, counts, notes = known.values()
    size = dict(zip(topics["cluster"], topics["items"], strict=True))
    whole = dict(zip(counts["grievance"], counts["items"], strict=True))
    told = notes.loc[(notes["about"] == "clusters") & (notes["number"].astype(str) == "1"), "en"]
    agree = {
        "notes": not len(told) or finds_topics(str(told.iloc[0])) == bool(size),
        "clusters/items": sum(size.values()) <= whole.get("negative", 0),
    }
    if "cluster_days" in tables:
        days = tables["cluster_days"].groupby("cluster")["items"].sum()
        agree["cluster_days/items"] = days.to_dict() == size
    codes = tables.get("cluster_codes")
    if codes is not None:
        agree["cluster_codes/cluster"] = set(codes["cluster"]) == set(size)
        over = codes["items"] / codes["cluster"].map(size)
        agree["cluster_codes/share"] = bool(((over - codes["share"]).abs() < _SAME).all())
        own = codes[codes["grievance"] != "none"]
        agree |= _summed_up(topics, codes, own)
        sums = own.groupby("grievance")["items"].sum()
        agree["cluster_codes/items"] = all(n <= whole.get(name, 0) for name, n in sums.items())
    for where, holds in agree.items():
        if not holds:
            raise CaodianError(
                "what a run says of its topics must agree", value="other rows", where=where,
                remedy=REMEDY,
            )  # fmt: skip


def _summed_up(topics: pd.DataFrame, codes: pd.DataFrame, own: pd.DataFrame) -> dict[str, bool]:
    """Tell whether the commonest code of a topic, and how much is coded, follow from its codes."""
    agree = {}
    if "covered" in topics:
        bare = codes[codes["grievance"] == "none"].set_index("cluster")["share"]
        due = 1 - topics["cluster"].map(bare).fillna(0)
        agree["clusters/covered"] = bool(((topics["covered"] - due).abs() < _SAME).all())
    if "top_grievance" in topics:
        ordered = own.sort_values(["items", "grievance"], ascending=[False, True])
        top = topics["cluster"].map(ordered.groupby("cluster")["grievance"].first()).fillna("")
        agree["clusters/top_grievance"] = (
            top.tolist() == topics["top_grievance"].fillna("").tolist()
        )
    return agree


_SAME = 1e-5  # shares are rounded to six digits


def _bare(note: object) -> str:
    """Give a note without how a sentence begins and ends."""
    return str(note).strip("。.").casefold()


def _require_same(name: str, printed: pd.DataFrame, again: pd.DataFrame) -> None:
    """Hold a table to itself made again, cell by cell as a file has them."""
    texts = [
        list(csv.reader(frame.to_csv(index=False).splitlines()))
        for frame in (printed, parse_table(spell_numbers(name, again)))
    ]
    if texts[0] == texts[1]:
        return
    pairs = zip_longest(*texts, fillvalue=["no such row"])
    row = next(n for n, (one, other) in enumerate(pairs) if one != other)
    shown = [",".join(text[row]) if row < len(text) else "no such row" for text in texts]
    raise CaodianError(
        "a table that follows from others must be what they give when it is made again",
        value=shown[0][:120], where=f"{name}, line {row + 1}: they give {shown[1][:120]}",
        remedy=REMEDY,
    )  # fmt: skip


def _plant_again(
    study: Study, facts: Mapping[str, Any]
) -> tuple[dict[str, int] | None, dict[str, str]]:
    """Simulate the corpus again: what is planted, and its files; None where that takes minutes."""
    expected = study.simulation.posts * facts["scale"] if study.simulation else 0
    if not facts["simulated"] or not 0 < expected <= _MOST_SIMULATED:
        return None, {}
    parts, files = [], {}
    with TemporaryDirectory() as folder:
        simulated = simulate(study, scale=facts["scale"], seed=study.seed)
        for number, (posts, planted) in enumerate(simulated):
            path = write_table(posts, Path(folder, f"part-{number:05d}.parquet"))
            files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
            path.unlink()
            parts.append(planted)
    truth = pl.concat(parts)
    negative = truth.filter("is_negative")
    counts = {"all": truth.height, "negative": negative.height}
    for column, prefix in (("grievances", ""), ("sub_grievances", ""), ("platforms", "platform:")):
        named = negative[column].explode().drop_nulls().value_counts().sort(column)
        counts |= {f"{prefix}{name}": n for name, n in named.iter_rows()}
    return counts, files


# The form of a build: bytes that a run writes, and facts that agree with each other.


def check_form(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write manifest, run and evidence again as they are read: nothing may stand beside that."""
    facts = json.loads((folder / RUN).read_text("utf-8"))
    if strange := _odd_in(manifest, simulated=facts["simulated"]):
        raise _malformed(f"{MANIFEST}: {strange}")
    due = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    if due.encode() != (folder / MANIFEST).read_bytes():
        raise _malformed(f"{MANIFEST}: other bytes")
    with TemporaryDirectory() as name:
        study = Study.model_validate(facts["study"])
        again = save_run(name, study, simulated=facts["simulated"], scale=facts["scale"])
        if again.read_bytes() != (folder / RUN).read_bytes():
            raise _malformed(RUN)
        for file in (LEDGER, f"evidence/{AUDIT_MARKS}", EXAMPLES):
            path, copy = folder / file, Path(name, "again.parquet")
            if not path.is_file():
                continue
            if file == LEDGER:
                write_rows(pl.scan_parquet(path), copy)
            else:
                pl.read_parquet(path).rechunk().write_parquet(copy, compression="zstd")
            if copy.read_bytes() != path.read_bytes():
                raise _malformed(file)
        for path in sorted((folder / "tables").glob("*.csv")):
            _check_table_form(path, Path(name, "again.csv"))
    if (ledger := read_ledger(folder)) is not None and (strange := _strange_in(ledger, study)):
        raise _malformed(f"{LEDGER}: {strange}")
    examples = read_examples(folder)
    if examples is not None and examples.schema.get("text") != pl.String():
        raise _malformed(f"{EXAMPLES}: texts that are none")


def asked_notebooks(
    study: Study, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]
) -> list[Path]:
    """Choose the notebooks that the command of a build executes: none where cells are withheld."""
    words = shlex.split(str(manifest.get("command", "")))
    is_simulated = len(words) < 3 or words[2].startswith("--")
    is_shipped = is_simulated and is_shipped_study(study.name)
    is_asked = "--notebooks" in words or (is_shipped and "--no-notebooks" not in words)
    if not is_asked or rules_of(study.disclosure, public=is_published(manifest)).withholds:
        return []
    if len(tables["counts"]) and pd.to_numeric(tables["counts"]["items"]).max() > MOST_POSTS:
        return []
    sources = project_root() / "notebooks"
    return choose_notebooks(sources, claims=bool(study.claims), project=is_shipped)


def has_estimates(tables: dict[str, pd.DataFrame]) -> bool:
    """Say whether a table holds numbers that only an audit gives."""
    return bool(len(tables.get("audit", ()))) or any(
        "estimate" in tables.get(name, ()) and tables[name]["estimate"].notna().any()
        for name in ("counts", "sub_grievances", "platforms")
    )


def check_name(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Hold the name under which the build is cited to its tables."""
    if "build" in manifest and manifest["build"] != (name := name_build(folder, manifest)):
        raise CaodianError(
            "the name of a build must be that of its tables", value=manifest["build"],
            where=f"its tables give {name}", remedy=REMEDY,
        )  # fmt: skip


def _holds_digests(ledger: pl.DataFrame) -> bool:
    """Tell whether posts, families and authors stand as digests, none of which is a name."""
    digests = pl.col("^(post|family|author)$").cast(pl.String)
    length = 24 if ledger.columns == ["post"] else 16  # with the key of the project, or without
    named = ledger.select(digests.str.contains(f"^[0-9a-f]{{{length}}}$"))
    return bool(named.select(pl.all_horizontal(pl.all().all())).item())


def _strange_in(ledger: pl.DataFrame, study: Study) -> str:
    """Name what a ledger holds that no run writes: order, columns, types, values; empty if nothing.

    Groups are named by the first post in them, and only a negative item has codes.
    """
    if not (ledger["post"].is_sorted() and ledger["post"].is_unique().all()):
        return "its order, or a post twice"
    if ledger.columns not in (["post"], LEDGER_COLUMNS):
        return ", ".join(ledger.columns)
    for name, kind in ledger.schema.items():
        if kind != _TYPES.get(name, pl.String()):
            return f"{name} of the type {kind}"
    if not _holds_digests(ledger):
        return "what is no digest"
    if ledger.columns == ["post"]:
        return ""
    window, day = study.window, pl.col("date")
    dated = day.str.to_date("%Y-%m-%d", strict=False)
    within = dated.is_between(window.start, window.end) if window else dated.is_not_null()
    bare = pl.col("grievances").list.len() + pl.col("sub_grievances").list.len() == 0
    holds = {
        "date": day.is_null()
        | (within & (dated.dt.to_string("%Y-%m-%d") == day)).fill_null(value=False),
        "channel": pl.col("channel").is_not_null(),
        "stars": pl.col("stars").is_in(["1", "2", "3", "4", "5", "none"]),
        "is_negative": pl.col("is_negative").is_not_null(),
        **{
            name: (pl.col(name) == pl.col(name).list.unique().list.sort())
            & pl.col(name).list.eval(pl.element().is_not_null() & (pl.element() != "")).list.all()
            for name, kind in _TYPES.items()
            if kind == pl.List(pl.String)
        },
        "codes of what is not negative": pl.col("is_negative") | bare,
        "family": pl.col("family") == pl.col("post").min().over("family"),
        "author": pl.col("author") == pl.col("post").min().over("author"),
        **{name: pl.col(name) <= len(CUTOFFS) for name in LEDGER_COLUMNS[-2:]},
    }
    told = ledger.select(**{name: rule.fill_null(value=True).all() for name, rule in holds.items()})
    return next((name for name, is_held in told.row(0, named=True).items() if not is_held), "")


# All else are words.
_TYPES = {
    "is_negative": pl.Boolean(),
    **dict.fromkeys(("grievances", "sub_grievances", "platforms"), pl.List(pl.String)),
    **dict.fromkeys(LEDGER_COLUMNS[-2:], pl.UInt8()),
}


def _check_table_form(path: Path, copy: Path) -> None:
    """Hold a table to its columns, to one row a name, and to how a run writes cells and lines."""
    rows = pl.read_csv(path, infer_schema=False)
    known = table_of(path.stem).names if path.stem in TABLES else rows.columns
    strange = sorted({*rows.columns} - {*known, *_TOLD_TWICE.get(path.stem, ())})
    if known != [name for name in rows.columns if name in known]:
        raise _malformed(f"tables/{path.name} without {', '.join(known)} in this order")
    again = guard_formulas(spell_numbers(path.stem, rows))
    if strange or write_table(again, copy).read_bytes() != path.read_bytes():
        raise _malformed(f"tables/{path.name}: {', '.join(strange) or 'other bytes'}")
    if path.stem in TABLES:
        _hold_cells(rows, path)
    names = [name for name in KEYS.get(path.stem, ()) if name in rows.columns]
    if (twice := rows.select(names or rows.columns).is_duplicated()).any():
        row = int(twice.arg_true()[0])
        raise _malformed(f"tables/{path.name}: the row of line {row + 2} twice")


def _hold_cells(rows: pl.DataFrame, path: Path) -> None:
    """Hold cells to their columns, and say whose table that is."""
    try:
        check_cells(rows, path.stem)
    except CaodianError as error:
        raise CaodianError(
            error.rule, value=error.value, where=f"tables/{path.name}", remedy=REMEDY
        ) from None


# What a table says in English beside its own language.
_TOLD_TWICE = {"claims": ("statement_en", "reason_en")}


def _odd_in(manifest: Mapping[str, Any], *, simulated: bool) -> str:
    """Name what a manifest has too much or too little, or what is no hash; empty where nothing."""
    parameters, software, inputs = (
        manifest.get(name) or {} for name in ("parameters", "software", "inputs")
    )
    chosen = _CHOSEN | {"scale"} if simulated else _CHOSEN
    odd = (manifest.keys() - {"audit"}) ^ {*_TOLD} - {"audit"}
    order = [name for name in _TOLD if name in manifest]
    sorted_parts = (manifest.get("outputs") or {}, software, inputs)
    if [*manifest] != order or any([*part] != sorted(part) for part in sorted_parts):
        odd.add("another order")
    odd |= {f"parameters/{name}" for name in parameters.keys() ^ chosen}
    odd |= {f"software/{name}" for name in software.keys() ^ software_versions().keys()}
    odd |= {f"audit/{name}" for name in (manifest.get("audit") or {}).keys() - _OF_AUDITS}
    odd |= {
        f"inputs/{name}"
        for name, told in inputs.items()
        if not _HASH.fullmatch(str(told)) or ".." in name.split("/") or name[:1] in ("/", "")
    }
    return ", ".join(sorted(odd))


# What every run writes into a manifest; an audit stands in one only where there was one.
_TOLD = (
    "study", "code", "software", "parameters", "inputs", "audit", "build", "command", "run_in",
    "verify", "outputs",
)  # fmt: skip
_OF_AUDITS = frozenset({*AUDIT_FACTS, "sheets", "has_gold", "gold", "scored", "draw_repeated"})
_CHOSEN = frozenset({"coder", "seed", "similarity"})
_HASH = re.compile(r"[0-9a-f]{64}")


def _malformed(what: str) -> CaodianError:
    return CaodianError(
        "a file of a build must hold what a run writes, and nothing beside it",
        value=what, remedy=REMEDY,
    )  # fmt: skip
