"""The dashboard's charts (看板): figures with names, findings and the search behind each number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from backend.kit.text import shorten
from backend.models import Channel, Consultation, SubmitterKind
from backend.portal.figures import UNREAD, Figures, Split
from backend.triage import search
from backend.triage.plan import PlanIndex
from backend.triage.search import Term
from backend.web.labels import LABELS, label

MOST_ITEMS = 12
EVERYTHING = Term("handling", "all")
# Which colour a part has; its number stands beside it, so colour alone says nothing.
TONES = {
    "negative": "vermilion", "neutral": "grey", "positive": "jade",
    "complains": "vermilion", "proposes": "azurite", "asks": "amber", "supports": "jade",
    "opposes": "ink", "other": "grey", UNREAD: "pale",
}  # fmt: skip
_UNREAD_WORD = "未判定"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: its name, count, colour and the search that finds it."""

    name: str
    count: int
    tone: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a chart.

    `note` is said under the name; `cells` (text, address or nothing) stand in further columns.
    """

    name: str
    count: int
    href: str
    parts: tuple[Part, ...] = ()
    note: str = ""
    more: str = ""
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A question, what was found, and the rows that show it."""

    id: str
    question: str
    finding: str
    rows: tuple[Row, ...]
    heads: tuple[str, ...] = ()
    note: str = ""
    by_machine: bool = False
    first_head: str = "条数"
    empty: str = "还没有可以统计的意见。"

    @property
    def top(self) -> int:
        return max((row.count for row in self.rows), default=0) or 1


