"""Notebooks ask one question each, hold no logic, and run from top to bottom."""

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
FORBIDDEN = (
    ast.FunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.Try,
    ast.Lambda,
    ast.AsyncFunctionDef,
)
PRIVATE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)|[\w.]+@[\w.]+\.[a-z]{2,}")


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_names_are_numbered_without_gaps():
    assert [path.stem[:3] for path in NOTEBOOKS] == [
        f"{n:02d}-" for n in range(1, len(NOTEBOOKS) + 1)
    ]
    assert all(re.fullmatch(r"\d\d-[a-z]+(-[a-z]+)*", path.stem) for path in NOTEBOOKS)


def test_the_first_line_is_a_question_in_both_languages(notebook):
    lines = notebook.cells[0].source.splitlines()
    assert lines[0].startswith("# ") and lines[0].endswith("？")
    assert re.fullmatch(r"\*[A-Z].*\?\*", lines[2])


def test_one_parameters_cell_in_second_place(notebook):
    tagged = [
        n
        for n, cell in enumerate(code_cells(notebook))
        if "parameters" in cell.metadata.get("tags", [])
    ]
    assert tagged == [1]


def test_no_logic_and_small_cells(notebook):
    total = 0
    for cell in code_cells(notebook):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        total += len(lines)
        assert len(lines) <= 10
        assert not [
            node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, FORBIDDEN)
        ]
        assert not re.search(r"\bre\.|read_csv|\.\./", cell.source)
    assert total <= 80


def test_no_outputs_are_committed(notebook):
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(notebook))


def test_sections_stand_in_order(notebook):
    heads = re.findall(r"^## (.*)$", "\n".join(c.source for c in notebook.cells), re.MULTILINE)
    assert [head.split(" · ")[1] for head in heads] == [
        "Preparation",
        "Analysis",
        "Limits",
        "Output",
    ]


@pytest.mark.slow
def test_all_run_on_a_fabricated_run(tmp_path):
    import runpy

    from analysis.reporting.claims import judge_claims
    from analysis.reporting.notebooks import execute_notebooks
    from analysis.reporting.saved_run import save_run

    made = runpy.run_path(str(Path(__file__).parent / "reporting" / "conftest.py"))
    tables, study = made["build_tables"](), made["build_study"]()
    tables["claims"] = judge_claims(study, tables, simulated=True, scale=0.01)
    build = tmp_path / "build" / "fabricated"
    (build / "tables").mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(build / "tables" / f"{name}.csv", index=False)
    save_run(build, study, simulated=True, scale=0.01)
    done = execute_notebooks(
        NOTEBOOKS, build / "notebooks", {"build": "build/fabricated"}, root=tmp_path
    )
    assert [page.stem for _, _, page in done] == [path.stem for path in NOTEBOOKS]
    for _, _, page in done:
        executed = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
        counts = [cell.execution_count for cell in code_cells(executed)]
        assert counts == list(range(1, len(counts) + 1))
        text = page.read_text() + json.dumps(executed)
        assert str(tmp_path) not in text and str(Path(__file__).parents[1]) not in text
        assert not re.findall(r'(?:src|href)="https?://', page.read_text())
        assert "<script" not in page.read_text()
        assert not PRIVATE.search(re.sub(r"[A-Za-z0-9+/=]{60,}", "", json.dumps(executed)))
