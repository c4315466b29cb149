"""The sections on whom posts name, where they come from, what no code covers, and how to check."""

from collections.abc import Mapping
from importlib import metadata

import pandas as pd
from markupsafe import Markup, escape

from analysis.measures.coverage import explain_grade
from analysis.measures.watchlist import explain_listing
from analysis.minimum import FEWEST_ITEMS
from analysis.numbers import count_text, is_missing
from analysis.plots.findings import MOST_NAMED, find_leaders
from analysis.plots.sources import is_outside
from analysis.reporting.sections.section import (
    Cell,
    Command,
    Heading,
    Listing,
    ReportContext,
    Section,
    TableView,
    Text,
    Unsaid,
    beside,
    mark,
    view,
)
from analysis.words import Words, window_of

# The channel of posts of which neither a column nor the texts tell one that we know.
UNKNOWN_CHANNEL = "other"
_CUTOFF = 0.5  # where both scores are set side by side
_CUTOFF_COLUMNS = [
    ("cutoff", "cutoff", "decimal"), ("posts", "posts", "count"),
    ("snownlp_negative", "snownlp_negative", "share"), ("negative", "sounds_negative", "share"),
]  # fmt: skip
_PLATFORM_COLUMNS = [
    ("platform", "platform", "label"), ("items", "items", "count"),
    ("estimate", "estimate", "best"), ("low", "interval", "interval"),
    ("families", "families", "count"), ("authors", "authors", "count"),
    ("exposure", "exposure", "count"),
]  # fmt: skip
_WATCH_COLUMNS = [
    ("platform", "platform", "label"), ("list", "list", "label"), ("items", "items", "count"),
    ("exposure", "exposure", "count"), ("rate", "rate", "decimal"),
    ("low", "interval", "interval:decimal"), ("reason", "reason", "text"),
]  # fmt: skip
_PART_COLUMNS = [
    ("platform", "platform", "label"), ("sub_grievance", "sub_grievance", "label"),
    ("items", "items", "count"), ("families", "families", "count"),
    ("authors", "authors", "count"),
]  # fmt: skip
_CHANNEL_COLUMNS = [
    ("channel", "channel", "label"), ("items", "items", "count"),
    ("negative_items", "negative_items", "count"), ("share", "share_of_channel", "share"),
]  # fmt: skip
_RATING_COLUMNS = [
    ("stars", "stars", "stars"), ("items", "items", "count"),
    ("negative_items", "negative_items", "count"), ("share", "share_of_stars", "share"),
]  # fmt: skip
_CLUSTER_COLUMNS = [
    ("label", "cluster", "text"), ("items", "items", "count"), ("terms", "terms", "terms"),
    ("top_grievance", "top_grievance", "label"), ("covered", "covered", "share"),
    ("stability", "stability", "decimal"), ("onset", "onset", "text"),
]  # fmt: skip
_EMERGING_COLUMNS = [
    ("label", "find", "text"), ("find_kind", "find_kind", "label"), ("items", "items", "count"),
    ("families", "families", "count"), ("onset", "onset", "text"),
    ("onset_low", "onset_low", "text"), ("onset_high", "onset_high", "text"),
    ("new_wording_of", "new_wording_of", "label"),
]  # fmt: skip


