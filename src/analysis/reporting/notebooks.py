"""Execute the notebooks on a run and render them as pages that need no network."""

from __future__ import annotations

import ast
import json
import os
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import CaodianError
from analysis.plots.style import font_face
from analysis.storage.write import show_hidden
from analysis.words import LANGUAGES

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode


# nbformat, nbclient and nbconvert are imported where they are used: they take a second or two,
# and most runs execute no notebook.

_FIRST = LANGUAGES[0]  # that notebooks are executed in
_TIMEOUT = 300  # seconds a cell
MOST_POSTS = 1_000_000  # that a notebook should hold in memory
_KERNELS = 2  # at a time
_KERNEL = "python3"
_ABOUT = ("run", "claims", "project")  # what a notebook may speak of, in its metadata
_FONT_MARK = "/* font */"
# What a saved run asks of the environment: see there.
_RENDERED, _PROCESSED = "CAODIAN_RENDERED", "CAODIAN_PROCESSED"
_ASSIGNMENT = re.compile(r"^([a-z_]+)(\s*=\s*)([^#\n]*?)(\s*(#.*)?)$", re.MULTILINE)


def choose_notebooks(source_dir: str | Path, *, claims: bool, project: bool) -> list[Path]:
    """Choose the notebooks that speak of a run.

    Each says in its metadata (``caodian.about``) what it speaks of: ``run``, the tables of any
    run; ``claims``, the published statements that a study quotes; ``project``, the sample, the
    simulated corpus and the coder that are shipped, whatever was run.

    Parameters
    ----------
    source_dir
        Folder of the ``.ipynb`` sources without outputs.
    claims
        Whether the study of the run quotes published statements.
    project
        Whether those on the project itself belong to the run as well.

    Raises
    ------
    CaodianError
        When a notebook does not say what it speaks of.

    Examples
    --------
    >>> choose_notebooks("no/such/folder", claims=True, project=True)
    []
    """
    wanted = {"run": True, "claims": claims, "project": project}
    return [path for path in sorted(Path(source_dir).glob("*.ipynb")) if wanted[_about(path)]]


def _about(source: Path) -> str:
    metadata = json.loads(source.read_text("utf-8")).get("metadata", {})
    about = metadata.get("caodian", {}).get("about")
    if about not in _ABOUT:
        raise CaodianError(
            f"a notebook says in its metadata what it speaks of: {', '.join(_ABOUT)}",
            value=str(about),
            where=source.name,
            remedy='Write "caodian": {"about": "run"} into its metadata.',
        )
    return str(about)


