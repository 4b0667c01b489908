"""公示、公布: lists for a village's board, as a page, on paper and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.areas.public import full_names
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.documents import PAPER_FORMATS, paper_response
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import StateConflict
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.publications import post_publication
from ..forms.banking import PublicationForm
from ..models import Publication
from ..papers.publication import publication_title, village_paper
from ..policies import PUBLISHES_LISTS, ensure_may_publish
from ..queries.publications import VillageList, get_publication_for, is_down, list_publications_for, village_list_for

PAGE_SIZE = 50


@require_http_methods(["GET", "POST"])
def publication_list(request: ActorRequest) -> HttpResponseBase:
    if request.method == "POST":
        ensure_may_publish(request.actor, request.actor.area_code)
    form = PublicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            values = form.cleaned_data
            posted = post_publication(
                actor=request.actor,
                publication_id=values["request_id"],
                area_code=values["area"],
                programme=values["programme"],
                month=values["month"],
                kind=values["kind"],
            )
            messages.success(request, _("名单已生成，请打印张贴。"))
            return redirect("publication_page", posted.id)
    publications = list_publications_for(request.actor)
    if "format" in request.GET:
        return table_download(_("公示公布"), _list_columns(), _list_rows(publications), request.GET["format"])
    page = Paginator(publications, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "may_publish": request.actor.role in PUBLISHES_LISTS,
        "page": page,
        "rows": [(one, is_down(one)) for one in page],
        "names": full_names([one.area_code for one in page]),
    }
    return render(request, "assistance/payments/publication_list.html", context, status=422 if form.errors else 200)


def _list_columns() -> list[Column]:
    return [
        Column("village", _("村（社区）")),
        Column("programme", _("救助类别")),
        Column("month", _("月份")),
        Column("kind", _("种类")),
        Column("posted", _("张贴日期"), kind=Kind.DATE),
        Column("count", _("户数"), kind=Kind.COUNT),
        Column("amount", _("金额"), kind=Kind.AMOUNT),
    ]


def _list_rows(publications: Iterable[Publication]) -> Iterator[dict[str, Value]]:
    found = list(publications)
    names = full_names([one.area_code for one in found])
    for one in found:
        yield {
            "village": names.get(one.area_code, ""),
            "programme": one.get_programme_display(),
            "month": f"{one.benefit_month:%Y-%m}",
            "kind": one.get_kind_display(),
            "posted": one.posted_on,
            "count": one.row_count,
            "amount": one.amount_fen,
        }


@require_GET
def publication_page(request: ActorRequest, publication_id: UUID) -> HttpResponseBase:
    """The list while it hangs; from the day it comes down only what was recorded of it, and no name in any form."""
    publication = get_publication_for(request.actor, publication_id)
    hangs = not is_down(publication)
    listed = _listed(request, publication) if hangs else None
    if file_format := request.GET.get("format"):
        if listed is None:
            raise StateConflict(_("公示期已满，名单已经撤下，不再导出"), reason="publication.down")
        return _download(publication, listed, file_format)
    context = {
        "publication": publication,
        "title": publication_title(publication),
        "place": full_names([publication.area_code]).get(publication.area_code, ""),
        "listed": listed,
    }
    return render(request, "assistance/payments/publication_page.html", context)


def _listed(request: ActorRequest, publication: Publication) -> VillageList:
    return village_list_for(
        request.actor,
        area_code=publication.area_code,
        programme=publication.programme,
        month=publication.benefit_month,
    )


def _download(publication: Publication, listed: VillageList, file_format: str) -> HttpResponseBase:
    place = full_names([publication.area_code]).get(publication.area_code, "")
    name = f"{publication_title(publication)}_{place}"
    if file_format in PAPER_FORMATS:
        return paper_response(village_paper(publication, listed), file_format, name=name)
    columns = [
        Column("village", _("村（社区）")),
        Column("name", _("姓名"), kind=Kind.NAME),
        Column("members", _("保障人数"), kind=Kind.COUNT),
        Column("amount", _("月保障金额"), kind=Kind.AMOUNT),
    ]
    rows: Iterator[dict[str, Value]] = (
        {"village": place, "name": row.masked_name, "members": row.member_count, "amount": row.amount_fen}
        for row in listed.rows
    )
    return table_download(name, columns, rows, file_format)
