"""Posts without a Chinese character, which rules alone judge: what was learnt is of Chinese."""

import polars as pl
import pytest

from analysis.coding.classifier_coder import combined_coder
from analysis.coding.coder import get_coder

COMPLAINTS = {
    "product_quality": [
        "broke after a week", "stopped working after two days", "It doesn't work", "fell apart",
        "battery died in a month", "smells awful", "leaks everywhere", "The app keeps crashing",
        "can't log in since the update", "way too many ads", "colour faded after one wash",
        "not as described", "Nothing like the picture", "Looked nice at first, but it cracked",
        "Great product but broke after a week", "won't turn on", "Quit on me after a month",
        "it drains my phone battery", "Can't receive any notification",
    ],
    "delivery": [
        "wrong size sent", "arrived damaged", "missing parts", "late delivery, three weeks",
        "item never arrived", "package was empty", "Box was crushed", "Sent the wrong item twice",
        "arrived two weeks late", "Paid for express, took three weeks",
    ],
    "after_sales": [
        "still waiting for my refund", "customer service ignored me", "no response from seller",
        "refused my return", "Seller won't give me a refund", "rude staff", "nobody answers",
    ],
    "counterfeit": ["fake product", "it's fake", "it's a knockoff, not genuine leather"],
    "price": ["they charged me twice", "hidden fees", "overpriced junk"],
    "sms_harassment": ["keep texting me every day", "endless emails, cannot unsubscribe"],
    "unfair_terms": ["they cancelled my order without telling me"],
    "": [
        "never again", "total waste of money", "do not buy", "Don't waste your time", "scam", "bad",
        "would not recommend", "zero stars if I could", "disappointed", "poor quality",
        "returned it", "not worth it", "stay away!",
        "I want my money back", "wish I never bought this", "you will be disappointed",
    ],
}  # fmt: skip
CONTENT = [
    "love it", "works great", "great value", "exactly as described", "five stars", "as expected",
    "good quality", "would buy again", "very happy", "works well, no complaints", "not bad at all",
    "never had a problem with it", "great customer service", "I was not disappointed",
    "it never leaks", "didn't break when I dropped it", "no smell, no scratches", "can't complain",
    "don't hesitate", "nothing wrong with it", "no bugs, very smooth", "it arrived undamaged",
    "the seller replied within an hour", "refund came through the next day", "What size is this?",
    "you won't regret it", "You will not be disappointed", "you won't be disappointed",
    "I would not be without it", "hate to say it but it is the best", "very cheap and good",
    "strong trash bags", "lovely fake fur coat",
    "nothing broken, all pieces there", "not too big, not too small", "ok", "bought two",
]  # fmt: skip
ROWS = [(text, code) for code, texts in COMPLAINTS.items() for text in texts]


@pytest.fixture(scope="module", params=["", "review", "app_store"])
def place(request):
    return request.param


def _coded(texts, place):
    posts = pl.DataFrame({"text": texts}).with_columns(channel=pl.lit(place))
    return get_coder("fast").code(posts)


def test_complaints_in_few_english_words_are_heard_wherever_they_stand(place):
    coded = _coded([text for text, _ in ROWS], place)
    heard = coded["is_negative"].to_list()
    assert [text for (text, _), is_heard in zip(ROWS, heard, strict=True) if not is_heard] == []


def test_what_they_are_about_is_named(place):
    rows = [(text, code) for text, code in ROWS if code]
    named = _coded([text for text, _ in rows], place)["grievances"].to_list()
    assert [row for row, codes in zip(rows, named, strict=True) if row[1] not in codes] == []


def test_content_denied_faults_and_questions_are_no_complaints(place):
    called = _coded(CONTENT, place)["is_negative"].to_list()
    assert [text for text, is_called in zip(CONTENT, called, strict=True) if is_called] == []


@pytest.mark.parametrize(
    ("text", "by_rules"),
    [
        ("broke after a week", True),
        ("broke 了", False),
        ("ok", True),
        ("k", True),
        ("😡😡", True),
        ("5", True),
        ("очень плохо", True),
        ("", True),
        (None, True),
        ("😡退", False),
    ],
)
def test_rules_alone_judge_posts_without_a_chinese_character_and_no_other(text, by_rules):
    coder = combined_coder()
    posts = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    rules = get_coder("keyword").code(posts)["negative_probability"].item()
    assert (coder.code(posts)["negative_probability"].item() == rules) is by_rules


@pytest.mark.parametrize(
    "text", ["💰💰", "🚚❌", "📞📞", "🧧🧧", "💸💸💸", "👎👎👎", "99", "？？？", "0"]
)
@pytest.mark.parametrize("place", [None, "app_store", "weibo"])
def test_pictures_signs_and_numbers_alone_are_no_kind_of_complaint(text, place):
    posts = pl.DataFrame(
        {"text": [text], "channel": [place]}, schema_overrides={"channel": pl.String}
    )
    coded = combined_coder().code(posts)
    assert coded["grievances"].to_list() == [[]]
