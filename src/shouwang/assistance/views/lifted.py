"""The page of what to decide when a measure is lifted: every grant that it made differ, the largest amount first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwang.areas.public import area_names, full_names
from shouwang.kernel import crypto
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..forms.reviews import LiftedQuery
from ..queries.lifted import LiftedRow, list_lifted_for, unit_differences
from ..queries.reviews import pause_of_exits
from ..queries.subjects import subject_names
from ..states import Programme

PAGE_SIZE = 50


@require_GET
def lifted_list(request: ActorRequest) -> HttpResponseBase:
    query = LiftedQuery(request.GET)
    rows = list_lifted_for(request.actor, programme=query.wanted().get("programme", ""), spans=query.spans())
    if "format" in request.GET:
        return table_download(_("措施解除后的复核"), _columns(), _table(rows), request.GET["format"])
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page)
    names = subject_names([row.subject_id for row in shown])
    units = unit_differences(request.actor, rows)
    context = {
        "query": query,
        "page": page,
        "rows": [(row, Programme(row.programme).label, names.get(row.subject_id, "")) for row in shown],
        "names": area_names([*(row.area_code for row in shown), *(unit.unit_code for unit in units)]),
        "units": units,
        "difference_fen": sum(row.difference_fen for row in rows),
        "is_paused": pause_of_exits(request.actor.area_code) is not None,
    }
    return render(request, "assistance/payments/lifted_list.html", context)


def _columns() -> list[Column]:
    return [
        Column("name", _("户主或本人")),
        Column("programme", _("救助类别")),
        Column("area", _("区划")),
        Column("month", _("最近发放月份")),
        Column("paid", _("实际发放"), kind=Kind.AMOUNT),
        Column("ordinary", _("按规则"), kind=Kind.AMOUNT),
        Column("difference", _("相差"), kind=Kind.AMOUNT),
        Column("why", _("原因")),
    ]


def _table(rows: Sequence[LiftedRow]) -> Iterator[dict[str, Value]]:
    for pieces in Paginator(rows, 2_000):
        chunk = list(pieces)
        names = subject_names([row.subject_id for row in chunk])
        places = full_names([row.area_code for row in chunk])
        for row in chunk:
            name = names.get(row.subject_id, "")
            yield {
                "name": crypto.mask_name(name) if name else "",
                "programme": str(Programme(row.programme).label),
                "area": places.get(row.area_code, ""),
                "month": f"{row.month:%Y-%m}" if row.month else "",
                "paid": row.paid_fen,
                "ordinary": row.ordinary_fen,
                "difference": row.difference_fen,
                "why": row.why,
            }
