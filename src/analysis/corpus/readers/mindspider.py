"""MindSpider (BettaFish): its own table of headlines; its posts are MediaCrawler's tables."""

from __future__ import annotations

from analysis.corpus.readers.plan import Head, Plan, first_present


def recognise(head: Head) -> Plan | None:
    """Return the plan of `daily_news`, the day's hot lists."""
    if not head.has("news_id", "source_platform", "title", "crawl_date"):
        return None
    return Plan(
        source="mindspider",
        source_format="MindSpider daily_news",
        era="2025",
        header=head.header,
        columns=first_present(
            head.header,
            post_id="news_id",
            title="title",
            text=("description", "title"),
            published_at="crawl_date",
            collected_at="add_ts",
            url="url",
        ),
        channel="news",
        repairs=("the day of the hot list stands for the day of publication",),
    )
