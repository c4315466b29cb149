"""Notebooks ask one question each, hold no logic, and run from top to bottom."""

import ast
import json
import re
import runpy
from base64 import b64encode
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import nbformat
import polars as pl
import psutil
import pytest

from analysis.reporting import saved_run
from analysis.reporting.notebooks import in_one_language

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
# Decimals of a share may be as long as an identity card's number, and are none.
PRIVATE = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)(?<!\d\.)\d{17}[\dXx](?!\d)|[\w.]+@[\w.]+\.[a-z]{2,}"
)


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


def test_every_paragraph_is_said_in_both_languages(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            chinese, english = (in_one_language(cell.source, name) for name in ("zh", "en"))
            assert len(chinese.split("\n\n")) == len(english.split("\n\n"))
            heads = [re.findall(r"^#+", text, re.MULTILINE) for text in (chinese, english)]
            assert heads[0] == heads[1] and (heads[0] or english)


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("# 增长吗？\n\n*Does it grow?*", "# 增长吗？", "# Does it grow?"),
        ("## 局限 · Limits", "## 局限", "## Limits"),
        ("样本小。\n\nThe sample is small.", "样本小。", "The sample is small."),
        (
            "### 这样的帖子\n\nSuch posts\n\n带着“短信”的词。\n\nThey hold the word 短信 alone.",
            "### 这样的帖子\n\n带着“短信”的词。",
            "### Such posts\n\nThey hold the word 短信 alone.",
        ),
        (
            "写 `cd.draw_audit(posts, folder)`。\n\nWrite `cd.draw_audit(posts, '我的审核')`.",
            "写 `cd.draw_audit(posts, folder)`。",
            "Write `cd.draw_audit(posts, '我的审核')`.",
        ),
    ],
)
def test_a_page_keeps_the_paragraphs_of_its_language(text, chinese, english):
    assert in_one_language(text, "zh") == chinese
    assert in_one_language(text, "en") == english


SPOKEN = [
    ("markdown", "# 多少？\n\n*How many?*", []),
    ("code", "from pathlib import Path", []),
    ("code", 'language = "zh"  # zh or en', ["parameters"]),
    ("code", 'run = {"zh": "总数", "en": "Total"}[language]\nrun', []),
    ("code", 'with Path("times").open("a") as file:\n    file.write("x")\nlen(run)', []),
    ("code", 'held = run + "!"\nheld', ["language"]),
    ("code", "held", []),
]


@pytest.mark.slow
def test_what_speaks_is_shown_in_english_too_and_nothing_is_computed_twice(tmp_path):
    from analysis.reporting.notebooks import execute_notebooks

    made = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    cells = [made[kind](text, metadata={"tags": tags}) for kind, text, tags in SPOKEN]
    source = tmp_path / "01-how-many.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), source)
    ((_, _, page),) = execute_notebooks([source], tmp_path / "out", {}, root=tmp_path)
    shown = {}
    for name in ("01-how-many", "01-how-many.en"):
        executed = nbformat.read(page.with_name(f"{name}.ipynb"), as_version=4)
        assert len(executed.cells) == len(SPOKEN)
        rows = [cell.outputs for cell in code_cells(executed)]
        assert all(
            output["execution_count"] == number
            for number, outputs in enumerate(rows, start=1)
            for output in outputs
        )
        shown[name] = [output["data"]["text/plain"] for outputs in rows for output in outputs]
    assert shown == {
        "01-how-many": ["'总数'", "2", "'总数!'", "'总数!'"],
        # What is not said to speak stays as it was computed: length 2, and the last line.
        "01-how-many.en": ["'Total'", "5", "'Total!'", "'总数!'"],
    }
    assert (tmp_path / "times").read_text() == "x"
    english = page.with_name("01-how-many.en.html").read_text("utf-8")
    assert 'lang="en"' in english and "How many?" in english and "多少" not in english


