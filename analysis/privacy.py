"""Personal data in a comment: where it is, and the text with it masked.

Numbers are recognised by form and check digit (ID cards by ISO 7064 mod 11-2 as GB 11643 fixes it,
bank cards by Luhn), names and door-level addresses by the words around them. Everything is looked
for in the normalised text, so full-width digits, spaces, dashes and zero-width characters between
digits do not hide a number, and given back as raw offsets. What an office publishes itself — 12345,
110, 400 numbers, document numbers, dates, amounts — is not personal data.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from analysis import data
from analysis.contracts import PersonalData
from analysis.segment import Normalised, normalise

Hit = tuple[str, int, int]  # kind and normalised offsets

# --- Numbers -------------------------------------------------------------------------------------

# What people put between groups of digits; NFKC has already made ASCII of the full-width ones.
_GAP = r"[ \n\-‐‑–—―−_.·•,、/*~]{1,3}"
_FORMS_OF_MOBILE = (
    (11,), (3, 4, 4), (3, 3, 5), (3, 8), (7, 4), (4, 7), (4, 3, 4), (4, 4, 3), (5, 6), (6, 5),
    (3, 5, 3), (3, 2, 2, 2, 2), (1,) * 11,
)  # fmt: skip


def _grouped(form: Sequence[int]) -> str:
    digits = [r"\d" if n == 1 else rf"\d{{{n}}}" for n in form]
    digits[0] = "1" if form[0] == 1 else rf"1[3-9]\d{{{form[0] - 2}}}"
    return _GAP.join(digits)


_MOBILE = re.compile(
    r"(?<![\dA-Za-z.*])(?:(?:\+|00)?86[ \-]?)?(?:" + "|".join(map(_grouped, _FORMS_OF_MOBILE)) + ")"
    r"(?![\d*])"
)
_SPELT_MOBILE = re.compile(
    r"(?<![零〇一二三四五六七八九幺\d])[一幺1][ -]?[三四五六七八九3-9]"
    r"(?:[ -]?[零〇一二三四五六七八九幺\d]){9}(?![零〇一二三四五六七八九幺十百千万亿\d])"
)
_LANDLINE = re.compile(
    r"(?<![\dA-Za-z*-])\(?(?:(?:\+|00)?86[ -]?)?0(?:10|2\d|[3-9]\d{2})\)?[ \-‐‑–—―−_.、]{0,3}"
    r"[2-8]\d{2,3}[ \-–—]?\d{4}(?:[ ]?(?:转|-|ext\.?)[ ]?\d{1,5})?(?![\d*])",
    re.IGNORECASE,
)
_LOCAL_LINE = re.compile(
    r"(?:电话|座机|固话|致电|来电|联系方式|拨打|传真|热线|tel|TEL|Tel)"
    r"(?:号码|号)?(?:是|为|:)?[: ]{0,3}([2-8]\d{2,3}[ \-–—]?\d{4})(?![\d*])"
)
_GAP_IN_CARD = r"[ \-–—.·]{0,3}"
_ID_CARD = re.compile(
    rf"(?<![\dA-Za-z])[1-9](?:{_GAP_IN_CARD}\d){{16}}{_GAP_IN_CARD}[\dXx](?![\dA-Za-z])"
)
_OLD_ID = re.compile(r"(?<!\d)[1-9]\d{14}(?!\d)")
_CARD = re.compile(rf"(?<![\dA-Za-z.*])\d(?:{_GAP_IN_CARD}\d){{14,18}}(?![\dA-Za-z*])")
_EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63} ?@ ?[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,4}[A-Za-z]{2,12}"
    r"|[A-Za-z0-9][A-Za-z0-9._%+-]{0,63} ?(?:#|\(at\)|\[at\]| at |艾特) ?"
    r"(?:qq|163|126|139|189|sina|sohu|gmail|hotmail|outlook|foxmail|yahoo|aliyun|yeah|live|icloud)"
    r" ?(?:\.|点) ?(?:com|cn|net)(?:\.cn)?",
    re.IGNORECASE,
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}] ?[A-HJ-NP-Za-hj-np-z][ .·•\-–—]{{0,2}}"
    r"(?:[A-HJ-NP-Za-hj-np-z0-9](?:[ ]?[A-HJ-NP-Za-hj-np-z0-9]){4,5}"
    r"|[A-HJ-NP-Za-hj-np-z0-9]{4}[挂学警港澳领试超])(?![A-Za-z0-9])"
)
# 编号, 文号 …: a long number after one of these is a document's, not a person's.
_DOCUMENT = re.compile(
    r"(?:编号|文号|单号|案号|票号|流水号?|信用代码|合同号?|证号|订单|工单|字第)[^\d身卡]{0,6}$"
)
_SAYS_ID = re.compile(r"身份证|证件号|身份号|ID", re.IGNORECASE)
_SAYS_CARD = re.compile(r"卡号|账号|帐号|账户|帐户|银行|储蓄卡|借记卡|信用卡|存折|社保卡|工资卡")
_LOOK_BACK = 16

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_card_is_valid(number: str) -> bool:
    """Eighteen digits with a real date and the right check digit (GB 11643, mod 11-2)."""
    if len(number) != 18 or not _is_date(number[6:14]):
        return False
    total = sum(int(d) * w for d, w in zip(number, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


def luhn_is_valid(number: str) -> bool:
    """The Luhn check of a card number."""
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(number)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _is_date(text: str) -> bool:
    year, month, day = text[:-4], int(text[-4:-2]), int(text[-2:])
    return (len(year) == 2 or 1900 <= int(year) <= 2099) and 1 <= month <= 12 and 1 <= day <= 31


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit() or c in "Xx").upper()


def _id_cards(text: str) -> Iterator[Hit]:
    for found in _ID_CARD.finditer(text):
        number, before = _digits(found[0]), text[max(0, found.start() - _LOOK_BACK) : found.start()]
        said = _SAYS_ID.search(before) is not None
        if len(number) == 18 and (id_card_is_valid(number) or (said and _is_date(number[6:14]))):
            yield "id_card", found.start(), found.end()
    for found in _OLD_ID.finditer(text):
        before = text[max(0, found.start() - _LOOK_BACK) : found.start()]
        if _SAYS_ID.search(before) and _is_date(found[0][6:12]):
            yield "id_card", found.start(), found.end()


def _bank_cards(text: str) -> Iterator[Hit]:
    for found in _CARD.finditer(text):
        number, before = _digits(found[0]), text[max(0, found.start() - _LOOK_BACK) : found.start()]
        if not 15 <= len(number) <= 19 or _DOCUMENT.search(before):
            continue
        if _SAYS_CARD.search(before) or (
            len(number) >= 16 and number[0] in "3456" and luhn_is_valid(number)
        ):
            yield "bank_card", found.start(), found.end()


def _phones(text: str) -> Iterator[Hit]:
    for pattern in (_MOBILE, _LANDLINE):
        for found in pattern.finditer(text):
            if not _DOCUMENT.search(text[max(0, found.start() - _LOOK_BACK) : found.start()]):
                yield "phone", found.start(), found.end()
    for found in _LOCAL_LINE.finditer(text):
        yield "phone", found.start(1), found.end(1)


def _spelt_phones(text: str) -> Iterator[Hit]:
    for found in _SPELT_MOBILE.finditer(text):
        if not found[0].isdecimal():
            yield "phone", found.start(), found.end()


def _emails(text: str) -> Iterator[Hit]:
    for found in _EMAIL.finditer(text):
        yield "email", found.start(), found.end()


def _plates(text: str) -> Iterator[Hit]:
    for found in _PLATE.finditer(text):
        if sum(c.isdigit() for c in found[0]) >= 2:
            yield "plate", found.start(), found.end()


# --- Names ---------------------------------------------------------------------------------------


@cache
def _surnames() -> tuple[str, str]:
    """Two patterns: every surname, and those that are no everyday word."""
    listed = data.rows("privacy/surnames.tsv", 2)
    return _any_of([name for name, _ in listed]), _any_of([n for n, how in listed if how == "sure"])


def _any_of(words: Sequence[str]) -> str:
    """A pattern for any of the words; single characters as one class, which is searched fast."""
    single = "".join(word for word in words if len(word) == 1)
    longer = sorted((word for word in words if len(word) > 1), key=lambda word: (-len(word), word))
    return "(?:" + "|".join([*longer, *([f"[{single}]"] if single else [])]) + ")"


@cache
def _name_patterns() -> tuple[re.Pattern[str], ...]:
    every, sure = _surnames()
    after = [row[0] for row in data.rows("privacy/after_name.tsv", 1)]
    ends = "".join(word for word in after if len(word) == 1)
    words = _any_of([word for word in after if len(word) > 1])
    cues = data.rows("privacy/name_cues.tsv", 2)
    strong, roles, titles = (
        _any_of([cue for cue, kind in cues if kind == wanted])
        for wanted in ("strong", "role", "title")
    )
    han = r"[一-鿿]"
    given = rf"(?!{words})(?![{ends}]){han}(?:(?!{words})(?![{ends}]){han})?"
    alone = rf"(?!{words}){han}{{1,2}}(?=[\s,。、;:!?()“”]|$)"
    return (
        re.compile(rf"{strong}[是为叫]?[: ,\"“(]{{0,3}}({every}(?:{alone}|{given}))"),
        re.compile(rf"{roles}[: \"“(]{{0,3}}({every}{alone}|{sure}{given})"),
        re.compile(rf"(?<![一-鿿\d])({sure}(?:(?![{ends}]){han}){{0,2}})(?={titles})"),
        re.compile(
            rf"(?<=[和与及跟找给向是叫让由被同对的请过到问见听谢、])({sure}(?:(?![{ends}]){han}){{0,2}}?)"
            rf"(?={titles})"
        ),
        re.compile(
            rf"(?:敬礼|谢谢|感谢|此致|致敬|20\d\d年\d{{1,2}}月\d{{1,2}}日)[!。,. \n]*"
            rf"({every}{han}{{1,2}})[。. ]*(?=\n|$|\d{{2,4}}[年.\-/])"
        ),
        re.compile(
            rf"(?:\n|^|[。!] ?)({sure}{han}{{1,2}}) {{0,2}}"
            r"(?=(?:联系)?(?:电话|手机)|1\d{10}|$)"
        ),
        re.compile(rf"(?:我|本人|免贵)姓({every})(?![一-鿿]?[氏族名])"),
    )


@cache
def _not_names() -> frozenset[str]:
    return frozenset(row[0] for row in data.rows("privacy/not_names.tsv", 1))


def _names(text: str) -> Iterator[Hit]:
    for pattern in _name_patterns():
        for found in pattern.finditer(text):
            name = found[1]
            alone = not text[found.end(1) : found.end(1) + 1].isalpha()
            if not alone and _NAMES_A_PLACE.match(text, found.end(1)):
                continue
            if name not in _not_names() and (alone or name[:2] not in _not_names()):
                yield "name", found.start(1), found.end(1)


# 我是楚天中苑的业主: what follows shows that an estate or a firm was named, not a person.
_NAMES_A_PLACE = re.compile(
    r"[一-鿿]{0,4}(?:小区|苑|花园|家园|公寓|公司|学校|社区|街道|镇|村|路|业主|住户)"
)


# --- Addresses -----------------------------------------------------------------------------------

_N = r"(?:\d{1,5}|[一二三四五六七八九十百]{1,4}|[A-Za-z]\d{0,3})"
_SEP = r"[ ,\-–—#]{0,2}"
_ROOM = rf"(?:\d{{3,4}}|{_N}[室房户])(?:室|房|户|号房)?"
_BLOCK = rf"{_N}(?:栋|幢|座|号楼|号门|#楼|#)"
_DOOR = re.compile(
    # Looked at only where a number with a unit of an address begins.
    r"(?<![\dA-Za-z一二三四五六七八九十百])"
    r"(?=[\dA-Za-z一二三四五六七八九十百]{1,5}(?:弄|栋|幢|座|号|#|单元|组|队|社))"
    rf"(?:{_N}弄{_SEP})?"
    rf"(?:{_BLOCK}{_SEP}(?:{_N}单元{_SEP})?(?:{_N}[楼层]{_SEP})?{_ROOM}"
    rf"|{_BLOCK}{_SEP}{_N}单元(?:{_SEP}{_N}[楼层])?"
    rf"|{_N}单元{_SEP}(?:{_N}[楼层]{_SEP})?{_ROOM}"
    rf"|{_N}号{_SEP}(?:{_N}单元{_SEP})?(?:{_N}[楼层]{_SEP})?{_ROOM}"
    rf"|{_N}(?:组|队|社){_SEP}{_N}号(?!线|楼|文))"
    rf"(?![\d年月日元万亿%米号])"
)
_LANE = re.compile(rf"{_N}弄{_SEP}{_N}号(?!线|楼|文|令|公告|[院馆])")
_HOUSE = re.compile(rf"(?<=[路街巷道弄里村庄寨屯]){_N}号(?!线|楼|文|令|公告|[院馆])(?:院|大院)?")
_LIVES = re.compile(r"(?:家住|我住|住在|住址|地址|家在|居住(?:在|于|地)?|住所|户籍|本人住|现住)")
_COUNTED = re.compile(
    r"(?:[1-9]\d*0|[房户])(?:余|多|几)?[户套家型人间]|第\d+号|第?[一二三四五六七八九十\d]+号文"
)
_PLACE_BEFORE = re.compile(r"[一-鿿A-Za-z0-9]{0,18}$")
_PLACE_STARTS = re.compile(
    r".*(?:家住|居住在|居住于|居住|住在|我住|现住|住(?![宅房院])|住址是?|地址是?|位于|我是|我们是|我家是?|本人是?|来自|家在|就是|反映"
    r"|投诉|举报|请问|希望|建议|关于|省|市|自治区|[A-Z]\d*区|(?<![小社校园片])区|县|以及|业主|号线|\d+[年月日]|和(?![平睦谐兴顺美泰])|[在是的与到向从于对找有来去])"
)


def _addresses(text: str) -> Iterator[Hit]:
    for pattern in (_DOOR, _LANE, _HOUSE):
        for found in pattern.finditer(text):
            start = found.start()
            before = text[max(0, start - 24) : start]
            place = _PLACE_BEFORE.search(before)
            name = place[0] if place else ""
            if before[-1:] in ("〕", ")", "]", "第") or (
                _COUNTED.search(found[0] + text[found.end() : found.end() + 2])
            ):
                continue
            if cut := _PLACE_STARTS.match(name):
                name = name[cut.end() :]
            if pattern is _HOUSE and not _LIVES.search(before):
                continue
            yield "address", start - len(name), found.end()


# --- Together ------------------------------------------------------------------------------------

# In this order: what an earlier finder took, a later one does not look at again.
_FINDERS: tuple[Callable[[str], Iterable[Hit]], ...] = (
    _emails, _id_cards, _bank_cards, _phones, _spelt_phones, _plates, _addresses, _names,
)  # fmt: skip
_NUMBER_FINDERS = (_id_cards, _bank_cards, _phones)
_LONG_NUMBER = re.compile(rf"\d(?:(?:{_GAP}|\))?\d){{6}}")


def find_personal_data(text: str, field: str = "text") -> tuple[PersonalData, ...]:
    """Every stretch of personal data, in reading order, without overlaps; raw offsets."""
    folded = normalise(text)
    return tuple(
        PersonalData(kind, field, *folded.span(start, end)) for kind, start, end in _hits(folded)
    )


def _hits(folded: Normalised) -> list[Hit]:
    taken: list[Hit] = []
    for finder in _FINDERS:
        if finder in _NUMBER_FINDERS and not _LONG_NUMBER.search(folded.text):
            continue
        for hit in finder(folded.text):
            if all(hit[2] <= start or end <= hit[1] for _, start, end in taken):
                taken.append(hit)
    return sorted(taken, key=lambda hit: hit[1])


# --- Masking -------------------------------------------------------------------------------------


def mask(text: str, found: Iterable[PersonalData]) -> str:
    """The text with each stretch replaced; what is left of it is fixed for its kind.

    phone: first three and last four digits · id_card: first three · bank_card: last four ·
    email: first letter and domain · plate: province and city letter · name: the surname ·
    address: the place without any number.
    """
    pieces: list[str] = []
    done = 0
    for item in sorted(found, key=lambda p: (p.start, p.end)):
        if item.start < done:
            continue
        pieces += (text[done : item.start], _masked(item.kind, text[item.start : item.end]))
        done = item.end
    return "".join([*pieces, text[done:]])


def _masked(kind: str, raw: str) -> str:
    folded = normalise(raw).text
    digits = _digits(folded)
    match kind:
        case "phone":
            return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else "****"
        case "id_card":
            return f"{digits[:3]}{'*' * 15}"
        case "bank_card":
            return f"{'*' * 12}{digits[-4:]}"
        case "email":
            return f"{folded[:1]}***@{re.split(r'[@#]', folded)[-1].strip()}"
        case "plate":
            return f"{folded.replace(' ', '')[:2].upper()}*****"
        case "name":
            return f"{folded[:2] if folded[:2] in _compound() else folded[:1]}**"
        case _:
            number = re.search(
                r"[\d]|[一二三四五六七八九十]+(?=[栋幢座号单])|[A-Za-z](?=[栋幢座])", folded
            )
            return f"{folded[: number.start()] if number else ''}***"


@cache
def _compound() -> frozenset[str]:
    return frozenset(r[0] for r in data.rows("privacy/surnames.tsv", 2) if len(r[0]) == 2)
