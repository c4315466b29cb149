"""The first answers: how many negative items, what share, about what."""

import pandas as pd
from markupsafe import Markup

from analysis.measures.minimum import FEWEST_ITEMS, SMALLEST_DAY
from analysis.numbers import is_missing, range_text, scale_text
from analysis.reporting.estimates import best_values
from analysis.reporting.sections.blocks import Listing, Text
from analysis.reporting.sections.codes import small_codes
from analysis.reporting.sections.shape import Run, Section
from analysis.reporting.sections.views import view
from analysis.reporting.words import window_of

BEST_STARS = ("4", "5")
# More negative items than this share among the best ratings ask for a warning.
PRAISED = 0.1
FEW_PRAISED = 3  # one or two posts are no pattern, however few there are in all
COUNT_COLUMNS = [
    ("grievance", "grievance", "label"), ("items", "items", "count"),
    ("estimate", "estimate", "best"), ("low", "interval", "interval"),
    ("share", "share", "code_share"), ("families", "families", "count"),
    ("authors", "authors", "count"), ("published", "published", "count"),
]  # fmt: skip


def headline(run: Run) -> Section:
    """Answer first: how many negative items, what share, in which units, how sure."""
    say, counts = run.words, run.table("counts")
    total, negative = run.row("counts", "all"), run.row("counts", "negative")
    if total is None or negative is None:
        return Section("headline", say("section.headline"), absent=say("absent.counts"))
    period = {"window": window_of(run.study, say), "days": len(run.study.days)}
    texts: list[Text] = [
        *_answer(run, negative, period),
        say.markup(f"text.units{run.units_suffix}", **run.units("negative")),
        _leaders(run, counts),
    ]
    if has_praised_negatives(run.table("ratings")):
        texts.append(_praised(run))
    covered = "text.covers_simulated" if run.simulated else "text.covers"
    notes = [say.markup(covered if run.is_audited else "text.covers_nothing")]
    if run.study.period != "day":
        notes.append(say.markup("text.by_period"))
    return Section("headline", say("section.headline"), texts, [*run.notes("days"), *notes])


def has_praised_negatives(ratings: pd.DataFrame) -> bool:
    """Say whether more than a tenth of the negative items, and three, have the two best ratings.

    Examples
    --------
    >>> ratings = pd.DataFrame({"stars": ["1", "4", "5"], "negative_items": [80, 9, 1]})
    >>> has_praised_negatives(ratings)
    True
    """
    if ratings.empty or ratings["negative_items"].isna().any():
        return False
    praised = ratings.loc[ratings["stars"].isin(BEST_STARS), "negative_items"].sum()
    return bool(praised >= FEW_PRAISED and praised > PRAISED * ratings["negative_items"].sum())


def _praised(run: Run) -> Markup:
    """Warn that many negative items are well rated, and say how many."""
    say = run.words
    parts = [
        say.markup(
            "text.praised_part", stars=say(f"stars.{stars}"),
            n=run.number("ratings", stars, "negative_items"),
        )
        for stars in BEST_STARS
        if run.row("ratings", stars) is not None
    ]  # fmt: skip
    return say.markup("text.praised", parts=Markup(say("list.comma")).join(parts))  # noqa: S704


def _answer(run: Run, negative: pd.Series, period: dict[str, object]) -> list[Markup]:
    """Say how many: the corrected estimate first where there was an audit."""
    say, whole = run.words, ("counts", "all", "items")
    counted = {
        "all": run.number("counts", "all", "items"),
        "negative": run.number("counts", "negative", "items"),
        "share": run.number("counts", "negative", "share", "share"),
    }
    if is_missing(negative.get("low")):
        counted_key = "text.counted" if run.study.days else "text.counted_undated"
        return [say.markup(counted_key, **period, **counted), say.markup("text.uncorrected")]
    low, high = (run.ratio(("counts", "negative", end), whole) for end in ("low", "high"))
    lead = say.markup(
        "text.corrected" if run.study.days else "text.corrected_undated",
        **period, all=counted["all"], estimate=run.best("negative"),
        interval=run.interval("negative"), share=run.share("negative"),
        share_interval=range_text(low, high, say.language),
    )  # fmt: skip
    del counted["all"]
    return [lead, say.markup("text.own_count", **counted)]


def _leaders(run: Run, counts: pd.DataFrame) -> Markup:
    say = run.words
    codes = counts[~counts["grievance"].isin(["all", "negative"]) & (counts["items"] > 0)]
    if codes.empty:
        return say.markup("text.no_codes")
    enough = codes["items"].sum() >= FEWEST_ITEMS
    # One of a few items is not among the most, whatever its place.
    codes = codes[codes["items"] >= SMALLEST_DAY] if enough else codes
    if codes.empty:
        return say.markup("text.no_leader", least=SMALLEST_DAY)
    best = best_values(codes)
    order = best.sort_values(ascending=False, kind="stable").index[:3]
    parts = [
        say.markup("text.leader", label=say.label(code), items=run.best(code))
        for code in codes.loc[order, "grievance"]
    ]
    return say.markup(
        "text.leaders" if enough else "text.few_leaders", least=FEWEST_ITEMS,
        leaders=Markup(say("list.comma")).join(parts),  # noqa: S704
    )  # fmt: skip


def grievances(run: Run) -> Section:
    """Show every code in all units, with its interval and the published value."""
    say = run.words
    if run.table("counts").empty:
        return Section("grievances", say("section.grievances"), absent=say("absent.counts"))
    texts: list[Text] = [say.markup("text.overlap")]
    if run.study.published and run.simulated:
        texts.append(say.markup("text.published_simulated", scale=scale_text(run.scale)))
    if run.is_audited:
        texts.append(say.markup("text.rare"))
    lines = small_codes(run)
    if lines:
        texts.append(Listing(lines))
    caption = say("table.counts" if run.is_audited else "table.counts_bare")
    return Section(
        "grievances", say("section.grievances"), texts, figures=run.drawn("grievances"),
        tables=[view(run, "counts", COUNT_COLUMNS, is_open=True, caption=caption)],
    )  # fmt: skip
