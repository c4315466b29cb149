"""From facts to a text: which sentences a post has, and how its writer joins and dresses them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from analysis.simulate.days import Draws, Stratum
from analysis.simulate.scenario import Scenario, named_in
from analysis.yaml_text import read_yaml

# How people type: slips, Traditional characters, and words broken up to slip past a filter.


@cache
def _tables() -> dict[str, list[list[str]]]:
    """Read the tables of spellings, a list of words a line."""
    source = files("analysis.simulate") / "spelling.yaml"
    content = read_yaml(source.read_text(encoding="utf-8"))
    return {name: [line.split() for line in text.splitlines()] for name, text in content.items()}


@cache
def _traditional() -> dict[int, str]:
    pairs = [pair for line in _tables()["traditional"] for pair in line]
    return {ord(pair[0]): pair[1] for pair in pairs}


def slip(text: str, draws: Draws) -> str:
    """Make one typing slip, if the text holds a word that invites it."""
    slips = _tables()["slips"]
    start = draws.below(0, len(slips))
    for place in range(start - len(slips), start):
        right, wrong = slips[place]
        if right in text:
            return text.replace(right, wrong, 1)
    return text


def _evade(text: str, draws: Draws) -> str:
    """Break up the words that a filter may look for, each in one way all through the text."""
    for word, *ways in _tables()["evasions"]:
        if word in text and draws.chance(0.6):
            text = text.replace(word, draws.pick(ways))
    return text


def scatter(text: str, draws: Draws) -> str:
    """Put marks between the characters, as floods do to look different each time."""
    mark = draws.pick((".", "·", " ", "☞", "✨", "~", "丶", "❤"))
    step = draws.below(2, 6)
    return mark.join(text[n : n + step] for n in range(0, len(text), step))


def _to_traditional(text: str) -> str:
    """Write with Traditional characters, as far as the table of common ones reaches."""
    return text.translate(_traditional())


# Chance that a post of a register has: background, the shop's answer, a feeling, an ending.
_EXTRAS = {
    "weibo": (0.30, 0.22, 0.42, 0.22),
    "complaint": (0.45, 0.55, 0.12, 0.0),
    "review": (0.25, 0.14, 0.34, 0.12),
    "app": (0.12, 0.10, 0.42, 0.10),
    "live": (0.05, 0.03, 0.20, 0.05),
    "short": (0.10, 0.06, 0.30, 0.06),
}
# Share of writers of a register who go on beyond the matter, and the most sentences they add.
_LONGER = {
    "weibo": (0.62, 24), "complaint": (0.80, 24), "review": (0.55, 20), "app": (0.34, 12),
    "live": (0.02, 1), "short": (0.25, 4),
}  # fmt: skip
# How a writer ends a sentence, and with what the commas inside are replaced.
_STYLES = (
    *[("。", "，")] * 8, *[("，", "，")] * 6, (" ", " "), (" ", "，"), (" ", "，"), ("！", "，"),
    ("！", "，"), ("！！！", "，"), ("…", "，"), ("。。。", "，"), ("\n", "，"), (",", ","),
    ("~", "，"),
    ("", ""), ("!", " "), (".", ","),
)  # fmt: skip
# Share of posts of a register that end with an emoji; forms and most reviews have none.
_EMOJI = {"weibo": 0.2, "live": 0.2, "short": 0.2, "review": 0.03, "app": 0.05, "complaint": 0.0}
_STOPS = "！？!?。…~，,."
# Chance that a small word joins a sentence to the one before.
_LINKED = 0.3
_PRINTED = ("news", "official")
# Kinds of harmless posts whose writers tell several things in one post.
_GO_ON = ("praise", "sharing", "chatter", "advice", "news", "joke", "advert")
_FORMAL_STYLES = (("。", "，"), ("。", "，"), ("；", "，"), ("，", "，"), ("\n", "，"))


class Written(NamedTuple):
    """A finished text and what it holds."""

    title: str | None
    text: str
    platforms: list[str]
    planted: list[tuple[str, str]]
    difficulty: str


def write_post(scenario: Scenario, stratum: Stratum) -> Written:
    """Write the post that a stratum asks for, in the register of the scenario."""
    if stratum.is_negative:
        sentences = _grievance(scenario, stratum)
    else:
        sentences = _harmless(scenario, stratum.harmless or "chatter")
    if scenario.platform is not None and stratum.platform and not scenario.named:
        sentences.insert(0, scenario.say("naming"))
    quoted = _quoted(scenario, stratum)
    joined = _join(scenario, sentences, printed=stratum.harmless in _PRINTED)
    text, dress = _dress(scenario, stratum, joined)
    title = None
    if _has_title(scenario):
        title = scenario.say("title_bad" if stratum.is_negative else "title_any")
    whole = scenario.settle(text + quoted)
    return Written(
        None if title is None else scenario.settle(title),
        whole,
        named_in(f"{title or ''} {whole}", scenario.named),
        scenario.planted,
        "hidden" if scenario.is_hidden else dress,
    )


def _grievance(scenario: Scenario, stratum: Stratum) -> list[str]:
    """Tell every label of the stratum, with what stands around it."""
    chance, register = scenario.draws.chance, scenario.register
    background, answer, feeling, ending = _EXTRAS[register]
    core = _core(scenario, stratum)
    # Only a purchase has goods and a shop that answers; a spam SMS or a bad dinner has not.
    about = "" if _is_purchase(stratum) else "_plain"
    before = [scenario.say("background" + about)] if chance(background) else []
    after = [scenario.say("answer")] if chance(answer) and not about else []
    further = ("more_formal" if register == "complaint" else "more") + about
    after += [scenario.say_new(further) for _ in range(_sentences_more(scenario, further))]
    if chance(feeling):
        felt = scenario.say("feeling")
        if chance(0.3):
            before.insert(0, felt)
        else:
            after.append(felt)
    if chance(ending):
        after.append(scenario.say("ending"))
    if register == "complaint":
        return [
            scenario.say("form_opening" + about),
            *before,
            *core,
            *after,
            scenario.say("form_demand"),
        ]
    return [*before, *core, *after]


def _is_purchase(stratum: Stratum) -> bool:
    others = ("price.price_surge", "sms_harassment", "red_envelope")
    return bool(stratum.labels) and not stratum.labels[0].startswith(others)


def _core(scenario: Scenario, stratum: Stratum) -> list[str]:
    whole = "g_" + "+".join(stratum.labels)
    if not stratum.labels:
        return [scenario.say("g_uncoded")]
    if len(stratum.labels) > 1 and whole in scenario.grammar.pools and scenario.draws.chance(0.6):
        return [scenario.say(whole)]
    core: list[str] = []
    for label in stratum.labels:
        if label == "live_streaming" and len(stratum.labels) > 1:
            core.insert(0, scenario.say("live_context"))
        else:
            core.append(scenario.say("g_" + label))
    if len(core) > 1 and scenario.draws.chance(0.3):
        core[-1] = scenario.say("besides") + core[-1]
    return core


def _harmless(scenario: Scenario, kind: str) -> list[str]:
    chance = scenario.draws.chance
    sentences = [scenario.say_new("h_" + kind)]
    more = "h_" + kind + "_more"
    if more not in scenario.grammar.pools:
        return sentences
    again = "h_" + kind if kind in _GO_ON else more
    for _ in range(_sentences_more(scenario, more)):
        sentences.append(scenario.say_new(again if chance(0.4) else more))
    return sentences


def _sentences_more(scenario: Scenario, pool: str) -> int:
    """Draw how much longer a writer goes on: mostly little, now and then very long."""
    share, most = _LONGER[scenario.register]
    drawn = scenario.draws.uniform()
    if drawn >= share:
        return 0
    common = scenario.grammar.wordings(pool)
    most = min(most, (len(common.open) + len(common.hidden)) // 2)
    return min(most, int((drawn / share + 1e-6) ** -0.8))


def _quoted(scenario: Scenario, stratum: Stratum) -> str:
    """Hang the words of earlier writers behind the post, as Weibo does."""
    if scenario.register != "weibo":
        return ""
    if stratum.harmless == "quoting":
        return _chain(scenario, scenario.say("quoted_bad"))
    if scenario.draws.chance(0.05) and stratum.harmless not in ("advert", "news", "official"):
        return _chain(scenario, scenario.say("quoted_any"))
    return ""


def _chain(scenario: Scenario, last: str) -> str:
    links: list[str] = []
    while scenario.draws.chance(0.3) and len(links) < 4:
        links.append(
            f"//{scenario.plant('handle')}{scenario.draws.pick('：:')}{scenario.say('chain_word')}"
        )
    return "".join(links) + f"//{scenario.plant('handle')}{scenario.draws.pick('：:')}{last}"


def _has_title(scenario: Scenario) -> bool:
    if scenario.register == "app":
        return True
    return scenario.register == "complaint" and scenario.draws.chance(0.7)


def _join(scenario: Scenario, sentences: list[str], *, printed: bool) -> str:
    """Join sentences in a writer's own manner: stops, commas, and small words between them."""
    formal = printed or scenario.register == "complaint"
    uniform = scenario.draws.uniform
    stop, comma = scenario.draws.pick(_FORMAL_STYLES if formal else _STYLES)
    link = "link_formal" if formal else "link"
    text = sentences[0]
    for sentence in sentences[1:]:
        word = scenario.say(link) if uniform() < _LINKED else ""
        text += ("" if text[-1:] in _STOPS else stop) + word + sentence
    if comma != "，":
        text = text.replace("，", comma)
    if uniform() < 0.62 and stop.strip() and text[-1:] not in _STOPS:
        text += stop.strip()
    return text


def _dress(scenario: Scenario, stratum: Stratum, text: str) -> tuple[str, str]:
    """Add what a writer adds without thinking: slips, tags, emoji; tell how hard that makes it."""
    draws, register = scenario.draws, scenario.register
    uniform = draws.uniform
    printed = stratum.harmless in _PRINTED
    dress = "plain"
    if not printed and register != "complaint":
        if uniform() < 0.10:
            text = slip(text, draws)
        if uniform() < 0.07 * scenario.difficulty:
            changed = _evade(text, draws)
            dress = "evading" if changed != text else dress
            text = changed
    if not printed and uniform() < 0.012:
        text = _to_traditional(text)
    if register == "weibo" and uniform() < 0.22:
        text = _tagged(scenario, text)
    if not printed and uniform() < _EMOJI[register]:
        text += scenario.say("emoji_bad" if stratum.is_negative else "emoji_good")
    return text, dress


def _tagged(scenario: Scenario, text: str) -> str:
    tag = scenario.say("hashtag")
    return tag + text if scenario.draws.chance(0.6) else text + tag
