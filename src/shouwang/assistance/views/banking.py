"""代发银行: in which form each unit's bank takes its lists."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwang.areas.public import area_names
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.refusals import refusals_shown_in

from ..bank_files import DEFAULT_PROFILE, profile_of
from ..commands.banking import ArrangedBank, arrange_bank
from ..forms.banking import ArrangementForm
from ..policies import ARRANGES_BANK, ensure_may_arrange_bank
from ..queries.banking import list_arrangements_for


@require_http_methods(["GET", "POST"])
def bank_list(request: ActorRequest) -> HttpResponse:
    if request.method == "POST":
        ensure_may_arrange_bank(request.actor, request.actor.area_code)
    initial = {"area": request.actor.area_code, "profile": DEFAULT_PROFILE}
    form = ArrangementForm(request.POST or None, actor=request.actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            values = form.cleaned_data
            arrange_bank(
                actor=request.actor,
                arrangement_id=values["request_id"],
                arranged=ArrangedBank(
                    area_code=values["area"],
                    profile=values["profile"],
                    fund_id=values["fund"],
                    payer_name=values["payer_name"],
                    payer_account=values["payer_account"],
                    payer_bank=values["payer_bank"],
                    payer_bank_code=values["payer_bank_code"],
                ),
            )
            messages.success(request, _("已登记。从现在起送银行的清册用这种格式，已送出的不变。"))
            return redirect("bank_list")
    found = list(list_arrangements_for(request.actor))
    latest = {(one.area_code, one.fund_id): one.id for one in reversed(found)}
    context = {
        "form": form,
        "may_arrange": request.actor.role in ARRANGES_BANK,
        "rows": [(one, profile_of(one.profile).label, latest[one.area_code, one.fund_id] == one.id) for one in found],
        "names": area_names([one.area_code for one in found]),
    }
    return render(request, "assistance/payments/bank_list.html", context, status=422 if form.errors else 200)
