"""Pages of documents."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import area_names, full_names, get_area, reporting_units
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor, ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.documents import receive_document, register_document, send_document
from ..files import content_type
from ..forms import DocumentForm, DocumentQuery, SendDocumentForm
from ..kinds import get_kind
from ..models import Document
from ..policies import may_answer_for_sites, may_register_documents
from ..queries import documents as queries
from ..queries.measures import measures_of, state_of
from ..states import WorkField

PAGE_SIZE = 50


@require_GET
def document_list(request: ActorRequest) -> HttpResponseBase:
    query = DocumentQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    documents = queries.list_documents(text=wanted.get("q", ""), sort=request.GET.get("sort", ""))
    if "format" in request.GET:
        return table_download(_("文件登记"), _document_columns(), _document_rows(documents), request.GET["format"])
    page = Paginator(documents, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "page": page,
        "area_names": area_names([document.area_code for document in page]),
        "may_register": may_register_documents(request.actor),
    }
    return render(request, "response/document_list.html", context)


def _document_columns() -> list[Column]:
    return [
        Column("number", _("文号")),
        Column("title", _("标题")),
        Column("issuer", _("发文机关")),
        Column("issued_on", _("发文日期"), kind=Kind.DATE),
        Column("work_field", _("领域")),
    ]


def _document_rows(documents: QuerySet[Document]) -> Iterator[dict[str, Value]]:
    for document in documents.iterator(chunk_size=2000):
        yield {
            "number": document.number,
            "title": document.title,
            "issuer": document.issuer,
            "issued_on": document.issued_on,
            "work_field": document.get_work_field_display(),
        }


@require_http_methods(["GET", "POST"])
def document_new(request: ActorRequest) -> HttpResponse:
    if not may_register_documents(request.actor):
        raise NotAllowed(_("文件由县区或市局民政人员登记"), reason="document.not_an_officer")
    form = DocumentForm(request.POST or None, request.FILES or None, initial={"area": request.actor.area_code})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            document = register_document(
                actor=request.actor,
                number=values["number"],
                title=values["title"],
                issuer=values["issuer"],
                issued_on=values["issued_on"],
                area_code=values["area"],
                file=form.incoming(),
                lineage=form.lineage(),
            )
            messages.success(request, _("文件已登记，可以据此发布措施。"))
            return redirect("document_detail", document.id)
    return render(request, "response/document_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def document_detail(request: ActorRequest, document_id: UUID) -> HttpResponse:
    return _document_page(request, document_id)


@require_POST
def document_send(request: ActorRequest, document_id: UUID) -> HttpResponse:
    units = _units(request.actor)
    if not set(request.POST.getlist("units")) <= {str(code) for code, _name in units}:
        raise NotAllowed(_("只能发给自己管辖的单位"), reason="document.outside")
    form = SendDocumentForm(request.POST, units=units)
    if form.is_valid():
        with refusals_shown_in(form):
            count = send_document(
                actor=request.actor,
                document_id=document_id,
                area_codes=form.cleaned_data["units"],
                due_on=form.cleaned_data["due_on"],
            )
            messages.success(request, _("已发给 %(count)s 个单位。") % {"count": count})
            return redirect("document_detail", document_id)
    return _document_page(request, document_id, form)


@require_POST
def document_receive(request: ActorRequest, document_id: UUID) -> HttpResponse:
    receive_document(actor=request.actor, document_id=document_id)
    messages.success(request, _("已签收。"))
    return redirect("document_detail", document_id)


@require_GET
def document_matrix(request: ActorRequest) -> HttpResponse:
    """Fields by units: which of the ten has no document in use where."""
    units = reporting_units(get_area(request.actor.area_code).code)
    counted = queries.coverage_of([(code, spans) for code, _name, spans in units])
    context = {
        "fields": WorkField.choices,
        "rows": [
            (name, [counted.get((code, work_field), 0) for work_field in WorkField.values])
            for code, name, _spans in units
        ],
    }
    return render(request, "response/document_matrix.html", context)


def _units(actor: Actor) -> list[tuple[int, str]]:
    """What reports to the actor's area; the area's own rest receives nothing from itself."""
    return [(code, name) for code, name, _spans in reporting_units(actor.area_code) if code != actor.area_code]


def _document_page(request: ActorRequest, document_id: UUID, form: SendDocumentForm | None = None) -> HttpResponse:
    document = queries.get_document(document_id)
    measures = measures_of(document)
    now = clock.now()
    file = queries.file_facts(document)
    receipts = list(queries.receipts_of(request.actor, document))
    may_send = may_register_documents(request.actor)
    units = _units(request.actor) if may_send else []
    codes = [document.area_code, *(one.area_code for one in measures), *(one.area_code for one in receipts)]
    context = {
        "document": document,
        "relatives": queries.relatives_of(document),
        "file": file,
        "digest": bytes(file.sha256).hex() if file else "",
        "measures": [
            (measure, get_kind(measure.kind).sentence(measure.parameters), state_of(measure, now))
            for measure in measures
        ],
        "receipts": receipts,
        "received_count": sum(one.received_at is not None for one in receipts),
        "today": clock.today(),
        "to_give": queries.receipt_to_give(request.actor, document) if may_answer_for_sites(request.actor) else None,
        "area_names": full_names(codes),
        "send_form": (form or SendDocumentForm(units=units)) if units else None,
    }
    return render(request, "response/document.html", context, status=422 if form else 200)


@require_GET
def document_file(request: ActorRequest, document_id: UUID) -> HttpResponse:
    """Always a download: a file of somebody else's is never opened inside our origin."""
    file = queries.get_file_for(request.actor, document_id)
    answer = HttpResponse(bytes(file.content), content_type=content_type(file.name))
    answer.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
    )
    return answer
