"""Make each table and estimate of a build again: from its ledger, its marks and its study."""

import json
import re
import shlex
from collections.abc import Hashable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.agreement import tell_draw, tell_recoding
from analysis.audit.machine_scores import weights_digest
from analysis.audit.score import (
    AUDIT_FACTS,
    LEARNT_TEXT,
    list_marks,
    score_marks,
    settle_codes,
)
from analysis.audit.second_wave import adds_up
from analysis.audit.sheets import open_folder
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.measures.published import count_specifications
from analysis.measures.quantities import REMEDY, TABLES
from analysis.numbers import is_missing
from analysis.reporting.drawer import EXAMPLES, check_quotes, choose_examples, read_examples
from analysis.reporting.ledger import (
    AUDIT_MARKS,
    LEDGER,
    RECOUNTED,
    code_digest,
    differences,
    is_published,
    read_ledger,
    recount,
    unprinted,
)
from analysis.reporting.panel import recount_cells
from analysis.reporting.remaking import MEASURED_CODERS, has_estimates
from analysis.reporting.saved_run import FILE as RUN
from analysis.storage.run_paths import RunPaths, in_project
from analysis.study import load_study
from analysis.study.load import study_of_range
from analysis.study.model import Study
from analysis.study.names import own_name, titles_of
from analysis.study.periods import Period
from analysis.training.texts import is_learnt
from analysis.words import LANGUAGES, reader_names

# How each table of a build is held to something that is not itself.
COUNTED = frozenset(RECOUNTED)  # post by post, from the ledger
SCORED_AGAIN = frozenset({"audit", "shared_errors"})  # from the marks of the audit
FROM_TEXTS = frozenset({  # from the texts and times of posts, which no build holds
    "cluster_codes", "cluster_days", "clusters", "count_errors", "coverage",
    "coverage_hours", "distinguishing_terms", "emerging", "funnel", "notes",
    "reconciliation", "specifications",
})  # fmt: skip
# Tables that a run writes only where it is of something; all others each run writes.
_SOMETIMES = frozenset({
    "weekly", "monthly", "coverage_periods", "cluster_days", "planted", "audit", "shared_errors",
    "count_errors",
})  # fmt: skip
_NEVER_EMPTY = ("counts", "funnel", "reconciliation")

# Counts follow from the posts of the ledger, and from counts what is printed beside them.