def test_the_list_of_notebooks_has_their_questions_in_order():
    text = (NOTEBOOKS[0].parent / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\d\d)` \| (.*)\? \| (.*)？ \|$", text, re.MULTILINE)
    asked = [nbformat.read(path, as_version=4).cells[0].source.splitlines() for path in NOTEBOOKS]
    assert listed == [
        (path.stem[:2], lines[2].strip("#* ").rstrip("?"), lines[0].strip("#* ").rstrip("？"))
        for path, lines in zip(NOTEBOOKS, asked, strict=True)
    ]


def test_those_of_a_run_compute_and_compare(notebook):
    cells = code_cells(notebook)
    texts = "".join(cell.source for cell in cells)
    if notebook.metadata["caodian"]["about"] == "project" or "browse(" in texts:
        return  # the sample and the simulator have posts of their own, the controls tables alone
    assert re.search(r"\brun\.(posts|coded)\(", texts) and "run.compare(" in cells[-1].source
    assert not re.search(r"run\.figure\(|run\.answer\(|\.head\(\d+\)\[\"text\"\]", texts)


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


def test_it_says_what_it_speaks_of(notebook):
    cells = "".join(cell.source for cell in code_cells(notebook))
    assert ("open_run(" in cells) == (notebook.metadata["caodian"]["about"] != "project")
    assert notebook.metadata["kernelspec"]["name"] == "python3"


@pytest.fixture(scope="session")
def fabricated():
    """Tables of a whole run, its study, and a few posts of such a run."""
    import analysis as cd
    from analysis.measures.published import judge_claims

    made = runpy.run_path(str(Path(__file__).with_name("conftest.py")))
    tables, study = made["build_tables"](), made["build_study"]()
    tables["claims"] = judge_claims(study, tables, simulated=True, scale=0.01)
    shipped = cd.load_study(Path(__file__).parents[1] / "studies" / "618-2020.yaml")
    posts = cd.simulate_posts(shipped, 0.0002, frame="polars")
    return tables, study, cd.mask(cd.clean(posts.select(pl.exclude("^true_.*$"))))


def write_run(build, tables, study, posts):
    (build / "tables").mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(build / "tables" / f"{name}.csv", index=False)
    saved_run.save_run(build, study, simulated=True, scale=0.01)
    folder = build.parents[1] / "data" / "processed" / build.name / "posts"
    folder.mkdir(parents=True)
    posts.write_parquet(folder / "part-00000.parquet")


OF_A_RUN = [
    path
    for path in NOTEBOOKS
    if json.loads(path.read_text())["metadata"]["caodian"]["about"] != "project"
]


def run_cell(cell, number, names):
    """Run a cell among the names of its notebook; it shows what it prints and its last line."""
    from IPython.core.formatters import DisplayFormatter

    cell.execution_count = number
    body = ast.parse(cell.source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else ast.parse("None").body[0]
    with redirect_stdout(StringIO()) as told, redirect_stderr(told):
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        result = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        formats, metadata = DisplayFormatter().format(result)
    printed = told.getvalue()
    cell.outputs = [nbformat.v4.new_output("stream", text=printed)] if printed else []
    if result is None:
        return
    data = {
        kind: b64encode(shown).decode() if isinstance(shown, bytes) else shown
        for kind, shown in formats.items()
    }
    about = {"metadata": metadata, "execution_count": number}
    cell.outputs.append(nbformat.v4.new_output("execute_result", data, **about))


def execute_here(path, cells=None, **parameters):
    """Execute a notebook in this process; give it and the names that it leaves."""
    from analysis.reporting.notebooks import _set_parameters

    notebook, names = nbformat.read(path, as_version=4), {}
    _set_parameters(notebook, parameters)
    for number, cell in enumerate(code_cells(notebook)[:cells], 1):
        run_cell(cell, number, names)
    return notebook, names


def run_cells(path, cells=None, **parameters):
    """Run the cells of a notebook in this process and show what each returns."""
    notebook, _ = execute_here(path, cells, **parameters)
    outputs = [output for cell in code_cells(notebook) for output in cell.get("outputs", [])]
    shown = [output.data for output in outputs if output.output_type == "execute_result"]
    return [formats.get("text/html") or formats["text/plain"] for formats in shown]


def test_those_of_a_run_open_the_shipped_one_by_its_name_alone(notebook):
    if notebook.metadata["caodian"]["about"] == "project":
        return
    _, parameters, opening = code_cells(notebook)[:3]
    assert parameters.source.splitlines()[0].startswith('build = "build/618-2020"  # ')
    assert re.search(r"^run = (cd\.)?open_run\(build, language\)$", opening.source, re.MULTILINE)
    assert opening.source.splitlines()[-1] == "run"


@pytest.mark.slow
@pytest.mark.parametrize(
    "working_directory",
    [
        pytest.param("checkout/notebooks", id="as JupyterLab and VS Code open it"),
        pytest.param("checkout", id="project"),
        pytest.param("/", id="root"),
    ],
)
def test_the_shipped_run_is_found_as_a_notebook_stands(
    working_directory, fabricated, tmp_path, monkeypatch
):
    """All open it by the same line, so that one is tried."""
    checkout = tmp_path / "checkout"
    (checkout / "notebooks").mkdir(parents=True)
    write_run(checkout / "build" / "618-2020", *fabricated)
    monkeypatch.setattr(saved_run, "project_root", lambda: checkout)
    monkeypatch.chdir(tmp_path / working_directory)
    assert fabricated[1].title_zh in run_cells(OF_A_RUN[0], cells=3)[-1]


def undated(tables, study, posts):
    """Leave what posts without dates leave: no table that has days, breaks or trends."""
    by_day = (
        "daily",
        "coverage",
        "coverage_hours",
        "trends",
        "breaks",
        "specifications",
        "emerging",
    )
    kept = {name: table for name, table in tables.items() if name not in by_day}
    kept["clusters"] = tables["clusters"].assign(onset=None)
    no_day = pl.lit(None, dtype=posts.schema["published_at"]).alias("published_at")
    quiet = study.model_copy(update={"claims": [], "published": None, "window": None})
    return kept, quiet, posts.with_columns(no_day)


def tiny(tables, study, posts):
    """Leave the counts of a single post, and every other table with its columns and no row."""
    counts = tables["counts"].copy()
    numbers = counts.select_dtypes("number").columns
    counts[numbers] = counts[numbers].astype(float) * 0
    counts.loc[counts["grievance"] == "all", ["items", "families"]] = 1
    empty = {name: table.iloc[:0] for name, table in tables.items()} | {"counts": counts}
    quiet = study.model_copy(update={"claims": [], "published": None})
    return empty, quiet, posts.head(1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "sparse", [pytest.param((undated, "zh"), id="undated"), pytest.param((tiny, "en"), id="tiny")]
)
@pytest.mark.parametrize("path", OF_A_RUN, ids=lambda path: path.stem[:2])
def test_those_of_a_run_hold_on_sparse_files(path, sparse, fabricated, tmp_path, monkeypatch):
    kind, language = sparse
    monkeypatch.chdir(tmp_path)  # an audit is drawn where the notebook runs
    build = tmp_path / "build" / "我的-导出"
    write_run(build, *kind(*fabricated))
    shown = run_cells(path, build=str(build), language=language)
    assert len(shown) >= 3


@pytest.mark.slow
def test_a_kernel_ends_with_its_notebook(tmp_path):
    """Nineteen kernels with a large corpus each would fill the memory."""
    from analysis.reporting.notebooks import execute_notebooks

    source = tmp_path / "01-what.ipynb"
    cells = [
        nbformat.v4.new_markdown_cell("# 什么？\n\n*What?*"),
        nbformat.v4.new_code_cell("1 + 1"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), source)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    execute_notebooks([source], tmp_path / "out", {}, root=tmp_path)
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory, fabricated):
    """Write the fabricated run below a folder of its own."""
    root = tmp_path_factory.mktemp("whole")
    write_run(root / "build" / "fabricated", *fabricated)
    return root


def check_executed(executed, page, root):
    """Hold what was executed, and its page, to what may be handed on."""
    text = page + json.dumps(executed)
    assert str(root) not in text and str(Path(__file__).parents[1]) not in text
    assert not re.findall(r'(?:src|href)="https?://', page)
    assert "<script" not in page
    assert all(re.search(' alt="[^"]', tag) for tag in re.findall("<img[^>]*>", page))
    assert "No description" not in page
    assert not PRIVATE.search(re.sub(r"[A-Za-z0-9+/=]{60,}", "", json.dumps(executed)))


# One of the project, and the one of a run that has controls, which speak to their kernel.
IN_KERNELS = [path for path in NOTEBOOKS if path.stem[:2] in ("15", "18")]


@pytest.mark.slow
def test_kernels_of_their_own_execute_one_of_the_project_and_one_of_a_run(whole_run):
    from analysis.reporting.notebooks import execute_notebooks

    out = whole_run / "build" / "fabricated" / "notebooks"
    done = execute_notebooks(IN_KERNELS, out, {"build": "build/fabricated"}, root=whole_run)
    assert [page.stem for _, _, page in done] == [path.stem for path in IN_KERNELS]
    pages = sorted(out.glob("*.html"))
    assert len(pages) == 2 * len(IN_KERNELS)  # in both languages
    for page in pages:
        executed = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
        counts = [cell.execution_count for cell in code_cells(executed)]
        assert counts == list(range(1, len(counts) + 1))
        check_executed(executed, page.read_text("utf-8"), whole_run)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [path for path in NOTEBOOKS if path not in IN_KERNELS],
    ids=lambda path: path.stem[:2],
)
def test_the_others_run_in_this_process(path, whole_run, monkeypatch):
    """A kernel for each would take three seconds to begin, and prove the same."""
    from analysis.reporting.notebooks import _cells_of_others, _render_notebook, _shown_in

    monkeypatch.chdir(whole_run)
    monkeypatch.setenv("CAODIAN_RENDERED", "1")
    small = {"posts": 1500, "judged": 300}  # how real simulated posts are takes long to judge
    executed, names = execute_here(path, build="build/fabricated", interactive=False, **small)
    check_executed(executed, _render_notebook(executed, path.stem, "zh"), whole_run)
    for language, cells in _cells_of_others(executed).items():
        for number, cell in enumerate(cells.values(), 1):
            run_cell(cell, number, names)
        shown = _shown_in(language, executed, cells)
        check_executed(shown, _render_notebook(shown, path.stem, language), whole_run)
