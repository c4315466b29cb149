"""The sections on who is named, where posts come from, and what no code covers."""

import pandas as pd
from markupsafe import Markup

from analysis.measures.watchlist import explain_listing
from analysis.minimum import FEWEST_ITEMS
from analysis.numbers import is_missing
from analysis.plots.findings import MOST_NAMED, find_leaders
from analysis.plots.sources import is_outside
from analysis.reporting.sections.section import ReportContext, Section, Text, Unsaid, beside, view

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
