"""The one place that opens and writes files."""

from analysis.storage.read import read_table
from analysis.storage.run_paths import RunPaths
from analysis.storage.write import write_bytes, write_table, write_text

__all__ = ["RunPaths", "read_table", "write_bytes", "write_table", "write_text"]
