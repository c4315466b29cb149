"""The small tables of a run, ``build/<study>/tables/*.csv``, read back as pandas."""

from pathlib import Path

import pandas as pd

from analysis.errors import CaodianError

TABLES = (
    "funnel", "counts", "daily", "weekly", "monthly", "trends", "sub_grievances", "platforms",
    "channels", "ratings", "claims", "coverage", "coverage_hours", "coverage_periods", "clusters",
    "emerging", "watchlist", "reconciliation", "audit", "specifications", "breaks",
    "platform_sub_grievances",
    "campaigns", "notes",
)  # fmt: skip
# Words that pandas would take for missing values are data here, so only empty cells are missing.
_TEXT = {"date": str, "grievance": str, "sub_grievance": str, "platform": str, "claim_id": str,
         "stars": str, "keyword": str, "threshold": str}  # fmt: skip


def load_tables(build_dir: str | Path) -> dict[str, pd.DataFrame]:
    """Read every table of a run.

    Parameters
    ----------
    build_dir
        The folder of one study, for example ``build/618-2020``.

    Returns
    -------
    dict[str, pd.DataFrame]
        Table by name; a table that the run did not write is absent.

    Raises
    ------
    CaodianError
        When the folder holds no tables.

    Examples
    --------
    >>> load_tables("no/such/build")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a run must have written its tables: ...
    """
    folder = Path(build_dir) / "tables"
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise CaodianError(
            "a run must have written its tables",
            value=folder.as_posix(),
            remedy="Run caodian report first, or name its build folder.",
        )
    return {path.stem: _read(path) for path in paths}


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=_TEXT)


def table_or_empty(tables: dict[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """Give a table, or an empty one when the run has none.

    Examples
    --------
    >>> table_or_empty({}, "counts").empty
    True
    """
    return tables.get(name, pd.DataFrame())


def row_of(table: pd.DataFrame, column: str, value: str) -> pd.Series | None:
    """Find the one row with a value, or None.

    Examples
    --------
    >>> row_of(pd.DataFrame({"grievance": ["all"], "items": [3]}), "grievance", "all")["items"]
    np.int64(3)
    """
    if column not in table:
        return None
    found = table[table[column].astype(str) == value]
    return None if found.empty else found.iloc[0]


def qualified_sub(grievance: str, sub: str) -> str:
    """Write a sub-grievance with its code before it, whichever way the table has it.

    Examples
    --------
    >>> qualified_sub("price", "price_surge"), qualified_sub("price", "price.price_surge")
    ('price.price_surge', 'price.price_surge')
    """
    return sub if sub.startswith(f"{grievance}.") else f"{grievance}.{sub}"