@dataclass(frozen=True, slots=True)
class Board:
    """Names and addresses for the figures of one consultation."""

    path: str
    plan: PlanIndex
    topics: Mapping[str, str]
    issues: Mapping[str, str]
    templates: Mapping[str, str]

    def href(self, *terms: Term) -> str:
        """The queue with exactly the comments a number counts."""
        return search.address(self.path, q=search.text_of((EVERYTHING, *terms)))

    # --- What is said ----------------------------------------------------------------------------

    def feelings(self, figures: Figures) -> Chart:
        """One bar: how people feel; one: what they want."""
        rows = (
            self._row("意图", figures.whole, (), "intent"),
            self._row("情感", figures.whole, (), "sentiment"),
        )
        largest = max(rows[0].parts, key=lambda part: part.count, default=None)
        finding = (
            f"最多的是“{largest.name}”，{largest.count}条" if largest and largest.count else ""
        )
        return Chart("feelings", "大家想要什么，心情怎样？", finding, rows, by_machine=True)

    def chapters(self, figures: Figures, kind: str) -> Chart:
        """By chapter, split by `sentiment` or `intent`."""
        rows = tuple(
            self._row(
                self.plan.title_of(split.key),
                split,
                (Term("section", split.key),),
                kind,
                more=f"{self.path}/about/{split.key}" if split.count else "",
            )
            for split in figures.chapters
        )
        question = "各章的心情怎样？" if kind == "sentiment" else "各章的人想要什么？"
        part = "negative" if kind == "sentiment" else "proposes"
        return Chart(
            f"chapters-{kind}", question, _extreme(rows, label(kind, part)), rows,
            note="一条意见可以谈到几章，所以各章相加会多于总数。", by_machine=True,
        )  # fmt: skip

    def items(self, figures: Figures, kind: str) -> Chart:
        """The indicators or tasks most spoken of."""
        found = [
            split
            for split in figures.items
            if split.key in self.plan.items and self.plan.items[split.key].kind == kind
        ]
        rows = tuple(
            self._row(
                self.plan.title_of(split.key), split, (Term("item", split.key),), "intent",
                more=f"{self.path}/about/{split.key}",
            )
            for split in found[:MOST_ITEMS]
        )  # fmt: skip
        word = label("item_kind", kind)
        total = sum(item.kind == kind for item in self.plan.items.values())
        silent = total - len(found)
        note = f"规划共有{total}项{word}，其中{silent}项还没有人谈到。" if silent else ""
        return Chart(
            f"items-{kind}", f"哪些{word}被谈得最多？", _first(rows), rows, note=note,
            by_machine=True,
        )  # fmt: skip

    def one(self, figures: Figures, key: str, kind: str) -> Chart | None:
        """A single chapter, indicator or task; None where nobody speaks of it."""
        split = next((s for s in (*figures.items, *figures.chapters) if s.key == key), None)
        if split is None or not split.count:
            return None
        word = "section" if key in self.plan.sections else "item"
        row = self._row(self.plan.title_of(key), split, (Term(word, key),), kind)
        question = "大家想要什么？" if kind == "intent" else "心情怎样？"
        return Chart(f"one-{kind}", question, "", (row,), by_machine=True)

    def topic_chart(self, figures: Figures, pinned: frozenset[str]) -> Chart:
        """Topics, those an official pinned first."""
        known = [split for split in figures.topics if split.key in self.topics]
        known.sort(key=lambda split: split.key not in pinned)
        rows = tuple(
            self._row(
                self.topics[split.key], split, (self._topic(split.key),), "intent",
                note="已置顶" if split.key in pinned else "",
            )
            for split in known
        )  # fmt: skip
        largest = max(rows, key=lambda row: row.count, default=None)
        finding = _first((largest,)) if largest else ""
        return Chart("topics", "大家在谈什么？", finding, rows, by_machine=True)

    def _topic(self, key: str) -> Term:
        """By its label, where no other topic is found by it; else by its id."""
        name = self.topics[key]
        alike = [one for one, other in self.topics.items() if name in other or name == one]
        return Term("topic", name if alike == [key] and '"' not in name else key)

    # --- What happens ----------------------------------------------------------------------------

    def hot(self, figures: Figures, today: date) -> Chart:
        """Issues that rise this week: count of this week, the usual week beside it."""
        since = Term("received", (today - timedelta(days=6)).isoformat(), ">=")
        rows = tuple(
            Row(
                self.issues.get(one.issue, one.issue), one.recent_count,
                self.href(Term("issue", one.issue), since),
                note="、".join(one.streets),
                cells=(
                    (f"{one.usual_count:.1f}", ""),
                    (str(one.count), self.href(Term("issue", one.issue))),
                ),
            )
            for one in figures.rising
        )  # fmt: skip
        finding = f"“{shorten(rows[0].name, 30)}”本周{rows[0].count}条" if rows else ""
        return Chart(
            "hot",
            "哪些事本周忽然多起来？",
            finding,
            rows,
            ("平常一周", "累计"),
            first_head="本周",
            empty="这一周没有忽然多起来的事。",
        )

    def places(self, figures: Figures) -> Chart:
        rows = tuple(
            Row(name, number, self.href(Term("text", name))) for name, number in figures.places
        )
        empty = "还没有被两条以上意见说到的地方。"
        return Chart("places", "说到哪些地方？", _first(rows), rows, empty=empty)

    def campaigns(self, figures: Figures) -> Chart:
        rows = tuple(
            Row(
                shorten(self.templates.get(one.cluster, one.cluster), 46), one.count,
                self.href(Term("cluster", one.cluster)),
                cells=(
                    (str(one.senders), self.href(Term("cluster", one.cluster))),
                    (f"{_day(one.first_on)}至{_day(one.last_on)}", ""),
                ),
            )
            for one in figures.campaigns
        )  # fmt: skip
        finding = f"最多的一篇来了{rows[0].count}条" if rows else ""
        return Chart(
            "campaigns", "哪些话被很多人照样寄来？", finding, rows, ("件数", "时间"),
            note="雷同的意见按一种声音看，人数照样记；一条都没有丢下。",
            empty="没有雷同的意见。",
        )  # fmt: skip

    def days(
        self, figures: Figures, consultation: Consultation
    ) -> tuple[list[tuple[str, int, str]], list[tuple[int, str]]]:
        """Every day from first to last with its search, and the moments to mark among them."""
        counts = {date.fromisoformat(day): number for day, number in figures.days}
        if not counts:
            return [], []
        first, last = min(counts), max(counts)
        every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        rows = [
            (_day(day.isoformat()), counts.get(day, 0),
             self.href(Term("received", day.isoformat())))
            for day in every
        ]  # fmt: skip
        closes = consultation.closes_at
        marks = [(consultation.published_on, "公告")]
        if closes is not None:
            marks.append((closes.date(), "截止"))
        return rows, [(every.index(day), word) for day, word in marks if day in every]

    # --- Who is heard ----------------------------------------------------------------------------

    def streets(self, figures: Figures) -> Chart:
        """Every 街镇, with its expected share where the people of all of them are known."""
        people = [street.population for street in figures.streets]
        everyone = sum(n for n in people if n is not None)
        knows = bool(people) and None not in people and everyone > 0
        placed = sum(street.count for street in figures.streets)
        rows = []
        for street in figures.streets:
            share = f"{100 * street.count / placed:.1f}%" if placed else "—"
            cells = [(share, "")]
            if knows and street.population is not None:
                cells.append((f"{100 * street.population / everyone:.1f}%", ""))
            silent = street.silent if street.neighbourhood_count else ()
            note = f"没有声音的居委：{'、'.join(silent)}" if silent and street.count else ""
            more = f"{self.path}/about/street:{quote(street.name)}"
            rows.append(
                Row(street.name, street.count, self.href(Term("street", street.name)),
                    note=note, more=more if street.count else "", cells=tuple(cells))
            )  # fmt: skip
        unheard = [street.name for street in figures.streets if not street.count]
        finding = f"{'、'.join(unheard)}还没有声音" if unheard else _first(tuple(rows))
        heads = ("占有地址的意见", "应占（按人口）") if knows else ("占有地址的意见",)
        note = f"{figures.unplaced_count}条没有说明住在哪里。没有声音不等于同意。"
        if rows and not knows:
            note += "各居委的人口还没有填全，暂不比较应占的份额。"
        return Chart("streets", "哪些地方还没有声音？", finding, tuple(rows), heads, note)

    def unplaced(self) -> str:
        return self.href(Term("street", "无"))

    def channels(self, figures: Figures) -> Chart:
        counts = dict(figures.channels)
        rows = self._simple("channel", [c.value for c in Channel], counts)
        silent = [row.name for row in rows if not row.count]
        finding = f"{'、'.join(silent)}还没有收到意见" if silent else _first(rows)
        return Chart("channels", "从哪里来？", finding, rows)

    def kinds(self, figures: Figures) -> Chart:
        counts = dict(figures.kinds)
        rows = self._simple("submitter_kind", [*(k.value for k in SubmitterKind), UNREAD], counts)
        return Chart("kinds", "谁在说话？", _first(rows), rows)

    def _simple(
        self, field: str, values: Sequence[str], counts: Mapping[str, int]
    ) -> tuple[Row, ...]:
        rows = [
            Row(
                "未说明" if value == UNREAD else label(field, value),
                counts.get(value, 0),
                self.href(Term(field, value)),
            )
            for value in values
        ]
        return tuple(sorted(rows, key=lambda row: -row.count))

    def _row(
        self,
        name: str,
        split: Split,
        terms: tuple[Term, ...],
        kind: str,
        *,
        note: str = "",
        more: str = "",
    ) -> Row:
        counts = split.sentiment if kind == "sentiment" else split.intent
        parts = tuple(
            Part(
                _UNREAD_WORD if value == UNREAD else word,
                counts.get(value, 0),
                TONES[value],
                self.href(*terms, Term(kind, value)),
            )
            for value, word in (*LABELS[kind].items(), (UNREAD, _UNREAD_WORD))
        )
        return Row(name, split.count, self.href(*terms), parts, note, more)


def _first(rows: Iterable[Row]) -> str:
    row = next(iter(rows), None)
    return f"最多的是“{shorten(row.name, 24)}”，{row.count}条" if row and row.count else ""


def _extreme(rows: Sequence[Row], part: str) -> str:
    """The row in which a part has the largest share, among those with enough to say."""
    shares = [
        (piece.count / row.count, row.name)
        for row in rows
        if row.count >= 10
        for piece in row.parts
        if piece.name == part
    ]
    if not shares or max(shares)[0] == 0:
        return _first(sorted(rows, key=lambda row: -row.count))
    share, name = max(shares)
    return f"“{shorten(name, 20)}”的意见{100 * share:.0f}%是“{part}”"


def _day(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{found.month}月{found.day}日"
