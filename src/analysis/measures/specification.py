"""Count in how many of the defensible choices a trend claim holds.

A published sentence rests on choices that nobody printed: posts or distinct texts or people, the
coder's threshold, whether the promotion is modelled, which days count, whether the test is
corrected for the other categories. Each combination is one specification; all are judged by the
same rule (Simonsohn, Simmons & Nelson 2020).
"""

from __future__ import annotations

import pandas as pd

from analysis.frames import AnyFrame
from analysis.measures.specification_choices import CHOICES, DRAWS, Frame, judge_choices
from analysis.measures.specification_counts import THRESHOLDS, read_scored
from analysis.study.model import Study

RESULTS = ("days", "growth", "low", "high", "p", "verdict", "holds")
COLUMNS = (*CHOICES, *RESULTS)
TABLE = ("claim_id", "specification", "grievance", *COLUMNS)


def specify_claims(
    posts: AnyFrame, study: Study, grades: pd.DataFrame | None = None, *, draws: int = DRAWS
) -> pd.DataFrame:
    """Judge every trend claim of a study under every combination of defensible choices.

    Parameters
    ----------
    posts
        Coded posts; a LazyFrame is streamed, and read once for all claims.
    study
        Its trend claims, event days, seed and `thresholds.negative`, which is one of the cuts.
    grades
        Coverage table of the study's period.
    draws
        Of the bootstrap.

    Returns
    -------
    pd.DataFrame
        `claim_id, specification` (numbered by growth), the grievance, the choices and the result;
        no row without a trend claim.

    Raises
    ------
    CaodianError
        When the posts are not coded.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 20), [])
    >>> specify_claims(pd.DataFrame(), study).empty
    True
    """
    claims = [claim for claim in study.claims if claim.kind == "trend" and claim.expected]
    if not claims:
        return pd.DataFrame(columns=list(TABLE))
    cuts = (*THRESHOLDS, study.thresholds.negative)
    names = {claim.grievance or "negative" for claim in claims}
    frame = Frame(study.event_days, grades, cuts, study.seed, draws, study.period)
    scored = read_scored(posts, with_total="all" in names, period=study.period)
    judged = judge_choices(scored, names, frame)
    parts = []
    for claim in claims:
        name = claim.grievance or "negative"
        curve = _sorted(judged[name], str(claim.expected))
        numbered = curve.assign(
            claim_id=claim.id, grievance=name, specification=range(1, len(curve) + 1)
        )
        parts.append(numbered[list(TABLE)])
    return pd.concat(parts, ignore_index=True)


def _sorted(table: pd.DataFrame, expected: str) -> pd.DataFrame:
    table = table.assign(holds=table["verdict"] == expected)[list(COLUMNS)]
    return table.sort_values(["growth", *CHOICES], ignore_index=True)