def platforms(run: ReportContext) -> Section:
    """Show who is named, and the red and black list where the evidence allows one."""
    say = run.words
    if run.table("platforms").empty:
        return Section("platforms", say("section.platforms"), absent=say("absent.platforms"))
    watch = run.table("watchlist")
    if run.table("platforms")["items"].sum() < FEWEST_ITEMS:
        few, unlisted = _few_named(run), [_unlisted(run, watch)]
        return Section("platforms", say("section.platforms"), absent=few, unsaid=unlisted)
    listed = watch[watch["list"].isin(["black", "red"])] if len(watch) else watch
    texts: list[Text] = [say.markup("text.named")]
    lead = _most_named(run)
    if len(listed):
        names = {
            key: say("list.comma").join(
                map(say.label, listed.loc[listed["list"] == key, "platform"])
            )
            or say("text.none")
            for key in ("black", "red")
        }
        texts.append(say.markup("text.listed", **names))
    tables = [view(run, "platforms", _PLATFORM_COLUMNS)]
    parts = _named_parts(run)
    if len(parts):
        who = say("list.comma").join(map(say.label, parts["platform"].unique()))
        texts.append(say.markup("text.platform_subs", names=who))
        tables.append(view(run, "platform_sub_grievances", _PART_COLUMNS, rows=parts))
    if len(listed):
        rows = watch.assign(
            reason=[
                "" if is_missing(reason) else explain_listing(str(reason), say.language)
                for reason in watch["reason"]
            ]
        )
        tables.append(view(run, "watchlist", _WATCH_COLUMNS, rows=rows))
    return Section(
        "platforms", say("section.platforms_listed" if len(listed) else "section.platforms"), texts,
        [say.markup("text.list_wording")] if len(listed) else [],
        run.drawn("platforms", "terms_by_platform"), tables,
        unsaid=[] if len(listed) else [_unlisted(run, watch)], lead=lead,
    )  # fmt: skip


def _most_named(run: ReportContext) -> Markup:
    """Name the platform that is named most, with those that cannot be told from it."""
    say = run.words
    table = run.table("platforms").sort_values(
        ["items", "platform"], ascending=[False, True], kind="stable"
    )
    first = find_leaders(table)
    if not first or len(first) > MOST_NAMED:
        return say.markup("text.most_named_many" if first else "text.none_named_most", n=len(first))
    names = [
        say.markup(
            "text.leader", label=say.label(name), items=run.number("platforms", name, "items")
        )
        for name in table["platform"].astype(str).iloc[first]
    ]
    return say.markup("text.most_named", n=len(names), names=say.listed(names))


def _few_named(run: ReportContext) -> Markup:
    """Name the platforms in one line where there are too few items for a figure or a list."""
    say, named = run.words, []
    for name in run.table("platforms")["platform"].astype(str):
        items = run.number("platforms", name, "items")
        named.append(say.markup("text.leader", label=say.label(name), items=items))
    names = Markup(say("list.comma")).join(named)  # noqa: S704 - the texts are our own file
    return say.markup("text.few_platforms", n=len(named), named=names, least=FEWEST_ITEMS)


def _unlisted(run: ReportContext, watch: pd.DataFrame) -> Unsaid:
    """Say in one line why no platform is listed; the table stands in tables/."""
    say = run.words
    reasons = sorted({str(reason) for reason in watch["reason"].dropna()}) if len(watch) else []
    texts = [explain_listing(reason, say.language) for reason in reasons]
    if len(texts) != 1:
        return Unsaid(say("table.watchlist"), say("text.not_listed"))
    return Unsaid(say("table.watchlist"), say("text.not_listed_why", why=texts[0]))


def _named_parts(run: ReportContext) -> pd.DataFrame:
    """Take the sub-grievances within the platforms that the published report names."""
    table, published = run.table("platform_sub_grievances"), run.study.published
    if table.empty or published is None:
        return pd.DataFrame()
    return table[table["platform"].isin(list(published.platforms))]


def channels(run: ReportContext) -> Section:
    """Show the channels of the corpus."""
    say = run.words
    table = run.table("channels")
    if table.empty:
        return Section("channels", say("section.channels"), absent=say("absent.channels"))
    if len(table) == 1:
        channel = str(table["channel"].iloc[0])
        absent = (
            say("absent.unknown_channel")
            if channel == UNKNOWN_CHANNEL
            else say("absent.one_channel", name=say.inside(channel))
        )
        return Section("channels", say("section.channels"), absent=absent)
    return Section(
        "channels", say("section.channels"), [say.markup("text.channels")],
        figures=run.drawn("channels", "terms_by_channel"),
        tables=[view(run, "channels", _CHANNEL_COLUMNS)],
    )  # fmt: skip


