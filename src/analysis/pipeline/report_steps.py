"""From tables to figures, executed notebooks, two reports and the manifest, published at once."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import platform
import shutil
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import TracebackType

import pandas as pd
import polars as pl

from analysis.errors import CaodianError
from analysis.measures.published import judge_whole
from analysis.measures.quantities import parse_table
from analysis.pipeline.partitions import (
    open_processes,
    remove_folder,
    renew_folder,
    run_apart,
    scan_partitions,
    take_present,
)
from analysis.pipeline.stamps import hash_code, hash_files
from analysis.pipeline.table_step import Audit
from analysis.reporting.disclosure import Rules, disclose, rules_of, series_with_gaps
from analysis.reporting.drawer import read_examples, write_examples
from analysis.reporting.figures import (
    SavedFigure,
    draw_figures,
    figure_names,
    write_figure_data,
)
from analysis.reporting.ledger import (
    MANIFEST,
    describe_run,
    hash_outputs,
    name_build,
    write_ledger,
    write_manifest,
    write_marks,
)
from analysis.reporting.notebooks import (
    MOST_POSTS,
    choose_notebooks,
    execute_notebooks,
    list_executed,
)
from analysis.reporting.report import render_report
from analysis.reporting.saved_run import save_run
from analysis.reporting.verification import check_files
from analysis.schema import spell_numbers
from analysis.storage import RunPaths, read_table, write_table, write_text
from analysis.storage.run_paths import MARK, is_local, is_run_folder, project_root, project_secret
from analysis.storage.write import to_the_end
from analysis.study import Study

_LANGUAGES = ("zh", "en")
# Beside the posts and tables of the run, notebooks read these.
_READ_BY_NOTEBOOKS = [
    project_root() / name for name in ("notebooks", "data/coded/sample", "studies")
]
_Raised = tuple[type[BaseException], BaseException, TracebackType]
Stamp = Callable[[str, dict[str, object], list[Path], Callable[[], None]], None]


@dataclass(frozen=True)
class ReportSource:
    """What a report is made from: measured tables, and how they came about."""

    study: Study
    paths: RunPaths
    tables: dict[str, pd.DataFrame]
    simulated: bool
    scale: float
    public: bool
    parameters: dict[str, object]
    inputs: dict[str, str]
    codebook: dict[str, str]  # names of codes stand in figures and on pages
    command: str
    again: dict[str, str]
    notebooks: list[Path]
    audit: Audit | None = None
    earlier: list[dict[str, pd.DataFrame]] = field(default_factory=list)  # published before
    drawn: dict[str, list[SavedFigure]] = field(default_factory=dict)
    disclosed: dict[str, pd.DataFrame] = field(default_factory=dict)


def publish(source: ReportSource, stamp: Stamp) -> list[Path]:
    """Write tables, figures, notebooks, both reports and the manifest; return the reports.

    A reader finds the build as it was until the new one is whole, and then the new one.
    """
    with _new_build(source.paths) as paths:
        _make(replace(source, paths=paths), stamp)
    return [source.paths.build / f"report.{language}.html" for language in _LANGUAGES]


def _make(source: ReportSource, stamp: Stamp) -> None:
    paths = source.paths
    if _rules_of(source).withholds:  # first: what each step depends on are the words that it shows
        few = run_apart(
            _words_of_few, _words_told(source.tables), paths.coded, _rules_of(source).minimum_cell,
            beside=paths.coded,
        )  # fmt: skip
        source = replace(source, tables=_without_words(source.tables, few))
    depends: dict[str, object] = {
        "tables": {name: table.to_csv(index=False) for name, table in source.tables.items()},
        "study": source.study.model_dump(mode="json"),
        "facts": [source.simulated, source.scale, source.public],
        "earlier": [
            {name: table.to_csv(index=False) for name, table in one.items()}
            for one in source.earlier
        ],
        "codebook": source.codebook,
        "code": hash_code("report"),
    }
    reports = [paths.build / f"report.{language}.html" for language in _LANGUAGES]
    run_file = paths.build / "run.json"
    ledger = paths.build / "evidence"
    written = [paths.tables, run_file, ledger]
    posts = hash_files([paths.coded])
    stamp(
        "tables",
        {
            **depends,
            "coded": posts,
            "audit": hash_files([marks]) if (marks := _marks_of(source)) else None,
            # A ledger under a minimum is keyed with it.
            "secret": hashlib.sha256(secret).hexdigest() if (secret := _secret_of(source)) else "",
        },
        written,
        lambda: _write_tables(source),
    )
    stamp("figures", depends, [paths.figures], lambda: _write_figures(source))
    maps = [paths.map_of(language) for language in _LANGUAGES]
    if _may_map(source):
        placed = {"posts": posts, "topics": hash_files([paths.topics])}
        stamp("map", {**depends, **placed}, maps, lambda: _write_maps(source))
    else:
        for path in maps:
            path.unlink(missing_ok=True)
    if source.notebooks:
        chosen = [path.name for path in source.notebooks]
        ours = [paths.posts, paths.processed / "drift.csv", *written]
        read = {
            "chosen": chosen,
            "notebooks": hash_files(_READ_BY_NOTEBOOKS),
            "run": hash_files(ours) | posts,
        }
        stamp("notebooks", depends | read, [paths.notebooks], lambda: _write_notebooks(source))
    else:  # those of an earlier run speak of its tables and not of these
        remove_folder(paths.notebooks)
    stamp(
        "report",
        {
            **depends,
            "parameters": source.parameters,
            "inputs": source.inputs,
            "audit": source.audit.facts if source.audit else None,
            "run": [source.command, source.again],
            "notebooks": [path.name for path in source.notebooks],
            "map": _may_map(source),
            "files": _files_beside(paths.build, reports),
        },
        [*reports, paths.build / MANIFEST],
        lambda: _write_reports(source),
    )


def _files_beside(build: Path, reports: list[Path]) -> dict[str, str]:
    """Hash what the manifest will name beside the reports, whoever put it there."""
    names = {path.name for path in reports}
    return {name: digest for name, digest in hash_outputs(build).items() if name not in names}


# A build is made beside the one that readers see, and put in its place when it is whole.


@contextmanager
def _new_build(paths: RunPaths) -> Iterator[RunPaths]:
    """Give folders that begin as a copy of the build; swap the two when all went well."""
    build = _resolve_link(paths.build)
    made = replace(paths, out=_place_beside(build))
    try:
        _recover(build)
        made.out.mkdir()
        (made.out / MARK).touch()  # before all else: what has no mark is not removed
        known = _look(build)
        _copy(build, made.build)
        copied = _look(made.build)
        yield made
        check_files(made.build)
        if not _is_same(made.build, build):
            known = _carry_over(build, made.build, known, copied)
            former = _swap(made.build, build)
            _carry_over(former, build, known, copied)
    finally:
        with suppress(OSError, CaodianError):  # then the next run clears it, or says why not
            to_the_end(lambda: _recover(build))


def _resolve_link(build: Path) -> Path:
    """Give the folder that a link leads to, so that it and not the link is replaced."""
    return build.resolve() if build.is_symlink() else build


def _place_beside(build: Path) -> Path:
    return build.with_name(f".{build.name}.new")


def _copy(build: Path, target: Path) -> None:
    try:
        shutil.copytree(build, target, symlinks=True)
    except shutil.Error as error:  # which has no number of the system
        _, _, reason = error.args[0][0]
        raise CaodianError(
            "a build must be copied before it is changed",
            value=str(target),
            where=str(reason),
            remedy="Free space there, get permission, or write elsewhere with --out.",
        ) from None


# By path: size and time of each file and link, nothing of a folder.
_Seen = dict[str, tuple[int, int] | None]


def _look(folder: Path) -> _Seen:
    """Note what stands in a folder, so that a later look tells what was put there or changed."""
    seen: _Seen = {}
    for path in sorted(folder.rglob("*")):
        with suppress(FileNotFoundError):  # removed a moment ago
            facts = path.lstat()
            is_folder = stat.S_ISDIR(facts.st_mode)
            name = path.relative_to(folder).as_posix()
            seen[name] = None if is_folder else (facts.st_size, facts.st_mtime_ns)
    return seen


def _carry_over(source: Path, target: Path, known: _Seen, copied: _Seen) -> _Seen:
    """Copy what somebody put into a build or changed there since it was `known`; return its look.

    What the run wrote under the same name stays: `copied` is what the target began as.
    """
    now, made = _look(source), _look(target)
    for name, facts in now.items():
        is_known = name in known and known[name] == facts
        is_written = name in made and made[name] != copied.get(name)
        if is_known or is_written:
            continue
        path = target / name
        if facts is None:
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with suppress(FileNotFoundError):  # removed a moment ago
            shutil.copy2(source / name, path, follow_symlinks=False)
    return now


def _is_same(made: Path, published: Path) -> bool:
    with suppress(CaodianError):
        check_files(published)
        return (made / MANIFEST).read_bytes() == (published / MANIFEST).read_bytes()
    return False


def _swap(made: Path, published: Path) -> Path:
    """Put a build in the place of another, and return where that one now stands.

    At once where the system can, else by two renames.
    """
    if _exchange(made, published):
        return made
    former = made.with_name(_FORMER)
    try:
        published.rename(former)
        try:
            made.rename(published)
        except OSError:
            former.rename(published)
            raise
    except OSError as error:
        raise CaodianError(
            "a build must be free to be replaced when the new one is whole",
            value=str(published),
            where=error.strerror,
            remedy=_FIXED if error.errno in (errno.EBUSY, errno.EXDEV) else _IN_USE,
        ) from None
    return former


_FORMER = ".former"
_FIXED = (
    "This folder cannot be moved, as where a disk is mounted: choose another one with --out FOLDER."
)
_IN_USE = "Close the programs that have its files open, and run the command again."
# How the system is told to exchange two paths: in linux/fs.h and fcntl.h, and in sys/stdio.h.
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # Linux
_RENAME_SWAP = 2  # macOS


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, if system and file system know how."""
    names = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None)
        if platform.system() == "Linux":
            one_at, other_at = ((_AT_FDCWD, name) for name in names)
            return bool(library.renameat2(*one_at, *other_at, _RENAME_EXCHANGE) == 0)
        is_mac = platform.system() == "Darwin"
        return bool(is_mac and library.renamex_np(*names, _RENAME_SWAP) == 0)
    except (AttributeError, OSError, TypeError):  # TypeError: Windows, which has no such library
        return False


