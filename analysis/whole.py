"""What only the whole collection can tell: copies, topics, shared issues and the summary."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from analysis import columns as columns_of
from analysis import ragged
from analysis.chunks import Features
from analysis.columns import Columns, Texts
from analysis.contracts import (
    ClusterReading,
    CommentText,
    CorpusSummary,
    IssueReading,
    Quote,
    TopicReading,
)
from analysis.duplicates import Cluster, added_spans, find_clusters_in, join_folded
from analysis.issues import cores, find_issues
from analysis.summarise import summarise_corpus
from analysis.topics import find_topics

_MOST_ADDITIONS = 200
"""Senders of one letter whose own words are kept."""

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WholeReading:
    """The findings over all comments, and for each comment row the ids of its own."""

    topics: tuple[TopicReading, ...]
    issues: tuple[IssueReading, ...]
    clusters: tuple[ClusterReading, ...]
    summary: CorpusSummary
    topic_of: Sequence[str | None]
    issue_of: Sequence[str | None]
    cluster_of: Sequence[str | None]


def join(parts: Sequence[Features]) -> Features:
    """The features of all chunks in order."""
    return Features(
        columns_of.concatenate([part.columns for part in parts]),
        ragged.concatenate([part.terms for part in parts]),
        join_folded([part.folded for part in parts]),
        cores.concatenate([part.cores for part in parts]),
    )


def read_whole(features: Features, texts: Texts, *, additions: bool = True) -> WholeReading:
    """Find what the comments have in common.

    `additions` False leaves out what each sender added to a form letter, which needs every copy's
    text.
    """
    columns, terms = features.columns, features.terms
    clusters = find_clusters_in(features.folded)
    wording = _wording(len(columns), clusters)
    topics = find_topics(columns, terms, wording, texts)
    issues = find_issues(columns, terms, features.cores, wording, texts)
    copies = _read_clusters(clusters, columns, texts, additions)
    sizes = _sizes(topics.topics, issues.issues, copies)
    summary = summarise_corpus(columns, wording, topics, texts, sizes)
    return WholeReading(
        topics.topics,
        issues.issues,
        copies,
        summary,
        _named([topic.id for topic in topics.topics], topics.topic_of),
        _named([issue.id for issue in issues.issues], issues.issue_of),
        _named([copy.id for copy in copies], _cluster_of(len(columns), clusters)),
    )


def _wording(size: int, clusters: Sequence[Cluster]) -> Rows:
    """For each row the first row with the same wording."""
    wording = np.arange(size)
    for cluster in clusters:
        wording[list(cluster.members)] = cluster.members[0]
    return wording


def _cluster_of(size: int, clusters: Sequence[Cluster]) -> npt.NDArray[np.int32]:
    cluster_of = np.full(size, -1, dtype=np.int32)
    for place, cluster in enumerate(clusters):
        cluster_of[list(cluster.members)] = place
    return cluster_of


def _named(ids: Sequence[str], places: npt.NDArray[np.int32]) -> Sequence[str | None]:
    names = np.array([*ids, None], dtype=object)
    return list(names[places])


def _read_clusters(
    clusters: Sequence[Cluster], columns: Columns, texts: Texts, additions: bool
) -> tuple[ClusterReading, ...]:
    comments = texts([cluster.template for cluster in clusters])
    readings = []
    for cluster in clusters:
        comment = comments[cluster.template]
        template = comment.text if comment.text.strip() else comment.title or ""
        digest = blake2b(template.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
        readings.append(
            ClusterReading(
                f"c-{digest}",
                template,
                len(cluster.members),
                cluster.unique_count,
                tuple(columns.ids[row] for row in cluster.members),
                tuple(_additions(template, cluster, texts)) if additions else (),
            )
        )
    return tuple(readings)


def _additions(template: str, cluster: Cluster, texts: Texts) -> list[Quote]:
    members = cluster.members[:_MOST_ADDITIONS]
    return [
        Quote(comment.id, "text", start, end, comment.text[start:end])
        for comment in texts(members).values()
        for start, end in _own_words(template, comment)
    ]


def _own_words(template: str, comment: CommentText) -> tuple[tuple[int, int], ...]:
    return () if comment.text == template else added_spans(template, comment.text)


def _sizes(
    topics: Sequence[TopicReading],
    issues: Sequence[IssueReading],
    copies: Sequence[ClusterReading],
) -> dict[str, int]:
    return {
        "topics": len(topics),
        "issues": len(issues),
        "clusters": len(copies),
        "in_topics": sum(topic.count for topic in topics),
        "in_issues": sum(issue.count for issue in issues),
        "in_clusters": sum(copy.count for copy in copies),
    }
