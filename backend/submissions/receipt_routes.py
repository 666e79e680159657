"""Receipts: look-up by two codes, the receipt itself, and what a sender may still change."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.responses import Response

from backend.jobs import nudge
from backend.kit.ids import normalise_receipt_code
from backend.kit.settings import Settings
from backend.models import AnswerVerdict, Consultation, Submission
from backend.submissions import (
    correcting,
    proving,
    queries,
    rating,
    rules,
    service,
    verifying,
)
from backend.submissions.forms import Errors
from backend.submissions.intake import PostedForm
from backend.web.access import public
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession, WriteSession
from backend.web.errors import NotFound
from backend.web.pages import redirect, render

router = APIRouter(dependencies=[Depends(public)], include_in_schema=False)
NO_RECEIPT = "没有找到这份回执。请检查地址是否完整，或者用受理编号和查询码查询。"


@router.get("/receipts")
def show_look_up(request: Request) -> Response:
    return _look_up_page(request, "", "", {})


@router.post("/receipts")
def look_up(
    request: Request,
    session: WriteSession,
    settings: AppSettings,
    now: Now,
    receipt_code: Annotated[str, Form()] = "",
    look_up_code: Annotated[str, Form()] = "",
) -> Response:
    """Receipt code and look-up code together lead to the receipt; either alone shows nothing."""
    code = normalise_receipt_code(receipt_code)
    digits = "".join(char for char in look_up_code if char.isdigit())
    errors = _look_up_errors(receipt_code, code, digits)
    if errors or code is None:
        return _look_up_page(request, receipt_code, look_up_code, errors, status=422)
    address = request.client.host if request.client else ""
    wait = service.look_up_wait(
        session, code=code, address=address, secret=settings.secret(), now=now
    )
    if wait:
        minutes = max(1, round(wait / 60))
        errors = {"form": f"查询太频繁，请{minutes}分钟后再试。您也可以直接打开保存的回执地址。"}
        return _look_up_page(request, receipt_code, look_up_code, errors, status=429)
    submission = queries.by_look_up(session, code, digits)
    if submission is None:
        errors = {"receipt_code": "没有找到对应的回执，请核对受理编号和查询码"}
        return _look_up_page(request, receipt_code, look_up_code, errors, status=404)
    return redirect(receipt_path(submission))


@router.get("/receipts/{code}/{token}")
def show_receipt(
    request: Request, code: str, token: str, session: ReadSession, settings: AppSettings, now: Now
) -> Response:
    return _receipt_page(request, session, _submission(session, code, token), settings, now, {})


@router.post("/receipts/{code}/{token}/proof")
def prove(
    request: Request,
    code: str,
    token: str,
    session: WriteSession,
    settings: AppSettings,
    now: Now,
    altcha: Annotated[str, Form(max_length=2000)] = "",
    answer: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """The last step of a sending that was held; what is wrong is said on the receipt."""
    submission = _submission(session, code, token)
    problem = proving.release(
        session, submission, payload=altcha, answer=answer, secret=settings.secret(), now=now
    )
    if problem is not None:
        errors = {"answer": problem}
        return _receipt_page(request, session, submission, settings, now, errors, status=422)
    done = redirect(receipt_path(submission))
    done.background = BackgroundTask(nudge, "assess")
    return done


def _receipt_page(
    request: Request,
    session: Session,
    submission: Submission,
    settings: Settings,
    now: Now,
    errors: Errors,
    *,
    status: int = 200,
) -> Response:
    receipt = queries.receipt(session, submission)
    context = {
        "receipt": receipt,
        "may_withdraw": rules.can_withdraw(submission, receipt.consultation, now),
        "may_correct": correcting.correctable(receipt, now),
        "asks_verified": verifying.is_asked_for(receipt.consultation),
        "proof": proving.offer(settings.secret(), submission),
        "errors": errors,
    }
    return render(request, "submissions/receipt.html", context, status=status)


@router.get("/receipts/{code}/{token}/correct")
def show_correction(
    request: Request, code: str, token: str, session: ReadSession, now: Now
) -> Response:
    """The opinions nobody has decided on yet, each in a field of its own."""
    receipt = queries.receipt(session, _submission(session, code, token))
    lines = correcting.correctable(receipt, now)
    if not lines:
        return redirect(receipt_path(receipt.submission))
    typed = {line.comment.id or 0: correcting.as_sent(line.comment) for line in lines}
    return _correction_page(request, receipt, now, typed, {})


@router.post("/receipts/{code}/{token}/correct")
def correct(
    request: Request,
    code: str,
    token: str,
    posted: PostedForm,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
) -> Response:
    """What was typed replaces what was sent; what cannot be accepted comes back as typed."""
    with database.writing() as session:
        receipt = queries.receipt(session, _submission(session, code, token))
        typed = correcting.read(posted.fields, correcting.correctable(receipt, now))
        errors = correcting.check(typed, max_length=settings.max_comment_length)
        if not errors:
            correcting.correct(session, receipt, typed, now=now)
    if errors:
        return _correction_page(request, receipt, now, typed, errors, status=422)
    answer = redirect(receipt_path(receipt.submission))
    answer.background = BackgroundTask(nudge, "assess")
    return answer


def _correction_page(
    request: Request,
    receipt: queries.Receipt,
    now: Now,
    typed: dict[int, correcting.Words],
    errors: Errors,
    *,
    status: int = 200,
) -> Response:
    context = {
        "receipt": receipt,
        "lines": correcting.correctable(receipt, now),
        "typed": typed,
        "errors": errors,
    }
    return render(request, "submissions/correct.html", context, status=status)


@router.get("/receipts/{code}/{token}/verify/{key}")
def confirm_address(
    request: Request, code: str, token: str, key: str, session: ReadSession
) -> Response:
    """The link in the receipt mail; mail programs open links unasked, so a button follows."""
    receipt = queries.receipt(session, _submission(session, code, token))
    return render(request, "submissions/verify.html", {"receipt": receipt, "key": key})


@router.post("/receipts/{code}/{token}/verify/{key}")
def verify_address(
    code: str, token: str, key: str, session: WriteSession, settings: AppSettings, now: Now
) -> Response:
    submission = _submission(session, code, token)
    if not verifying.verify_by_link(session, submission, key, secret=settings.secret(), now=now):
        raise NotFound("这个核实网址不完整，或者联系方式已经删除。请从回执邮件重新打开。")
    return redirect(receipt_path(submission))


@router.get("/receipts/{code}/{token}/withdraw")
def confirm_withdrawal(
    request: Request, code: str, token: str, session: ReadSession, now: Now
) -> Response:
    submission = _submission(session, code, token)
    receipt = queries.receipt(session, submission)
    if not rules.can_withdraw(submission, receipt.consultation, now):
        return redirect(receipt_path(submission))
    return render(request, "submissions/withdraw.html", {"receipt": receipt})


@router.post("/receipts/{code}/{token}/withdraw")
def withdraw(code: str, token: str, session: WriteSession, now: Now) -> Response:
    submission = _submission(session, code, token)
    consultation = session.get_one(Consultation, submission.consultation_id)
    if rules.can_withdraw(submission, consultation, now):
        service.withdraw(session, submission, now=now)
    return redirect(receipt_path(submission))


@router.post("/receipts/{code}/{token}/erase-contact")
def erase_contact(code: str, token: str, session: WriteSession, now: Now) -> Response:
    submission = _submission(session, code, token)
    service.erase_contact(session, submission, now=now)
    return redirect(receipt_path(submission))


@router.post("/receipts/{code}/{token}/answers/{comment_id:int}")
def rate_answer(
    code: str,
    token: str,
    comment_id: int,
    session: WriteSession,
    now: Now,
    verdict: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """One tap; a second one, or one nobody offered, changes nothing."""
    submission = _submission(session, code, token)
    if verdict in set(AnswerVerdict):
        rating.rate_answer(session, submission, comment_id, AnswerVerdict(verdict), now=now)
    return redirect(f"{receipt_path(submission)}#answer-{comment_id}")


def _look_up_errors(typed: str, code: str | None, digits: str) -> Errors:
    errors: Errors = {}
    if not typed.strip():
        errors["receipt_code"] = "请填写受理编号"
    elif code is None:
        errors["receipt_code"] = "受理编号应为9位字母和数字，请对照回执再看一遍"
    if len(digits) != 6:
        errors["look_up_code"] = "请填写6位数字的查询码"
    return errors


def _look_up_page(
    request: Request, code: str, digits: str, errors: Errors, *, status: int = 200
) -> Response:
    context = {"receipt_code": code, "look_up_code": digits, "errors": errors}
    return render(request, "submissions/look_up.html", context, status=status)


def receipt_path(submission: Submission) -> str:
    """The unguessable address of a receipt."""
    return f"/receipts/{submission.receipt_code}/{submission.receipt_token}"


def _submission(session: Session, code: str, token: str) -> Submission:
    submission = queries.by_receipt(session, code, token)
    if submission is None:
        raise NotFound(NO_RECEIPT)
    return submission
