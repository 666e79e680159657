"""Reading a million comments: chunks on disk, so memory stays small and nothing is read twice.

The reading of each chunk is kept in a work folder under a name made of its content, the plan and
the engine version. After a crash the same command finds what is there and reads only the rest.
The chunk's features are written last and moved into place, so a half-written chunk never counts.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from analysis.chunks import (
    CHUNK_SIZE,
    Context,
    Features,
    chunk_key,
    chunked,
    read_chunk_for_store,
)
from analysis.contracts import CommentText
from analysis.corpus import Chunk, Progress, workers


@dataclass(frozen=True, slots=True)
class ChunkStore:
    """The chunks of one run, in order, in a work folder."""

    folder: Path
    keys: list[str]

    def holds(self, key: str) -> bool:
        """Whether a chunk was read before."""
        return self._path(key, "features").exists()

    def keep(self, key: str, comments: Chunk, lines: bytes, features: bytes) -> None:
        """Write a chunk; it counts once its features are in place."""
        self._path(key, "lines").write_bytes(lines)
        # Plain tuples load ten times faster than records, and only a few are wanted.
        plain = [(type(comment), astuple(comment)) for comment in comments]
        self._path(key, "texts").write_bytes(pickle.dumps(plain, protocol=5))
        unfinished = self._path(key, "unfinished")
        unfinished.write_bytes(features)
        unfinished.replace(self._path(key, "features"))

    def features(self) -> Iterator[Features]:
        """The features of every chunk in order."""
        for key in self.keys:
            yield pickle.loads(self._path(key, "features").read_bytes())  # noqa: S301  our own

    def feature_bytes(self) -> int:
        """What the features of all chunks take on disk."""
        return sum(self._path(key, "features").stat().st_size for key in self.keys)

    def lines(self) -> Iterator[bytes]:
        """The line of every comment in order, without what only the whole can tell."""
        for key in self.keys:
            yield from self._path(key, "lines").read_bytes().splitlines(keepends=True)

    def texts(self, rows: Sequence[int]) -> dict[int, CommentText]:
        """The raw comments in the given rows; each chunk is opened once."""
        found: dict[int, CommentText] = {}
        opened = -1
        chunk: list[tuple[type[CommentText], tuple[Any, ...]]] = []
        for row in sorted(rows):
            if row // CHUNK_SIZE != opened:
                opened = row // CHUNK_SIZE
                data = self._path(self.keys[opened], "texts").read_bytes()
                chunk = pickle.loads(data)  # noqa: S301  our own
            kind, values = chunk[row % CHUNK_SIZE]
            found[row] = kind(*values)
        return found

    def _path(self, key: str, kind: str) -> Path:
        return self.folder / f"{key}.{kind}"


def read_into(
    folder: Path,
    comments: Iterable[CommentText],
    context: Context,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> ChunkStore:
    """Read all comments into a work folder, leaving out the chunks that are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    store = ChunkStore(folder, [])
    done = _Done(progress)
    with workers(context, processes, scheduler) as pool:
        waiting: list[tuple[str, Chunk]] = []

        def unread() -> Iterator[Chunk]:
            for chunk in chunked(comments):
                key = chunk_key(chunk, context)
                store.keys.append(key)
                if store.holds(key):
                    done.add(len(chunk))
                else:
                    waiting.append((key, chunk))
                    yield chunk

        for stored in pool.map(read_chunk_for_store, unread()):
            key, chunk = waiting.pop(0)
            store.keep(key, chunk, stored.lines, stored.features)
            done.add(len(chunk))
    return store


class _Done:
    """Counts comments and tells whoever wants to know."""

    def __init__(self, tell: Callable[[int], None] | None) -> None:
        self._count = 0
        self._tell = tell

    def add(self, more: int) -> None:
        self._count += more
        if self._tell:
            self._tell(self._count)
