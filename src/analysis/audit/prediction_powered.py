"""The prediction-powered estimate that stands beside the corrected counts.

Angelopoulos et al. (Science 382, 2023; power-tuned: arXiv 2311.01453), here for a stratified
sample, which `ppi_py` does not know: the machine's mean over the whole frame plus the mean of its
errors over the audit, stratum by stratum. Its normal interval is too short when the audit holds
about ten true posts or fewer, so it is a check and not the figure of the report.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
from scipy.stats import norm

from analysis.audit.correction import coded_column, spread_machine

COLUMNS = ["grievance", "estimate", "low", "high", "tuning"]


def prediction_powered_counts(
    sample: pl.DataFrame, coding: pd.DataFrame, *, tuning: float | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Estimate every coded target from the machine's scores plus their audited errors.

    Parameters
    ----------
    sample
        The sample of `draw_sample`.
    coding
        Final codes by post, as for `estimate_counts`.
    tuning
        Weight of the machine's scores, 0 (audit only) to 1; chosen for the smallest variance when
        it is not given.
    level
        Level of the interval; 95 %, not the 90 % that `ppi_py` takes by default.

    Returns
    -------
    pd.DataFrame
        grievance, estimate, low, high, tuning.

    Examples
    --------
    >>> from analysis.audit.sampling import draw_sample
    >>> late = [number % 4 == 0 for number in range(400)]
    >>> coded = pl.DataFrame(
    ...     {
    ...         "post_id": [str(number) for number in range(400)],
    ...         "text": "发货慢",
    ...         "is_negative": late,
    ...         "grievances": [["delivery"] if is_late else [] for is_late in late],
    ...     }
    ... )
    >>> sample = draw_sample(coded, size=100, seed=1, codes=["delivery"])
    >>> posts = sample["post_id"].to_list()
    >>> codes = [int(post) % 4 == 0 for post in posts]
    >>> coding = pd.DataFrame({"post_id": posts, "negative": codes, "delivery": codes})
    >>> prediction_powered_counts(sample, coding)["estimate"].tolist()
    [100.0, 100.0]
    """
    rows = []
    quantile = float(norm.ppf((1 + level) / 2))
    for target, side in spread_machine(sample).group_by("target", maintain_order=True):
        name = str(target[0])
        if coded_column(name) not in coding:
            continue
        y = coding.set_index("post_id")[coded_column(name)].astype(float)
        strata = _Strata(side, y.loc[side["post_id"].to_list()].to_numpy(), sample)
        chosen = strata.best_tuning() if tuning is None else tuning
        estimate, error = strata.estimate(chosen)
        low, high = max(estimate - quantile * error, 0.0), estimate + quantile * error
        numbers = [round(number, 1) for number in (estimate, low, high)]
        rows.append([name, *numbers, round(chosen, 4)])
    return pd.DataFrame(rows, columns=COLUMNS)


class _Strata:
    """Scores and codes of one target by stratum of the draw."""

    def __init__(self, side: pl.DataFrame, y: np.ndarray, sample: pl.DataFrame) -> None:
        names, self.group = np.unique(side["stratum"].to_numpy(), return_inverse=True)
        drawn = dict(sample.group_by("stratum").len().iter_rows())
        probability = np.zeros(len(names))
        probability[self.group] = side["inclusion_probability"].to_numpy()
        self.drawn = np.array([drawn[name] for name in names], dtype=float)
        self.posts = self.drawn / probability
        self.mean = np.zeros(len(names))
        self.mean[self.group] = side["stratum_score"].to_numpy()
        self.score, self.y = side["score"].to_numpy(), y
        self.scale = self.posts**2 * (1 - probability) / self.drawn

    def estimate(self, tuning: float) -> tuple[float, float]:
        """Return the corrected count and its standard error."""
        residual = self.y - tuning * self.score
        means = np.bincount(self.group, weights=residual) / self.drawn
        total = float(self.posts @ (tuning * self.mean + means))
        return total, float(np.sqrt(max(self._variance(residual, residual), 0.0)))

    def best_tuning(self) -> float:
        """Return the weight of the scores that makes the variance smallest."""
        spread = self._variance(self.score, self.score)
        if spread <= 0:
            return 1.0
        return float(np.clip(self._variance(self.score, self.y) / spread, 0, 1))

    def _variance(self, first: np.ndarray, second: np.ndarray) -> float:
        """Return the variance of the total, each stratum with its own covariance.

        A target that is defined on part of the posts is zero for the rest of its stratum.
        """
        sums = [np.bincount(self.group, weights=values) for values in (first, second)]
        product = np.bincount(self.group, weights=first * second)
        free = np.maximum(self.drawn - 1, 1)
        covariance = (product - sums[0] * sums[1] / self.drawn) / free
        lonely = self.drawn < 2
        if lonely.any() and not lonely.all():
            covariance[lonely] = np.average(covariance[~lonely], weights=self.posts[~lonely])
        return float(self.scale @ covariance)
