"""Count in how many of the defensible choices a trend claim holds.

A published sentence rests on choices that nobody printed: posts or distinct texts or people, the
coder's threshold, whether the promotion is modelled, which days count, whether the test is
corrected for the other categories. Each combination is one specification; all are judged by the
same rule (Simonsohn, Simmons & Nelson 2020).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analysis.errors import CaodianError
from analysis.frames import AnyFrame
from analysis.measures.specification_choices import CHOICES, DRAWS, Frame, judge_choices
from analysis.measures.specification_counts import THRESHOLDS, read_scored
from analysis.study.model import Study

EXPECTED = ("growth", "decline", "flat")
RESULTS = ("days", "growth", "low", "high", "p", "verdict", "holds")
COLUMNS = (*CHOICES, *RESULTS)
TABLE = ("claim_id", "specification", "grievance", *COLUMNS)


@dataclass(frozen=True)
class Curve:
    """Result of one claim over all its specifications.

    Parameters
    ----------
    table
        One row per specification, sorted by growth.
    holds, tested
        In how many specifications the claim holds, and in how many it could be tested.
    """

    table: pd.DataFrame
    holds: int
    tested: int

    def sentence(self, language: str = "zh") -> str:
        """Say in how many choices the claim holds.

        Examples
        --------
        >>> Curve(pd.DataFrame(), 3, 8).sentence("en")
        'holds in 3 of 8 specifications'
        """
        if language == "zh":
            return f"{self.tested} 种合理设定中有 {self.holds} 种成立"
        return f"holds in {self.holds} of {self.tested} specifications"


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

    Examples
    --------
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
        numbered = curve.table.assign(
            claim_id=claim.id, grievance=name, specification=range(1, curve.tested + 1)
        )
        parts.append(numbered[list(TABLE)])
    return pd.concat(parts, ignore_index=True)


def specify_trend(
    posts: AnyFrame,
    grievance: str,
    expected: str,
    *,
    event_days: Iterable[date | str] = (),
    grades: pd.DataFrame | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    seed: int = 618,
    draws: int = DRAWS,
) -> Curve:
    """Judge one trend claim under every combination of defensible choices.

    Parameters
    ----------
    posts
        Coded posts; `scores, family_id, author_key` open the choices that need them.
    grievance
        The code, `negative` or `all`.
    expected
        growth, decline or flat.
    event_days
        The promotion days, modelled or not.
    grades
        Coverage table: all days but the unfit, or only the good ones.
    thresholds
        Cut-offs of the code's probability, beside the coder's own decision.
    seed, draws
        Of the bootstrap.

    Returns
    -------
    Curve
        The specifications and in how many the claim holds.

    Raises
    ------
    CaodianError
        When the expectation is no verdict or the posts are not coded.

    Examples
    --------
    >>> import polars as pl
    >>> posts = pl.DataFrame({
    ...     "published_at": pd.date_range("2020-06-01", periods=20).repeat(range(10, 30)),
    ...     "is_negative": True, "grievances": [["price"]] * 390})
    >>> specify_trend(posts, "price", "growth", draws=499).sentence("en")
    'holds in 8 of 8 specifications'
    """
    if expected not in EXPECTED:
        raise CaodianError(
            f"a trend claim must expect one of {', '.join(EXPECTED)}", value=expected
        )
    scored = read_scored(posts, with_total=grievance == "all")
    frame = Frame(event_days, grades, thresholds, seed, draws)
    judged = judge_choices(scored, {grievance}, frame)
    return _sorted(judged[grievance], expected)


def _sorted(table: pd.DataFrame, expected: str) -> Curve:
    table = table.assign(holds=table["verdict"] == expected)[list(COLUMNS)]
    table = table.sort_values(["growth", *CHOICES], ignore_index=True)
    return Curve(table, int(table["holds"].sum()), len(table))
