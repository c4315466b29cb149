"""Identity documents, passports and number plates (patterns run on `mask_fold.plain`)."""

from __future__ import annotations

import re

from analysis.corpus.mask_span import AsKind, Finder

_DATE = "(?:0[1-9]|1[0-2])[ ]?(?:0[1-9]|[12][0-9]|3[01])"
# GB 11643: region, birthday, serial, check. The check digit is not asked for: a typing error fails
# it and still identifies.
_CITIZEN = re.compile(
    r"(?<![0-9])(?<![0-9]\.)[1-9][0-9]{5}[ \-]?(?:18|19|20)[0-9]{2}[ \-]?"
    rf"{_DATE}[ \-]?[0-9]{{3}}[ ]?[0-9Xx](?![0-9])"
)
_CITIZEN_OLD = re.compile(
    rf"(?<![0-9])(?<![0-9]\.)[1-6][0-9]{{7}}{_DATE}[0-9]{{3}}(?![0-9])(?![ ]?(?:元|块|万|亿))"
)
_CITIZEN_CUED = re.compile(
    r"(?:身份证|身分证|证件|ID卡|社保卡|社保|医保卡|居住证)(?:号码?|编号)?[: 是为(]{0,3}"
    r"(?P<it>[0-9][0-9 \-]{13,20}[0-9Xx])(?![0-9])"
)
_PERMIT = re.compile(
    r"(?:通行证|回乡证|台胞证|港澳证|居留证|军官证)(?:号码?)?[: 是为(]{0,3}"
    r"(?P<it>[A-Za-z]{0,2}[0-9]{7,10})(?![0-9A-Za-z])"
)
_PASSPORT = re.compile(
    r"(?:护照|passport)(?:号码?|编号|No\.?)?[: 是为(]{0,3}"
    r"(?P<it>[A-Za-z]{1,2}[0-9]{7,8})(?![0-9A-Za-z])",
    re.IGNORECASE,
)

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_ON_PLATE = "A-HJ-NP-Za-hj-np-z0-9"  # I and O are not used
# Five places with at most two letters; six on new-energy cars, D or F at either end.
_PLATE = re.compile(
    rf"(?:[{PROVINCES}]|(?<![最全出上更崭重从])新)[A-Za-z][·•. ]?"
    rf"(?:[DFdf][{_ON_PLATE}][0-9]{{4}}|[0-9]{{5}}[DFdf]"
    rf"|(?=(?:[A-Za-z]*[0-9]){{3}})[{_ON_PLATE}]{{4}}[{_ON_PLATE}挂学警港澳])(?![0-9A-Za-z])"
)


DOCUMENT_FINDERS = (
    Finder(_CITIZEN_CUED, AsKind("id_card", "it")),
    Finder(_PERMIT, AsKind("id_card", "it")),
    Finder(_PASSPORT, AsKind("passport", "it")),
    Finder(_CITIZEN, AsKind("id_card")),
    Finder(_CITIZEN_OLD, AsKind("id_card")),
    Finder(_PLATE, AsKind("plate")),
)
