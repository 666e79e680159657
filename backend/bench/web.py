"""How fast residents are served: `zhengxun bench web` and `zhengxun bench submit`.

Our server and, when asked, a stock Django application with the same work (tests/bench) hold the
same plan and opinions, and are asked in turn by the same visitors, in one run: what counts is the
ratio, as the machine may do other things too.
"""

import os
import platform
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.bench import crowd, servers
from backend.bench.crowd import SLUG, Crowd
from backend.bench.load import Act, Pace, Unexpected, Visitor, drive
from backend.bench.servers import Server

SYNCED_POSTS = 20
Tell = Callable[[str], None]
Send = Callable[[Visitor, str], None]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing visitors do, at ours and at the yardstick: how it went and what it cost."""

    name: str
    server: str
    pace: Pace
    cpu_ms: float
    kilobytes: float | None = None
    syncs: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All cases, what they were taken on, and ours against the yardstick (acts a second)."""

    machine: str
    cores: int
    load: tuple[float, float, float]
    comments: int
    visitors: int
    seed: int
    cases: tuple[Case, ...]
    ratios: dict[str, float]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    comments: int = 10_000
    requests: int = 2_000
    visitors: int = 8
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Side:
    """A server with the addresses of the same work; `send` is one post of an opinion."""

    name: str
    server: Server
    section: str
    journey: Send
    prepare: Callable[[Visitor], tuple[str, dict[str, str]]]


def measure_reading(size: Size, *, yardstick: Path | None, tell: Tell) -> Report:
    """The section everybody speaks about, read again and again; also while others post."""
    cases = []
    with TemporaryDirectory(prefix="zhengxun-bench-") as name:
        for side in _sides(Path(name), size, yardstick, tell):
            tell(f"{side.name}：读章节页……")
            cases += [_read(side, size), _read_beside_posts(side, size)]
    return _report(size, cases)


def measure_posting(size: Size, *, yardstick: Path | None, tell: Tell) -> Report:
    """Opinions sent until the receipt shows; the storing post alone; fsyncs of one post."""
    cases = []
    with TemporaryDirectory(prefix="zhengxun-bench-") as name:
        for side in _sides(Path(name), size, yardstick, tell):
            tell(f"{side.name}：提交意见……")
            cases += [_journey(side, size), _posts(side, size, Path(name))]
    return _report(size, cases)


def _read(side: Side, size: Size) -> Case:
    def act(visitor: Visitor, _number: int) -> None:
        visitor.get(side.section)

    return _case("读章节页", side, act, size.requests, size, bytes_of=side.section)


