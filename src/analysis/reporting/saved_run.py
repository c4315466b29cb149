"""What a notebook opens: the posts and tables of a run, with their study and scale."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
import polars as pl
from markupsafe import Markup, escape
from pydantic import ValidationError

from analysis.coding.coder import code_grievances
from analysis.corpus.clean import clean
from analysis.corpus.families import find_families
from analysis.corpus.mask import mask
from analysis.errors import CaodianError, nearest, require_path
from analysis.frames import AnyFrame, as_small, to_pandas
from analysis.measures.quantities import TABLES, load_tables
from analysis.numbers import scale_text
from analysis.plots.frame import ReportFigure
from analysis.reporting.figures import draw_figure, figure_names, read_figure_data, redraw_figure
from analysis.reporting.ledger import MANIFEST, posts_behind, read_ledger
from analysis.reporting.report import SECTIONS
from analysis.reporting.sections.section import ReportContext, Text
from analysis.schema.tables import table as columns_of
from analysis.simulate.corpus import simulate_posts
from analysis.storage import read_table, write_text
from analysis.storage.run_paths import project_root
from analysis.study.model import Study
from analysis.words import load_words, window_of

FILE = "run.json"
_RUNS = "CAODIAN_RUNS"  # names one more folder in which runs are looked for
_PROCESSED = "CAODIAN_PROCESSED"  # names the folder of the run's posts while notebooks execute
_RENDERED = "CAODIAN_RENDERED"  # set while notebooks are executed for readers
_ANEW = 0.001  # scale at which posts are simulated where a run left none
_SNIPPET = 40  # characters of a real post that whoever runs a notebook sees
_MAKE_REPORT = "618-2020"  # the study of `make report`
_SHOWN = 10  # runs that a message lists


def save_run(build_dir: str | Path, study: Study, *, simulated: bool, scale: float) -> Path:
    """Write down what the tables of a run cannot say: its study, and whether it was simulated.

    Parameters
    ----------
    build_dir
        The folder of the study under ``build/``.
    study, simulated, scale
        As the run had them.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_run(folder, study, simulated=False, scale=1.0).name
    'run.json'
    """
    content = {"simulated": simulated, "scale": scale, "study": study.model_dump(mode="json")}
    path = Path(build_dir) / FILE
    return write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", path)


@dataclass(frozen=True, repr=False)
class SavedRun:
    """A run as a notebook sees it; each method answers one kind of question."""

    tables: dict[str, pd.DataFrame]
    study: Study
    simulated: bool
    scale: float
    language: str
    folder: Path | None = None

    def __repr__(self) -> str:
        say = load_words(self.language)
        title = self.study.title_zh if self.language == "zh" else self.study.title_en
        facts = [title, window_of(self.study, say)]
        if self.simulated:
            facts.append(say("scale.simulated", scale=scale_text(self.scale)))
        names = say("list.comma").join(sorted(self.tables))
        facts.append(say("text.tables", n=len(self.tables), names=names))
        return "\n".join([say("list.semicolon").join(facts), *self._warnings()])

    def _warnings(self) -> list[str]:
        """Give what the report says of texts that the coder hardly reads, or that are no posts."""
        notes = self.tables.get("notes", pd.DataFrame(columns=["about", self.language]))
        return [str(note) for note in notes.loc[notes["about"] == "language", self.language]]

    def table(self, name: str, **where: object) -> pd.DataFrame:
        """Give a table, or those of its rows in which the named columns have the given values.

        A table that this run had nothing to write into is an empty one with its columns.
        """
        if name not in self.tables and name not in TABLES:
            raise CaodianError(
                "a notebook may ask for the tables of a run",
                value=name,
                remedy=f"Nearest: {nearest(name, list(TABLES))}. "
                f"This run wrote {', '.join(sorted(self.tables))}.",
            )
        absent = name not in self.tables
        rows = pd.DataFrame(columns=columns_of(name).names) if absent else self.tables[name]
        for column, value in where.items():
            rows = rows[rows[column] == value]
        return rows.reset_index(drop=True)

    def figure(
        self, name: str, data: pd.DataFrame | None = None, *, size: float | None = None
    ) -> "ReportFigure | Answer":
        """Draw a figure of the report; a sentence says so when the run has no data for it."""
        _refuse_figure(name)
        facts = self.study, self.language
        drawn: ReportFigure | None = None
        if data is None:
            drawn = draw_figure(
                name, self.tables, *facts, simulated=self.simulated, scale=self.scale, size=size
            )
        elif not data.empty:
            drawn = self._redraw(name, data, size)
        if drawn is None:
            return Answer([escape(load_words(self.language)("absent.figure"))])
        return drawn

    def figure_data(self, name: str) -> pd.DataFrame:
        """Give the rows from which a figure is drawn, the CSV beside it; none where it has none.

        ``run.figure(name, run.figure_data(name))`` is the figure of the report.
        """
        _refuse_figure(name)
        path = None if self.folder is None else self.folder / "figures" / f"{name}.csv"
        return read_figure_data(path) if path is not None and path.is_file() else pd.DataFrame()

    def _redraw(self, name: str, data: pd.DataFrame, size: float | None) -> ReportFigure:
        """Draw a figure from rows that somebody may have changed; say which they are."""
        place = f"figures/{name}.csv, or the rows given in its place"
        remedy = "Compare them with those that `caodian report` writes."
        try:
            return redraw_figure(
                name, data, self.study, self.language, simulated=self.simulated,
                scale=self.scale, size=size,
            )  # fmt: skip
        except CaodianError as error:
            where = f"{place}: {error.where}" if error.where else place
            remedy = f"{error.remedy} {remedy}" if error.remedy else remedy
            raise CaodianError(error.rule, value=error.value, where=where, remedy=remedy) from None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            is_absent = isinstance(error, KeyError) and error.args[0] not in data
            raise CaodianError(
                "the data of a figure must have the columns and kinds of values of the report's",
                value=f"no column {error.args[0]}" if is_absent else _first_line(error),
                where=place,
                remedy=remedy,
            ) from error

    def claims(self, about: str | None = None) -> pd.DataFrame:
        """Give the verdicts in this run's language, all or those on one code."""
        rows = self.tables.get("claims", pd.DataFrame({"claim_id": []}))
        if about is not None:
            named = [claim.id for claim in self.study.claims if claim.grievance == about]
            rows = rows[rows["claim_id"].isin(named)]
        suffix = "_en" if self.language == "en" else ""
        texts = {f"statement{suffix}": "statement", f"reason{suffix}": "reason"}
        columns = [
            "claim_id",
            f"statement{suffix}",
            "verdict",
            "estimate",
            "low",
            "high",
            f"reason{suffix}",
        ]
        return rows.reindex(columns=columns).rename(columns=texts).reset_index(drop=True)

    def posts(self, *, counted: bool = True, frame: Literal["pandas", "polars"] = "pandas") -> Any:  # noqa: ANN401 - pandas or Polars, as asked
        """Give the posts of the run, cleaned and masked, as they stand before they are coded."""
        folder = self._processed()
        posts = self._simulate() if folder is None else _read_posts(folder / "posts")
        window, day = self.study.window, pl.col("published_at").dt.date()
        if window is not None:
            inside = day.is_between(window.start, window.end).fill_null(False)
            posts = posts.with_columns(inside.alias("is_in_window"))
        if counted:
            is_inside = pl.col("is_in_window").ne_missing(pl.lit(False))
            posts = posts.filter(is_inside & pl.col("repeat_of").is_null())
        posts = posts.sort("source", "post_id", maintain_order=True)
        return posts if frame == "polars" else to_pandas(posts)

    def coded(self, *, frame: Literal["pandas", "polars"] = "pandas") -> Any:  # noqa: ANN401 - pandas or Polars, as asked
        """Give the posts that count as the run coded them; where it left none, coded anew."""
        folder = self._processed()
        if folder is not None and any((folder / "coded").glob("*.parquet")):
            kept = _read_posts(folder / "coded")
            inside = (
                pl.col("is_in_window").ne_missing(pl.lit(False)) & pl.col("repeat_of").is_null()
            )
            coded = kept.filter(inside).sort("source", "post_id", maintain_order=True)
        else:
            posts: pl.DataFrame = self.posts(frame="polars")
            coded = code_grievances(find_families(posts))
        return coded if frame == "polars" else to_pandas(coded)

    def scan_coded(self) -> pl.LazyFrame:
        """Give the coded posts of the run where they lie on disk, for samples of large runs."""
        folder = self._processed()
        files = [] if folder is None else sorted((folder / "coded").glob("*.parquet"))
        if not files:
            raise CaodianError(
                "the coded posts of a run stand in data/processed",
                value=self.study.name,
                where=f"looked for in {Path.cwd()}, above it and beside the run",
                remedy=_how_to_find(self.study.name),
            )
        return pl.scan_parquet(files, glob=False)

    @property
    def labels(self) -> dict[str, Any]:
        """What every figure of this run should say: `cd.plot_grievances(counts, **run.labels)`."""
        scale = self.scale if self.simulated else None
        return {"language": self.language, "study": self.study, "scale": scale}

    @property
    def drift(self) -> pd.DataFrame | None:
        """The coder's drift as the run's audit measured it, for `judge_trend`; often none."""
        folder = self._processed()
        path = None if folder is None else folder / "drift.csv"
        if path is None or not path.is_file():
            return None
        return to_pandas(read_table(path)).astype({"low": float, "high": float})

    def excerpts(
        self,
        posts: AnyFrame,
        columns: Sequence[str] = (),
        rows: int = 10,
        *,
        around: str = "",
    ) -> pd.DataFrame:
        """Show the texts of posts, as far as they may be shown."""
        head = as_small(posts.head(rows)).reset_index(drop=True)
        texts = mask(head[["text"]])["text"].fillna("")
        if around:
            texts = texts.map(lambda text: _in_context(text, around))
        elif not self.simulated:
            cut = texts.str.len() > _SNIPPET
            texts = texts.str[:_SNIPPET] + np.where(cut, "…", "")
        if not self.simulated and os.environ.get(_RENDERED):
            texts = pd.Series(load_words(self.language)("text.withheld"), index=head.index)
        shown = [name for name in columns if name in head]
        return head[shown].assign(text=texts)

    def compare(self, **made: AnyFrame) -> pd.DataFrame:
        """Tell whether tables made from posts are those of the report."""
        is_anew = self._processed() is None
        compared = [self._compare(name, as_small(table)) for name, table in made.items()]
        found = pd.DataFrame(compared, columns=["table", "rows", "columns", "differing"])
        has_rows = found["columns"].ne("")
        equal = found["differing"].eq(0).astype("boolean").where(has_rows)
        say = load_words(self.language)
        why = np.where(has_rows, say("text.posts_anew") if is_anew else "", say("absent.compared"))
        return found.assign(is_equal=equal, why=why)

    def _compare(self, name: str, ours: pd.DataFrame) -> tuple[str, int, str, int]:
        """Count the cells of a table that differ from the report's."""
        theirs = self.table(name)
        keys = [key for key in _KEYS if key in ours and key in theirs]
        values = [
            column
            for column in map(str, ours)
            if column in theirs and column not in keys and ours[column].notna().any()
        ]
        if theirs.empty or ours.empty or not keys or not values:
            return name, len(ours), "", 0
        both = ours[keys + values].merge(theirs[keys + values], on=keys, how="left", indicator=True)
        differing = int((both["_merge"] != "both").sum())
        for column in values:
            differing += int((~_alike(both[f"{column}_x"], both[f"{column}_y"])).sum())
        return name, len(ours), ", ".join(values), differing

    def _processed(self) -> Path | None:
        """Find the folder of the posts between the steps of this run."""
        name = self.study.name if self.folder is None else self.folder.name
        named = os.environ.get(_PROCESSED)
        places = [Path(named)] if named and Path(named).name == name else []
        inner = Path("data", "processed", name)
        if self.folder is not None:
            places.append(self.folder.parents[1] / inner)
        places += [base / inner for base in _bases()]
        return next((place for place in places if any((place / "posts").glob("*.parquet"))), None)

    def _simulate(self) -> pl.DataFrame:
        """Simulate a small corpus of the study, cleaned and masked as a run does it."""
        if not self.simulated or self.study.simulation is None:
            raise CaodianError(
                "the posts of a run stand in data/processed",
                value=self.study.name,
                where=f"looked for in {Path.cwd()}, above it and beside the run",
                remedy=_how_to_find(self.study.name),
            )
        scale = min(self.scale, _ANEW)
        posts: pl.DataFrame = simulate_posts(self.study, scale, frame="polars")
        return mask(clean(posts.select(pl.exclude("^true_.*$"))))

    def posts_behind(self, evidence: str) -> list[str]:
        """List the posts behind a number of the report, by their digests."""
        ledger = read_ledger(self.folder) if self.folder else None
        if ledger is None:
            raise CaodianError(
                "a number can be traced to its posts only where the run kept its ledger",
                value=evidence,
                where=str(self.folder or "a run that stands in no folder"),
                remedy="Make the run again: caodian report writes evidence/posts.parquet.",
            )
        if ledger.columns == ["post"]:
            raise CaodianError(
                "a published build does not say which posts are behind a number",
                value=evidence,
                where=str(self.folder),
                remedy="Make the report without --public, for yourself.",
            )
        return posts_behind(ledger, evidence, self.study.series)

    def answer(self, section: str) -> "Answer":
        """Give the words of a section of the report."""
        sections = {maker.__name__: maker for maker in SECTIONS}
        made = sections[section](
            ReportContext(
                self.tables, {}, self.study, load_words(self.language, self.study.period),
                self.simulated, self.scale, (), {},
            )
        )  # fmt: skip
        texts: list[Text] = [escape(made.absent)] if made.absent else []
        return Answer([*texts, *made.paragraphs, *made.notes])


