"""Every function that writes a file says what it writes there; a new one must, too.

`test_treatment.py` holds what may stand in a table. What is written otherwise is found here by its
calls: a function that writes, and is not listed with a treatment, fails.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "analysis"
WRITING = {
    *("write_csv", "write_parquet", "write_ipc", "write_ndjson", "write_json", "write_excel"),
    *("sink_parquet", "sink_csv", "sink_ipc", "sink_ndjson", "to_parquet", "to_excel"),
    *("to_feather", "to_pickle", "to_sql", "savefig", "write_text", "write_bytes", "savez"),
    *("writestr", "tofile"),
    *("write_table", "write_parts", "write_rows", "ParquetWriter", "copyfile", "copytree", "copy2"),
    *("mkstemp", "fdopen", "NamedTemporaryFile", "write_dataset"),
}  # fmt: skip
TREATMENTS = {
    "the one place that writes what it is given": {
        "storage/write.py", "storage/run_paths.py", "storage/fetch.py", "storage/table_cache.py",
        "corpus/readers/containers/confined.py",
    },
    "masked before, or where an owner asks for it, with a word on it": {
        "cli/options.py", "cli/stages.py", "cli/start.py", "pipeline/corpus_steps.py",
        "pipeline/partitions.py", "corpus/fingerprints.py",
    },
    "masked texts and codes, for coders": {"audit/sheets.py"},
    "tables under the rules of disclosure, figures and pages of them": {
        "pipeline/report_steps.py", "reporting/figures.py", "reporting/notebooks.py",
        "reporting/sharing.py", "reporting/report.py", "reporting/saved_run.py", "plots/frame.py",
        "measures/quantities.py", "reporting/controls.py", "reporting/topic_map.py",
    },
    "digests and codes; texts only where a study allows quotes": {
        "reporting/ledger.py", "reporting/drawer.py",
    },
    "counts, hashes and our own words": {
        "pipeline/run.py", "pipeline/stamps.py", "pipeline/table_step.py",
        "pipeline/rerun.py", "cli/models.py",
        "training/coder.py", "training/proof.py",
        "training/masking.py", "training/sentiment.py", "sentiment/linear.py",
        "coding/learned_model.py", "coding/classifier_coder.py", "coding/codebook.py",
    },
    "codes that a model gave for a masked text, under its hash": {"coding/llm_coder.py"},
}  # fmt: skip


def writers(source):
    """Name the calls of a module that write a file."""
    found = set()
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        words = [one.value for one in (*call.args, *(key.value for key in call.keywords))
                 if isinstance(one, ast.Constant) and isinstance(one.value, str)]  # fmt: skip
        opens = name == "open" and any(set(word) & set("wxa+") and len(word) < 4 for word in words)
        is_text = name == "to_csv" and not call.args  # it returns what it would write
        if opens or (name in WRITING | {"to_csv"} and not is_text):
            found.add(name)
    return found


def test_every_module_that_writes_has_one_treatment():
    listed = [name for names in TREATMENTS.values() for name in names]
    assert len(listed) == len(set(listed))
    found = {
        path.relative_to(PACKAGE).as_posix(): calls
        for path in PACKAGE.rglob("*.py") if (calls := writers(path.read_text("utf-8")))
    }  # fmt: skip
    assert {name: calls for name, calls in found.items() if name not in listed} == {}
    assert set(listed) - set(found) == set()


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("posts.write_csv(path)", {"write_csv"}),
        ("pl.DataFrame(rows).sink_parquet(path)", {"sink_parquet"}),
        ("table.to_csv(path)", {"to_csv"}), ("table.to_csv(index=False)", set()),
        ("open(path, 'w')", {"open"}), ("path.open(mode='ab')", {"open"}),
        ("path.open('rb')", set()), ("path.read_text('utf-8')", set()),
    ],
)  # fmt: skip
def test_calls_that_write_are_known(source, calls):
    assert writers(source) == calls
