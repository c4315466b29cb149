"""The sections that let a reader check: funnel, collection, method, reproduction."""

from collections.abc import Mapping
from importlib import metadata

from markupsafe import Markup, escape

from analysis.measures.coverage import explain_grade
from analysis.numbers import count_text, is_missing
from analysis.reporting.sections.section import (
    Cell,
    Command,
    Heading,
    Listing,
    ReportContext,
    Section,
    TableView,
    Text,
    beside,
    mark,
    view,
)
from analysis.words import Words, window_of

_FUNNEL_COLUMNS = [
    ("step", "step", "step"), ("posts_in", "posts_in", "count"),
    ("posts_out", "posts_out", "count"), ("dropped", "dropped", "count"),
    ("reason", "reason", "text"),
]  # fmt: skip
_RECONCILIATION_COLUMNS = [
    ("source_file", "source_file", "text"), ("source_format", "source_format", "source_format"),
    ("records_read", "records_read", "count"), ("kept", "kept", "count"),
    ("rejected", "rejected", "count"), ("repeats", "repeats", "count"),
    ("overlaps", "overlaps", "count"), ("blank", "blank", "count"),
]  # fmt: skip
_COVERAGE_COLUMNS = [
    ("date", "date", "text"), ("grade", "grade", "label"), ("hour_gaps", "hour_gaps", "count"),
    ("plateaus", "plateaus", "count"), ("reason", "reason", "text"),
]  # fmt: skip
_SHARED_COLUMNS = [
    ("grievance", "grievance", "label"), ("shared_error", "shared_error", "share"),
    ("down", "down", "count"), ("up", "up", "count"),
]  # fmt: skip
_AUDIT_COLUMNS = [
    ("grievance", "grievance", "label"), ("items", "items", "count"),
    ("estimate", "estimate", "best"), ("low", "interval", "interval"),
    ("audited", "audited", "count"), ("coded_twice", "coded_twice", "count"),
    ("disputes", "disputes", "count"), ("open", "open", "count"), ("alpha", "alpha", "decimal"),
]  # fmt: skip


def funnel(run: ReportContext) -> Section:
    """Show what was read, kept, dropped and why."""
    say = run.words
    if run.table("funnel").empty:
        return Section("funnel", say("section.funnel"), absent=say("absent.funnel"))
    rows = run.table("funnel").copy()
    steps = ["no_window" if step == "window" and not run.study.days else step
             for step in rows["step"]]  # fmt: skip
    reasons = [say.texts.get(f"funnel_reason.{step}") for step in steps]
    rows["reason"] = [
        (ours or theirs) if dropped else ""
        for ours, theirs, dropped in zip(reasons, rows["reason"], rows["dropped"], strict=True)
    ]
    tables = [view(run, "funnel", _FUNNEL_COLUMNS, rows=rows)]
    texts: list[Text] = [say.markup("text.funnel")]
    books = run.table("reconciliation")
    if len(books):
        # Where a file's account is withheld, so are the sums.
        sums = books[["records_read", "kept", "rejected", "repeats", "blank"]].sum(skipna=False)
        overlaps = books["overlaps"].sum() if "overlaps" in books else 0
        if sums.notna().all():
            texts.append(
                say.markup(
                    "text.reconciled", files=len(books),
                    **{str(name): count_text(value) for name, value in sums.items()},
                )
            )  # fmt: skip
        if overlaps:
            texts.append(say.markup("text.overlaps", overlaps=count_text(overlaps)))
        texts += run.notes("unread")
        tables.append(view(run, "reconciliation", _RECONCILIATION_COLUMNS))
    return Section(
        "funnel", say("section.funnel"), texts, figures=run.drawn("funnel"), tables=tables
    )


def coverage(run: ReportContext) -> Section:
    """Grade the days of collection."""
    name = run.study.coverage
    say, table = run.words, run.table(name)
    if table.empty:
        return Section("coverage", say("section.coverage"), absent=say("absent.coverage"))
    grades = table["grade"].astype(str).value_counts()
    texts: list[Text] = [
        say.markup(
            "text.coverage", days=len(table),
            **{grade: int(grades.get(grade, 0)) for grade in ("good", "doubtful", "unfit")},
        )
    ]  # fmt: skip
    if name == "coverage_periods":
        partial = int(grades.get("partial", 0))
        texts.append(say.markup("text.coverage_periods", partial=partial))
    rows = table.assign(
        reason=[
            "" if is_missing(reason) else explain_grade(str(reason), say.language)
            for reason in table["reason"]
        ]
    )
    return Section(
        "coverage", say("section.coverage"), texts,
        figures=run.drawn("collection_coverage", "collection_hours"),
        tables=[view(run, name, _COVERAGE_COLUMNS, rows=rows)],
    )  # fmt: skip


def method(run: ReportContext) -> Section:
    """Say how the figures were made and what they cannot bear."""
    say = run.words
    keys = [
        "negative",
        "codes",
        "units",
        "audit" if run.is_audited else "no_audit",
        *(["trend"] if run.study.days else []),
        *([] if run.table("platforms").empty else ["list"]),
    ]
    limits = ["selection", *([run.by_recoding("coder")] if run.is_audited else []), "repeats"]
    limits.append("simulated" if run.simulated else "not_whole")
    return Section(
        "method", say("section.method"),
        [
            Listing([say(f"method.{key}") for key in keys]),
            Heading(say("section.limits")),
            Listing([say(f"limit.{key}") for key in limits]),
        ],
    )  # fmt: skip


