"""Either kind of table in, the same kind out: nothing dropped, order and index kept."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import analysis as cd
from analysis.errors import CaodianError
from analysis.frames import as_polars, as_texts, like_texts, put_columns, take_columns, take_texts

TEXTS = [
    (["慢", None, ""], ["慢", None, ""]),
    ([1, 2.5, "三"], ["1", "2.5", "三"]),
    (["慢", float("nan"), pd.NA, pd.NaT], ["慢", None, None, None]),
    (["坏\ud83d了", None, "\ud83d\ude21"], ["坏了", None, "😡"]),
    ([], []),
]


@pytest.mark.parametrize(("given", "read"), TEXTS)
def test_texts_of_any_kind_are_read(given, read):
    assert take_texts(given).to_list() == read
    assert take_texts(pd.Series(given, dtype=object)).to_list() == read
    assert take_texts(tuple(given)).to_list() == read


def test_a_series_of_categories_or_numbers_is_text():
    assert take_texts(pd.Series(pd.Categorical(["慢", None, "好"]))).to_list() == ["慢", None, "好"]
    assert take_texts(pl.Series([1, None])).to_list() == ["1", None]
    assert take_texts(np.array(["慢", "好"])).to_list() == ["慢", "好"]


def test_a_pandas_series_keeps_its_index_and_name():
    given = pd.Series(["a", "b"], index=["x", "x"], name="内容")
    back = like_texts(given, pl.Series(["c", None]))
    assert back.index.tolist() == ["x", "x"] and back.name == "内容"
    assert back.isna().tolist() == [False, True]


@pytest.mark.parametrize("given", ["一句话", pd.DataFrame({"text": ["a"]}), pl.DataFrame()])
def test_what_is_no_column_is_refused(given):
    with pytest.raises(CaodianError, match="series or a list"):
        take_texts(given)


def test_columns_are_added_to_pandas_without_touching_the_rest():
    index = pd.MultiIndex.from_tuples([("b", 1), ("a", 2)])
    posts = pd.DataFrame({"text": ["慢", "好"], "odd": [{"a"}, object], 3: [1, 2]}, index=index)
    added = pl.DataFrame(
        {
            "grievances": [["price"], []],
            "is_negative": [True, None],
            "count": [1, None],
            "share": [0.5, None],
            "voice": [None, "media"],
        }
    )
    out = put_columns(posts, added)
    assert list(posts.columns) == ["text", "odd", 3]
    assert list(out.columns) == ["text", "odd", 3, *added.columns]
    assert out.index.equals(index) and out["odd"].tolist() == posts["odd"].tolist()
    assert out["grievances"].tolist() == [["price"], []]
    assert out["is_negative"].dtype == "boolean" and out["count"].dtype == "Int64"
    assert np.isnan(out["share"].iloc[1]) and out["voice"].isna().tolist() == [True, False]


def test_a_column_of_the_same_name_is_replaced_in_its_place():
    posts = pd.DataFrame({"text": ["a"], "n": [1]})
    assert put_columns(posts, pl.DataFrame({"text": ["b"]})).to_dict("list") == {
        "text": ["b"],
        "n": [1],
    }


def test_a_missing_column_names_itself_and_those_there_are():
    with pytest.raises(CaodianError, match=r"column text.*columns there: txet, n.*'txet'"):
        take_columns(pd.DataFrame({"txet": ["a"], "n": [1]}), ["text"])
    with pytest.raises(CaodianError, match="columns there: none"):
        take_columns(pl.DataFrame(), ["text"])


@pytest.mark.parametrize(
    ("frame", "missing", "remedy"),
    [
        (
            {"评价": ["用了两天就坏了"], "用户": ["甲"]},
            "text",
            "Say which column it is, such as text='评价'.",
        ),
        (
            {"日期": ["2024-06-01 08:03"], "评价": ["很慢"]},
            "text",
            "Say which column it is, such as text='评价'.",
        ),
        ({"评价": ["慢"]}, "is_negative", "Make it first: code_grievances(posts)."),
        ({"n": [1]}, "text", "Rename the column that holds it to text."),
        ({"日期": ["2020-06-01"]}, "published_at", "holds it to published_at."),
        ({"scores": ["{}"]}, "snownlp_score", "score_sentiment(posts)."),  # not like enough
        ({"txt": ["慢"]}, "text", "Did you mean 'txt'?"),
        ({"评论内容": ["慢"]}, "内容", "Did you mean '评论内容'?"),
    ],
)
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pl.LazyFrame])
def test_a_missing_column_is_told_with_what_to_do(frame, missing, remedy, kind):
    with pytest.raises(CaodianError) as caught:
        take_columns(kind(frame), [missing])
    assert str(caught.value).endswith(remedy)


@pytest.mark.parametrize("given", [["a"], {"text": ["a"]}, None, pd.Series(["a"])])
def test_what_is_no_frame_is_refused(given):
    with pytest.raises(CaodianError, match="pandas or Polars frame"):
        take_columns(given, ["text"])


@pytest.mark.parametrize(
    "texts", [pl.Series("说", [["慢"]]), pl.Series("说", ["慢".encode("gb18030")])]
)
def test_cells_that_are_no_texts_are_refused(texts):
    with pytest.raises(CaodianError, match="one text a row: found '说: "):
        as_texts(texts)


def test_an_index_that_is_asked_for_is_called_so():
    posts = pd.DataFrame({"text": ["慢"]}, index=pd.Index(["2020-06-01"], name="published_at"))
    with pytest.raises(CaodianError, match="reset_index"):
        take_columns(posts, ["published_at"])


def test_periods_are_times():
    posts = pd.DataFrame({"day": pd.period_range("2020-06-01", periods=2, freq="D")})
    assert as_polars(posts)["day"].dt.day().to_list() == [1, 2]


def test_columns_of_one_name_are_refused():
    twice = pd.DataFrame([["a", "b"]], columns=["text", "text"])
    with pytest.raises(CaodianError, match="name of its own"):
        take_columns(twice, ["text"])


def test_a_lazy_frame_stays_lazy():
    lazy = pl.LazyFrame({"text": ["a"], "n": [1]})
    assert take_columns(lazy, ["text"]).columns == ["text"]
    out = put_columns(lazy, pl.DataFrame({"m": [2]}))
    assert isinstance(out, pl.LazyFrame) and out.collect().columns == ["text", "n", "m"]


def test_a_pandas_frame_of_any_cells_becomes_polars():
    frame = pd.DataFrame(
        {
            "text": ["a", None],
            "mixed": ["x", 3],
            "lists": [["p"], None],
            "when": pd.to_datetime(["2020-06-01", None]),
        }
    )
    read = as_polars(frame)
    assert read["mixed"].to_list() == ["x", "3"] and read["lists"].to_list() == [["p"], None]
    assert read["when"].null_count() == 1


@pytest.mark.parametrize("name", ["^text$", "^.*$", "*", "key", "row", "label", "stars", ""])
@pytest.mark.parametrize("made", [pd.DataFrame, pl.DataFrame])
def test_a_column_may_be_called_what_its_owner_likes(name, made):
    posts = made({name: ["ＯＫ　不退", "打13812345678没人接"], "other": ["a", "b"]})
    cleaned = cd.mask(cd.clean(posts, name), name)
    assert list(cleaned[name]) == ["OK 不退", "打【电话】没人接"]
    assert list(cleaned["other"]) == ["a", "b"]
    assert list(cd.score_sentiment(posts, text=name)[name]) == list(posts[name])
