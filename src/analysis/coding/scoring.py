"""From concepts found to probabilities: negative item, codes, voice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import logit

from analysis.coding.codebook import CODES
from analysis.coding.compiled_codebook import CompiledCodebook
from analysis.coding.features import CHANNELS, Features
from analysis.engine.compiled import lean
from analysis.frames import AnyFrame, as_lazy

# The stars of a review as evidence beside its words: likely, never decisive.
#
# What people rate and what they write agree mostly and not always: five stars stand above
# complaints about installation fees, one star above praise. So stars add log-odds of a bounded
# size to what the words say. A post without stars, or with a number that is no star, is judged
# by its words alone.

Posts = TypeVar("Posts", pl.DataFrame, pl.LazyFrame)
FloatArray = npt.NDArray[np.float64]

#: The column of `with_stars`: 1 to 5, null where nobody gave any that can be read.
STARS = "stars"
#: What `whole_stars` writes where there are none.
NO_STARS = "none"
#: Log-odds that stars add to "negative item", from one star to five: bounded, since they are no
#: label. How they were chosen: docs/method.md, "Stars".
NEGATIVE = (2.0, 1.5, 1.0, 0.0, -2.75)
#: Log-odds that they add to "a consumer speaks": sellers and adverts give themselves no few stars.
_CONSUMER = (4.0, 4.0, 2.0, 0.0, 0.0)
# Fewer ratings may all be equal by chance.
_MANY = 30
_WHOLE = (1.0, 2.0, 3.0, 4.0, 5.0)
_SCALES = (5.0, 10.0, 100.0)


class StarEvidence(NamedTuple):
    """Log-odds that stars add, one a post: to the negative item and to a consumer's voice."""

    negative: FloatArray
    consumer: FloatArray


def with_stars(posts: Posts) -> Posts:
    """Return posts with the column `STARS`; without ratings, or where it is there, unchanged.

    Examples
    --------
    >>> with_stars(pl.DataFrame({"rating": [5.0, 1.0, None, 4.87, 0.0]}))["stars"].to_list()
    [5.0, 1.0, None, None, None]
    >>> with_stars(pl.DataFrame({"rating": [10, 2]}))["stars"].to_list()
    [5.0, 1.0]
    """
    names = posts.collect_schema().names()
    if "rating" not in names or STARS in names:
        return posts
    return posts.with_columns(star_column(rating_scales(posts), names))


def rating_scales(posts: AnyFrame) -> pl.DataFrame:
    """Return the scale of each file's ratings: 5, 10 or 100 at best; null where they tell nothing.

    The highest rating of a file tells its scale. Many ratings that are all equal tell nothing: they
    are the shop's, or no stars.

    Parameters
    ----------
    posts
        Posts with ``rating`` and, where several files are in one table, ``source_file``.

    Returns
    -------
    pl.DataFrame
        `source_file, scale`, a row a file.

    Examples
    --------
    >>> posts = pl.DataFrame({"source_file": ["a", "a", "b"], "rating": [3.0, 9.0, 4.0]})
    >>> rating_scales(posts).rows()
    [('a', 10.0), ('b', 5.0)]
    """
    lazy = as_lazy(posts)
    if "source_file" not in lazy.collect_schema():
        lazy = lazy.with_columns(pl.lit(None, pl.String).alias("source_file"))
    rated = lazy.select(
        pl.col("source_file").cast(pl.String),
        pl.col("rating").cast(pl.Float64, strict=False).fill_nan(None),
    ).filter(pl.col("rating").is_not_null())
    seen = rated.group_by("source_file").agg(
        pl.col("rating").max().alias("most"),
        pl.col("rating").min().alias("least"),
        pl.len().alias("posts"),
    )
    scale = pl.coalesce(pl.when(pl.col("most") <= top).then(pl.lit(top)) for top in _SCALES)
    tells = (pl.col("posts") < _MANY) | (pl.col("most") > pl.col("least"))
    is_flag = (pl.col("most") <= 1) & (pl.col("least") < 1)
    return (
        seen.select("source_file", pl.when(tells & ~is_flag).then(scale).alias("scale"))
        .sort("source_file")
        .collect(engine="streaming")
    )


