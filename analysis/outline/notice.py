"""The notice before a draft: who asks, since when, until when, and where to write."""

import re
from collections.abc import Sequence
from datetime import date

from analysis.contracts import Notice
from analysis.outline.numbering import read_mark
from analysis.outline.text import squeeze

_EVIDENCE = re.compile(r"公告|公示|通知|征求意见|征询意见|公开征询|意见征集|听取意见")
_ANSWER = re.compile(r"反馈|截止|邮箱|电子邮件|邮寄|来信|提出意见|发送至|E-?mail", re.IGNORECASE)
_DATE = re.compile(r"(?:(20\d\d) ?[年./-] ?)?(\d{1,2}) ?[月./-] ?(\d{1,2}) ?日?(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_POSTCODE = re.compile(r"邮(?:政编码|编)[:： ]*(\d{6})")
_ADDRESS = re.compile(
    r"(?:邮寄至|邮寄到|寄送至|寄至|寄到|(?:通信|通讯|邮寄|来信|收件|联系)?地址|"
    r"信函寄至)[:： ]*([^；;。,，\n(（@]{6,60}"
    r"(?:[(（](?!邮(?:政编码|编))[^)）]{1,20}[)）])?)"
)
_ANNEX = re.compile(r"附件[一1]?[:：]?")
_DEADLINE = re.compile(
    r"截止|截至|为止|前(?:反馈|将|通过|提出|以)|期限|日前|之前|时间[为:：]|至20|起至"
)
_PUBLISHED = re.compile(
    r"^(?:发布(?:日期|时间)|日期|时间)?[:： ]*"
    r"(20\d\d ?[年./-] ?\d{1,2} ?[月./-] ?\d{1,2} ?日?)(?: ?\d{1,2}:\d\d.*)?$"
)


def read_notice(texts: Sequence[str]) -> Notice | None:
    """The notice in the lines before the first heading, or None where there is none."""
    whole = "\n".join(texts)
    if not (_EVIDENCE.search(whole) and _ANSWER.search(whole)):
        return None
    published = _published(texts)
    email, postcode, address = _EMAIL.search(whole), _POSTCODE.search(whole), _ADDRESS.search(whole)
    notice = Notice(
        published_on=published,
        deadline=_deadline(whole, published),
        email=email[0].rstrip(".") if email else None,
        postal_address=address[1].strip() if address else None,
        postcode=postcode[1] if postcode else None,
    )
    return notice if notice != Notice(published_on=published) else None


def notice_length(texts: Sequence[str]) -> int:
    """How many lines a notice with numbered parts of its own takes before the plan it announces.

    The plan begins at its title, named in the notice and then set on lines of its own, or below
    附件 on a line of its own; and most of the text must follow. No such notice: none.
    """
    if not any(_EVIDENCE.search(text) for text in texts[:6]):
        return 0
    named = {squeeze(name) for text in texts[:12] for name in re.findall("《([^》]+)》", text)}
    sizes = [len(text) for text in texts]
    for index in range(1, len(texts)):
        if sum(sizes[:index]) * 2 > sum(sizes):
            break
        words = squeeze("".join(texts[index : index + 1]))
        whole = {_without_draft(squeeze("".join(texts[index : index + n]))) for n in (1, 2, 3)}
        begins = _ANNEX.fullmatch(words) or (
            not words.startswith("《") and whole & {_without_draft(name) for name in named}
        )
        if begins and any(read_mark(text) for text in texts[:index]):
            return index
    return 0


def _without_draft(text: str) -> str:
    return re.sub(r"[（(][^()（）]*[)）]", "", text)


def _published(texts: Sequence[str]) -> date | None:
    """The date that stands on a line of its own; the last one is the signature's."""
    found = [date_ for text in texts if (m := _PUBLISHED.match(text)) and (date_ := _first(m[1]))]
    return found[-1] if found else None


def _deadline(whole: str, published: date | None) -> date | None:
    """The last date of the first sentence that speaks of an end."""
    for sentence in re.split(r"[。；;\n]", whole):
        if _DEADLINE.search(sentence):
            year = published.year if published else None
            dates = _dates(sentence, year)
            if dates:
                return dates[-1]
    return None


def _first(text: str) -> date | None:
    dates = _dates(text, None)
    return dates[0] if dates else None


def _dates(text: str, year: int | None) -> list[date]:
    found: list[date] = []
    for match in _DATE.finditer(text):
        stated = int(match[1]) if match[1] else (found[-1].year if found else year)
        if stated is None:
            continue
        try:
            found.append(date(stated, int(match[2]), int(match[3])))
        except ValueError:
            continue
    return found
