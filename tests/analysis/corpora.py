"""A small plan and comments on it, written for the tests."""

from datetime import datetime

from analysis.contracts import CommentText, ParsedPlan, Passage, Section, Task

PLAN = ParsedPlan(
    title="青禾区公共服务规划",
    sections=(
        Section(
            "s1",
            1,
            "一",
            "交通出行",
            None,
            False,
            (Passage("p1", "优化公交线网，增加停车泊位，完善路灯照明。"),),
        ),
        Section(
            "s2",
            1,
            "二",
            "宜居家园",
            None,
            False,
            (Passage("p2", "推进既有多层住宅加装电梯，治理噪声扰民。"),),
        ),
    ),
    tasks=(
        Task("k1", "优化公交线网", section="s1", quote="优化公交线网"),
        Task("k2", "增加停车泊位", section="s1", quote="增加停车泊位"),
        Task("k3", "推进既有多层住宅加装电梯", section="s2", quote="推进既有多层住宅加装电梯"),
    ),
)

LETTER = (
    "我们是青禾路一百弄的老住户，楼里老人多，上下楼十分不便。"
    "请尽快把加装电梯列入今年计划，并公开费用分摊的办法。"
)

_MATTERS = (
    "夜宵摊的油烟飘进卧室，半夜还在吵闹。",
    "河对岸的歌厅通宵放音响，噪音扰民，孩子睡不好觉。",
    "小区的路灯坏了三个月，晚上走路看不见台阶。",
    "公交车半小时才来一班，早高峰根本挤不上去。",
    "地面停车位太少，下班回来绕三圈也停不下。",
    "自来水经常发黄，烧开了还有一层白沫。",
)
_PLACES = ("柳荫路", "望江新村", "东塘街", "明月小区", "北苑", "三元里", "南浦路", "向阳村")
_CLOSINGS = (
    "希望尽快解决。",
    "请问什么时候能改善？",
    "建议纳入规划统一安排。",
    "这样下去谁受得了！",
    "盼回复。",
)


def comments() -> list[CommentText]:
    """Some ninety comments: six matters at eight places, a letter sent eleven times, odd ones."""
    written = [
        CommentText(
            f"m{matter}-{place}",
            f"{_PLACES[place]}{_MATTERS[matter]}{_CLOSINGS[(matter + place) % len(_CLOSINGS)]}",
            title=f"反映{_PLACES[place]}的问题" if place % 3 == 0 else None,
            posted_at=datetime(2026, 3, 1 + matter + place),
        )
        for matter in range(len(_MATTERS))
        for place in range(len(_PLACES))
    ]
    copies = [CommentText(f"copy-{n}", LETTER) for n in range(6)]
    changed = [
        CommentText(f"own-{n}", f"{LETTER}{own}")
        for n, own in enumerate(
            (
                "我家住六楼，婆婆腿脚不好已经一年没下过楼。",
                "隔壁单元已经装好，效果很好。",
                "一楼邻居担心采光，也请听听他们的意见。",
                "我本人愿意多出一点费用。",
                "请派人来现场看看。",
            )
        )
    ]
    odd = [
        CommentText("empty", ""),
        CommentText("marks", "！！！？？"),
        CommentText("emoji", "👍👍👍"),
        CommentText("twice", "柳荫路的树该修剪了，枝条快碰到电线。"),
        CommentText("twice", "同一个编号，另一条意见：柳荫路口要装红绿灯。"),
    ]
    return [*written, *copies, *changed, *odd]