def star_column(scales: pl.DataFrame, columns: Sequence[str]) -> pl.Expr:
    """Return the expression of `STARS` from ``rating``, by the scales of `rating_scales`.

    Parts of a star other than a half are averages of many, and none.

    Examples
    --------
    >>> posts = pl.DataFrame({"rating": [10.0, 7.0, 3.3]})
    >>> posts.select(star_column(rating_scales(posts), posts.columns))["stars"].to_list()
    [5.0, 3.5, None]
    """
    rating = pl.col("rating").cast(pl.Float64, strict=False).fill_nan(None)
    if "source_file" in columns:
        file = pl.col("source_file").cast(pl.String)
        scale = file.replace_strict(
            scales["source_file"], scales["scale"], default=None, return_dtype=pl.Float64
        )
    else:
        scale = pl.lit(scales["scale"][0] if scales.height else None, pl.Float64)
    stars = rating * 5 / scale
    is_given = stars.is_between(1, 5) & ((2 * stars).round() == 2 * stars)
    # A hundred points are parts of stars by nature.
    is_given |= stars.is_between(1, 5) & (scale == 100)
    return pl.when(is_given).then(stars).alias(STARS)


def whole_stars() -> pl.Expr:
    """Return the expression of `STARS` as ``1`` to ``5``, halves counted up, else `NO_STARS`.

    Examples
    --------
    >>> pl.DataFrame({"stars": [4.5, 1.0, None]}).select(whole_stars())["stars"].to_list()
    ['5', '1', 'none']
    """
    whole = (pl.col(STARS) + 0.5).floor().cast(pl.Int8).cast(pl.String)
    return whole.fill_null(NO_STARS).alias(STARS)


def star_evidence(posts: pl.DataFrame, texts: pl.Series) -> StarEvidence:
    """Return what the stars of each post add; nothing to a text without a word."""
    if STARS not in posts.columns:
        return StarEvidence(np.zeros(posts.height), np.zeros(posts.height))
    has_words = texts.str.contains(r"\pL").fill_null(False)
    # What a user's table calls so may be anything.
    told = posts[STARS].cast(pl.Float64, strict=False).fill_nan(None)
    stars = told.set(~(has_words & told.is_between(1, 5)), None).to_numpy()
    given = ~np.isnan(stars)
    negative, consumer = (
        np.where(given, np.interp(np.where(given, stars, 1.0), _WHOLE, added), 0.0)
        for added in (NEGATIVE, _CONSUMER)
    )
    return StarEvidence(negative, consumer)


# Whether a post is about goods, sellers or services at all.
#
# Weights are learnt from posts that mostly are, and in a post that is not any mood looks like a
# complaint. Places where people post of everything need a word of trade; where only customers
# write, it goes without saying, and more of the posts are complaints. Where the place is not known,
# most of it holds.

