"""What may leave the project: small cells are taken out, and what would give them away."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measures.published import OURS, withhold_verdicts
from analysis.measures.trend import rests_on, withhold_numbers
from analysis.reporting.company import (
    DESCRIBING,
    Window,
    give_company,
    groups_of,
    hide_changes,
    is_few,
    keys_of,
    told_by_windows,
)
from analysis.study.model import Claim, Disclosure
from analysis.study.periods import SERIES, Period, period_start

_COUNTS = (
    "items", "families", "authors", "negative_items", "posts_in", "posts_out", "dropped", "named",
    "texts_first", "texts_second",
)  # fmt: skip
_DERIVED = ("share", "estimate", "low", "high", "rate", "share_first", "share_second", "z")
_SHARES = ("snownlp_negative", "negative", "both", "either")  # of posts, by their scores
# Within these groups a table's other cells and a known total would give a single gap away.
_MARGINS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("daily", "weekly", "monthly", "sub_grievances"), ("grievance",)),
    **dict.fromkeys(("platforms", "channels", "ratings"), ()),
    **dict.fromkeys(("cluster_days", "cluster_codes"), ("cluster",)),
    "platform_sub_grievances": ("platform", "grievance"),
    "breaks": ("grievance", "date"),
    "coverage_hours": ("keyword", "date"),
}
# Shares of the items of a row: each tells a count, and that of all others.
_PARTS = {
    "clusters": ("covered",), "emerging": ("purity",),
    "breaks": ("top_family_share", "platform_share"),
}  # fmt: skip
_RECORDS = ("records_read", "kept", "rejected", "repeats", "overlaps", "blank")
# Whose count one table withholds, and the other tables that tell of the same.
_ALIKE = {
    "grievance": ("counts", ("daily", "weekly", "monthly", "audit", "event_days",
                             "sub_grievances", "platform_sub_grievances")),
    "platform": ("platforms", ("watchlist", "platform_sub_grievances")),
}  # fmt: skip
# A breakdown by hour can point at one person's habits, whatever the study allows elsewhere.
_STRICT = {"coverage_hours": 5}


@dataclass(frozen=True)
class Rules:
    """The settings of one run."""

    minimum_cell: int
    quotes: bool
    digests: bool = True  # of posts: who has the ids can find the posts by them

    @property
    def withholds(self) -> bool:
        """Whether small cells are withheld, so that nothing beside the tables may tell of posts."""
        return self.minimum_cell > 1


def rules_of(settings: Disclosure, *, public: bool) -> Rules:
    """Give the disclosure rules of a run; ``public`` applies the strict setting to everything.

    Where a study sets a minimum of its own, no digest tells what the tables withhold, either.

    Examples
    --------
    >>> rules_of(Disclosure(minimum_cell=1, quotes=True), public=True)
    Rules(minimum_cell=5, quotes=False, digests=False)
    """
    if public:
        return Rules(max(5, settings.minimum_cell), quotes=False, digests=False)
    return Rules(settings.minimum_cell, settings.quotes, digests=settings.minimum_cell <= 1)


Tables = dict[str, pd.DataFrame]


def _suppress(
    table: pd.DataFrame,
    *,
    minimum: int,
    by: Sequence[str] = (),
    earlier: Sequence[pd.DataFrame] = (),
    adds_up: bool = True, told: pd.Series | None = None, is_strict: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Empty the cells below a minimum, and one more where a total would give a lone gap away.

    A row of 1 to ``minimum`` - 1 items loses its counts and what was computed from them; a zero
    describes nobody. Within each group of ``by`` a lone gap is given company by the smallest row
    left; where it is strict, ones that none can keep company take the zeros along. Rows of ``told``
    would tell what is withheld elsewhere.
    """
    columns = [column for column in _COUNTS if column in table]
    if minimum <= 1 or not columns or table.empty:
        return table.copy()
    numbers = table[columns].apply(pd.to_numeric, errors="coerce")
    small = is_few(numbers, minimum).any(axis=1) | is_few(_rests(numbers), minimum).any(axis=1)
    if told is not None:
        small |= told
    groups = groups_of(table, by)
    if adds_up:
        small = hide_changes(small, numbers, table, earlier, minimum, groups=groups)
    sizes, windows = numbers[columns[0]], []
    if adds_up and "date" in table:
        windows = [one for one in (Window.of(table, sizes, by, old) for old in earlier) if one]
        small |= pd.Series([any(one.hid(row) for one in windows) for row in range(len(table))],
                           index=table.index, dtype=bool) & (sizes > 0)  # fmt: skip
    for group in groups:
        give_company(small, sizes, group, minimum, windows)
        hidden = numbers[columns[0]].iloc[group][small.iloc[group]]
        small.iloc[group] |= is_strict and 0 < hidden.sum() <= len(hidden)
    if not adds_up:  # codes overlap: no total tells what came to one of them
        small = hide_changes(small, numbers, table, earlier, minimum)
    return _emptied(table, (*columns, *_DERIVED), small)