def sweep(paths: RunPaths) -> None:
    """Remove what a killed run left unfinished, and give back the build that it had moved away.

    Whoever sweeps must hold the lock of both folders.
    """
    _recover(paths.build)
    for folder in (paths.processed, paths.posts, paths.items, paths.coded):
        if hasattr(folder, "fs"):  # of a storage behind a URL, where steps renew their folders
            continue
        for pattern in _UNFINISHED:
            for path in folder.glob(pattern):
                if path.is_dir():
                    remove_folder(path)
                else:
                    path.unlink(missing_ok=True)


def _recover(build: Path) -> None:
    """Give back a build that was moved away, and remove what else a run left beside it."""
    build = _resolve_link(build)
    place = _place_beside(build)
    if not os.path.lexists(place):
        return
    if not _is_own(place):
        raise CaodianError(
            "a folder that stands where a run makes its build must be left by a run",
            value=str(place),
            remedy="Move it away, or choose another place with --out FOLDER.",
        )
    former = place / _FORMER
    if former.is_dir() and not (build / MANIFEST).exists():
        _carry_over(build, former, {}, {})  # what was put there since
        _remove(build)
        former.rename(build)
    _remove(place)


def _is_own(place: Path) -> bool:
    if place.is_symlink() or not place.is_dir():
        return False
    return is_run_folder(place) or not any(place.iterdir())


