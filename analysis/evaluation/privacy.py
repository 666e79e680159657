"""How much personal data is found, and how often something harmless is taken for it.

Sentences written for the project carry slots; each is filled many times with invented values, with
valid check digits and in the ways people space or disguise digits, by a fixed seed. A value counts
as found when one hit of its kind covers all of it.
Sentences without personal data, also written for the project, give the false hits.
"""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from analysis.evaluation import Report, table
from analysis.privacy import find_personal_data, mask

_KEYS = Path(__file__).parent / "keys" / "privacy"
_KIND = {"landline": "phone"}
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶"
    "姜谢邹喻苏潘葛范彭鲁韦马方任袁柳鲍史唐薛雷贺倪汤罗郝安常傅齐"
)
_GIVEN = (
    "建国桂英秀兰志强丽娟海燕小明晓东文博思远雨桐梓涵浩然佳怡俊"
    "杰婷婷春花永康玉珍立新红梅德华美玲光辉国庆子轩一诺欣怡宇航"
)
_ROADS = ("临江路", "和平西路", "解放大道", "人民南路", "幸福街", "胜利村", "北新泾路")
_ESTATES = ("阳光花园", "金色家园", "翠湖苑", "东方新村", "华景小区")


def report(shared: Path | None) -> Report:  # noqa: ARG001 — every subject is called alike
    """Recall by kind on filled sentences, false hits on clean ones."""
    found, total = measure(random.Random(20261122), rounds=60)
    wrong = false_hits()
    clean = len(clean_sentences())
    rows = [(kind, total[kind], found[kind] / total[kind]) for kind in sorted(total)]
    lines = [
        *table(("kind", "values", "recall"), rows),
        "",
        f"False hits: {len(wrong)} of {clean} sentences without personal data.",
    ]
    figures = {f"recall {kind}": recall for kind, _, recall in rows}
    return Report("Personal data", tuple(lines), {**figures, "false hits": len(wrong) / clean})


def measure(rng: random.Random, rounds: int) -> tuple[Counter[str], Counter[str]]:
    """How many values of each kind were found, and how many there were."""
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for carrier in carriers():
        for _ in range(rounds):
            text, values = fill(carrier, rng)
            hits = find_personal_data(text)
            for kind, start, end in values:
                total[kind] += 1
                found[kind] += any(
                    h.kind == _KIND.get(kind, kind) and h.start <= start and end <= h.end
                    for h in hits
                )
    return found, total


def false_hits() -> list[tuple[str, str]]:
    """Clean sentences in which something was found, with what the mask made of them."""
    sentences = [(text, find_personal_data(text)) for text in clean_sentences()]
    return [(text, mask(text, hits)) for text, hits in sentences if hits]


def carriers() -> list[str]:
    """The sentences with slots."""
    lines = (_KEYS / "carriers.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0].replace("\\n", "\n") for line in lines if not line.startswith("#")]


def clean_sentences() -> list[str]:
    """The sentences that hold nothing personal."""
    return (_KEYS / "clean.txt").read_text(encoding="utf-8").splitlines()


def fill(carrier: str, rng: random.Random) -> tuple[str, list[tuple[str, int, int]]]:
    """The sentence with invented values, and where they stand."""
    text, values = "", []
    for piece in carrier.replace("}", "{").split("{"):
        if piece in _MAKERS:
            value = _MAKERS[piece](rng)
            values.append((piece, len(text), len(text) + len(value)))
            text += value
        else:
            text += piece
    return text, values


# --- Invented values -----------------------------------------------------------------------------


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _spaced(number: str, groups: tuple[int, ...], rng: random.Random) -> str:
    """The number as it is, in groups, in full-width digits, or with a zero-width space inside."""
    way = rng.random()
    if way < 0.4:
        return number
    if way < 0.7:
        gap, parts, at = rng.choice((" ", "-", "－", "—", " - ", "　", "·")), [], 0
        for size in groups:
            parts.append(number[at : at + size])
            at += size
        return gap.join(part for part in parts if part)
    if way < 0.9:
        return number.translate(_FULL_WIDTH)
    return f"{number[:4]}\u200b{number[4:]}"


def phone(rng: random.Random) -> str:
    """A mobile number."""
    number = f"1{rng.choice('3456789')}{_digits(rng, 9)}"
    return _spaced(number, rng.choice(((3, 4, 4), (3, 3, 5), (3, 8), (7, 4))), rng)


def landline(rng: random.Random) -> str:
    """A landline with area code."""
    code = rng.choice(("021", "010", "0731", "0512"))
    number = f"{rng.choice('2345678')}{_digits(rng, 7 if len(code) == 3 else 6)}"
    return rng.choice(
        (f"{code}-{number}", f"({code}){number}", f"{code} {number}", f"{code}{number}")
    )


def id_card(rng: random.Random) -> str:
    """Eighteen digits with a valid check digit (mod 11-2)."""
    day = f"{rng.randint(1940, 2015)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    body = f"{rng.choice(('310106', '320502', '430102', '110105'))}{day}{_digits(rng, 3)}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(body, weights, strict=True))
    check = "10X98765432"[total % 11]
    number = body + (check.lower() if rng.random() < 0.3 else check)
    return _spaced(number, (6, 8, 4), rng)