def _emptied(
    table: pd.DataFrame, columns: Collection[str], rows: pd.Series | None = None
) -> pd.DataFrame:
    """Return a table without the numbers that the columns hold in rows, or in all."""
    there = [name for name in columns if name in table]
    if rows is None:
        rows = pd.Series(data=True, index=table.index)
    return table.assign(**{name: table[name].astype(float).mask(rows) for name in there})


# A count of a row, and one that is part of it: both tell the rest.
_WITHIN = (("items", "negative_items"), ("named", "items"))


def _rests(numbers: pd.DataFrame) -> pd.DataFrame:
    """Return what counts leave of their wholes: the posts of a channel that attack nobody."""
    inside = [(whole, part) for whole, part in _WITHIN if {whole, part} <= set(numbers)]
    return pd.DataFrame({part: numbers[whole] - numbers[part] for whole, part in inside})


def _withhold_told_by_windows(
    shown: dict[str, pd.DataFrame], tables: Tables, series: str,
    before: Mapping[str, Sequence[pd.DataFrame]], minimum: int,
) -> None:  # fmt: skip
    """Withhold totals that tell a hidden day to who has the days of an earlier window."""
    if {"counts", series} <= shown.keys():
        codes = told_by_windows(shown[series], tables[series], before[series], minimum)
        rows = shown["counts"]["grievance"].isin(codes)
        shown["counts"] = _emptied(shown["counts"], (*_COUNTS, *_DERIVED), rows)


def _suppress_steps(
    funnel: pd.DataFrame, minimum: int, earlier: Sequence[pd.DataFrame] = ()
) -> pd.DataFrame:
    """Withhold steps of the funnel together with a neighbour, whose sum is all that stays known.

    The rows before and after a step say what came in and what went out of it.
    """
    dropped = pd.to_numeric(funnel["dropped"], errors="coerce").fillna(0).to_numpy()
    counted = funnel[[name for name in _COUNTS if name in funnel]]
    numbers = counted.apply(pd.to_numeric, errors="coerce")
    unchanged = pd.Series(data=False, index=funnel.index)
    changed = hide_changes(unchanged, numbers, funnel, earlier, minimum).to_numpy()
    hidden = ((dropped > 0) & (dropped < minimum)) | changed
    for row in np.flatnonzero(hidden).tolist():  # those that are small, and not their neighbours
        first, last = row, row
        while _tells_all(dropped[first : last + 1]) and (first, last) != (0, len(dropped) - 1):
            first, last = (first, last + 1) if last + 1 < len(dropped) else (first - 1, last)
        hidden[first : last + 1] = True
    return _emptied(funnel, _COUNTS, pd.Series(hidden, index=funnel.index))


def _tells_all(dropped: NDArray[np.float64]) -> bool:
    """Say whether a sum tells what it is made of: a lone number, or ones."""
    filled = int((dropped > 0).sum())
    return filled < 2 or bool(dropped.sum() == filled)


