"""Accept either kind of table and give the same kind back: big ones are Polars, small ones pandas.

What a researcher calls takes her own frame, works on the columns that it needs as Polars, and puts
its columns behind hers: none is dropped, and order and index of the rows stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, TypeVar, Union, cast

import polars as pl
import polars.selectors as cs

from analysis.errors import CaodianError, nearest

if TYPE_CHECKING:
    import pandas as pd


AnyFrame: TypeAlias = Union[pl.DataFrame, pl.LazyFrame, "pd.DataFrame"]
_LOOKED_AT = 200  # rows
# How like a column's name one must be that may have been meant; Chinese names have few characters.
_LIKE = 0.75
_LIKE_CHINESE = 0.5
_FRAME_REMEDY = (
    "Read a file with read_posts, or make a frame of texts: pd.DataFrame({'text': texts})."
)
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame, "pd.DataFrame")
Texts = TypeVar("Texts", pl.Series, "pd.Series[Any]", "list[str | None]")


def as_polars(frame: AnyFrame) -> pl.DataFrame:
    """Return the frame as a Polars DataFrame; a pandas index is not kept.

    Raises
    ------
    CaodianError
        When it is no frame of either kind.

    Examples
    --------
    >>> import pandas as pd
    >>> as_polars(pd.DataFrame({"text": ["发货慢"]})).columns
    ['text']
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    names = _names(frame)
    return pl.DataFrame(
        {name: _series(frame.iloc[:, place], name) for place, name in enumerate(names)}
    )


def as_lazy(frame: AnyFrame) -> pl.LazyFrame:
    """Return the frame as a Polars LazyFrame, so that big inputs stay on disk.

    Examples
    --------
    >>> as_lazy(pl.DataFrame({"text": ["发货慢"]})).collect().height
    1
    """
    return frame if isinstance(frame, pl.LazyFrame) else as_polars(frame).lazy()


# Which function of the door gives a column that no table of one's own has.
_MADE_BY = {
    "is_negative": "code_grievances(posts)",
    "grievances": "code_grievances(posts)",
    "voice": "code_grievances(posts)",
    "snownlp_score": "score_sentiment(posts)",
    "negative_probability": "score_sentiment(posts)",
    "cluster": "cluster_topics(posts)",
}


def take_columns(
    frame: AnyFrame,
    needed: Sequence[str],
    wanted: Sequence[str] = (),
    remedy: str = "",
) -> pl.DataFrame:
    """Return some columns of a frame as Polars, rows in its order.

    Parameters
    ----------
    needed
        Columns that must be there.
    wanted
        Columns that are taken where they are there.
    remedy
        What to do where a needed column is missing and none has a name like it; by default, to say
        `text=` with the column that holds most text.

    Raises
    ------
    CaodianError
        When a needed column is missing, naming it and the columns there are.

    Examples
    --------
    >>> import pandas as pd
    >>> take_columns(pd.DataFrame({"text": ["慢"], "odd": [{1}]}), ["text"], ["title"]).columns
    ['text']
    """
    names = _names(frame)
    for name in needed:
        if name not in names:
            near = nearest(name, names, _LIKE if name.isascii() else _LIKE_CHINESE)
            if name in getattr(getattr(frame, "index", None), "names", ()):
                near, remedy = None, "It is the index: give posts.reset_index()."
            raise CaodianError(
                f"the posts must have the column {name}",
                value=f"columns there: {', '.join(names) or 'none'}",
                remedy=f"Did you mean {near!r}?" if near else remedy or _name_text(frame, name),
            )
    taken = [*needed, *(name for name in wanted if name in names and name not in needed)]
    if isinstance(frame, pl.DataFrame | pl.LazyFrame):  # a name such as ^text$ is no pattern
        return frame.lazy().select(list(map(cs.by_name, taken))).collect()
    return pl.DataFrame({name: _series(frame.iloc[:, names.index(name)], name) for name in taken})


def as_names(columns: str | Sequence[str]) -> list[str]:
    """Return the names of one column or several; a frame without names calls its first `0`.

    Examples
    --------
    >>> as_names("text"), as_names(["title", "text"]), as_names(0)
    (['text'], ['title', 'text'], ['0'])
    """
    is_one = isinstance(columns, str) or not hasattr(columns, "__iter__")
    return [str(columns)] if is_one else list(columns)


