"""Accept either kind of table: big ones are Polars, small ones pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, Union

import polars as pl

if TYPE_CHECKING:
    import pandas as pd

AnyFrame: TypeAlias = Union[pl.DataFrame, pl.LazyFrame, "pd.DataFrame"]


def as_polars(frame: AnyFrame) -> pl.DataFrame:
    """Return the frame as a Polars DataFrame; a pandas index is not kept.

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
    return pl.from_pandas(frame)


def as_lazy(frame: AnyFrame) -> pl.LazyFrame:
    """Return the frame as a Polars LazyFrame, so that big inputs stay on disk.

    Examples
    --------
    >>> as_lazy(pl.DataFrame({"text": ["发货慢"]})).collect().height
    1
    """
    return frame if isinstance(frame, pl.LazyFrame) else as_polars(frame).lazy()
