"""The files of the black-box contract, from a reading in memory or from chunks on disk.

Each file is written beside its place and moved in when it is whole. The same input gives the same
bytes.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from analysis.chunks import reading_line
from analysis.contracts import (
    ClusterReading,
    CorpusReading,
    CorpusSummary,
    IssueReading,
    TopicReading,
    to_json,
)
from analysis.store import ChunkStore
from analysis.whole import WholeReading

_NOT_YET = b'"topic": null, "issue": null, "cluster": null'


def write_reading(out_dir: Path, reading: CorpusReading) -> None:
    """Write comments.jsonl, topics.json, issues.json, clusters.json and summary.json."""
    out_dir.mkdir(parents=True, exist_ok=True)
    _write(out_dir / "comments.jsonl", (reading_line(one) for one in reading.comments))
    _write_findings(out_dir, reading.topics, reading.issues, reading.clusters, reading.summary)


def write_store(out_dir: Path, store: ChunkStore, whole: WholeReading) -> None:
    """The same from the chunks of a run on disk."""
    _write(out_dir / "comments.jsonl", _completed(store, whole))
    _write_findings(out_dir, whole.topics, whole.issues, whole.clusters, whole.summary)


def _completed(store: ChunkStore, whole: WholeReading) -> Iterator[bytes]:
    """The stored lines with the topic, issue and cluster of each comment filled in."""
    found = zip(whole.topic_of, whole.issue_of, whole.cluster_of, strict=True)
    for line, (topic, issue, cluster) in zip(store.lines(), found, strict=True):
        # Inside a JSON string every quotation mark is escaped, so this can match only once.
        names = f'"topic": {_name(topic)}, "issue": {_name(issue)}, "cluster": {_name(cluster)}'
        yield line.replace(_NOT_YET, names.encode(), 1)


def _name(one: str | None) -> str:
    return f'"{one}"' if one else "null"


def _write_findings(
    out_dir: Path,
    topics: Sequence[TopicReading],
    issues: Sequence[IssueReading],
    clusters: Sequence[ClusterReading],
    summary: CorpusSummary,
) -> None:
    _write_json(out_dir / "topics.json", to_json(topics))
    _write_json(out_dir / "issues.json", to_json(issues))
    copies = to_json(clusters)
    for copy in copies:
        del copy["additions"]
    _write_json(out_dir / "clusters.json", copies)
    _write_json(out_dir / "summary.json", to_json(summary))


def _write_json(path: Path, value: Any) -> None:
    told = json.dumps(value, ensure_ascii=False, indent=1)
    try:
        _write(path, [told.encode() + b"\n"])
    except UnicodeEncodeError:  # half a character in a quote can only be escaped
        _write(path, [json.dumps(value, indent=1).encode() + b"\n"])


def _write(path: Path, lines: Iterable[bytes]) -> None:
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        file.writelines(lines)
    unfinished.replace(path)
