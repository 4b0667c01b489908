"""Registering documents. A document is one per number and issuer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid

from ..files import IncomingFile, check_file
from ..models import Document, DocumentFile
from ..policies import ensure_may_register_documents


@transaction.atomic
def register_document(
    *,
    actor: Actor,
    number: str,
    title: str,
    issuer: str,
    issued_on: date,
    area_code: int,
    file: IncomingFile | None = None,
) -> Document:
    """Registered twice with one content it is one document. Raises Conflict when the number is taken by another."""
    ensure_may_register_documents(actor, area_code)
    content = {"title": title.strip(), "issued_on": issued_on, "area_code": area_code}
    key = {"number": number.strip(), "issuer": issuer.strip()}
    if not all((*key.values(), content["title"])):
        raise Invalid(_("文号、标题和发文机关都要填写"), reason="document.incomplete")
    if issued_on > clock.today():
        raise Invalid(_("发文日期 %(day)s 还没有到") % {"day": issued_on.isoformat()}, reason="document.future")
    if file is not None:
        check_file(file)
    try:
        with transaction.atomic():
            document = Document.objects.create(recorded_at=clock.now(), recorded_by=actor.user_id, **key, **content)
    except IntegrityError:
        return _same_document(Document.objects.get(**key), content, file)
    if file is not None:
        DocumentFile.objects.create(
            document=document,
            name=file.plain_name,
            size_bytes=len(file.content),
            sha256=file.sha256,
            content=file.content,
        )
    audit.record(
        actor=actor,
        action="document.register",
        subject=f"document:{document.id}",
        area_code=area_code,
        data={"number": document.number, "file_sha256": file.sha256.hex() if file else None},
    )
    return document


def _same_document(existing: Document, content: Mapping[str, object], file: IncomingFile | None) -> Document:
    stored = DocumentFile.objects.filter(document=existing).values_list("sha256", flat=True).first()
    same_file = (bytes(stored) if stored is not None else None) == (file.sha256 if file else None)
    if same_file and all(getattr(existing, field) == value for field, value in content.items()):
        return existing
    raise Conflict(
        _("%(issuer)s %(number)s 已经登记：%(title)s，请直接选用")
        % {"issuer": existing.issuer, "number": existing.number, "title": existing.title},
        reason="document.number_taken",
        document_id=existing.id,
    )
