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
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.areas.public import area_names, full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.documents import register_document
from ..files import content_type
from ..forms import DocumentForm, DocumentQuery
from ..kinds import get_kind
from ..models import Document
from ..policies import may_register_documents
from ..queries import documents as queries
from ..queries.measures import measures_of, state_of

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
    ]


def _document_rows(documents: QuerySet[Document]) -> Iterator[dict[str, Value]]:
    for document in documents.iterator(chunk_size=2000):
        yield {
            "number": document.number,
            "title": document.title,
            "issuer": document.issuer,
            "issued_on": document.issued_on,
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
            )
            messages.success(request, _("文件已登记，可以据此发布措施。"))
            return redirect("document_detail", document.id)
    return render(request, "response/document_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def document_detail(request: ActorRequest, document_id: UUID) -> HttpResponse:
    document = queries.get_document(document_id)
    measures = measures_of(document)
    now = clock.now()
    file = queries.file_facts(document)
    context = {
        "document": document,
        "file": file,
        "digest": bytes(file.sha256).hex() if file else "",
        "measures": [
            (measure, get_kind(measure.kind).sentence(measure.parameters), state_of(measure, now))
            for measure in measures
        ],
        "area_names": full_names([document.area_code, *(measure.area_code for measure in measures)]),
    }
    return render(request, "response/document.html", context)


@require_GET
def document_file(request: ActorRequest, document_id: UUID) -> HttpResponse:
    """Always a download: a file of somebody else's is never opened inside our origin."""
    file = queries.get_file_for(request.actor, document_id)
    answer = HttpResponse(bytes(file.content), content_type=content_type(file.name))
    answer.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
    )
    return answer
