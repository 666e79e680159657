"""A child under fourteen leaves contact data only with a guardian's consent (PIPL Art. 31)."""

from sqlmodel import Session, select

from backend.kit.sealing import unseal
from backend.kit.settings import Settings
from backend.models import Comment, Contact
from tests.features.publishing import publish
from tests.page import Browser

FORM = "/consultations/qinglan/comment"
CHILD = {"text": "操场放学以后请开放。", "is_under_14": "1"}


def test_contact_data_of_a_child_needs_the_guardian(
    client: Browser, session: Session, settings: Settings
) -> None:
    publish(session)
    typed = CHILD | {"name": "小明", "phone": "13812345678"}
    form = client.open(FORM).form("/comment").fill(**typed)
    page = client.press(form, status=422)
    assert page.one("#guardian-error") is not None
    assert "操场放学以后请开放。" in page.text, "nothing typed is lost"
    page = client.press(page.form("/comment").fill(guardian="王强"), status=422)
    assert "请由监护人勾选同意" in page.text
    page = client.press(page.form("/comment").fill(guardian_consents="1"))
    assert "王强，已同意" in page.text
    receipt = client.press(page.form("/send"))
    contact = session.exec(select(Contact)).one()
    assert unseal(settings.secret(), contact.sealed_guardian or "") == "王强"
    assert contact.guardian_consented_at is not None
    client.press(receipt.form("/erase-contact"))
    session.rollback()
    session.expire_all()
    assert session.exec(select(Contact)).one().sealed_guardian is None


def test_without_contact_nothing_is_asked_and_nothing_kept(
    client: Browser, session: Session
) -> None:
    publish(session)
    form = client.open(FORM).form("/comment").fill(**CHILD, guardian="王强")
    page = client.press(form)
    assert "王强" not in page.text
    client.press(page.form("/send"))
    assert session.exec(select(Comment)).one().text == CHILD["text"]
    assert session.exec(select(Contact)).all() == []
