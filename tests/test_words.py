import re
import string
from importlib import resources

import pytest
import yaml

from analysis import words
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.plots.style import _NOT_FIRST, _NOT_LAST, drawable, wrap
from analysis.reporting.sections.section import PageWords
from analysis.words import load_words, reader_names


def test_both_languages_have_the_same_texts_with_the_same_gaps():
    zh, en = load_words("zh"), load_words("en")
    assert zh.texts.keys() == en.texts.keys()
    for key, text in zh.texts.items():
        gaps = [
            {name for _, name, _, _ in string.Formatter().parse(t) if name}
            for t in (text, en.texts[key])
        ]
        assert gaps[0] == gaps[1], key


def test_the_file_is_read_once_for_all_languages_and_periods(monkeypatch):
    read, found = words.read_yaml, []
    monkeypatch.setattr(words, "read_yaml", lambda text: found.append(text) or read(text))
    load_words.cache_clear()
    words._read_texts.cache_clear()
    for language in ("zh", "en"):
        assert load_words(language, "week").texts != load_words(language, "day").texts
        assert load_words(language).texts == load_words(language, "day").texts
    assert len(found) == 1


def test_every_leaf_has_both_languages():
    raw = yaml.safe_load(resources.files("analysis").joinpath("words.yaml").read_text("utf-8"))

    def walk(node, path):
        assert isinstance(node, dict), path
        if {"zh", "en"} & set(node):
            assert set(node) == {"zh", "en"}, path
            return
        for name, child in node.items():
            walk(child, f"{path}.{name}")

    walk(raw, "")


def test_every_character_can_be_drawn():
    texts = "".join(load_words("zh").texts.values())
    assert drawable(texts) == texts


def test_chinese_texts_use_chinese_punctuation():
    for key, text in load_words("zh").texts.items():
        assert not re.search(r"[一-鿿][,;:?!]|[,;:?!][一-鿿]", text), key


# One idea has one word: what it might be called as well is written nowhere. The words are those of
# GLOSSARY.md: a cluster is 话题, a family 组 (文本组), the codebook 编码表.
BANNED = {
    "cluster is 话题": r"簇|聚类|主题(?!词)",
    "family is 组": r"近重复组|文本族|家族|文本簇|重复群|文本组|相近文字",
    "window is 监测期": r"窗口",
    "other days are 其他": r"其余(?:<?各?日|<?日子)",
    "a way to count and test is 做法": r"设定|种算法|站得住脚",
    "a band is 色带": r"带状",
    "a consumer who speaks is no 声音": r"声音",
    "codebook is 编码表": r"编码本|编码手册|编码簿|码本|(?<!编)码表|代码本|类目表|分类表",
    "coder is 编码器, or 编码者": r"编码员|标注员|标注者|分类器",
    "audit is 审核": r"审计|抽检|质检",
    "interval is 区间": r"置信区间|误差区间|可信区间",
}
BANNED_EN = {
    "topic": r"\bclusters?\b",
    "family": r"\bnear-duplicate groups?\b|\bduplicate clusters?\b",
    "codebook": r"\bcode book\b|\bcoding scheme\b|\bcoding manual\b",
    "coder": r"\bclassifiers?\b|\bannotators?\b",
    "interval": r"\bconfidence intervals?\b|\b95% CI\b",
    "sound way": r"\bspecifications?\b(?!\.csv)|\bdefensible\b|\bsound choices\b",
    "clear rise or fall": r"\bestablished change\b",
    "no clear difference": r"\bdifference .*that can be told\b",
    "plain English": r"\bare no people\b|\bare none\b|\bno label\b|\b(not|of) the world\b",
}


@pytest.mark.parametrize(
    ("language", "idea", "banned"),
    [("zh", *pair) for pair in BANNED.items()] + [("en", *pair) for pair in BANNED_EN.items()],
    ids=lambda value: value if len(value) < 30 else "",
)
def test_an_idea_has_one_word(language, idea, banned):
    del idea
    found = {
        key: text
        for key, text in load_words(language).texts.items()
        if re.search(banned, text, re.IGNORECASE)
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("吐槽集中在哪些主题", True), ("主题词", False), ("按编码本编码", True), ("编码表", False)],
)
def test_the_list_of_banned_words_finds_them(text, is_found):
    assert any(re.search(banned, text) for banned in BANNED.values()) is is_found


def test_chinese_punctuation_stands_in_chinese_only():
    """English has none of it; Chinese has no half-width brackets around Chinese."""
    for key, text in load_words("en").texts.items():
        assert not re.search("[，。；：？！、（）《》“”]", text), key
    for key, text in load_words("zh").texts.items():
        shown = re.sub(r"<[^>]*>|\{\w+\}", "0", text)
        assert not re.search(r"[一-鿿]\(|\([一-鿿]|[一-鿿]\)|\)[一-鿿]", shown), key
        assert not re.search(r" [，。；：？！、（）]|[，。；：？！、（] ", shown), key


def test_english_texts_have_plain_quotes():
    # The font of the pages is a Chinese one, whose curly quotes are as wide as a Han character.
    for key, text in load_words("en").texts.items():
        assert not re.search("[“”‘’]", text), key


def test_unknown_words_are_errors_and_unknown_names_stay():
    words = load_words("en")
    with pytest.raises(CaodianError):
        words("no.such.text")
    with pytest.raises(CaodianError):
        load_words("fr")
    assert words.label("某平台") == "某平台"


