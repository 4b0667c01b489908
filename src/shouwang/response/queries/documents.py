"""Documents and their files. A document is for everyone to read; its file may name people and opens at home only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.accounts.public import SEES_PERSONS
from shouwang.areas.public import get_area
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import Span, lies_within
from shouwang.kernel.worklist import WorkItem

from ..models import Document, DocumentFile, DocumentReceipt
from ..policies import may_answer_for_sites

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


@dataclass(frozen=True, slots=True)
class Relatives:
    """The chain from the highest authority down to the document, what passes it on, and its versions."""

    chain: Sequence[Document]
    forwarded_by: Sequence[Document]
    earlier: Document | None
    later: Document | None


CHAIN_MAX = 10


def relatives_of(document: Document) -> Relatives:
    chain: list[Document] = []
    above = document.forwards
    while above is not None and len(chain) < CHAIN_MAX:
        chain.insert(0, above)
        above = above.forwards
    later = Document.objects.filter(supersedes=document).first()
    forwarded = Document.objects.filter(forwards=document).order_by("issued_on", "id")
    return Relatives(chain, list(forwarded), document.supersedes, later)


def receipts_of(actor: Actor, document: Document) -> QuerySet[DocumentReceipt]:
    """In the actor's scope: who has not received comes first, the earliest deadline ahead."""
    receipts = DocumentReceipt.objects.filter(actor.scope.q(), document=document)
    return receipts.order_by(F("received_at").asc(nulls_first=True), "due_on", "area_code")


def receipt_to_give(actor: Actor, document: Document) -> DocumentReceipt | None:
    """What the actor's own unit has yet to receive."""
    waiting = DocumentReceipt.objects.filter(actor.scope.q(), document=document, received_at=None)
    return waiting.filter(area_code=actor.area_code).first()


def documents_waiting_for(actor: Actor, limit: int) -> list[WorkItem]:
    if not may_answer_for_sites(actor):
        return []
    waiting = DocumentReceipt.objects.filter(actor.scope.q(), area_code=actor.area_code, received_at=None)
    return [
        WorkItem(
            kind="document",
            title=f"{one.document.number} {one.document.title}",
            action=_("签收"),
            url=reverse("document_detail", args=[one.document_id]),
            due_on=one.due_on,
        )
        for one in waiting.select_related("document").order_by("due_on", "id")[:limit]
    ]


def coverage_of(units: Sequence[tuple[int, Sequence[Span]]]) -> dict[tuple[int, str], int]:
    """Documents in use by (unit, field): registered in the unit, superseded by none."""
    current = Document.objects.filter(superseded_by=None).values_list("area_code", "work_field")
    counted: Counter[tuple[int, str]] = Counter()
    for area_code, work_field in current:
        for code, spans in units:
            if lies_within(area_code, spans):
                counted[code, work_field] += 1
    return dict(counted)
