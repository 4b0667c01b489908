"""What is in force here, today, in words: one page for anybody, without a sign-in. No personal data, no exercises."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shouwang.areas.public import area_chains, area_names, children, get_area, parse_area_code
from shouwang.kernel import clock

from ..queries.documents import documents_by_id
from ..queries.measures import measures_in_force
from .measures import by_kind


@require_GET
def measures_today(request: HttpRequest) -> HttpResponse:
    given = request.GET.get("area", "")
    if not given:
        return render(request, "response/measures_today.html", {"children": children(None), "now": clock.now()})
    area = get_area(parse_area_code(given))
    measures = measures_in_force(None, area.code, clock.now())
    documents = documents_by_id([measure.document_id for measure in measures])
    around = [code for code in reversed(area_chains([area.code])[area.code]) if code != area.code]
    names = area_names(around)
    context = {
        "area": area,
        "chain": [(code, names.get(code, "")) for code in around],
        "children": children(area.code),
        "in_force": list(by_kind(measures, documents)),
        "now": clock.now(),
    }
    return render(request, "response/measures_today.html", context)