def test_a_code_of_ones_own_has_the_name_that_its_entry_gives(tmp_path, monkeypatch):
    own = tmp_path / "own.yaml"
    own.write_text("hot_cold: {zh: 忽冷忽热, en: hot and cold, terms: [忽冷]}", encoding="utf-8")
    assert load_words("zh").label("hot_cold") == "hot_cold"
    monkeypatch.setenv("CAODIAN_CODEBOOK", str(tmp_path))
    assert load_words("zh").label("hot_cold") == "忽冷忽热"
    assert load_words("en").label("hot_cold") == "hot and cold"
    assert load_words("zh").label("某平台") == "某平台"
    own.unlink()
    assert load_words("zh").label("hot_cold") == "hot_cold"
    book = tmp_path / "codebook.yaml"
    book.write_text("codes: {cold_hot: {zh: 忽热忽冷, en: cold and hot}}", encoding="utf-8")
    assert load_words("zh").label("cold_hot") == "忽热忽冷"
    assert load_words("zh").label("price") == "价格"


def test_page_and_codebook_call_a_code_the_same():
    names = reader_names()
    for code, entry in load_codebook().codes.items():
        zh, en = names[code]
        assert (zh, en[0].lower() + en[1:]) == (entry.zh, entry.en[0].lower() + entry.en[1:]) or (
            en == entry.en
        )


@pytest.mark.parametrize("period", ["day", "week", "month"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("key", ["daily", "live", "sms", "price", "coverage"])
def test_a_subtitle_above_a_key_stands_on_one_line(key, language, period):
    words = load_words(language, period)
    subtitle = words(f"figure.{key}.subtitle")
    shown = subtitle if key == "coverage" else words("figure.coders_own", subtitle=subtitle)
    assert "\n" not in wrap(shown, 104)


@pytest.mark.parametrize(
    ("text", "units", "lines"),
    [
        ("甲乙丙，丁", 6, "甲乙\n丙，丁"),
        ("甲乙（丙）丁", 6, "甲乙\n（丙）\n丁"),
        ("甲乙丙。”丁", 6, "甲乙\n丙。”\n丁"),
        ("来源：甲；2011年", 10, "来源：甲；\n2011年"),
        ("甲乙2011年", 6, "甲乙\n2011年"),
        ("one two, three", 8, "one two,\nthree"),
    ],
)
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text, units, lines):
    assert wrap(text, units) == lines
    long = "监测（618）期内，价格：涨了。“促销、满减”；退货？不退！" * 5
    for width in range(8, 60):
        for line in wrap(long, width).split("\n"):
            assert line[0] not in _NOT_FIRST and line[-1] not in _NOT_LAST


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_of_none_is_nothing(language):
    assert load_words(language).listed([]) == ""


@pytest.mark.parametrize(
    ("key", "values", "zh", "en"),
    [
        ("text.clusters", {"n": 1, "outside": 1},
         "吐槽里有一个稳定的话题，大半不属于编码表的任何类别。",
         "Negative items form one stable topic, in which most items are of no kind"),
        ("text.clusters", {"n": 2, "outside": 1}, "吐槽分成 2 个稳定的话题，其中 1 个大半",
         "Negative items form 2 stable topics; in 1 of them most items"),
        ("text.none_searched_all", {"n": 1, "others": 0}, "只有一个序列，其中没有找到",
         "In the one series no break or burst was found"),
        ("text.none_searched_all", {"n": 11, "others": 0}, "在全部 11 个序列里都没有找到",
         "In none of the 11 series"),
        ("figure.clusters.found", {"n": 1, "outside": 1}, "仅有的一个话题在编码表之外",
         "The one topic lies outside the codebook"),
        ("figure.clusters.found", {"n": 5, "outside": 1}, "最大的 5 个话题中 1 个在编码表之外",
         "1 of the 5 largest topics lies outside"),
        ("figure.cluster_codes.none_pure", {"n": 1, "pure": 0}, "仅有的一个话题不以一个类别为主",
         "The one topic does not belong mostly to one kind"),
        # Not a multiple of one, and a number that begins with it.
        ("figure.clusters.none_outside", {"n": "1.5"}, "最大的 1.5 个话题都在", "The 1.5 largest"),
        ("figure.clusters.none_outside", {"n": 11}, "最大的 11 个话题都在", "The 11 largest"),
        ("text.counted", {"days": 1}, "（1 天）", "On "),
        ("text.counted", {"days": 20}, "（20 天）", "From "),
        ("figure.daily.mean", {"n": "1"}, "日均 1 条", "1 negative item a day"),
        ("figure.daily.mean", {"n": "0.4"}, "日均 0.4 条", "0.4 negative items a day"),
        ("figure.hours.found", {"hours": 1, "empty": 1}, "1 个小时中 1 个", "1 of 1 hour holds no"),
        ("reason.set_holds", {"n": 1, "names": "X"}, "最大的一类是X，", "The largest kind is X"),
        ("reason.peak_high", {"n": 1, "days": "X"}, "X 高于其他各日", "X lies above the median"),
        ("reason.peak_high", {"n": 2, "days": "X"}, "X 均高于其他各日", "X lie above the median"),
    ],
)  # fmt: skip
def test_one_is_told_as_one_in_either_language(key, values, zh, en):
    gaps = dict.fromkeys(("window", "all", "negative", "share", "assumed"), "…") | values
    for language, said in (("zh", zh), ("en", en)):
        words = load_words(language)
        assert said in words(key, **gaps)
        assert said in PageWords(language, words.texts).markup(key, **gaps)


def test_a_text_that_speaks_of_one_stands_beside_one_that_speaks_of_more():
    texts = load_words("zh").texts
    ones = {key for key in texts if key.endswith("_one")} - {"text.audited_one"}  # by one person
    assert {key for key in ones if key.removesuffix("_one") not in texts} == set()
