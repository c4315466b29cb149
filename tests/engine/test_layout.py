"""t-SNE beside the exact method of scikit-learn and beside slopes that were taken by hand."""

import numpy as np
import pytest
from sklearn.manifold import TSNE

from analysis.engine import layout
from analysis.engine.layout import lay_out_points


def groups(number=90, seed=618):
    draw = np.random.default_rng(seed)
    points = np.repeat(draw.normal(size=(3, 6)) * 4, number // 3, axis=0)
    points += draw.normal(size=points.shape)
    gaps = ((points[:, None] - points) ** 2).sum(axis=2)
    return gaps, draw.normal(size=(number, 2)) * 1e-4


def divergence(distances, placed, perplexity):
    """Return what t-SNE makes small, from its definition."""
    count = len(placed)
    shares = np.zeros((count, count))
    for row in range(count):
        gap = np.delete(distances[row], row)
        low, high = 0.0, 1e6
        for _ in range(200):
            steepness = (low + high) / 2
            share = np.exp(-(gap - gap.min()) * steepness)
            share /= share.sum()
            entropy = -(share[share > 0] * np.log(share[share > 0])).sum()
            low, high = (steepness, high) if entropy > np.log(perplexity) else (low, steepness)
        shares[row, np.arange(count) != row] = share
    shares = (shares + shares.T) / (2 * count)
    likeness = 1 / (1 + ((placed[:, None] - placed) ** 2).sum(axis=2))
    np.fill_diagonal(likeness, 0)
    likeness /= likeness.sum()
    held = shares > 1e-12
    return float((shares[held] * np.log(shares[held] / likeness[held])).sum())


def test_it_ends_as_near_to_the_aim_as_the_exact_method_of_a_library():
    distances, start = groups()
    mine = lay_out_points(distances, start, 10.0, 600)
    theirs = TSNE(
        metric="precomputed", init=start.astype(np.float32), perplexity=10.0, max_iter=600,
        method="exact", random_state=0,
    ).fit_transform(np.sqrt(distances))  # fmt: skip
    assert divergence(distances, mine, 10.0) <= divergence(distances, theirs, 10.0) + 0.02


def test_one_step_goes_down_the_slope_of_the_aim():
    """The first move is minus the rate times the slope, exaggeration and gain taken off."""
    distances, start = groups(12)
    start = start * 1e4
    moved = lay_out_points(distances, start, 3.0, 1) - start
    # All others are neighbours, so that the aim is that of the definition.
    assert min(11, int(layout._NEIGHBOURS * 3.0 + 1)) == 10
    slope = np.zeros_like(start)
    for row, side in np.ndindex(*start.shape):
        change = np.zeros_like(start)
        change[row, side] = 1e-5
        slope[row, side] = (
            divergence(distances, start + change, 3.0) - divergence(distances, start - change, 3.0)
        ) / 2e-5
    pull, push = one_force(distances, start, 3.0)
    assert 4 * (pull - push) == pytest.approx(slope, abs=2e-3)
    rate = layout._SMALLEST_RATE * layout._LOSS
    assert moved == pytest.approx(-rate * 4 * (layout._EXAGGERATION * pull - push), abs=0.05)


def one_force(distances, places, perplexity):
    """Return what pulls and what pushes each point, by loops."""
    count = len(places)
    shares = np.zeros((count, count))
    for row in range(count):
        nearest = np.argsort(np.where(np.arange(count) == row, np.inf, distances[row]))[
            : min(count - 1, int(3 * perplexity + 1))
        ]
        low, high = 0.0, 1e6
        for _ in range(200):
            steepness = (low + high) / 2
            share = np.exp(-(distances[row, nearest] - distances[row, nearest].min()) * steepness)
            share /= share.sum()
            entropy = -(share[share > 0] * np.log(share[share > 0])).sum()
            low, high = (steepness, high) if entropy > np.log(perplexity) else (low, steepness)
        shares[row, nearest] = share
    shares = (shares + shares.T) / (2 * count)
    pull, push, total = np.zeros_like(places), np.zeros_like(places), 0.0
    for row in range(count):
        for other in range(count):
            if row != other:
                gap = places[row] - places[other]
                likeness = 1 / (1 + gap @ gap)
                pull[row] += shares[row, other] * likeness * gap
                push[row] += likeness**2 * gap
                total += likeness
    return pull, push / total


@pytest.mark.parametrize("number", [2, 3, 10, 11])
def test_few_points_and_equal_ones_have_places(number):
    placed = lay_out_points(np.zeros((number, number)), np.eye(number, 2) * 1e-4, 1.0, 50)
    assert placed.shape == (number, 2) and np.isfinite(placed).all()


@pytest.mark.parametrize("number", [9, 10])  # an odd number and an even one
def test_points_move_step_by_step_as_the_method_says(monkeypatch, number):
    """Van der Maaten's gains and momentum by loops, from early exaggeration into the steps after.

    Both parts are made short here; the layout goes on from rest where the second begins.
    """
    monkeypatch.setattr(layout, "_EXAGGERATED_STEPS", 4)
    distances, start = groups(number + number % 3 and 3 * (number // 3 + 1))
    distances, places = distances[:number, :number], 1e4 * start[:number]
    found = lay_out_points(distances, places, 2.0, 9)
    expected, gains, moves = places.copy(), np.ones((number, 2)), np.zeros((number, 2))
    for step in range(9):
        if step == 4:
            gains, moves = np.ones((number, 2)), np.zeros((number, 2))
        pull, push = one_force(distances, expected, 2.0)
        slope = 4 * ((12 if step < 4 else 1) * pull - push)
        turned = moves * slope < 0
        gains = np.maximum(np.where(turned, gains + 0.2, gains * 0.8), 0.01)
        moves = (0.5 if step < 4 else 0.8) * moves - 50 * gains * slope
        expected = expected + moves
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("perplexity", [1.5, 4.0])
def test_as_many_neighbours_count_as_the_perplexity_says(perplexity):
    gaps = np.sort(groups(12)[0], axis=1)[:, 1:]
    shares = np.empty_like(gaps)
    layout._share(gaps, perplexity, shares)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    entropy = -(shares * np.log(np.maximum(shares, 1e-300))).sum(axis=1)
    np.testing.assert_allclose(entropy, np.log(perplexity), atol=1.01e-5)
    assert (np.diff(shares, axis=1) <= 0).all()  # the nearer, the more


@pytest.mark.parametrize(("number", "rate"), [(40, 50.0), (4_800, 100.0)])
def test_the_rate_grows_with_the_points_from_fifty_on(monkeypatch, number, rate):
    seen = []
    monkeypatch.setattr(layout, "_move", lambda *given: seen.append(given[4]))
    monkeypatch.setattr(layout, "_push", lambda *_: 1.0)
    monkeypatch.setattr(layout, "_pull", lambda *_: None)
    monkeypatch.setattr(layout, "_share", lambda *_: None)
    far = np.broadcast_to(np.zeros(1), (number, number)) if number < 99 else np.zeros((number, 2))
    monkeypatch.setattr(layout.np, "fill_diagonal", lambda *_: None)
    lay_out_points(far, np.zeros((number, 2)), 0.1, 1)
    assert seen == [rate]
