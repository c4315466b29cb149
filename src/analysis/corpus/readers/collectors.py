"""The list of collectors, in the order in which they are asked; the first plan counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from analysis.corpus.readers import (
    app_store,
    cfpb,
    citizen_hotline,
    heimao,
    jd_review,
    mediacrawler,
    mindspider,
    own_posts,
    table,
    weibo_crawler,
    weibo_search,
    weibo_tables,
    weibospider,
)
from analysis.corpus.readers.choice import ColumnChoice, apply_choice, check_choice
from analysis.corpus.readers.plan import Head, Plan
from analysis.corpus.readers.undated import drop_times_without_days, recognise_undated
from analysis.corpus.readers.values.times import find_order, parse_time

Recogniser = Callable[[Head], Plan | None]

COLLECTORS: tuple[Recogniser, ...] = (
    own_posts.recognise,
    weibo_search.recognise,
    weibo_crawler.recognise,
    weibo_tables.recognise,
    mediacrawler.recognise,
    weibospider.recognise,
    mindspider.recognise,
    heimao.recognise,
    cfpb.recognise,
    citizen_hotline.recognise,
    app_store.recognise,
    jd_review.recognise,
)


def recognise(
    heads: Iterable[tuple[int, Head]], choice: ColumnChoice, *, may_lack_days: bool = False
) -> tuple[int, Head, Plan] | None:
    """Return the header's place and the plan of the first collector that knows the table.

    Parameters
    ----------
    heads
        Possible headers with their places.
    choice
        The user's own naming of columns, which overrides any plan.
    may_lack_days
        Know a table with a text and no time, too.

    Returns
    -------
    tuple or None
        None when no collector and no dictionary entry fits.
    """
    listed = list(heads)
    for recognisers in (COLLECTORS, (table.recognise,)):
        for place, head in listed:
            for recogniser in recognisers:
                plan = recogniser(head)
                if plan is not None:
                    return place, head, _finish(plan, head, choice)
    return _by_choice(listed, choice) or (_undated(listed, choice) if may_lack_days else None)


def _undated(listed: list[tuple[int, Head]], choice: ColumnChoice) -> tuple[int, Head, Plan] | None:
    for place, head in listed:
        plan = recognise_undated(head, choice)
        if plan is not None:
            return place, head, _finish(plan, head, choice)
    return None


def _by_choice(
    listed: list[tuple[int, Head]], choice: ColumnChoice
) -> tuple[int, Head, Plan] | None:
    for place, head in listed:
        if choice.names() and choice.names() <= set(head.header):
            guesses = {
                name: (names[0],)
                for name, names in table.guess_columns(head).items()
                if len(names) == 1
            }
            plan = Plan(
                source="table",
                source_format="table",
                era="columns by name",
                header=head.header,
                columns=guesses,
                local_ids=True,
                guessed=frozenset(guesses),
            )
            chosen = apply_choice(plan, choice)
            if choice.is_complete(chosen):
                return place, head, _finish(plan, head, choice)
    return None


def _finish(plan: Plan, head: Head, choice: ColumnChoice) -> Plan:
    check_choice(head, choice)
    chosen = apply_choice(plan, choice)
    chosen = drop_times_without_days(chosen, head, choice)
    if chosen.source == "table":
        kind, channel = table.guess_kind(head, chosen.columns)
        chosen = replace(chosen, kind=kind, channel=channel)
    names = [name for name in chosen.columns.get("published_at", ()) if name in head.header]
    cells = [cell for name in names[:1] for cell in head.column(name) if cell.strip()]
    order = chosen.time_order or find_order(cells)
    return replace(chosen, has_whole_days=_has_whole_days(cells), time_order=order)


def _has_whole_days(cells: list[str]) -> bool:
    """Midnight in every sampled row means that only days were exported."""
    known = 0
    for moment, _ in map(parse_time, cells):
        if moment is None:
            continue
        if moment.hour or moment.minute or moment.second:
            return False
        known += 1
    return known >= 3
