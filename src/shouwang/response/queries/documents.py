"""Documents and their files. A document is for everyone to read; its file may name people and opens at home only."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.accounts.public import SEES_PERSONS
from shouwang.areas.public import get_area
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import lies_within

from ..models import Document, DocumentFile

DOCUMENT_SORTS = {"number": "number", "issuer": "issuer", "issued_on": "issued_on"}


def list_documents(*, text: str = "", sort: str = "") -> QuerySet[Document]:
    """The newest first unless sorted; each word of `text` is found in the number, the title or the issuer."""
    documents = Document.objects.order_by("-issued_on", "-id")
    key = DOCUMENT_SORTS.get(sort.removeprefix("-"))
    if key:
        documents = documents.order_by(f"-{key}" if sort.startswith("-") else key, "-id")
    for word in text.split():
        documents = documents.filter(Q(number__icontains=word) | Q(title__icontains=word) | Q(issuer__icontains=word))
    return documents


def get_document(document_id: UUID) -> Document:
    """Raises NotFound."""
    document = Document.objects.filter(id=document_id).first()
    if document is None:
        raise NotFound(_("没有这份文件"), document_id=document_id)
    return document


def documents_by_id(document_ids: Sequence[UUID]) -> dict[UUID, Document]:
    return Document.objects.in_bulk(document_ids)


def file_facts(document: Document) -> DocumentFile | None:
    """Name, size and hash of the document's file, without its content."""
    return DocumentFile.objects.defer("content").filter(document=document).first()


def get_file(document_id: UUID) -> DocumentFile:
    """With its content. Raises NotFound."""
    file = DocumentFile.objects.filter(document_id=document_id).first()
    if file is None:
        raise NotFound(_("这份文件没有附件"), document_id=document_id)
    return file


def get_file_for(actor: Actor, document_id: UUID) -> DocumentFile:
    """The file may hold a county's list of people: it opens inside the area that registered the document, and above
    it, for posts that see persons. Raises NotFound elsewhere; the document itself is for everyone to read.
    """
    document = get_document(document_id)
    span = get_area(document.area_code).span
    is_ours = actor.scope.covers(span) or lies_within(actor.area_code, span)
    if not is_ours or actor.role not in SEES_PERSONS:
        raise NotFound(_("附件只对登记单位的辖区和上级开放"), reason="document.file_elsewhere", document_id=document_id)
    return get_file(document_id)