def _name_text(frame: AnyFrame, missing: str) -> str:
    """Say what gives a column, or how to name that of the text: by the one in which most stands."""
    if missing in _MADE_BY:
        return f"Make it first: {_MADE_BY[missing]}."
    names = _names(frame) if missing == "text" else []
    few = frame.head(_LOOKED_AT)
    few = few.collect() if isinstance(few, pl.LazyFrame) else few
    lengths = {}
    for place, name in enumerate(names):
        series = few[name] if isinstance(few, pl.DataFrame) else _series(few.iloc[:, place], name)
        if series.dtype == pl.String:
            lengths[name] = series.str.count_matches(r"\pL").mean() or 0  # dates have no letters
    if not lengths:
        return f"Rename the column that holds it to {missing}."
    return f"Say which column it is, such as text={max(lengths, key=lengths.__getitem__)!r}."


def put_columns(frame: Frame, added: pl.DataFrame) -> Frame:
    """Return the frame, of its own kind, with more columns; one of the same name is replaced.

    Parameters
    ----------
    frame
        pandas or Polars; it is not changed.
    added
        As many rows, in the same order.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = pd.DataFrame({"text": ["慢", "好"]}, index=[7, 3])
    >>> put_columns(posts, pl.DataFrame({"voice": ["consumer", None]}))
      text     voice
    7    慢  consumer
    3    好       NaN
    """
    if isinstance(frame, pl.DataFrame | pl.LazyFrame):
        return frame.with_columns(added.get_columns())
    # A frame without a header calls its columns 0, 1, …: what is put as "0" must not stand beside
    # 0, or the text that was masked would stand on.
    labels = {str(label): label for label in frame.columns}
    changed = frame.copy(deep=False)
    for column in added:
        label = labels.get(column.name, column.name)
        changed[label] = _as_pandas(column, frame.index)
    return changed


def to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """Return a Polars frame as pandas, lists as lists and times with their zone.

    Examples
    --------
    >>> to_pandas(pl.DataFrame({"grievances": [["price"], []]}))["grievances"].tolist()
    [['price'], []]
    """
    import pandas as pd

    index = pd.RangeIndex(frame.height)
    return pd.DataFrame({column.name: _as_pandas(column, index) for column in frame}, index=index)


def as_small(table: AnyFrame) -> pd.DataFrame:
    """Return a small table as pandas, rows numbered anew: what people explore and measures use.

    Examples
    --------
    >>> as_small(pl.DataFrame({"items": [3, None]}))["items"].tolist()
    [3, <NA>]
    """
    if isinstance(table, pl.DataFrame | pl.LazyFrame):
        return to_pandas(as_polars(table))
    _names(table)  # refuses what is no frame, and two columns of one name
    plain = table.reset_index(drop=True)
    categories = [name for name, kind in plain.dtypes.items() if kind == "category"]
    return plain.assign(**{str(name): _uncategorised(plain[name]) for name in categories})


