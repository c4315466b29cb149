"""What tests share: the root of the checkout, research data, and a fabricated run.

The fabricated run has small tables with every column of the contract, and a study for them. Its
numbers are invented (marked simulated everywhere); they only have the shape of a real run.
"""

import gc
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import settings

from analysis.study.model import Claim, Published, Study, Window

# jsonschema checks IRIs with it, which no test asks for; it builds 38 grammars when it is imported.
sys.modules.setdefault("rfc3987_syntax", None)

# Compiling takes longer than any deadline, and no test depends on the clock.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ROOT = Path(__file__).resolve().parents[1]
# The files that take longest, longest first: no worker is left alone with one at the end. xdist
# keeps this order with --no-loadscope-reorder; by itself it begins with those of most tests.
# The second needs neither kernels nor patterns nor the codebook: in a fresh checkout the first
# builds them meanwhile, once, where two workers would each build them.
LONG = (
    "test_documented_commands.py", "browser/test_report_page.py", "test_notebooks.py",
    "pipeline/test_audit.py", "browser/test_lab.py",
    "test_canaries.py", "pipeline/test_run.py", "test_reproducible.py",
    "browser/test_explore_page.py", "pipeline/test_cluster.py", "browser/test_drawer.py",
    "reporting/test_published_files.py", "cli/test_any_surrounding.py",
    "pipeline/test_report_steps.py", "pipeline/test_run_reads.py",
    "engine/test_near_duplicates.py", "test_tutorial.py", "sentiment/test_snownlp_exact.py",
    "plots/test_legibility.py", "browser/test_panel.py", "clusters/test_topics.py",
    "simulate/test_hardness.py", "corpus/test_ingest_hostile.py",
    "corpus/readers/containers/test_confined.py", "reporting/test_figures.py",
    "reporting/test_report.py", "pipeline/test_rerun.py", "corpus/test_families.py",
    "browser/test_topic_map_page.py", "clusters/test_emerging.py", "reporting/test_public.py",
    "pipeline/test_partitions.py", "simulate/test_independence.py", "corpus/test_clean.py",
    "training/test_coder.py", "pipeline/test_kills.py", "audit/test_recoding.py",
    "audit/test_score.py", "reporting/test_topic_map.py", "test_door.py", "corpus/test_mask.py",
    "corpus/test_ingest.py", "pipeline/test_run_inputs.py",
)  # fmt: skip