def disclose(
    tables: Tables, rules: Rules, earlier: Sequence[Tables] = (), claims: Sequence[Claim] = ()
) -> Tables:
    """Apply the rules to every table of a run.

    Parameters
    ----------
    tables
        As they were measured.
    rules
        The settings of the run.
    earlier
        Tables of builds of the same study that were published before: no cell is shown that is
        from one of theirs by less than the minimum, since both together tell who came.
    claims
        Of the study: what is told of a claim goes with a count that it rests on.

    Returns
    -------
    dict of pd.DataFrame
        The same tables; cells that are withheld are missing.

    Examples
    --------
    >>> tables = {"channels": pd.DataFrame({"channel": ["a"], "items": [3]})}
    >>> disclose(tables, Rules(minimum_cell=5, quotes=False))["channels"]["items"].isna().all()
    np.True_
    """
    tables = _without_combinations(tables, rules.minimum_cell, earlier)
    tables = _without_words_of_few(tables, rules.minimum_cell)
    before = {
        name: [published[name] for published in earlier if name in published] for name in tables
    }
    period = next((kind for kind, name in SERIES.items() if name in tables and kind != "day"), None)
    told = _totals_of_ones(tables, period) if rules.minimum_cell > 1 else {}
    shown = {
        name: _suppress(
            table,
            minimum=max(rules.minimum_cell, _STRICT.get(name, 1)),
            by=_MARGINS.get(name, ()),
            earlier=before[name],
            adds_up=name in _MARGINS,
            told=told.get(name),
            is_strict=name in _STRICT,
        )
        for name, table in tables.items()
    }
    if "funnel" in shown and "dropped" in shown["funnel"] and rules.minimum_cell > 1:
        shown["funnel"] = _suppress_steps(tables["funnel"], rules.minimum_cell, before["funnel"])
    if "reconciliation" in shown:
        shown["reconciliation"] = _suppress_records(
            tables["reconciliation"], rules.minimum_cell, before["reconciliation"]
        )
    if period is not None and "daily" in tables:
        shown["daily"] = _suppress_within(
            tables["daily"], period, rules.minimum_cell, before["daily"]
        )
    if rules.minimum_cell > 1:
        _withhold_told_by_windows(
            shown, tables, SERIES[period or "day"], before, rules.minimum_cell
        )
    _withhold_alike(shown, tables)
    if rules.minimum_cell > 1:
        _withhold_totals(shown)
    _withhold_shares(shown)
    _withhold_parts(shown, tables, rules.minimum_cell)
    if "audit" in shown and "shared_errors" in shown:
        shown["shared_errors"] = _where_audit_is_shown(shown["shared_errors"], shown["audit"])
    if rules.minimum_cell > 1:
        _withhold_fits(shown, period or "day")
        _withhold_judged(shown, _gaps_of(shown, tables, SERIES[period or "day"]), claims)
    for name in ("sentiment_cutoffs", "sentiment_days"):
        if name in shown:
            shown[name] = _suppress_shares(tables[name], rules.minimum_cell, before[name])
    _withhold_days(shown, SERIES[period or "day"], rules)
    if rules.minimum_cell > 1:
        _forget_order(shown)
    return shown


def _withhold_days(shown: dict[str, pd.DataFrame], series: str, rules: Rules) -> None:
    """Withhold what is told of single days where the series withholds a day."""
    days = shown.get(series)
    if "event_days" in shown:
        shown["event_days"] = _where_all_days_are_shown(shown["event_days"], days)
    if "breaks" in shown:
        like_series = _where_series_is_shown(shown["breaks"], days)
        shown["breaks"] = _without_small_drivers(like_series, rules.minimum_cell)
        if not rules.digests and "top_families" in shown["breaks"]:
            shown["breaks"] = _without_digests(shown["breaks"])


def series_with_gaps(
    tables: Tables, rules: Rules, earlier: Sequence[Tables] = (), *, series: str = "daily"
) -> set[str]:
    """Name the series of which a day, week or month is withheld; none without a minimum.

    Examples
    --------
    >>> days = pd.DataFrame({"date": ["2020-06-01", "2020-06-02"], "grievance": "price",
    ...                      "items": [3, 30]})
    >>> series_with_gaps({"daily": days}, Rules(minimum_cell=5, quotes=False))
    {'price'}
    """
    if rules.minimum_cell <= 1:
        return set()
    needed = {name: tables[name] for name in ("counts", *SERIES.values()) if name in tables}
    return _without_items(disclose(needed, rules, earlier).get(series))


def _totals_of_ones(tables: Tables, period: Period | None) -> dict[str, pd.Series]:
    """Tell the rows of weeks, months and all days that are made of ones alone, as the total tells.

    Days that are withheld for being few have company in other days, if there are any with more; a
    week of five items on five days has none, and its total says that each day has one.
    """
    daily = tables.get("daily")
    if daily is None or daily.empty or "items" not in daily:
        return {}
    days = daily[["grievance", "date", "items"]].assign(
        items=pd.to_numeric(daily["items"]), date=daily["date"].astype(str)
    )
    told, ones = {}, _are_ones(days, ["grievance"])
    if period is not None:
        starts = [period_start(date.fromisoformat(day), period) for day in days["date"]]
        days["within"] = [str(start) for start in starts]
        whole, series = _are_ones(days, ["grievance", "within"]), tables[SERIES[period]]
        places = pd.MultiIndex.from_arrays([series["grievance"], series["date"].astype(str)])
        told[SERIES[period]] = pd.Series(places.isin(whole), index=series.index)
        sums = series.assign(items=pd.to_numeric(series["items"]))
        ones = ones.union(_are_ones(sums, ["grievance"]))
    if "counts" in tables:
        told["counts"] = tables["counts"]["grievance"].isin(ones)
    return told


