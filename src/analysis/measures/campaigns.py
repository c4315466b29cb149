"""The other campaigns of 2019-2024, as published, beside this run: by share and shape only."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.measures.quantities import Quantity, find_quantity, row_of, table_or_empty
from analysis.study.model import Study

PUBLISHED = "data/raw/published/published_figures.csv"
OURS = "this_run"
_COLUMNS = ["campaign", "grievance", "days", "published", "share", "low", "high", "peak_days"]
_CAMPAIGN = r"^(?:618|双11)-\d{4}$"
# Categories that recur under changing names; the rest of the reports' lists changes every year.
_NAMES = {
    "negative": ("吐槽类 消费维权", "负面信息"),
    "live_streaming": ("直播带货",),
    "product_quality": ("产品质量", "商品质量"),
    "price": ("价格", "价格促销", "价格争议", "促销价格争议"),
    "delivery": ("快递", "快递配送", "快递服务", "快递、外卖配送"),
}
_SHARES = ("negative_share", "category_share_of_negative")
_ITEMS = ("negative_items", "category_items")
_PEAKS = ("category_peak_day", "category_relative_peak_day", "category_peak_day_items",
         "negative_peak_day_items", "category_higher_day")  # fmt: skip


def compare_campaigns(
    published: pd.DataFrame, tables: Mapping[str, pd.DataFrame], study: Study
) -> pd.DataFrame:
    """Set the campaigns' published shares and peak days beside each other and beside this run.

    Parameters
    ----------
    published
        ``data/raw/published/published_figures.csv``.
    tables
        The run's tables, for its own row.
    study
        The study; without published figures there is nothing to set beside.

    Returns
    -------
    pd.DataFrame
        campaign, grievance, days, published (items as printed), share (of all posts for
        ``negative``, of the negative items for a code; as printed, else the quotient of printed
        counts), low, high (this run's alone), peak_days.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> compare_campaigns(pd.DataFrame(), {}, study).empty
    True
    """
    if study.published is None or published.empty:
        return pd.DataFrame(columns=_COLUMNS)
    known = published[published["report"].astype(str).str.match(_CAMPAIGN)]
    rows = []
    for campaign, of_campaign in known.groupby("report", sort=True):
        figures = of_campaign.to_dict("records")
        rows += [_row(str(campaign), name, figures) for name in _NAMES]
    rows += [_our_row(name, tables, study) for name in _NAMES]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    told = table["share"].notna() | table["published"].notna() | (table["peak_days"] != "")
    return table[told].reset_index(drop=True)


def parse_figures(raw: pd.DataFrame) -> pd.DataFrame:
    """Read the values of the published figures as numbers; texts and dates have none.

    Examples
    --------
    >>> parse_figures(pd.DataFrame({"value": ["3.5", ""]}))["value"].tolist()
    [3.5, nan]
    """
    return raw.assign(value=pd.to_numeric(raw["value"], errors="coerce"))


def _row(campaign: str, name: str, figures: list[dict[str, Any]]) -> dict[str, object]:
    mine = [one for one in figures if one["category"] in _NAMES[name]]
    items = _first(mine, _ITEMS)
    share = _first(mine, _SHARES)
    whole = _first(figures, ("total_items",) if name == "negative" else ("negative_items",))
    if share is not None:
        share = round(share / 100, 6)
    elif items is not None and whole:
        share = round(items / whole, 6)
    start, end = (pd.Timestamp(figures[0][f"window_{edge}"]) for edge in ("start", "end"))
    peaks = {str(one["date_or_period"]) for one in mine if one["measure"] in _PEAKS}
    days = sorted(day for day in peaks if len(day) == len("2020-06-12"))
    return {
        "campaign": campaign,
        "grievance": name,
        "days": (end - start).days + 1,
        "published": items,
        "share": share,
        "peak_days": ";".join(days),
    }


def _first(figures: list[dict[str, Any]], measures: tuple[str, ...]) -> float | None:
    values = (one["value"] for one in figures if one["measure"] in measures)
    return next((float(value) for value in values if pd.notna(value)), None)


def _our_row(name: str, tables: Mapping[str, pd.DataFrame], study: Study) -> dict[str, object]:
    found = _our_share(name, dict(tables))
    daily = table_or_empty(dict(tables), "daily")
    peak = ""
    if found is not None and len(daily):
        mine = daily[daily["grievance"] == name]
        if len(mine) and mine["items"].notna().any():
            peak = str(mine["date"].iloc[int(mine["items"].astype(float).argmax())])
    numbers = [None] * 3 if found is None else [found.value, found.low, found.high]
    share, low, high = (None if value is None else round(value, 6) for value in numbers)
    return {
        "campaign": OURS, "grievance": name, "days": len(study.days) or None, "share": share,
        "low": low, "high": high, "peak_days": peak,
    }  # fmt: skip


def _our_share(name: str, tables: dict[str, pd.DataFrame]) -> Quantity | None:
    part = find_quantity(name, tables)
    whole = find_quantity("all" if name == "negative" else "negative", tables)
    if row_of(table_or_empty(tables, "counts"), "grievance", name) is None:
        return None
    return None if part is None or whole is None or not whole.value else part.share_of(whole)
