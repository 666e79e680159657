"""Link comments to the items of one plan.

For each comment three kinds of evidence are summed per item: everyday expressions (aliases), the
plan's own words and character pairs. `decide` turns the sums into a reading.
"""

from collections.abc import Iterable, Sequence

from analysis.contracts import CommentText
from analysis.linking.decide import LinkReading, decide_all
from analysis.linking.evidence import Evidence, ReadField, read_fields
from analysis.linking.index import ItemIndex
from analysis.linking.items import PlanItem
from analysis.linking.lexicon import Alias, AliasLexicon
from analysis.linking.scores import score

BLOCK = 1000


class Linker:
    """Reads which items of a plan comments are about; building it is the only slow part."""

    def __init__(
        self,
        items: Sequence[PlanItem],
        aliases: AliasLexicon | None = None,
        extra_aliases: Iterable[Alias] = (),
    ) -> None:
        lexicon = aliases or AliasLexicon.load()
        extra = tuple(extra_aliases)
        self.index = ItemIndex(items, lexicon.extended(extra) if extra else lexicon)

    def link(self, comment: CommentText) -> LinkReading:
        """The reading of one comment."""
        return self.link_many((comment,))[0]

    def link_many(
        self,
        comments: Sequence[CommentText],
        fields: Sequence[Sequence[ReadField]] | None = None,
    ) -> list[LinkReading]:
        """The readings of many comments, in their order.

        `fields` are the comments' `read_fields`, for a pipeline that has them already.
        """
        readings: list[LinkReading] = []
        for start in range(0, len(comments), BLOCK):
            block = comments[start : start + BLOCK]
            read = fields[start : start + BLOCK] if fields else [read_fields(c) for c in block]
            evidence = Evidence(read, self.index)
            scores = score(evidence, self.index, [c.anchor for c in block])
            readings += decide_all(scores, evidence, self.index)
        return readings
