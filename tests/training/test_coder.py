"""Training the coder: the same posts give the same bytes, and what is kept out is never learnt."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from joblib import parallel_config
from sklearn.linear_model import LogisticRegression

from analysis.audit.sheets import draw_audit
from analysis.audit.simulated_coders import fill
from analysis.cli.main import commands
from analysis.coding.classifier_coder import (
    ClassifierCoder,
    RefittedCoder,
    combined_coder,
    said_log_odds,
)
from analysis.coding.codebook import CODES
from analysis.coding.compiled_codebook import compile_codebook
from analysis.coding.features import Features, read_features
from analysis.coding.learned_model import _SHIPPED_WEIGHTS, TARGETS, ClassifierModel, ConceptModel
from analysis.errors import CaodianError
from analysis.sentiment.linear import negative_probabilities
from analysis.study import load_study
from analysis.training import coder, coder_fit
from analysis.training.coder import (
    learn_refit,
    train_coder,
    train_shipped,
    unseen_probabilities,
)
from analysis.training.coder_fit import BLOCK, _fit_learned, concept_features, folds_of
from analysis.training.texts import SAMPLE, WRITTEN, label_matrix, simulated_posts

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "618-2020.yaml"
ENGINE = compile_codebook()


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(coder_fit, "_BUCKETS", 1 << 12)
    monkeypatch.setattr(coder_fit, "_SUB_BUCKETS", 1 << 12)
    posts = pl.DataFrame(
        {
            "text": ["等了十天还没发货", "很满意", "先涨价再打折"] * 40,
            "negative": [True, False, True] * 40,
            "grievances": [["delivery"], [], ["price"]] * 40,
        }
    )
    return {"few": (posts, 1.0)}


@pytest.mark.slow
def test_the_same_posts_give_the_same_bytes(few, tmp_path):
    for name in ("one", "two"):
        train_coder(few, seed=5).save(tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert {"coder.npz", "coder-main-1.npz", "coder-subs-1.npz", "coder.md"} <= set(files)
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.slow
def test_the_card_counts_what_was_learnt(few):
    assert train_coder(few, seed=5).sources == {"few": (120, 80)}


@pytest.mark.slow
def test_extra_posts_are_learnt(few):
    slang = pl.DataFrame(
        {"text": ["绷不住了"] * 30, "negative": [1] * 30, "grievances": ["price"] * 30}
    )
    probe = read_features(pl.DataFrame({"text": ["绷不住了"]}), ENGINE)
    plain = train_coder(few, seed=5).model.main.reader(ENGINE)
    more = train_coder({**few, "slang": (slang, 1.0)}, seed=5).model.main.reader(ENGINE)
    assert more.log_odds(probe)[0, 0] > plain.log_odds(probe)[0, 0]


@pytest.mark.slow
def test_posts_of_unknown_codes_teach_the_judgement_alone(few):
    unknown = pl.DataFrame(
        {"text": ["房间太吵"] * 30, "negative": [True] * 30},
    ).with_columns(grievances=pl.lit(None, dtype=pl.List(pl.String)))
    plain = train_coder(few, seed=5).model.main.grams
    more = train_coder({**few, "reviews": (unknown, 1.0)}, seed=5).model.main.grams
    assert (more.weights[0] != plain.weights[0]).any()
    assert (more.weights[1 : len(TARGETS)] == plain.weights[1 : len(TARGETS)]).all()


@pytest.mark.slow
def test_the_witness_of_real_posts_learns_nothing_of_others(few):
    slang = pl.DataFrame(
        {"text": ["绷不住了"] * 30, "negative": [1] * 30, "grievances": ["price"] * 30}
    )
    weights = [
        train_coder({**few, "slang": (slang.with_columns(is_real=real), 1.0)}, seed=5)
        .model.main.grams.weights
        for real in (pl.lit(value=True), pl.lit(value=False))
    ]  # fmt: skip
    plain = train_coder(few, seed=5).model.main.grams.weights
    assert (weights[0][:-1] == weights[1][:-1]).all()
    assert (weights[0][-1] != plain[-1]).any()
    assert (weights[1][-1] == plain[-1]).all()


def test_posts_without_codes_are_refused(few):
    with pytest.raises(CaodianError, match="grievances"):
        train_coder({"mine": (pl.DataFrame({"text": ["坏"], "negative": [1]}), 1.0)})


def test_a_second_stage_is_found_though_the_coder_is_surely_wrong():
    held, far = np.repeat([1.0, 0.0], 50), np.full(100, -9.0)
    (constant,) = coder._fit_ridge(np.ones((100, 1)), held, far)
    # Half of the posts hold it; the constant is next to free.
    assert constant == pytest.approx(9.0, abs=0.1)


def plain_clues(texts, found=(), channel=None):
    starts = np.zeros(len(texts) + 1, np.int64)
    starts[1:] = np.cumsum([len(items) for items in found]) if found else 0
    items = np.array([item for row in found for item in row], np.int32)
    return Features(
        pl.Series(texts), starts, items, np.array(channel or [0] * len(texts), np.int32)
    )


def test_the_log_odds_of_a_post_come_from_a_model_that_never_saw_it():
    texts = [f"{chr(0x4E00 + n // 5)}坏了" for n in range(5 * BLOCK)]
    held = np.zeros((5 * BLOCK, 1), bool)
    held[:BLOCK] = True
    features = plain_clues(texts)
    model, unseen = _fit_learned(features, (), held, np.ones(5 * BLOCK), buckets=1 << 12, seed=1)
    assert model.grams.table().log_odds(features.texts)[:BLOCK, 0].mean() > 0
    assert unseen[:BLOCK, 0].max() <= 0


def test_a_gram_of_few_posts_weighs_nothing():
    texts = ["坏了"] * 5 + ["好用"] * 5 + ["糟"] * 3
    held = np.array([[True]] * 5 + [[False]] * 5 + [[True]] * 3)
    features = plain_clues(texts)
    model, _ = _fit_learned(features, (), held, np.ones(13), buckets=1 << 16, seed=1)
    odds = model.grams.table().log_odds(pl.Series(["坏", "糟", "无"]))[:, 0]
    assert odds[0] > odds[1] == odds[2]


def test_concepts_are_learnt_everywhere_and_by_channel():
    found, channel = [[0], [0], [1], [1]] * 30, [0, 2, 0, 2] * 30
    held = np.array([[True], [False], [False], [False]] * 30)
    features = plain_clues(["同样的话"] * 120, found, channel)
    model, _ = _fit_learned(features, ("a", "b"), held, np.ones(120), buckets=1 << 10, seed=1)
    odds = model.concepts.log_odds(features)[:4, 0]
    assert odds[0] > max(odds[1:])


def test_the_features_of_concepts_stand_where_their_weights_do():
    features = plain_clues(["话", "话"], [[1], [0, 1]], [0, 3])
    matrix, sizes = concept_features(features, 2)
    rng = np.random.default_rng(0)
    weights = rng.integers(-9, 9, (10, 3, 1)).astype(np.int8)
    weights[0, 0] = 0  # being anywhere is the intercept's
    model = ConceptModel(("a", "b"), weights, np.ones(1))
    assert matrix.shape[1] == sizes.size == weights.size
    assert (matrix @ weights.reshape(-1)).tolist() == model.log_odds(features)[:, 0].tolist()


def test_the_studys_own_seed_is_refused():
    study = load_study(STUDY)
    with pytest.raises(CaodianError, match="own run"):
        simulated_posts(study, 300, study.seed)


@pytest.mark.slow
def test_neither_the_development_nor_the_test_part_is_learnt():
    kept_out = set()
    for part in ("development", "test"):
        kept_out |= set(pl.read_ndjson(ROOT / f"data/coded/sample/{part}.jsonl")["text"])
    learnt = set(pl.read_ndjson(ROOT / SAMPLE)["text"])
    for path in (ROOT / WRITTEN).glob("*.jsonl"):
        learnt |= set(pl.read_ndjson(path)["text"])
    assert not kept_out & learnt
    assert len(kept_out) > 1_400


@pytest.mark.training
def test_shipped_weights_are_rebuilt_and_decide_alike(tmp_path, monkeypatch, assert_rebuilt):
    monkeypatch.chdir(ROOT)
    train_shipped().save(tmp_path)
    assert_rebuilt(tmp_path, _SHIPPED_WEIGHTS.parent, "coder*")
    posts = pl.read_ndjson("data/coded/sample/development.jsonl")
    rebuilt = ClassifierCoder(ClassifierModel.load(tmp_path / "coder.npz")).code(posts)
    shipped = ClassifierCoder().code(posts)
    decided = ["is_negative", "voice", "grievances", "sub_grievances"]
    assert rebuilt.select(decided).equals(shipped.select(decided))


class Fitted:
    """Says of each text in how many texts it was fitted; remembers them all."""

    fits: ClassVar[list[set[str]]] = []

    def __init__(self, texts, _seed):
        self.fits.append(set(texts["text"]))

    def negative_probabilities(self, texts):
        return pl.Series([float(len(self.fits))] * len(texts))


@pytest.fixture
def posts(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(coder, "fit_model", Fitted)
    Fitted.fits = []
    written = pl.read_ndjson("data/coded/written/e.jsonl").head(5).select("text", "writer")
    others = pl.read_ndjson("data/coded/written/f.jsonl").head(5).select("text", "writer")
    strange = pl.DataFrame({"text": ["从来没有人写过的一句话"], "writer": ["e"]})
    # In this process, where the stand-in stands.
    with parallel_config(backend="sequential"):
        yield pl.concat([written, others, strange])


@pytest.mark.slow
def test_no_model_saw_a_post_that_it_judges(posts):
    found = unseen_probabilities(posts)
    assert len(Fitted.fits) == 2
    for row, number in enumerate(found[:10].to_list()):
        assert posts["text"][row] not in Fitted.fits[int(number) - 1]


@pytest.mark.slow
def test_posts_of_one_writer_are_judged_by_one_model(posts):
    found = unseen_probabilities(posts)
    assert found[:5].n_unique() == found[5:10].n_unique() == 1
    assert found[0] != found[5]


@pytest.mark.slow
def test_posts_that_were_never_learnt_are_judged_by_the_shipped_model(posts):
    shipped = negative_probabilities(posts["text"][10:])
    assert unseen_probabilities(posts)[10] == shipped[0]


def test_posts_without_a_writer_go_by_blocks():
    posts = pl.DataFrame({"writer": [None] * (2 * BLOCK)}, schema={"writer": pl.String})
    assert folds_of(posts, 2).tolist() == [0] * BLOCK + [1] * BLOCK


# A second stage from an audit.


@pytest.fixture(scope="module")
def development():
    posts = pl.read_ndjson(ROOT / "data/coded/sample/development.jsonl").select("text", "channel")
    coded = combined_coder().code(posts)
    return posts, coded["is_negative"].to_numpy(), label_matrix(coded["grievances"], list(CODES))


def agreement(told, negative, codes):
    held = label_matrix(told["grievances"], list(CODES))
    return (told["is_negative"].to_numpy() == negative).mean(), (held == codes).all(axis=1).mean()


def test_where_the_coder_is_right_little_is_moved(development):
    posts, negative, codes = development
    learnt = learn_refit(posts, negative.astype(float), codes.astype(float))
    told = RefittedCoder(learnt.refit).code(posts)
    assert min(agreement(told, negative, codes)) > 0.97


def test_a_source_that_means_something_else_is_learnt_and_unseen_posts_gain(development):
    posts, negative, codes = development
    said = said_log_odds(combined_coder().code(posts)).codes
    there, place = codes.copy(), CODES.index("after_sales")
    there[:, place] = negative & (said[:, place] > -2.5)  # its readers are more lenient
    there[:, CODES.index("delivery")] = False  # and nobody complains of delivery
    seen, others = np.arange(0, posts.height, 2), np.arange(1, posts.height, 2)
    learnt = learn_refit(posts[seen], negative[seen].astype(float), there[seen].astype(float))
    gains = learnt.gains.set_index("target")
    assert list(gains.index) == ["negative", *CODES]
    assert gains.loc["after_sales", "kept"] and not gains.loc["delivery", "kept"]
    told = RefittedCoder(learnt.refit).code(posts[others])
    plain = combined_coder().code(posts[others])
    right = [
        (label_matrix(said["grievances"], list(CODES))[:, place] == there[others, place]).mean()
        for said in (plain, told)
    ]
    assert right[1] > right[0] + 0.03
    row = gains.loc["after_sales"]
    assert row["f1_refitted"] > row["f1"] and row["cases"] == there[seen, place].sum()


def test_the_same_posts_teach_the_same(
    development,
):
    posts, negative, codes = development
    once, again = (
        learn_refit(posts[:80], negative[:80].astype(float), codes[:80].astype(float)).refit
        for _ in range(2)
    )
    assert {k: v.tolist() for k, v in once.weights.items()} == {
        k: v.tolist() for k, v in again.weights.items()
    }
    assert once.posts == 80 and set(once.channels) <= set(posts["channel"][:80])


@pytest.mark.slow
def test_the_order_of_the_posts_plays_no_part(development):
    posts, negative, codes = development
    there = codes.copy()
    there[::3, CODES.index("price")] ^= negative[::3]  # something to learn, and noise
    table = posts.with_columns(
        author_key=pl.Series([f"a{row // 4}" for row in range(posts.height)])
    )
    found = []
    for order in (np.arange(200), np.arange(200)[::-1], np.random.default_rng(4).permutation(200)):
        learnt = learn_refit(
            table[order], negative[order].astype(float), there[order].astype(float)
        )
        found.append(
            (
                learnt.gains.to_csv(),
                learnt.refit.center.tolist(),
                {name: row.tolist() for name, row in learnt.refit.weights.items()},
            )
        )
    assert found[0] == found[1] == found[2]


def test_posts_of_one_text_family_or_author_stand_in_one_fold():
    posts = pl.DataFrame(
        {
            "text": ["a", "b", "c", "d", "e", "e", "f", "g"],
            "family_id": ["1", "1", "2", None, None, None, "3", None],
            "author_key": [None, "x", "x", "y", None, "y", None, None],
        }
    )
    assert coder._refit_groups(posts).tolist() == [0, 0, 0, 3, 3, 3, 6, 7]
    plain = coder._refit_groups(posts.select("text"))
    assert plain.tolist() == [0, 1, 2, 3, 4, 4, 6, 7]
    folds = coder._refit_folds(posts["text"], coder._refit_groups(posts))
    assert (folds[:, :3] == folds[:, :1]).all() and (folds[:, 3:6] == folds[:, 3:4]).all()
    many = coder._refit_folds(pl.Series([f"{n}" for n in range(1000)]), np.arange(1000))
    assert (np.array([np.bincount(fold) for fold in many]) > 150).all()
    assert len({tuple(fold) for fold in many.tolist()}) == len(many)


def test_a_gain_within_its_standard_error_is_none():
    alone = np.arange(100)
    noise = np.tile([1.0, -1.0], 50)  # a standard error of the sum of about 10
    assert not coder._is_sure(noise + 0.09, alone)
    assert coder._is_sure(noise + 0.12, alone)
    assert not coder._is_sure(noise + 0.0, alone) and not coder._is_sure(noise[:1] + 5, alone[:1])
    # Ten authors with ten posts each know less than a hundred.
    together = np.repeat(np.tile([1.0, -1.0], 5), 10) + 0.12
    assert not coder._is_sure(together, np.repeat(np.arange(10), 10))


def test_rare_targets_and_small_audits_teach_nothing(development):
    posts, negative, codes = development
    rare = np.zeros_like(codes)
    rare[:9, 0] = True
    learnt = learn_refit(posts[:200], negative[:200].astype(float), rare[:200].astype(float))
    assert not set(learnt.refit.weights) & set(CODES)
    with pytest.raises(CaodianError, match="50 audited posts"):
        learn_refit(posts[:49], negative[:49].astype(float), codes[:49].astype(float))


def test_the_ridge_is_the_one_of_scikit_learn_where_nothing_is_known_before():
    rng = np.random.default_rng(3)
    table = np.column_stack([np.ones(300), rng.normal(size=(300, 3))])
    held = (rng.random(300) < 1 / (1 + np.exp(-table @ [0.2, 1, -1, 0]))).astype(float)
    found = coder._fit_ridge(table, held, np.zeros(300))
    # Its penalty is the same for all columns: the constant is drawn as a large column.
    large = np.sqrt(coder._RIDGE / coder._RIDGE_OF_CONSTANT)
    columns = np.column_stack([table[:, 1:], np.full(300, large)])
    peer = LogisticRegression(C=1 / coder._RIDGE, fit_intercept=False, tol=1e-10)
    known = peer.fit(columns, held).coef_[0]
    assert found[1:] == pytest.approx(known[:3], abs=1e-3)
    assert found[0] == pytest.approx(large * known[3], abs=1e-3)


@pytest.mark.slow
def test_an_audit_becomes_a_coder_on_the_command_line(development, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    posts, negative, codes = development
    lists = [[c for c, h in zip(CODES, row, strict=True) if h] for row in codes]
    coded = posts.with_columns(
        pl.Series("post_id", [f"p{place}" for place in range(posts.height)]),
        pl.Series("is_negative", negative),
        pl.Series("grievances", lists, dtype=pl.List(pl.String)),
        pl.lit("consumer").alias("voice"),
    )
    draw_audit(coded, "audit", size=120, seed=4)
    fill("audit", coded, error=0.0, seed=1)
    posts.head(20).write_csv("posts.csv")
    for command in (
        ["train", "coder", "--from", "audit", "--out", "taught"],
        ["code", "posts.csv", "--coder", "taught", "--out", "coded.jsonl"],
    ):
        result = CliRunner().invoke(commands, command, catch_exceptions=False)
        assert result.exit_code == 0, result.output
    told = pl.read_ndjson("coded.jsonl", infer_schema_length=None)
    assert told.height == 20
    assert (told["is_negative"] == pl.Series(negative[:20])).mean() >= 0.9
    both = ["train", "coder", "--from", "audit", "--with", "posts.csv", "--out", "x"]
    with pytest.raises(CaodianError, match="--from and --with"):
        CliRunner().invoke(commands, both, catch_exceptions=False)


@pytest.mark.slow
def test_near_duplicates_of_an_audit_are_judged_by_models_that_saw_neither(
    development, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    posts, negative, _ = development
    long = posts.with_columns(is_negative=pl.Series(negative)).filter(
        pl.col("text").str.len_chars() > 60
    )
    texts = long["text"].head(40)
    coded = pl.concat([long.head(40), long.head(40).with_columns(text=texts + "哦")]).with_columns(
        pl.Series("post_id", [f"p{place}" for place in range(80)]),
        pl.lit([], dtype=pl.List(pl.String)).alias("grievances"),
        pl.lit("consumer").alias("voice"),
    )
    draw_audit(coded, "audit", size=80, seed=4)
    fill("audit", coded, error=0.0, seed=1)
    given = []

    def spied(posts, negative, codes):
        given.append(posts)
        return learn_refit(posts, negative, codes)

    monkeypatch.setattr(coder, "learn_refit", spied)
    command = ["train", "coder", "--from", "audit", "--out", "taught"]
    CliRunner().invoke(commands, command, catch_exceptions=False)
    family = dict(given[0].select("post_id", "family_id").iter_rows())
    pairs = [(f"p{place}", f"p{place + 40}") for place in range(40)]
    together = [family[one] == family[other] for one, other in pairs if {one, other} <= {*family}]
    assert len(together) >= 30 and all(together)
