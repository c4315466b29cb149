"""Families against a brute-force reference, whatever the order and the partitions."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus.families import FamilyIndex, group_near_duplicates, post_keys
from analysis.corpus.fingerprints import SpilledFingerprints, banding, fingerprint_posts, spill


def grams(text):
    return {text[place : place + 3] for place in range(len(text) - 2)}


def alike(left, right, similarity):
    if not left or not right:
        return False
    if len(left) < 3 or len(right) < 3:
        return left == right
    one, two = grams(left), grams(right)
    return len(one & two) / len(one | two) >= similarity


def reference(posts, similarity=0.8):
    """Contract section 4, pair by pair."""
    rows = posts.to_dicts()
    family = list(range(len(rows)))
    for left, right in combinations(range(len(rows)), 2):
        if alike(rows[left]["text"], rows[right]["text"], similarity):
            old, new = family[right], family[left]
            family = [new if member == old else member for member in family]

    def order(place):
        at = rows[place]["published_at"]
        return (at is None, at or 0, rows[place]["key"])

    described = []
    for place, row in enumerate(rows):
        head = min((p for p in range(len(rows)) if family[p] == family[place]), key=order)
        same = rows[head]["text"] == row["text"]
        kind = "none" if head == place else "exact" if same else "near"
        described.append((rows[head]["key"], head == place, kind))
    return described


def frame(texts, times=None):
    keys = [f"k{place:04d}" for place in range(len(texts))]
    times = times or [None] * len(texts)
    return pl.DataFrame(
        {"key": keys, "published_at": times, "text": texts},
        schema={"key": pl.String, "published_at": pl.Int64, "text": pl.String},
    )


BASE = "六一八在直播间买的手机到货发现是翻新机客服一直推脱不给退款真的太坑人了"
TEXTS = st.lists(
    st.builds(
        lambda cut, mark, place: BASE[:cut][:place] + mark + BASE[:cut][place:],
        st.integers(1, len(BASE)),
        st.sampled_from(["", "！", "啊", "a", "😡", "坑坑"]),
        st.integers(0, len(BASE)),
    )
    | st.sampled_from([None, "", "坑", "坑人", "坑坑坑", "坑坑坑坑", "ab", "abc"])
    | st.text(alphabet="坑人啊", min_size=3, max_size=9),
    max_size=14,
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(TEXTS, st.data())
def test_families_are_those_of_the_definition(texts, data):
    times = data.draw(
        st.lists(st.none() | st.integers(1, 3), min_size=len(texts), max_size=len(texts))
    )
    posts = frame(texts, times)
    assert group_near_duplicates(posts).rows() == reference(posts)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(TEXTS, st.data())
def test_order_and_partitions_do_not_matter(texts, data):
    posts = frame(texts, [place % 3 or None for place in range(len(texts))])
    whole = dict(zip(posts["key"], group_near_duplicates(posts).rows(), strict=True))
    shuffled = posts[data.draw(st.permutations(range(len(texts))))] if texts else posts
    cut = data.draw(st.integers(0, len(texts)))
    index = FamilyIndex()
    parts = [shuffled[:cut], shuffled[cut:]]
    for part in parts:
        index.add(fingerprint_posts(part))
    for part, families in zip(parts, index.families(), strict=True):
        assert families.rows() == [whole[key] for key in part["key"]]


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(TEXTS)
def test_spilling_changes_nothing(tmp_path_factory, texts):
    posts = frame(texts)
    index, folder = FamilyIndex(), tmp_path_factory.mktemp("spill")
    half = len(texts) // 2
    for number, part in enumerate((posts[:half], posts[half:])):
        spill(fingerprint_posts(part), folder / f"part-{number}")
        index.add(SpilledFingerprints(folder / f"part-{number}"))
    spilled = pl.concat(index.families())
    assert spilled.rows() == group_near_duplicates(posts).rows()


@pytest.mark.parametrize("similarity", [0.3, 0.5, 0.9, 1.0])
def test_other_thresholds(similarity):
    texts = [BASE[:cut] for cut in range(6, len(BASE), 2)] + [BASE[3:], BASE[8:30]]
    posts = frame(texts)
    assert group_near_duplicates(posts, similarity).rows() == reference(posts, similarity)


def test_texts_without_words_are_no_duplicates_of_each_other():
    families = group_near_duplicates(frame([None, None, "", ""]))
    assert families["family_id"].to_list() == ["k0000", "k0001", "k0002", "k0003"]
    assert families["duplicate_kind"].to_list() == ["none"] * 4


def test_no_rows_give_no_rows():
    assert group_near_duplicates(frame([])).height == 0


def test_the_earliest_then_the_smallest_key_leads_and_nulls_come_last():
    families = group_near_duplicates(frame([BASE, BASE + "！", BASE, BASE], [None, 5, 2, 2]))
    assert families["family_id"].to_list() == ["k0002"] * 4
    assert families["duplicate_kind"].to_list() == ["exact", "near", "none", "exact"]


def test_keys():
    both = pl.DataFrame({"source": ["a", None], "post_id": ["1", "2"], "text": ["x", "y"]})
    assert post_keys(both).to_list() == ["a:1", "2"]
    assert post_keys(pl.DataFrame({"post_id": [7]})).to_list() == ["7"]
    plain = post_keys(pl.DataFrame({"text": ["x", "y", "x", None]}))
    assert plain.n_unique() == 4
    assert plain[0].split("-")[0] == plain[2].split("-")[0]


@pytest.mark.parametrize("similarity", [0.2, 0.5, 0.7, 0.8, 0.85, 0.9, 0.99])
def test_a_pair_at_the_threshold_is_hardly_ever_missed(similarity):
    rows, bands = banding(similarity)
    assert rows * bands <= 64
    assert (1 - similarity**rows) ** bands <= 3e-4


def test_a_flood_of_variants_is_one_family():
    marks = [chr(point) for point in range(0x5000, 0x5000 + 100)]
    flood = [BASE[:at] + mark + BASE[at:] for at in range(len(BASE)) for mark in marks]
    families = group_near_duplicates(frame([*flood, BASE]))
    assert families["family_id"].n_unique() == 1
    assert families["is_representative"].sum() == 1
