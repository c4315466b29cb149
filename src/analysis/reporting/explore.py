"""Look at a run from every side: choose posts, count them, draw them, ask why they are coded so."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
from scipy import special

from analysis.audit.sheet_reading import safe_text
from analysis.clusters.terms import name_cluster, weigh_terms
from analysis.clusters.words import read_texts
from analysis.coding.codebook import load_codebook
from analysis.coding.coder import Explanation, explain
from analysis.coding.scoring import whole_stars, with_stars
from analysis.errors import CaodianError, nearest
from analysis.measures.quantities import table_or_empty
from analysis.numbers import decimal_text, range_text
from analysis.plots.frame import ReportFigure, render
from analysis.plots.selection import PANELS, plot_selection
from analysis.reporting.saved_run import SavedRun
from analysis.schema.tables import ZONE
from analysis.study.periods import Period, list_periods, period_start, truncate
from analysis.words import Words, load_words

Unit: TypeAlias = Literal["items", "families", "authors"]
_Flags: TypeAlias = npt.NDArray[np.bool_]
_Numbers: TypeAlias = npt.NDArray[np.int64]

UNITS: tuple[Unit, ...] = ("items", "families", "authors")
CUTOFF = 0.5  # where the coder itself decides
_TOTALS = ("all", "negative")
_HELD = 0.5  # a code is held from this probability on, given that the post is negative
_COMPARED = 3000  # distinct texts of each side in a comparison
_FEWEST, _TERMS = 5, 20
_SCREEN = 100  # dots an inch


@dataclass(frozen=True)
class Choice:
    """Which posts to look at, and how to count them; what is None or empty is not restricted.

    Parameters
    ----------
    first, last
        First and last date, `YYYY-MM-DD`, both inside.
    grievance
        ``all`` posts, ``negative`` items, or those of a code.
    sub_grievance
        As ``price.price_surge``.
    platform, channel, stars
        One that the post names, the one it was posted in, and ``1`` to ``5``.
    words
        Words that the text must hold, all of them.
    unit
        What is counted: ``items``, ``families`` of near-duplicates, or ``authors``.
    cutoff
        The probability from which on a post is a negative item; 0.5 is the report's.
    """

    first: str | None = None
    last: str | None = None
    grievance: str = "negative"
    sub_grievance: str | None = None
    platform: str | None = None
    channel: str | None = None
    stars: str | None = None
    words: str = ""
    unit: Unit = "items"
    cutoff: float = CUTOFF


class Explorer:
    """The coded posts of a run, laid out so that any selection of 100,000 is counted at once.

    Parameters
    ----------
    run
        A run as `open_run` gives it; its posts are coded if they are not yet.

    Examples
    --------
    >>> from analysis.study.load import study_of_range
    >>> posts = pl.DataFrame({"source": ["a", "a"], "post_id": ["1", "2"],
    ...     "text": ["三天还没发货", "很满意"], "is_negative": [True, False],
    ...     "negative_probability": [0.9, 0.1], "grievances": [["delivery"], []]})
    >>> run = SavedRun({}, study_of_range("x", None, None, []), True, 1.0, "en")
    >>> explorer = Explorer(run, posts)
    >>> explorer.count("codes").query("count > 0").values.tolist()
    [['all', 2], ['negative', 1], ['delivery', 1]]
    """

    def __init__(self, run: SavedRun, posts: pl.DataFrame | None = None) -> None:
        self.run = run
        self.say = load_words(run.language, run.study.period)
        coded = with_stars(run.coded(frame="polars") if posts is None else posts)
        self.posts = coded.with_columns(_absent(coded))
        self._probability = self.posts["negative_probability"].fill_null(0).to_numpy()
        self._given: _Flags = self.posts["is_negative"].fill_null(False).to_numpy()
        self.codes = load_codebook().code_names
        self.subs = load_codebook().sub_names
        self._codes: _Flags = _flags(self.posts["grievances"], self.codes) & self._given[:, None]
        self._subs: _Flags = _flags(self.posts["sub_grievances"], self.subs) & self._given[:, None]
        self._searched: dict[str, _Flags] = {}

    @cached_property
    def dates(self) -> list[str]:
        """The days (weeks, months) of the window, or of the posts, as tables name them."""
        study, known = self.run.study, self._starts.drop_nulls()
        if known.is_empty():
            return []
        first, last = known.min(), known.max()
        if study.window is not None:
            first, last = study.window.start, study.window.end
        if not (isinstance(first, date) and isinstance(last, date)):
            return []
        return [day.isoformat() for day in list_periods(first, last, study.period)]

    @cached_property
    def _starts(self) -> pl.Series:
        days = pl.col("published_at").dt.date()
        return self.posts.select(truncate(days, self.run.study.period).alias("day"))["day"]

    @cached_property
    def _day(self) -> _Numbers:
        """The place of each post among the dates, -1 where it has none."""
        return _places(self._starts.cast(pl.String), self.dates)

    @cached_property
    def platforms(self) -> list[str]:
        """The platforms that posts name, those of most posts first."""
        named = self.posts.select(pl.col("platforms").list.explode().alias("name")).drop_nulls()
        counted = named.group_by("name").len().sort(["len", "name"], descending=[True, False])
        return counted["name"].to_list()

    @cached_property
    def _naming(self) -> tuple[_Numbers, _Numbers]:
        """Rows of posts, and the platforms that each names."""
        rows = self.posts.select("platforms").with_row_index("row").explode("platforms")
        rows = rows.drop_nulls().unique(maintain_order=True)
        return rows["row"].to_numpy().astype(np.int64), _places(rows["platforms"], self.platforms)

    @cached_property
    def _column(self) -> dict[str, tuple[_Numbers, list[str]]]:
        """Channel and stars as numbers, with their names."""
        stars = self.posts.select(whole_stars().alias("stars"))["stars"]
        found = {"channel": self.posts["channel"].fill_null("other"), "stars": stars}
        names = {name: sorted(column.unique().to_list()) for name, column in found.items()}
        return {name: (_places(found[name], names[name]), names[name]) for name in found}

    @property
    def channels(self) -> list[str]:
        """The channels of the posts."""
        return self._column["channel"][1]

    @property
    def stars(self) -> list[str]:
        """``1`` to ``5`` and ``none``, those that there are; nothing where no post has stars."""
        names = self._column["stars"][1]
        return [] if names == ["none"] else names

    @cached_property
    def _units(self) -> dict[str, _Numbers]:
        """Family and author of each post as numbers, -1 for nobody."""
        found = {"families": "family_id", "authors": "author_key"}
        return {unit: _ranks(self.posts[column]) for unit, column in found.items()}

    @cached_property
    def _weak(self) -> _Flags:
        """Which codes a post would hold if it were a negative item, from its scores."""
        kind = pl.Struct(dict.fromkeys(self.codes, pl.Float64))
        scores = self.posts["scores"].fill_null("{}").str.json_decode(kind).struct.unnest()
        share = scores.fill_null(0).to_numpy() / np.maximum(self._probability, 1e-9)[:, None]
        held: _Flags = share >= _HELD
        return held

    def _negative(self, cutoff: float) -> _Flags:
        if cutoff == CUTOFF:
            return self._given
        above: _Flags = self._probability >= cutoff
        return above

    def _held(self, cutoff: float) -> _Flags:
        """Lay out posts × codes at a cut-off; below the report's the likely codes join."""
        if cutoff == CUTOFF:
            return self._codes
        held = (
            self._codes if cutoff > CUTOFF else self._codes | (self._weak & ~self._given[:, None])
        )
        result: _Flags = held & self._negative(cutoff)[:, None]
        return result

    def choose(self, choice: Choice, *, without: Sequence[str] = ()) -> _Flags:
        """Tell which posts a choice takes."""
        taken = np.ones(self.posts.height, bool)
        if "dates" not in without and (choice.first or choice.last):
            inside = self._dates_of(choice)
            wanted = [day for day, name in enumerate(self.dates) if name in inside]
            taken &= (self._day >= min(wanted, default=0)) & (self._day <= max(wanted, default=-1))
        if "grievance" not in without:
            taken &= self._of_grievance(choice)
        for name in ("channel", "stars"):
            if (value := getattr(choice, name)) is not None:
                numbers, names = self._column[name]
                taken &= numbers == _place(value, names, name)
        if choice.platform is not None and "platform" not in without:
            rows, named = self._naming
            naming = np.zeros_like(taken)
            naming[rows[named == _place(choice.platform, self.platforms, "platform")]] = True
            taken &= naming
        for word in choice.words.split():
            taken &= self._search(word)
        return taken

    def _dates_of(self, choice: Choice) -> list[str]:
        """Give the days, or the weeks or months, that a choice's dates lie in, and all between."""
        first, last = (
            _period_of(end, self.run.study.period) if end else ""
            for end in (choice.first, choice.last)
        )
        return [day for day in self.dates if (first or "") <= day <= (last or "9999")]

    def _of_grievance(self, choice: Choice) -> _Flags:
        if choice.sub_grievance is not None:
            place = _place(choice.sub_grievance, self.subs, "sub_grievance")
            return self._subs[:, place] & self._negative(choice.cutoff)
        if choice.grievance == "all":
            return np.ones(self.posts.height, bool)
        if choice.grievance == "negative":
            return self._negative(choice.cutoff)
        place = _place(choice.grievance, self.codes, "grievance")
        return self._held(choice.cutoff)[:, place]

    def _search(self, word: str) -> _Flags:
        """Find a word in the texts; what was looked for last is remembered."""
        if word not in self._searched:
            if len(self._searched) > 20:
                self._searched.clear()
            found = self.posts["text"].str.contains(word, literal=True).fill_null(False)
            self._searched[word] = found.to_numpy()
        return self._searched[word]

    def _counted(self, taken: _Flags, groups: _Numbers, size: int, unit: str) -> _Numbers:
        """Count a unit in each group; ``groups`` is aligned with the posts, -1 for none."""
        rows = np.flatnonzero(taken & (groups >= 0))
        return self._count_rows(rows, groups[rows], size, unit)

    def _count_rows(self, rows: _Numbers, groups: _Numbers, size: int, unit: str) -> _Numbers:
        if unit not in UNITS:
            _place(unit, UNITS, "unit")
        if unit != "items":
            ids = self._units[unit][rows]
            width = int(self._units[unit].max(initial=0)) + 1
            pairs = np.unique((groups * width + ids)[ids >= 0])
            groups = pairs // width
        return np.bincount(groups, minlength=size)

    def count(self, panel: str, choice: Choice | None = None) -> pd.DataFrame:
        """Count what a panel of the figure shows."""
        choice = choice or Choice()
        _place(panel, PANELS, "panel")
        if panel == "daily":
            shown = self._dates_of(choice)
            counted = self._counted(self.choose(choice), self._day, len(self.dates), choice.unit)
            table = pd.DataFrame({"date": self.dates, "count": counted[: len(self.dates)]})
            table = table[table["date"].isin(shown)].reset_index(drop=True)
            low, high = _poisson_interval(table["count"].to_numpy())
            return table.assign(low=low, high=high)
        if panel == "codes":
            return self._count_codes(choice)
        taken = self.choose(choice, without=["platform"])
        rows, named = self._naming
        inside = taken[rows]
        found = self._count_rows(rows[inside], named[inside], len(self.platforms), choice.unit)
        table = pd.DataFrame({"platform": self.platforms, "count": found[: len(self.platforms)]})
        table = table.sort_values("count", ascending=False, kind="stable")
        return table[table["count"] > 0].reset_index(drop=True)

    def _count_codes(self, choice: Choice) -> pd.DataFrame:
        taken = self.choose(replace(choice, sub_grievance=None), without=["grievance"])
        negative, held = self._negative(choice.cutoff), self._held(choice.cutoff)
        columns = [taken, taken & negative, *(taken & held[:, n] for n in range(len(self.codes)))]
        nothing = np.zeros(self.posts.height, np.int64)
        counts = [int(self._counted(flags, nothing, 1, choice.unit)[0]) for flags in columns]
        return pd.DataFrame({"grievance": [*_TOTALS, *self.codes], "count": counts})

    def posts_of(
        self, choice: Choice | None = None, start: int = 0, rows: int = 20
    ) -> pd.DataFrame:
        """Show posts of a choice, the surest first, as far as their texts may be shown."""
        choice = choice or Choice()
        places = self._order[self.choose(choice)[self._order]][start : start + rows]
        chosen = self.posts[places.tolist()].with_columns(
            pl.Series("post", places),
            pl.col("published_at").dt.date().cast(pl.String).alias("date"),
            pl.col("negative_probability").round(3),
        )
        first = next(iter(choice.words.split()), "")
        return self.run.excerpts(chosen, _SHOWN, rows, around=first)

    @cached_property
    def _order(self) -> _Numbers:
        """The posts, the surest negative items first."""
        return np.argsort(-self._probability, kind="stable")

    def size(self, choice: Choice | None = None) -> int:
        """Count the units that a choice takes."""
        choice, nothing = choice or Choice(), np.zeros(self.posts.height, np.int64)
        return int(self._counted(self.choose(choice), nothing, 1, choice.unit)[0])

    def export(self, choice: Choice | None = None) -> pd.DataFrame:
        """Give all posts of a choice as a table to save, texts as `posts_of` shows them."""
        table = self.posts_of(choice, 0, self.posts.height)
        for name in table:
            table[name] = table[name].map(_as_cell)
        return table

    def compare(self, first: Choice, second: Choice) -> pd.DataFrame:
        """Tell two selections apart by their words.

        Log-odds with an informative Dirichlet prior over their standard error (Monroe, Colaresi &
        Quinn 2008), of distinct texts: at most 3,000 of each, drawn with the seed of the study.
        Posts that both take are those of the first.
        """
        one = self.choose(first)
        parts = [self._texts(flags) for flags in (one, self.choose(second) & ~one)]
        if not all(parts):
            return pd.DataFrame(columns=["term", "texts_first", "texts_second", "z"])
        reading = read_texts([*parts[0], *parts[1]], with_sayings=True)
        cut = len(parts[0])
        counted = [reading.held[:cut].sum(axis=0), reading.held[cut:].sum(axis=0)]
        inside = np.vstack([np.asarray(part) for part in counted])
        often = np.flatnonzero(inside.sum(axis=0) >= _FEWEST)
        inside, terms = inside[:, often], [reading.terms[place] for place in often]
        if not terms:
            return pd.DataFrame(columns=["term", "texts_first", "texts_second", "z"])
        z = weigh_terms(inside, inside.sum(axis=0))[0]
        found = []
        for sign in (1, -1):
            named = name_cluster(
                np.where(sign * z > special.ndtri(0.975), sign * z, 0), terms, _TERMS
            )
            found += [terms.index(term) for term in named]
        counts = inside[:, found].astype(int)
        return pd.DataFrame(
            {
                "term": [terms[place] for place in found],
                "texts_first": counts[0],
                "texts_second": counts[1],
                "z": z[found].round(2),
            }
        )

    def _texts(self, taken: _Flags) -> list[str]:
        """Give the distinct texts of a selection, one a family, a sample where they are many."""
        rows = np.flatnonzero(taken)
        families = self._units["families"][rows]
        keep = (families < 0) | ~pd.Series(families).duplicated().to_numpy()
        rows = rows[keep]
        if len(rows) > _COMPARED:
            draw = np.random.default_rng(self.run.study.seed)
            rows = np.sort(draw.permutation(rows)[:_COMPARED])
        return self.posts["text"][rows.tolist()].fill_null("").to_list()

    def why(self, post: int) -> Explanation:
        """Say why the default coder codes a post as it does: see `explain`."""
        if not 0 <= post < self.posts.height:
            raise CaodianError(
                "a post is asked for by its number in the table of posts",
                value=post,
                remedy=f"Numbers: 0 to {self.posts.height - 1}.",
            )
        return explain(self.posts.row(post, named=True))

    def disagrees(self, post: int, found: Explanation) -> bool:
        """Tell whether the run has coded a post otherwise than `why` explains.

        So it is where another coder, another codebook or other weights made the run.
        """
        coded = self.posts.row(post, named=True)
        same = bool(coded["is_negative"]) == bool(found.verdict["is_negative"])
        return not (
            same and set(coded["grievances"] or ()) == set(found.verdict["grievances"] or ())
        )

    def spell(self, choice: Choice) -> str:
        """Say a choice in words."""
        return spell_choice(choice, self.say)

    def posts_in(self, choice: Choice) -> int:
        """Count the posts that a choice takes, whatever its unit."""
        return int(self.choose(choice).sum())

    def picture(self, choice: Choice | None = None) -> bytes:
        """Draw all panels as a PNG for the screen."""
        return render(self.plot(None, choice), "png", dpi=_SCREEN)

    def warm(self) -> Explorer:
        """Compute now what the first question would wait for."""
        _ = self._day, self._naming, self._column, self._units, self._order, self._weak
        # Each figure leaves cycles behind; without this, the collection that comes every ten
        # changes walks through all that was imported, which takes longer than the change.
        gc.collect()
        gc.freeze()
        return self

    def plot(
        self, panel: str | None = None, choice: Choice | None = None, *, width: float = 174
    ) -> ReportFigure:
        """Draw a panel, or all three side by side."""
        choice = choice or Choice()
        shown = PANELS if panel is None else (panel,)
        run, chosen = self.run, (choice.sub_grievance or choice.grievance).split(".")[0]
        return plot_selection(
            {name: self.count(name, choice) for name in shown},
            spell_choice(choice, self.say),
            chosen=[chosen, *([choice.platform] if choice.platform else [])],
            unit=choice.unit, coverage=table_or_empty(run.tables, run.study.coverage),
            language=run.language, study=run.study, scale=run.scale if run.simulated else None,
            width=width,
        )  # fmt: skip


