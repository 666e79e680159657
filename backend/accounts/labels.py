"""The words of the audit page for what officers did."""

import json
from collections.abc import Mapping

from backend.web.labels import LABELS

ACTIONS: dict[str, str] = {
    "officer.create": "新建账号",
    "officer.roles": "调整角色",
    "officer.deactivate": "停用账号",
    "officer.sign_in": "登录",
    "officer.sign_in_failed": "登录失败",
    "officer.sign_out": "退出",
    "officer.change_password": "修改密码",
    "officer.second_factor_on": "开启两步验证",
    "officer.second_factor_off": "关闭两步验证",
    "officer.contact": "修改邮箱",
    "officer.describe": "修改人员信息",
    "officer.grant": "授予单个征询的角色",
    "officer.withdraw_grant": "收回单个征询的角色",
    "officer.reset_password": "重设密码",
    "officer.reset_second_factor": "重设两步验证",
    "officer.reactivate": "恢复账号",
    "officer.locked": "账号锁定",
    "officer.unlock": "解除锁定",
    "officer.sign_on_linked": "关联统一身份认证",
    "officer.sign_on_unlinked": "解除统一身份认证",
    "officer.end_session": "结束一处登录",
    "comment.review": "核定研判",
    "model.learn": "机器学习，没有接手",
    "model.promote": "机器学习，接手",
    "model.roll_back": "收回机器学习的结果",
    "group.rename": "改主题名称",
    "group.merge": "合并主题",
    "group.split": "拆分主题",
    "group.pin": "置顶主题",
    "group.undo": "撤销主题改动",
    "comment.claim": "认领",
    "comment.release": "放弃认领",
    "comment.assign": "分办",
    "comment.refer": "转办",
    "comment.return": "退回",
    "comment.dispose": "作出办理结论",
    "comment.note": "添加内部备注",
    "comment.propose": "拟定结论，送审",
    "comment.check": "审核通过",
    "comment.approve": "批准结论",
    "comment.give_back": "退回修改",
    "comment.take_back": "撤回送审",
    "comment.ask_support": "请部门会办",
    "comment.give_opinion": "回复会办意见",
    "comment.disagreement": "记录分歧情况",
    "comment.split": "拆分成多条",
    "comment.part": "由拆分产生",
    "comment.rejoin": "取消拆分",
    "comment.hand_over_answer": "记录移交结果",
    "comment.hand_over_back": "收回移交",
    "consultation.approval": "设定审批步骤",
    "officer.leave": "登记休假代办",
    "officer.leave_end": "结束休假代办",
    "bulk_run.sheet": "导入结论表",
    "desk.export": "导出结论表",
    "contact.verify": "核实联系方式",
    "comment.publish": "审核公开",
    "comment.withhold": "审核不公开",
    "comment.hand_over": "移交",
    "comment.merge": "合并",
    "comment.separate": "取消合并",
    "comment.bulk": "批量办理",
    "comment.bulk_undo": "撤销批量办理",
    "submission.enter": "登记来件",
    "scan.set_aside": "移出待录入",
    "import.confirm": "导入名单",
    "import.undo": "撤回整批导入",
    "contact.read": "查看联系方式",
    "comment.read_original": "查看未脱敏原文",
    "view.save": "保存视图",
    "view.remove": "删除视图",
    "comments.export": "导出意见清单",
    "digest.schedule": "设置定时摘要",
    "stationery.change": "修改公文格式",
    "department.add": "新建部门",
    "department.rename": "部门改名",
    "department.retire": "撤销部门",
    "department.restore": "恢复部门",
    "place.import": "导入街镇居委",
    "place.rename": "修改街镇居委",
    "place.remove": "删除居委",
    "template.use": "启用公文模板",
    "template.retire": "停用公文模板",
    "template.save": "保存答复模板",
    "template.remove": "删除答复模板",
    "word.add": "添加敏感词",
    "word.remove": "删除敏感词",
    "alias.approve": "采用别名",
    "alias.reject": "不采用别名",
    "organisation.edit": "修改单位信息",
    "audit.export": "导出留痕",
    "consultation.import": "导入规划文件",
    "consultation.edit": "修改公告",
    "consultation.publish": "发布公告",
    "consultation.extend": "延长期限",
    "consultation.correct": "更正公告",
    "consultation.cancel": "取消征询",
    "plan.import_version": "导入新版本",
    "plan.correct": "修改章节、指标或任务",
    "plan.confirm": "确认规划文本",
    "plan.release": "声明可以公开",
    "digest.make": "生成摘要",
    "digest.download": "下载摘要",
    "dossier.make": "生成卷宗",
    "report.finalise": "确定采纳情况报告",
    "outcome.publish": "公布结果",
    "mail.read": "查看来信",
    "mail.download": "下载来信原件",
    "mail.register": "登记来信",
    "mail.dismiss": "来信不登记",
}
SUBJECTS = {
    "officer": "工作人员",
    "comment": "意见",
    "model": "学习结果",
    "group_choice": "主题改动",
    "submission": "来件",
    "scan": "扫描件",
    "import_batch": "导入批次",
    "incoming_mail": "来信",
    "consultation": "征询",
    "plan_version": "规划文本",
    "digest": "摘要",
    "saved_view": "视图",
    "bulk_run": "批量办理",
    "audit": "留痕",
    "stationery": "公文格式",
    "word_template": "公文模板",
    "department": "部门",
    "organisation": "单位",
    "reply_template": "答复模板",
    "alias_proposal": "别名",
    "disposition": "办理结论",
}
DETAILS = {
    "action": "操作",
    "after": "之后",
    "before": "之前",
    "bulk": "批次",
    "comments": "意见",
    "count": "条数",
    "disposition": "结论编号",
    "despite_doubts": "已看过答复提示",
    "digest": "摘要",
    "fields": "修改项",
    "file": "文件",
    "filtered": "有筛选",
    "format": "格式",
    "head": "负责人",
    "key": "条目",
    "name": "名称",
    "names": "含姓名",
    "number": "版本",
    "outcome": "结论",
    "proxy": "代居民录入",
    "channel": "渠道",
    "query": "条件",
    "reason": "理由",
    "roles": "角色",
    "sha256": "校验值",
    "slug": "网址名",
    "target": "所指",
    "title": "名称",
    "to_department": "分给部门",
    "to_officer": "分给",
    "until": "截止",
    "username": "账号",
    "version": "版本",
}
# The words for stored values, whatever field they stand in; a value means the same everywhere.
_VALUES = {value: word for words in LABELS.values() for value, word in words.items() if word}


def action_label(action: str) -> str:
    """The words for an action; one this page does not know is shown by its name."""
    return ACTIONS.get(action, action)


def subject_label(subject_type: str, subject_id: int | None) -> str:
    """`意见 17`."""
    word = SUBJECTS.get(subject_type, subject_type)
    return word if subject_id is None else f"{word} {subject_id}"


def details_line(details: Mapping[str, object]) -> str:
    """Details on one line: `结论：采纳；版本：3`."""
    return "；".join(f"{DETAILS.get(k, k)}：{_value(v)}" for k, v in sorted(details.items()))


def _value(value: object) -> str:
    match value:
        case None:
            return "无"
        case bool():
            return "是" if value else "否"
        case str():
            return _VALUES.get(value, value)
        case list():
            return "、".join(map(_value, value))
    return json.dumps(value, ensure_ascii=False)