def sentiment(run: ReportContext) -> Section:
    """Show how negative the posts sound, by SnowNLP's score beside ours."""
    say, table = run.words, run.table("sentiment_cutoffs")
    known = table[table["cutoff"] == _CUTOFF].dropna() if len(table) else table
    if known.empty:
        return Section("sentiment", say("section.sentiment"), absent=say("absent.sentiment"))
    if _is_unread(run):
        return Section("sentiment", say("section.sentiment"), absent=say("absent.sentiment_unread"))
    if float(known["posts"].iloc[0]) < FEWEST_ITEMS:
        few = say("absent.sentiment_few", least=FEWEST_ITEMS)
        return Section("sentiment", say("section.sentiment"), absent=few)
    shares = {
        name: run.number("sentiment_cutoffs", str(_CUTOFF), column, "share")
        for name, column in (("ours", "negative"), ("theirs", "snownlp_negative"))
    }
    posts = run.number("sentiment_cutoffs", str(_CUTOFF), "posts")
    return Section(
        "sentiment", say("section.sentiment"), [say.markup("text.sentiment")],
        figures=run.drawn("sentiment"),
        tables=[view(run, "sentiment_cutoffs", _CUTOFF_COLUMNS)],
        lead=say.markup("text.sentiment_lead", posts=posts, **shares),
    )  # fmt: skip


def _is_unread(run: ReportContext) -> bool:
    """Say whether a note tells that most posts hold nothing that the scores can read."""
    notes, say = run.table("notes"), run.words
    told = set(notes[say.language]) if len(notes) else set()
    return bool(told & {say("text.foreign_mostly"), say("text.wordless_mostly")})


def ratings(run: ReportContext) -> Section:
    """Show how the stars of reviews and the coder's judgement agree."""
    say = run.words
    if run.table("ratings").empty:
        return Section("ratings", say("section.ratings"), absent=say("absent.ratings"))
    return Section(
        "ratings", say("section.ratings"), [say.markup("text.ratings")],
        figures=run.drawn("ratings", "terms_by_stars"),
        tables=[view(run, "ratings", _RATING_COLUMNS)],
    )  # fmt: skip


def clusters(run: ReportContext) -> Section:
    """Show the clusters of negative items, and what people began to complain of."""
    say, table, emerging = run.words, run.table("clusters"), run.table("emerging")
    if table.empty and emerging.empty:
        why = run.notes("clusters")
        absent = say.sentences(why) if why else say("absent.clusters")
        return Section("clusters", say("section.clusters"), absent=absent)
    texts: list[Text] = []
    tables, lead, unsaid = [], Markup(), []
    if len(table):
        outside = sum(is_outside(value) for value in table["covered"])
        key = "text.clusters" if outside else "text.clusters_coded"
        share = {"outside": outside} if outside else {}
        lead = say.markup(key, n=len(table), **share)
        tables.append(view(run, "clusters", _CLUSTER_COLUMNS))
        if run.map_href:
            name = say("text.topic_map_link")
            link = beside(run.map_href, name)
            key = "topic_map" if run.study.days else "topic_map_no_days"
            texts.append(say.markup(f"text.{key}", link=link))
    if len(emerging):
        texts.append(say.markup("text.emerging", n=len(emerging)))
        of_none = emerging["new_wording_of"].replace("unknown", "no_kind")
        rows = emerging.assign(new_wording_of=of_none)
        tables.append(view(run, "emerging", _EMERGING_COLUMNS, rows=rows))
    elif run.study.days:
        unsaid.append(Unsaid(say("table.emerging"), say("text.no_emerging")))
    return Section(
        "clusters", say("section.clusters"), texts,
        [say.markup("text.cluster_note"), *run.notes("clusters")],
        run.drawn("clusters", "cluster_days", "cluster_codes", "terms_by_period"), tables,
        lead=lead, unsaid=unsaid,
    )  # fmt: skip


# What lets a reader check: funnel, collection, method, reproduction.

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
    """Write how the run is cited; nothing where no build is known."""
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
