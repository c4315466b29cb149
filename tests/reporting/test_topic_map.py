"""The map of topics: places hold whatever the order, and the page holds no more than it may."""

import base64
import json
import re
import zlib

import numpy as np
import pandas as pd
import polars as pl
import pytest
from threadpoolctl import threadpool_limits

import analysis as cd
from analysis.cli.main import main
from analysis.errors import CaodianError
from analysis.reporting import topic_map
from analysis.reporting.topic_map import lay_out, map_topics
from analysis.storage import write_table

MATTERS = {
    0: ["物流停滞", "快递丢件", "迟迟不发货", "催单无人理", "配送超时", "驿站拒收"],
    1: ["退款被拒", "客服踢皮球", "售后敷衍", "退货运费", "换货拖延", "维修收费"],
    2: ["假货横行", "鉴定造假", "高仿鞋子", "防伪码无效", "冒牌化妆品", "专柜不认"],
}
TOPICS = pd.DataFrame(
    {
        "cluster": [0, 1, 2], "label": ["物流·快递", "退款·客服", "假货·鉴定"],
        "terms": ["物流、快递", "退款、客服", "假货、鉴定"], "items": [40, 40, 40],
        "top_grievance": ["delivery", "after_sales", "counterfeit"], "covered": [1.0, 0.5, 0.2],
    }
)  # fmt: skip


def make_posts(per_topic=40, source="simulated", seed=3):
    """Invented posts of three matters and some of none, over ten days."""
    draw = np.random.default_rng(seed)
    rows = []
    for topic, words in [*MATTERS.items(), (-1, ["天气", "电影", "早餐", "风景", "音乐", "散步"])]:
        for i in range(per_topic):
            text = "，".join(draw.permutation(words)[:3]) + f"，第{len(rows)}回"
            rows.append(
                {
                    "source": source, "post_id": f"{topic}-{i}", "text": text, "topic": topic,
                    "confidence": 0.95 if topic >= 0 else 0.2, "grievances": ["delivery"],
                    "published_at": f"2020-06-{1 + len(rows) % 10:02d} 08:00:00",
                }
            )  # fmt: skip
    return pl.DataFrame(rows)


def unpack(page):
    """Read a page as its script does."""
    facts = json.loads(re.search(r'id="facts"[^>]*>(.*?)</script>', page, re.S)[1])
    packed = re.search(r'id="packed"[^>]*>(.*?)</script>', page, re.S)[1]
    content = zlib.decompress(base64.b64decode(packed), -15)
    place = 0

    def take(kind, size):
        nonlocal place
        part = np.frombuffer(content, kind, size, place)
        place += part.nbytes
        return part

    n, pairs = facts["texts"], facts["pairs"]
    read = {"items": take("<u4", pairs)}
    read |= {name: take("<u2", n) for name in ("x", "y", "topic", "codes", "spans")}
    read |= {"days": take("<u2", pairs), "sure": take("u1", n)}
    signs, texts, rest = [*map(chr, facts["characters"])], [], iter(content[place:])
    for code in rest:
        texts.append(signs[code if code < 150 else 150 + (code - 150) * 256 + next(rest)])
    return facts, read, "".join(texts).split("\n")


@pytest.mark.slow
def test_like_texts_stand_together():
    posts = make_posts()
    places = lay_out(posts["text"].to_list(), posts["topic"].to_list()).astype(float)
    topics = posts["topic"].to_numpy()
    gaps = np.hypot(*(places[:, None, axis] - places[None, :, axis] for axis in (0, 1)))
    np.fill_diagonal(gaps, np.inf)
    inside = topics >= 0
    nearest = np.argsort(gaps[inside], axis=1)[:, :5]
    assert (topics[nearest] == topics[inside][:, None]).mean() > 0.9
    assert places.min() >= 0 and places.max() == 8191


@pytest.mark.slow
def test_places_do_not_depend_on_the_order_of_texts():
    posts = make_posts()
    texts, topics = posts["text"].to_list(), posts["topic"].to_list()
    order = np.random.default_rng(5).permutation(len(texts))
    shuffled = lay_out([texts[i] for i in order], [topics[i] for i in order])
    assert (shuffled == lay_out(texts, topics)[order]).all()


@pytest.mark.parametrize("count", [0, 1, 2, 9, 10, 11])
def test_a_few_texts_have_places_too(count):
    texts = make_posts(3)["text"].to_list()[:count]
    places = lay_out(texts, [0] * count)
    assert places.shape == (count, 2)
    assert len({tuple(place) for place in places.tolist()}) == count


def test_texts_without_a_known_word_have_places():
    assert lay_out(["1234", "!!", "", "5"] * 5, [-1] * 20).shape == (20, 2)


@pytest.mark.slow
def test_the_page_has_the_same_bytes_for_any_order_of_rows_and_threads():
    posts, pages = make_posts(120), set()
    for threads in (1, 2):
        with threadpool_limits(threads):
            shuffled = posts.sample(fraction=1, shuffle=True, seed=threads)
            pages.add(map_topics(shuffled, TOPICS).page())
    assert len(pages) == 1 and "<canvas" in pages.pop()