#: Log-odds that the place adds: to a negative item with a word of trade and without one, and to
#: each code of one. Customers name the fault in a word or two, and weights ask for more.
#: How they were chosen: docs/method.md, "Sentiment and coding".
_PLACES = {
    "app_store": (0.6, 0.6, 1.2),
    "complaint": (0.4, 0.4, 0.0),
    "douyin": (0.7, -0.3, 0.0),
    "forum": (-0.2, -2.2, 0.0),
    "hotline": (0.6, 0.6, 0.0),
    "live_room": (0.7, 0.7, 0.0),
    "review": (0.3, 0.3, 1.2),
    "weibo": (-0.35, -3.75, 0.0),
    "xiaohongshu": (0.7, -1.8, 0.0),
}
_ELSEWHERE = (-0.3, -2.7, 0.5)
#: A grievance is of trade in whatever words: of its likeliest code's log-odds, what is above the
#: first, so many times, gives back what a post without a word of trade has lost.
_SURE_CODE, _GIVEN_BACK = 1.0, 2.0
#: What real posts add to that, in the order of `CODES`: in a shop and in a forum of cars they speak
#: of goods oftener than the posts that were learnt, in an app store of an app.
_SPOKEN_OF: dict[str, tuple[float, ...]] = {
    "app_store": (-0.4, -0.5, -0.9, -0.6, -0.3, -0.9, -1.0, -1.0, -1.9),
    "forum": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.1),
    "review": (-0.7, 0.4, -0.4, -0.3, 1.0, -1.0, -0.8, -0.1, 0.9),
}
_SPOKEN_OF_ELSEWHERE = (-0.4, 0.4, 0.0, -0.2, 0.0, -0.4, -0.3, 0.0, 0.7)
_OF_TRADE = ("trade", "strong_trade")
_OF_CUSTOMERS = ("app_store", "review")
#: The rules are a second witness: weights learnt hard written posts, in which rules often err, and
#: real ones are plainer. Their logits of a negative item between which, and what these add; in
#: forums, on Weibo and where the place is not known, beside a word of trade alone.
_WITNESS = {
    "app_store": ((-1.0, 3.0), (-0.3, 1.5)),
    "forum": ((-1.0, 3.0), (-0.3, 1.5)),
    "review": ((-1.0, 3.0), (-0.3, 1.5)),
    "weibo": ((1.0, 3.0), (-0.3, 1.4)),
}
_WITNESS_ELSEWHERE = ((0.0, 3.0), (-0.3, 1.5))
_NO_WITNESS = ((0.0, 1.0), (0.0, 0.0))
#: The same of codes, where reviews stand and where the place is not known: what the rules' logits
#: of a code, from the least to the most, add to it.
_CODE_WITNESS = {
    "live_streaming": (-1.0, 1.0),
    "price": (0.0, 1.0),
    "sms_harassment": (-1.0, 1.0),
    "red_envelope": (-1.0, 1.0),
    "counterfeit": (-1.0, 2.0),
    "unfair_terms": (-1.0, 1.0),
    "delivery": (-0.8, 0.0),
    "after_sales": (-1.5, 1.5),
    "product_quality": (-0.3, 0.5),
}
_SUREST_RULES = 3.9
#: Fees and broken promises are told as facts and beside praise: what these rules, which fire on
#: next to nobody who is content, add to a negative item where customers write.
_TOLD_RULES = (
    "arrived_damaged",
    "bad_service",
    "dropped_after_purchase",
    "gift_withheld",
    "installation_charged",
    "protection_denied",
    "refund_refused",
    "went_lost",
)
_TOLD = 1.0
#: Written posts taught the weights to doubt them, and real reviews mean what they say: what these
#: rules add to delivery where customers write.
_SENT_RULES = ("arrived_damaged", "not_to_the_door", "went_lost", "wrong_goods")
_SENT = 2.0
#: There the weights give product quality to whoever is angry at goods: what it loses where rules
#: see no fault of them, their logit below the first, beside a code above the second.
_UNSEEN, _BESIDE, _UNSEEN_LOSES = -1.0, 1.0, 1.5
#: Who has not used it yet, or means to judge later, has nothing to complain of, where rules see no
#: grievance beside it, nor has who praises in a dozen characters (零差评): what that adds where
#: customers write and where the place is not known.
_NOT_YET_RULES = ("judges_later",)
_NOT_YET = -2.0
#: 发错货了 says all in four characters, of which the weights know little. In a text so short, which
#: neither asks nor praises, rules that see a grievance so surely, by themselves and with the
#: sentiment, add this; where people post of everything, beside a plain word of trade alone.
_TERSE, _SURE_RULES, _LEAST_RULES = 24, 1.0, -0.5
#: Among reviews, whose weights know such words, less.
_TERSE_ADDS, _TERSE_REVIEW_ADDS = 4.0, 2.0
_NOT_PLAIN = (
    "ad_action", "civic", "hypothetical", "news_frame", "praise", "question", "question_mark",
    "resolved", "rhetorical",
)  # fmt: skip
#: In a dozen characters these say it however they sound: nobody content writes 不是正品, 货不对板.
_TERSEST, _NAMED_ADDS = 12, 5.0
_NAMED = ("goods_differ", "names_grievance", "sold_fake", "wrong_goods")
#: And so does a text of nothing but a verdict.
_VERDICT = (
    r"^\W*(?:太坑了?|坑|骗人的?|骗子|(?:上当|被[坑骗]|踩雷|踩坑)了?|智商税|垃圾|垃圾[产商货]品?|[很太真]差劲?了?|差劲"
    "|不推荐|不值|不满意|退钱|避雷|负分|[0零]分|一星都?嫌?多?|坏的|有异味|难用|不好用|价格虚高|别买)"
    r"\W*$"
)
#: What such a text adds to each code that rules surely see; among reviews the weights know it.
_TERSE_CODE = 3.0
#: What a dozen characters without a word of these rarer codes says of them is chance: 骗子 stood in
#: some texts on messages, 扫码 in some on fakes. What it takes off where no rule gives the code.
_RARER = ("sms_harassment", "red_envelope", "counterfeit", "unfair_terms")
_UNNAMED_LOSES = 5.0
#: Adverts are terse too, but do not say this: what it adds to a consumer's voice.
_TERSE_SPEAKER = 4.0
_ASKS = "怎|哪|什么[是叫]|为(?:什么|啥|何)|能不能|是不是|可以|ma$|[?？]"
#: 没骗人, 不怕买到假货 and 没有异味 deny the grievance whose words they hold.
#: In a dozen characters without anger that is praise: what it adds where customers write and where
#: the place is not known.
_DENIED, _CROSS = -4.0, ("anger", "contrast", "disappointment", "no_longer")
_DENIES = (
    "(?:没有?|不会?|从不|从没|毫?无|零)(?:乱|被|再|多|任何|一点)?(?:骗|坑|垃圾|少发|漏发|错发|发错|坏|漏|破|碎|烂|异味"
    "|色差|假|套路|瑕疵|掉|卡|磨|臭|贵|难|忽悠|推诿|推脱|拖)|不(?:用|必)?(?:怕|担心)"
    "|^放心|[很超请得]放心|放心(?:买|购|用|吃|入|下单)"
)
#: The sentiment learnt from real reviews, so among reviews it is a witness too: how much of its
#: log-odds counts.
_FEELING = {"review": 0.4}
#: And so is what real posts alone taught of the negative item: how much of its log-odds counts.
#: It learnt next to no app and no complaint on Weibo.
_REAL = {"forum": 0.4, "review": 0.4}
_REAL_ELSEWHERE = 0.2
#: Hardly anybody but customers writes where they do: what that adds to a consumer's voice.
_CUSTOMER = 2.0