def _remove(folder: Path) -> None:
    """Remove a folder of a run, its mark last, so that what a kill leaves is still known by it."""
    try:
        for path in [path for path in folder.glob("*") if path.name != MARK]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, onerror=_open_and_remove)
            else:
                path.unlink()
        if folder.exists():
            shutil.rmtree(folder, onerror=_open_and_remove)
    except OSError as error:
        raise CaodianError(
            "what a run left beside a build must be free to be removed",
            value=str(folder),
            where=error.strerror,
            remedy="Close the programs that have its files open, or remove the folder yourself.",
        ) from None


def _open_and_remove(remove: Callable[..., object], path: str, error: _Raised) -> None:
    """Remove what stands in a folder that was read-only in the build, and so in its copy."""
    if remove not in (os.unlink, os.rmdir):
        raise error[1]
    Path(path).parent.chmod(stat.S_IRWXU)
    remove(path)


_UNFINISHED = (".fingerprints", ".*.new", ".*.partial")


def _disclosed(source: ReportSource) -> dict[str, pd.DataFrame]:
    """Apply the study's disclosure rules, and give the tables as a reader of their files has them.

    Measures were computed before. A count beside a withheld one stays a whole number. Tables,
    figures and pages of both languages are made from the same ones.
    """
    if not source.disclosed:
        shown = disclose(
            _judged_as_shown(source), _rules_of(source), source.earlier, source.study.claims
        )
        source.disclosed.update(
            {name: parse_table(spell_numbers(name, table)) for name, table in shown.items()}
        )
    return {name: table.copy() for name, table in source.disclosed.items()}