def _uncategorised(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return the values of a column of categories: two tables with other ones must join."""
    return column.astype("str" if column.cat.categories.dtype == "str" else "object")


def like_frame(given: AnyFrame, table: AnyFrame) -> Any:  # noqa: ANN401 - the kind given
    """Return a table as the kind of frame that was given: Polars for Polars, else pandas.

    Examples
    --------
    >>> import pandas as pd
    >>> like_frame(pl.DataFrame(), pd.DataFrame({"items": [3]}))["items"].to_list()
    [3]
    """
    if isinstance(given, pl.DataFrame | pl.LazyFrame):
        return as_polars(table)
    return as_small(table)


def as_texts(column: pl.Series) -> pl.Series:
    """Return a column as strings.

    Raises
    ------
    CaodianError
        When its cells are no texts: lists, or bytes in another encoding than UTF-8.

    Examples
    --------
    >>> as_texts(pl.Series("text", [12, None])).to_list()
    ['12', None]
    """
    try:
        return column.cast(pl.String)
    except pl.exceptions.PolarsError:
        raise CaodianError(
            "a column of texts must hold one text a row",
            value=f"{column.name}: {column.dtype}",
            remedy="Join the parts of each row, or decode its bytes, and give strings.",
        ) from None


def take_texts(texts: Texts) -> pl.Series:
    """Return texts, one a row, as a Polars series of strings; what is missing is null.

    Raises
    ------
    CaodianError
        When a frame, or a single text, is given.

    Examples
    --------
    >>> take_texts(["慢", None, 12]).to_list()
    ['慢', None, '12']
    """
    if isinstance(texts, pl.Series):
        return as_texts(texts)
    if isinstance(texts, str | bytes) or hasattr(texts, "columns"):
        raise CaodianError(
            "texts must be a series or a list of strings",
            value=type(texts).__name__,
            remedy='Give one column, posts["text"], or a list.',
        )
    if _is_pandas(texts):
        return as_texts(_series(texts, "text"))
    return _strings("text", [_text(value) for value in texts])


def like_texts(given: Texts, texts: pl.Series) -> Texts:
    """Return a series as the kind of texts that was given, a pandas index kept.

    Examples
    --------
    >>> like_texts(["a", "b"], pl.Series(["c", "d"]))
    ['c', 'd']
    """
    if isinstance(given, pl.Series):
        return texts.alias(given.name)
    if _is_pandas(given):
        back: Any = _as_pandas(texts, given.index)
        back.name = given.name
    else:
        back = texts.to_list()
    return cast("Texts", back)


def _is_pandas(texts: object) -> TypeGuard[pd.Series[Any]]:
    """Tell a pandas series, also where pandas has not been imported."""
    return hasattr(texts, "index") and hasattr(texts, "dtype") and hasattr(texts, "iloc")


def _names(frame: AnyFrame) -> list[str]:
    if isinstance(frame, pl.LazyFrame):
        return frame.collect_schema().names()
    if isinstance(frame, pl.DataFrame):
        return frame.columns
    if not hasattr(frame, "columns") or not hasattr(frame, "iloc"):
        raise CaodianError(
            "posts must be a pandas or Polars frame",
            value=type(frame).__name__,
            remedy=_FRAME_REMEDY,
        )
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CaodianError(
            "every column must have a name of its own",
            value=", ".join(twice),
            remedy="Rename the columns: posts.columns = [...].",
        )
    return names


def _series(column: pd.Series[Any], name: str) -> pl.Series:
    """Return a pandas column as Polars; what holds several kinds of value becomes text."""
    if column.dtype == object:
        values = column.tolist()
        is_plain = all(value is None or isinstance(value, str) for value in values)
        if is_plain:
            return _strings(name, values)
    if isinstance(column.dtype, _period_type()):
        column = column.dt.to_timestamp()
    try:
        series = pl.from_pandas(column.rename(name))
    except (TypeError, ValueError, OverflowError):  # pyarrow's errors are of these kinds
        return _strings(name, [_text(value) for value in column.tolist()])
    return series.cast(pl.String) if series.dtype == pl.Categorical else series


def _period_type() -> type:
    import pandas as pd

    return pd.PeriodDtype


def _strings(name: str, values: Sequence[str | None]) -> pl.Series:
    """Return texts without halves of characters, which broken exports leave and no file holds."""
    try:
        return pl.Series(name, values, dtype=pl.String)
    except UnicodeEncodeError:
        whole = [
            value and value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
            for value in values
        ]
        return pl.Series(name, whole, dtype=pl.String)


def _text(value: object) -> str | None:
    """Return a cell as text: None, NaN and NaT are missing, as pandas has it."""
    if isinstance(value, str) or value is None:
        return value
    if type(value).__name__ in {"NAType", "NaTType"} or value != value:  # noqa: PLR0124 - NaN
        return None
    return str(value)


def _as_pandas(column: pl.Series, index: pd.Index[Any]) -> pd.Series[Any]:
    """Return a column as pandas: lists as lists, missing cells as pandas writes them."""
    import pandas as pd

    if column.dtype in (pl.List, pl.Struct, pl.Object):
        cells = pd.Series(column.to_list(), dtype=object)
        return cells.set_axis(index)
    if column.dtype == pl.String:
        return pd.Series(column.to_list(), dtype="str").set_axis(index)
    if column.has_nulls() and column.dtype == pl.Boolean:
        return pd.Series(column.to_list(), dtype="boolean").set_axis(index)
    if column.has_nulls() and column.dtype.is_integer():
        return pd.Series(column.to_list(), dtype="Int64").set_axis(index)
    return column.to_pandas().set_axis(index)
