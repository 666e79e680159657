"""The alias lexicon: the shipped data are sound, patterns and blockers do what they promise."""

import csv
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from analysis.linking import Alias, AliasLexicon
from analysis.scan import PhraseScanner


def names(lexicon: AliasLexicon, text: str) -> list[str]:
    return sorted(text[start:end] for start, end, _ in lexicon.find(text))


def test_the_shipped_lexicon_is_broad_and_reasoned() -> None:
    aliases = AliasLexicon.load().aliases
    assert len(aliases) >= 1000
    assert all(a.terms and a.subject and a.reason for a in aliases)
    assert len({a.subject for a in aliases}) >= 60
    doubled = [alias for alias, n in Counter(a.alias for a in aliases).items() if n > 1]
    assert not doubled, "one expression, one line: two lines would count it twice"


EVERYDAY = (
    "老公房装电梯 停车位 公交车 地铁站 断头路 幼儿园 学区房 补课 社区医院 养老院 助餐 "
    "垃圾分类 夜间施工 油烟 河道 口袋公园 飞线充电 高空抛物 过期食品 物业费 动迁 公租房 "
    "拖欠工资 找工作 落户 居住证 社保 医保 残疾人 退役军人 图书馆 健身 菜场 "
    "营业执照 政务大厅 12345 业委会 乡村振兴 招商 人才补贴 税收 消防通道 积水 停水 "
    "5G "
)


@pytest.mark.parametrize("words", EVERYDAY.split())
def test_every_subject_of_a_district_plan_is_known(words: str) -> None:
    assert AliasLexicon.load().find(f"我想说说{words}的事")


def test_a_pattern_wants_both_parts_near_each_other() -> None:
    lexicon = AliasLexicon([Alias("楼道+堆", ("消防",), "消防", "杂物")])
    assert names(lexicon, "楼道里堆满纸箱") == ["楼道里堆"]
    assert names(lexicon, "堆在楼道") == ["堆在楼道"]
    assert not names(lexicon, "楼道" + "很长" * 20 + "堆")
    assert not names(lexicon, "楼道很干净")


def test_the_longer_expression_wins() -> None:
    lexicon = AliasLexicon(
        [Alias("公园", ("公园",), "公园", "-"), Alias("口袋公园", ("公园",), "公园", "-")]
    )
    assert names(lexicon, "建个口袋公园吧") == ["口袋公园"]


def test_a_blocker_hides_the_alias_inside_it() -> None:
    lexicon = AliasLexicon([Alias("家政", ("家政",), "家政", "-")], blockers=["国家政策"])
    assert not names(lexicon, "国家政策")
    assert names(lexicon, "请家政") == ["家政"]


def test_every_blocker_contains_an_alias() -> None:
    lexicon = AliasLexicon.load()
    aliases = {a.parts[0] for a in lexicon.aliases}
    idle = [b for b in lexicon.blockers if not any(a in b and a != b for a in aliases)]
    assert not idle


def test_aliases_that_never_fire_are_reported() -> None:
    lexicon = AliasLexicon([Alias(a, ("停车",), "停车", "-") for a in ("停车位", "立体车库")])
    assert [a.alias for a in lexicon.report_unused(["没有停车位"])] == ["立体车库"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alias\tterms\n停车\t停车\n", "四列"),
        ("alias\tterms\tsubject\treason\n车\t停车\t停车\t-\n", "第 2 行的别名“车”"),
        ("alias\tterms\tsubject\treason\n一+二+三\t停车\t停车\t-\n", "第 2 行"),
        ("alias\tterms\tsubject\treason\n停车位\t\t停车\t-\n", "第 2 行缺少规划用语或主题"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "aliases_mine.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said) as error:
        AliasLexicon.read([path])
    assert "aliases_mine.tsv" in str(error.value)


def test_the_background_counts_words_not_people() -> None:
    text = (files("analysis") / "data" / "background.tsv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    assert len(rows) > 3000
    assert all(float(row["per_mille"]) >= 1.5 for row in rows), "rarer words could name someone"


def test_the_scanner_agrees_with_a_plain_search() -> None:
    phrases = ["停车", "停车场", "车场", "公交", "交车"]
    text = "停车场旁边等公交车，车场乱停车"
    found = {(s, e) for s, e, _ in PhraseScanner(phrases).scan(text)}
    plain = {
        (at, at + len(p)) for p in phrases for at in range(len(text)) if text.startswith(p, at)
    }
    inside = {a for a in plain for b in plain if a != b and b[0] <= a[0] and a[1] <= b[1]}
    assert found == plain - inside