def _read_beside_posts(side: Side, size: Size) -> Case:
    """Every tenth visit sends an opinion, so that what a server remembers is out of date."""

    def act(visitor: Visitor, number: int) -> None:
        if number % 10 == 9:
            side.journey(visitor, f"第{number}条意见。")
        else:
            visitor.get(side.section)

    return _case("读九次提一次", side, act, size.requests // 4, size)


def _journey(side: Side, size: Size) -> Case:
    def act(visitor: Visitor, number: int) -> None:
        side.journey(visitor, f"第{number}条意见：楼道太暗，请装灯。")

    return _case("从表单到回执", side, act, size.requests // 4, size)


def _posts(side: Side, size: Size, folder: Path) -> Case:
    """The request that stores, alone: the forms before it were opened and filled beforehand."""
    count = size.requests // 4
    visitor = Visitor(side.server.port)
    forms = [side.prepare(visitor) for _ in range(SYNCED_POSTS)]
    with servers.count_syncs(side.server, folder / "syncs") as found:
        for form in forms:
            visitor.post(*form)
        time.sleep(0.5)  # What is done after the answer counts, too.
    visitor.close()

    ready = [_prepared(side) for _ in range(count)]

    def act(_visitor: Visitor, number: int) -> None:
        own, form = ready[number]
        own.post(*form)

    case = _case("保存意见的一次提交", side, act, count, size, is_warm=True)
    for own, _ in ready:
        own.close()
    syncs = round(found[0] / SYNCED_POSTS, 2) if found else None
    return Case(case.name, case.server, case.pace, case.cpu_ms, syncs=syncs)


def _prepared(side: Side) -> tuple[Visitor, tuple[str, dict[str, str]]]:
    """A visitor of its own for each form: Django ties the form to the cookie."""
    own = Visitor(side.server.port)
    form = side.prepare(own)
    own.close()  # It connects anew when it sends.
    return own, form


def _case(
    name: str,
    side: Side,
    act: Act,
    count: int,
    size: Size,
    *,
    bytes_of: str | None = None,
    is_warm: bool = False,
) -> Case:
    if not is_warm:  # Templates are compiled when first used.
        drive(side.server.port, act, count=size.visitors, visitors=size.visitors)
    used = side.server.worked()
    pace = drive(side.server.port, act, count=count, visitors=size.visitors)
    cpu_ms = round(1000 * (side.server.worked() - used) / count, 2)
    kilobytes = None
    if bytes_of:
        visitor = Visitor(side.server.port)
        kilobytes = round(len(visitor.get(bytes_of).body) / 1000, 1)
        visitor.close()
    return Case(name, side.name, pace, cpu_ms, kilobytes)


# --- The two sides -------------------------------------------------------------------------------


def _sides(folder: Path, size: Size, yardstick: Path | None, tell: Tell) -> Iterator[Side]:
    tell(f"生成{size.comments:,}条意见……")
    gathered = crowd.gather(folder / "ours", size.comments, seed=size.seed)
    with servers.ours(folder / "ours") as server:
        yield _ours(server, gathered)
    if yardstick is None:
        return
    tell("准备对照用的 Django……")
    python = servers.python_of_yardstick(yardstick)
    given = folder / "given.json"
    given.write_text(dumps(gathered.for_yardstick(), ensure_ascii=False), encoding="utf-8")
    section = f"/sections/{gathered.section}/"
    with servers.yardstick(python, folder, given, section) as server:
        yield _django(server, gathered)


def _ours(server: Server, gathered: Crowd) -> Side:
    base = f"/consultations/{SLUG}"
    passage = gathered.said[0].passage

    def draft(visitor: Visitor, text: str) -> str:
        page = visitor.get(f"{base}/comment?about={passage}", encoding="identity").body.decode()
        ticket = _found(r'name="ticket" value="([^"]+)"', page)
        fields = {"ticket": ticket, "about": passage, "text": text}
        return visitor.post(f"{base}/comment", fields)

    def journey(visitor: Visitor, text: str) -> None:
        check = draft(visitor, text)
        visitor.get(check)
        visitor.get(visitor.post(f"{check}/send", {}))

    def prepare(visitor: Visitor) -> tuple[str, dict[str, str]]:
        return draft(visitor, "请多装路灯。") + "/send", {}

    return Side("征询", server, f"{base}/sections/{gathered.section}", journey, prepare)


def _django(server: Server, gathered: Crowd) -> Side:
    address = f"/passages/{gathered.said[0].passage}/comment/"

    def fields(visitor: Visitor, text: str) -> dict[str, str]:
        page = visitor.get(address, encoding="identity").body.decode()
        token = _found(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        return {"csrfmiddlewaretoken": token, "text": text}

    def journey(visitor: Visitor, text: str) -> None:
        visitor.get(visitor.post(address, fields(visitor, text)))

    def prepare(visitor: Visitor) -> tuple[str, dict[str, str]]:
        return address, fields(visitor, "请多装路灯。")

    return Side("Django", server, f"/sections/{gathered.section}/", journey, prepare)


def _found(pattern: str, page: str) -> str:
    match = re.search(pattern, page)
    if match is None:
        raise Unexpected(pattern)
    return match[1]


# --- The report ----------------------------------------------------------------------------------


def _report(size: Size, cases: list[Case]) -> Report:
    return Report(
        machine=platform.platform(),
        cores=os.cpu_count() or 1,
        load=os.getloadavg(),
        comments=size.comments,
        visitors=size.visitors,
        seed=size.seed,
        cases=tuple(cases),
        ratios=ratios(cases),
    )


def ratios(cases: list[Case]) -> dict[str, float]:
    """How many times as many acts a second we do; nothing without a yardstick."""
    beside = {case.name: case.pace.per_second for case in cases if case.server != "征询"}
    return {
        case.name: round(case.pace.per_second / beside[case.name], 2)
        for case in cases
        if case.server == "征询" and case.name in beside
    }


def as_markdown(report: Report) -> str:
    """The cases as a table people read."""
    heads = ("做什么", "谁", "次数", "每秒", "中位（毫秒）", "95% 以内", "处理器", "KB", "fsync")
    lines = [_row(heads), _row(["---", "---", *["---:"] * 7])]
    lines += [_row(_cells(case)) for case in report.cases]
    lines += ["", *(f"{name}：征询是 Django 的 {n} 倍。" for name, n in report.ratios.items())]
    load = "、".join(f"{part:.2f}" for part in report.load)
    lines.append(
        f"{report.comments:,} 条意见，{report.visitors} 位访客同时，种子 {report.seed}；"
        f"{report.machine}，{report.cores} 核，负载 {load}"
    )
    return "\n".join(lines)


def _cells(case: Case) -> tuple[object, ...]:
    pace = case.pace
    measured = (pace.count, pace.per_second, pace.median_ms, pace.p95_ms, case.cpu_ms)
    return case.name, case.server, *measured, _or_dash(case.kilobytes), _or_dash(case.syncs)


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
