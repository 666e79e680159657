"""The dossier can be checked years later, and tells an erasure from tampering."""

import io
import json
import zipfile

import pytest
from sqlmodel import Session

from backend.digests.dossier import (
    MANIFEST,
    NotADossier,
    erase_from_dossier,
    make_dossier,
    verify_dossier,
)
from backend.kit.settings import Settings
from tests.features.office import MONDAY, Office, found

SECRET = b"s" * 40


@pytest.fixture
def office(session: Session, settings: Settings) -> Office:
    office = found(session, settings)
    for text in ("请增加巴士班次。", "停车位不要占绿地。"):
        office.read(office.receive(text, contact_phone="13800000000"), "t1")
    session.commit()
    return office


@pytest.fixture
def dossier(office: Office, session: Session) -> bytes:
    return make_dossier(session, office.consultation, secret=SECRET, now=MONDAY)


def rewritten(data: bytes, changes: dict[str, bytes | None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if changes.get(name, b"") is not None:
                new.writestr(name, changes.get(name) or old.read(name))
        for name, content in changes.items():
            if content is not None and name not in old.namelist():
                new.writestr(name, content)
    return out.getvalue()


def test_an_untouched_dossier_is_intact_and_made_the_same_twice(
    dossier: bytes, office: Office, session: Session
) -> None:
    verdict = verify_dossier(dossier, secret=SECRET)
    assert verdict.is_intact
    assert verdict.is_sealed
    assert make_dossier(session, office.consultation, secret=SECRET, now=MONDAY) == dossier


def test_it_holds_no_contact_data_and_no_receipt(dossier: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(dossier)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert "登记簿.csv" in archive.namelist()
    assert b"13800000000" not in everything
    assert b"receipt" not in everything


def test_one_changed_character_is_found(dossier: bytes) -> None:
    name = "意见/000001.json"
    verdict = verify_dossier(rewritten(dossier, {name: b"{}"}), secret=SECRET)
    assert not verdict.is_intact
    assert verdict.altered == (name,)
    assert "被改动" in "".join(verdict.sentences)


def test_a_missing_and_an_added_file_are_found(dossier: bytes) -> None:
    changed = rewritten(dossier, {"意见/000001.json": None, "意见/000009.json": b"{}"})
    verdict = verify_dossier(changed)
    assert verdict.missing == ("意见/000001.json",)
    assert verdict.added == ("意见/000009.json",)


def test_an_erasure_is_told_from_tampering(dossier: bytes) -> None:
    erased = erase_from_dossier(dossier, [1], reason="本人申请", secret=SECRET, now=MONDAY)
    verdict = verify_dossier(erased, secret=SECRET)
    assert verdict.is_intact
    assert verdict.erased == ("意见/000001.json",)
    assert "按申请删除" in "".join(verdict.sentences)
    with zipfile.ZipFile(io.BytesIO(erased)) as archive:
        assert "巴士班次" not in archive.read("意见/000001.json").decode()


def test_a_forged_erasure_breaks_the_seal(dossier: bytes) -> None:
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(dossier)).read(MANIFEST))
    name = "意见/000001.json"
    forged = b'{"text": ""}'
    import hashlib

    note = {"file": name, "before": "", "after": hashlib.sha256(forged).hexdigest()}
    manifest["erasures"].append(note)
    changed = rewritten(dossier, {name: forged, MANIFEST: json.dumps(manifest).encode()})
    verdict = verify_dossier(changed, secret=SECRET)
    assert not verdict.is_intact
    assert verdict.is_sealed is False


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"hello"])
def test_anything_else_gets_one_sentence(data: bytes) -> None:
    with pytest.raises(NotADossier, match="不是归档包"):
        verify_dossier(data)
