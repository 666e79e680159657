"""Comments on one concrete matter come together; one place or one subject alone is not enough."""

from datetime import date, datetime, timedelta

import numpy as np

from analysis import columns as columns_of
from analysis.contracts import CommentText, Reading, ReadStatus
from analysis.issues import find_issues, rising
from analysis.issues.cores import cores_of
from analysis.places import find_places
from analysis.terms import extract

DAY = datetime(2026, 3, 1)

BRIDGE = [
    "反对拆除柳河镇五里桥改建商铺廊桥，五里桥是老百姓的记忆，南岸小区出行全靠它。",
    "听说南岸小区边上的五里桥要拆除，盖成商铺廊桥，请停止拆桥。",
    "南岸小区居民请求保留五里桥，拆除老桥改建商铺廊桥的方案应当听证。",
]
BAR = [
    "翠湖花园楼下的星光酒吧夜里一点还在放歌，请管一管。",
    "投诉翠湖花园星光酒吧深夜噪音，玻璃都在震。",
]
OTHERS = [
    "翠湖花园的电梯又坏了，物业一拖再拖。",
    "银杏里小区门口的夜宵摊半夜吵闹。",
    "请问幼儿园报名从哪天开始？",
    "公交车末班太早，夜班工人回不了家。",
    "菜场的地面湿滑，老人摔倒过好几次。",
    "河边步道缺少路灯，晚上不敢散步。",
    "希望图书馆周末延长开放时间。",
    "快递柜收费太贵，三个小时就超时。",
]


def issues_of(texts: list[str]):
    comments = [CommentText(str(k), text, posted_at=DAY) for k, text in enumerate(texts)]
    places = [find_places(comment.text, "text") for comment in comments]
    readings = [
        Reading(c.id, ReadStatus.READ, places=found)
        for c, found in zip(comments, places, strict=True)
    ]
    return find_issues(
        columns_of.from_readings(comments, readings),
        extract(comments, places),
        cores_of(comments),
        np.arange(len(comments)),
        lambda rows: {row: comments[row] for row in rows},
    )


def test_one_matter_in_different_words_is_one_issue():
    found = issues_of([*BRIDGE, *BAR, *OTHERS])
    assert [set(issue.comment_ids) for issue in found.issues] == [{"0", "1", "2"}, {"3", "4"}]
    assert found.issue_of.tolist() == [0, 0, 0, 1, 1, *[-1] * len(OTHERS)]
    assert [issue.unique_count for issue in found.issues] == [3, 2]
    assert all(0 < len(issue.title) <= 30 for issue in found.issues)


def test_single_comments_have_no_issue():
    assert issues_of(OTHERS).issues == ()
    assert issues_of([]).issues == ()
    assert issues_of(["", "！"]).issues == ()


def test_an_issue_keeps_its_id_when_others_are_added():
    alone, among = issues_of([*BRIDGE, *OTHERS]), issues_of([*BRIDGE, *BAR, *OTHERS])
    assert [issue.id for issue in alone.issues] == [issue.id for issue in among.issues[:1]]


def test_what_rises_this_week_is_told_from_what_is_always_there():
    today = date(2026, 3, 31)
    steady = [("noise", today - timedelta(days=k)) for k in range(35) for _ in range(2)]
    sudden = [("bridge", today - timedelta(days=k)) for k in range(5)]
    once = [("lamp", today)]
    later = [("lift", today + timedelta(days=1))] * 9
    found = rising([*steady, *sudden, *once, *later], today)
    assert [(one.id, one.recent_count, one.usual_count) for one in found] == [("bridge", 5, 0.0)]
    assert found[0].strength == 6.0
