"""Whether a second stage that is re-fitted on an audit narrows the audit's own intervals.

    python benchmarks/validity/refit.py SETS CODED TRUTH [--runs 200] [--csv FIGURES.csv]

SETS holds the public sets of `benchmarks/real_posts.py`; CODED and TRUTH are the folders that a run
of the simulated study leaves. Three kinds of corpora are audited many times with the project's own
draw:

- one public set alone, where the label of the set stands for the truth of the negative item;
- the real posts that were coded by the codebook (never those of the test part), all of them or
  those of alike sources, each standing twenty times or more in its corpus;
- the simulated study, 30,000 of its posts.

In each audit a ridge-penalised logistic regression on the log-odds of all targets, with the coder's
own log-odds as offset, is fitted five times without a fifth of the audited posts, and its
probabilities take the place of the coder's scores in the difference estimator: `re-fitted` always,
`tuned` only where the posts that a model did not see are likelier by more than one standard error
and the variance is smaller. `own score` has the log-odds of the target alone, a bias and a slope.
Copies of one post stand in one fold. Printed are the mean half-width in per cent of the truth, the
coverage, and the F1 of calls among posts that were not audited.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from coverage_audits import draw_rows, posts_by_stratum
from coverage_populations import Population
from study_intervals import read_population

from analysis.audit.correction import Correction, correct_bands, merge_thin
from analysis.audit.machine_scores import FULL, read_machine_coding
from analysis.audit.sampling import BANDS, allocate_strata, mean_scores, stratify
from analysis.coding.codebook import CODES
from analysis.training.texts import label_matrix

sys.path.insert(0, str(Path(__file__).parents[1]))
from real_posts import SOURCES, code_posts, coded_posts, read_source

SEED, FOLDS, MOST, STUDY_POSTS = 618, 5, 8_000, 30_000
RIDGE, RIDGE_OF_CONSTANT, LEAST_CASES = 4.0, 1.0, 10
NEGATIVE_SIDE = {
    "car forum": ("-1",),
    "app store": ("1.0", "2.0"),
    "sneakers": ("1",),
    "shops, 10 categories": ("0",),
    "water heaters": ("1", "2"),
}
ALIKE = (
    None,
    ("app store",),
    ("shops, 10 categories",),
    ("sneakers", "water heaters"),
    ("car forum", "city's letters"),
)


class Corpus(NamedTuple):
    """Posts whose truth is known, and which of them are copies of one."""

    name: str
    population: Population
    original: np.ndarray
    targets: int
    sizes: tuple[int, ...]


def corpora(sets: Path, coded: Path, truth: Path) -> Iterator[Corpus]:
    """Yield the corpora that are at hand."""
    for source in SOURCES:
        if source.name in NEGATIVE_SIDE:
            yield labelled_corpus(sets, source.name)
    for sources in ALIKE:
        yield coded_corpus(sets, sources)
    study = read_population(coded, truth, STUDY_POSTS)
    original = np.arange(study.machine.size)
    yield Corpus("simulated study", study, original, study.truth.shape[1], (300, 1_000))


def labelled_corpus(sets: Path, name: str) -> Corpus:
    """Return a public set that is labelled, of which the negative item alone is asked."""
    source = next(source for source in SOURCES if source.name == name)
    sides = [value for _, values in source.sides for value in values]
    posts = read_source(sets, source).filter(pl.col("side").is_in(sides))
    posts = posts.sample(min(MOST, posts.height), seed=SEED)
    said = code_posts(posts, source.channel, "fast")
    is_negative = said["side"].is_in(NEGATIVE_SIDE[name]).to_numpy()
    truth = np.column_stack([is_negative, np.zeros((said.height, len(CODES)), bool)])
    population, original = repeated(said.drop("side"), truth, 1)
    return Corpus(f"{name}, by label", population, original, 1, (200, 300))


def coded_corpus(sets: Path, sources: tuple[str, ...] | None) -> Corpus:
    """Return the development posts of some sources, as often as makes a corpus of them."""
    posts = coded_posts(sets).filter(pl.col("part") != "test")
    if sources:
        posts = posts.filter(pl.col("source").is_in(sources))
    said = pl.concat(
        code_posts(part, part["channel"][0], "fast")
        for part in posts.partition_by("channel", maintain_order=True)
    )
    negative = (said["negative"] == "1").to_numpy()
    codes = label_matrix(said["codes"].fill_null("").str.split(";"), list(CODES))
    kept = said.select("text", "is_negative", "negative_probability", "grievances", "scores")
    times = 60 if sources else 20
    population, original = repeated(kept, np.column_stack([negative, codes]), times)
    name = f"coded posts, {', '.join(sources) if sources else 'all'}"
    return Corpus(name, population, original, 1 + len(CODES), (200,))


def repeated(said: pl.DataFrame, truth: np.ndarray, times: int) -> tuple[Population, np.ndarray]:
    """Return posts so many times, and which of them each copy is of."""
    numbers = [f"{place:09d}" for place in range(said.height * times)]
    posts = pl.concat([said] * times).with_columns(pl.Series("post_id", numbers))
    machine = read_machine_coding(posts, list(CODES))
    return Population(machine, np.tile(truth, (times, 1))), np.tile(np.arange(said.height), times)


def log_odds(scores: np.ndarray) -> np.ndarray:
    """Return log-odds without extremes."""
    share = np.clip(scores / FULL, 0.002, 0.998)
    return np.asarray(np.log(share / (1 - share)))


def fit_ridge(table: np.ndarray, held: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return a constant and the weights of the columns."""
    whole = np.column_stack([np.ones(len(table)), table])
    penalty = np.full(whole.shape[1], RIDGE)
    penalty[0] = RIDGE_OF_CONSTANT
    weights = np.zeros(whole.shape[1])
    for _ in range(30):
        share = 1 / (1 + np.exp(-(offset + whole @ weights)))
        slope = whole.T @ (held - share) - penalty * weights
        spread = whole.T @ (whole * (share * (1 - share))[:, None]) + np.diag(penalty)
        step = np.clip(np.linalg.solve(spread, slope), -3, 3)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return weights