class PlaceEvidence(NamedTuple):
    """Log-odds that places add: to the negative item and to a consumer, and ``posts x codes``."""

    negative: FloatArray
    codes: FloatArray
    consumer: FloatArray


def place_evidence(  # noqa: PLR0917 - all that speaks of a post
    compiled: CompiledCodebook,
    features: Features,
    by_rules: FloatArray,
    codes: FloatArray,
    sentiment: FloatArray,
    real: FloatArray,
) -> PlaceEvidence:
    """Return what each post's place adds."""
    added = np.array([_ELSEWHERE, *(_PLACES[place] for place in CHANNELS)])[features.channel]
    of_trade = features.hold(_numbers(compiled, _OF_TRADE))
    least, most, low, high = _WITNESSES[features.channel].T
    share = np.clip((by_rules[:, 0] - least) / (most - least), 0.0, 1.0)
    witness = np.where(of_trade | _REVIEWS[features.channel], low + (high - low) * share, 0.0)
    given_back = _GIVEN_BACK * np.maximum(codes.max(axis=1) - _SURE_CODE, 0.0)
    without = np.minimum(added[:, 1] + given_back, np.maximum(added[:, 1], 0.0))
    negative = np.where(of_trade, added[:, 0], without) + witness
    told = features.hold(_numbers(compiled, _TOLD_RULES))
    negative += np.where(told & _REVIEWS[features.channel], _TOLD, 0.0)
    negative += _is_content(compiled, features, by_rules)
    terse = _says_plainly(compiled, features, by_rules, sentiment)
    negative += terse
    negative += _FEELINGS[features.channel] * sentiment + _REALS[features.channel] * real
    of_codes = np.empty((len(negative), len(CODES)))
    _add_codes(by_rules, features.channel, _OF_CODES, _ASKED, _LEAST_CODES, _MOST_CODES, of_codes)
    seen = by_rules[:, 1 : 1 + len(CODES)] > _SURE_RULES
    named = (terse > 0) & ~_REVIEWS[features.channel]
    of_codes += np.where(seen & named[:, None], _TERSE_CODE, 0.0)
    _tell_apart(compiled, features, by_rules, codes, of_codes)
    _ask_for_words(features, by_rules, of_codes)
    speaker = np.where(terse > 0, _TERSE_SPEAKER, 0.0)
    speaker += np.where(_REVIEWS[features.channel], _CUSTOMER, 0.0)
    return PlaceEvidence(negative, of_codes, speaker)


