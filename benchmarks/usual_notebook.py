"""The usual notebook, as a script: what most studies of this kind do, written fairly.

    python benchmarks/usual_notebook.py POSTS.parquet [--rows 3000]

pandas reads the posts, a few regular expressions clean and mask them, exact repeats are dropped,
SnowNLP scores each text once, keyword lists decide the codes, and a groupby counts the days. It
is spared what it usually does besides: no word segmentation for clouds, no plotting, no
near-duplicates (there is no usual way to find them), no second look at a text seen before.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import time
from pathlib import Path

import pandas as pd
import yaml
from snownlp import SnowNLP

CLEANING = [
    (re.compile(r"<[^>]+>"), ""),
    (re.compile(r"https?://\S+"), "【网址】"),
    (re.compile(r"//@[^:：]+[:：]"), ""),
    (re.compile(r"@\S+"), "【账号】"),
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), "【电话】"),
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "【证件】"),
    (re.compile(r"[\w.]+@[\w.]+\.\w+"), "【邮箱】"),
    (re.compile(r"\s+"), " "),
]


def clean(text: str) -> str:
    """Apply the regular expressions one after the other."""
    for pattern, replacement in CLEANING:
        text = pattern.sub(replacement, text)
    return text.strip()


def load_keywords(count: int = 500) -> dict[str, list[str]]:
    """Return `count` keywords by code: the plain words of the examples in the codebook."""
    codes = yaml.safe_load(Path("codebook/codebook.yaml").read_text(encoding="utf-8"))["codes"]
    keywords = {}
    for name, code in codes.items():
        words = {
            example["text"][start : start + 3]
            for example in code["examples"]
            for start in range(0, len(example["text"]) - 2, 3)
        }
        keywords[name] = sorted(words)[: count // len(codes)]
    return keywords


def find_codes(text: str, keywords: dict[str, list[str]]) -> list[str]:
    """Return the codes of which one keyword stands in the text."""
    return [code for code, words in keywords.items() if any(word in text for word in words)]


def analyse(path: str, rows: int) -> pd.DataFrame:
    """Return items per day and code, as the usual notebook counts them."""
    keywords = load_keywords()
    posts = pd.read_parquet(path, columns=["text", "published_at"]).head(rows)
    posts["text"] = posts["text"].fillna("").map(clean)
    posts = posts[posts["text"] != ""].drop_duplicates("text")
    posts["score"] = posts["text"].map(lambda text: SnowNLP(text).sentiments)
    posts["codes"] = posts["text"].map(lambda text: find_codes(text, keywords))
    posts["date"] = posts["published_at"].dt.date
    negative = posts[posts["score"] < 0.5].explode("codes")
    return negative.groupby(["date", "codes"]).size().unstack(fill_value=0)


def main() -> None:
    """Print posts, seconds and peak memory as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("posts")
    parser.add_argument("--rows", type=int, default=3000)
    asked = parser.parse_args()
    SnowNLP("预热").sentiments  # noqa: B018 - loading its model is not held against it
    start = time.process_time()
    analyse(asked.posts, asked.rows)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"posts": asked.rows, "seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
