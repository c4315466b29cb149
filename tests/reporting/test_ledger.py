"""The ledger by hand: which posts are counted, what is told of them, and what follows from them."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from datetime import datetime

import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.reporting.ledger import (
    LEDGER_COLUMNS,
    counted_posts,
    describe_run,
    digest_numbers,
    hash_outputs,
    name_build,
    posts_behind,
    read_ledger,
    write_ledger,
    write_manifest,
    write_marks,
)

LISTS = {"grievances": ["price", "delivery"], "sub_grievances": ["price.surge", "delivery.slow"],
         "platforms": ["京东", "得物"]}  # fmt: skip


def posts_of(rows=60, seed=5):
    draw = random.Random(seed)

    def one(number):
        many = {name: [draw.choice(known) for _ in range(draw.randrange(3))]
                for name, known in LISTS.items()}  # fmt: skip
        return {
            "source": draw.choice(["a", "b"]), "post_id": str(number),
            "published_at": datetime(2020, 6, draw.randrange(1, 20), draw.randrange(24)),
            "channel": draw.choice(["weibo", None]), "rating": draw.choice([1.0, 4.5, None]),
            "is_negative": draw.choice([True, True, False, None]), **many,
            "family_id": draw.choice(["f1", "f2", None]), "author_key": draw.choice(["x", None]),
            "repeat_of": draw.choice([None, None, None, "a:1"]),
            "is_in_window": draw.choice([True, True, False]),
            "negative_probability": draw.choice([0.0, 0.049, 0.05, 0.5, 0.95, 1.0, None]),
            "snownlp_score": draw.choice([0.0, 0.04, 0.5, 1.0, None]),
        }  # fmt: skip

    return [one(number) for number in range(rows)]


def digest(post):
    return hashlib.sha256(f"{post['source']}:{post['post_id']}".encode()).hexdigest()[:16]


def by_hand(posts):
    """The ledger as its definition says, one post at a time."""
    kept = [p for p in posts if p["repeat_of"] is None and p["is_in_window"]]

    def first(name, post):
        if post[name] is None:
            return None
        return min(digest(other) for other in kept if other[name] == post[name])

    def band(score):
        return None if score is None else sum(score >= n / 20 for n in range(1, 20))

    stars = {1.0: "1", 4.5: "5", None: "none"}
    rows = [
        {
            "post": digest(p), "date": f"{p['published_at']:%Y-%m-%d}",
            "channel": p["channel"] or "other", "stars": stars[p["rating"]],
            "is_negative": bool(p["is_negative"]),
            **{name: sorted({*p[name]}) for name in LISTS},
            "family": first("family_id", p), "author": first("author_key", p),
            "negative_band": band(p["negative_probability"]),
            "snownlp_band": band(None if p["snownlp_score"] is None else 1 - p["snownlp_score"]),
        }
        for p in kept
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row["post"])


def frame_of(posts):
    return pl.DataFrame(posts, infer_schema_length=None)


def test_a_ledger_is_what_its_definition_gives_in_any_order_of_rows(tmp_path):
    posts = posts_of()
    path = write_ledger(tmp_path, frame_of(posts))
    ledger = read_ledger(tmp_path)
    assert ledger.columns == LEDGER_COLUMNS and ledger.to_dicts() == by_hand(posts)
    again = write_ledger(tmp_path / "again", frame_of(posts[::-1]).lazy())
    assert again.read_bytes() == path.read_bytes()
    assert (tmp_path / "evidence/rules.yaml").stat().st_size > 100
    assert read_ledger(tmp_path / "no") is None


def test_a_published_ledger_holds_keyed_digests_in_their_order(tmp_path):
    posts = posts_of()
    write_ledger(tmp_path, frame_of(posts), secret=b"s")
    kept = [p for p in posts if p["repeat_of"] is None and p["is_in_window"]]
    keys = [f"{p['source']}:{p['post_id']}".encode() for p in kept]
    of_all = hashlib.sha256(b"".join(b"\0" + key for key in sorted(keys))).digest()
    own = hmac.digest(b"s", of_all, "sha256")
    expected = sorted(hmac.digest(own, key, "sha256").hex()[:24] for key in keys)
    assert read_ledger(tmp_path).to_dict(as_series=False) == {"post": expected}


def test_published_ledgers_of_other_posts_have_no_digest_in_common(tmp_path):
    posts = posts_of()
    digests = []
    for name, chosen in (
        ("all", posts),
        ("again", posts[::-1]),
        ("fewer", posts[: len(posts) // 2]),
    ):
        write_ledger(tmp_path / name, frame_of(chosen), secret=b"s")
        digests.append(set(read_ledger(tmp_path / name)["post"]))
    assert digests[0] == digests[1] and len(digests[2]) > 1
    assert not digests[0] & digests[2]


@pytest.mark.parametrize(
    ("window", "counted"), [([True, False, None], [0]), ([None] * 3, [0, 1, 2])]
)
def test_without_a_window_every_post_counts(window, counted):
    posts = pl.DataFrame(
        {"post_id": ["0", "1", "2"], "is_in_window": window, "is_negative": [True, None, False]},
        schema_overrides={"is_in_window": pl.Boolean},
    )
    found = counted_posts(posts.lazy()).collect()
    assert found["key"].to_list() == [str(n) for n in counted]
    row = found.row(0, named=True)
    assert (row["channel"], row["stars"], row["is_negative"]) == ("other", "none", True)
    assert row["date"] is row["grievances"] is row["family_id"] is row["snownlp_score"] is None


def test_digests_are_those_of_sha256():
    keys = pl.Series(["a:1", "微博:2", ""])
    expected = [int(hashlib.sha256(key.encode()).hexdigest()[:16], 16) for key in keys]
    assert digest_numbers(keys).tolist() == expected
    assert digest_numbers(keys.head(0)).tolist() == []


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")
    write_ledger(folder, frame_of(posts_of(120, seed=6)))
    return read_ledger(folder)


@pytest.mark.parametrize(
    ("evidence", "holds"),
    [
        ("counts/all/items", lambda r: True),
        ("counts/negative/items", lambda r: r["is_negative"]),
        ("trends/price/growth", lambda r: r["is_negative"] and "price" in r["grievances"]),
        ("audit/price/items", lambda r: r["is_negative"] and "price" in r["grievances"]),
        ("daily/2020-06-03/all/items", lambda r: r["date"] == "2020-06-03"),
        ("weekly/2020-06-08/negative/items",
         lambda r: r["is_negative"] and "2020-06-08" <= r["date"] < "2020-06-15"),
        ("monthly/2020-06-01/all/items", lambda r: r["date"][:7] == "2020-06"),
        ("breaks/all/2020-06-03/burst/items", lambda r: r["date"] == "2020-06-03"),
        ("sub_grievances/price/price.surge/items",
         lambda r: r["is_negative"] and "price.surge" in r["sub_grievances"]),
        ("platforms/%E4%BA%AC%E4%B8%9C/items",
         lambda r: r["is_negative"] and "京东" in r["platforms"]),
        ("watchlist/京东/items", lambda r: r["is_negative"] and "京东" in r["platforms"]),
        ("platform_sub_grievances/京东/price/price.surge/items",
         lambda r: r["is_negative"] and "京东" in r["platforms"]
         and "price.surge" in r["sub_grievances"]),
        ("channels/weibo/items", lambda r: r["channel"] == "weibo"),
        ("channels/weibo/negative_items", lambda r: r["is_negative"] and r["channel"] == "weibo"),
        ("ratings/5/items", lambda r: r["stars"] == "5"),
        ("ratings/none/negative_items", lambda r: r["is_negative"] and r["stars"] == "none"),
    ],
)  # fmt: skip
def test_a_number_is_traced_to_its_posts(ledger, evidence, holds):
    expected = [row["post"] for row in ledger.to_dicts() if holds(row)]
    assert posts_behind(ledger, evidence) == expected


def test_a_break_is_traced_to_the_period_that_its_series_has(ledger):
    rows = ledger.to_dicts()
    found = posts_behind(ledger, "breaks/all/2020-06-08/burst/items", "weekly")
    assert found == [r["post"] for r in rows if "2020-06-08" <= r["date"] < "2020-06-15"]
    for evidence in ("claims/C1/estimate", "counts/price", "counts/a/b/items"):
        with pytest.raises(CaodianError, match="only counts of posts resolve"):
            posts_behind(ledger, evidence)


def test_a_build_is_named_by_its_tables_and_what_they_were_made_by(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/b.csv").write_bytes(b"2")
    (tmp_path / "tables/a.csv").write_bytes(b"1")
    (tmp_path / "tables/note.txt").write_bytes(b"no table")
    told = {"study": "题", "code": "c", "inputs": {"x": "1"}, "command": "caodian report"}
    text = json.dumps({"study": "题", "code": "c"}, sort_keys=True, ensure_ascii=False).encode()
    for name, content in (("a.csv", b"1"), ("b.csv", b"2")):
        text += name.encode() + b"\0" + hashlib.sha256(content).digest()
    assert name_build(tmp_path, told) == hashlib.sha256(text).hexdigest()[:16]
    (tmp_path / "tables/a.csv").write_bytes(b"3")
    assert name_build(tmp_path, told) != hashlib.sha256(text).hexdigest()[:16]


def test_a_manifest_names_every_file_but_itself(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("sub/.hidden", "b", "a", "manifest.json.sig", ".caodian-run"):
        (tmp_path / name).write_bytes(name.encode())
    path = write_manifest(tmp_path, {"study": "题"})
    told = json.loads(path.read_text("utf-8"))
    expected = {
        name: hashlib.sha256(name.encode()).hexdigest() for name in ("a", "b", "sub/.hidden")
    }
    assert told == {"study": "题", "outputs": expected} and "题" in path.read_text("utf-8")
    assert list(told["outputs"]) == sorted(expected)
    assert not (tmp_path / "manifest.json.sig").exists()  # it was of the one before
    (tmp_path / "link").symlink_to("a")
    with pytest.raises(CaodianError, match="links to others: found 'link'"):
        hash_outputs(tmp_path)


def test_a_run_is_described_by_what_it_was_made_from(study):
    told = describe_run(study, parameters={"seed": 1}, inputs={"b": "2", "a": "1"})
    assert (told["study"], told["parameters"]) == (study.name, {"seed": 1})
    assert list(told["inputs"]) == ["a", "b"] and "audit" not in told
    assert describe_run(study, parameters={}, inputs={}, audit={"seed": 2})["audit"] == {"seed": 2}


def test_marks_are_put_among_the_evidence_or_taken_out(tmp_path):
    (tmp_path / "evidence").mkdir()
    marks = tmp_path / "marks.parquet"
    marks.write_bytes(b"m")
    write_marks(tmp_path, marks)
    assert (tmp_path / "evidence/audit.parquet").read_bytes() == b"m"
    for _ in range(2):
        write_marks(tmp_path, None)
        assert not (tmp_path / "evidence/audit.parquet").exists()