# What is imported and collected stays until the end. A search for garbage that walks through all of
# it, again and again, took a fifth of the processor time of quick tests.
gc.disable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: what is packed holds the second in which it was.

    Two workers that collect in two seconds would else have other tests.
    """
    return argname if isinstance(val, bytes) else None


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    @cache
    def rank(path: Path) -> int:
        return next((n for n, end in enumerate(LONG) if str(path).endswith(end)), len(LONG))

    items.sort(key=lambda item: rank(item.path))


# What a group of tests needs that a machine may lack: words of the reason, and what brings it.
_ENABLED_BY = {
    "Chromium": "apt install chromium, or CAODIAN_CHROMIUM=/path/to/chromium",
    "research data": "CAODIAN_SHARED=/folder/above/data",
    "pdftoppm": "apt install poppler-utils",
    "OpenSSH": "apt install openssh-client",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name, as the last thing, the groups of tests that were skipped and what enables each."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    numbers = {need: sum(need in reason for reason in reasons) for need in _ENABLED_BY}
    told = [f"{n} without {need} ({_ENABLED_BY[need]})" for need, n in numbers.items() if n]
    if told:
        terminalreporter.write_line(f"Skipped: {'; '.join(told)}")


@pytest.fixture
def unforeseen() -> list[str]:
    """What commands told of errors that no rule foresaw; who asks for it expects one."""
    return []


@pytest.fixture(autouse=True)
def _every_error_is_foreseen(request, monkeypatch):
    """Fail whatever test meets an error that no rule foresaw, in this process or a child of it."""
    module = import_module("analysis.cli.main")  # the package has a function of that name
    is_expected = "unforeseen" in request.fixturenames
    told = request.getfixturevalue("unforeseen") if is_expected else []
    describe, communicate = module._unforeseen, subprocess.Popen.communicate

    def describe_and_note(error):
        told.append(describe(error))
        return told[-1]

    def communicate_and_note(child, *words, **options):  # as `subprocess.run` does, too
        ended = communicate(child, *words, **options)
        for said in ended:
            text = said.decode(errors="replace") if isinstance(said, bytes) else said or ""
            told.extend(line for line in text.splitlines() if "no rule foresaw" in line)
        return ended

    monkeypatch.setattr(module, "_unforeseen", describe_and_note)
    monkeypatch.setattr(subprocess.Popen, "communicate", communicate_and_note)
    yield
    assert bool(told) == is_expected, told


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def research_data() -> Path:
    folder = Path(os.environ.get("CAODIAN_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("the research data are not on this machine (CAODIAN_SHARED names their folder)")
    return folder


CODES = {
    "live_streaming": 1124,
    "price": 1650,
    "sms_harassment": 640,
    "red_envelope": 317,
    "counterfeit": 480,
    "unfair_terms": 390,
    "delivery": 1210,
    "after_sales": 1420,
    "product_quality": 1505,
}
SUBS = {
    "live_streaming": [
        "license_not_displayed",
        "false_advertising",
        "goods_not_as_described",
        "fake_traffic",
        "after_sales",
    ],
    "price": [
        "price_surge",
        "price_drop_after_purchase",
        "price_protection_refused",
        "promotion_gimmick",
    ],
    "sms_harassment": ["marketing_sms", "cannot_unsubscribe", "data_leak", "membership_bait"],
    "red_envelope": ["amount_too_small", "not_credited", "unfair_rules"],
    "counterfeit": ["fake_goods", "authentication", "coupon_dispute"],
}
DAYS = [date(2020, 6, 1) + timedelta(n) for n in range(20)]


def _counts() -> pd.DataFrame:
    sizes = {"all": 64_885, "negative": 12_321} | CODES
    published = {
        "all": 6_488_460,
        "negative": 1_232_056,
        "live_streaming": 112_384,
        "red_envelope": 31_651,
    }
    rows = []
    for code, size in sizes.items():
        half = 0.035 if code == "negative" else 0.11
        audited = code != "all"
        rows.append(
            {
                "grievance": code,
                "items": round(size * (1.0 if not audited else 1.06)),
                "families": round(size * 0.83),
                "authors": round(size * 0.78),
                "share": 1.0
                if code == "all"
                else round(size / (64_885 if code == "negative" else 12_321), 6),
                "estimate": round(size * 0.99, 1) if audited else None,
                "low": round(size * (0.99 - half), 1) if audited else None,
                "high": round(size * (0.99 + half), 1) if audited else None,
                "carriers": (4 if code == "red_envelope" else 40) if audited else None,
                "published": published.get(code),
            }
        )
    return pd.DataFrame(rows)


def _daily() -> pd.DataFrame:
    rng = np.random.default_rng(618)
    rows = []
    for code, size in ({"all": 64_885, "negative": 12_321} | CODES).items():
        bump = np.array([1.5 if day.day in (16, 17, 18) else 1.0 for day in DAYS])
        slope = np.linspace(0.8, 1.2, 20) if code == "sms_harassment" else np.ones(20)
        items = rng.poisson(size / 20 * bump * slope / np.mean(bump * slope))
        rows += [
            {
                "date": day.isoformat(),
                "grievance": code,
                "items": int(n),
                "families": int(n * 0.83),
                "grade": "unfit" if day.day == 7 else "good",
            }
            for day, n in zip(DAYS, items, strict=True)
        ]
    return pd.DataFrame(rows)


def _trends() -> pd.DataFrame:
    rows = []
    for code in ["negative", *CODES]:
        growing = code == "sms_harassment"
        verdict = "growth" if growing else "no_trend"
        rows.append(
            {
                "grievance": code,
                "days": 19,
                "measure": "share",
                "growth": 0.42 if growing else 0.05,
                "low": 0.12 if growing else -0.2,
                "high": 0.8 if growing else 0.38,
                "p": 0.004 if growing else 0.4,
                "p_holm": 0.036 if growing else 1.0,
                "verdict": verdict,
                "size": "uncertain" if growing else "",
                "is_fluctuating": growing,
                "count_growth": 0.5 if growing else 0.1,
                "count_low": 0.2 if growing else -0.1,
                "count_high": 0.9 if growing else 0.4,
                "count_verdict": verdict,
                "count_fluctuates": growing,
                "count_turns": 9,
                "count_excess": 2.5,
                "drift_low": None,
                "drift_high": None,
                "drift_p": None,
                "drift_removed": None,
                "tier": 2,
                "count_tier": 2,
                "detectable": 0.5,
                "sentence_zh": f"{code}:{'波动增长' if growing else '未能确立趋势'},20 天内 +42%",
                "sentence_en": f"{code}: {'growth' if growing else 'no trend established'}",
            }
        )
    return pd.DataFrame(rows)


def _subs() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "grievance": code,
                "sub_grievance": f"{code}.{sub}",
                "items": CODES[code] // (n + 2),
                "families": CODES[code] // (n + 3),
                "estimate": CODES[code] / (n + 2.1),
                "low": CODES[code] / (n + 2.7),
                "high": CODES[code] / (n + 1.8),
                "carriers": 3 if code in {"red_envelope", "sms_harassment"} else 40,
            }
            for code, subs in SUBS.items()
            for n, sub in enumerate(subs)
        ]
    )


def _platforms() -> pd.DataFrame:
    names = [
        "淘宝",
        "京东",
        "拼多多",
        "天猫",
        "抖音",
        "快手",
        "得物",
        "苏宁易购",
        "唯品会",
        "小红书",
    ]
    sizes = [1800, 1650, 1500, 900, 640, 420, 92, 88, 45, 30]
    return pd.DataFrame(
        [
            {
                "platform": name,
                "items": size,
                "families": int(size * 0.8),
                "authors": int(size * 0.75),
                "exposure": None,
                "estimate": size * 0.97,
                "low": size * 0.85,
                "high": size * 1.1,
                "carriers": 30,
                "named": size * 3,
            }
            for name, size in zip(names, sizes, strict=True)
        ]
    )


def _others() -> dict[str, pd.DataFrame]:
    channels = {
        "weibo": (30_000, 6_100),
        "xiaohongshu": (9_000, 1_500),
        "douyin": (12_000, 2_000),
        "complaint": (2_400, 2_300),
        "news": (11_485, 421),
    }
    funnel = [
        ("read", 67_300, 67_200, "表头损坏"),
        ("in_window", 67_200, 66_100, "不在监测期"),
        ("repeats", 66_100, 64_885, "重复收录"),
        ("voice", 64_885, 41_000, "非消费者"),
        ("negative", 41_000, 12_321, "非负面"),
    ]
    return {
        "channels": pd.DataFrame(
            [
                {"channel": c, "items": n, "negative_items": m, "share": round(n / 64_885, 6)}
                for c, (n, m) in channels.items()
            ]
        ),
        "ratings": pd.DataFrame(
            [
                {"stars": s, "items": n, "negative_items": m, "share": m / n}
                for s, n, m in [
                    ("1", 900, 800),
                    ("2", 200, 120),
                    ("3", 300, 110),
                    ("4", 600, 40),
                    ("5", 9_000, 90),
                    ("none", 53_885, 11_161),
                ]
            ]
        ),
        "funnel": pd.DataFrame(
            [
                {"step": s, "posts_in": a, "posts_out": b, "dropped": a - b, "reason": r}
                for s, a, b, r in funnel
            ]
        ),
        "coverage": pd.DataFrame(
            [
                {
                    "date": d.isoformat(),
                    "hour_gaps": 9 if d.day == 7 else 0,
                    "plateaus": 2 if d.day == 7 else 0,
                    "grade": "unfit" if d.day == 7 else "doubtful" if d.day == 13 else "good",
                    "reason": "night_hole(0-8)" if d.day == 7 else "",
                }
                for d in DAYS
            ]
        ),
        "coverage_hours": pd.DataFrame(
            [
                {
                    "keyword": keyword,
                    "date": day.isoformat(),
                    "hour": hour,
                    "items": None if hour == 4 else 0 if day.day == 7 and hour < 9 else size + hour,
                    "grade": "unfit" if day.day == 7 else "good",
                }
                for keyword, size in (("红包", 80), ("618", 40), ("*", 9))
                for day in DAYS
                for hour in range(24)
            ]
        ),
        **_of_topics(),
        "clusters": pd.DataFrame(
            [
                {
                    "cluster": n,
                    "label": f"鲜花 枯萎 花束 {n}",
                    "terms": "鲜花 枯萎 花束 520 玫瑰",
                    "items": 400 - 30 * n,
                    "stability": 0.9 - 0.02 * n,
                    "top_grievance": "product_quality",
                    "covered": 0.3 if n == 3 else 0.9,
                    "onset": "2020-06-14" if n == 3 else None,
                }
                for n in range(8)
            ]
        ),
        "emerging": pd.DataFrame(
            [
                {
                    "cluster": 3,
                    "label": "鲜花 枯萎 花束 3",
                    "items": 310,
                    "onset": "2020-06-14",
                    "onset_low": "2020-06-13",
                    "onset_high": "2020-06-15",
                    "certainty": 0.93,
                    "families": 290,
                    "authors": 301,
                    "purity": 0.96,
                    "code_dispersion": 0.4,
                    "top_grievance": "product_quality",
                    "new_wording_of": "unknown",
                    "find_kind": "grievance",
                    "found_by": "group",
                    "terms": "鲜花、枯萎、花束",
                }
            ]
        ),
        "watchlist": pd.DataFrame(
            [
                {
                    "platform": p,
                    "items": n,
                    "exposure": None,
                    "rate": None,
                    "low": None,
                    "high": None,
                    "list": "not_enough_evidence",
                    "reason": "no_exposure",
                }
                for p, n in [("淘宝", 1800), ("得物", 92)]
            ]
        ),
        "platform_sub_grievances": pd.DataFrame(
            [
                {
                    "platform": "得物",
                    "grievance": "counterfeit",
                    "sub_grievance": f"counterfeit.{sub}",
                    "items": items,
                    "families": items - 2,
                    "authors": items - 1,
                }
                for sub, items in (("fake_goods", 40), ("authentication", 30))
            ]
        ),
        "notes": pd.DataFrame(
            [
                ("audit", 1, "裁定之后仍有编码误差", "Coder error is left", None),
                ("clusters", 1, "900 条文本参加聚类", "900 texts clustered", "900"),
            ],
            columns=["about", "number", "zh", "en", "counted"],
        ),
        "campaigns": pd.DataFrame(
            [
                ("618-2022", "negative", 20, 5540365, 0.159, None, None, ""),
                ("618-2022", "live_streaming", 20, 237100, 0.043, None, None, "2022-06-20"),
                ("this_run", "negative", 20, None, 0.187991, 0.18, 0.2, "2020-06-18"),
                ("this_run", "live_streaming", 20, None, 0.09123, 0.08, 0.1, "2020-06-17"),
            ],
            columns=[
                "campaign",
                "grievance",
                "days",
                "published",
                "share",
                "low",
                "high",
                "peak_days",
            ],
        ),
        "breaks": pd.DataFrame(
            [
                {
                    "grievance": code,
                    "break_kind": "burst",
                    "date": "2020-06-14",
                    "change": 1.8,
                    "p": 0.002,
                    "p_holm": 0.02 if found else 0.6,
                    "is_found": found,
                    "items": 155 if found else None,
                    "families": 90 if found else None,
                    "top_families": "d32edcf60fbdbc21 60;a32edcf60fbdbc21 3" if found else None,
                    "top_family_share": 0.387 if found else None,
                    "terms": "鲜花、枯萎" if found else None,
                    "platform": "淘宝" if found else None,
                    "platform_share": 0.8 if found else None,
                }
                for code, found in (("live_streaming", True), ("price", False))
            ]
        ),
        "specifications": pd.DataFrame(
            [
                {
                    "claim_id": claim,
                    "specification": n + 1,
                    "grievance": code,
                    "measure": ("share", "count")[n % 2],
                    "unit": ("items", "families")[n % 2],
                    "threshold": ("coder", "0.50")[n // 2 % 2],
                    "event_days": ("modelled", "not modelled")[n // 4 % 2],
                    "days_dropped": "none",
                    "coverage": "not unfit",
                    "correction": ("Holm", "none")[n // 8],
                    "days": 19,
                    "growth": 0.02 * n,
                    "low": 0.02 * n - 0.2,
                    "high": 0.02 * n + 0.3,
                    "p": 0.04,
                    "verdict": "growth" if n > 11 else "no_trend",
                    "holds": n > 11,
                }
                for claim, code in (("C7", "live_streaming"), ("C14", "sms_harassment"))
                for n in range(16)
            ]
        ),
        "reconciliation": pd.DataFrame(
            [
                {
                    "source_file": "posts.parquet",
                    "source_format": "table",
                    "era": "",
                    "records_read": 67_300,
                    "kept": 67_200,
                    "rejected": 100,
                    "repeats": 1_215,
                    "overlaps": 1_100,
                    "blank": 0,
                }
            ]
        ),
        "audit": pd.DataFrame(
            [
                {
                    "grievance": code,
                    "items": n,
                    "estimate": n * 0.99,
                    "low": n * 0.9,
                    "high": n * 1.08,
                    "audited": 1000,
                    "carriers": 4 if code == "red_envelope" else 40,
                    "alpha": 0.86,
                    "alpha_low": 0.8,
                    "alpha_high": 0.91,
                    "coders": 0,
                    "coded_twice": 1000,
                    "disputes": 12,
                    "open": 0,
                }
                for code, n in {"negative": 12_321, **CODES}.items()
            ]
        ),
    }


def _of_topics() -> dict[str, pd.DataFrame]:
    """What topics hold by day and by code, and words that tell selections apart."""
    clusters = range(4)
    days = [(day.isoformat(), n, 6 + (n + day.day) % 9) for day in DAYS for n in clusters]
    codes = [(n, code, 5 + n, 0.2) for n in clusters for code in ("price", "delivery", "none")]
    selections = [
        ("platform", "淘宝", "京东"), ("channel", "weibo", "complaint"), ("stars", "1", "5"),
        ("period", "event", "other"),
    ]  # fmt: skip
    words = [("快递", 90, 5, 0.3, 0.02, 6.4), ("客服", 60, 9, 0.2, 0.04, 4.9),
             ("价格", 7, 80, 0.03, 0.31, -5.8)]  # fmt: skip
    columns = ["selection", "first", "second", "term", "texts_first", "texts_second"]
    return {
        "cluster_days": pd.DataFrame(days, columns=["date", "cluster", "items"]),
        "cluster_codes": pd.DataFrame(codes, columns=["cluster", "grievance", "items", "share"]),
        "distinguishing_terms": pd.DataFrame(
            [(*selection, *word) for selection in selections for word in words],
            columns=[*columns, "share_first", "share_second", "z"],
        ),
    }


def _beside_counts() -> dict[str, pd.DataFrame]:
    """How the posts sound, event days against others, and what was planted."""
    cutoffs = [(step / 20, 64_885, 0.9 - step / 40, 0.3 - step / 100) for step in range(1, 20)]
    sounds = [(day.isoformat(), 3_244, 0.7, 0.16, 0.15, 0.17) for day in DAYS]
    ratios = [("negative", 1.02, 0.9, 1.15, 0.8, "no_difference"),
              ("price", 1.6, 1.2, 2.1, 0.01, "higher"),
              ("delivery", 0.7, 0.5, 0.9, 0.02, "lower"),
              ("counterfeit", None, None, None, None, "not_testable")]  # fmt: skip
    counted = {"negative": 12_321, **CODES, "red_envelope.amount_too_small": 140,
               "red_envelope.not_credited": 90, "red_envelope.unfair_rules": 62}  # fmt: skip
    return {
        "sentiment_cutoffs": pd.DataFrame(
            cutoffs, columns=["cutoff", "posts", "snownlp_negative", "negative"]
        ).assign(both=0.1, either=0.8),
        "sentiment_days": pd.DataFrame(
            sounds, columns=["date", "posts", "snownlp_negative", "negative", "low", "high"]
        ),
        "event_days": pd.DataFrame(
            ratios, columns=["grievance", "ratio", "low", "high", "p_holm", "verdict"]
        ).assign(measure="share", days_event=3, days_other=17, items_event=90, items_other=300,
                 p=0.01),
        "planted": pd.DataFrame(list(counted.items()), columns=["grievance", "items"]),
    }  # fmt: skip


@cache
def _invented_tables() -> dict[str, pd.DataFrame]:
    return {
        "counts": _counts(),
        "daily": _daily(),
        "trends": _trends(),
        "sub_grievances": _subs(),
        "platforms": _platforms(),
        **_beside_counts(),
        **_others(),
    }


def build_tables() -> dict[str, pd.DataFrame]:
    """Return tables of one's own: pandas copies a column when somebody writes into it."""
    return {name: table.copy(deep=False) for name, table in _invented_tables().items()}


