"""Documents: registered once by number and issuer, with a file that is what its name says."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from shouwang.accounts.public import Role
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from shouwang.response.files import FILE_BYTES_MAX
from shouwang.response.models import Document, DocumentFile
from shouwang.response.public import IncomingFile, list_documents, register_document
from shouwang.response.queries.documents import get_file
from tests.factories import FANGZI, HANTING, acting

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nsample"


def register(actor, **changes) -> Document:
    arguments = {
        "number": "寒民〔2020〕3号",
        "title": "关于先行救助的通知",
        "issuer": "寒亭区民政局",
        "issued_on": date(2020, 2, 6),
        "area_code": HANTING,
    }
    return register_document(actor=actor, **(arguments | changes))


def test_document_keeps_its_file_with_its_hash() -> None:
    with acting(Role.COUNTY_OFFICER) as actor:
        document = register(actor, file=IncomingFile("C:\\公文\\通知.pdf", PDF))
    file = get_file(document.id)
    assert (file.name, file.size_bytes, bytes(file.content)) == ("通知.pdf", len(PDF), PDF)
    assert bytes(file.sha256) == hashlib.sha256(PDF).digest()


def test_same_document_registered_twice_is_one() -> None:
    with acting(Role.COUNTY_OFFICER) as actor:
        first = register(actor, file=IncomingFile("通知.pdf", PDF))
        audits = AuditEntry.objects.count()
        assert register(actor, number=" 寒民〔2020〕3号 ", file=IncomingFile("通知.pdf", PDF)).id == first.id
        assert AuditEntry.objects.count() == audits
    assert (Document.objects.count(), DocumentFile.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "changes", [{"title": "另一份"}, {"issued_on": date(2020, 2, 7)}, {"file": IncomingFile("通知.pdf", PDF)}]
)
def test_number_taken_by_another_document_is_refused(changes) -> None:
    with acting(Role.COUNTY_OFFICER) as actor:
        first = register(actor)
        with pytest.raises(Conflict) as refused:
            register(actor, **changes)
        assert refused.value.data["document_id"] == first.id
        assert "关于先行救助的通知" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("通知.pdf", b"", "document.file_empty"),
        ("通知.pdf", b"MZ\x90\x00", "document.file_type"),
        ("通知.exe", b"MZ\x90\x00", "document.file_type"),
        ("通知.html", b"<script>", "document.file_type"),
        ("通知.docx", b"%PDF-1.7", "document.file_type"),
        ("通知.pdf", b"%PDF-" + bytes(FILE_BYTES_MAX), "document.file_too_large"),
    ],
)
def test_file_that_is_not_what_it_says_is_refused(name: str, content: bytes, reason: str) -> None:
    with acting(Role.COUNTY_OFFICER) as actor:
        with pytest.raises(Invalid) as refused:
            register(actor, file=IncomingFile(name, content))
        assert refused.value.reason == reason
        assert (Document.objects.count(), AuditEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize("changes", [{"number": " "}, {"title": ""}, {"issuer": ""}, {"issued_on": date(2020, 3, 19)}])
def test_incomplete_document_is_refused(changes) -> None:
    with acting(Role.COUNTY_OFFICER) as actor, pytest.raises(Invalid):
        register(actor, **changes)


@pytest.mark.parametrize(
    ("role", "area_code", "error"),
    [
        (Role.COUNTY_OFFICER, FANGZI, NotFound),
        (Role.FINANCE, HANTING, NotAllowed),
        (Role.AUDITOR, HANTING, NotAllowed),
        (Role.GRID_WORKER, HANTING, NotAllowed),
    ],
)
def test_who_may_not_register_is_refused(role: str, area_code: int, error: type[Exception]) -> None:
    with acting(role, area_code) as actor:
        with pytest.raises(error):
            register(actor)
        assert (Document.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_documents_are_found_by_any_word() -> None:
    with acting(Role.COUNTY_OFFICER) as actor:
        first = register(actor)
        second = register(actor, number="寒民〔2020〕9号", title="关于备用金的通知", issued_on=date(2020, 3, 1))
    assert list(list_documents()) == [second, first]
    assert list(list_documents(text="备用金")) == [second]
    assert list(list_documents(text="寒亭区 先行")) == [first]
    assert list(list_documents(text="坊子")) == []


def test_documents_and_their_files_are_append_only() -> None:
    with acting(Role.COUNTY_OFFICER) as actor:
        register(actor, file=IncomingFile("通知.pdf", PDF))
        for rows in (Document.objects.all(), DocumentFile.objects.all()):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            DocumentFile.objects.update(content=b"%PDF-other")