def _refuse_figure(name: str) -> None:
    if name not in figure_names():
        raise CaodianError(
            "only a figure of the report can be drawn by its name",
            value=name,
            remedy=f"Nearest: {nearest(name, figure_names())}.",
        )


@dataclass(frozen=True)
class Answer:
    """Sentences that a notebook shows."""

    texts: list[Text]

    def _repr_html_(self) -> str:
        return "".join(Markup("<div>{}</div>").format(text) for text in self.texts)

    def __repr__(self) -> str:
        return "\n".join(Markup("{}").format(text).striptags() for text in self.texts)


# What tells the rows of a table apart; all else is compared.
_KEYS = (
    *("date", "grievance", "sub_grievance", "platform", "channel", "stars", "step", "cluster"),
    *("claim_id", "campaign", "keyword", "hour"),
)


def _alike(ours: "pd.Series[Any]", theirs: "pd.Series[Any]") -> "pd.Series[Any]":
    """Tell which cells are the same: numbers to nine digits, and missing ones are alike."""
    numbers = [pd.to_numeric(side, errors="coerce") for side in (ours, theirs)]
    if all(a.notna().eq(b.notna()).all() for a, b in zip(numbers, (ours, theirs), strict=True)):
        left, right = (number.astype(float).to_numpy() for number in numbers)
        return pd.Series(np.isclose(left, right, rtol=1e-9, atol=0, equal_nan=True), ours.index)
    blank = [side.astype(object).where(side.notna(), "").astype(str) for side in (ours, theirs)]
    return blank[0].eq(blank[1])


