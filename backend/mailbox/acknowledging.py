"""The words of the receipt that answers a letter. Pure."""

from backend.kit.clock import local
from backend.kit.settings import Settings
from backend.models import Consultation, Organisation, Submission


def subject(consultation: Consultation, submission: Submission) -> str:
    """The subject: that it arrived, and its number."""
    return f"您的意见已收到（受理编号 {submission.receipt_code}）：{consultation.title}"


def text(
    settings: Settings,
    organisation: Organisation,
    consultation: Consultation,
    submission: Submission,
) -> str:
    """Plain text: what was registered, how to look it up, what happens next."""
    at = local(submission.received_at)
    link = (
        f"{settings.base_url.rstrip('/')}/receipts/"
        f"{submission.receipt_code}/{submission.receipt_token}"
    )
    return (
        f"您好！\n\n您对《{consultation.title}》的意见已经登记，"
        f"收到时间是 {at:%Y}年{at.month}月{at.day}日{at:%H:%M}。\n\n"
        f"受理编号：{submission.receipt_code}\n查询码：{submission.look_up_code}\n"
        f"办理进度和结果：{link}\n\n"
        "请保存这封邮件。凭上面的网址，或者受理编号和查询码，可以查看办理结果、撤回意见、"
        "要求删除您的个人信息，不需要注册。\n"
        "如需补充，请直接回复本邮件，补充的内容会另行登记，并与这件意见关联。\n\n"
        f"{organisation.name}\n（本邮件由系统自动发出）\n"
    )