def _numbers(compiled: CompiledCodebook, names: Sequence[str]) -> list[int]:
    return [compiled.numbers[name] for name in names]


def _is_content(compiled: CompiledCodebook, features: Features, by_rules: FloatArray) -> FloatArray:
    """Return what it adds that nothing is complained of: judged later, praised or denied."""
    is_short = (features.texts.str.len_chars() <= _TERSEST).to_numpy()
    calm = features.hold(_numbers(compiled, _NOT_YET_RULES))
    calm |= is_short & features.hold([compiled.numbers["only_praise"]])
    calm &= by_rules[:, 1 : 1 + len(CODES)].max(axis=1) < 0
    rows = np.flatnonzero(is_short & ~features.hold(_numbers(compiled, _CROSS)))
    denies = np.zeros(len(is_short), bool)
    denies[rows] = features.texts.gather(rows).str.contains(_DENIES).to_numpy()
    added = np.where(calm, _NOT_YET, 0.0) + np.where(denies, _DENIED, 0.0)
    return np.where(_ASKED[features.channel], added, 0.0)


def _says_plainly(
    compiled: CompiledCodebook, features: Features, by_rules: FloatArray, sentiment: FloatArray
) -> FloatArray:
    """Return what a grievance in a few plain words adds, one a post."""
    of_trade = features.hold([compiled.numbers["strong_trade"]]) & (by_rules[:, 0] > _SURE_RULES)
    plain: npt.NDArray[np.bool_] = (of_trade | _ASKED[features.channel]) & (
        by_rules[:, 0] > _LEAST_RULES
    )
    with_feeling = by_rules[:, 0] + sentiment
    plain &= with_feeling > np.where(_REVIEWS[features.channel], 0.0, _SURE_RULES)
    of_code = by_rules[:, 1 : 1 + len(CODES)].max(axis=1) > _SURE_RULES
    plain &= of_code | features.hold([compiled.numbers["warns_off"]])
    named = features.hold(_numbers(compiled, _NAMED))
    lengths = features.texts.str.len_chars().to_numpy()
    # Patterns are asked of few texts: a verdict of short ones, the others of likely ones.
    likely = np.flatnonzero(_ASKED[features.channel] & (lengths <= _TERSEST))
    named[likely] |= features.texts.gather(likely).str.contains(_VERDICT).to_numpy()
    outspoken = ~features.hold(_numbers(compiled, _NOT_PLAIN))
    longest = np.where(plain, _TERSE, _TERSEST)
    rows = np.flatnonzero((plain | named) & outspoken & (lengths <= longest))
    texts = features.texts.gather(rows)
    short = ~texts.str.contains(_ASKS) & ~texts.str.contains(_DENIES)
    of_place = np.where(_REVIEWS[features.channel[rows]], _TERSE_REVIEW_ADDS, _TERSE_ADDS)
    added = np.zeros(len(plain))
    added[rows] = short.to_numpy() * np.where(named[rows], _NAMED_ADDS, of_place)
    return added


