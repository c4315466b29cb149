"""How much of what identifies is masked, by kind; and whether any is left in what was built."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl

from analysis.corpus.mask_find import find_personal_data
from analysis.corpus.mask_gates import find_hits
from analysis.corpus.mask_span import TOKENS, Span
from analysis.errors import CaodianError
from analysis.kernels.utf8 import text_buffers

# Pictures, checksums, styles and drawings are full of digits and say nothing. `@jupyterlab/…` and
# `@media` are no handles, so a leaking handle needs a Han character.
_SILENT = re.compile(
    r"data:[a-z]+/[a-z0-9.+\-]+;base64,[A-Za-z0-9+/=\s]+|[A-Za-z0-9+/=]{200,}|\b[0-9a-f]{32,}\b"
    r"|<style\b.*?</style>|<svg\b.*?</svg>|\\u[0-9a-f]{4}",
    re.ASCII | re.DOTALL,
)
_HAN = re.compile("[\u4e00-\u9fff]")


class Leak(NamedTuple):
    """Something that identifies, in a file that is to leave the project."""

    line: int
    kind: str
    written: str


def scan_for_personal_data(text: str) -> list[Leak]:
    r"""Find what identifies in a built file: HTML, a notebook, CSV, JSON or plain text.

    Parameters
    ----------
    text
        The whole file.

    Returns
    -------
    list of Leak
        By line. Links are no leaks, tokens such as 【电话】 neither.

    Examples
    --------
    >>> scan_for_personal_data("<p>打【电话】</p>\n<p>打13812345678</p>")
    [Leak(line=2, kind='phone', written='13812345678')]
    """
    readable = _SILENT.sub(lambda found: " " + "\n" * found.group().count("\n"), text)
    lines = pl.Series(readable.split("\n"), dtype=pl.String)
    leaks = []
    for row in np.unique(find_hits(text_buffers(lines)).rows).tolist():
        line = lines[row]
        for span in find_personal_data(line):
            written = line[span.start : span.end]
            if span.kind != "url" and (span.kind != "handle" or _HAN.search(written)):
                leaks.append(Leak(row + 1, span.kind, written))
    return leaks


def evaluate_privacy(
    labelled: pl.DataFrame, *, text_column: str = "text", label_column: str = "spans"
) -> pd.DataFrame:
    """Measure masking on texts with labelled spans.

    Parameters
    ----------
    labelled
        A text a row, and its spans: a list (or its JSON) of `{"start", "end", "kind"}` with
        places in characters and kinds as in the `masked` column.

    Returns
    -------
    pd.DataFrame
        `kind, labelled, masked, recall, right_kind, found, precision`. A span is masked if nothing
        of it is left, under whatever token; a find is right if it meets a labelled span.

    Raises
    ------
    CaodianError
        When a label is not readable.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["打13812345678"],
    ...                       "spans": ['[{"start": 1, "end": 12, "kind": "phone"}]']})
    >>> evaluate_privacy(posts)[["kind", "labelled", "masked"]].to_dict("records")[0]
    {'kind': 'phone', 'labelled': 1, 'masked': 1}
    """
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("labelled", "masked", "right_kind", "found", "right")
    }
    rows = labelled.select(text_column, label_column).iter_rows()
    for number, (text, label) in enumerate(rows, start=1):
        _compare(find_personal_data(text or ""), _read_spans(label, number), counts)
    return _table(counts)


def _compare(found: list[Span], wanted: list[Span], counts: dict[str, Counter[str]]) -> None:
    for span in wanted:
        meeting = [other for other in found if _meets(span, other)]
        covered = {place for other in meeting for place in range(other.start, other.end)}
        counts["labelled"][span.kind] += 1
        counts["masked"][span.kind] += covered.issuperset(range(span.start, span.end))
        counts["right_kind"][span.kind] += any(other.kind == span.kind for other in meeting)
    for span in found:
        counts["found"][span.kind] += 1
        counts["right"][span.kind] += any(_meets(span, other) for other in wanted)


def _meets(left: Span, right: Span) -> bool:
    return left.start < right.end and right.start < left.end


def _read_spans(label: object, row: int) -> list[Span]:
    try:
        spans = json.loads(label) if isinstance(label, str) else (label or [])
        if not isinstance(spans, Iterable):
            raise TypeError
        read = [Span(int(span["start"]), int(span["end"]), str(span["kind"])) for span in spans]
    except (TypeError, KeyError, ValueError) as error:
        raise CaodianError(
            'a label must be a list of {"start", "end", "kind"}', value=label, where=f"row {row}"
        ) from error
    unknown = [span.kind for span in read if span.kind not in TOKENS]
    if unknown:
        raise CaodianError(
            f"a kind must be one of {', '.join(TOKENS)}", value=unknown[0], where=f"row {row}"
        )
    return read


def _table(counts: dict[str, Counter[str]]) -> pd.DataFrame:
    kinds = [kind for kind in TOKENS if counts["labelled"][kind] or counts["found"][kind]]
    rows = []
    for kind in [*kinds, "all"]:
        one = {
            name: sum(counter.values()) if kind == "all" else counter[kind]
            for name, counter in counts.items()
        }
        rows.append(
            {
                "kind": kind,
                "labelled": one["labelled"],
                "masked": one["masked"],
                "recall": _share(one["masked"], one["labelled"]),
                "right_kind": _share(one["right_kind"], one["labelled"]),
                "found": one["found"],
                "precision": _share(one["right"], one["found"]),
            }
        )
    return pd.DataFrame(rows)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