class Audit(NamedTuple):
    """One audit of one target: the drawn posts and what is known of them."""

    rows: np.ndarray
    weight: np.ndarray
    fold: np.ndarray
    held: np.ndarray
    is_negative: np.ndarray | None


class Target:
    """One target of a corpus, and its estimates."""

    def __init__(self, corpus: Corpus, number: int, bands: np.ndarray) -> None:
        machine = corpus.population.machine
        self.score = machine.scores[:, number] / FULL
        self.odds = log_odds(machine.scores.astype(float))
        self.inputs = (self.odds - self.odds.mean(axis=0)) / (self.odds.std(axis=0) + 0.1)
        self.number, self.bands = number, bands[:, number]
        self.called = machine.is_coded[:, number]

    def refit(self, audit: Audit, columns: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return probabilities: unseen ones of the audited posts, the mean and the whole fit's."""
        table, offset = self.inputs[:, columns], self.odds[:, self.number]

        def told(rows: np.ndarray, held: np.ndarray) -> np.ndarray:
            weights = fit_ridge(table[rows], held, offset[rows])
            return np.asarray(1 / (1 + np.exp(-(offset + weights[0] + table @ weights[1:]))))

        unseen, mean = np.zeros(len(audit.rows)), np.zeros(len(offset))
        for number in range(FOLDS):
            out = audit.fold == number
            found = told(audit.rows[~out], audit.held[~out])
            unseen[out] = found[audit.rows[out]]
            mean += out.mean() * found
        return unseen, mean, told(audit.rows, audit.held)

    def correct(self, audit: Audit, drawn: np.ndarray, frame: np.ndarray) -> Correction:
        """Return the estimate with these scores of the audited posts and of all."""
        own = self.bands[audit.rows]
        merged = merge_thin(np.bincount(own, minlength=BANDS))
        of_post = merged[self.bands]
        return correct_bands(
            np.bincount(of_post, minlength=BANDS).astype(float),
            mean_scores(frame * FULL, of_post, BANDS),
            band=merged[own],
            weight=audit.weight,
            score=drawn,
            y=audit.held,
            is_negative=audit.is_negative,
        )


def is_sure(audit: Audit, before: np.ndarray, after: np.ndarray) -> bool:
    """Tell whether posts that a model did not see are likelier, by more than a standard error."""

    def log_likelihood(share: np.ndarray) -> np.ndarray:
        likely = np.where(audit.held > 0.5, share, 1 - share)
        return np.asarray(np.log(np.clip(likely, 1e-4, 1)))

    gain = audit.weight * (log_likelihood(after) - log_likelihood(np.clip(before, 0.002, 0.998)))
    return bool(gain.mean() > gain.std() / np.sqrt(len(gain)))


def audits(corpus: Corpus, size: int, runs: int) -> Iterator[dict[str, object]]:
    """Yield a row a target: what an audit of this size gives in the mean."""
    machine, truth = corpus.population.machine, corpus.population.truth
    strata = stratify(machine, size)
    numbers, members = allocate_strata(strata, size), posts_by_stratum(strata)
    weight = (strata.posts / numbers)[strata.of_post]
    targets = [Target(corpus, number, strata.bands) for number in range(corpus.targets)]
    found: dict[int, list[list[float]]] = {number: [] for number in range(corpus.targets)}
    generator = np.random.default_rng([SEED, size])
    for _ in range(runs):
        rows = draw_rows(members, numbers, generator)
        group = generator.permutation(int(corpus.original.max()) + 1)[corpus.original[rows]]
        unseen = ~np.isin(corpus.original, corpus.original[rows])
        for target in targets:
            held = truth[rows, target.number].astype(float)
            negative = truth[rows, 0].astype(float) if target.number else None
            audit = Audit(rows, weight[rows], group % FOLDS, held, negative)
            found[target.number].append(one_audit(target, audit, truth[:, target.number], unseen))
    for target in targets:
        true = int(truth[:, target.number].sum())
        if not true:
            continue
        table = np.array(found[target.number])
        mean = table.mean(axis=0)
        ways = ("as it is", "own score", "re-fitted", "tuned")
        widths = dict(zip((f"half-width, {way}" for way in ways), 100 * mean[0:8:2], strict=True))
        covers = dict(zip((f"covered, {way}" for way in ways), 100 * mean[1:8:2], strict=True))
        yield {
            "corpus": corpus.name, "audited": size, "target": machine.targets[target.number],
            "true": true, **{name: round(float(v), 2) for name, v in (widths | covers).items()},
            "f1": round(float(mean[8]), 3), "f1, re-fitted": round(float(mean[9]), 3),
            "used": round(float(mean[10]), 2),
        }  # fmt: skip


def one_audit(target: Target, audit: Audit, truth: np.ndarray, unseen: np.ndarray) -> list[float]:
    """Return half-width over the truth and coverage of each way, F1 before and after, and use."""
    total, score = float(truth.sum()), target.score
    base = target.correct(audit, score[audit.rows], score)
    found, sure, called = [base] * 4, False, target.called
    if min(audit.held.sum(), (1 - audit.held).sum()) >= LEAST_CASES:
        own = target.refit(audit, [target.number])
        every = target.refit(audit, list(range(target.inputs.shape[1])))
        found[1], found[2] = (target.correct(audit, way[0], way[1]) for way in (own, every))
        sure = is_sure(audit, score[audit.rows], every[0])
        called = every[2] > 0.5 if sure else called
    is_used = sure and found[2].variance < base.variance
    found[3] = found[2] if is_used else base
    ends = [one.interval for one in found]
    figures = [x for low, high in ends for x in ((high - low) / 2 / max(total, 1),
                                                 float(low <= total <= high))]  # fmt: skip
    scores = [f1(truth[unseen], calls[unseen]) for calls in (target.called, called)]
    return [*figures, *scores, float(is_used)]


def f1(held: np.ndarray, called: np.ndarray) -> float:
    """Return the F1 of calls."""
    return float(2 * (held & called).sum() / max(1, held.sum() + called.sum()))


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path)
    parser.add_argument("coded", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--csv", type=Path, help="Write the figures there.")
    given = parser.parse_args()
    rows: list[dict[str, object]] = []
    for corpus in corpora(given.sets, given.coded, given.truth):
        for size in corpus.sizes:
            rows += audits(corpus, size, given.runs)
            print(pl.DataFrame(rows[-1:]).write_csv(), flush=True)
    table = pl.DataFrame(rows)
    print(table.write_csv())
    if given.csv:
        table.write_csv(given.csv)


if __name__ == "__main__":
    main()