def _tell_apart(
    compiled: CompiledCodebook,
    features: Features,
    by_rules: FloatArray,
    codes: FloatArray,
    of_codes: FloatArray,
) -> None:
    """Add, where customers write, what tells delivery and product quality from their neighbours."""
    delivery, quality = CODES.index("delivery"), CODES.index("product_quality")
    asked = _REVIEWS[features.channel]
    sent = features.hold(_numbers(compiled, _SENT_RULES))
    of_codes[:, delivery] += np.where(sent & asked, _SENT, 0.0)
    others = np.delete(codes + of_codes, quality, axis=1).max(axis=1) > _BESIDE
    unseen = asked & others & (by_rules[:, 1 + quality] < _UNSEEN)
    of_codes[:, quality] -= np.where(unseen, _UNSEEN_LOSES, 0.0)


def _ask_for_words(features: Features, by_rules: FloatArray, of_codes: FloatArray) -> None:
    """Take off, in the shortest texts, what speaks for rarer codes of which no word is there."""
    short = (features.texts.str.len_chars() <= _TERSEST).to_numpy()
    for place in map(CODES.index, _RARER):
        unnamed = short & (by_rules[:, 1 + place] < _UNSEEN)
        of_codes[:, place] -= np.where(unnamed, _UNNAMED_LOSES, 0.0)


@lean
def _add_codes(  # noqa: PLR0917 - a compiled loop
    by_rules: FloatArray,
    channel: npt.NDArray[np.int32],
    of_place: FloatArray,
    asked: npt.NDArray[np.bool_],
    least: FloatArray,
    most: FloatArray,
    of_codes: FloatArray,
) -> None:
    """Write what the place and the rules' logits of each code add to it."""
    for post in range(of_codes.shape[0]):
        place = channel[post]
        for code in range(of_codes.shape[1]):
            added = of_place[place, code]
            if asked[place]:
                surely = min(max(by_rules[post, 1 + code] / _SUREST_RULES, -1.0), 1.0)
                added += least[code] + (most[code] - least[code]) * (1 + surely) / 2
            of_codes[post, code] = added


def _code_evidence() -> FloatArray:
    """Return what each place of `CHANNELS`, behind any other one, adds to each code."""
    none = (0.0,) * len(_SPOKEN_OF_ELSEWHERE)
    rows: list[tuple[float, tuple[float, ...]]] = [(_ELSEWHERE[2], _SPOKEN_OF_ELSEWHERE)]
    rows += [(_PLACES[place][2], _SPOKEN_OF.get(place, none)) for place in CHANNELS]
    return np.array([[of_all + of_code for of_code in of_codes] for of_all, of_codes in rows])


_OF_CODES = _code_evidence()
_LEAST_CODES, _MOST_CODES = np.array([_CODE_WITNESS[code] for code in CODES]).T
_ASKED = np.array([True, *(place in _OF_CUSTOMERS for place in CHANNELS)])
_REVIEWS = np.array([False, *(place in _OF_CUSTOMERS for place in CHANNELS)])
_FEELINGS = np.array([0.0, *(_FEELING.get(place, 0.0) for place in CHANNELS)])
_REALS = np.array([_REAL_ELSEWHERE, *(_REAL.get(place, 0.0) for place in CHANNELS)])
_WITNESSES = np.array(
    [np.ravel(_WITNESS_ELSEWHERE), *(np.ravel(_WITNESS.get(p, _NO_WITNESS)) for p in CHANNELS)]
)


# Who speaks is evidence too: contact details or the tone of news make a complaint look like an
# advert or a report, and adverts and reports speak of complaints. What a lead of another voice
# over the consumer's takes off the log-odds of a negative item, and at most.
_VOICE, _MOST_DOUBT = 1.0, 3.0