def _are_ones(table: pd.DataFrame, by: list[str]) -> pd.Index:
    """Return the groups in which all that has items has one."""
    filled = table[table["items"] > 0].groupby(by)["items"].max()
    return filled.index[filled == 1]


def _without_combinations(tables: Tables, minimum: int, earlier: Sequence[Tables]) -> Tables:
    """Withhold the counts of all combinations under a minimum: their sums give every cell back."""
    if minimum <= 1:
        return tables
    out = dict(tables)
    if "explore" in tables:
        out["explore"] = tables["explore"].iloc[:0]
    if "notes" in tables and "about" in tables["notes"]:
        notes = tables["notes"][tables["notes"]["about"] != "explore"]
        before = [one["notes"] for one in earlier if "notes" in one]
        out["notes"] = _without_few(notes, minimum, before)
    return out


# Rows that are words of posts, and the counts of who wrote them: of a sum, and of each.
_WORDS_OF = {
    "distinguishing_terms": [["texts_first", "texts_second"]],
    "emerging": [["items"], ["families"], ["authors"]],
}


def _without_words_of_few(tables: Tables, minimum: int) -> Tables:
    """Leave out words that fewer than the minimum wrote: without its counts one is still theirs."""
    out = dict(tables)
    for name in _WORDS_OF.keys() & tables.keys() if minimum > 1 else ():
        numbers = tables[name].apply(pd.to_numeric, errors="coerce")
        sums = [numbers.reindex(columns=one).sum(axis=1, min_count=1) for one in _WORDS_OF[name]]
        few = (pd.concat(sums, axis=1) < minimum).any(axis=1)
        out[name] = tables[name][~few].reset_index(drop=True)
        if "cluster" in out[name]:  # numbers with a gap would count what is left out
            out[name]["cluster"] = range(len(out[name]))
    return out


