"""What a standard or a measure would do, before anyone signs it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shouwang.areas.public import area_names
from shouwang.kernel import money
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.refusals import refusals_shown_in

from ..engine.what_if import Supposed, WhatIf, what_if
from ..forms.what_if import WhatIfForm
from ..policies import ensure_may_read_payments
from ..queries.runs import last_month_run


@require_GET
def what_if_page(request: ActorRequest) -> HttpResponse:
    """Reads only: nothing is kept of a supposition."""
    ensure_may_read_payments(request.actor)
    initial: dict[str, object] = {"area": request.actor.area_code}
    if (month := last_month_run()) is not None:  # of a month that was never run nothing can be said
        initial["month"] = month
    form = WhatIfForm(request.GET if "programme" in request.GET else None, initial=initial)
    found: WhatIf | None = None
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            found = what_if(
                request.actor,
                programme=values["programme"],
                month=values["month"],
                area_code=values["area"],
                supposed=Supposed(form.rows(), form.measures()),
            )
    names = area_names([unit.unit_code for unit in found.units]) if found else {}
    context = {
        "form": form,
        "found": found,
        "names": names,
        "area_code": form.cleaned_data.get("area") if form.is_bound else None,
        "tiles": [
            {
                "code": unit.unit_code,
                "name": names.get(unit.unit_code, ""),
                "value": unit.change_fen,
                "shown": money.wan_yuan(unit.change_fen),
                "url": "",
            }
            for unit in (found.units if found else ())
        ],
        "totals": {
            name: found.total(name)
            for name in (
                "before_count",
                "after_count",
                "gained_count",
                "lost_count",
                "raised_count",
                "lowered_count",
                "before_fen",
                "after_fen",
                "change_fen",
            )
        }
        if found
        else {},
    }
    return render(request, "assistance/payments/what_if.html", context)
