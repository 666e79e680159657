"""Files of comments in, files of the contract out; every row has its line."""

import csv
import json
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contracts import ParsedPlan, from_json, to_json
from analysis.corpus import read_corpus
from analysis.files import analyse, read_comments, read_plan, write_reading
from analysis.readable import DamagedComment
from tests.analysis.corpora import PLAN, comments

KEYS = [
    "id", "status", "reason", "sentiment", "sentiment_score", "intent", "link_status", "items",
    "topic", "issue", "cluster", "places", "personal_data", "masked_text",
]  # fmt: skip
ROWS = [("1", "路灯坏了，晚上看不见"), ("2", "请增加，停车位\n第二行"), ("3", "")]


def write_csv(path: Path, encoding: str, delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["id", "text"])
        writer.writerows(ROWS)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_any_encoding(tmp_path: Path, encoding):
    read = list(read_comments(write_csv(tmp_path / "c.csv", encoding)))
    assert [(c.id, c.text) for c in read] == ROWS


def test_tabs_and_semicolons_divide_too(tmp_path: Path):
    for delimiter in "\t;":
        read = list(read_comments(write_csv(tmp_path / "c.csv", "utf-8", delimiter)))
        assert [(c.id, c.text) for c in read] == ROWS


def test_json_lines_keep_every_row(tmp_path: Path):
    path = tmp_path / "c.jsonl"
    lines = ['{"id": 1, "text": "路灯坏了"}', "{不是 JSON", '["a"]', '{"text": null, "likes": "7"}']
    path.write_text("\n".join(lines), "utf-8")
    one, broken, other, empty = read_comments(path)
    assert (one.id, one.text) == ("1", "路灯坏了")
    assert isinstance(broken, DamagedComment)
    assert broken.id == "row-2"
    assert "JSON" in broken.fault
    assert isinstance(other, DamagedComment)
    assert (empty.id, empty.text, empty.likes) == ("row-4", "", 7)