def list_executed(build_dir: str | Path, language: str) -> list[tuple[str, str]]:
    """List the notebooks that a run executed.

    Parameters
    ----------
    build_dir
        The folder of one study under ``build/``.

    Returns
    -------
    list[tuple[str, str]]
        The question of each notebook and the link to its page in the language, relative to the
        build folder.

    Examples
    --------
    >>> list_executed("no/such/build", "zh")
    []
    """
    found = sorted((Path(build_dir) / "notebooks").glob("*.ipynb"))
    executed = [path for path in found if _language_of(path) == _FIRST]
    if not executed:  # an own file has none, and the import takes a third of its time
        return []
    import nbformat

    links = []
    for path in executed:
        titles = _notebook_titles(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
        page = _page_of(path.stem, language)
        links.append((titles[LANGUAGES.index(language)], f"notebooks/{page}"))
    return links


def _page_of(stem: str, language: str) -> str:
    """Name the page of a notebook in a language; the first language has none in its name."""
    return f"{stem}.html" if language == _FIRST else f"{stem}.{language}.html"


def executed_files(source: Path) -> list[str]:
    """Name the files that an executed notebook becomes: itself and its page, in each language."""
    pages = [Path(_page_of(source.stem, language)) for language in LANGUAGES]
    return [name for page in pages for name in (page.name, page.with_suffix(".ipynb").name)]


def _language_of(path: Path) -> str:
    """Read the language of an executed notebook, or of its page, from its name."""
    last = path.stem.rpartition(".")[2]
    return last if last in LANGUAGES else _FIRST


def execute_notebooks(
    sources: Sequence[Path],
    out_dir: str | Path,
    parameters: Mapping[str, object],
    *,
    root: str | Path,
    processed: str | Path | None = None,
) -> list[tuple[str, str, Path]]:
    """Run notebooks from top to bottom, each on a fresh kernel, and save a page in each language.

    What a notebook shows in a language is shown again in the other one at its end, by the kernel
    that has computed it: the last line of a cell that speaks of ``run`` or ``language``, and whole
    cells with the tag ``language``.

    Parameters
    ----------
    sources
        The ``.ipynb`` files, without outputs.
    out_dir
        Where the executed ``.ipynb`` and the ``.html`` go, and ``.en.ipynb`` and ``.en.html``.
    parameters
        Values for the names in each notebook's parameters cell, for example ``build``.
    root
        The working directory of the kernels, to which ``build`` is relative.
    processed
        The folder of the posts between the steps of the run, where it is not the usual one.

    Returns
    -------
    list[tuple[str, str, Path]]
        Chinese title, English title and Chinese page of each notebook, in reading order.

    Raises
    ------
    CaodianError
        When a cell fails; the message names the notebook and the error.

    Examples
    --------
    >>> execute_notebooks([], "out", {}, root=".")
    []
    """
    # Controls need a live kernel: what is executed for readers shows still figures instead.
    chosen = {"interactive": False, **parameters}

    environment = {**os.environ, _RENDERED: "1"}
    if processed is not None:
        environment[_PROCESSED] = str(Path(processed).absolute())

    def execute(source: Path) -> tuple[str, str, Path]:
        return _execute_one(source, Path(out_dir), chosen, Path(root), environment)

    # Kernels are processes of their own, so threads that wait for two of them are enough.
    with ThreadPoolExecutor(max_workers=_KERNELS) as pool:
        return list(pool.map(execute, sources))


def _execute_one(
    source: Path,
    out_dir: Path,
    parameters: Mapping[str, object],
    root: Path,
    environment: Mapping[str, str],
) -> tuple[str, str, Path]:
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    # Without any folder of kernels the one of this interpreter is left, which has the package:
    # a kernel of the user's by the name python3 may be of another Python.
    kernels = AsyncKernelManager(
        kernel_name=_KERNEL, kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )
    notebook = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    _set_parameters(notebook, parameters)
    own, others = len(notebook.cells), _cells_of_others(notebook)
    notebook.cells += [cell for cells in others.values() for cell in cells.values()]
    client = NotebookClient(
        notebook, km=kernels, timeout=_TIMEOUT, kernel_name=_KERNEL, record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # the warning on TCP says nothing to a reader
        resources={"metadata": {"path": str(root)}},
    )  # fmt: skip
    try:
        # With a manager of ours nobody else ends the kernel, and each keeps its posts in memory.
        client.execute(env=dict(environment), cleanup_kc=True)
    except CellExecutionError as error:
        raise CaodianError(
            "every notebook must run from top to bottom",
            value=f"{error.ename}: {error.evalue}",
            where=source.name,
            remedy="Open it with make lab and run all cells.",
        ) from None
    _forget_machine(notebook)
    notebook.cells = notebook.cells[:own]
    out_dir.mkdir(parents=True, exist_ok=True)
    page = _save_executed(notebook, out_dir, source.stem, _FIRST)
    for language, cells in others.items():
        _save_executed(_shown_in(language, notebook, cells), out_dir, source.stem, language)
    return *_notebook_titles(notebook), page


# A notebook in the other languages.


def _cells_of_others(notebook: NotebookNode) -> dict[str, dict[int, NotebookNode]]:
    """Return for each further language the cells that show a notebook again, by their place."""
    from nbformat import v4

    found: dict[str, dict[int, NotebookNode]] = {}
    for language in LANGUAGES[1:]:
        spoken = deepcopy(notebook)
        _set_parameters(spoken, {"language": language})
        told = {n: _what_speaks(c) for n, c in enumerate(spoken.cells) if c.cell_type == "code"}
        found[language] = {
            place: v4.new_code_cell(source)  # type: ignore[no-untyped-call]
            for place, source in told.items() if source
        }  # fmt: skip
    return found


def _what_speaks(cell: NotebookNode) -> str:
    """Return what of a cell must run again for another language: it computes nothing anew."""
    tags = cell.metadata.get("tags", [])
    if "parameters" in tags or "language" in tags:
        return str(cell.source)
    lines = ast.parse(cell.source).body
    spoken = [line for line in lines if isinstance(line, ast.Assign) and _opens_run(line)]
    if lines and isinstance(lines[-1], ast.Expr) and _names(lines[-1]) & {"run", "language"}:
        spoken.append(lines[-1])  # type: ignore[arg-type]
    return "\n".join(ast.unparse(line) for line in spoken)


def _opens_run(line: ast.Assign) -> bool:
    return any(isinstance(name, ast.Name) and name.id == "run" for name in line.targets)


def _names(line: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(line) if isinstance(node, ast.Name)}


def _shown_in(
    language: str, notebook: NotebookNode, cells: Mapping[int, NotebookNode]
) -> NotebookNode:
    """Return an executed notebook with what some of its cells have shown in another language."""
    shown = deepcopy(notebook)
    _set_parameters(shown, {"language": language})
    for place, cell in cells.items():
        own = shown.cells[place]
        own.outputs = deepcopy(cell.outputs)
        for output in own.outputs:
            if "execution_count" in output:
                output["execution_count"] = own.execution_count
    return shown


def _save_executed(notebook: NotebookNode, folder: Path, stem: str, language: str) -> Path:
    """Write an executed notebook and its page; return the page."""
    page = folder / _page_of(stem, language)
    page.with_suffix(".ipynb").write_bytes((_as_json(notebook) + "\n").encode())
    page.write_bytes(_render_notebook(notebook, stem, language).encode())
    return page


def _as_json(notebook: NotebookNode) -> str:
    import nbformat

    return str(nbformat.writes(notebook)).rstrip()  # type: ignore[no-untyped-call]


def _set_parameters(notebook: NotebookNode, parameters: Mapping[str, object]) -> None:
    """Put values into the cell tagged ``parameters``; names that it lacks are left alone."""

    def replace(found: re.Match[str]) -> str:
        name = found[1]
        value = repr(parameters[name]) if name in parameters else found[3]
        return f"{name}{found[2]}{value}{found[4]}"

    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = _ASSIGNMENT.sub(replace, cell.source)


def _notebook_titles(notebook: NotebookNode) -> tuple[str, str]:
    """Read the question of a notebook: the heading, and the English line below it."""
    lines = [line.strip() for line in notebook.cells[0].source.splitlines() if line.strip()]
    chinese = lines[0].lstrip("# ")
    english = lines[1].strip("*_ ") if len(lines) > 1 else chinese
    return chinese, english


def _render_notebook(notebook: NotebookNode, name: str, language: str) -> str:
    """Turn an executed notebook into one HTML page without links to other computers."""
    folder = _templates()
    spoken = deepcopy(notebook)
    spoken.metadata["title"] = _notebook_titles(notebook)[LANGUAGES.index(language)]
    for cell in spoken.cells:
        if cell.cell_type == "markdown":
            cell.source = in_one_language(cell.source, language)
    style = _FONT_MARK + folder.joinpath("notebook.css").read_text("utf-8")
    other = next(one for one in LANGUAGES if one != language)
    resource: dict[str, Any] = {
        "metadata": {"name": name}, "caodian_style": style, "caodian_language": language,
        "caodian_other": other, "caodian_other_page": _page_of(name, other),
    }  # fmt: skip
    page, _ = _exporter(language, threading.get_ident()).from_notebook_node(
        spoken, resources=resource
    )
    page = show_hidden(str(page), in_page=True)
    shown = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    return page.replace(_FONT_MARK, font_face(shown, only_wide=True), 1)


def _templates() -> Traversable:
    return resources.files("analysis.reporting").joinpath("templates")


@cache
def _exporter(language: str, _thread: int) -> HTMLExporter:
    """Give what renders pages of a language in a thread; it compiles its templates once."""
    from nbconvert import HTMLExporter

    return HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="notebook",
        extra_template_basedirs=[str(_templates())],
        language_code=language,
        embed_images=True,
    )


