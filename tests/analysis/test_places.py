"""Places: names cut out of running text, everyday words left alone, a register's names first."""

import time

import pytest

from analysis.places import find_places, kind_of


def named(text, **options):
    return [(m.text, m.kind) for m in find_places(text, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请问临汾路什么时候修", [("临汾路", "road")]),
        ("我住在彭浦新村街道", [("彭浦新村街道", "street_town")]),
        ("A3区洋湖街道的居民", [("A3区", "district"), ("洋湖街道", "street_town")]),
        (
            "K3县含浦镇玉江村",
            [("K3县", "district"), ("含浦镇", "street_town"), ("玉江村", "community")],
        ),
        ("希望水印华府小区装路灯", [("水印华府小区", "community")]),
        ("华山医院和静安雕塑公园", [("华山医院", "hospital"), ("静安雕塑公园", "park")]),
        ("地铁12号线太挤", [("地铁12号线", "station")]),
        ("靠近第一中心小学", [("第一中心小学", "school")]),
        ("高峰社区的路", [("高峰社区", "neighbourhood")]),
    ],
)
def test_names_are_cut_from_running_text(text, expected):
    assert named(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "我们小区的道路很窄",
        "全市都一样，农村也是",
        "农贸市场旁边的马路",
        "这条路修了三年",
        "希望多建学校和医院",
        "没有出路，只好走路上班",
        "广大市民和村民都反对",
        "",
        "路",
    ],
)
def test_everyday_words_name_nothing(text):
    assert named(text) == []


def test_offsets_are_raw():
    text = "我住\u200b在  臨汾路，謝謝"
    (mention,) = find_places(text, field="title")
    assert (mention.field, mention.text) == ("title", "临汾路")
    assert text[mention.start : mention.end] == "臨汾路"


def test_the_register_wins_over_the_pattern():
    names = ["大宁国际", "大宁音乐广场北门", "临汾路"]
    text = "大宁音乐广场北门到大宁国际，再到临汾路"
    assert named(text, gazetteer=names) == [
        ("大宁音乐广场北门", "place"),
        ("大宁国际", "place"),
        ("临汾路", "road"),
    ]


def test_kind_is_told_by_the_longest_ending():
    assert kind_of("彭浦新村街道") == "street_town"
    assert kind_of("闸北公园") == "park"
    assert kind_of("大宁国际") == "place"


@pytest.mark.parametrize("unit", ["路", "临汾路", "市", "a", "小区街道", "1弄", "😀", "\x00"])
def test_time_is_linear_and_nothing_crashes(unit):
    began = time.perf_counter()
    find_places((unit * 20_000)[:20_000], gazetteer=("临汾路", unit))
    assert time.perf_counter() - began < 4.0
