"""The receipt by e-mail: for a letter that came by mail, and for a form whose sender asks."""

from datetime import datetime

from sqlmodel import Session

from backend.kit.clock import local
from backend.kit.settings import Settings
from backend.mail.service import post
from backend.models import Channel, Consultation, Organisation, OutgoingMail, Submission
from backend.submissions import queries, verifying


def send_receipt(
    session: Session,
    settings: Settings,
    consultation: Consultation,
    submission: Submission,
    *,
    to: str,
    in_reply_to: str | None = None,
    now: datetime,
) -> OutgoingMail | None:
    """Post the receipt once; None when it was posted before or `to` is no address."""
    organisation = session.get_one(Organisation, consultation.organisation_id)
    return post(
        session,
        settings,
        to=to,
        subject=subject(consultation, submission),
        text=text(
            settings,
            organisation,
            consultation,
            submission,
            verify_path=_verify_path(session, settings, consultation, submission),
        ),
        key=f"receipt:{submission.receipt_code}",
        in_reply_to=in_reply_to,
        now=now,
    )


def subject(consultation: Consultation, submission: Submission) -> str:
    """The subject: that it arrived, and its number."""
    return f"您的意见已收到（受理编号 {submission.receipt_code}）：{consultation.title}"


def text(
    settings: Settings,
    organisation: Organisation,
    consultation: Consultation,
    submission: Submission,
    *,
    verify_path: str | None = None,
) -> str:
    """Plain text: what was registered, how to look it up, what happens next."""
    at = local(submission.received_at)
    link = (
        f"{settings.base_url.rstrip('/')}/receipts/"
        f"{submission.receipt_code}/{submission.receipt_token}"
    )
    lines = [
        "您好！",
        "",
        f"您对《{consultation.title}》的意见已经登记，"
        f"收到时间是 {at:%Y}年{at.month}月{at.day}日{at:%H:%M}。",
        "",
        f"受理编号：{submission.receipt_code}",
        f"查询码：{submission.look_up_code}",
        f"办理进度和结果：{link}",
        "",
        "请保存这封邮件。凭上面的网址，或者受理编号和查询码，可以查看办理结果、更正或撤回意见、"
        "要求删除您的个人信息，不需要注册。",
    ]
    if verify_path is not None:
        lines += [
            "",
            "本次征询会公开部分意见，只公开联系方式经过核实的。如果愿意公开，请打开这个网址确认"
            f"这是您的邮箱：{link}/{verify_path}",
            "不确认也可以，意见照常办理。您的邮箱不会公开。",
            "",
        ]
    if submission.channel == Channel.EMAIL:
        lines.append("如需补充，请直接回复本邮件，补充的内容会另行登记，并与这件意见关联。")
    return "\n".join([*lines, "", organisation.name, "（本邮件由系统自动发出）", ""])


def _verify_path(
    session: Session, settings: Settings, consultation: Consultation, submission: Submission
) -> str | None:
    """Where the sender confirms the address, when opinions are published on that condition."""
    contact = queries.contact(session, submission)
    if contact is None or not verifying.is_asked_for(consultation):
        return None
    key = verifying.link_key(settings.secret(), submission, contact)
    return None if key is None else f"verify/{key}"
