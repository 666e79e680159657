"""One chunk of a consultation: the unit that is read, kept and never read twice.

A chunk's key is made of the raw comments, the plan and the engine version, so a result on disk is
either exactly the one wanted or of no use. Reading a chunk depends on nothing else: not on the
process, the machine or the other chunks.
"""

import gc
import json
import pickle
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import islice

from analysis import columns as columns_of
from analysis.assess import ENGINE_VERSION, assess_many
from analysis.columns import Columns
from analysis.contracts import CommentText, ParsedPlan, Reading, to_json
from analysis.duplicates import FoldedTexts, fold_many
from analysis.issues.cores import Cores, cores_of
from analysis.linking import Linker, plan_items
from analysis.ragged import Ragged
from analysis.terms import extract

CHUNK_SIZE = 500
"""Comments in a chunk: enough to share the cost of a call, few enough to lose in a crash."""


@dataclass(frozen=True)
class Context:
    """What every comment of a consultation is read against."""

    plan: ParsedPlan
    gazetteer: tuple[str, ...] = ()

    @cached_property
    def key(self) -> str:
        """A digest of all that a reading depends on except the comment."""
        told = json.dumps([to_json(self.plan), self.gazetteer], ensure_ascii=False, sort_keys=True)
        return blake2b(f"{ENGINE_VERSION}\n{told}".encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Features:
    """What the reading of a whole consultation needs of a chunk's comments."""

    columns: Columns
    terms: Ragged
    folded: FoldedTexts
    cores: Cores


@dataclass(frozen=True, slots=True)
class ChunkReading:
    """The readings of a chunk, in order, without what only the whole can tell."""

    readings: tuple[Reading, ...]
    features: Features


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """The same as bytes: a line of JSON per comment and the pickled features."""

    lines: bytes
    features: bytes


_linkers: dict[str, Linker] = {}


def read_chunk(comments: Sequence[CommentText], context: Context) -> ChunkReading:
    """Read the comments of one chunk."""
    linker = _linkers.get(context.key)
    if linker is None:
        # One consultation at a time: a worker need not remember the plans of earlier ones.
        _linkers.clear()
        linker = _linkers[context.key] = Linker(plan_items(context.plan))
    with undisturbed():
        assessed = assess_many(comments, linker, gazetteer=context.gazetteer)
        readings = tuple(one.reading for one in assessed)
        features = Features(
            columns_of.from_readings(comments, readings),
            extract(comments, [reading.places for reading in readings]),
            fold_many(_compared(comment) for comment in comments),
            cores_of(comments),
        )
    return ChunkReading(readings, features)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let the collector of cyclic garbage rest while comments are read.

    Reading makes hundreds of thousands of small records and no cycles; looking through them and
    through the lexicons again and again took a third of the time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def read_chunk_for_store(comments: Sequence[CommentText], context: Context) -> StoredChunk:
    """Read one chunk into bytes, so that the process that collects them has nothing to do."""
    read = read_chunk(comments, context)
    lines = b"".join(reading_line(reading) for reading in read.readings)
    return StoredChunk(lines, pickle.dumps(read.features, protocol=5))


def reading_line(reading: Reading) -> bytes:
    """One line of comments.jsonl."""
    value = _plain(reading)
    try:
        return json.dumps(value, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half a character (a lone surrogate) can only be escaped
        return json.dumps(value).encode() + b"\n"


def _plain(reading: Reading) -> dict[str, object]:
    """`to_json(reading)`, field by field: a million lines have no time to ask what a record is."""
    return {
        "id": reading.id,
        "status": reading.status,
        "reason": reading.reason,
        "sentiment": reading.sentiment,
        "sentiment_score": reading.sentiment_score,
        "intent": reading.intent,
        "link_status": reading.link_status,
        "items": [
            {
                "id": item.id,
                "type": item.type,
                "score": item.score,
                "stance": item.stance,
                "evidence": [
                    {"field": span.field, "start": span.start, "end": span.end}
                    for span in item.evidence
                ],
            }
            for item in reading.items
        ],
        "topic": reading.topic,
        "issue": reading.issue,
        "cluster": reading.cluster,
        "places": [
            {"text": p.text, "kind": p.kind, "field": p.field, "start": p.start, "end": p.end}
            for p in reading.places
        ],
        "personal_data": [
            {"kind": data.kind, "field": data.field, "start": data.start, "end": data.end}
            for data in reading.personal_data
        ],
        "masked_text": reading.masked_text,
    }


def chunk_key(comments: Sequence[CommentText], context: Context) -> str:
    """The name under which the reading of exactly these comments is kept."""
    digest = blake2b(context.key.encode(), digest_size=16)
    for comment in comments:
        digest.update(repr(comment).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def chunked(comments: Iterable[CommentText]) -> Iterator[tuple[CommentText, ...]]:
    """Chunks of the comments in order."""
    rest = iter(comments)
    while chunk := tuple(islice(rest, CHUNK_SIZE)):
        yield chunk


def _compared(comment: CommentText) -> str:
    """The text by which copies are recognised: the title only where there is no other."""
    return comment.text if comment.text.strip() else comment.title or ""
