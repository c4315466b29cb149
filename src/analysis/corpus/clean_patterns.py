r"""What `clean` takes for white space, noise, markup and collectors' leftovers.

Classes are written out, never `\s` or `\w`: engines disagree on those (RE2 reads `\s` as
ASCII, Rust as Unicode with U+3000), and `\w` matches Han characters.
"""

from __future__ import annotations

# White space of Unicode, without the plain space.
WHITE = "\t\n\x0b\x0c\r\x1c-\x1f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

# Control characters, zero-width and direction marks, variation selectors, tags, and the private
# areas, from which sites draw icons. They show nothing, and people hide words with them.
INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
)

# NFKC would turn these into ASCII, or break them into a space and an accent. Chinese punctuation
# stays as it is written (sentence rules and SnowNLP's stop words read it), and so do ellipses
# and the accents that text faces are made of.
KEPT = "，！？：；（）～…‥¨¯´¸˘˙˚˛˜˝‾﹉﹊﹋﹌"

# Characters on which NFKC surely does nothing, alone or side by side: a text that holds no other
# (but KEPT ones) needs no normalisation.
STABLE = (
    "\x20-\x7e"
    "\u00a1-\u00a7\u00a9\u00ab\u00ac\u00ae\u00b0\u00b1\u00b6\u00b7\u00bb\u00bf\u00d7\u00f7"
    "\u2010\u2012-\u2016\u2018-\u2023\u2027\u2030-\u2032\u2035\u2038-\u203b\u203d\u2042\u20ac"
    "\u2190-\u21ff\u2200-\u222b\u2460\u2500-\u2a0b\u3001-\u3029\u3030\u303d"
    "\u3400-\u4dbf\u4e00-\u9fff\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff"
).replace("\u2460", "")

# A quoted chain: in `自己的话//@小王:别人的话` the last writer stands first. `http://@x/` is none.
_HANDLE = f"(?:@[^ {WHITE}:：@/]{{1,40}}|【账号】)"
QUOTED_CHAIN = f"//[ {WHITE}]*{_HANDLE}[ {WHITE}]*(?::|：|$)(?s:.*)$"
# What a site writes for somebody who forwards without a word.
EMPTY_FORWARD = r"(?:[\[【]?(?:转发|轉發)(?:微博|了|此微博)?[\]】]?|(?i:repost(?:ed)?(?: weibo)?))"
# Where a page cut a text it shows a button behind it, and another one where it shows the whole.
CUT = (
    rf"(?:(?:\.{{2,3}}|…)[ {WHITE}]*(?:展开|收起)?(?:查看|阅读|显示)?(?:全文|展开)[cd]?"
    rf"|[ {WHITE}]*展开(?:全文)?[cd])$"
)
UNFOLDED = rf"[ {WHITE}]*收起(?:全文)?[cd]$"

# Elements of HTML that exports carry. A closed list: <iPhone> or <围城> are words of the writer.
TAGS = (
    "a|abbr|article|b|big|blockquote|body|br|button|center|code|dd|del|div|dl|dt|em|embed|figure|"
    "font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|"
    "meta|nav|object|ol|option|p|picture|pre|q|s|section|select|small|source|span|strike|strong|"
    "sub|sup|svg|path|table|tbody|td|th|thead|title|tr|tt|u|ul|video"
)
# Elements that stand where a new line is shown; the others leave no gap.
BLOCKS = "br|p|div|li|ul|ol|tr|table|h[1-6]|hr|blockquote|section|article|dd|dt|dl"

# Marks of which a run says no more than three of them (digits, letters, `*` and `-` are not
# among them: 100000, 138****5678).
REPEATABLE = "!！?？。，,、~～…;；:：.．"

EMOJI = "\u2600-\u27bf\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff"
