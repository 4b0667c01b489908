"""What a person needs and is certified to have: the disability certificate, and needs added or taken away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.errors import Invalid

from ..commands.certificates import record_certificate
from ..commands.needs import change_need
from ..forms import CertificateForm, NeedForm
from ..queries.people import get_person_for
from .common import BY_HAND, bound, form_page, refusals_shown_in


@require_http_methods(["GET", "POST"])
def person_certificate(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Every difference between certificate, ID number and what was declared stands in the form, in words."""
    person = get_person_for(request.actor, person_id)
    form = bound(request, CertificateForm, initial={"version": person.version, "since": clock.today()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            record_certificate(
                actor=request.actor,
                person_id=person_id,
                number=values["number"],
                since=values["since"],
                source=values["source"],
                declared_kind=values["kind"],
                declared_level=values["level"],
                expected_version=values["version"],
            )
            messages.success(request, _("已登记残疾人证。"))
            return redirect("person_detail", person_id)
    return form_page(request, "registry/record_form.html", form, title=_("登记残疾人证"), person=person)


@require_POST
def person_need(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Add one need or take one away, from today on."""
    form = NeedForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请选择一项需求"), reason="need.missing")
    change_need(
        actor=request.actor,
        person_id=person_id,
        need=form.cleaned_data["need"],
        is_needed=form.cleaned_data["is_needed"],
        valid_from=clock.today(),
        source=BY_HAND,
    )
    messages.success(request, _("需求已更新。"))
    return redirect("person_detail", person_id)
