"""The cover: title, issuer, whether it is a draft, and where the text begins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.outline.lines import Line
from analysis.outline.text import ends_sentence, squeeze, tidy

_TITLE_END = re.compile(
    r"(?:规划|纲要|计划|方案|报告|意见|办法|条例|规定|要点|建议|行动|公告|通知)[^a-zA-Z]{0,14}$"
)
_ISSUER = re.compile(
    r"^[\u4e00-\u9fff]{2,30}(?:人民政府|委员会|政府|办公室|办公厅|国务院|"
    r"[委局厅部]|管委会|街道办事处)$|^国务院$"
)
_HEAD = re.compile(
    r"^([\u4e00-\u9fff]{2,20}人民政府)(?:代理?)?(?:省长|市长|区长|县长|镇长|乡长|州长|旗长|盟长|主席)"
)
_ON_BEHALF = re.compile(r"代表([\u4e00-\u9fff]{0,10}?[省市区县旗州镇乡])人民政府")
_DRAFT = re.compile(r"征求意见稿|征询意见稿|公开征求意见|征询意见|草案|讨论稿|送审稿|初稿|修改稿")
_FINAL = re.compile(r"定稿|发布稿|正式稿|印发稿|终稿|审议通过")
_DATE = re.compile(
    r"^(?:日期|时间|发布日期|发布时间)?[:： ]*[〇○零一二三四五六七八九十\d]{2,4} ?"
    r"[-年/.][\d一二三四五六七八九十 ]{1,4}[-月/.]?"
)
_DATE_AT_END = re.compile(
    r" ?(?:(?:19|20)\d\d|二[〇○零][〇○零一二三四五六七八九]{2}) ?年"
    r"(?: ?[\d一二三四五六七八九十]{1,2} ?月)?$"
)
# ——2024年1月20日在…会议上, and the name of who speaks.
_OCCASION = re.compile(
    r"^(?:[—-]{1,2}|[(（])?20\d\d年\d{1,2}月\d{1,2}日在.{4,60}(?:会议|大会)上[)）]?$"
)
_OFFICE = re.compile(
    r"^[\u4e00-\u9fff]{0,20}(?:省长|市长|区长|县长|镇长|乡长|州长|旗长|盟长|主席)[\u4e00-\u9fff某×]{2,4}$"
)
_FARTHEST = 80
_BRACKETS = re.compile(r"[(（【\[][^)）】\]]*[)）】\]]")
SECRECY = re.compile(r"内部资料|注意保密|^(?:秘密|机密|绝密)(?:[★☆]|$|[:： ])|★")


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands before the text: its lines are not part of any section."""

    title: str = ""
    issuer: str | None = None
    is_draft: bool | None = None
    secrecy: str | None = None


def read_cover(
    head: Sequence[Line], furniture: Sequence[Line], body: str, name: str
) -> tuple[Cover, list[Line]]:
    """The cover from the lines before the first heading, and those of them that are text."""
    texts = [line.text for line in head if not line.grid]
    loose = [text for text in texts if _is_cover_line(text)]
    edges = " ".join([*loose, *(line.text for line in furniture[:12])])
    drafts, finals = _DRAFT.search(edges), _FINAL.search(edges)
    title = _title(texts[:_FARTHEST], body, name)
    return (
        Cover(
            title=title,
            issuer=_issuer(loose) or _speaker(texts[:_FARTHEST]),
            is_draft=True if drafts else False if finals else None,
            secrecy=next((text for text in loose[:20] if SECRECY.search(text)), None),
        ),
        [line for line in head if line.grid or not _belongs_to_cover(line.text, title)],
    )


def _is_cover_line(text: str) -> bool:
    """A line of a cover is short and no sentence."""
    return len(text) <= 60 and not ends_sentence(text) and not re.search("[。；！]", text)


def _belongs_to_cover(text: str, title: str) -> bool:
    """A line that only says what the cover says: title, issuer, date, draft, marking."""
    if not _is_cover_line(text):
        return text.rstrip("：:") == "附件"
    words = squeeze(text)
    if _OCCASION.match(words) or _OFFICE.match(words):
        return True
    return bool(
        (len(words) >= 4 and words in squeeze(title))
        or _DATE.match(text)
        or _ISSUER.match(words)
        or SECRECY.search(text)
        or _DRAFT.search(text)
        or _TITLE_END.search(text)
    )


def _issuer(texts: Sequence[str]) -> str | None:
    issuers = [squeeze(text) for text in texts if _ISSUER.match(squeeze(text))]
    return issuers[0] if issuers else None


def _speaker(texts: Sequence[str]) -> str | None:
    """The government in whose name a report is given: by its head, or by the congress's place."""
    for text in texts:
        if head := _HEAD.match(squeeze(text)):
            return head[1]
    whole = "".join(map(squeeze, texts))
    if spoken := _ON_BEHALF.search(whole):
        if len(spoken[1]) > 1:
            return f"{spoken[1]}人民政府"
        if place := re.search(
            rf"在([\u4e00-\u9fff]{{1,12}}?{spoken[1]})第.{{1,3}}届人民代表大会", whole
        ):
            return f"{place[1]}人民政府"
    return None


def _title(texts: Sequence[str], body: str, name: str) -> str:
    """The title: the run of cover lines that the text itself names most often, or the last."""
    candidates: list[str] = []
    for start in range(len(texts)):
        run = ""
        for text in texts[start : start + 4]:
            piece = _BRACKETS.sub("", text) if _DRAFT.search(text) else text
            if not _belongs_to_title(piece):
                break
            run = _DATE_AT_END.sub("", tidy(run + piece))
            if _TITLE_END.search(run):
                candidates.append(run)
    if not candidates:
        named = next((t for t in texts if t), "") or re.sub(r"\.[A-Za-z]{2,5}$", "", name)
        return tidy(named)[:120]
    plain = squeeze(body)

    def weight(candidate: str) -> tuple[int, bool, int]:
        words = squeeze(candidate)
        return plain.count(f"《{words}》"), plain.count(words) > 0, len(words)

    return max(candidates, key=weight)


def _belongs_to_title(text: str) -> bool:
    return (
        bool(text)
        and _is_cover_line(text)
        and not _DATE.match(text)
        and not _ISSUER.match(squeeze(text))
        and not SECRECY.search(text)
        and not re.match(
            r"^附件|关于.*(?:公告|通知|通告|函)$|^[(（]|^索引号|^发文|〔20\d\d〕", text
        )
    )