def _without_few(
    notes: pd.DataFrame, minimum: int, earlier: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """Leave out notes that count few posts, or otherwise than a build that was published before."""
    before = {text for one in earlier for text in one["en"]}
    numbers = notes["counted"].fillna("").astype(str).str.split(";", expand=True)
    counts = numbers.apply(pd.to_numeric, errors="coerce")
    is_new = counts.notna().any(axis=1) & bool(earlier) & ~notes["en"].isin(before)
    return pd.DataFrame(notes[~is_few(counts, minimum).any(axis=1) & ~is_new])


def _suppress_records(
    books: pd.DataFrame, minimum: int, earlier: Sequence[pd.DataFrame] = ()
) -> pd.DataFrame:
    """Withhold the account of a file that left out a few records, as the funnel does their sum."""
    columns = [name for name in _RECORDS if name in books]
    if minimum <= 1 or not columns or books.empty:
        return books.copy()
    numbers = books[columns].apply(pd.to_numeric, errors="coerce")
    small = ((numbers > 0) & (numbers < minimum)).any(axis=1)
    rows = list(range(len(books)))
    small = hide_changes(small, numbers, books, earlier, minimum, groups=[rows])
    give_company(small, numbers[columns[0]], rows, minimum)
    return _emptied(books, columns, small)


def _withhold_alike(shown: dict[str, pd.DataFrame], tables: dict[str, pd.DataFrame]) -> None:
    """Withhold in all tables what one withholds, as where few authors wrote many items."""
    for key, (first, others) in _ALIKE.items():
        if first not in shown:
            continue
        hidden = shown[first]["items"].isna() & tables[first]["items"].notna()
        names = set(shown[first].loc[hidden, key])
        for name in others:
            if names and name in shown and key in shown[name]:
                rows = shown[name][key].isin(names)
                # A zero describes nobody; but of days, those that are none tell how many have any,
                # and four days of a code that has fewer than five items have one each.
                if "items" in shown[name] and name not in SERIES.values():
                    rows &= pd.to_numeric(shown[name]["items"]) != 0
                shown[name] = _emptied(shown[name], (*_COUNTS, *_DERIVED), rows)


# Where else the number of all or of negative posts is told: steps, and columns that add up to it.
_TOTALS = {
    "all": (("window", "consumer_voice"), ("items", "negative_items", "share")),
    "negative": (("negative", "coded"), ("negative_items", "share")),
}


def _withhold_totals(shown: dict[str, pd.DataFrame]) -> None:
    """Withhold a total wherever it is told: it was withheld since days of one post each follow."""
    if "counts" not in shown:
        return
    hidden = _without_items(shown["counts"])
    for total, (steps, columns) in _TOTALS.items():
        if total not in hidden:
            continue
        if "funnel" in shown:
            rows = shown["funnel"]["step"].isin(steps)
            shown["funnel"] = _emptied(shown["funnel"], _COUNTS, rows)
        for name in shown.keys() & {"channels", "ratings"}:
            shown[name] = _emptied(shown[name], columns)
        if "notes" in shown and "about" in shown["notes"]:  # of how many texts topics were sought
            shown["notes"] = shown["notes"][shown["notes"]["about"] != "clusters"]
    if "all" in hidden and "sentiment_cutoffs" in shown:
        shown["sentiment_cutoffs"] = _emptied(shown["sentiment_cutoffs"], ("posts", *_SHARES))


# Tables whose rows come by size, and within what.
_RANKED = {
    "platforms": (), "watchlist": (), "channels": (), "emerging": (),
    "cluster_codes": ("cluster",), "platform_sub_grievances": (),
    "distinguishing_terms": ("selection", "first", "second"),
}  # fmt: skip


def _forget_order(shown: dict[str, pd.DataFrame]) -> None:
    """Put what is withheld behind the rest, by name: between two counts a place tells a third."""
    for name in (name for name in _RANKED if len(shown.get(name, ()))):
        table = shown[name]
        hidden = table[[column for column in _COUNTS if column in table]].isna().all(axis=1)
        within = [key for key in _RANKED[name] if key in table]
        groups = {key: pd.factorize(table[key])[0] for key in within}
        names = table[keys_of(table.columns)].astype(str).agg("\n".join, axis=1)
        places = pd.DataFrame({**groups, "hidden": hidden, "name": names.where(hidden, "")})
        places = places.sort_values([*within, "hidden", "name"], kind="stable")
        shown[name] = table.loc[places.index].reset_index(drop=True)


def _whole_of(code: str) -> str:
    """Name the count that a code's share is of."""
    return "all" if code in ("negative", "all") else "negative"


def _withhold_shares(shown: dict[str, pd.DataFrame]) -> None:
    """Withhold shares of a count that is withheld: a part and its share tell the whole."""
    wholes = {"counts": ("counts", "grievance"), "cluster_codes": ("clusters", "cluster")}
    for name, (table, key) in wholes.items():
        if {name, table} <= set(shown) and "share" in shown[name]:
            gaps = shown[table].loc[shown[table]["items"].isna(), key]
            of = shown[name][key].map(_whole_of) if name == table else shown[name][key]
            shown[name] = _emptied(shown[name], ("share",), of.isin(gaps))


@dataclass(frozen=True)
class _Gaps:
    """The codes, sub-grievances and platforms of which a count is withheld, and a day or week."""

    sizes: frozenset[str]
    days: frozenset[str]
    platforms: frozenset[str]  # of which a sub-grievance is

    def touch(self, claim: Claim) -> bool:
        """Say whether a claim rests on something that is withheld."""
        listed = (claim.grievance, claim.of, claim.platform, *claim.order)
        named = {part.strip() for one in listed if one for part in one.split("+")}
        if claim.kind == "sub_grievances":  # which are told from the other ones of the code
            named |= {one for one in self.sizes if one.partition(".")[0] == claim.grievance}
        if claim.kind in ("trend", "peak") and (claim.grievance or "negative") in self.days:
            return True
        return bool(named & self.sizes) or claim.platform in self.platforms


def _gaps_of(shown: Mapping[str, pd.DataFrame], tables: Tables, series: str) -> _Gaps:
    def gaps(table: str, key: str) -> frozenset[str]:
        if table not in shown or not {key, "items"} <= set(shown[table]):
            return frozenset()
        hidden = shown[table]["items"].isna() & tables[table]["items"].notna()
        return frozenset(shown[table].loc[hidden, key].astype(str))

    sizes = (gaps(*one) for one in (
        ("counts", "grievance"), ("sub_grievances", "sub_grievance"), ("platforms", "platform"),
    ))  # fmt: skip
    return _Gaps(
        frozenset().union(*sizes), gaps(series, "grievance"),
        gaps("platform_sub_grievances", "platform"),
    )  # fmt: skip


def _withhold_judged(shown: dict[str, pd.DataFrame], gaps: _Gaps, claims: Sequence[Claim]) -> None:
    if "claims" in shown:
        touched = [claim.id for claim in claims if gaps.touch(claim)]
        shown["claims"] = withhold_verdicts(shown["claims"], touched)
    if "campaigns" in shown:
        shown["campaigns"] = _withhold_own_campaign(shown["campaigns"], gaps)


def _withhold_own_campaign(table: pd.DataFrame, gaps: _Gaps) -> pd.DataFrame:
    """Withhold the share of a code of this run beside other campaigns, and its largest day."""
    is_own = table["campaign"] == OURS
    out = table.copy()
    numbers = ["share", "low", "high"]
    whole = out["grievance"].map(_whole_of)
    small = is_own & (out["grievance"].isin(gaps.sizes) | whole.isin(gaps.sizes))
    out[numbers] = out[numbers].astype(float).mask(small)
    few = small | (is_own & out["grievance"].isin(gaps.days))
    out["peak_days"] = out["peak_days"].astype(object).mask(few, "")
    return out


def _withhold_parts(
    shown: dict[str, pd.DataFrame], tables: dict[str, pd.DataFrame], minimum: int
) -> None:
    """Withhold shares of a row's items that tell a count below the minimum, or all but so few."""
    if minimum <= 1:
        return
    for name, columns in _PARTS.items():
        for column in columns:
            if name not in shown or not {column, "items"} <= set(shown[name]):
                continue
            items = pd.to_numeric(tables[name]["items"])
            part = (pd.to_numeric(tables[name][column]) * items).round()
            small = part.between(1, minimum - 1) | (items - part).between(1, minimum - 1)
            if name == "clusters" and "cluster_codes" in shown:
                codes = shown["cluster_codes"]
                gaps = codes.loc[codes["items"].isna() & (codes["grievance"] == "none"), "cluster"]
                small |= tables[name]["cluster"].isin(set(gaps))
            shown[name] = _emptied(shown[name], (column,), small)


def _withhold_fits(shown: dict[str, pd.DataFrame], period: Period) -> None:
    """Withhold what was fitted to a series with withheld days: who fits again finds the days.

    Two digits of an estimate, its interval and its p-values are those of one of ninety ways to
    move a post from one withheld week to another. What was found stays, without its numbers.
    """
    series = shown.get(SERIES[period])
    gaps = _without_items(series)
    if "trends" in shown:
        few = gaps | _without_items(shown.get("counts"))
        shown["trends"] = withhold_numbers(shown["trends"], gaps, few, period)
    if "breaks" in shown:
        rows = rests_on(shown["breaks"], gaps)
        breaks = _emptied(shown["breaks"], ("change", "p", "p_holm"), rows)
        # On which day one would be, if there were any, follows from the days, too.
        is_none = ~breaks["is_found"].astype(bool) if "is_found" in breaks else False
        shown["breaks"] = breaks[~(rows & is_none)].reset_index(drop=True)
    if "specifications" in shown:  # in how many a claim holds tells of the days, too
        shown["specifications"] = shown["specifications"][~rests_on(shown["specifications"], gaps)]


def _without_items(table: pd.DataFrame | None) -> set[str]:
    """Name the codes of which a count is withheld."""
    return set() if table is None else set(table.loc[table["items"].isna(), "grievance"])


def _suppress_within(
    daily: pd.DataFrame, period: Period, minimum: int, earlier: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """Suppress days where the total of their week or month is printed beside them."""

    def parted(table: pd.DataFrame) -> pd.DataFrame:
        starts = [period_start(date.fromisoformat(str(day)), period) for day in table["date"]]
        return table.assign(within=starts)

    old = [parted(one) for one in earlier]
    shown = _suppress(parted(daily), minimum=minimum, by=("grievance", "within"), earlier=old)
    return shown.drop(columns="within")


def _where_series_is_shown(table: pd.DataFrame, series: pd.DataFrame | None) -> pd.DataFrame:
    """Withhold the count of a day that the series withholds: it would give that gap away."""
    if series is None or "items" not in table or "date" not in table:
        return table
    hidden = series[series["items"].isna()]
    gaps = set(zip(hidden["date"].astype(str), hidden["grievance"], strict=True))
    days = zip(table["date"].astype(str), table["grievance"], strict=True)
    small = pd.Series([day in gaps for day in days], index=table.index, dtype=bool)
    return _emptied(table, _COUNTS, small)


def _suppress_shares(
    table: pd.DataFrame, minimum: int, earlier: Sequence[pd.DataFrame] = ()
) -> pd.DataFrame:
    """Withhold shares of posts that tell a count below the minimum, or all but so few."""
    shares = [name for name in _SHARES if name in table]
    if minimum <= 1 or table.empty:
        return table.copy()
    posts = table["posts"].astype(float)
    counts = table[shares].astype(float).mul(posts, axis=0).round().assign(posts=posts)
    rest = counts[shares].rsub(posts, axis=0).add_prefix("not_")
    small = is_few(pd.concat([counts, rest], axis=1), minimum).any(axis=1)
    if {"both", "either"} <= set(shares):  # what one score alone calls negative
        alone = counts[["snownlp_negative", "negative"]].rsub(counts["either"], axis=0)
        small |= is_few(alone, minimum).any(axis=1)
    if "cutoff" in table:
        _hide_steps(small, counts[shares], minimum)
    rows = list(range(len(table)))
    published = [
        one.assign(**{name: (one[name] * one["posts"]).round() for name in shares if name in one})
        for one in earlier
        if "posts" in one
    ]
    numbers = counts[["posts", *shares]]
    small = hide_changes(small, numbers, table, published, minimum, groups=[rows])
    give_company(small, posts, rows, minimum)
    return _emptied(table, ("posts", *shares, "low", "high"), small)


def _hide_steps(small: pd.Series, counts: pd.DataFrame, minimum: int) -> None:
    """Hide rows of a ladder of cut-offs that, less the last one shown, tell a few posts between."""
    last: int | None = None
    for row in range(len(counts)):
        if small.iloc[row]:
            continue
        if last is not None:
            step = (counts.iloc[[row]] - counts.iloc[last]).abs()
            small.iloc[row] = bool(is_few(step, minimum).to_numpy().any())
        last = last if small.iloc[row] else row


def _where_all_days_are_shown(table: pd.DataFrame, series: pd.DataFrame | None) -> pd.DataFrame:
    """Withhold what is told of event days where the series withholds a day: it could be solved."""
    if series is None or table.empty:
        return table
    hidden = table["grievance"].isin(set(series.loc[series["items"].isna(), "grievance"]))
    if not hidden.any():
        return table
    columns = ("items_event", "items_other", "ratio", "low", "high", "p", "p_holm")
    return _emptied(table, columns, hidden)


def _where_audit_is_shown(errors: pd.DataFrame, audit: pd.DataFrame) -> pd.DataFrame:
    """Withhold how far an error would move an estimate that is withheld: it is a share of it."""
    given = [name for name in ("items", "estimate") if name in audit]
    hidden = set(audit.loc[audit[given].isna().any(axis=1), "grievance"])
    columns = list(errors.columns.difference(["grievance", "shared_error"]))
    return _emptied(errors, columns, errors["grievance"].isin(hidden))


def _without_small_drivers(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Empty the description of days whose count is withheld; drop families below the minimum."""
    present = [name for name in DESCRIBING if name in table]
    if minimum <= 1 or "items" not in table or not present:
        return table
    out = table.copy()
    out[present] = out[present].astype(object).where(out["items"].notna(), None)
    if "top_families" in out:
        out["top_families"] = [
            text if not isinstance(text, str) else ";".join(
                part for part in text.split(";") if int(part.rpartition(" ")[2] or 0) >= minimum
            )
            for text in out["top_families"]
        ]  # fmt: skip
    return out


def _without_digests(breaks: pd.DataFrame) -> pd.DataFrame:
    """Leave of the largest families of a day how many items each has, and not which it is."""
    sizes = [
        text if not isinstance(text, str) else ";".join(
            part.rpartition(" ")[2] for part in text.split(";")
        )
        for text in breaks["top_families"]
    ]  # fmt: skip
    return breaks.assign(top_families=sizes)
