"""Strata: how many posts of each kind a corpus has, exact at every scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.corpus.simulate.shapes import apportion
from analysis.errors import CaodianError
from analysis.study.simulation import Combination, GrievanceSize, Simulation


@dataclass(frozen=True)
class Stratum:
    """Posts with the same truth: codes and subs, or the kind of a harmless post."""

    grievances: tuple[str, ...]
    sub_grievances: tuple[str, ...]
    harmless: str | None = None
    platform: str | None = None

    @property
    def is_negative(self) -> bool:
        """Whether a consumer's grievance is voiced."""
        return self.harmless is None

    @property
    def shape(self) -> str:
        """The daily shape that the posts follow: the first code's, or a common one."""
        if self.harmless is not None:
            return "all"
        return self.grievances[0] if self.grievances else "uncoded"

    @property
    def labels(self) -> tuple[str, ...]:
        """Subs, and the codes that have none here: what the text must tell."""
        bare = [
            code
            for code in self.grievances
            if not any(sub.startswith(code + ".") for sub in self.sub_grievances)
        ]
        return (*self.sub_grievances, *bare)


def scaled(total: int, scale: float) -> int:
    """Return the total at a scale, rounded half up.

    Examples
    --------
    >>> scaled(8735, 0.01), scaled(31651, 0.001)
    (87, 32)
    """
    return int(np.floor(total * scale + 0.5))


def count_strata(simulation: Simulation, scale: float) -> dict[Stratum, int]:
    """Return the number of posts of each stratum at a scale.

    Every total that the section names (all, negative, each code, each named platform) is exact
    after rounding: combinations are rounded first, and the posts that carry one code alone, or
    none, take what is left.

    Raises
    ------
    CaodianError
        When the combinations of a code exceed its total.
    """
    counts: dict[Stratum, int] = {}
    for platform, named in simulation.named_platforms.items():
        weights = [part.posts for part in named.mixture] + [named.uncoded]
        parts = [_stratum(part, platform) for part in named.mixture]
        parts.append(Stratum((), (), platform=platform))
        shares = apportion(scaled(named.posts, scale), weights)
        counts.update(zip(parts, shares.tolist(), strict=True))
    for combination in simulation.combinations:
        counts[_stratum(combination)] = int(combination.posts * scale + 1e-9)
    for code, size in simulation.grievances.items():
        counts.update(_alone(code, size, scale, counts))
    uncoded = scaled(simulation.negative, scale) - sum(counts.values())
    counts[Stratum((), ())] = _left_over(uncoded, "negative")
    harmless = scaled(simulation.posts, scale) - scaled(simulation.negative, scale)
    shares = apportion(harmless, list(simulation.harmless.values()))
    for kind, share in zip(simulation.harmless, shares.tolist(), strict=True):
        counts[Stratum((), (), harmless=kind)] = share
    return {stratum: count for stratum, count in counts.items() if count}


def _stratum(part: Combination, platform: str | None = None) -> Stratum:
    return Stratum(tuple(part.grievances), tuple(part.sub_grievances), platform=platform)


def _alone(
    code: str, size: GrievanceSize, scale: float, counts: dict[Stratum, int]
) -> dict[Stratum, int]:
    """Spread over its subs what a code has left beside the combinations."""
    used = sum(count for stratum, count in counts.items() if code in stratum.grievances)
    left = _left_over(scaled(size.posts, scale) - used, code)
    shares = apportion(left, list(size.subs.values())).tolist()
    return {
        Stratum((code,), () if sub == "none" else (f"{code}.{sub}",)): share
        for sub, share in zip(size.subs, shares, strict=True)
    }


def _left_over(count: int, name: str) -> int:
    if count < 0:
        raise CaodianError(
            "the combinations of a code must fit into its total",
            value=-count,
            where=f"simulation, {name}",
            remedy="Lower the posts of its combinations or raise its own.",
        )
    return count
