"""Reading with what was learned: the shipped reading, changed where a learned reader speaks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.assess import Assessed
from analysis.contracts import Intent, ItemType, LinkedItem, LinkStatus, ReadStatus, Sentiment
from analysis.intent import read_stance
from analysis.learning.classes import ClassReader
from analysis.learning.links import NO_ITEM, LinkReader, Ranking, near_the_best

REASON = "依据工作人员以往的核定"


@dataclass(frozen=True, slots=True)
class Learned:
    """The learned readers in force, if any."""

    intent: ClassReader | None = None
    sentiment: ClassReader | None = None
    linking: LinkReader | None = None

    def __bool__(self) -> bool:
        return any((self.intent, self.sentiment, self.linking))

    def improve(self, readings: Sequence[Assessed], kinds: dict[str, ItemType]) -> list[Assessed]:
        """The readings with the learned readers' word where they have one.

        `kinds` holds the items of the plan: a key learned on an item that is gone is not used.
        """
        read = [r for r in readings if r.reading.status is ReadStatus.READ]
        texts = [one.reading.masked_text for one in read]
        if self.intent is not None:
            read = [
                _with_intent(one, self.intent, *said)
                for one, said in zip(read, self.intent.read(texts), strict=True)
            ]
        if self.sentiment is not None:
            read = [
                _with_sentiment(one, self.sentiment, *said)
                for one, said in zip(read, self.sentiment.read(texts), strict=True)
            ]
        if self.linking is not None:
            rankings = self.linking.rank(texts, [base_scores(one) for one in read])
            read = [_with_links(one, r, kinds) for one, r in zip(read, rankings, strict=True)]
        improved = iter(read)
        return [
            next(improved) if one.reading.status is ReadStatus.READ else one for one in readings
        ]


NOTHING_LEARNED = Learned()


def base_scores(assessed: Assessed) -> dict[str, float]:
    """The shipped linker's scores by item, "no item" among them."""
    if assessed.reading.link_status is LinkStatus.NO_ITEM:
        return {NO_ITEM: assessed.link_confidence}
    return {item.id: item.score for item in assessed.reading.items}


def _with_intent(one: Assessed, reader: ClassReader, label: str, sure: float) -> Assessed:
    base = one.reading.intent
    if not reader.replaces(None if base is None else base.value, label):
        return one
    reading = replace(one.reading, intent=Intent(label))
    return replace(one, reading=reading, intent_confidence=sure, intent_evidence=())


def _with_sentiment(one: Assessed, reader: ClassReader, label: str, sure: float) -> Assessed:
    base = one.reading.sentiment
    if not reader.replaces(None if base is None else base.value, label):
        return one
    reading = replace(one.reading, sentiment=Sentiment(label))
    return replace(one, reading=reading, sentiment_confidence=sure, sentiment_evidence=())


def _with_links(one: Assessed, ranking: Ranking, kinds: dict[str, ItemType]) -> Assessed:
    """Items in their new order; those the linker had not seen carry no words as evidence."""
    known = [(key, value) for key, value in ranking if key == NO_ITEM or key in kinds]
    own = {item.id: item for item in one.reading.items}
    if not known or [key for key, _ in known] == list(base_scores(one)):
        return one
    if known[0][0] == NO_ITEM:
        reading = replace(one.reading, link_status=LinkStatus.NO_ITEM, items=())
        return replace(
            one, reading=reading, link_confidence=min(known[0][1], 1.0), reasons=(REASON,)
        )
    items = tuple(
        replace(own[key], score=round(min(value, 1.0), 4))
        if key in own
        else LinkedItem(
            key, kinds[key], round(min(value, 1.0), 4), read_stance(one.reading.masked_text)
        )
        for key, value in near_the_best(known)
    )
    reading = replace(one.reading, link_status=LinkStatus.LINKED, items=items)
    reasons = one.reasons if items[0].id in own else (REASON,)
    return replace(one, reading=reading, link_confidence=items[0].score, reasons=reasons)