# Columns of posts as numbers.

_COLUMNS: dict[str, pl.DataType] = {
    "published_at": pl.Datetime("us", ZONE),
    "family_id": pl.String(),
    "author_key": pl.String(),
    "channel": pl.String(),
    "stars": pl.Float64(),
    "platforms": pl.List(pl.String),
    "sub_grievances": pl.List(pl.String),
    "scores": pl.String(),
}
_SHOWN = (
    "post", "date", "channel", "platforms", "grievances", "sub_grievances", "negative_probability",
)  # fmt: skip


def _absent(posts: pl.DataFrame) -> list[pl.Expr]:
    """Give the columns that posts lack, empty."""
    lacking = [name for name in _COLUMNS if name not in posts.columns]
    return [pl.lit(None, dtype=_COLUMNS[name]).alias(name) for name in lacking]


def _places(column: pl.Series, names: Sequence[str]) -> _Numbers:
    """Give the place of each value among the names, -1 for none of them."""
    places = pl.int_range(len(names), eager=True)
    known = column.replace_strict(list(names), places, default=-1, return_dtype=pl.Int64)
    return known.fill_null(-1).to_numpy()


def _ranks(column: pl.Series) -> _Numbers:
    """Rank the distinct values of a column from 0 on, -1 for what is missing."""
    return (column.rank("dense").cast(pl.Int64) - 1).fill_null(-1).to_numpy()


