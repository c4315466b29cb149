"""Families of a corpus in partitions are those of all posts together, on any executor."""

import pickle
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import date, datetime

import polars as pl
import pytest

from analysis.coding.scoring import rating_scales
from analysis.corpus.families import group_near_duplicates
from analysis.pipeline.corpus_steps import (
    _code_partition,
    _find_corpus_families,
    _prepare_partition,
    _read_items,
)
from analysis.pipeline.partitions import (
    partition_files,
    partition_path,
    read_partition,
    write_partition,
)
from analysis.schema import table
from analysis.storage import RunPaths
from analysis.study import study_of_range

BASE = "六一八在直播间买的手机到货发现是翻新机客服一直推脱不给退款真的太坑人了"
OTHER = "双十一抢的红包根本不能用规则写得不清不楚骗人的吧"
STUDY = study_of_range("test", date(2020, 6, 1), date(2020, 6, 20), [])
#            text, day of June 2020, whether it repeats an earlier row
ROWS = [
    (BASE, 3, False),
    (OTHER, 2, False),
    (BASE + "！", 2, False),
    (BASE, 1, True),
    (BASE, 25, False),
    ("坑人", 5, False),
    (None, 5, False),
    (OTHER + "啊", 1, False),
    ("坑人", 5, False),
    (BASE[:-1], None, False),
    (BASE[:20] + "的" + BASE[20:], 20, False),
]


class Elsewhere(Executor):
    """Runs a call at once but as if on another machine: all that passes is pickled."""

    def submit(self, function, /, *arguments):
        function, arguments = pickle.loads(pickle.dumps((function, arguments)))
        future = Future()
        future.set_result(pickle.loads(pickle.dumps(function(*arguments))))
        return future


def posts(rows):
    texts, days, repeats = zip(*rows, strict=True) if rows else ((), (), ())
    columns = {
        "source": ["table"] * len(rows),
        "post_id": [f"{(7 * place) % 11}" for place in range(len(rows))],
        "published_at": [None if day is None else datetime(2020, 6, day) for day in days],
        "repeat_of": ["table:1" if repeat else None for repeat in repeats],
        "text": texts,
        "url": [f"u{place}" for place in range(len(rows))],
    }
    types = dict.fromkeys(columns, pl.String) | {"published_at": pl.Datetime("us")}
    frame = pl.DataFrame(columns, schema=types)
    return frame.with_columns(pl.col("published_at").dt.replace_time_zone("Asia/Shanghai"))


def items(folder, parts, executor):
    """Run the step on the partitions given and return what it wrote."""
    paths = RunPaths("test", storage=folder)
    paths.posts.mkdir(parents=True)
    for number, part in enumerate(parts):
        part.write_parquet(partition_path(paths.posts, number))
    _find_corpus_families(paths, STUDY, executor)
    assert sorted(path.name for path in paths.partitions.iterdir()) == ["items", "posts"]
    written = partition_files(paths.items)
    return [_read_items(paths.posts / path.name, path) for path in written]


def expected():
    """Families of the posts that count, all at once: in the window, not repeated."""
    inside = [day is not None and day <= 20 and not repeat for _, day, repeat in ROWS]
    chosen = posts(ROWS).filter(pl.Series(inside))
    keyed = chosen.with_columns(key="table:" + pl.col("post_id"))
    return keyed.hstack(group_near_duplicates(keyed.select("key", "published_at", "text")))


@pytest.mark.slow
@pytest.mark.parametrize("executor", [ThreadPoolExecutor(2), Elsewhere()])
@pytest.mark.parametrize("cut", [0, 1, 4, 6, 11])
def test_partitions_have_the_families_of_the_whole(tmp_path, executor, cut):
    whole = posts(ROWS)
    written = items(tmp_path, [whole[:cut], whole[cut:]], executor)
    assert [part.height for part in written] == [
        sum(url in whole["url"][:cut].to_list() for url in expected()["url"]),
        sum(url in whole["url"][cut:].to_list() for url in expected()["url"]),
    ]
    columns = ["text", "url", "family_id", "is_representative", "duplicate_kind"]
    assert pl.concat(written).select(columns).rows() == expected().select(columns).rows()


def test_the_order_of_partitions_changes_no_family(tmp_path):
    whole = posts(ROWS)
    written = items(tmp_path, [whole[7:], whole[3:7], whole[:3]], Elsewhere())
    found = pl.concat(written).sort("url").select("url", "family_id", "duplicate_kind")
    assert found.rows() == expected().sort("url").select(found.columns).rows()


@pytest.mark.parametrize("parts", [[], [posts([])], [posts(ROWS[3:5])]])
def test_a_corpus_without_items_has_no_partition_of_items(tmp_path, parts):
    assert items(tmp_path, parts, Elsewhere()) == []
    assert partition_files(tmp_path / "test" / "items") == []


def test_what_is_spilled_goes_also_when_the_step_fails(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.pipeline.corpus_steps._items_of", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        items(tmp_path, [posts(ROWS)], Elsewhere())
    assert not (tmp_path / "test" / ".fingerprints").exists()


def test_a_partition_is_cleaned_and_masked_and_keeps_its_rows(tmp_path):
    rows = {
        "title": ["退款", None],
        "text": ["打13812345678　没人接", "好"],
        "target": ["王某13912345678", None],
        "url": [None, "https://a.example/u/13812345678"],
    }
    schema = table("posts").polars_schema
    posts = pl.DataFrame(rows).select(
        pl.col(name).cast(kind) if name in rows else pl.lit(None, dtype=kind).alias(name)
        for name, kind in schema.items()
    )
    out = tmp_path / "part.parquet"
    assert _prepare_partition(posts, out, b"key") == 2
    written = pl.read_parquet(out)
    assert written["text"].to_list() == ["退款。打【电话】 没人接", "好"]
    assert written["masked"].to_list() == ['{"phone":1}', "{}"]
    assert "13912345678" not in written["target"][0]
    assert "13812345678" not in written["url"][1]
    assert written["title"].to_list() == ["退款", None]


def test_a_text_is_judged_anew_where_its_stars_differ(tmp_path):
    texts = ["一般", "一般", "一般", "一般", "一般"]
    ratings = [1.0, 10.0, 5.0, 1.0, None]
    nothing = pl.Series([None] * 5, dtype=pl.String)
    files = ["five.csv", "ten.csv", "five.csv", "five.csv", "five.csv"]
    posts = pl.DataFrame(
        {
            **dict.fromkeys(("channel", "kind", "author_type"), nothing),
            "text": texts, "rating": ratings, "source_file": files,
        }
    )  # fmt: skip
    write_partition(posts, tmp_path / "posts.parquet")
    items = pl.DataFrame({"row": pl.Series(range(5), dtype=pl.UInt32)})
    write_partition(items, tmp_path / "items.parquet")
    paths = (tmp_path / f"{name}.parquet" for name in ("posts", "items", "coded"))
    assert _code_partition(*paths, "keyword", rating_scales(posts)) == 5
    coded = read_partition(tmp_path / "coded.parquet")
    assert coded["stars"].to_list() == [1, 5, 5, 1, None]
    one, five, same, again, none = coded["negative_probability"]
    assert one == again > none > five == same
    assert coded["snownlp_score"].n_unique() == 1
