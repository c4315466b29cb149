"""A table without a collector of its own, mapped by the dictionary of column names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from statistics import median

import polars as pl

from analysis.corpus.readers.cells import (
    BY_CELLS,
    FEWEST_LINES,
    NUMBERED,
    find_date_parts,
    name_parts,
    require_posts,
    tell_heading,
)
from analysis.corpus.readers.column_names import (
    NO_COLUMN,
    ColumnChoice,
    apply_choice,
    are_points,
    ends_in_text_name,
    is_of_apps,
    is_of_office,
    is_of_talk,
    is_text_name,
    is_time_of,
    linked_place,
    match_columns,
    named_place,
    tells_authors,
)
from analysis.corpus.readers.convert import guess_place
from analysis.corpus.readers.plan import Head, Plan
from analysis.corpus.readers.values.numbers import are_grades, is_missing, parse_rating
from analysis.corpus.readers.values.times import UNTOLD, find_order, is_day_of_year, parse_time
from analysis.errors import CaodianError

_FLAGS = {
    "text": "--text-column",
    "published_at": "--time-column",
    "title": "--title-column",
    "post_id": "--id-column",
    "rating": "--rating-column",
    "author": "--author-column",
    "region": "--region-column",
    "keyword": "--keyword-column",
    "channel": "--channel-column",
}
_SHORTEST_DATE = 8  # 2020-6-1
_LONGEST_NAME = 24
_OFTEN_ASKED = 40  # characters
_MOST_SHOWN = 20
_SENTENCES_SHARE = 0.6  # of a column's filled cells
_FEWEST_WORDS = 3
_HAN = re.compile("(?s)(?:[^\u4e00-\u9fff]*[\u4e00-\u9fff]){4}")
_SHORTEST_TEXT = 6  # characters, of the middle cell
_FEWEST_RECURRING = 10
_NO_WORDS = re.compile(r"\s*(?:\d{1,3}\.){3}\d{1,3}\b|\s*https?://\S*$")  # addresses, with a place
_LONGEST_HEADING = 12
_SURELY_NAMES = 3  # columns known by name, in one row
# What a short post says and no name of a column does: verbs, judgements, negations, particles.
_SAYS = re.compile(
    "[不没未别无很太真好差坏烂慢贵骗退给是要会能有在把被了着过吗呢吧啊我你他她它这那]"
)
_NO_TEXTS = (
    "title",
    "product",
    "target",
    "author",
    "region",
    "keyword",
    "channel",
    "url",
    "demand",
)
_SHOP_GRADES = frozenset(("好评", "中评", "差评"))
_MUCH_LONGER = 3  # times: a text beside its title
_REQUIRED = ("text", "published_at")
_TIME_LIKE = (
    "the time has no year",
    UNTOLD,
    "no such date or time",
)


def guess_columns(head: Head) -> dict[str, list[str]]:
    """Return for each canonical column the columns of its best rank that the sample supports."""
    head = head.without_shifted()
    guesses: dict[str, list[str]] = {}
    taken: set[str] = set()
    for canonical, ranks in match_columns(head.header).items():
        # Headings that were exchanged: what is named like the text may hold the dates.
        free = [
            [
                name
                for name in names
                if name not in taken and (canonical != "text" or not _holds_dates(head, name))
            ]
            for names in ranks
        ]
        named = [names for names in free if names]
        backed = [[name for name in names if _supports(head, name, canonical)] for names in named]
        if canonical == "text" and any(are_grades(_filled(head, n)) for n in chain(*named)):
            backed = [[name for name in names if _is_said_by_most(head, name)] for names in backed]
        dated = [[name for name in names if _holds_days(head, name)] for names in backed]
        better = dated if canonical == "published_at" else []
        # The name decides where no sample backs any column, so that the reason can be told. Of a
        # date and a clock time beside it the date is the time of publication.
        chosen = next((names for names in (*better, *backed) if names), named[0] if named else [])
        if canonical in ("rating", "author_type") and not any(backed):
            continue
        if canonical == "rating" and _is_no_stars(head, chosen):
            continue
        if chosen and not (canonical == "text" and _only_counts(head, chosen)):
            guesses[canonical] = chosen
            taken.update(chosen)
    graded = [] if "rating" in guesses or is_of_office(head.header) else _find_grades(head, taken)
    if len(graded) == 1:
        guesses["rating"] = graded
    times = guesses.get("published_at", [])
    if not times and len(text := guesses.get("text", [])) == 1:
        guesses |= _time_of(head, text[0])
        times = guesses.get("published_at", [])
    if not any(_holds_days(head, name) for name in times) and (parts := find_date_parts(head)):
        guesses["published_at"] = [name_parts(parts)]
    return guesses


def _time_of(head: Head, text: str) -> dict[str, list[str]]:
    """Return the one column of days that is called like the text: 会话时间 beside 会话内容."""
    names = [name for name in head.header if is_time_of(name, text) and _holds_dates(head, name)]
    return {"published_at": names} if len(names) == 1 else {}


def _is_no_stars(head: Head, names: Sequence[str]) -> bool:
    """Tell whether what is named like stars is how content a caller was, or points of a form."""
    if is_of_office(head.header):
        return True
    return are_points(head.header, names)


def _find_grades(head: Head, taken: Set[str]) -> list[str]:
    """Return what holds grades that are stars: 评价 names them and texts, 类型 may name them, too.

    A column of another name is one where nothing but grades of shops stands in it.
    """
    named = set(chain.from_iterable(match_columns(head.header).get("text", ())))
    grades = []
    for name in dict.fromkeys(head.header):
        first = next((cell for cell in head.column(name) if not is_missing(cell)), None)
        if first is None or name in taken or (name not in named and first not in _SHOP_GRADES):
            continue
        cells = _filled(head, name)
        is_scale = name in named and are_grades(cells) and all(map(_is_rating, cells))
        if is_scale or set(cells) <= _SHOP_GRADES:
            grades.append(name)
    return grades


def _is_rating(cell: str) -> bool:
    return parse_rating(cell)[0] is not None


def _only_counts(head: Head, names: Sequence[str]) -> bool:
    """Tell whether what is named like the text holds numbers or grades, and another sentences.

    评论 names comments here and how many there are there.
    """
    if any(_supports(head, name, "text") or not _filled(head, name) for name in names):
        return False
    found = _find_sentences(head)
    if found is None or not any(are_grades(_filled(head, name)) for name in names):
        return found is not None
    return _is_said_by_most(head, found)


def _is_said_by_most(head: Head, name: str) -> bool:
    """Tell whether half of the rows and more are filled.

    Beside grades and short complaints, what few buyers added later (追评) is not what all said.
    """
    return len(_filled(head, name)) >= len(head.rows) / 2


def _supports(head: Head, name: str, canonical: str) -> bool:
    """Tell whether the sample cells of a column can be what the canonical column asks for."""
    cells = [cell.strip() for cell in head.column(name) if not is_missing(cell)]
    if not cells:
        return not head.rows
    if canonical == "text":
        is_count = sum(cell.replace(".", "").isdigit() for cell in cells) > len(cells) / 2
        return not is_count and not are_grades(cells)
    if canonical == "published_at":
        return any(_is_time(cell) for cell in cells)
    if canonical == "author_type" and match_columns([name]).get(canonical) == [[name]]:
        return tells_authors(name, cells)
    if canonical == "rating":
        # The few words of a scale that can be read would pass for the stars of all posts.
        return sum(map(_is_rating, cells)) >= len(cells) / 2
    return True


def _holds_days(head: Head, name: str) -> bool:
    """Tell whether a day can be read from any sampled cell of a column."""
    cells = [cell for cell in head.column(name) if not is_missing(cell)]
    order = find_order(cells)
    return any(parse_time(cell, order=order)[0] is not None for cell in cells)


def _is_time(cell: str) -> bool:
    return (_is_short_time if len(cell) <= _OFTEN_ASKED else _may_be_time)(cell)


def _may_be_time(cell: str) -> bool:
    moment, reason = parse_time(cell)
    return moment is not None or reason in _TIME_LIKE


# A cell is asked about again for each row above it that may be the header.
_is_short_time = lru_cache(maxsize=2**15)(_may_be_time)


def _is_no_name(cell: str) -> bool:
    """Tell whether a header cell is what records hold: a time, a number, a sentence."""
    is_time = len(cell) >= _SHORTEST_DATE and _is_time(cell)
    is_sentence = len(cell) > _LONGEST_NAME and not cell.isascii()
    return is_time or is_sentence or cell.replace(".", "").isdigit()


def recognise(head: Head) -> Plan | None:
    """Return a plan when the dictionary finds one text, or only a title, and one time."""
    guesses = guess_columns(head)
    # Where headings were exchanged the posts stand under another name than the title's.
    if head.container != "sql" and "text" not in match_columns(head.header):
        if any(len(guesses.get(canonical, ())) != 1 for canonical in ("title", "published_at")):
            return None
        if _find_sentences(head, _named_otherwise(guesses)) is not None:
            return None  # a text that no name tells says more than its title
        guesses["text"] = guesses.pop("title", [])
    if any(len(guesses.get(canonical, ())) != 1 for canonical in _REQUIRED):
        return None
    columns = {canonical: (names[0],) for canonical, names in guesses.items()}
    kind, channel = guess_kind(head, columns)
    return Plan(
        source="table",
        source_format="table",
        era="columns by name",
        header=head.header,
        columns=columns,
        kind=kind,
        channel=channel,
        local_ids=True,
        guessed=frozenset(columns) - set(_REQUIRED),
    )


def _named_otherwise(guesses: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the columns whose names say that their sentences are no post."""
    return {name for canonical in _NO_TEXTS for name in guesses.get(canonical, ())}