def doubt_voice(scores: Scores, on_behalf: npt.NDArray[np.bool_]) -> Scores:
    """Return scores in which voice and negative item agree.

    The more surely somebody else than a consumer speaks, the more must speak for a complaint; where
    that much does, a consumer speaks.
    """
    most = scores.voice.max(axis=1)
    doubt = np.minimum(_VOICE * (most - scores.voice[:, 0]), _MOST_DOUBT)
    negative = scores.negative - np.where(on_behalf, 0.0, doubt)
    voice = scores.voice.copy()
    voice[:, 0] = np.where((negative > 0) & ~on_behalf, most, voice[:, 0])
    return Scores(negative, voice, scores.labels)


# Letters of citizens to those in office, and what a hotline noted of a call, have the tone of a
# report and are the writer's own voice. Who answers them has looked into it, or names his house.
_OF_LETTERS = np.array([False, *(place in ("complaint", "hotline") for place in CHANNELS)])
_LETTER = 12.0
_OFFICE = "(?:领导|书记|[市县区镇省州]长|局长|厅长|主任|部长|主席|[市县]委|政府)"
_CITIZEN = (
    rf"^\s*尊敬的.{{0,14}}{_OFFICE}"
    "|我(?:[^们方司局所店校单公市县区院台厂中处部会园社馆行村国省]|$)"
    "|我们(?:[^会将已公的店]|$)|本人[^申签或的身到可须持]|恳请"
    "|(?:[恳请]求|[希盼]?望|请问?)(?:政府|领导|有关|相关|各级|贵|您|上级)"
    "|(?:市民|居民|群众|村民|来电人|诉求人|投诉人|反映人|来信人)[^，。]{0,8}(?:反映|求助|咨询)"
)
# What a letter begins with: what it asks for, whom it greets, or a heading that says so.
_ASKING = (
    r"^\W*(?:实名|再次|紧急|强烈)?(?:投诉|举报|检举|咨询|求助|请[^假柬]|恳|要求|建议|反映|呼吁|希望|盼|质疑|为什么|为何)"
    rf"|^.{{0,40}}{_OFFICE}[,，:：]?\s*(?:您|你们)?(?:好|[:：])"
    r"|^[^。？！]{0,40}(?:建议|诉求|请求|投诉|举报|求助|咨询|疑问|怎么办|何时|什么时候|多久|[吗呢])[。？！?!]"
    r"|^[^。？！]{0,40}[？?]|^[^。]{0,40}(?:[无没]人管|不作为|不理|扰民|何时休|乱收费|侵[犯害]|欺骗)"
)
_ANSWERING = (
    "经(?:核|查|调查|了解|与)|已(?:转|受理|收悉|联系|责|办结|为您|告知|向|依法|组织|全部|退|完成)"
    "|(?:答复|回复|办理结果)(?:如下|您|[：:])|[您你](?:所|们)?(?:反映|提出|投诉|咨询|举报|来电)"
    "|感谢(?:[您你]|信任|大家)|[我本](?:方|司|局|所|店|单位|中心|公司|平台|院|台|委|会|协会)"
    "|特此|现[将就]|温馨提示|提醒|歉|^亲|记者|各位(?:[^领]|$)|(?:业主|家长|居民)们?[好：:]"
    "|尊敬的(?:会员|业主|用户|学员|客户|顾客|旅客|家长|居民|市民)"
)
# Who answers says so at once, while letters quote answers later on.
_HEAD = 100


def letter_evidence(features: Features) -> FloatArray:
    """Return what a letter or call to those in office adds to a consumer's voice, one a post."""
    added = np.zeros(len(features.channel))
    rows = np.flatnonzero(_OF_LETTERS[features.channel])
    if rows.size:
        texts = features.texts.gather(rows)
        answers = texts.str.slice(0, _HEAD).str.contains(_ANSWERING)
        asks = texts.str.contains(_CITIZEN) | texts.str.contains(_ASKING)
        added[rows] = _LETTER * (asks & ~answers).to_numpy()
    return added


# Who looks for others whom a shop wronged leaves a number or a group, as adverts do, and complains.
_VICTIM = 5.0