def build_study() -> Study:
    days = [date(2020, 6, 12), date(2020, 6, 17)]

    def claim(number: int, kind: str, **fields: object) -> Claim:
        return Claim(
            id=f"C{number}",
            statement_zh=f"说法 {number}",
            statement_en=f"Claim {number}",
            kind=kind,
            **fields,
        )

    return Study(
        name="618-2020",
        title_zh="2020 年“618”消费维权舆情",
        title_en="618 of 2020: consumer rights",
        window=Window(start=DAYS[0], end=DAYS[-1]),
        event_days=[date(2020, 6, n) for n in (16, 17, 18)],
        published=Published(
            source="中国消费者协会",
            counts={
                "all": 6_488_460,
                "negative": 1_232_056,
                "live_streaming": 112_384,
                "red_envelope": 31_651,
            },
            platforms={"得物": 8_735},
        ),
        claims=[
            claim(1, "count", grievance="all", published=6_488_460),
            claim(3, "count", grievance="negative", published=1_232_056),
            claim(4, "share", grievance="negative", of="all", published=0.1899),
            claim(7, "trend", grievance="live_streaming", expected="flat"),
            claim(8, "peak", grievance="live_streaming", days=days),
            claim(14, "trend", grievance="sms_harassment", expected="growth"),
            claim(17, "ranking", order=["live_streaming", "red_envelope", "得物"]),
        ],
    )


