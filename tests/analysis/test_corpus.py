"""A whole consultation: the same reading from one process, a pool, and chunks on disk."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from analysis import chunks, store
from analysis.chunks import Context, chunk_key, reading_line
from analysis.contracts import CommentText, to_json
from analysis.corpus import read_corpus
from analysis.duplicates import find_clusters
from analysis.store import read_into
from analysis.validate import check
from analysis.whole import join, read_whole
from tests.analysis.corpora import LETTER, PLAN, comments


@pytest.fixture(scope="module")
def reading():
    return read_corpus(comments(), PLAN, processes=1)


def test_every_comment_has_its_reading_in_order(reading):
    assert [one.id for one in reading.comments] == [c.id for c in comments()]
    assert {one.id for one in reading.comments if one.reason} == {"empty", "marks", "emoji"}


def test_findings_and_comments_point_to_each_other(reading):
    for name in ("topics", "issues", "clusters"):
        for found in getattr(reading, name):
            field = {"topics": "topic", "issues": "issue", "clusters": "cluster"}[name]
            members = [one.id for one in reading.comments if getattr(one, field) == found.id]
            assert members == list(found.comment_ids)
            assert found.count == len(members)
        ids = [found.id for found in getattr(reading, name)]
        assert len(ids) == len(set(ids))


def test_the_letter_is_one_cluster_with_what_each_added(reading):
    letter = reading.clusters[0]
    assert letter.template == LETTER
    assert letter.count == 11
    added = {quote.id: quote.text for quote in letter.additions}
    assert set(added) == {f"own-{n}" for n in range(5)}
    assert "婆婆腿脚不好" in added["own-0"]


def test_a_line_is_the_contract_written_out(reading):
    for one in reading.comments:
        assert json.loads(reading_line(one)) == to_json(one)
        assert list(json.loads(reading_line(one))) == list(to_json(one))


def test_the_summary_proves_itself():
    distinct = [c for c in comments() if c.id != "twice"]
    reading = read_corpus(distinct, PLAN, processes=1)
    assert check(reading.summary.sentences, distinct) == []
    assert reading.summary.counts["total"] == len(distinct)
    assert reading.summary.counts["unreadable"] == 3
    assert reading.summary.counts["unique"] == len(distinct) - sum(
        len(cluster.members) - 1 for cluster in find_clusters(c.text for c in distinct)
    )


def test_a_pool_gives_the_same_reading(reading, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_SIZE", 20)
    told: list[int] = []
    pooled = read_corpus(comments(), PLAN, processes=2, progress=told.append)
    assert to_json(pooled) == to_json(reading)
    assert told == sorted(told)
    assert told[-1] == len(comments())


def test_a_dask_cluster_gives_the_same_reading(reading):
    if find_spec("distributed") is None:
        pytest.skip("the optional extra dask is not installed")
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        there = read_corpus(comments(), PLAN, scheduler=cluster.scheduler_address)
    assert to_json(there) == to_json(reading)


def test_an_unreachable_scheduler_is_one_sentence():
    with pytest.raises(ValueError, match=r"Dask|调度器"):
        read_corpus(comments(), PLAN, scheduler="tcp://127.0.0.1:9")


def test_a_run_takes_up_where_it_was_killed(tmp_path: Path, monkeypatch):
    for module in (chunks, store):
        monkeypatch.setattr(module, "CHUNK_SIZE", 10)
    context = Context(PLAN)
    first = read_into(tmp_path, comments(), context, processes=1)
    # The last chunk of a killed run: lines written, features not yet in place.
    lost = first.keys[-1]
    (tmp_path / f"{lost}.features").unlink()
    (tmp_path / "half.unfinished").write_bytes(b"half")
    times = {p.name: p.stat().st_mtime_ns for p in tmp_path.glob("*.features")}
    again = read_into(tmp_path, comments(), context, processes=1)
    assert again.keys == first.keys
    assert again.holds(lost)
    for name, time in times.items():
        assert (tmp_path / name).stat().st_mtime_ns == time
    assert list(again.texts([0, len(comments()) - 1]).values()) == [comments()[0], comments()[-1]]


def test_chunks_on_disk_tell_the_same_as_memory(tmp_path: Path, reading):
    kept = read_into(tmp_path, comments(), Context(PLAN), processes=1)
    whole = read_whole(join(list(kept.features())), kept.texts)
    assert whole.topics == reading.topics
    assert whole.issues == reading.issues
    assert whole.clusters == reading.clusters
    assert whole.summary == reading.summary
    assert list(whole.topic_of) == [one.topic for one in reading.comments]


def test_a_chunk_is_known_by_everything_it_depends_on():
    context = Context(PLAN)
    one, two = CommentText("1", "路灯坏了"), CommentText("1", "路灯坏了", title="路灯")
    keys = {
        chunk_key([one], context),
        chunk_key([two], context),
        chunk_key([one, two], context),
        chunk_key([one], Context(PLAN, ("临汾路",))),
    }
    assert len(keys) == 4
    assert chunk_key([one], context) == chunk_key([one], Context(PLAN))


def test_no_comments_give_an_empty_reading():
    empty = read_corpus([], PLAN)
    assert empty.comments == empty.topics == empty.issues == empty.clusters == ()
    assert empty.summary.counts["total"] == 0