def bank_card(rng: random.Random) -> str:
    """Sixteen or nineteen digits that pass the Luhn check."""
    body = f"62{_digits(rng, rng.choice((13, 16)))}"
    total = 0
    for i, digit in enumerate(reversed(body)):
        n = int(digit) * (2 - i % 2)
        total += n - 9 if n > 9 else n
    return _spaced(f"{body}{-total % 10}", (4, 4, 4, 4, 4), rng)


def email(rng: random.Random) -> str:
    """An address at a common provider."""
    user = rng.choice(("li.hua", "zhang_san88", "wang-wei", "a1b2c3")) + _digits(rng, 2)
    at = rng.choice(("@", "@", "＠", " @ "))
    return f"{user}{at}{rng.choice(('163.com', 'qq.com', 'example.com.cn', 'sina.com'))}"


def plate(rng: random.Random) -> str:
    """Blue plates of five characters, green ones of six."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    head = f"{rng.choice('沪苏浙皖京粤')}{rng.choice(letters)}"
    if rng.random() < 0.4:
        return f"{head}{rng.choice('DF')}{_digits(rng, 5)}"
    tail = f"{_digits(rng, 3)}{rng.choice(letters + '0123456789')}{_digits(rng, 1)}"
    return f"{head}{rng.choice(('', '', '·', ' '))}{tail}"


def name(rng: random.Random) -> str:
    """A surname and one or two characters."""
    surname = rng.choice(_SURNAMES) if rng.random() < 0.95 else rng.choice(("欧阳", "上官"))
    return surname + "".join(rng.sample(_GIVEN, rng.choice((1, 2, 2))))


def address(rng: random.Random) -> str:
    """Down to the door, in the forms of lanes, blocks and villages."""
    n = [rng.randint(1, 900), rng.randint(1, 60), rng.choice((101, 302, 503, 1204))]
    return rng.choice(
        (
            f"{rng.choice(_ROADS)}{n[0]}弄{n[1]}号{n[2]}室",
            f"{rng.choice(_ROADS)}{n[0]}号{n[1]}栋{n[2]}室",
            f"{rng.choice(_ESTATES)}{n[1]}栋{n[2]}",
            f"{rng.choice(_ESTATES)}{n[1]}号楼{rng.randint(1, 4)}单元{n[2]}室",
            f"{rng.choice(_ESTATES)}{n[1]}幢{n[2]}室",
            f"{rng.choice(_ROADS)}{n[0]}弄{n[1]}号",
        )
    )


_MAKERS: dict[str, Callable[[random.Random], str]] = {
    "phone": phone,
    "landline": landline,
    "id_card": id_card,
    "bank_card": bank_card,
    "email": email,
    "plate": plate,
    "name": name,
    "address": address,
}
