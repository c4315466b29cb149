"""HTML out of a text: entities decoded, tags taken away, picture labels kept."""

from __future__ import annotations

import html
import re

from analysis.corpus.clean_patterns import BLOCKS, TAGS

# Entities need their semicolon: `a=1&copy=2` is part of an address.
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ATTRIBUTES = r"""(?:[ \t\r\n/](?:[^<>"']|"[^"<>]*"|'[^'<>]*')*+)?+"""
_HIDDEN = re.compile(
    r"<!--.*?-->|<(script|style)\b[^<>]*>.*?</\1[ ]*>", re.ASCII | re.IGNORECASE | re.DOTALL
)
_IMAGE = re.compile(rf"<img{_ATTRIBUTES}>", re.IGNORECASE)
_LABEL = re.compile(r"""[ \t\r\n]alt=(?:"([^"]*)"|'([^']*)'|([^ \t\r\n"'<>]+))""", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{BLOCKS}){_ATTRIBUTES}>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{TAGS}){_ATTRIBUTES}>", re.IGNORECASE)


def decode_entities(text: str) -> str:
    """Decode HTML entities, also those that were encoded twice.

    Examples
    --------
    >>> decode_entities("&amp;quot;坑&amp;quot; &#128545;")
    '"坑" 😡'
    """
    while (decoded := ENTITY.sub(lambda found: html.unescape(found.group()), text)) != text:
        text = decoded
    return text


def strip_markup(text: str) -> str:
    """Take HTML elements away; a picture leaves its label, a block a space.

    Examples
    --------
    >>> strip_markup('<span class="code-red">12315</span>不管<img alt="[怒]" src="a.png"/>')
    '12315不管[怒]'
    >>> strip_markup("a<br/>b <iPhone>")
    'a b <iPhone>'
    """
    text = _HIDDEN.sub("", text)
    text = _IMAGE.sub(_image_label, text)
    return _TAG.sub("", _BLOCK.sub(" ", text))


def _image_label(image: re.Match[str]) -> str:
    label = _LABEL.search(image.group())
    return "" if label is None else next((part for part in label.groups() if part), "")
