import re
import string
from importlib import resources

import pytest
import yaml

from analysis.errors import CaodianError
from analysis.reporting.font import drawable
from analysis.reporting.words import load_words


def test_both_languages_have_the_same_texts_with_the_same_gaps():
    zh, en = load_words("zh"), load_words("en")
    assert zh.texts.keys() == en.texts.keys()
    for key, text in zh.texts.items():
        gaps = [
            {name for _, name, _, _ in string.Formatter().parse(t) if name}
            for t in (text, en.texts[key])
        ]
        assert gaps[0] == gaps[1], key


def test_every_leaf_has_both_languages():
    raw = yaml.safe_load(
        resources.files("analysis.reporting").joinpath("words.yaml").read_text("utf-8")
    )

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


def test_unknown_words_are_errors_and_unknown_names_stay():
    words = load_words("en")
    with pytest.raises(CaodianError):
        words("no.such.text")
    with pytest.raises(CaodianError):
        load_words("fr")
    assert words.label("某平台") == "某平台"
