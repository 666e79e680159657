"""Mail as residents' clients really lay it out, made by rule: formats, charsets, with known parts.

Each made message tells what its new text is, so that reading it back can be counted exactly.
"""

import base64
import quopri
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import cycle

from opencc import OpenCC

OFFICE = "zhengxun@linjiang.example"
QUOTED = (
    "您好！您对《临江区“十五五”规划纲要（征求意见稿）》的意见已经登记。\n"
    "发件人请保留此邮件。如需补充，请直接回复。\n临江区发展和改革委员会"
)
OPENINGS = ("您好：\n", "", "尊敬的领导：\n    ", "区发改委同志：\n\n", "")
MATTERS = (
    "我们小区是八十年代的老公房，六层没有电梯，我父亲八十三岁，一个月没下过楼。",
    "看了规划第三章，公交线网优化写得很好，但是没有写末班车时间。",
    "滨江步道晚上没有灯，希望加装照明，时间：2026年年底前可以吗？",
    "菜场改造以后摊位费涨了，主题：民生保障应当放在前面。",
    "在2025年11月那次座谈会上，居委书记写道要建社区食堂，到现在没有动静",
    "“托育服务”这一条建议把2岁以下写进去，\n很多双职工家庭没人带孩子。",
    "垃圾房正对着3号楼1楼的窗户，夏天不能开窗。\n\n建议：\n1. 换密闭式的；\n2. 改到东门。",
    "停车泊位从500个增加到800个行不行？From the gate to the bridge there is no parking.",
    "喆家浜河水发臭，龑苑小区业主反映了三次，玥湖也一样，希望截污纳管。",
)
CLOSINGS = ("", "\n谢谢！", "\n\n望采纳。\n一名普通居民", "\n此致\n敬礼", "")
PEOPLE = (("王芳", "wangfang66@163.example"), ("张建国", "zjg1952@qq.example"),
          ("陈女士", "chen.l@sina.example"), ("Li Na", "lina@mail.example"))  # fmt: skip
