"""The documents that a list or a go-live may rest on: those of the area and of the areas around it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.kernel.scope import lies_within
from shouwang.response.public import Document, get_document, list_documents

from .places import areas_around


def documents_for(actor: Actor) -> QuerySet[Document]:
    """The newest first."""
    return list_documents().filter(actor.scope.q() | Q(area_code__in=areas_around(actor.area_code)))


def get_document_for(actor: Actor, document_id: UUID) -> Document:
    """One of those that the actor may choose from. Raises NotFound, also for another county's."""
    document = documents_for(actor).filter(id=document_id).first()
    if document is None:
        raise NotFound(_("没有这份文件，可能不是本区划或上级的文件"), document_id=document_id)
    return document


def get_document_over(area_codes: Collection[int], document_id: UUID) -> Document:
    """A document that speaks of all these places: they lie in the area that registered it.

    Raises NotFound for one that is not there, Invalid for a neighbour's.
    """
    document = get_document(document_id)
    span = get_area(document.area_code).span
    if not all(lies_within(code, span) for code in area_codes):
        raise _elsewhere(document)
    return document


def get_document_of(area_code: int, document_id: UUID) -> Document:
    """A document that can order something in the area: registered there or around it, and issued by today.

    Raises NotFound for one that is not there, Invalid for a neighbour's or one of a day to come.
    """
    document = get_document(document_id)
    if document.area_code not in areas_around(area_code):
        raise _elsewhere(document)
    if document.issued_on > clock.today():
        raise Invalid(
            _("“%(document)s”的发文日期 %(day)s 还没有到")
            % {"document": document.number, "day": document.issued_on.isoformat()},
            reason="document.future",
            document_id=document_id,
        )
    return document


def _elsewhere(document: Document) -> Invalid:
    return Invalid(
        _("“%(document)s”不是本区划或上级的文件，不能作为依据") % {"document": document.number},
        reason="document.elsewhere",
        document_id=document.id,
    )
