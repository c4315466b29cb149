"""How hard a simulated corpus is: the usual script and our coder on posts neither has seen."""

from __future__ import annotations

import pandas as pd
import polars as pl

from analysis.coding.coder import Coder, get_coder
from analysis.errors import CaodianError
from analysis.evaluation.coding import measure_coding
from analysis.sentiment.snownlp_exact import score_texts
from analysis.simulate import simulate
from analysis.storage.run_paths import project_root
from analysis.study import load_study
from analysis.training.coder import SEED as TRAINING_SEED
from analysis.training.texts import read_labels

_STUDY = "studies/618-2020.yaml"
_NEGATIVE_BELOW = 0.5
# What a notebook of this kind searches for: written for this comparison, not taken from the
# codebook, whose rules would make the baseline a part of what it is compared with.
_USUAL_KEYWORDS = {
    "live_streaming": "直播|主播|带货",
    "price": "降价|涨价|保价|价保|差价|满减|菜价",
    "sms_harassment": "短信|骚扰|推销|隐私|泄露",
    "red_envelope": "红包",
    "counterfeit": "假货|正品|鉴定|高仿|山寨",
    "unfair_terms": "霸王|条款|定金|砍单",
    "delivery": "发货|物流|快递",
    "after_sales": "售后|退款|退货|换货|客服",
    "product_quality": "质量|做工|坏了",
}
_SIDES = ("label", "true_items", "coded_items", "bias", "f1")


def draw_simulated(posts: int, seed: int, study: str = _STUDY) -> pl.DataFrame:
    """Return about `posts` simulated posts, repeats included, with what was planted in them.

    Parameters
    ----------
    seed
        Neither the study's own nor the one whose posts the shipped coder learnt.
    study
        A study file with a `simulation` section, absolute or within the checkout.

    Returns
    -------
    pl.DataFrame
        `text, channel, kind, register, is_negative, grievances`.

    Raises
    ------
    CaodianError
        If the seed is one of the two.

    Examples
    --------
    >>> draw_simulated(600, seed=4).columns
    ['text', 'channel', 'kind', 'register', 'is_negative', 'grievances']
    """
    loaded = load_study(project_root() / study)
    if seed in (loaded.seed, TRAINING_SEED):
        raise CaodianError(
            "a measure of hardness needs simulated posts that nothing was made with",
            value=seed,
            remedy="Choose another seed than the study's and the shipped coder's.",
        )
    full = loaded.simulation.posts if loaded.simulation else posts
    partitions = [
        pl.concat(
            [
                written.select("text", "channel", "kind"),
                truth.select("register", "is_negative", "grievances"),
            ],
            how="horizontal",
        )
        for written, truth in simulate(loaded, scale=min(1.0, posts / full), seed=seed)
    ]
    return pl.concat(partitions)


def _run_usual_script(texts: pl.Series, is_negative: pl.Series | None = None) -> pl.DataFrame:
    """Judge and code as the usual script does: SnowNLP below 0.5, and a keyword in the text."""
    if is_negative is None:
        is_negative = (score_texts(texts) < _NEGATIVE_BELOW).fill_null(False)
    held = [
        pl.when(texts.str.contains(words).fill_null(False) & is_negative).then(pl.lit(code))
        for code, words in _USUAL_KEYWORDS.items()
    ]
    coded = pl.DataFrame({"is_negative": is_negative})
    return coded.with_columns(pl.concat_list(held).list.drop_nulls().alias("grievances"))


def compare_hardness(posts: pl.DataFrame, coder: Coder | None = None) -> pd.DataFrame:
    """Set the usual script beside a coder on posts whose truth is known.

    Returns
    -------
    pandas.DataFrame
        A row for the negative item, each code and `macro_codes` (mean F1 over codes, counts
        summed): `label, planted`, then `items, bias, f1` of the script (`script_`) and of the
        coder (`coder_`). `bias` is how far the count lies off: 0.5 is half too many.
        `keywords_f1` is the script's with the planted judgement in place of SnowNLP's: what its
        keywords can do at best.

    Examples
    --------
    >>> compare_hardness(draw_simulated(600, seed=4), get_coder("keyword"))["label"].tolist()[:2]
    ['negative', 'live_streaming']
    """
    labelled = read_labels(posts)
    truth = labelled.select("text", "negative", "grievances")
    answers = {
        "script": _run_usual_script(labelled["text"]),
        "keywords": _run_usual_script(labelled["text"], labelled["negative"]),
        "coder": (coder or get_coder()).code(labelled),
    }
    script, keywords, ours = (
        _side(measure_coding(truth, coded), name) for name, coded in answers.items()
    )
    known = script.merge(keywords[["label", "keywords_f1"]], on="label", how="left")
    return known.merge(ours.drop(columns="planted"), on="label", how="left")


def _side(measured: pd.DataFrame, name: str) -> pd.DataFrame:
    kept = measured.loc[measured["label"] != "false_alarms", list(_SIDES)]
    return kept.reset_index(drop=True).rename(
        columns={
            "true_items": "planted",
            "coded_items": f"{name}_items",
            "bias": f"{name}_bias",
            "f1": f"{name}_f1",
        }
    )