def _flags(lists: pl.Series, names: Sequence[str]) -> _Flags:
    """Lay lists of names out: rows × names."""
    rows = pl.DataFrame({"name": lists}).with_row_index("row").explode("name").drop_nulls()
    places = _places(rows["name"], names)
    flags = np.zeros((lists.len(), len(names)), bool)
    flags[rows["row"].to_numpy()[places >= 0], places[places >= 0]] = True
    return flags


def _place(value: object, names: Sequence[str], what: str) -> int:
    """Give the place of a value; refuse one that there is not."""
    if value in names:
        return list(names).index(str(value))
    near = nearest(str(value), list(names))
    raise CaodianError(
        f"a choice must name a {what} that there is",
        value=str(value),
        remedy=f"Did you mean {near!r}?" if near else f"There are: {', '.join(names) or 'none'}.",
    )


def _poisson_interval(counts: _Numbers) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Give the exact 95 % interval of Poisson counts (Garwood 1936)."""
    low = np.where(counts > 0, special.gammaincinv(np.maximum(counts, 1), 0.025), 0.0)
    return low.round(1), special.gammaincinv(counts + 1, 0.975).round(1)


def _period_of(day: str, period: Period) -> str:
    try:
        return period_start(date.fromisoformat(day), period).isoformat()
    except ValueError:
        raise CaodianError(
            "a choice begins and ends with a date", value=day, remedy="Write 2020-06-18."
        ) from None


def _as_cell(value: object) -> object:
    """Write a cell for a spreadsheet: names joined, and no text that it takes for a formula."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return ";".join(map(str, value))
    return safe_text(value) if isinstance(value, str) else value


def spell_choice(choice: Choice, say: Words) -> str:
    """Say a choice in words."""
    parts = [say.label(choice.sub_grievance or choice.grievance)]
    parts += [say.label(name) for name in (choice.platform, choice.channel) if name]
    if choice.stars:
        parts.append(say("explore.stars", stars=say.label(choice.stars)))
    if choice.words:
        parts.append(say("explore.holding", words=choice.words))
    if choice.first or choice.last:
        parts.append(range_text(choice.first or "…", choice.last or "…", say.language))
    if choice.cutoff != CUTOFF:
        parts.append(say("explore.from_cutoff", cutoff=decimal_text(choice.cutoff)))
    return say("list.semicolon").join(parts)