def _judged_as_shown(source: ReportSource) -> dict[str, pd.DataFrame]:
    """Give the tables with what was fitted to several series judged on those that are shown."""
    study, rules = source.study, _rules_of(source)
    gaps = series_with_gaps(source.tables, rules, source.earlier, series=study.series)
    drift = source.audit.drift if source.audit else None
    if not gaps:
        return source.tables
    return judge_whole(
        source.tables, gaps, study, drift, simulated=source.simulated, scale=source.scale
    )


def _rules_of(source: ReportSource) -> Rules:
    return rules_of(source.study.disclosure, public=source.public)


def _secret_of(source: ReportSource) -> bytes | None:
    """Return what keys the ledger of a build with a minimum, whose rows must not tell of posts."""
    return project_secret() if _rules_of(source).withholds else None


def _write_tables(source: ReportSource) -> None:
    renew_folder(source.paths.tables)
    shown = _disclosed(source)
    for name, table in shown.items():
        write_table(spell_numbers(name, table), source.paths.tables / f"{name}.csv")
    save_run(source.paths.build, source.study, simulated=source.simulated, scale=source.scale)
    posts = scan_partitions(source.paths.coded)
    listed = posts if _is_total_shown(shown) else posts.clear()
    run_apart(
        write_ledger, source.paths.build, listed, secret=_secret_of(source),
        beside=source.paths.coded,
    )  # fmt: skip
    write_marks(source.paths.build, _marks_of(source))
    quoted = posts if _may_quote(source) else None
    run_apart(
        write_examples, source.paths.build, quoted, whole=source.simulated,
        beside=source.paths.coded,
    )  # fmt: skip


_REST = "*"  # stands for words that are not told, as for rare search words