def victim_evidence(compiled: CompiledCodebook, features: Features) -> FloatArray:
    """Return what a search for fellow victims adds to a consumer's voice, one a post."""
    held = features.hold([compiled.numbers["victims_gather"]])
    return np.where(held, _VICTIM, 0.0)


# From concepts found to log-odds and probabilities.

_BIAS = -2.2
_CONSUMER_HEAD_START = 1.6


class Scores(NamedTuple):
    """Per post: logit of a negative item, logits of the voices, probability of each label."""

    negative: FloatArray
    voice: FloatArray
    labels: FloatArray

    def with_consumer(self, added: FloatArray) -> Scores:
        """Return the scores with log-odds added to the consumer's voice."""
        voice = self.voice.copy()
        voice[:, 0] += added
        return Scores(self.negative, voice, self.labels)

    def with_stars(self, stars: StarEvidence) -> Scores:
        """Return the scores with what stars add to the negative item and to the consumer."""
        return self.with_consumer(stars.consumer)._replace(negative=self.negative + stars.negative)


@lean
def _accumulate(  # noqa: PLR0917 - a compiled loop
    starts: npt.NDArray[np.int64],
    found: npt.NDArray[np.int32],
    negative: FloatArray,
    voice: FloatArray,
    strengths: FloatArray,
    sums: FloatArray,
    voices: FloatArray,
    misses: FloatArray,
    is_rule: npt.NDArray[np.bool_],
) -> None:
    for post in range(starts.size - 1):
        for item in range(starts[post], starts[post + 1]):
            concept = found[item]
            if not is_rule[concept]:
                continue
            sums[post] += negative[concept]
            for speaker in range(voice.shape[1]):
                voices[post, speaker] += voice[concept, speaker]
            for label in range(strengths.shape[1]):
                misses[post, label] *= 1.0 - strengths[concept, label]


def score_posts(
    compiled: CompiledCodebook,
    starts: npt.NDArray[np.int64],
    found: npt.NDArray[np.int32],
    prior: FloatArray,
) -> Scores:
    """Combine the concepts of each post."""
    n_posts = starts.size - 1
    negative = prior + _BIAS
    voice = np.zeros((n_posts, compiled.voice.shape[1]))
    voice[:, 0] = _CONSUMER_HEAD_START
    misses = np.ones((n_posts, len(compiled.labels)))
    _accumulate(
        starts, found, compiled.negative, compiled.voice, compiled.strengths,
        negative, voice, misses, compiled.is_rule,
    )  # fmt: skip
    return Scores(negative, voice, 1.0 - misses)


# The sentiment's opinion of a post, as a logit.

_COLUMN = "negative_probability"
# No sentiment may outvote three rules.
_LEAST, _MOST = 0.03, 0.97
_FARTHEST = 3.4760986898352733  # the logit of _MOST


def negative_logits(posts: pl.DataFrame, texts: pl.Series) -> FloatArray:
    """Return the logit of ``negative_probability``, computed where the column is missing.

    Nulls and extremes are drawn in.

    Examples
    --------
    >>> frame = pl.DataFrame({"text": ["好"], "negative_probability": [0.5]})
    >>> negative_logits(frame, frame["text"]).tolist()
    [0.0]
    """
    given = given_logits(posts)
    if given is not None:
        return given
    from analysis.sentiment.linear import negative_probabilities

    return _logits(negative_probabilities(texts))


def given_logits(posts: pl.DataFrame) -> FloatArray | None:
    """Return the logits of the column, None where there is none or it holds other things."""
    if _COLUMN not in posts.columns:
        return None
    given = posts[_COLUMN].cast(pl.Float64, strict=False)
    return _logits(given) if given.null_count() == posts[_COLUMN].null_count() else None


def clip_log_odds(log_odds: FloatArray) -> FloatArray:
    """Return log-odds of the sentiment without extremes."""
    return np.clip(log_odds, -_FARTHEST, _FARTHEST)


def _logits(probability: pl.Series) -> FloatArray:
    values = np.clip(probability.fill_null(0.5).fill_nan(0.5).to_numpy(), _LEAST, _MOST)
    result: FloatArray = logit(values)
    return result