def _in_context(text: str, word: str) -> str:
    """Cut a text to a word and what stands around it."""
    place = max(text.find(word), 0)
    first, last = max(place - _SNIPPET // 2, 0), place + len(word) + _SNIPPET // 2
    return "…" * (first > 0) + text[first:last] + "…" * (last < len(text))


def _read_posts(folder: Path) -> pl.DataFrame:
    """Read the partitions of the posts in their order."""
    return pl.read_parquet(sorted(folder.glob("*.parquet")), glob=False)


def open_run(run: str | Path, language: str = "zh", *, tables: bool = True) -> SavedRun:
    """Open what ``caodian report`` left in a build folder.

    Parameters
    ----------
    run
        Name of the run, or its folder: ``618-2020``, ``build/618-2020``, an absolute path.
        :func:`_find_run` tells where it is looked for.
    language
        Language of figures and sentences, ``zh`` or ``en``.
    tables
        Whether its tables are read; figures are drawn from their own data without any.

    Raises
    ------
    CaodianError
        When there is no such run, or it is not whole, or another version wrote it, or it is being
        replaced. The message tells which command makes it, and which runs there are.

    Examples
    --------
    >>> import tempfile
    >>> open_run(tempfile.gettempdir() + "/no-such-run")
    Traceback (most recent call last):
    analysis.errors.CaodianError: only a run that was made can be opened: ...
    """
    folder = _find_run(run)
    return read_unchanged(folder, lambda: _read_run(folder, language, with_tables=tables))


_Read = TypeVar("_Read")


def read_unchanged(folder: Path, read: Callable[[], _Read]) -> _Read:
    """Read a build that another run may replace meanwhile: once more if it was, else refuse.

    Parameters
    ----------
    folder
        The folder of the build.
    read
        Reads any number of its files; what it writes, it must be able to write again.

    Raises
    ------
    CaodianError
        When the build was replaced both times.

    Examples
    --------
    >>> read_unchanged(Path("no/such/build"), lambda: 1)
    1
    """
    for _ in range(2):
        before = _manifest_of(folder)
        try:
            found = read()
        except (CaodianError, OSError):  # what was read may be of two builds, or of none
            if _manifest_of(folder) == before:
                raise
        else:
            if _manifest_of(folder) == before:
                return found
    raise CaodianError(
        "a run must stay the same while it is read",
        value=folder.as_posix(),
        where="another run has just replaced it, twice",
        remedy="Wait until that one has ended, and do this again.",
    )


def _manifest_of(folder: Path) -> bytes | None:
    path = folder / MANIFEST
    try:
        return path.read_bytes() if path.is_file() else None  # who opens a pipe waits
    except OSError:
        return None


def _read_run(folder: Path, language: str, *, with_tables: bool) -> SavedRun:
    try:
        facts: dict[str, Any] = json.loads((folder / FILE).read_text("utf-8"))
        study = Study.model_validate(facts["study"])
        simulated, scale = bool(facts["simulated"]), float(facts["scale"])
        tables = load_tables(folder) if with_tables else {}
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(folder, _first_line(error)) from None
    for name in sorted(set(tables) & set(TABLES)):
        lacking = [column for column in columns_of(name).names if column not in tables[name]]
        if lacking:
            raise _unreadable(folder, f"tables/{name}.csv without {', '.join(lacking)}")
    load_words(language)  # a language that there is not is refused here, not in a later cell
    pd.set_option("display.max_colwidth", None)  # sentences are read whole, or not at all
    return SavedRun(tables, study, simulated, scale, language, folder)


def _find_run(run: str | Path) -> Path:
    """Find the folder of a run.

    An absolute path is taken as it is. Any other is looked for in the working directory and each
    folder above it up to a checkout, then in the folder that the environment names
    (``CAODIAN_RUNS``; `caodian lab` sets it to where it was started), then in the checkout: as it
    is, and below ``build``. So notebooks find a run by its name wherever their kernel stands.
    """
    rule = "a run is opened by its name or its folder"
    require_path(run, rule, "Give what `caodian report` wrote, such as 'build/my-export'.")
    asked = Path(run).expanduser()
    places = [base / inner for base in _bases() for inner in (asked, "build" / asked)]
    for folder in places:
        if (folder / FILE).is_file():
            return folder
    for folder in places:
        if any((folder / name).exists() for name in ("tables", "figures", "manifest.json")):
            raise _unreadable(folder, f"no {FILE}")
    raise CaodianError(
        "only a run that was made can be opened",
        value=str(run),
        where=f"looked for in {Path.cwd()}, above it and in {project_root()}",
        remedy=f"{_how_to_make(asked.name)} {_which_there_are(asked)}",
    )


def _list_runs(*beside: str | Path) -> list[Path]:
    """List the folders of the runs that are found by their name alone, the latest first."""
    folders = [*(base / "build" for base in _bases()), *map(Path, beside)]
    found = {path.parent.resolve(): path for base in folders for path in base.glob(f"*/{FILE}")}
    return sorted(found, key=lambda folder: (-found[folder].stat().st_mtime, folder.name))


def _bases() -> list[Path]:
    here = Path.cwd()
    above = []
    for folder in (here, *here.parents):
        above.append(folder)
        if all((folder / name).exists() for name in ("pyproject.toml", "studies")):
            break  # what lies above a checkout is none of its business
    named = os.environ.get(_RUNS)
    return [*above, *([Path(named)] if named else []), project_root()]


def _which_there_are(asked: Path) -> str:
    # Those made with --out stand beside the one that was asked for.
    beside = [base / asked.parent for base in _bases()] if asked.parent.name else [Path.cwd()]
    runs = _list_runs(*beside)
    if not runs:
        return "There is no run yet."
    ways = [_shortest_way(folder) for folder in runs[:_SHOWN]]
    more = f" and {len(runs) - _SHOWN} more" if len(runs) > _SHOWN else ""
    return f"Runs that exist, the latest first: {', '.join(ways)}{more}."


def _shortest_way(folder: Path) -> str:
    """Give the words by which `open_run` opens a folder: its name, else its whole path."""
    places = [base / "build" / folder.name for base in _bases()]
    first = next((place for place in places if (place / FILE).is_file()), None)
    is_found = first is not None and first.resolve() == folder
    return repr(folder.name if is_found else folder.as_posix())


def _how_to_find(name: str) -> str:
    """Tell what makes the posts of a run, and how those of a run with --storage are found."""
    stored = f"If it was made with --storage DIR, set {_PROCESSED} to DIR/{name}."
    return f"{_how_to_make(name)} {stored}"


def _how_to_make(name: str) -> str:
    """Tell the command that makes a run: known for a study, a guess for the user's own file."""
    for base in _bases():
        path = base / "studies" / f"{name}.yaml"
        if path.is_file():
            command = f"--study studies/{path.name}"
            if "\nsimulation:" not in path.read_text("utf-8"):
                return f"`caodian report EXPORT {command}` makes it."
            make = ", or `make report`," if name == _MAKE_REPORT else ""
            return f"`caodian report {command}`{make} makes it."
    return "`caodian report FILE` makes a run of your own file."


def _unreadable(folder: Path, found: str) -> CaodianError:
    return CaodianError(
        "a run must have been written whole, and by this version",
        value=found,
        where=folder.as_posix(),
        remedy=f"Make it again: {_how_to_make(folder.name)}",
    )


def _first_line(error: Exception) -> str:
    """Say what is wrong with a file in few words; pydantic tells the field apart."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{FILE}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    if isinstance(error, KeyError):
        return f"{FILE} without {error.args[0]}"
    return f"{type(error).__name__}: {str(error).splitlines()[0]}"