def audit(run: ReportContext) -> Section:
    """Show what the audit found: agreement, disputes, corrected counts, and what it cannot see."""
    say, table = run.words, run.table("audit")
    notes = [*run.notes("audit"), *_shared_errors(run)]
    tables = [
        view(run, name, columns)
        for name, columns in (("audit", _AUDIT_COLUMNS), ("shared_errors", _SHARED_COLUMNS))
        if len(table) and len(run.table(name))
    ]
    if not notes and not tables:
        why = say("method.no_audit")
        return Section("audit", say("section.audit"), absent=why, part_of="method")
    return Section("audit", say("section.audit"), [*notes], tables=tables)


def _shared_errors(run: ReportContext) -> list[Markup]:
    """Say what an error would move that no adjudication sees."""
    table = run.table("shared_errors")
    rows = table[table["grievance"] == "negative"] if len(table) else table
    if rows.empty:
        return []
    numbers = {
        f"{column}_{round(100 * row['shared_error'])}": mark(
            "shared_errors", ("negative", row["shared_error"]), column, row[column],
            kind="count", words=run.words,
        )
        for _, row in rows.iterrows()
        for column in ("down", "up")
    }  # fmt: skip
    audit = run.table("audit")
    is_one = "coders" in audit and bool((audit["coders"] == 1).any())
    return [run.words.markup(f"text.shared_errors{'_one' if is_one else ''}", **numbers)]


def reproduce(run: ReportContext) -> Section:
    """Say how to make the same report again, and from what this one was made."""
    say, manifest = run.words, run.manifest
    given = manifest.get("command") or f"caodian report --study studies/{run.study.name}.yaml"
    check = manifest.get("verify") or f"caodian verify build/{run.study.name}"
    where = "reproduce_beside" if manifest.get("run_in") == "beside" else "reproduce"
    texts: list[Text] = [
        say.markup(f"text.{where}"), Command(str(given)),
        say.markup("text.verify"), Command(str(check)),
    ]  # fmt: skip
    parameters = manifest.get("parameters") or {}
    if isinstance(parameters, Mapping):
        parameters = {say(f"manifest.{name}"): value for name, value in parameters.items()}
    shown = {**manifest, "parameters": parameters}
    facts = [
        f"{say(f'manifest.{name}')}{say('list.colon')}{_flat(shown[name], say)}"
        for name in ("software", "code", "parameters") if shown.get(name)
    ]  # fmt: skip
    facts += _audit_facts(manifest.get("audit"), say)
    if manifest.get("build"):
        texts += _citation(run, str(check))
    if facts:
        texts += [say.markup("text.made_from"), Listing(facts)]
    if run.notebooks:
        links = [beside(href, title) for title, href in run.notebooks]
        texts += [say.markup("text.notebooks"), Listing(links)]
    else:
        texts.append(say.markup("text.no_notebooks", name=f'"{run.study.name}"'))
    return Section("reproduce", say("section.reproduce"), texts, tables=_inputs(run))


def citation(run: ReportContext) -> str:
    """Write how the run is cited; nothing where no build is known.

    Examples
    --------
    >>> from analysis.study.load import study_of_range
    >>> from analysis.words import load_words
    >>> study = study_of_range("x", None, None, [])
    >>> run = ReportContext({}, {}, study, load_words("en"), False, 1.0, (), {"build": "3f"})
    >>> citation(run).endswith("build 3f.")
    True
    """
    build, say = run.manifest.get("build"), run.words
    if not build:
        return ""
    title = run.study.title_zh if say.language == "zh" else run.study.title_en
    return say(
        "page.citation", title=title, window=window_of(run.study, say),
        version=metadata.version("caodian"), build=str(build),
    )  # fmt: skip


def _citation(run: ReportContext, check: str) -> list[Text]:
    """Say how to cite the run, and how to hand it on."""
    say = run.words
    share = check.replace("caodian verify", "caodian share", 1)
    cited = say.markup("text.cite", citation=citation(run))
    return [cited, say.markup("text.share"), Command(share)]


def _audit_facts(audit: object, say: Words) -> list[str]:
    """Name the audit by its seed and by the digests of its posts and sheets."""
    if not isinstance(audit, Mapping):
        return []
    sheets = audit.get("sheets") or {}
    digests = [f"{name} {digest[:16]}" for name, digest in sorted(sheets.items())]
    told = say(
        "manifest.audit_facts",
        seed=str(audit.get("seed", "?")),
        drawn=count_text(audit["drawn"]) if "drawn" in audit else "?",
        posts=str(audit["frame"]["posts"])[:16] if "frame" in audit else "?",
        sheets=say("list.comma").join(digests) or say("manifest.no_sheets"),
    )
    return [f"{say('manifest.audit')}{say('list.colon')}{told}"]


def _inputs(run: ReportContext) -> list[TableView]:
    """List the files that went in, with their hashes."""
    say, inputs = run.words, run.manifest.get("inputs")
    if not isinstance(inputs, Mapping) or not inputs:
        return []
    rows = [
        [Cell(escape(str(name)), str(name)), Cell(escape(str(digest)), str(digest))]
        for name, digest in inputs.items()
    ]
    headers = [say("header.source_file"), "SHA-256"]
    return [TableView("inputs", say("manifest.inputs"), headers, rows, [False, False])]


def _flat(value: object, say: Words) -> str:
    """Write a value of the manifest on one line."""
    if isinstance(value, Mapping):
        return say("list.semicolon").join(
            f"{key} {_flat(inner, say)}" for key, inner in value.items()
        )
    if isinstance(value, list | tuple):
        return say("list.semicolon").join(_flat(inner, say) for inner in value)
    return str(value)