def in_one_language(text: str, language: str) -> str:
    r"""Keep the paragraphs of one language in a text that says everything twice.

    Paragraphs stand in pairs; a heading has both languages in a line, or the second below it.
    """
    kept, waiting = [], ""
    for paragraph in re.split(r"\n{2,}", text.strip()):
        marks, words = re.fullmatch(r"(#* ?)(.*)", paragraph, re.DOTALL).groups()  # type: ignore[union-attr]
        sides = words.split(" · ")
        if marks and len(sides) == len(LANGUAGES):
            kept.append(marks + sides[LANGUAGES.index(language)])
        elif _is_chinese(words) == (language == "zh"):
            kept.append(waiting + words.strip("*") if waiting else paragraph)
            waiting = ""
        else:
            waiting = marks
    return "\n\n".join(kept)


def _is_chinese(text: str) -> bool:
    """Tell by the letters of a paragraph, without its code, which may quote the other language."""
    words = re.sub(r"`[^`]*`", "", text)
    chinese = len(re.findall(r"[\u4e00-\u9fff]", words))
    return chinese > 0.25 * (chinese + len(re.findall(r"[A-Za-z]", words)))


# What a kernel of Python says of itself, but for its version.
# What pandas writes for a table, and pictures and texts beside it.
_SHOWN = frozenset({"text/plain", "text/html", "image/png"})
_PICTURE = re.compile(r"(?:iVBORw0[A-Za-z0-9+/\n]+=*\n?)?")


def _forget_machine(notebook: NotebookNode) -> None:
    """Keep nothing in the executed notebook that differs from one computer to the next."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
