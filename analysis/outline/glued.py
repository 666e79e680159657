"""Where a heading ends that ran into the text below it.

Copies lose the line end after a heading: 第二章 实施创新驱动核心战略坚持科技创新…. Chapters open
with a small set of words (坚持, 围绕, 聚焦, “十四五”时期 …); the first of them that begins a word
after a plausible title is taken for the beginning of the text.
"""

import re

import rjieba

_OPENERS = re.compile(
    r"坚持|围绕|聚焦|践行|深入(?:贯彻|实施|学习|践行)|贯彻|按照|根据|立足|"
    r"依托|始终|紧紧|紧扣|主动(?:服务|融入|对接)|"
    r"[“\"]十[一二三四五六七八九]五[”\"]|到20\d\d|20\d\d年|展望|未来[五十几]|"
    r"当前|过去|面对|高举|习近平|党的|"
    r"为(?:全面|深入|加快|进一步|贯彻|了)|全[区镇市县省]|我[国省市区县镇]|"
    r"本(?:规划|市|区|镇|县)|必须|要"
)
_INNER_ITEM = re.compile(r"[①②③④⑤⑥⑦⑧⑨⑩]|(?<=\D)[(（][一1][)）]|(?<=[\u4e00-\u9fff])1[、.．](?!\d)")
_SHORTEST = 4
_LONGEST = 40


def split_glued(text: str, *, bold: bool) -> tuple[str, str]:
    """Title and text, or two empty strings. `bold`: the number alone proves there is a title."""
    if (item := _INNER_ITEM.search(text)) and _SHORTEST <= item.start() <= _LONGEST:
        title = text[: item.start()]
        if not re.search(r"[。；;,，：:]", title):
            return title.strip(), text[item.start() :]
    reach = re.match(r"[^。；;：:]*", text)
    head = (reach[0] if reach else "")[: _LONGEST + 6]
    if not bold:
        head = re.split("[,，]", head)[0]
    starts = _word_starts(head)
    for opener in _OPENERS.finditer(head):
        if _SHORTEST <= opener.start() <= _LONGEST and opener.start() in starts:
            return text[: opener.start()].strip(), text[opener.start() :]
    return "", ""


def _word_starts(text: str) -> set[int]:
    starts, position = set(), 0
    for word in rjieba.cut(text):
        starts.add(position)
        position += len(word)
    return starts
