"""Link comments to the items of one plan.

For each comment three kinds of evidence are summed per item: everyday expressions (aliases), the
plan's own words and character pairs. `decide` turns the sums into a reading.
"""

from collections.abc import Iterable, Sequence

from analysis.contracts import CommentText
from analysis.linking.decide import LinkReading, decide_all
from analysis.linking.evidence import gather
from analysis.linking.index import ItemIndex
from analysis.linking.items import PlanItem
from analysis.linking.lexicon import Alias, AliasLexicon
from analysis.linking.scores import score

CHUNK = 2000


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

    def link_many(self, comments: Sequence[CommentText]) -> list[LinkReading]:
        """The readings of many comments, in their order."""
        readings: list[LinkReading] = []
        for start in range(0, len(comments), CHUNK):
            readings += self._link_chunk(comments[start : start + CHUNK])
        return readings

    def _link_chunk(self, comments: Sequence[CommentText]) -> list[LinkReading]:
        evidence = [gather(comment, self.index) for comment in comments]
        scores = score(evidence, self.index, [c.anchor for c in comments])
        return decide_all(scores, evidence, self.index)