def test_one_text_coded_twice_has_the_codes_of_both_in_any_order():
    posts = pl.DataFrame(
        {
            "text": ["热水忽冷忽热还涨价"] * 3 + ["别的话别的话"],
            "topic": [0, 0, 0, -1],
            "confidence": [0.9, 0.9, 0.9, 0.0],
            "grievances": [["price"], ["delivery"], [], None],
        }
    )
    topics = pl.DataFrame({"cluster": [0], "label": ["热水"], "terms": ["热水"], "items": [3]})
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2]):
        codes = map_topics(posts[order], topics).dots.table["grievances"].to_list()
        assert codes == [["delivery", "price"], []]


@pytest.mark.slow
def test_the_page_holds_each_text_with_its_topic_days_and_items():
    posts = make_posts(5)
    copies = posts.head(1).with_columns(published_at=pl.lit("2020-06-09 10:00:00"))
    facts, read, texts = unpack(map_topics(pl.concat([posts, copies, copies]), TOPICS).page())
    assert sorted(texts) == sorted(posts["text"])
    by_text = dict(zip(posts["text"], posts["topic"], strict=True))
    assert [by_text[text] + 1 for text in texts] == read["topic"].tolist()
    first = texts.index(posts["text"][0])
    start = int(read["spans"][:first].sum())
    days = read["days"][start : start + int(read["spans"][first])] - 1
    assert [facts["calendar"][day] for day in days] == ["2020-06-01", "2020-06-09"]
    assert read["items"][start : start + 2].tolist() == [1, 2]
    assert read["items"].sum() == 22
    assert facts["codes"] == [["发货与物流"]] and set(read["codes"]) == {0}


def test_texts_that_need_many_characters_come_back_whole():
    signs = [chr(0x3400 + 7 * number) for number in range(900)] + ["𠮷", "😀", "é", "<", "&", '"']
    texts = ["".join(signs[i::40]) for i in range(40)]
    posts = pl.DataFrame({"source": "simulated", "text": texts, "topic": 0, "confidence": 0.9})
    _, _, read = unpack(map_topics(posts, TOPICS.head(1)).page())
    assert sorted(read) == sorted(texts)


@pytest.mark.parametrize(
    ("source", "quotes", "longest"),
    [("weibo", False, 0), ("weibo", True, 41), ("simulated", False, 60)],
)  # fmt: skip
def test_texts_of_real_posts_stand_on_a_page_only_where_that_is_allowed(source, quotes, longest):
    posts = make_posts(3, source).with_columns(text=pl.col("text") + "x" * 45)
    page = map_topics(posts, TOPICS, language="en").page(quotes=quotes)
    _, _, texts = unpack(page)
    assert max(map(len, texts)) == pytest.approx(longest, abs=8 if longest > 41 else 0)
    assert ("stand on no page" in page) == (longest == 0)
    assert ("Simulated data" in page) == (source == "simulated")


def test_what_a_page_quotes_is_masked_once_more():
    posts = make_posts(3, "weibo").with_columns(
        text=pl.lit("打13912345678没人接，") + pl.col("topic").cast(pl.String)
    )
    _, _, texts = unpack(map_topics(posts, TOPICS).page(quotes=True))
    assert all("【电话】" in text and "139" not in text for text in texts)


def test_a_page_executed_for_readers_shows_the_topics_alone(monkeypatch):
    found = map_topics(make_posts(3, "weibo"), TOPICS, language="en")
    shown = found._repr_html_()
    assert shown.startswith("<iframe") and 'sandbox="allow-scripts"' in shown
    monkeypatch.setenv("CAODIAN_RENDERED", "1")
    assert "<iframe" not in found._repr_html_() and "退款·客服" in found._repr_html_()


@pytest.mark.slow
def test_twenty_thousand_texts_take_less_than_a_megabyte_and_more_are_a_sample(monkeypatch):
    draw = np.random.default_rng(1)
    somewhere = draw.integers(0, 8192, (20_000, 2)).astype(np.uint16)
    monkeypatch.setattr(topic_map, "lay_out", lambda *_: somewhere)
    # Characters at random hold names and addresses, which are not asked here.
    monkeypatch.setattr(topic_map, "mask_texts", lambda texts: (texts, None))
    words = [
        chr(0x4E00 + int(a)) + chr(0x4E00 + int(b)) for a, b in draw.integers(0, 2500, (3000, 2))
    ]
    texts = ["".join(draw.choice(words, 25)) for _ in range(21_000)]
    posts = pl.DataFrame(
        {"source": "simulated", "text": texts, "topic": np.arange(21_000) % 4 - 1,
         "confidence": 0.9, "published_at": [f"2020-06-{1 + i % 20:02d}" for i in range(21_000)]}
    )  # fmt: skip
    page = map_topics(posts, TOPICS, language="en").page()
    facts, _, read = unpack(page)
    assert len(page.encode()) <= 1_000_000 and facts["texts"] == 20_000
    assert "20,000 of 21,000 texts are shown" in page and "texts are cut after" in page
    assert min(map(len, read)) >= 12 and set(read) & {text[:20] + "…" for text in texts}


