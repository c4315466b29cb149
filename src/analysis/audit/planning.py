"""How many audited posts buy which interval, told before anybody codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.audit.bands import BANDS, mean_scores
from analysis.audit.intervals import AuditedBands, beta_interval
from analysis.audit.machine_scores import FULL, MachineCoding, read_machine_coding
from analysis.audit.strata import Strata, allocate_strata, stratify
from analysis.coding.codebook import load_codebook
from analysis.frames import AnyFrame

SIZES = (200, 300, 500, 750, 1_000, 1_500, 2_000)
PLAN_SEED = 7


def plan_audit(
    coded: AnyFrame, *, sizes: Sequence[int] = SIZES, codes: Sequence[str] | None = None
) -> pd.DataFrame:
    """Tell the half-width that an audit of each size would give each code.

    The coder's scores are taken at their word: with scores that promise too much the intervals
    will be wider, and only the audit can tell.

    Parameters
    ----------
    coded
        Coded posts.
    sizes
        Sizes to try; those above the frame are left out, but for the frame itself.
    codes
        Codes to plan for; those of the codebook by default.

    Returns
    -------
    pd.DataFrame
        grievance, size, items (the machine's count), expected (sum of its scores), half_width
        (posts) and half_width_pct (of the expected count).

    Examples
    --------
    >>> import polars as pl
    >>> late = [n % 9 == 0 for n in range(900)]
    >>> coded = pl.DataFrame(
    ...     {"post_id": [str(n) for n in range(900)], "text": "发货慢", "is_negative": late,
    ...      "grievances": [["delivery"] if is_late else [] for is_late in late]}
    ... )
    >>> plan = plan_audit(coded, sizes=[100, 400], codes=["delivery"])
    >>> plan.groupby("grievance")["half_width"].is_monotonic_decreasing.to_dict()
    {'delivery': True, 'negative': True}
    """
    chosen = load_codebook().code_names if codes is None else codes
    machine = read_machine_coding(coded, chosen)
    tried = sorted({min(size, machine.size) for size in sizes})
    rows = [row for size in tried for row in _plan_size(machine, size)]
    table = pd.DataFrame(rows)
    order = {target: number for number, target in enumerate(machine.targets)}
    return table.sort_values(
        ["grievance", "size"],
        key=lambda column: column.map(order) if column.name == "grievance" else column,
        ignore_index=True,
    )


def _plan_size(machine: MachineCoding, size: int) -> list[dict[str, object]]:
    strata = stratify(machine, size)
    numbers = allocate_strata(strata, size)
    generator = np.random.default_rng(PLAN_SEED)
    rows = []
    for column, target in enumerate(machine.targets):
        bands = _expected_bands(machine, strata, numbers, column)
        low, high = beta_interval(bands, generator)
        half_width = (high - low) / 2
        expected = float(machine.scores[:, column].sum()) / FULL
        rows.append(
            {
                "grievance": target,
                "size": size,
                "items": int(machine.is_coded[:, column].sum()),
                "expected": round(expected, 1),
                "half_width": round(half_width, 1),
                "half_width_pct": round(100 * half_width / expected, 1) if expected else None,
            }
        )
    return rows


def _expected_bands(
    machine: MachineCoding, strata: Strata, numbers: np.ndarray, column: int
) -> AuditedBands:
    """Return the bands as a sample of average luck would fill them."""
    own = strata.bands[:, column].astype(np.int64)
    cells = np.bincount(strata.of_post * BANDS + own, minlength=len(strata.posts) * BANDS)
    cells = cells.reshape(-1, BANDS).astype(float)
    weight = (strata.posts / numbers)[:, None]
    posts = cells.sum(axis=0)
    square = (cells * (weight - 1)).sum(axis=0)
    kept = posts > 0
    mean = mean_scores(machine.scores[:, column], own, BANDS)[kept]
    effective = posts[kept] ** 2 / np.maximum(square[kept], 1e-9)
    return AuditedBands(posts[kept], mean, effective, mean)
