"""`plan parse`, `plan import` and `analyse`, as docs/cli.md describes them."""

import json
from pathlib import Path

import pytest

from tests.features.command import refused, run

PLAN = """云桥镇国民经济和社会发展第十五个五年规划（征求意见稿）

第一章 改善居住条件

第一节 加快旧住房改造

推进老旧小区改造。到2030年，完成老旧小区改造60万平方米，支持既有多层住宅加装电梯200台。

第二节 缓解停车难

新增公共停车泊位。到2030年新增公共停车泊位1500个，推广错时共享停车。

第二章 关爱老年人

建设社区食堂。新建社区食堂12个，让老年人就近吃上热饭。
"""
KEYS = {
    *("title", "issuer", "is_draft", "notice", "sections", "indicators", "tasks", "boxes"),
    *("glossary", "footnotes", "captions", "warnings"),
}


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.txt"
    file.write_text(PLAN, encoding="utf-8")
    return file


def test_parse_prints_the_plan_as_json(plan: Path, tmp_path: Path) -> None:
    ran = run("plan", "parse", plan, data_dir=tmp_path)
    assert (ran.status, ran.told) == (0, "")
    assert ran.json.keys() == KEYS
    titles = [(s["level"], s["title"]) for s in ran.json["sections"] if not s["inferred"]]
    assert titles == [
        (1, "改善居住条件"),
        (2, "加快旧住房改造"),
        (2, "缓解停车难"),
        (1, "关爱老年人"),
    ]
    assert {"tasks", "passages"} <= KEYS | ran.json["sections"][0].keys()
    assert ran.json["tasks"]
    assert not (tmp_path / "zhengxun.db").exists(), "reading a plan needs no database"


def test_the_same_bytes_give_the_same_answer(plan: Path, tmp_path: Path) -> None:
    first, second = (run("plan", "parse", plan, data_dir=tmp_path).out for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.txt", b""),
        ("blank.txt", b"  \n\n\t\n"),
        ("zeros.bin", bytes(4096)),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
        ("cut.docx", b"PK\x03\x04" + bytes(200)),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<<"),
    ],
)
def test_a_file_that_is_no_plan_gets_one_sentence(name: str, data: bytes, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    refused(run("plan", "parse", file, data_dir=tmp_path))


def test_a_missing_file_and_a_folder_get_one_sentence(tmp_path: Path) -> None:
    refused(run("plan", "parse", tmp_path / "gone.txt", data_dir=tmp_path))
    refused(run("plan", "parse", tmp_path, data_dir=tmp_path))


def test_text_without_headings_is_read_with_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "plain.txt"
    file.write_text("我们要把街区建设好。大家一起出主意。", encoding="utf-8")
    ran = run("plan", "parse", file, data_dir=tmp_path)
    assert ran.status == 0
    assert [w["code"] for w in ran.json["warnings"]] == ["no_headings"]
    assert [s["title"] for s in ran.json["sections"]] == ["前言"]


def test_import_makes_a_draft_for_an_existing_organisation(plan: Path, tmp_path: Path) -> None:
    assert run("migrate", data_dir=tmp_path).status == 0
    assert "单位" in refused(run("plan", "import", plan, data_dir=tmp_path))
    made = run(
        *("officer", "create", "lin", "--name", "林一", "--role", "drafting_office"),
        *("--organisation-name", "云桥镇人民政府", "--password", "ink-paper-vermilion-seal"),
        data_dir=tmp_path,
    )
    assert made.status == 0, made.told
    first = run("plan", "import", plan, data_dir=tmp_path)
    assert first.status == 0, first.told
    assert first.json["slug"] == "plan"
    assert first.json["review"] == "/desk/consultations/plan/plan"
    again = run("plan", "import", plan, "--slug", "plan", data_dir=tmp_path)
    assert again.json["slug"].startswith("plan-")


def test_analyse_writes_a_line_for_every_row(plan: Path, tmp_path: Path) -> None:
    comments = tmp_path / "comments.csv"
    comments.write_text(
        "id,text\n"
        "a,支持加装电梯，老人下楼太难了\n"
        "b,\n"
        "c,停车位太少，建议多建公共停车泊位，电话13800138000\n"
        "a2,支持加装电梯，老人下楼太难了\n",
        encoding="utf-8",
    )
    ran = run("analyse", comments, "--plan", plan, "--out", tmp_path / "out", data_dir=tmp_path)
    assert ran.status == 0, ran.told
    rows = [json.loads(line) for line in (tmp_path / "out" / "comments.jsonl").open()]
    assert [row["id"] for row in rows] == ["a", "b", "c", "a2"]
    assert rows[1]["status"] == "unreadable" and rows[1]["reason"]
    assert rows[0]["link_status"] == "linked"
    assert "13800138000" not in rows[2]["masked_text"]
    for name in ("topics.json", "issues.json", "clusters.json", "summary.json"):
        json.loads((tmp_path / "out" / name).read_text(encoding="utf-8"))


def test_analyse_takes_the_printed_plan_and_another_column(plan: Path, tmp_path: Path) -> None:
    parsed = tmp_path / "parsed.json"
    parsed.write_text(run("plan", "parse", plan, data_dir=tmp_path).out, encoding="utf-8")
    comments = tmp_path / "comments.jsonl"
    comments.write_text('{"id": 7, "words": "请多建社区食堂"}\n', encoding="utf-8")
    ran = run(
        *("analyse", comments, "--plan", parsed, "--out", tmp_path / "out"),
        *("--text-column", "words"),
        data_dir=tmp_path,
    )
    assert ran.status == 0, ran.told
    row = json.loads((tmp_path / "out" / "comments.jsonl").read_text(encoding="utf-8"))
    assert row["id"] == "7" or row["id"] == 7
    assert row["status"] == "read"


def test_analyse_says_what_is_wrong_with_its_input(plan: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("number,words\n1,好\n", encoding="utf-8")
    out = tmp_path / "out"
    assert "text" in refused(run("analyse", wrong, "--plan", plan, "--out", out, data_dir=tmp_path))
    refused(run("analyse", tmp_path / "no.csv", "--plan", plan, "--out", out, data_dir=tmp_path))
    refused(run("analyse", wrong, "--plan", tmp_path / "no", "--out", out, data_dir=tmp_path))