def guess_kind(head: Head, columns: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Return kind and channel: complaints name themselves, reviews do, have a rating or read so."""
    if named := named_kind(head, columns):
        return named
    place = _place_of_texts(head, columns)
    return "review" if place in ("review", "app_store") else "post", place or "other"


def _place_of_texts(head: Head, columns: Mapping[str, Sequence[str]]) -> str | None:
    texts = [name for name in columns.get("text", ()) if name in head.header]
    if not texts and len(head.header) == 1:
        texts = [*head.header]  # lines, which are taken apart later
    cells = [cell for name in texts for cell in head.column(name)]
    return guess_place(pl.Series(cells, dtype=pl.String))


def named_kind(head: Head, columns: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """Return kind and channel where names of columns or a column of ratings tell them.

    评论 is no name of reviews: Weibo calls its comments so. And collections for research call any
    text a review, so where nothing is rated the marks of Weibo in the texts weigh more.
    """
    if is_of_office(head.header):
        return "complaint", "hotline"
    if any(re.search("投诉|工单|complaint", name, re.IGNORECASE) for name in head.header):
        return "complaint", "complaint"
    texts = columns.get("text", ())
    is_review = any(re.search("评价|点评|review", name, re.IGNORECASE) for name in texts)
    is_review = is_review and _place_of_texts(head, columns) != "weibo"
    place = None if "channel" in columns else named_place(head.header)
    if place is None and "channel" not in columns:
        place = linked_place(map(head.column, head.header))
    if "rating" in columns or is_review:
        of_app = place == "app_store" or is_of_apps(head.header)
        return "review", "app_store" if of_app else "review"
    # What a column tells of each post is not guessed for all.
    if place or "channel" in columns or is_of_talk(head.header):
        return _KIND_OF.get(place or "", "post"), place or "other"
    return None


_KIND_OF = {"review": "review", "app_store": "review", "complaint": "complaint"}


def missing_columns(head: Head) -> CaodianError:
    """Return the question to ask when text or time are not found, or found twice."""
    guesses = guess_columns(head)
    asked = []
    for canonical, word in (("text", "text"), ("published_at", "time of publication")):
        names = guesses.get(canonical, [])
        if len(names) > 1:
            asked.append(
                f"which of {', '.join(names)} is the {word}? say it with {_FLAGS[canonical]}"
            )
        elif not names:
            asked.append(f"no column looks like the {word}: name it with {_FLAGS[canonical]}")
            if canonical == "text" and (several := _columns_of_sentences(head)):
                # A flag of their own joins them: which of them are one text only their owner knows.
                shown = ", ".join(name[:40] for name in several[:_MOST_SHOWN])
                asked[-1] += f" (sentences stand in {shown}; the flag may be given for several)"
    is_record = head.container in ("csv", "xlsx") and without_header(head) is not None
    if is_record:
        asked = [
            "the first row seems to be a record: put a row with the names of its columns above, or "
            "name the text by its number, such as --text-column 'column 2'"
            if len(head.header) > 1 or _find_sentences(head) is not None
            else "each line is read as one post, and most of these are no sentences: put what "
            "belongs to one post (text, time, name) on one line, with tabs between, below their "
            "names; --text-column 'column 1' takes every line for a post"
        ]
    listed = [name[:40] for name in head.header[:_MOST_SHOWN]]
    more = " …" if len(head.header) > _MOST_SHOWN else ""
    shown = "columns: " + ", ".join(listed) + more
    spare = (
        ""
        if is_record or guesses.get("published_at")
        else " (`--time-column none` where there are no times)"
    )
    return CaodianError(
        "a table must have one text column and one time column that are known by name",
        value=_count_cells(head) if is_record else shown,
        where=str(head.path) + (f", sheet or table {head.table}" if head.table else ""),
        remedy="; ".join(asked).capitalize() + spare + ".",
    )


def _count_cells(head: Head) -> str:
    number = len(head.header)
    return f"a first row of {number} cell{'s' if number > 1 else ''} without names"


# Tables whose posts have no days: which they are; what is told of it stands in `plan.py`.

# A column that nobody named a time holds dates when so many of its sampled cells are dates.
_DATES_SHARE = 0.9
_FEWEST_DATES = 3


def drop_times_without_days(plan: Plan, head: Head, choice: ColumnChoice) -> Plan:
    """Take the time out of a plan where the sample shows that no day can be read from it.

    A column that the user named stays: nothing that parses in it is then an error.
    """
    if (choice.time or "").lower() == NO_COLUMN:
        return replace(plan, no_days="left_out")
    names = plan.columns.get("published_at", ())
    if choice.time is not None or not names or not set(names) <= set(head.header) or not head.rows:
        return plan
    if plan.layouts or plan.repair is not None:
        return plan  # cells of the sample stand below names that are not theirs
    # Rows that delimiters inside the text have shifted say nothing: reading mends them.
    head = replace(head, rows=tuple(row for row in head.rows if len(row) <= len(head.header)))
    cells = [cell for name in names for cell in _filled(head, name)]
    untold = sum(parse_time(cell)[1] == UNTOLD for cell in cells)
    # 06/06/20 among others tells nothing of them.
    if untold * 2 > len(cells) and (plan.time_order or find_order(cells)) is None:
        return without_time(plan, f"two_orders({plain_name(names[0])})")
    is_read = any(parse_time(cell, order=plan.time_order, year=plan.year)[0] for cell in cells)
    if is_read or not head.rows or any(_holds_days(head, name) for name in names):
        return plan
    other = _tell_no_days(head, choice)
    lacks_year = cells and sum(map(is_day_of_year, cells)) >= _DATES_SHARE * len(cells)
    code = "no_year" if lacks_year else "no_date" if cells else "blank_time"
    why = f"{code}({plain_name(names[0])})"
    return without_time(plan, other if other.startswith("other_dates") else why)


def find_time(plan: Plan, head: Head, choice: ColumnChoice) -> Plan:
    """Look for the time by its name where a collector's columns are known and lack one."""
    found = guess_columns(head).get("published_at", ())
    if len(found) == 1:
        return replace(plan, columns={**plan.columns, "published_at": tuple(found)})
    return plan if choice.time else replace(plan, no_days=_tell_no_days(head, choice))


def recognise_undated(head: Head, choice: ColumnChoice) -> Plan | None:
    """Return a plan for a table with one text and nothing that is named like its time."""
    if not choice.names() <= set(head.header):
        return None
    guesses = {
        canonical: (names[0],)
        for canonical, names in guess_columns(head).items()
        if len(names) == 1 and canonical != "published_at"
    }
    plan = Plan(
        source="table",
        source_format="table",
        era="columns by name",
        header=head.header,
        columns=guesses,
        local_ids=True,
        guessed=frozenset(guesses) - {"text"},
    )
    plan = apply_choice(plan, choice)
    if "text" not in plan.columns or "published_at" in plan.columns:
        return None
    is_left_out = (choice.time or "").lower() == NO_COLUMN
    if guess_columns(head).get("published_at") and not is_left_out:
        # Several columns that could be the time: the user is asked which.
        return None
    return replace(plan, no_days=_tell_no_days(head, choice))


def _tell_no_days(head: Head, choice: ColumnChoice) -> str:
    """Return the code of the reason why a table has no time."""
    if (choice.time or "").lower() == NO_COLUMN:
        return "left_out"
    dates = [name for name in head.header if _holds_dates(head, name)]
    return f"other_dates({plain_name(dates[0])})" if dates else "no_time_column"


# Tables whose names tell nothing: the text is then the one column that holds sentences.


def recognise_by_cells(head: Head, choice: ColumnChoice) -> Plan | None:
    """Return a plan for a table in which no column is named like a text and one holds sentences."""
    guesses = guess_columns(head)
    if guesses.get("text") or len(guesses.get("published_at", ())) > 1:
        return None
    if len(head.header) == 1 and not choice.names():
        require_posts(head)
    others = _named_otherwise(guesses)
    found = _find_sentences(head, others) or _find_sentences(head, guesses.get("title", ()))
    text = choice.text[0] if choice.text else found
    if text is None or not {text, *choice.names()} <= set(head.header):
        return None
    columns = {
        name: (found[0],) for name, found in guesses.items() if len(found) == 1 and found[0] != text
    }
    exchanged = set(chain.from_iterable(match_columns(head.header).get("text", ())))
    dates = [
        name
        for name in head.header
        if (NUMBERED.fullmatch(name) or name in exchanged) and _holds_dates(head, name)
    ]
    if len(dates) == 1:  # where no name can tell the time either
        columns["published_at"] = (dates[0],)
    elif "published_at" not in columns:
        columns |= {name: (time,) for name, [time] in _time_of(head, text).items()}
    plan = Plan(
        source="table",
        source_format=BY_CELLS,
        era="text told by its cells",
        header=head.header,
        columns={**columns, "text": (text,)},
        local_ids=True,
        guessed=frozenset(columns),
        repairs=(
            f"no column is named like the text; “{text[:40]}” is read as it, the only one that "
            "holds sentences (--text-column names another)"
            if not exchanged
            else f"what is named like the text holds no sentences; “{text[:40]}”, which alone "
            "does, is read as it (--text-column names another)",
            *tell_heading(head),
        ),
    )
    plan = apply_choice(plan, choice)
    if "published_at" in plan.columns:
        return plan
    return replace(plan, no_days=_tell_no_days(head, choice))


def without_header(head: Head) -> Head | None:
    """Return a table whose first row is a record with numbered columns; None for another."""
    is_record = _is_first_record if len(head.header) > 1 else _is_first_post
    if not is_record(head):
        return None
    names = tuple(f"column {place}" for place, _ in enumerate(head.header, 1))
    return replace(head, header=names, rows=(head.header, *head.rows))


def _is_first_record(head: Head) -> bool:
    """Tell whether the first row holds a cell that no name is, or that recurs below itself.

    A first row that recurs whole is a header that stands there again.
    """
    # 赞 stands above the likes and, on many sites, in the cell of a post that nobody likes.
    is_known = len(match_columns(head.header)) >= _SURELY_NAMES
    recurs = not is_known and any(name in head.column(name) for name in head.header)
    return any(map(_is_no_name, head.header)) or (recurs and head.header not in head.rows)


def _is_first_post(head: Head) -> bool:
    """Tell whether the first line of posts, one a line, is one of them and no name of a column.

    A post that is read as a heading is lost, a heading that is read as a post is one post more: so
    only what is named like texts, and nothing that says anything of itself, is a heading.
    """
    first, is_lines = head.header[0], head.path.suffix.lower() == ".txt"
    if is_text_name(first):
        return False
    if _is_no_name(first) or first in head.column(first):
        return True
    if first.isascii():
        is_word = len(first.split()) == 1
        return not (is_word and (not is_lines or re.search("[0-9_]", first)))
    if _SAYS.search(first) or (is_lines and "的" in first):
        return True
    if ends_in_text_name(first):
        return len(first) > (_LONGEST_HEADING // 2 if is_lines else _LONGEST_HEADING)
    return is_lines or _is_sentence(first)


def _columns_of_sentences(head: Head) -> list[str]:
    """Return the columns that hold sentences and hardly recur, where there are several."""
    named = _named_otherwise(guess_columns(head))
    lengths = _lengths_of_sentences(head, named)
    found = [name for name in lengths if not _recurs(head, name)]
    return found if len(found) > 1 else []


def _find_sentences(head: Head, titles: Collection[str] = ()) -> str | None:
    """Return the one column of sentences, or of several the one with by far the longest."""
    lengths = _lengths_of_sentences(head, titles)
    if len(lengths) > 1:  # answers that a form offers recur, what people write hardly does
        lengths = {name: lengths[name] for name in lengths if not _recurs(head, name)} or lengths
    ranked = sorted(lengths, key=lambda name: -lengths[name])
    if len(ranked) > 1 and lengths[ranked[0]] < _MUCH_LONGER * lengths[ranked[1]]:
        return None
    return ranked[0] if ranked else None


def _lengths_of_sentences(head: Head, titles: Collection[str]) -> dict[str, float]:
    """Return the columns of sentences with the length of the middle cell."""
    lengths = {}
    # Prose has lines, too: where nothing but sentences stands, there must be one more.
    fewest = FEWEST_LINES + (head.header == ("column 1",))
    for name in head.header:
        if name in titles:
            continue
        cells = _filled(head, name)
        sentences = [cell for cell in cells if _is_sentence(cell)]
        length = median(map(len, cells)) if cells else 0
        if (
            length >= _SHORTEST_TEXT
            and len(sentences) >= max(fewest, _SENTENCES_SHARE * len(cells))
        ):  # fmt: skip
            lengths[name] = length
    return lengths


def _recurs(head: Head, name: str) -> bool:
    """Tell whether the cells of a column are mostly the same few."""
    cells = _filled(head, name)
    return len(cells) >= _FEWEST_RECURRING and len(set(cells)) * 2 <= len(cells)


def _is_sentence(cell: str) -> bool:
    if _NO_WORDS.match(cell):
        return False
    says = _HAN.match(cell) is not None or len(cell.split(None, _FEWEST_WORDS)) >= _FEWEST_WORDS
    return says and not _is_time(cell)


def without_time(plan: Plan, why: str) -> Plan:
    """Return a plan that reads no time, with the code of the reason."""
    columns = {name: found for name, found in plan.columns.items() if name != "published_at"}
    return replace(plan, columns=columns, no_days=why)


def _filled(head: Head, name: str) -> list[str]:
    return [cell for cell in head.column(name) if not is_missing(cell)]


def _holds_dates(head: Head, name: str) -> bool:
    """Tell whether a column holds dates with a year (a bare number may be anything) or JSON."""
    cells = _filled(head, name)
    order = find_order(cells)
    dates = sum(
        not cell.replace(".", "").isdigit() and parse_time(cell, order=order)[0] is not None
        for cell in cells
    )
    spelled = sum(cell.startswith(('[{"', '{"', '["')) for cell in cells)
    return len(cells) >= _FEWEST_DATES and max(dates, spelled) >= _DATES_SHARE * len(cells)


def plain_name(name: str) -> str:
    """Return a column's name without what would end the code that holds it."""
    return "".join(" " if sign in "();\n\r" else sign for sign in name)[:40].strip()
