"""The section that sets other campaigns' published shares beside this run."""

from analysis.reporting.sections.shape import Run, Section
from analysis.reporting.sections.views import view

COLUMNS = [
    ("campaign", "campaign", "label"), ("grievance", "grievance", "label"),
    ("days", "days", "count"), ("published", "published", "count"),
    ("share", "share", "campaign_share"), ("low", "interval", "interval:share"),
    ("peak_days", "peak_days", "text"),
]  # fmt: skip


def campaigns(run: Run) -> Section:
    """Compare campaigns by share and shape, with the warning that their scope changed."""
    say = run.words
    if run.table("campaigns").empty:
        # Whoever reports on a file of their own did not ask for it.
        asked = "" if run.study.claims else "method"
        why = say("absent.campaigns")
        return Section("campaigns", say("section.campaigns"), absent=why, part_of=asked)
    texts = [say.markup("text.campaigns")]
    if run.simulated:
        texts.append(say.markup("text.campaigns_simulated"))
    return Section(
        "campaigns", say("section.campaigns"), [*texts], [say.markup("text.campaigns_scope")],
        run.drawn("campaigns"), [view(run, "campaigns", COLUMNS)],
    )  # fmt: skip
