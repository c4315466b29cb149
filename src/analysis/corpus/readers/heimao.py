"""黑猫投诉 (tousu.sina.com.cn): the files that its many collectors write."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from analysis.corpus.readers.plan import Head, Plan
from analysis.yaml_text import read_yaml

_SPAN = r"</?span[^<>]*>"
_ID_IN_URL = r"/view/(\d+)"


def recognise(head: Head) -> Plan | None:
    """Return the plan of the first variant whose columns are there."""
    for variant in _load_variants():
        if set(variant["keys"]) <= set(head.header):
            return _plan(head, str(variant["variant"]), variant["columns"])
    return None


@cache
def _load_variants() -> list[dict[str, Any]]:
    """Return the variants of `heimao.yaml` in their order."""
    text = files("analysis.corpus.readers").joinpath("heimao.yaml").read_text("utf-8")
    listed: list[dict[str, Any]] = read_yaml(text)
    return listed


def _plan(head: Head, variant: str, mapping: dict[str, list[str]]) -> Plan:
    derived = (
        "heimao_title",
        "heimao_text",
        "heimao_date",
        "heimao_target",
        "heimao_demand",
        "heimao_amount",
    )
    columns = {
        canonical: tuple(name for name in names if name in head.header or name in derived)
        for canonical, names in mapping.items()
    }
    columns = {canonical: names for canonical, names in columns.items() if names}
    columns["post_id"] = (*columns.get("post_id", ()), "heimao_id")
    said = [
        "links lose their visit token; markup leaves the titles; summaries may be cut by the site"
    ]
    if "published_at" not in columns:
        said.append("no time of complaint in this export: name one with --time-column")
    return Plan(
        source="heimao",
        source_format=f"heimao {variant}",
        era=f"{len(head.header)} columns",
        header=head.header,
        columns=columns,
        kind="complaint",
        channel="complaint",
        prepare=_prepare,
        repairs=tuple(said),
    )


def _prepare(cells: pl.DataFrame) -> pl.DataFrame:
    names = set(cells.columns)
    marked = [
        name
        for name in ("title", "cotitle", "main.title", "main.cotitle", "投诉问题", "投诉对象")
        if name in names
    ]
    cells = cells.with_columns(pl.col(marked).str.replace_all(_SPAN, "")) if marked else cells
    url = next((name for name in ("href", "url", "main.url", "链接") if name in names), None)
    identity = pl.col(url).str.extract(_ID_IN_URL) if url else pl.lit(None, pl.String)
    cells = cells.with_columns(heimao_id=identity)
    if "amount_list" in names:
        cells = cells.with_columns(heimao_amount=pl.col("amount_list").str.split(";").list.first())
    return _split_raw(cells) if {"title", "content", "href"} <= names else cells


def _split_raw(cells: pl.DataFrame) -> pl.DataFrame:
    """Take the parts of H1's one multi-line cell: date, title, text, target and demand."""
    raw = pl.col("title").str.replace_all("\r\n", "\n", literal=True)
    after = raw.str.replace(r"(?s)^.*?于黑猫投诉平台发起\s*", "")
    body = after.str.extract(r"(?s)^[^\n]*\n+(.*?)\s*(?:\[投诉对象\]|\[投诉要求\]|$)$?")
    return cells.with_columns(
        heimao_date=raw.str.extract(r"(\d{4}-\d\d-\d\d)[^\n]*于黑猫投诉平台发起"),
        heimao_title=after.str.extract(r"^([^\n]*)"),
        heimao_text=body.str.strip_chars().replace("", None),
        heimao_target=raw.str.extract(r"\[投诉对象\]([^\n\[]*)"),
        heimao_demand=raw.str.extract(r"\[投诉要求\]([^\n\[]*)"),
    )
