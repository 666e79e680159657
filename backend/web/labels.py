"""The Chinese words for the values the database stores, in one place."""

from enum import StrEnum

LABELS: dict[str, dict[str, str]] = {
    "outcome": {
        "adopted": "采纳",
        "partly_adopted": "部分采纳",
        "not_adopted": "未采纳",
        "already_covered": "已体现",
        "noted": "留作参考",
        "out_of_scope": "超出范围",
    },
    "intent": {
        "complains": "反映问题",
        "proposes": "提出建议",
        "asks": "咨询提问",
        "supports": "表示支持",
        "opposes": "表示反对",
        "other": "其他",
    },
    "sentiment": {"negative": "偏负面", "neutral": "中性", "positive": "偏正面"},
    "stance": {"supports": "支持", "opposes": "反对", "mixed": "有支持有反对", "none": "未表态"},
    "link_status": {
        "linked": "已关联",
        "no_item": "与规划条目无关",
        "undecided": "无法判断",
    },
    "channel": {
        "web": "网站",
        "email": "电子邮件",
        "letter": "信函",
        "hotline": "电话",
        "meeting": "座谈会",
        "list_12345": "12345 转办",
    },
    "submitter_kind": {
        "resident": "居民个人",
        "organisation": "社会组织",
        "business": "企业",
        "official_body": "机关单位",
        "other": "其他",
    },
    "handling": {
        "new": "待处理",
        "assigned": "已分办",
        "decided": "已办结",
        "handed_over": "已移交",
        "merged": "已合并",
    },
    "verdict": {"answered": "回应了", "partly": "回应了一部分", "missed": "没有回应"},
    "proposal_state": {
        "drafted": "待审核",
        "checked": "待批准",
        "approved": "已批准",
        "returned": "已退回修改",
        "withdrawn": "已撤回",
    },
    "standpoint": {"agrees": "同意", "remarks": "有补充", "objects": "不同意"},
    "hand_over_result": {"accepted": "已受理", "settled": "已办结", "refused": "不予受理"},
    "recipient": {
        "12345": "12345 市民服务热线",
        "xinfang": "信访部门",
        "jubao": "纪检监察举报渠道",
        "other": "其他主管单位",
    },
    "notice_change": {
        "published": "发布",
        "extended": "延长期限",
        "corrected": "更正",
        "cancelled": "取消",
    },
    "mail_state": {
        "registered": "已登记",
        "needs_person": "待人工",
        "duplicate": "重复",
        "automatic": "自动邮件",
        "dismissed": "不登记",
    },
    "screening": {"pending": "待审核", "published": "已公开", "withheld": "不公开"},
    "anchor_kind": {
        "plan": "整个规划",
        "section": "章节",
        "passage": "段落",
        "indicator": "指标",
        "task": "任务",
    },
    "anchor_state": {"present": "", "changed": "原文已修改", "removed": "原文已删除"},
    "stage": {
        "draft": "草稿",
        "announced": "即将开始",
        "open": "正在征询",
        "closed": "已截止",
        "under_review": "意见研究中",
        "answered": "结果已公布",
        "archived": "已归档",
    },
    "indicator_kind": {"binding": "约束性", "anticipatory": "预期性"},
    "bound": {"at_least": "不少于", "at_most": "不超过", "exactly": "达到"},
    "task_kind": {"task": "任务", "box_item": "专栏项目", "major_project": "重大项目"},
    "item_kind": {"indicator": "指标", "task": "任务", "section": "章节"},
    "plan_warning": {
        "secrecy_marking": "密级或内部标记",
        "machine_read": "机器识别",
        "image_page": "只有图片的页",
        "no_headings": "没有识别出标题",
        "contradiction": "数目与指标表不一致",
        "two_values": "同一数量有两个数值",
        "redaction": "数值被遮盖",
        "numbering_gap": "编号不连续",
        "numbering_duplicate": "编号重复",
        "lost_number": "标题没有编号",
        "cut_sentence": "句子不完整",
        "empty_section": "标题下没有内容",
    },
    "version_kind": {
        "consultation_draft": "征求意见稿",
        "revised_draft": "修改稿",
        "review_draft": "送审稿",
        "final": "发布稿",
    },
    "role": {
        "clerk": "登记员",
        "officer": "经办人",
        "department": "部门人员",
        "drafting_office": "起草处",
        "publisher": "发布人",
        "administrator": "管理员",
        "auditor": "审计员",
        "neighbourhood": "居委人员",
    },
    "consent_way": {"in_person": "当面口头", "signed": "书面签字", "telephone": "电话"},
    "row_result": {
        "waiting": "等待导入",
        "imported": "已登记",
        "duplicate": "重复，未登记",
        "refused": "有错，未登记",
        "undone": "已撤回",
        "kept": "已在办理，未撤回",
    },
}


def label(kind: str, value: StrEnum | str | None, missing: str = "—") -> str:
    """The word for `value` of `kind`; an unknown value is shown as it is."""
    if value is None:
        return missing
    return LABELS[kind].get(str(value), str(value))
