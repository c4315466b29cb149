"""The sections that let a reader check: claims, funnel, collection, method, reproduction."""

from markupsafe import Markup

from analysis.measures.coverage_reasons import explain_grade
from analysis.reporting.numbers import count_text, is_missing
from analysis.reporting.sections.findings import bullets, figures_of
from analysis.reporting.sections.shape import Run, Section, view

VERDICTS = ("reproduced", "consistent", "contradicted", "recovered", "missed", "not_testable")
FUNNEL_COLUMNS = [
    ("step", "step", "step"), ("posts_in", "posts_in", "count"),
    ("posts_out", "posts_out", "count"), ("dropped", "dropped", "count"),
    ("reason", "reason", "text"),
]  # fmt: skip
RECONCILIATION_COLUMNS = [
    ("source_file", "source_file", "text"), ("source_format", "source_format", "text"),
    ("era", "era", "text"), ("records_read", "records_read", "count"), ("kept", "kept", "count"),
    ("rejected", "rejected", "count"), ("repeats", "repeats", "count"), ("blank", "blank", "count"),
]  # fmt: skip
COVERAGE_COLUMNS = [
    ("date", "date", "text"), ("grade", "grade", "label"), ("hour_gaps", "hour_gaps", "count"),
    ("plateaus", "plateaus", "count"), ("reason", "reason", "text"),
]  # fmt: skip
AUDIT_COLUMNS = [
    ("grievance", "grievance", "label"), ("items", "items", "count"),
    ("estimate", "estimate", "count"), ("low", "interval", "interval"),
    ("audited", "audited", "count"), ("alpha", "alpha", "decimal"),
]  # fmt: skip


def claims(run: Run) -> Section:
    """Set the published statements beside our figures, each with a verdict and its reason."""
    say, table = run.words, run.table("claims")
    if table.empty:
        return Section("claims", say("section.claims"), absent=say("absent.claims"))
    counted = table["verdict"].value_counts()
    parts = [
        say("text.verdict_count", label=say.label(word), n=int(counted[word]))
        for word in VERDICTS if word in counted
    ]  # fmt: skip
    texts = [
        say.markup("text.claims_simulated" if run.simulated else "text.claims_real"),
        say.markup("text.verdicts", n=len(table), parts=say("list.comma").join(parts)),
    ]
    suffix = "_en" if say.language == "en" and "statement_en" in table else ""
    columns = [
        ("claim_id", "claim_id", "text"),
        (f"statement{suffix}", "statement", "text"),
        ("verdict", "verdict", "label"), ("published", "published", "number"),
        ("estimate", "ours", "number"), ("low", "interval", "interval:number"),
        (f"reason{suffix}", "reason", "text"),
    ]  # fmt: skip
    return Section(
        "claims", say("section.claims"), texts, tables=[view(run, "claims", columns, is_open=True)]
    )


def funnel(run: Run) -> Section:
    """Show what was read, kept, dropped and why."""
    say = run.words
    if run.table("funnel").empty:
        return Section("funnel", say("section.funnel"), absent=say("absent.funnel"))
    rows = run.table("funnel").copy()
    reasons = [say.texts.get(f"funnel_reason.{step}") for step in rows["step"]]
    rows["reason"] = [ours or theirs for ours, theirs in zip(reasons, rows["reason"], strict=True)]
    tables = [view(run, "funnel", FUNNEL_COLUMNS, rows=rows)]
    texts = [say.markup("text.funnel")]
    books = run.table("reconciliation")
    if len(books):
        sums = books[["records_read", "kept", "rejected", "repeats", "blank"]].sum()
        texts.append(
            say.markup(
                "text.reconciled", files=len(books),
                **{str(name): count_text(value) for name, value in sums.items()},
            )
        )  # fmt: skip
        tables.append(view(run, "reconciliation", RECONCILIATION_COLUMNS))
    return Section(
        "funnel", say("section.funnel"), texts, figures=figures_of(run, "funnel"), tables=tables
    )


def coverage(run: Run) -> Section:
    """Grade the days of collection."""
    say, table = run.words, run.table("coverage")
    if table.empty:
        return Section("coverage", say("section.coverage"), absent=say("absent.coverage"))
    grades = table["grade"].astype(str).value_counts()
    texts = [
        say.markup(
            "text.coverage", days=len(table),
            **{grade: int(grades.get(grade, 0)) for grade in ("good", "doubtful", "unfit")},
        )
    ]  # fmt: skip
    rows = table.assign(
        reason=[
            "" if is_missing(reason) else explain_grade(str(reason), say.language)
            for reason in table["reason"]
        ]
    )
    return Section(
        "coverage", say("section.coverage"), texts, figures=figures_of(run, "collection_coverage"),
        tables=[view(run, "coverage", COVERAGE_COLUMNS, rows=rows)],
    )  # fmt: skip


def method(run: Run) -> Section:
    """Say how the figures were made and what they cannot bear."""
    say = run.words
    keys = [
        "negative",
        "codes",
        "units",
        "audit" if run.is_audited else "no_audit",
        "trend",
        "list",
    ]
    limits = ["selection", "coder", "repeats", "simulated" if run.simulated else "not_whole"]
    audit = run.table("audit")
    return Section(
        "method", say("section.method"),
        [
            bullets([say(f"method.{key}") for key in keys]),
            Markup("<h3>{}</h3>").format(say("section.limits")),
            bullets([say(f"limit.{key}") for key in limits]),
        ],
        tables=[view(run, "audit", AUDIT_COLUMNS)] if len(audit) else [],
    )  # fmt: skip


def reproduce(run: Run) -> Section:
    """Say how to make the same report again, and from what this one was made."""
    say, manifest = run.words, run.manifest
    command = str(
        manifest.get("command") or f"caodian report --study studies/{run.study.name}.yaml"
    )
    texts = [
        say.markup("text.reproduce"),
        Markup("<pre><code>{}</code></pre>").format(command),
        say.markup("text.verify"),
        Markup("<pre><code>{}</code></pre>").format(f"caodian verify build/{run.study.name}"),
    ]
    facts = [
        f"{say.texts.get(f'manifest.{name}', name)}{say('list.colon')}{_flat(value)}"
        for name, value in manifest.items()
        if name not in ("outputs", "command")
    ]
    if facts:
        texts += [say.markup("text.made_from"), bullets(facts)]
    if run.notebooks:
        links = Markup("").join(
            Markup('<li><a href="{}">{}</a></li>').format(href, title)
            for title, href in run.notebooks
        )
        texts += [say.markup("text.notebooks"), Markup("<ul>{}</ul>").format(links)]
    return Section("reproduce", say("section.reproduce"), texts)


def _flat(value: object) -> str:
    """Write a value of the manifest on one line."""
    if isinstance(value, dict):
        return "; ".join(f"{key} {_flat(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_flat(inner) for inner in value)
    return str(value)