def _words_told(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """List the words that name topics or tell selections apart."""
    named = {
        word
        for table, column in (("clusters", "terms"), ("distinguishing_terms", "term"))
        if column in tables.get(table, pd.DataFrame())
        for told in tables[table][column].astype(str)
        for word in told.split("、")
    }
    return named - {""}


def _without_words(
    tables: Mapping[str, pd.DataFrame], few: Collection[str]
) -> dict[str, pd.DataFrame]:
    """Withhold words from the names of topics, and from what tells selections apart.

    Tables count posts and texts: one author who wrote forty of them named a topic.
    """
    from analysis.clusters.terms import LABEL_TERMS

    out = dict(tables)
    if not few:
        return out
    if "distinguishing_terms" in out:
        telling = out["distinguishing_terms"]
        out["distinguishing_terms"] = telling[~telling["term"].isin(few)].reset_index(drop=True)
    if "clusters" in out:
        topics = out["clusters"]
        named = [str(terms).split("、") for terms in topics["terms"]]
        kept = [[word for word in words if word not in few] or [_REST] for words in named]
        out["clusters"] = topics.assign(
            label=["·".join(words[:LABEL_TERMS]) for words in kept],
            terms=["、".join(words) for words in kept],
        )
    return out


def _words_of_few(words: Collection[str], coded: Path, minimum: int) -> set[str]:
    """Name the words that stand in negative posts, of fewer authors than the minimum.

    A post without an author has one of its own. A word that stands nowhere as it is spelt, as one
    from Traditional characters, is not judged.
    """
    authors: dict[str, set[str]] = {str(word): set() for word in words}
    own = pl.concat_str("source", "post_id", separator=":", ignore_nulls=True)
    for path in sorted(coded.glob("*.parquet")):
        left = [word for word, found in authors.items() if len(found) < minimum]
        if not left:
            break
        posts = pl.scan_parquet(path, glob=False).filter("is_negative").select(
            pl.col("text").str.to_lowercase(), author=pl.coalesce("author_key", own)
        ).collect()  # fmt: skip
        for word in left:
            inside = posts["text"].str.contains(word, literal=True).fill_null(value=False)
            authors[word] |= set(posts.filter(inside)["author"].unique().head(minimum))
    return {word for word, found in authors.items() if 0 < len(found) < minimum}


def _is_total_shown(shown: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether all posts may be counted: as many digests as posts would give a total back."""
    counts = shown.get("counts")
    return counts is None or bool(counts.loc[counts["grievance"] == "all", "items"].notna().all())


def _marks_of(source: ReportSource) -> Path | None:
    """Return the file of the audit's marks; none under a minimum, since it tells of posts."""
    return source.audit.marks if source.audit and not _rules_of(source).withholds else None


def _facts_of(source: ReportSource) -> dict[str, object] | None:
    """Return what the manifest says of the audit; under a minimum without counts of posts."""
    if source.audit is None:
        return None
    facts = dict(source.audit.facts)
    if _rules_of(source).withholds:
        facts.pop("left_out", None)
        if frame := facts.get("frame"):
            facts["frame"] = {name: told for name, told in frame.items() if name != "size"}
    return facts


def _write_figures(source: ReportSource) -> None:
    renew_folder(source.paths.figures)
    with _process_beside() as pool:
        if pool is not None:
            pool.submit(figure_names)  # it loads what draws while the data are written here
        drawn = write_figure_data(
            _disclosed(source), source.study, source.paths.figures,
            simulated=source.simulated, scale=source.scale, only=figure_names(),
        )  # fmt: skip
        here, beside = _LANGUAGES
        drawing = None if pool is None else pool.submit(_drawing(source, beside, None))
        source.drawn[here] = _drawing(source, here, None)(drawn=drawn)
        source.drawn[beside] = (
            _drawing(source, beside, None)() if drawing is None else drawing.result()
        )
    if not any(source.paths.figures.iterdir()):  # nothing could be drawn
        source.paths.figures.rmdir()  # a build holds no empty folder


def _figures(source: ReportSource, language: str) -> list[SavedFigure]:
    """Draw the figures of a language, once a run."""
    if language not in source.drawn:
        source.drawn[language] = _drawing(source, language, _disclosed(source))()
    return source.drawn[language]


# Drawing fewer takes no longer than starting a process.
_MANY_FIGURES = 8


@contextmanager
def _process_beside() -> Iterator[Executor | None]:
    """Give a process that draws many figures of one language, while others are drawn here."""
    if len(figure_names()) < _MANY_FIGURES or (os.cpu_count() or 1) < 2:
        yield None
        return
    with open_processes(1) as pool:
        yield pool


def _drawing(
    source: ReportSource, language: str, tables: dict[str, pd.DataFrame] | None
) -> Callable[..., list[SavedFigure]]:
    return partial(
        draw_figures,
        tables,
        source.study,
        language,
        source.paths.figures,
        simulated=source.simulated,
        scale=source.scale,
        only=figure_names(),
    )


def _may_map(source: ReportSource) -> bool:
    """Tell whether topics have a map: its points are single posts, so not under a minimum."""
    has_topics = len(source.tables.get("clusters", ())) > 0
    return not _rules_of(source).withholds and has_topics and source.paths.topics.is_file()


def _may_quote(source: ReportSource) -> bool:
    """Tell whether pages show posts: simulated ones, or real ones where the study allows it.

    Never under a minimum, and so never in a published run: a post shows that its cell is not empty.
    """
    rules = _rules_of(source)
    return not rules.withholds and (source.simulated or rules.quotes)


def _write_maps(source: ReportSource) -> None:
    run_apart(
        _map_topics, source.paths, source.study, source.tables,
        scale=source.scale if source.simulated else None,
        quotes=_rules_of(source).quotes,
        beside=source.paths.coded,
    )  # fmt: skip


def _map_topics(
    paths: RunPaths,
    study: Study,
    tables: dict[str, pd.DataFrame],
    *,
    scale: float | None,
    quotes: bool,
) -> None:
    """Lay the texts of the topics out once, and write their map in both languages."""
    from analysis.clusters.terms import NEEDED, USED
    from analysis.reporting.topic_map import headline_of, map_topics, notes_of

    negative = scan_partitions(paths.coded).filter(pl.col("is_negative"))
    posts = take_present(negative, ("source", "post_id", *NEEDED, *USED)).collect()
    placed = posts.join(read_table(paths.topics), on=["source", "post_id"], how="left")
    made = map_topics(
        placed, tables["clusters"], notes=notes_of(tables), period=study.period, scale=scale
    )
    for language in _LANGUAGES:
        path, headline = paths.map_of(language), headline_of(study, language)
        made.save(path, language=language, title=headline, quotes=quotes)


def _write_notebooks(source: ReportSource) -> None:
    folder = renew_folder(source.paths.notebooks)
    parameters = {"build": source.paths.build.name}
    execute_notebooks(
        source.notebooks, folder, parameters, root=source.paths.out,
        processed=source.paths.partitions,
    )  # fmt: skip


def _write_reports(source: ReportSource) -> None:
    description = describe_run(
        source.study,
        parameters=source.parameters,
        inputs=source.inputs,
        audit=_facts_of(source),
    )
    description["build"] = name_build(source.paths.build, description)
    # The hash of a file changes with the order of its rows, and the report must not.
    shown = {**description, "inputs": {}, "command": source.command, **source.again}
    examples = read_examples(source.paths.build)
    for language in _LANGUAGES:
        other = "en" if language == "zh" else "zh"
        page = render_report(
            _disclosed(source),
            _figures(source, language),
            source.study,
            language,
            simulated=source.simulated,
            scale=source.scale,
            notebooks=list_executed(source.paths.build, language),
            manifest=shown,
            other_language_href=f"report.{other}.html",
            map_href=source.paths.map_of(language).name if _may_map(source) else "",
            examples=examples,
        )
        write_text(page, source.paths.build / f"report.{language}.html")
    write_manifest(source.paths.build, {**description, "command": source.command, **source.again})


def may_compute(paths: RunPaths, tables: dict[str, pd.DataFrame], rules: Rules) -> bool:
    """Tell whether notebooks may be executed on the posts of a run.

    They count posts themselves: not where small counts are withheld, nor where the posts are on
    another computer, or more than a notebook should hold in memory.
    """
    items = pd.to_numeric(tables["counts"]["items"]).max() if len(tables["counts"]) else 0
    return not rules.withholds and is_local(paths.partitions) and bool(items <= MOST_POSTS)


def notebooks_of(study: Study, *, wanted: bool, shipped: bool) -> list[Path]:
    """Choose the notebooks that a run executes."""
    if not wanted:
        return []
    folder = project_root() / "notebooks"
    return choose_notebooks(folder, claims=bool(study.claims), project=shipped)