def test_what_is_not_cut_is_not_called_so_and_what_is_not_known_has_no_column():
    posts = make_posts(3).with_columns(text=pl.col("text") + "……")
    page = map_topics(posts, TOPICS.assign(onset="", stability=None), language="en").page()
    assert "texts are cut" not in page
    heads = re.findall('<th scope="col">(.*?)</th>', page)
    assert heads == ["Topic", "Items", "Terms", "Main kind", "In the codebook"]
    uncoded = map_topics(posts, TOPICS.assign(top_grievance=""), language="en").page()
    assert re.findall('<th scope="col">(.*?)</th>', uncoded) == ["Topic", "Items", "Terms"]


def test_neighbouring_topics_differ_in_colour():
    many = pd.DataFrame(
        {"cluster": range(14), "label": [f"题{n}" for n in range(14)], "terms": "词", "items": 1}
    )
    posts = make_posts(14).with_columns(topic=pl.int_range(pl.len()) % 14)
    facts, _, _ = unpack(map_topics(posts, many).page())
    colors = [topic["color"] for topic in facts["topics"]]
    assert set(colors[:12]) == set(range(12)) and set(colors[12:]) < set(range(12))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_runs_one_script_and_asks_nobody(language):
    page = map_topics(make_posts(3), TOPICS, language=language, title="<b>夏天 & 热").page()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy
    assert re.findall("script-src ([^;]*)", policy)[0].startswith("'sha256-")
    assert not re.findall(r"(?:src|href)=", page) and "//" not in page.split("<script")[0]
    assert "<b>夏天" not in page and "&lt;b&gt;夏天 &amp; 热" in page
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert table.count("<tr>") == 3 and "退款·客服" in table


def test_posts_without_topics_or_days_have_a_map():
    posts = make_posts(3).with_columns(topic=pl.lit(-1)).drop("published_at")
    facts, _, _ = unpack(map_topics(posts, TOPICS.head(0)).page())
    assert facts["topics"] == [] and facts["calendar"] == [] and facts["texts"] == 12
    nobody = posts.with_columns(topic=pl.lit(None, pl.Int64))
    assert unpack(map_topics(nobody, TOPICS.head(0)).page())[0]["texts"] == 0


def test_either_kind_of_frame_gives_the_same_page():
    posts = make_posts(4)
    assert (
        map_topics(posts, TOPICS).page()
        == map_topics(posts.to_pandas(), pl.from_pandas(TOPICS)).page()
    )


def test_what_is_missing_is_named():
    with pytest.raises(CaodianError, match="confidence"):
        map_topics(make_posts(3).drop("confidence"), TOPICS)
    with pytest.raises(CaodianError, match="zh or en"):
        map_topics(make_posts(3), TOPICS, language="fr")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_the_command_writes_the_map_of_any_kind_of_table(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    posts = make_posts(30, "weibo").with_columns(is_negative=True)
    write_table(posts.drop("topic", "confidence"), f"coded.{kind}")
    wanted = ["cluster", f"coded.{kind}", "--out", "made", "--map", "topics.html"]
    for more, longest in (["--language", "en"], 0), (["--quotes"], 41):
        with pytest.raises(SystemExit, match="0"):
            main([*wanted, *more, "--quiet"])
        facts, read, texts = unpack((tmp_path / "topics.html").read_text("utf-8"))
        assert (
            facts["texts"] == 120
            and max(map(len, texts)) <= longest
            and any(texts) == bool(longest)
        )
        assert len(facts["calendar"]) == 10 and read["items"].sum() == 120


@pytest.mark.slow
def test_clusters_draw_their_map_and_save_it(tmp_path):
    posts = make_posts(60).with_columns(is_negative=True)
    found = cd.cluster_topics(posts)
    path = tmp_path / "topics.html"
    assert repr(found.map(path, language="en")).startswith("A map of 240 texts and")
    facts, read, _ = unpack(path.read_text("utf-8"))
    assert [topic["label"] for topic in facts["topics"]] == found.clusters["label"].to_list()
    for row in found.clusters.iter_rows(named=True):
        assert (read["topic"] == row["cluster"] + 1).sum() == row["items"]
    assert found.note in path.read_text("utf-8")


@pytest.mark.slow
def test_the_estimator_draws_the_texts_that_it_was_fitted_on(tmp_path):
    posts = make_posts(60)
    topics = cd.TopicClusters().fit(posts["text"].to_list())
    topics.map(tmp_path / "topics.html", language="en", quotes=True)
    facts, read, texts = unpack((tmp_path / "topics.html").read_text("utf-8"))
    assert [topic["label"] for topic in facts["topics"]] == topics.topics_["label"].tolist()
    labels = dict(zip(posts["text"], topics.labels_ + 1, strict=True))
    assert [labels[text] for text in texts] == read["topic"].tolist()
    assert facts["calendar"] == []
