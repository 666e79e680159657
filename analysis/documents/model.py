"""What every reader hands on: a document as paragraphs and tables in reading order.

The readers know their format and nothing of plans. A paragraph keeps what the format itself says
about it (declared heading level, the bold run that opens it, a blank line before it, the page it
stands on); a table is a grid of cell texts in which a merged cell is repeated in every place it
covers. Nothing is judged here: headings, indicators and tasks are found by `analysis.outline`.
"""

from dataclasses import dataclass


class UnreadableDocument(ValueError):
    """A file that cannot be read; the message is one Chinese sentence saying what to do."""


class ScannedDocument(UnreadableDocument):
    """A PDF of pictures; it can be read by machine (OCR) where that is installed."""

    def __init__(self, message: str, pages: int) -> None:
        super().__init__(message)
        self.pages = pages


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph, or one physical line where the format has no paragraphs.

    `place` counts lines or blocks from 1. `level` is the heading level declared by the format,
    `lead` the bold run at the start of a longer text. The text of a footnote has its mark in `note`
    and the words before its mark in `anchor`.
    """

    text: str
    place: int = 0
    level: int | None = None
    lead: str | None = None
    gap: bool = False
    page: int | None = None
    note: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cell texts, all rows of equal length; `page` where it begins."""

    rows: tuple[tuple[str, ...], ...]
    place: int = 0
    page: int | None = None


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read. `format` is what the bytes are, whatever the file's name says.

    Of a PDF: the pages `recognised` by machine, and those that are `images` nobody read.
    """

    name: str
    format: str
    blocks: tuple[Block, ...]
    recognised: tuple[int, ...] = ()
    images: tuple[int, ...] = ()
