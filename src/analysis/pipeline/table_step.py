"""The audit of a run and its published tables, from coded posts to `build/<study>/tables`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from analysis.audit.agreement import range_shared_errors
from analysis.audit.machine_scores import countable
from analysis.audit.score import AUDIT_FACTS, LEARNT_TEXT
from analysis.audit.sheet_reading import ADJUDICATED, GOLD
from analysis.coding.codebook import load_codebook
from analysis.corpus.readers.plan import explain_no_days
from analysis.errors import CaodianError
from analysis.frames import put_columns, to_pandas
from analysis.measures.conspicuous_days import post_digest
from analysis.measures.coverage import COLUMNS as COVERAGE_COLUMNS
from analysis.measures.coverage import grade_coverage, grade_periods
from analysis.measures.coverage_hours import COLUMNS as HOURS_COLUMNS
from analysis.measures.coverage_hours import tabulate_hours
from analysis.measures.daily_series import DailySeries, explain_left_out, explain_strays
from analysis.measures.prevalence import (
    DAILY_COLUMNS,
    count_channels,
    count_codes,
    count_daily,
    count_platforms,
    count_ratings,
    count_sub_grievances,
)
from analysis.pipeline.corpus_steps import UNREAD, build_funnel
from analysis.pipeline.partitions import (
    renew_folder,
    renewing,
    run_apart,
    scan_partitions,
    take_present,
)
from analysis.schema import parse_columns
from analysis.storage import RunPaths, read_table, write_table, write_text
from analysis.storage.formats import table_suffix
from analysis.storage.run_paths import in_project
from analysis.study import Study
from analysis.words import LANGUAGES, Note, load_words, reader_names

# The audit: simulated coders on a simulated corpus, filled sheets on a real one.

_AUDIT_SIZE = 3_000
_CODER_ERROR = 0.05


def audit_simulated(
    paths: RunPaths, truth: pl.LazyFrame, study: Study, coder: str, seed: int
) -> None:
    """Draw a sample, let simulated coders with a set error code it, and correct the counts."""
    from analysis.audit.sheets import draw_audit
    from analysis.audit.simulated_coders import fill

    directory = renew_folder(paths.processed / "audit")
    posts = scan_partitions(paths.coded)
    draw_audit(
        posts, directory, size=_AUDIT_SIZE, seed=seed, with_subs=True, study=study, coder=coder
    )
    fill(directory, truth, error=_CODER_ERROR, seed=seed)
    _write_scored(_score(directory, posts), directory)


def audit_given(
    given: Path, paths: RunPaths, study: Study, coder: str, *, learnt: Sequence[str] = ()
) -> None:
    """Score an audit that people filled in, after seeing that it is of this run."""
    from analysis.audit.agreement import WORDLESS, tell_draw, tell_scored_file
    from analysis.audit.machine_scores import (
        describe_frame,
        is_named,
        read_machine_coding,
        read_seal,
        refuse_other_frame,
    )
    from analysis.audit.second_wave import require_audit_of, require_second_wave_of
    from analysis.audit.sheets import open_folder
    from analysis.training.texts import is_learnt

    target = paths.processed / "audit"
    _refuse_own_folder(given, target)
    posts, book = scan_partitions(paths.coded), load_codebook()
    if "is_negative" not in posts.collect_schema():  # no post of the window was there to code
        raise CaodianError(
            "an audit needs posts in the window of its report",
            value=0,
            where=str(given),
            remedy="Name the export that the audit was drawn from, or leave --audit out.",
        )
    machine = read_machine_coding(posts, book.code_names)
    window = (
        (study.window.start.isoformat(), study.window.end.isoformat()) if study.window else None
    )
    frame = describe_frame(machine, window=window, coder=coder)
    if given.is_dir():
        folder = open_folder(given, book)
        is_repeated = require_audit_of(folder, posts, frame, machine)
        is_repeated &= require_second_wave_of(folder, posts, machine)
        known = sorted({*folder.sample["post_id"], *folder.keys} & set(learnt))
        if known:
            raise _learnt_refusal(known[0], f"{given}, {len(known)} such posts")
        scored = _score(given, posts)
        scored.facts["draw_repeated"] = is_repeated
        seen = is_learnt(folder.sample["text"], coder)
        scored.counts.attrs["notes"] += tell_draw(is_repeated=is_repeated, seen=int(seen.sum()))
        marks = scored.marks.with_columns(seen.alias(LEARNT_TEXT))
        with renewing(target) as fresh:
            _write_scored(replace(scored, marks=marks), fresh)
        return
    table = _numbers(given)
    seal = read_seal(table, str(given))
    refuse_other_frame(seal["frame"], frame, str(given))
    known_here = int(is_named(machine, learnt).sum())
    left_out = seal.get("left_out", {})
    learnt_out = int(left_out.get("posts", 0)) - int(left_out.get(WORDLESS, 0))
    if known_here > learnt_out:
        where = f"{given}: {learnt_out} such posts were left out of its draw"
        raise _learnt_refusal(known_here, where)
    table.attrs["notes"] = [tell_scored_file(table, seal)]
    facts = {name: value for name, value in seal.items() if name != "numbers"}
    with renewing(target) as fresh:
        _save_audit(table.drop(columns="audit_of"), fresh, {**facts, "scored": True})


def _learnt_refusal(value: object, where: str) -> CaodianError:
    return CaodianError(
        "an audit must hold no post that the coder learnt from",
        value=value,
        where=where,
        remedy="Draw another: caodian audit draw build/STUDY leaves them out.",
    )


def _refuse_own_folder(given: Path, target: Path) -> None:
    """Refuse forms in the folder that the run writes, or above it: they would go with the old."""
    ours, theirs = target.resolve(), given.resolve()
    if theirs == ours or ours in theirs.parents or theirs in ours.parents:
        raise CaodianError(
            "an audit must not lie where the run keeps its own results",
            value=str(given),
            where=str(target),
            remedy="Move the folder with its forms elsewhere, and name it there.",
        )


def require_audit(given: Path) -> None:
    """Refuse, before a run begins, an audit that no run could take."""
    from analysis.audit.machine_scores import read_seal
    from analysis.audit.score import settle_codes
    from analysis.audit.sheets import open_folder

    if not given.exists():
        raise CaodianError(
            "an audit must be there",
            value=str(given),
            remedy="Name the folder of `caodian audit draw`, or the file of `audit score`.",
        )
    if given.is_dir():
        settle_codes(open_folder(given, load_codebook()))
        return
    try:
        table_suffix(given)
    except CaodianError:
        raise CaodianError(
            "an audit must be the folder of its draw, or the file of its scores",
            value=given.name,
            where=str(given.parent),
            remedy="Name the folder of `caodian audit draw`; an archive of it is unpacked first.",
        ) from None
    read_seal(_numbers(given), str(given))


@dataclass(frozen=True)
class _Scored:
    """What came of the forms of a folder, before any of it is written."""

    counts: pd.DataFrame
    drift: pd.DataFrame
    marks: pl.DataFrame
    facts: dict[str, Any]


def _score(given: Path, posts: pl.LazyFrame) -> _Scored:
    """Score the forms of a folder, and keep the numbers, the marks and whose they are."""
    from analysis.audit.agreement import tell_recoding
    from analysis.audit.drift import measure_drift
    from analysis.audit.score import list_marks, score_codes, settle_codes
    from analysis.audit.sheet_reading import SECOND_FOLDER
    from analysis.audit.sheets import open_folder

    book = load_codebook()
    folder = open_folder(given, book)
    settled = settle_codes(folder)
    gold = () if settled.gold is None else (GOLD,)
    forms = [given / name for name in (*settled.names, ADJUDICATED, *gold)]
    if folder.waves:
        forms += [given / SECOND_FOLDER / name for name in (*settled.names, ADJUDICATED)]
    facts = {name: folder.record[name] for name in AUDIT_FACTS if name in folder.record}
    facts["sheets"] = {
        path.relative_to(given).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in forms
        if path.is_file()
    }
    if gold:
        facts |= tell_recoding(folder.record)
    drift = measure_drift(folder.sample, settled.final)
    counts = score_codes(folder, settled, reader_names())
    return _Scored(counts, drift, _without_ids(list_marks(folder, settled), posts), facts)


def _write_scored(scored: _Scored, directory: Path) -> None:
    """Write what came of an audit into a folder."""
    _save_audit(scored.counts, directory, scored.facts)
    write_table(scored.drift, directory / "drift.csv")
    scored.marks.rechunk().write_parquet(directory / MARKS, compression="zstd")


MARKS = "marks.parquet"


def _without_ids(marks: pl.DataFrame, posts: pl.LazyFrame) -> pl.DataFrame:
    """Name the audited posts by the digests of the ledger, and number them by their ids."""
    from analysis.audit.machine_scores import name_posts

    named = name_posts(countable(posts)).select("name", "source", "post_id")
    drawn = named.filter(pl.col("name").is_in(marks["post_id"].implode())).collect()
    keys = drawn.select("name", key=pl.concat_str("source", "post_id", separator=":"))
    known = {name: post_digest(key) for name, key in keys.iter_rows()}
    number = marks["post_id"].rank("ordinal").cast(pl.String).str.zfill(9)
    digests = [known[name] for name in marks["post_id"]]
    return marks.with_columns(number.alias("post_id"), pl.Series("post", digests, dtype=pl.String))


def _save_audit(result: pd.DataFrame, directory: Path, facts: dict[str, Any]) -> None:
    """Write the corrected counts of codes, those of subs and platforms beside them, and facts."""
    write_table(result, directory / "audit.csv")
    details = result.attrs.get("details")
    notes = pd.DataFrame(result.attrs.get("notes", []), columns=list(_COLUMNS[2:]))
    if len(notes):
        write_table(notes, directory / "notes.csv")
    if details is not None and len(details):
        write_table(details, directory / "details.csv")
    write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", directory / "facts.json")


@dataclass(frozen=True)
class Audit:
    """Corrected counts of codes, of sub-grievances and platforms where the data allow, and facts.

    `facts` is what the manifest says: seed, size, frame and the digests of the forms. `marks` is
    the file of the people's marks, where they came along.
    """

    counts: pd.DataFrame
    details: pd.DataFrame | None = None
    drift: pd.DataFrame | None = None
    notes: pd.DataFrame | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    marks: Path | None = None


def open_audit(directory: Path) -> Audit:
    """Read what `audit_given` or `audit_simulated` wrote."""
    found = {name: directory / f"{name}.csv" for name in ("details", "drift", "notes")}
    beside = {name: _numbers(file) for name, file in found.items() if file.exists()}
    facts = json.loads((directory / "facts.json").read_text("utf-8"))
    marks = directory / MARKS
    return Audit(
        _numbers(directory / "audit.csv"),
        **beside,
        facts=facts,
        marks=marks if marks.is_file() else None,
    )


def _numbers(path: Path) -> pd.DataFrame:
    return parse_columns(read_table(path)).to_pandas()


# What a reader must know beside the numbers, as a table.

_COLUMNS = ("about", "number", "zh", "en", "counted")


def _gather_notes(
    audit: pd.DataFrame | None,
    clusters: Note | None,
    series: DailySeries | None = None,
    no_days: Note | None = None,
    coarser: Note | None = None,
    *,
    strays: Note | None = None,
    unread: Sequence[Note] = (),
    undated: Sequence[Note] = (),
    texts: Sequence[Note] = (),
    drawn: Note | None = None,
) -> pd.DataFrame:
    """Put the notes on the audit, clusters, short series, the panel and exports into one table."""
    from analysis.measures.trend_tests import OUTSIDE_TESTS

    short = Note(*explain_left_out(series, apart=(OUTSIDE_TESTS,))) if series else None
    told: list[tuple[str, int, Sequence[Note | None]]] = [
        ("clusters", 1, [clusters]), ("clusters", 2, [drawn]),
        ("trends", 1, [short if short and short.en else None]), ("days", 1, [no_days]),
        ("strays", 1, [strays]), ("explore", 1, [coarser]),
        ("days", 2, undated), ("unread", 1, unread), ("language", 1, texts),
    ]  # fmt: skip
    rows = [] if audit is None else list(audit[list(_COLUMNS[2:])].itertuples(index=False))
    listed = [("audit", number, *row) for number, row in enumerate(rows, start=1)]
    listed += [
        (about, number, note.zh, note.en, note.counted)
        for about, first, notes in told for number, note in enumerate(notes, start=first) if note
    ]  # fmt: skip
    closed = [(*one[:2], _close(one[2], "。"), _close(one[3], "."), one[4]) for one in listed]
    return pd.DataFrame(closed, columns=list(_COLUMNS))


def _close(note: str, stop: str) -> str:
    """Return a note as a sentence: with a capital and a full stop."""
    first = note[:1].upper() if note[:1].isascii() else note[:1]  # α stays
    return first + note[1:] + ("" if note.endswith((".", "。", "!", "?", "？")) else stop)


# The tables.


def build_tables(paths: RunPaths, study: Study, audit: Audit | None) -> dict[str, pd.DataFrame]:
    """Measure the coded posts of a run; write the topic of each negative item beside them."""
    # Each holds texts that the next has no use for: of millions, one at a time.
    apart = partial(run_apart, beside=paths.coded)
    topics, noted = apart(_find_topics, paths, study)
    emerging, drawn = apart(_find_emerging, paths, study)
    found = {**topics, "emerging": emerging}
    return apart(_measure_posts, paths, study, audit, found=found, noted=noted, drawn=drawn)


def _find_topics(paths: RunPaths, study: Study) -> tuple[dict[str, pd.DataFrame], Note | None]:
    """Find the topics of the negative items and what tells selections apart, and what to say."""
    # SciPy behind these takes half a second to import, and counting needs none.
    from analysis.clusters.drafts import compare_selections
    from analysis.clusters.post_topics import find_topics

    negative = _negative_in_order(scan_partitions(paths.coded))
    distinguishing = to_pandas(compare_selections(negative, study.event_days))
    found = find_topics(negative, seed=study.seed, period=study.period)
    posts = put_columns(negative, found.beside.select("topic", "confidence"))
    placed = posts.select("source", "post_id", "topic", "confidence")
    write_table(placed, paths.topics)
    tables = {
        "clusters": found.table,
        **_describe_topics(posts, study),
        "distinguishing_terms": distinguishing,
    }
    return tables, found.note if found.note.en else None


def _find_emerging(paths: RunPaths, study: Study) -> tuple[pd.DataFrame, Note | None]:
    """Find new grievances, and what to say of the draw of the posts among which they are sought."""
    from analysis.clusters.emerging import find_emerging

    maybe, drawn = _possibly_negative(scan_partitions(paths.coded))
    return to_pandas(find_emerging(maybe, seed=study.seed, period=study.period)), drawn


def _measure_posts(
    paths: RunPaths,
    study: Study,
    audit: Audit | None,
    *,
    found: dict[str, pd.DataFrame],
    noted: Note | None,
    drawn: Note | None,
) -> dict[str, pd.DataFrame]:
    """Count and test the posts, and lay what was found in their texts beside."""
    from analysis.measures.daily_series import arrange_daily
    from analysis.measures.prevalence import count_platform_sub_grievances, with_named
    from analysis.measures.watchlist import gather_evidence, rank_platforms
    from analysis.reporting.panel import count_cells, fit_cells, note_cells
    from analysis.sentiment.scores import describe_sentiment

    posts = scan_partitions(paths.coded)
    counted = count_tables(paths, study, audit)
    reconciliation = read_table(paths.processed / "reconciliation.csv").to_pandas()
    tables = {
        "funnel": build_funnel(paths, has_days=bool(study.days)),
        "reconciliation": reconciliation,
        **counted,
        **_test_days(posts, counted, study, audit),
        "platform_sub_grievances": count_platform_sub_grievances(posts),
        **describe_sentiment(_once_each(posts), study),
        **found,
        "watchlist": rank_platforms(
            counted["platforms"],
            evidence=gather_evidence(posts),
            exposure_source=study.exposure.source if study.exposure else None,
        ),
    }
    tables["platforms"] = with_named(counted["platforms"], posts)
    cells, taken = fit_cells(count_cells(posts, study.period if study.window else None))
    tables["explore"] = to_pandas(cells)
    series = None
    if study.days:
        series = arrange_daily(
            counted[study.series], grades=counted[study.coverage], period=study.period
        )
    tables["notes"] = _gather_notes(
        audit.notes if audit else None, noted, series, _no_days(reconciliation, study),
        note_cells(taken), strays=explain_strays(counted["daily"]), drawn=drawn,
        texts=[*_tell_foreign(posts), *_tell_voices(posts)],
        unread=_tell_unread(paths, is_undated=False), undated=_tell_unread(paths, is_undated=True),
    )  # fmt: skip
    if audit is not None:
        tables["audit"] = audit.counts
        if not audit.facts.get("has_gold"):  # measured, and in the intervals
            whole = posts.select(pl.len()).collect().item()
            tables["shared_errors"] = range_shared_errors(audit.counts, whole)
    return tables


def _describe_topics(posts: pl.DataFrame, study: Study) -> dict[str, pd.DataFrame]:
    """Count the items of each topic by day and by code; `none` stands for no code."""
    from analysis.clusters.drafts import count_posts, count_topic_days

    tables = {}
    if study.window is not None:
        ends = (study.window.start, study.window.end)
        days = count_topic_days(posts, *ends, study.period)
        tables["cluster_days"] = to_pandas(days.with_columns(pl.col("date").cast(pl.String)))
    codes = count_posts(posts, "grievances").rename({"grievances": "grievance"})
    codes = codes.filter(pl.col("cluster") >= 0).with_columns(pl.col("grievance").fill_null("none"))
    tables["cluster_codes"] = to_pandas(codes.with_columns(pl.col("share").round(6)))
    return tables


def _test_days(
    posts: pl.LazyFrame, counted: dict[str, pd.DataFrame], study: Study, audit: Audit | None
) -> dict[str, pd.DataFrame]:
    """Test what needs days: trends, breaks, specifications; empty tables where there are none."""
    from analysis.measures.conspicuous_days import (
        EVENT_COLUMNS,
        compare_event_days,
        list_conspicuous_days,
    )
    from analysis.measures.conspicuous_days import TABLE as BREAK_COLUMNS
    from analysis.measures.specification import TABLE as SPECIFICATION_COLUMNS
    from analysis.measures.specification import specify_claims
    from analysis.measures.trend import COLUMNS as TREND_COLUMNS
    from analysis.measures.trend import judge_trend
    from analysis.words import reader_names

    if not study.days:
        return {
            "trends": pd.DataFrame(columns=list(TREND_COLUMNS)),
            "breaks": pd.DataFrame(columns=list(BREAK_COLUMNS)),
            "event_days": pd.DataFrame(columns=list(EVENT_COLUMNS)),
            "specifications": pd.DataFrame(columns=list(SPECIFICATION_COLUMNS)),
        }
    series, grades = counted[study.series], counted[study.coverage]
    drift = audit.drift if audit else None
    return {
        "trends": judge_trend(
            series,
            event_days=study.event_days,
            grades=grades,
            drift=drift,
            claimed=study.claimed_trends,
            names=reader_names(),
            period=study.period,
        ),
        "breaks": list_conspicuous_days(posts, series, study, grades),
        "event_days": compare_event_days(series, study.event_days, grades, period=study.period),
        "specifications": specify_claims(posts, study, grades, drift),
    }


def _tell_unread(paths: RunPaths, *, is_undated: bool) -> list[Note]:
    """Say in both languages what stands in the exports and was not read, for want of a day or not.

    Records without a day are told where the posts are counted, all else beside the account.
    """
    unread = paths.processed / UNREAD
    if not unread.exists():  # of posts that were simulated
        return []
    read = read_table(unread).rows(named=True)
    rows = [row for row in read if (row["reason"] == "undated") == is_undated]
    zh, en = (load_words(language) for language in LANGUAGES)
    told = []
    for row in rows:
        key, said = f"unread.{row['reason']}", {"file": row["source_file"]}
        number = int(row["number"])
        texts = [say(key, number=number, **said) for say in (zh, en)]
        is_order = row["reason"].endswith("_first")  # which tells no number
        told.append(Note(texts[0], texts[1], () if is_order else (number,)))
    return told


_FOREIGN, _MOSTLY = 0.2, 0.5  # shares of the posts with words


def _tell_foreign(posts: pl.LazyFrame) -> Iterator[Note]:
    """Say in both languages that many posts have no words, or none that the coder can read."""
    has_words, is_read = (pl.col("text").str.contains(sign) for sign in (r"\p{L}", r"\p{Han}"))
    shares = _once_each(posts).select(
        (~has_words).mean(), other=(~is_read).filter(has_words).mean()
    )
    wordless, share = shares.collect().row(0)
    if (wordless or 0) >= _MOSTLY:
        yield _in_both("text.wordless_mostly")
    if share is not None and share >= _FOREIGN:
        yield _in_both(f"text.foreign_{'mostly' if share >= _MOSTLY else 'many'}")


def _tell_voices(posts: pl.LazyFrame) -> Iterator[Note]:
    """Say in both languages that most posts are letters to a city, or of no consumer at all."""
    is_letter = pl.col("channel") == "hotline"
    is_others = (pl.col("voice") != "consumer") & ~pl.col("is_negative")
    shares = _once_each(posts).select(letters=is_letter.mean(), others=is_others.mean())
    for name, share in shares.collect().row(0, named=True).items():
        if share is not None and share >= _MOSTLY:
            yield _in_both(f"text.{name}_mostly")


def _in_both(key: str) -> Note:
    zh, en = (load_words(language)(key) for language in LANGUAGES)
    return Note(zh, en)


def _no_days(reconciliation: pd.DataFrame, study: Study) -> Note | None:
    """Say in both languages why posts have no days, or that those of some files have none."""
    codes = reconciliation["no_days"].dropna().tolist() if "no_days" in reconciliation else []
    if study.days and not any(codes):
        return None
    zh, en = (explain_no_days(codes, one, all_posts=not study.days) for one in LANGUAGES)
    return Note(zh, en)


def count_tables(
    paths: RunPaths, study: Study, audit: Audit | None = None
) -> dict[str, pd.DataFrame]:
    """Count coded posts by code, sub-grievance, platform, channel and day, and grade the days."""
    codebook = load_codebook()
    codes = list(codebook.code_names)
    corrected = audit.counts if audit else None
    details = audit.details if audit else None
    posts = scan_partitions(paths.coded)
    published = study.published.counts if study.published else None
    return {
        "counts": count_codes(posts, codes, published, corrected),
        "sub_grievances": count_sub_grievances(posts, codebook.sub_names, details),
        "platforms": count_platforms(posts, _exposures(study), details),
        "channels": count_channels(posts),
        "ratings": count_ratings(posts),
        **_count_days(posts, codes, study),
    }


def _count_days(posts: pl.LazyFrame, codes: list[str], study: Study) -> dict[str, pd.DataFrame]:
    """Count by day, and by week or month in a long window, and grade what was counted."""
    if study.window is None:
        return {
            "daily": pd.DataFrame(columns=list(DAILY_COLUMNS)),
            "coverage": pd.DataFrame(columns=list(COVERAGE_COLUMNS)),
            "coverage_hours": pd.DataFrame(columns=list(HOURS_COLUMNS)),
        }
    coverage = to_pandas(grade_coverage(posts, study))
    window = (study.window.start, study.window.end)
    counted = {
        "daily": count_daily(posts, codes, window, coverage),
        "coverage": coverage,
        "coverage_hours": tabulate_hours(posts, study, coverage),
    }
    if study.period != "day":
        periods = grade_periods(coverage, study.window, study.period)
        counted["coverage_periods"] = periods
        counted[study.series] = count_daily(posts, codes, window, periods, study.period)
    return counted


def _once_each(posts: pl.LazyFrame) -> pl.LazyFrame:
    """Return the posts that count, without the columns that say so: texts of every post."""
    present = posts.collect_schema()
    if "repeat_of" in present:
        posts = posts.filter(pl.col("repeat_of").is_null()).drop("repeat_of")
    if "is_in_window" in present:
        in_window = pl.col("is_in_window").ne_missing(pl.lit(False))
        posts = posts.filter(in_window).drop("is_in_window")
    return posts


# What topics and the terms of selections are made of.
_OF_TOPICS = (
    "text", "is_negative", "grievances", "family_id", "is_representative", "published_at",
    "repeat_of", "is_in_window", "platforms", "channel", "rating", "stars",
    "source_file",
)  # fmt: skip


def _negative_in_order(posts: pl.LazyFrame) -> pl.DataFrame:
    """Return the negative items in an order that no order of input rows can change."""
    rows = posts.filter(pl.col("is_negative"))
    taken = take_present(rows, ("source", "post_id", *_OF_TOPICS)).sort("source", "post_id")
    return taken.collect(engine="streaming")


def _possibly_negative(posts: pl.LazyFrame) -> tuple[pl.DataFrame, Note | None]:
    """Return the posts among which new grievances are looked for, and what to say of their draw."""
    from analysis.clusters.emerging import LEAST_PROBABILITY, LOOKED_AT, draw_families

    low_bar = pl.col("negative_probability") >= LEAST_PROBABILITY
    rows = posts.filter(pl.col("is_negative") | low_bar)
    rows = take_present(rows, ("text", "is_negative", "grievances", *LOOKED_AT))
    kept, note = draw_families(rows)
    # A text that is kept as it was read keeps all that was read beside it; put together anew it
    # keeps itself alone.
    return kept.with_columns(pl.col(pl.String) + "").collect(engine="streaming"), note


def _exposures(study: Study) -> dict[str, float] | None:
    """Return the denominator of each platform from the study's cited source, if it has one."""
    if study.exposure is None:
        return None
    table = parse_columns(read_table(in_project(study.exposure.file)))
    return dict(table.select("platform", "exposure").iter_rows())