TRADITIONAL = (
    "公園晚上沒有燈，希望加裝照明，老人家散步不安全。",
    "建議在第三章寫明無障礙坡道的數量，\n我母親坐輪椅，過不了橋。",
)
# (label on the message, codec of its bytes): most labels are true, and the usual lies are here.
CHARSETS = (
    ("utf-8", "utf-8"), ("gb2312", "gb18030"), ("gbk", "gb18030"), ("gb18030", "gb18030"),
    ("big5", "big5hkscs"), ("x-unknown", "gb18030"), ("us-ascii", "utf-8"), ("utf-8", "gb18030"),
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One message with what reading it must give."""

    client: str
    charset: str
    raw: bytes
    new: str
    subject: str
    sender: tuple[str, str]


_TO_TRADITIONAL = OpenCC("s2tw")
Frame = Callable[[str, datetime], str]


def _qq(new: str, at: datetime) -> str:
    head = f'发件人: "临江征询"<{OFFICE}>;\n发送时间: {at:%Y年%m月%d日}(星期三) 上午9:12\n'
    tail = '收件人: "我"<me@qq.example>;\n主题: 您的意见已收到\n'
    return f"{new}\n\n\n\n------------------ 原始邮件 ------------------\n{head}{tail}\n{QUOTED}"


def _qq_phone(new: str, at: datetime) -> str:
    return (
        f'{new}\n\n发自我的iPhone\n\n\n---原始邮件---\n发件人: "临江征询"<{OFFICE}>\n'
        f"发送时间: {at:%Y年%m月%d日}(周三) 上午9:12\n收件人: <me@qq.example>;\n主题: 已收到\n\n"
        f"{QUOTED}"
    )


def _netease(new: str, at: datetime) -> str:
    below = "\n".join("> " + line for line in QUOTED.split("\n"))
    return (
        f'{new}\n\n\n\n\n\n\n\n在 {at:%Y-%m-%d %H:%M:%S}，"临江征询" <{OFFICE}> 写道：\n\n{below}'
    )


def _netease_old(new: str, at: datetime) -> str:
    return f'{new}\n\n\n\nAt {at:%Y-%m-%d %H:%M:%S}, "临江征询" <{OFFICE}> wrote:\n\n>{QUOTED}'


def _netease_master(new: str, at: datetime) -> str:
    return (
        f"{new}\n\n来自我的网易邮箱大师\n\n---- 回复的原邮件 ----\n发件人 临江征询<{OFFICE}>\n"
        f"日期 {at:%Y年%m月%d日} 09:12\n收件人 我<me@163.example>\n主题 已收到\n\n{QUOTED}"
    )


def _foxmail(new: str, at: datetime) -> str:
    return (
        f"{new}\n\n\n \n发件人： 临江征询\n发送时间： {at:%Y-%m-%d %H:%M}\n收件人： 王芳\n"
        f"主题： 您的意见已收到\n{QUOTED}"
    )


def _outlook(new: str, at: datetime) -> str:
    return (
        f"{new}\n\n________________________________\n发件人: 临江征询 <{OFFICE}>\n"
        f"发送时间: {at:%Y年%m月%d日} 9:12\n收件人: me@outlook.example <me@outlook.example>\n"
        f"主题: 您的意见已收到\n\n{QUOTED}"
    )


def _outlook_old(new: str, at: datetime) -> str:
    return (
        f"{new}\n\n-----邮件原件-----\n发件人: 临江征询 [mailto:{OFFICE}] \n"
        f"发送时间: {at:%Y年%m月%d日} 9:12\n收件人: 王芳\n主题: 您的意见已收到\n\n{QUOTED}"
    )


def _outlook_english(new: str, at: datetime) -> str:
    return (
        f"{new}\n\n-----Original Message-----\nFrom: Zhengxun <{OFFICE}> \nSent: Wednesday, "
        f"{at:%B %d, %Y} 9:12 AM\nTo: Wang Fang\nSubject: received\n\n{QUOTED}"
    )


def _gmail(new: str, at: datetime) -> str:
    below = "\n".join("> " + line for line in QUOTED.split("\n"))
    return f"{new}\n\n临江征询 <{OFFICE}> 于{at:%Y年%m月%d日}周三 09:12写道：\n\n{below}\n"


def _gmail_english(new: str, at: datetime) -> str:
    below = "\n".join("> " + line for line in QUOTED.split("\n"))
    return f"{new}\n\nOn {at:%a, %b %d, %Y} at 9:12 AM Zhengxun <\n{OFFICE}> wrote:\n\n{below}\n"


def _apple(new: str, at: datetime) -> str:
    below = "\n".join("> " + line for line in QUOTED.split("\n"))
    wrote = f"> 在 {at:%Y年%m月%d日}，09:12，临江征询 <{OFFICE}> 写道：\n> \n"
    return f"{new}\n\n发自我的 iPhone\n\n{wrote}{below}"


def _apple_wrapped(new: str, at: datetime) -> str:
    below = "\n".join("> " + line for line in QUOTED.split("\n"))
    wrote = f"在 {at:%Y年%m月%d日}，上午9:12，临江征询平台（请勿回复）\n<{OFFICE}> 写道："
    return f"{new}\n\n{wrote}\n\n{below}"


def _sina(new: str, at: datetime) -> str:
    return (
        f"{new}\n\n\n----- 原始邮件 -----\n发件人：临江征询 <{OFFICE}>\n收件人：me@sina.example\n"
        f"主题：您的意见已收到\n日期：{at:%Y年%m月%d日} 09点12分\n\n{QUOTED}"
    )


def _aliyun(new: str, at: datetime) -> str:
    rule = "-" * 66
    return (
        f"{new}\n{rule}\n发件人：临江征询<{OFFICE}>\n日　期：{at:%Y年%m月%d日} 09:12:44\n"
        f"收件人：<me@aliyun.example>\n主　题：您的意见已收到\n\n{QUOTED}"
    )


def _thunderbird(new: str, at: datetime) -> str:
    below = "\n".join("> " + line for line in QUOTED.split("\n"))
    return f"{new}\n\n在 {at:%Y/%m/%d %H:%M}, 临江征询 写道:\n{below}\n\n-- \n王芳 13800138000"


def _huawei(new: str, at: datetime) -> str:
    return (
        f"{new}\n\n\n发自我的华为手机\n\n\n-------- 原始邮件 --------\n"
        f"发件人： 临江征询 <{OFFICE}>\n日期： {at:%Y年%m月%d日}周三 上午9:12\n"
        f"收件人： me@huawei.example\n主题： 已收到\n{QUOTED}"
    )


def _fresh(new: str, _at: datetime) -> str:
    return new


FRAMES: dict[str, Frame] = {
    "QQ邮箱": _qq, "QQ邮箱手机版": _qq_phone, "网易": _netease, "网易旧版": _netease_old,
    "网易邮箱大师": _netease_master, "Foxmail": _foxmail, "Outlook": _outlook,
    "Outlook旧版": _outlook_old, "Outlook英文": _outlook_english, "Gmail": _gmail,
    "Gmail英文": _gmail_english, "苹果": _apple, "苹果折行": _apple_wrapped, "新浪": _sina,
    "阿里云": _aliyun, "雷鸟": _thunderbird, "华为": _huawei, "新写": _fresh,
}  # fmt: skip


def corpus(count: int, seed: int = 7) -> Iterator[Made]:
    """`count` different messages over all formats and charsets, the same for the same seed."""
    chance = random.Random(seed)
    clients, charsets = cycle(FRAMES.items()), cycle(CHARSETS)
    start = datetime(2026, 11, 2, 1, 12, tzinfo=UTC)
    for number in range(count):
        client, frame = next(clients)
        if number % len(FRAMES) == 0:
            next(charsets)  # So that every client meets every charset.
        label, codec = next(charsets)
        is_traditional = codec.startswith("big5")
        matter = chance.choice(TRADITIONAL if is_traditional else MATTERS)
        opening, closing = chance.choice(OPENINGS), chance.choice(CLOSINGS)
        new = f"{opening}{matter}（第{number}封）{closing}"
        at = start + timedelta(minutes=number)
        subject, person = f"关于规划的意见{number}", PEOPLE[3 if is_traditional else number % 4]
        body = frame(new, at - timedelta(days=1))
        if is_traditional:
            new, subject, body = map(_TO_TRADITIONAL.convert, (new, subject, body))
        raw = compose(
            body, label, codec, subject=subject, sender=person, at=at, number=number,
            style=chance.choice(("plain", "plain", "alternative", "html")),
        )  # fmt: skip
        yield Made(client, label, raw, new, subject, person)


def compose(
    body: str,
    label: str,
    codec: str,
    *,
    subject: str,
    sender: tuple[str, str],
    at: datetime,
    number: int = 0,
    style: str = "plain",
    to: str = OFFICE,
) -> bytes:
    """The bytes on the wire, built by hand: a library would refuse the lies real clients tell."""
    transfer = ("base64", "quoted-printable", "8bit")[number % 3]
    plain = _part(body, "plain", label, codec, transfer)
    rich_part = _part(_html(body), "html", label, codec, transfer)
    head = [
        ("Return-Path", f"<{sender[1]}>".encode()),
        ("Received", f"from mx.example by mail.linjiang.example; {format_datetime(at)}".encode()),
        ("From", _words(sender[0], label, codec, number) + f" <{sender[1]}>".encode()),
        ("To", f"<{to}>".encode()),
        ("Subject", _words(subject, label, codec, number)),
        ("Date", format_datetime(at).encode()),
        ("Message-ID", f"<made-{number}-{at.timestamp():.0f}@mail.example>".encode()),
        ("MIME-Version", b"1.0"),
    ]
    if style == "alternative":
        mark = f"=_part_{number}"
        head.append(("Content-Type", f'multipart/alternative; boundary="{mark}"'.encode()))
        inner = b"".join(b"--%s\r\n%s\r\n" % (mark.encode(), part) for part in (plain, rich_part))
        block = b"\r\n" + inner + b"--%s--\r\n" % mark.encode()
    else:
        block = plain if style == "plain" else rich_part
    return b"".join(name.encode() + b": " + value + b"\r\n" for name, value in head) + block


def _part(text: str, kind: str, label: str, codec: str, transfer: str) -> bytes:
    data = text.replace("\n", "\r\n").encode(codec)
    if transfer == "base64":
        data = base64.encodebytes(data).replace(b"\n", b"\r\n")
    elif transfer == "quoted-printable":
        data = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    header = (
        f"Content-Type: text/{kind}; charset={label}\r\nContent-Transfer-Encoding: {transfer}\r\n"
    )
    return header.encode() + b"\r\n" + data


def _words(text: str, label: str, codec: str, number: int) -> bytes:
    """A header value: raw bytes, or encoded words, in one or cut in the middle of a character."""
    data = text.encode(codec)
    if number % 5 == 4 and codec != "big5hkscs":
        return data
    pieces = [data] if number % 2 else [data[: len(data) // 2], data[len(data) // 2 :]]
    return b" ".join(
        b"=?" + label.encode() + b"?B?" + base64.b64encode(piece) + b"?=" for piece in pieces
    )


def _html(body: str) -> str:
    """As web clients write it: a division for each line, the quoted lines in a blockquote."""
    rows, quoted = [], False
    for line in body.split("\n"):
        is_quoted = line.startswith(">")
        if is_quoted != quoted:
            rows.append("<blockquote>" if is_quoted else "</blockquote>")
            quoted = is_quoted
        rows.append(f"<div>{escape(line.lstrip('> ')) or '<br>'}</div>")
    if quoted:
        rows.append("</blockquote>")
    return "<html><head><style>p{margin:0}</style></head><body>" + "".join(rows) + "</body></html>"