def test_parquet_and_all_columns(tmp_path: Path):
    path = tmp_path / "c.parquet"
    pq.write_table(
        pa.table({"id": [1, 2], "body": ["路灯坏了", None], "posted_at": ["2026/3/1 9:05", "?"]}),
        path,
    )
    one, two = read_comments(path, "body")
    assert (one.id, one.text, two.text) == ("1", "路灯坏了", "")
    assert one.posted_at is not None
    assert (one.posted_at.month, one.posted_at.hour, two.posted_at) == (3, 9, None)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("c.csv", b"id,body\n1,x\n", "缺少“text”列；现有的列：id、body"),
        ("c.csv", b"text\nx\n", "缺少“id”列"),
        ("c.csv", b"", "是空的"),
        ("c.jsonl", b'{"text": "x"}\n', "缺少“id”列"),
        ("c.parquet", b"not parquet", "不是有效的 Parquet"),
        ("c.docx", b"x", "不认识的文件类型"),
    ],
)
def test_a_bad_file_is_one_sentence(tmp_path: Path, name, content, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        list(read_comments(path))
    with pytest.raises(ValueError, match="找不到"):
        list(read_comments(tmp_path / "nowhere.csv"))


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=30)), max_size=8))
def test_no_row_of_a_csv_is_lost(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "c.csv"
    with path.open("w", encoding="utf-8", newline="", errors="surrogatepass") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([("id", "text"), *rows])
    assert len(list(read_comments(path))) == len(rows)


def test_a_forgotten_quotation_mark_costs_one_line(tmp_path: Path):
    path = tmp_path / "c.csv"
    rows = "".join(f"{n},第{n}条：路灯坏了\n" for n in range(3, 3000))
    path.write_text(f'id,text\n1,"好\n的"\n2,"忘了结尾的引号\n{rows}', "utf-8")
    read = list(read_comments(path))
    assert [comment.id for comment in read] == [str(n) for n in range(1, 3000)]
    assert read[0].text == "好\n的"
    assert "忘了结尾的引号" in read[1].text
    assert read[-1].text == "第2999条：路灯坏了"


def test_a_mark_inside_a_cell_is_kept(tmp_path: Path):
    path = tmp_path / "c.csv"
    path.write_text('id,text\n1,"他说"好"。"\n2,再来一条\n', "utf-8")
    first, second = read_comments(path)
    assert "他说" in first.text
    assert second.text == "再来一条"


def test_a_comma_nobody_quoted_loses_no_word(tmp_path: Path):
    last, middle = tmp_path / "last.csv", tmp_path / "middle.csv"
    last.write_text("id,text\n1,路灯坏了,三个月,没人修\n2,好的，就这样,,\n", "utf-8")
    assert [c.text for c in read_comments(last)] == ["路灯坏了,三个月,没人修", "好的，就这样"]
    middle.write_text("id,text,channel\n1,路灯坏了,三个月,web\n", "utf-8")
    [damaged] = read_comments(middle)
    assert isinstance(damaged, DamagedComment)
    assert "多出 1 格" in damaged.fault


def test_rows_are_read_one_after_the_other(tmp_path: Path):
    """A file of ten million rows is no more in memory than one of a hundred thousand."""
    path = tmp_path / "c.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("id,text\n")
        file.writelines(f"{n},路灯坏了没有人修\n" for n in range(100_000))
    tracemalloc.start()
    assert sum(1 for _ in read_comments(path)) == 100_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_too_much_for_the_memory_is_one_sentence(tmp_path: Path, sources, monkeypatch):
    monkeypatch.setattr("analysis.files.available_memory", lambda: 10_000)
    with pytest.raises(ValueError, match="内存"):
        analyse(*sources, tmp_path / "out", processes=1)
    monkeypatch.undo()
    analyse(*sources, tmp_path / "out", processes=1)
    assert (tmp_path / "out" / "comments.jsonl").exists()


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    texts, plan = tmp_path / "c.jsonl", tmp_path / "plan.json"
    lines = [json.dumps(to_json(c), ensure_ascii=False) for c in comments()]
    texts.write_text("\n".join([*lines, "{broken"]), "utf-8")
    plan.write_text(json.dumps(to_json(PLAN), ensure_ascii=False), "utf-8")
    return texts, plan


def test_the_whole_command_writes_the_contract(tmp_path: Path, sources):
    texts, plan = sources
    told: list[int] = []
    for out in ("one", "two"):
        analyse(texts, plan, tmp_path / out, processes=1, progress=told.append)
    files = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert files == [
        "clusters.json", "comments.jsonl", "issues.json", "summary.json", "topics.json",
    ]  # fmt: skip
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    lines = [json.loads(x) for x in (tmp_path / "one/comments.jsonl").open(encoding="utf-8")]
    assert [line["id"] for line in lines] == [*(c.id for c in comments()), f"row-{len(lines)}"]
    assert all(list(line) == KEYS for line in lines)
    assert lines[-1]["reason"] == "这一行不是有效的 JSON"
    clusters = json.loads((tmp_path / "one/clusters.json").read_text("utf-8"))
    assert list(clusters[0]) == ["id", "template", "count", "unique_count", "comment_ids"]
    topics = json.loads((tmp_path / "one/topics.json").read_text("utf-8"))
    assert {line["topic"] for line in lines} - {None} == {topic["id"] for topic in topics}
    by_id = {line["id"]: line for line in lines[::-1]}
    raw = {c.id: c for c in comments()[::-1]}
    for quote in (quote for topic in topics for quote in topic["quotes"]):
        assert (
            getattr(raw[quote["id"]], quote["field"])[quote["start"] : quote["end"]]
            == (quote["text"])
        )
        assert quote["id"] in by_id


def test_memory_and_disk_write_the_same_bytes(tmp_path: Path, sources):
    _, plan = sources
    path = tmp_path / "plain.jsonl"
    path.write_text("\n".join(json.dumps(to_json(c)) for c in comments()), "utf-8")
    analyse(path, plan, tmp_path / "disk", processes=1)
    write_reading(tmp_path / "memory", read_corpus(read_comments(path), PLAN, processes=1))
    for made in (tmp_path / "disk").iterdir():
        assert made.read_bytes() == (tmp_path / "memory" / made.name).read_bytes(), made.name


def test_half_a_character_does_not_stop_the_writing(tmp_path: Path, sources):
    _, plan = sources
    path = tmp_path / "c.jsonl"
    path.write_text('{"id": "1", "text": "路灯\\ud83d坏了三个月"}\n', "utf-8")
    analyse(path, plan, tmp_path / "out", processes=1)
    line = json.loads((tmp_path / "out/comments.jsonl").read_text("utf-8"))
    assert line["status"] == "read"


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"title": 1, "sections": 3}'])
def test_a_bad_plan_is_one_sentence(tmp_path: Path, content):
    path = tmp_path / "plan.json"
    path.write_text(content, "utf-8")
    with pytest.raises(ValueError, match=r"plan\.json"):
        read_plan(path)
    with pytest.raises(ValueError, match="找不到"):
        read_plan(tmp_path / "none.json")


def test_a_plan_is_read_back_as_it_was(tmp_path: Path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(to_json(PLAN)), "utf-8")
    assert read_plan(path) == PLAN == from_json(ParsedPlan, to_json(PLAN))
