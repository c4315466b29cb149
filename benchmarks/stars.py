"""Compare the coder's negative items with the stars of real reviews, stars told and not told.

    python benchmarks/stars.py [EXPORT...]

Each export is read, cleaned and masked as a report run does it; reviews without a word are left
out. By number of stars: reviews, and how many of them are called negative by their words alone and
with stars beside words. `ratio` is the log of how much more often negative items have so many
stars than others, fitted without any label: the coder's odds and the ratios correct each other
until they stay (expectation maximisation, as for shifted class shares: Saerens et al. 2002). Where
hardly any other review has few stars the ratio runs away upwards and tells no more than the sign.

Without an export simulated posts are compared, whose truth is known: 0.003 of the 618-2020 study.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl

from analysis.coding.coder import get_coder
from analysis.coding.scoring import NEGATIVE, STARS, with_stars
from analysis.corpus.clean import clean
from analysis.corpus.ingest import ingest
from analysis.corpus.mask import mask
from analysis.simulate.corpus import simulate_posts
from analysis.study import load_study

ROOT = Path(__file__).parents[1]
ROUNDS = 100
SCALE = 0.003
SILENCED = 0.05  # what is left of the probability of a post that no consumer wrote


def read(path: Path) -> pl.DataFrame:
    """Return the reviews with stars and words as the coder gets them."""
    posts = pl.concat(ingest([path], secret=b"benchmark").partitions())
    rated = with_stars(mask(clean(posts)))
    return rated.filter(pl.col(STARS).is_not_null() & (pl.col("text").fill_null("") != ""))


def fit_ratios(stars: np.ndarray, coded: pl.DataFrame) -> np.ndarray:
    """Return the log ratio of each number of stars, from the odds of the words alone."""
    is_silent = (coded["voice"] != "consumer").to_numpy()
    spoken = coded["negative_probability"].to_numpy() / np.where(is_silent, SILENCED, 1)
    odds = np.log(np.clip(spoken, 1e-6, 1 - 1e-6) / (1 - np.clip(spoken, 1e-6, 1 - 1e-6)))
    ratios = np.zeros(6)
    for _ in range(ROUNDS):
        negative = 1 / (1 + np.exp(-(odds + ratios[stars])))
        among = np.bincount(stars, negative, 6)[1:] + 0.5
        others = np.bincount(stars, 1 - negative, 6)[1:] + 0.5
        ratios[1:] = np.log(among / among.sum()) - np.log(others / others.sum())
    return ratios[1:]


def compare(path: Path) -> None:
    """Print the table of one export."""
    posts = read(path)
    coder = get_coder("fast")
    alone, told = coder.code(posts.drop(STARS, "rating")), coder.code(posts)
    stars = posts[STARS].round().cast(pl.Int64).to_numpy()
    ratios = fit_ratios(stars, alone)
    print(f"\n{path.name}: {posts.height:,} reviews with words and stars")
    print("stars  reviews  negative by words    with stars  ratio  added")
    for star in range(1, 6):
        here = pl.Series(stars == star)
        number = max(int(here.sum()), 1)
        called = [int((coded["is_negative"] & here).sum()) for coded in (alone, told)]
        shown = "   ".join(f"{n:5,} ({n / number:6.1%})" for n in called)
        print(
            f"{star:5}{here.sum():9,}     {shown}  {ratios[star - 1]:5.1f}  {NEGATIVE[star - 1]:5}"
        )
    best = [
        f"{(stars == 5)[coded['is_negative'].to_numpy()].mean():.1%}" for coded in (alone, told)
    ]
    print(f"five stars among the negative items: {best[0]} by words, {best[1]} with stars")


def compare_simulated() -> None:
    """Print precision and recall on simulated posts, by stars."""
    study = load_study(ROOT / "studies" / "618-2020.yaml")
    planted = simulate_posts(study, SCALE, frame="polars")
    truth = planted["true_is_negative"]
    posts = with_stars(mask(clean(planted)))
    coder = get_coder("fast")
    told = [coder.code(posts.drop(STARS, "rating")), coder.code(posts)]
    print(f"{planted.height:,} simulated posts\nstars   posts  planted  found by words, with stars")
    for star in (None, *range(1, 6)):
        here = (
            posts[STARS].is_not_null() if star is None else (posts[STARS] == star).fill_null(False)
        )
        shown = []
        for coded in told:
            called = coded["is_negative"] & here
            right = int((called & truth).sum())
            shown.append(f"{right:5,} of {int(called.sum()):,} called")
        name = "any" if star is None else star
        print(f"{name:>5}{int(here.sum()):8,}{int((truth & here).sum()):9,}  {'   '.join(shown)}")


def main() -> None:
    """Compare each export."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("exports", nargs="*", type=Path)
    exports = parser.parse_args().exports
    for path in exports:
        compare(path)
    if not exports:
        compare_simulated()


if __name__ == "__main__":
    main()
