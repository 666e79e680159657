"""The words of the audit page for what officers did."""

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
    "officer.end_session": "结束一处登录",
    "comment.review": "核定研判",
    "comment.claim": "认领",
    "comment.release": "放弃认领",
    "comment.assign": "分办",
    "comment.refer": "转办",
    "comment.return": "退回",
    "comment.dispose": "作出办理结论",
    "comment.note": "添加内部备注",
    "comment.publish": "审核公开",
    "comment.withhold": "审核不公开",
    "comment.hand_over": "移交",
    "comment.merge": "合并",
    "comment.separate": "取消合并",
    "comment.bulk": "批量办理",
    "comment.bulk_undo": "撤销批量办理",
    "contact.read": "查看联系方式",
    "comment.read_original": "查看未脱敏原文",
    "view.save": "保存视图",
    "view.remove": "删除视图",
    "audit.export": "导出留痕",
}
SUBJECTS = {
    "officer": "工作人员",
    "comment": "意见",
    "submission": "来件",
    "consultation": "征询",
    "plan_version": "规划文本",
    "digest": "摘要",
    "saved_view": "视图",
    "bulk_run": "批量办理",
    "audit": "留痕",
}


def action_label(action: str) -> str:
    """The words for an action; one this page does not know is shown by its name."""
    return ACTIONS.get(action, action)


def subject_label(subject_type: str, subject_id: int | None) -> str:
    """`意见 17`."""
    word = SUBJECTS.get(subject_type, subject_type)
    return word if subject_id is None else f"{word} {subject_id}"