def check_openness(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Let a ledger tell nothing of its posts only where small cells are withheld."""
    ledger = read_ledger(folder)
    is_told = ledger is not None and ledger.columns != ["post"]
    if is_told or is_published(manifest):
        return
    if ledger is None or _study_of(folder).disclosure.minimum_cell <= 1:
        raise CaodianError(
            "only a published build may hold a ledger of digests alone", value=LEDGER,
            where="its command has no --public, and its study no minimum", remedy=REMEDY,
        )  # fmt: skip


def check_whole(
    folder: Path, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]
) -> None:
    """Refuse a build that lacks a part: who leaves out the verdicts has changed no number."""
    facts, study = json.loads((folder / RUN).read_text("utf-8")), _study_of(folder)
    audit, coder = manifest.get("audit"), (manifest.get("parameters") or {}).get("coder")
    due = {name for name in TABLES if name not in _SOMETIMES}
    of_this = {
        study.series: True,
        study.coverage: True,
        "cluster_days": study.window is not None,
        "planted": facts["simulated"],
        "audit": audit,
        "shared_errors": audit and not audit.get("has_gold"),
        "count_errors": not audit and coder in MEASURED_CODERS,
    }
    due |= {name for name, is_due in of_this.items() if is_due}
    lacking = [f"no tables/{name}.csv" for name in sorted(due - tables.keys())]
    more = sorted(_SOMETIMES & tables.keys() - due)
    lacking += [f"tables/{name}.csv, which such a run does not write" for name in more]
    lacking += [
        f"nothing in tables/{name}.csv"
        for name in _NEVER_EMPTY
        if name in tables and not len(tables[name])
    ]
    if study.disclosure.minimum_cell <= 1 and not is_published(manifest):
        maps = [RunPaths("").map_of(language).name for language in LANGUAGES]
        files = maps if len(tables.get("clusters", ())) else []
        files += [EXAMPLES] if facts["simulated"] or study.disclosure.quotes else []
        lacking += [f"no {name}" for name in files if name not in manifest["outputs"]]
    if lacking:
        raise CaodianError(
            "a build must hold all that its run writes", value=lacking[0], where=str(folder),
            remedy=REMEDY,
        )  # fmt: skip


def _check_examples(folder: Path, ledger: pl.DataFrame, *, whole: bool = False) -> None:
    """Hold the posts that pages quote to the ledger, and their texts to what masking leaves."""
    if (examples := read_examples(folder)) is None:
        return
    told = examples.drop("text")
    known = ledger.filter(pl.col("post").is_in(told["post"].implode()))
    chosen = choose_examples(ledger.lazy()).sort()
    if not known.select(told.columns).sort("post").equals(told) or not chosen.equals(told["post"]):
        raise CaodianError(
            "the posts that a page quotes must be those that the ledger gives, with day and codes",
            value=len(told), where=EXAMPLES, remedy=REMEDY,
        )  # fmt: skip
    check_quotes(examples["text"], whole=whole)


def check_counts(folder: Path, tables: dict[str, pd.DataFrame]) -> int:
    """Count again from the ledger; that of a published build holds nothing to count."""
    ledger = read_ledger(folder)
    if ledger is None or ledger.columns == ["post"]:
        _check_size(tables, ledger)
        if (folder / EXAMPLES).is_file() and ledger is not None:
            raise _unlike(EXAMPLES, "quoted posts", "digests alone")
        return 0
    facts = json.loads((folder / RUN).read_text("utf-8"))
    _check_examples(folder, ledger, whole=bool(facts["simulated"]))
    cells = recount(ledger)
    _check_derived(tables, ledger, _study_of(folder))
    has_authors = bool(ledger["author"].is_not_null().any())
    wrong = differences(tables, cells, has_authors=has_authors)
    combinations = tables.get("explore", pd.DataFrame())
    if len(combinations):
        wrong += recount_cells(combinations, ledger, _period_of(folder))
    if _study_of(folder).disclosure.minimum_cell <= 1:  # else rows may be withheld
        wrong += unprinted(tables, cells)
    if wrong:
        evidence, printed, counted = wrong[0]
        raise CaodianError(
            "a printed count must follow from the posts of the ledger", value=printed,
            where=f"{evidence}: the ledger has {counted}", remedy=REMEDY,
        )  # fmt: skip
    return len(cells) + len(combinations)


def _check_size(tables: dict[str, pd.DataFrame], ledger: pl.DataFrame | None) -> None:
    """Hold the number of digests in a published build to its number of posts."""
    counts = tables.get("counts", pd.DataFrame({"grievance": [], "items": []}))
    printed = counts.loc[counts["grievance"] == "all", "items"].dropna()
    if ledger is not None and len(printed) and int(printed.iloc[0]) != ledger.height:
        raise _unlike("counts/all/items", printed.iloc[0], ledger.height)


def _check_derived(tables: dict[str, pd.DataFrame], ledger: pl.DataFrame, study: Study) -> None:
    """Hold what is printed beside counts to them: shares, published figures, whom posts name."""
    whole = ledger.height
    negative = int(ledger["is_negative"].sum())
    published = study.published.counts if study.published else {}
    named = dict(ledger["platforms"].explode().drop_nulls().value_counts().iter_rows())
    for name in ("counts", "channels", "ratings", "platforms"):
        for row in tables.get(name, pd.DataFrame()).to_dict("records"):
            key, items = str(next(iter(row.values()))), row.get("items")
            parts = row.get("negative_items")
            base = whole if key in ("all", "negative") else negative
            over = (items, base) if name == "counts" else (parts, items)
            expected = {
                "share": _ratio(*over),
                "published": published.get(key) if name == "counts" else None,
                "named": named.get(key, 0),
            }
            for column, value in expected.items():
                printed = row.get(column)
                if printed is None or is_missing(printed):
                    continue
                if value is None or abs(float(printed) - float(value)) > _SAME * max(1, value):
                    raise _unlike(f"{name}/{key}/{column}", printed, value)
    funnel = tables.get("funnel", pd.DataFrame({"step": [], "posts_out": []}))
    left = dict(zip(funnel["step"], funnel["posts_out"], strict=True))
    coded = int((ledger["is_negative"] & (ledger["grievances"].list.len() > 0)).sum())
    for step, count in {"window": whole, "negative": negative, "coded": coded}.items():
        if step in left and not is_missing(left[step]) and int(left[step]) != count:
            raise _unlike(f"funnel/{step}/posts_out", left[step], count)


_SAME = 1e-9


def _ratio(part: Any, whole: Any) -> float | None:  # noqa: ANN401 - cells of a table
    """Divide two counts; nothing where one is withheld, and a share of nothing is 0."""
    if is_missing(part) or is_missing(whole):
        return None
    return float(part) / float(whole) if float(whole) else 0.0


def _unlike(evidence: str, printed: object, counted: object) -> CaodianError:
    return CaodianError(
        "a printed count must follow from the posts of the ledger", value=printed,
        where=f"{evidence}: the ledger has {counted}", remedy=REMEDY,
    )  # fmt: skip


def _period_of(folder: Path) -> Period | None:
    """Tell what the dates of a build stand for; None where its posts have none."""
    study = _study_of(folder)
    return study.period if study.window else None


def _study_of(folder: Path) -> Study:
    return Study.model_validate(json.loads((folder / RUN).read_text("utf-8"))["study"])


def check_specifications(tables: dict[str, pd.DataFrame]) -> None:
    """Count again in how many specifications each trend claim holds."""
    for row in tables.get("claims", pd.DataFrame()).to_dict("records"):
        counted = count_specifications(tables, str(row["claim_id"]))
        for column, value in counted.items():
            printed = row.get(column)
            same = is_missing(printed) if value is None else printed == value
            if not same:
                raise CaodianError(
                    "a claim must hold in as many specifications as their table says",
                    value=printed, where=f"claims/{row['claim_id']}/{column}", remedy=REMEDY,
                )  # fmt: skip


# What a manifest says of the run, of its command and of each other.
# What a command of a report may hold, in its order; flags take no word behind them.
_FLAGS = ("--public", "--notebooks", "--no-notebooks")
OPTIONS = (
    "--study", "--scale", *(f"--{name}-column" for name in (
        "text", "time", "title", "id", "rating", "author", "region", "keyword", "channel",
    )),
    "--limit", "--audit", *_FLAGS[:1], "--since", "--coder", *_FLAGS[1:], "--out",
)  # fmt: skip
_OFTEN = ("--text-column", "--since")  # may be named more than once


def check_facts(
    folder: Path, manifest: Mapping[str, Any], tables: Mapping[str, pd.DataFrame] | None = None
) -> None:
    """Hold the manifest to the run, its account and itself: study, inputs, command and check."""
    facts = json.loads((folder / RUN).read_text("utf-8"))
    study, parameters = Study.model_validate(facts["study"]), manifest.get("parameters") or {}
    known = {"seed": study.seed, "similarity": study.thresholds.similarity}
    known |= {"scale": facts["scale"]} if facts["simulated"] else {}
    command, check = (str(manifest.get(name, "")) for name in ("command", "verify"))
    said = _options_of(command)
    agree = {
        "study": manifest.get("study") == study.name,
        **{name: parameters.get(name, value) == value for name, value in known.items()},
        "scale": "scale" not in parameters or parameters["scale"] == known.get("scale"),
        "command": not command or _is_command(command, said, facts),
        "coder": not command or _is_coder(str(parameters.get("coder", "")), said.get("--coder")),
        "audit": not command or _is_audited(manifest, said, simulated=facts["simulated"]),
        "inputs": not command or len(manifest.get("inputs", "x" * 99)) >= len(_files_of(command)),
        "--limit": _is_limited(said.get("--limit"), tables or {}),
        "frame": _is_frame(manifest, study),
        "verify": not check or _is_check(check, said.get("--out", "build"), study.name),
        "run_in": manifest.get("run_in", "here") in ("here", "beside"),
        "notebooks": "--no-notebooks" not in said or not any((folder / "notebooks").glob("*")),
        "no --study": facts["simulated"] or "--study" in said or _is_plain(study, command),
    }
    for name, holds in agree.items():
        if not holds:
            raise CaodianError(
                f"what a manifest says must be what {RUN} says", value=name, remedy=REMEDY
            )
    if "--study" in said:
        path = in_project(said["--study"])
        if path.is_file() and load_study(path) != study:
            raise CaodianError(
                "the study of a build must be the file that its command names",
                value=str(path), where=RUN,
                remedy="Check it beside the study file that it was made with, or do not use it.",
            )  # fmt: skip


def _is_plain(study: Study, command: str) -> bool:
    """Tell whether a study is that of exports alone, of which nothing but their range is chosen."""
    words = shlex.split(command)[2:]
    called = [own_name(one) for one in takewhile(lambda word: not word.startswith("--"), words)]
    days = study.window
    start, end = (None, None) if days is None else (days.start, days.end)
    due = study_of_range(study.name, start, end, [], titles_of(called or [study.name]))
    if _MASKED in study.title_en or "://" in command:
        due = due.model_copy(update={"title_zh": study.title_zh, "title_en": study.title_en})
    return study == due


_MASKED = "【"  # a name that was masked within its path may stand otherwise alone


# Words that a shell takes as they stand, so that who copies a command from a page runs that one.
_COMMAND = re.compile(
    r"""caodian (?:report|verify)(?: (?:[\w@%+=:,./-]|'[^']*'|"'"|\$'(?:[^'\\]|\\.)*')+)*""",
    re.ASCII,
)
_QUOTED_FOR_NOTHING = re.compile(r" '[\w@%+=:,./-]+'(?= |$)", re.ASCII)


def _options_of(command: str) -> dict[str, str]:
    """Give the options of a command, each with the word behind it or an empty one."""
    return dict(_pairs_of(command))


def _pairs_of(command: str) -> list[tuple[str, str]]:
    words = iter(shlex.split(command))
    named = (word for word in words if word.startswith("--"))
    return [(word, "" if word in _FLAGS else next(words, "")) for word in named]


def _is_in_order(command: str) -> bool:
    """Tell whether options stand as a run writes them, and no word in needless quotes."""
    named = [name for name, _ in _pairs_of(command)]
    times = {name: named.count(name) if name in _OFTEN else name in named for name in OPTIONS}
    due = [name for name in OPTIONS for _ in range(times[name])]
    return named == due and not _QUOTED_FOR_NOTHING.search(command)


def _is_command(command: str, said: Mapping[str, str], facts: Mapping[str, Any]) -> bool:
    """Tell whether a command is one of a report, of exports or of a simulated corpus."""
    words = shlex.split(command)
    scale = said.get("--scale")
    return (
        bool(_COMMAND.fullmatch(command))
        and words[:2] == ["caodian", "report"]
        # Exports are named first.
        and (len(words) < 3 or words[2].startswith("--") == facts["simulated"])
        and _is_in_order(command)
        and (scale is None or scale == f"{facts['scale']:g}")
        and ("--since" not in said or "--public" in said)
    )


def _files_of(command: str) -> list[str]:
    """Name the exports of a command whose files a manifest tells; those of a database are none."""
    exports = takewhile(lambda word: not word.startswith("--"), shlex.split(command)[2:])
    return [name for name in exports if "://" not in name]


def _is_limited(limit: str | None, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether no more records were read than a command allows."""
    read = tables.get("reconciliation", pd.DataFrame({"records_read": []}))["records_read"]
    return limit is None or (limit.isdecimal() and int(limit) >= max(1, read.sum()))


def _is_coder(named: str, asked: str | None) -> bool:
    """Tell whether the coder of a run is the one that its command asks for."""
    is_refitted = asked not in (None, "fast", "keyword", "llm")
    return not named or (named.startswith("refit ") if is_refitted else named == (asked or "fast"))


def _is_audited(manifest: Mapping[str, Any], said: Mapping[str, str], *, simulated: bool) -> bool:
    """Tell whether there is an audit where one was named, or where coders are simulated."""
    audit = manifest.get("audit")
    if simulated and "--audit" not in said:  # drawn by the seed of the study
        seed = (manifest.get("parameters") or {}).get("seed")
        given = audit or {"filled_by": _SIMULATED}
        is_told = str(given.get("filled_by", _SIMULATED)).startswith(_SIMULATED)
        return given.get("seed", seed) == seed and is_told
    return bool(audit) == ("--audit" in said)


_SIMULATED = "simulated coders"


def _is_frame(manifest: Mapping[str, Any], study: Study) -> bool:
    """Tell whether an audit was drawn from posts of this window and coder, as it says."""
    frame = (manifest.get("audit") or {}).get("frame") or {}
    coder = str((manifest.get("parameters") or {}).get("coder", frame.get("coder")))
    window = study.window and [study.window.start.isoformat(), study.window.end.isoformat()]
    is_here = manifest.get("code") == code_digest() and frame.get("coder") is not None
    drawn_with = str(frame.get("coder") or coder)
    return (
        frame.get("window") in (None, window)
        and (drawn_with == coder or drawn_with.startswith(f"{coder}: "))  # a model at a host
        and (not is_here or frame.get("weights") == weights_digest())
    )


def _is_check(check: str, out: str, name: str) -> bool:
    """Tell whether the command that checks a build names that build, as its command made it."""
    from analysis.corpus.mask import hide_words

    place = (Path(out) / name).as_posix()
    is_plain = _COMMAND.fullmatch(check) and not _QUOTED_FOR_NOTHING.search(check)
    due = [["caodian", "verify", folder] for folder in (place, hide_words(place))]
    return bool(is_plain) and shlex.split(check) in due


# The audit: from its marks to the printed estimates, and from its sheets to the marks.


def check_audit(
    folder: Path, tables: dict[str, pd.DataFrame], manifest: dict[str, Any],
    given: str | Path | None, *, same_version: bool = True,
) -> tuple[int, bool]:  # fmt: skip
    """Score the audit again from its marks, and hold the marks to the sheets if they are here."""
    path, facts = folder / "evidence" / AUDIT_MARKS, manifest.get("audit") or {}
    ledger = read_ledger(folder)
    if not path.is_file():
        _require_marks(tables, facts, ledger)
        if given is not None:
            raise CaodianError(
                "a report must hold the marks of the audit that it is checked against",
                value=str(given), where=str(folder),
                remedy="This report was made without that folder: leave --audit out.",
            )  # fmt: skip
        return 0, False
    marks = pl.read_parquet(path)
    _check_draw(marks, facts, ledger)
    scored = score_marks(marks.drop("post"), facts, reader_names())
    rows = pd.concat([scored, scored.attrs["details"]]).set_index("grievance")
    is_whole = _study_of(folder).disclosure.minimum_cell <= 1 and not is_published(manifest)
    if lacking := sorted(set(scored["grievance"]) - set(tables["audit"]["grievance"])):
        raise CaodianError(
            "an audit must be told whole", value=lacking[0],
            where="tables/audit.csv has no such row", remedy=REMEDY,
        )  # fmt: skip
    for name, prefix, key in (
        ("audit", "", "grievance"), ("counts", "", "grievance"),
        ("sub_grievances", "", "sub_grievance"), ("platforms", "platform:", "platform"),
    ):  # fmt: skip
        for row in tables.get(name, pd.DataFrame()).to_dict("records"):
            _check_estimates(name, row, f"{prefix}{row[key]}", rows, is_whole=is_whole)
    columns = [column for column in marks.columns if "." in column]
    number = int(sum(marks[column].count() for column in columns))
    named = Path(str(given)) if given is not None else _named_audit(manifest)
    if named is not None:
        coder = (manifest.get("parameters") or {}).get("coder", "")
        coder = facts.get("frame", {}).get("coder") or coder
        _check_sheets(named, marks, facts, coder if same_version else None)
    seen = int(_learnt_in(marks).sum())
    _check_told(tables.get("notes", pd.DataFrame()), scored.attrs["notes"], facts, seen)
    return number, named is not None


def _check_told(
    notes: pd.DataFrame, scored: list[dict[str, str]], facts: Mapping[str, Any], seen: int
) -> None:
    """Hold what the page says of the audit to its marks and to what the draw wrote down."""
    printed = notes[notes["about"] == "audit"] if "about" in notes else notes
    told = (
        printed.reindex(columns=["zh", "en", "counted"])
        .astype(object)
        .fillna("")
        .to_dict("records")
    )
    drawn = tell_draw(is_repeated=bool(facts.get("draw_repeated", True)), seen=seen)
    due = [{"counted": "", **note} for note in (*scored, *drawn)]
    if told != due:
        strange = [note["zh"] for note in told if note not in due]
        raise CaodianError(
            "what a report says of its audit must follow from the marks and the draw",
            value=strange[0] if strange else f"{len(told)} sentences", where="tables/notes.csv",
            remedy=REMEDY,
        )  # fmt: skip


def _require_marks(
    tables: dict[str, pd.DataFrame], facts: Mapping[str, Any], ledger: pl.DataFrame | None
) -> None:
    """Refuse estimates without marks, but of a scored file or in a build to be published."""
    is_audited = bool(facts) or has_estimates(tables)
    is_public = ledger is not None and ledger.columns == ["post"]
    if is_audited and not is_public and not facts.get("scored"):
        raise CaodianError(
            "a report with an audit must hold the marks that its estimates rest on",
            value=f"no evidence/{AUDIT_MARKS}", remedy=REMEDY,
        )  # fmt: skip


def _check_draw(marks: pl.DataFrame, facts: Mapping[str, Any], ledger: pl.DataFrame | None) -> None:
    """Hold the audited posts to the ledger, and their chances to the frame."""
    if ledger is not None:
        strange = marks.filter(~pl.col("post").is_in(ledger["post"].implode()))
        if len(strange):
            raise CaodianError(
                "every audited post must stand in the ledger", value=strange["post"][0],
                where=f"evidence/{AUDIT_MARKS}, {len(strange)} such posts", remedy=REMEDY,
            )  # fmt: skip
    odd = [column for column in marks.columns if not _OF_MARKS.fullmatch(column)]
    if odd or marks["post"].is_duplicated().any() or facts.get("scored"):
        raise CaodianError(
            "the marks of an audit are those of its forms, and each post stands there once",
            value=odd[0] if odd else len(marks),
            where=f"evidence/{AUDIT_MARKS}",
            remedy=REMEDY,
        )
    if facts.get("drawn", len(marks)) != len(marks):
        raise CaodianError(
            "the manifest must tell how many posts an audit has", value=facts["drawn"],
            where=f"evidence/{AUDIT_MARKS}: {len(marks)} posts", remedy=REMEDY,
        )  # fmt: skip
    size = facts.get("frame", {}).get("size")
    if ledger is not None and size not in (None, ledger.height):
        raise CaodianError(
            "an audit must be drawn from the posts of the ledger", value=size,
            where=f"{LEDGER}: {ledger.height} posts", remedy=REMEDY,
        )  # fmt: skip
    drawn_from = (size or 0) - facts.get("left_out", {}).get("posts", 0)
    if size is not None and not adds_up(marks["inclusion_probability"], drawn_from):
        raise CaodianError(
            "the audited posts, each by its chance, must make up the posts they were drawn from",
            value=round(float((1 / marks["inclusion_probability"]).sum()), 1),
            where=f"evidence/{AUDIT_MARKS}: {drawn_from} posts", remedy=REMEDY,
        )  # fmt: skip


_OF_MARKS = re.compile(
    rf"post|post_id|stratum|inclusion_probability|machine|{LEARNT_TEXT}"
    r"|(coder_[ab]|adjudicated|gold)\.[a-z_.]+"
)


def _check_estimates(
    name: str, row: Mapping[Hashable, Any], target: str, rows: pd.DataFrame, *,
    is_whole: bool = False,
) -> None:  # fmt: skip
    """Hold the estimates of a row to the marks; in a whole table none is left out."""
    columns: tuple[str, ...] = _SCORED if name == "audit" else _SCORED[:3]
    if name == "counts" and target in rows.index:  # the machine's own count, as the ledger has it
        columns = _SCORED[:4]
    for column in columns:
        printed, found = row.get(column), rows[column].get(target)
        is_open = is_missing(printed) and (not is_whole or is_missing(found))
        if column not in row or is_open:
            continue
        known = not is_missing(printed) and not is_missing(found)
        if not known or abs(float(printed) - float(found)) > _ROUNDING:  # type: ignore[arg-type]
            raise CaodianError(
                "an estimate must follow from the marks of the audit", value=printed,
                where=f"{name}/{target}/{column}: the marks give {found}", remedy=REMEDY,
            )  # fmt: skip


_SCORED = (
    "estimate", "low", "high", "items", "audited", "alpha", "alpha_low", "alpha_high", "coders",
    "coded_twice", "disputes", "open",
)  # fmt: skip
_ROUNDING = 0.051  # printed to one digit, and sums may differ in the last


def _named_audit(manifest: dict[str, Any]) -> Path | None:
    """Return the folder that the command of the report names, if it stands here."""
    words = shlex.split(str(manifest.get("command", "")))
    if "--audit" not in words[:-1]:
        return None
    path = Path(words[words.index("--audit") + 1])
    return path if path.is_dir() else None


def _learnt_in(marks: pl.DataFrame) -> pl.Series:
    """Return which audited texts the coder had learnt; without that column it had learnt none."""
    if LEARNT_TEXT in marks:
        return marks[LEARNT_TEXT]
    return pl.repeat(False, len(marks), dtype=pl.Boolean, eager=True)


def _check_sheets(
    path: Path, marks: pl.DataFrame, facts: Mapping[str, Any], coder: str | None
) -> None:
    """Hold the evidence to the audit's folder: the facts of the draw, then post by post."""
    folder = open_folder(path, load_codebook())
    recoding = tell_recoding(folder.record) if facts.get("has_gold") else {}
    told = {**folder.record, "gold": recoding.get("gold")}
    for name in (*AUDIT_FACTS, "gold"):
        if facts.get(name) != told.get(name):
            raise CaodianError(
                "what the manifest says of an audit must be what its folder says", value=name,
                where=str(path), remedy=REMEDY,
            )  # fmt: skip
    now = list_marks(folder, settle_codes(folder))
    for column in _DRAWN:
        if not now[column].equals(marks[column]):
            raise CaodianError(
                "the draw of an audit must be as it was when the report was made", value=column,
                where=str(path), remedy=REMEDY,
            )  # fmt: skip
    if now.columns[4:] != [name for name in marks.columns if "." in name] or len(now) != len(marks):
        raise CaodianError(
            "the sheets of an audit must be those of the report", value=str(path),
            where="other forms, columns or posts", remedy=REMEDY,
        )  # fmt: skip
    seen = _learnt_in(marks) if coder is None else is_learnt(folder.sample["text"], coder)
    if not seen.equals(_learnt_in(marks)):
        raise CaodianError(
            "the audited texts that the coder had learnt must be those of the audit's folder",
            value=f"{int(_learnt_in(marks).sum())} of {len(marks)}",
            where=f"evidence/{AUDIT_MARKS}: {int(seen.sum())} in {path}", remedy=REMEDY,
        )  # fmt: skip
    for column in now.columns[4:]:
        is_other = now[column].ne_missing(marks[column])
        if is_other.any():
            row = int(np.argmax(is_other.to_numpy()))
            raise CaodianError(
                "a mark of the audit must be as it was when the report was made",
                value=f"{column}: {now[column][row]}, was {marks[column][row]}",
                where=f"{path}, post {now['post_id'][row]}; {int(is_other.sum())} such marks",
                remedy="Restore the sheet, or make the report again with it.",
            )  # fmt: skip


_DRAWN = ("stratum", "inclusion_probability", "machine")