@pytest.fixture(scope="session")
def fabricate():
    """Make tables and study anew, for tests that change them once for many."""
    return lambda: (build_tables(), build_study())


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    return build_tables()


@pytest.fixture
def study() -> Study:
    return build_study()


@dataclass(frozen=True)
class Drawn:
    """Everything drawn once: tables with claims, the study, and figures by language."""

    tables: dict[str, pd.DataFrame]
    study: Study
    folder: Path
    figures: dict[str, list[object]]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Make files once for all workers: who asks first makes them, and the others wait and read."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def make_once(name, make):
        folder, kept = shared / name, shared / f"{name}.pickle"
        with FileLock(shared / f"{name}.lock"):
            if not kept.exists():
                kept.write_bytes(pickle.dumps((folder, make(folder))))
        return pickle.loads(kept.read_bytes())

    return make_once


@pytest.fixture(scope="session")
def drawn(made_once) -> Drawn:
    from analysis.measures.published import judge_claims
    from analysis.reporting.figures import draw_figures

    def draw(folder):
        tables, study = build_tables(), build_study()
        tables["claims"] = judge_claims(study, tables, simulated=True, scale=0.01)
        figures = {
            language: draw_figures(tables, study, language, folder, simulated=True, scale=0.01)
            for language in ("zh", "en")
        }
        return tables, study, figures

    folder, (tables, study, figures) = made_once("figures", draw)
    return Drawn(tables, study, folder, figures)


@pytest.fixture(scope="session")
def some_figures():
    """Some kinds of figures, for tests of a run, a build or a command: what draws these draws all.

    All kinds are drawn by `drawn`, tests/cli/test_figures.py and tests/test_reproducible.py.
    """
    from analysis.reporting.figures import _FIGURES

    return {name: _FIGURES[name] for name in ("grievances", "platforms", "daily_negatives")}


@pytest.fixture
def few_figures(monkeypatch, some_figures):
    """Draw these alone."""
    monkeypatch.setattr("analysis.reporting.figures._FIGURES", some_figures)
    return some_figures


@pytest.fixture
def without_files_of_figures(monkeypatch):
    """Leave the files of figures empty, where a test is of the page that they are drawn into."""
    monkeypatch.setattr("analysis.reporting.figures.render", lambda *_: b"")
