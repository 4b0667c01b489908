"""Pages for residents, without an account: register the household, see what became of it, show the pass.

No session and no sign-in: each page is what was posted to it, or an address that was signed for half an hour. A signed-in
officer who opens one sees the same as anybody.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.accounts.public import client_address
from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.errors import DomainError, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.qr import qr_svg
from shouwang.kernel.refusals import refusals_shown_in

from ..commands.own_page import (
    OwnPage,
    acting_on,
    address_of,
    declare_own_health,
    invite_own_guest,
    open_own_page,
    own_page_of,
    own_passes,
    renew_own_passes,
    withdraw_own,
)
from ..commands.registrations import register_by_resident
from ..forms.health import HealthForm
from ..forms.passes import GuestForm
from ..forms.registrations import EstateQuery, HouseholdForm, OwnPageForm, members_form, row_asked, typed_rows
from ..queries.declarations import declaration_states as states_of
from ..queries.declarations import declarations_of, every_days
from ..queries.estates_public import get_estate, search_estates
from ..queries.registrations import residents_of
from ..rules.codes import shown_code
from ..states import RegistrationState
from ..states_residents import KEPT_AFTER_LAST_PASS, RENEWED_BEFORE, UNDECIDED_KEPT, DeclarationState
from .words import REGISTRATION_TONES, declaration_words

SAID = {
    "declared": lazy("健康登记已提交。"),
    "guest": lazy("访客通行证已开出，把下面的码发给访客。"),
    "renewed": lazy("通行证已换发。"),
    "nothing": lazy("通行证还没有到换发的时候。"),
    "withdrawn": lazy("登记已撤回。"),
}


@require_GET
def register_find(request: HttpRequest) -> HttpResponse:
    """First: which estate."""
    form = EstateQuery(request.GET)
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    found = search_estates(text)
    context = {
        "form": EstateQuery({"q": text}) if text else EstateQuery(),
        "text": text,
        "found": found,
        "names": full_names([estate.area_code for estate in found]),
    }
    return render(request, "gates/public/find.html", context)


@require_http_methods(["GET", "POST"])
def register_household(request: HttpRequest, estate_id: int) -> HttpResponse:
    """Then: the address, everybody in it, and the word of consent. Answered with the code, once."""
    estate = get_estate(estate_id)
    is_asked = every_days(estate.area_code, clock.today()) is not None
    posted = request.POST if request.method == "POST" else None
    asked = row_asked(posted) if posted else None
    if posted is not None and asked is None:
        form, members = HouseholdForm(posted, estate=estate), members_form(posted, is_asked=is_asked)
        if form.is_valid() and members.is_valid():
            with refusals_shown_in(form):
                registered = register_by_resident(
                    registration_id=form.cleaned_data["request_id"],
                    sent=form.sent(estate, members),
                    address=client_address(request),
                )
                return _registered(request, estate, shown_code(registered.code), len(members.forms))
    else:
        initial = {name: posted.get(name, "") for name in HouseholdForm.base_fields} if posted else {}
        form = HouseholdForm(initial={"request_id": new_id()} | initial, estate=estate)
        members = members_form(None, is_asked=is_asked, initial=typed_rows(posted, asked) if posted else ())
    context = {
        "estate": estate,
        "place": full_names([estate.area_code]).get(estate.area_code, ""),
        "form": form,
        "members": members,
        "is_asked": is_asked,
        "undecided_days": UNDECIDED_KEPT.days,
        "kept_days": KEPT_AFTER_LAST_PASS.days,
    }
    is_wrong = bool(form.errors) or (members.is_bound and not members.is_valid())
    return render(request, "gates/public/register.html", context, status=422 if is_wrong else 200)


def _registered(request: HttpRequest, estate: Any, code: str, member_count: int) -> HttpResponse:
    """Nothing of what was typed is shown again: the phone may be a neighbour's."""
    forget_on = clock.today() + UNDECIDED_KEPT
    context = {"estate": estate, "code": code, "member_count": member_count, "forget_on": forget_on}
    return render(request, "gates/public/registered.html", context)


@require_http_methods(["GET", "POST"])
def own_page_open(request: HttpRequest) -> HttpResponse:
    """Code and last four digits open the own page for half an hour."""
    form = OwnPageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            page = open_own_page(code=values["code"], tail=values["tail"], address=client_address(request))
            return redirect("own_page", address_of(page))
    return render(request, "gates/public/open.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def own_page(request: HttpRequest, signed: str) -> HttpResponse:
    """The passes, where the registration stands, when it will be forgotten, what was declared."""
    page = own_page_of(signed)
    with acting_on(page) as (_actor, registration):
        passes = own_passes(registration=registration)
        ids = [resident.id for resident, _pass in passes.residents]
        states = states_of(ids, clock.today())
        names = {resident.id: resident.name for resident, _pass in passes.residents}
        is_confirmed = registration.state == RegistrationState.CONFIRMED
        soon = clock.now() + RENEWED_BEFORE
        context = {
            "signed": signed,
            "registration": registration,
            "tone": REGISTRATION_TONES[registration.state],
            "is_confirmed": is_confirmed,
            "is_pending": registration.state == RegistrationState.PENDING,
            "rows": [
                (resident, shown, declaration_words(states.get(resident.id, DeclarationState.NONE)))
                for resident, shown in passes.residents
            ],
            "guests": passes.guests,
            "declarations": [(one, names.get(one.resident_id, "")) for one in declarations_of(ids)],
            "may_renew": is_confirmed
            and any(shown is None or shown.expires_at <= soon for _resident, shown in passes.residents),
            "is_asked": every_days(registration.area_code, clock.today()) is not None,
            "said": SAID.get(request.GET.get("said", ""), ""),
            "passages": [],
        }
        return render(request, "gates/public/own.html", context)


@require_http_methods(["GET", "POST"])
def own_declare(request: HttpRequest, signed: str) -> HttpResponse:
    """健康登记 of all members on one screen."""
    page = own_page_of(signed)
    with acting_on(page) as (_actor, registration):
        residents = residents_of(registration)
    forms = health_forms(request, [(one.id, one.name) for one in residents])
    if request.method == "POST" and all([form.is_valid() for _name, form in forms]):  # noqa: C419  # every form tells
        said = {one.id: form.declared() for one, (_name, form) in zip(residents, forms, strict=True)}
        try:
            declare_own_health(page=page, declared={key: value for key, value in said.items() if value is not None})
        except DomainError as refused:
            forms[0][1].add_error(None, refused.message)
        else:
            return _back(signed, "declared")
    is_wrong = any(form.errors for _name, form in forms)
    context = {"signed": signed, "forms": forms}
    return render(request, "gates/public/declare.html", context, status=422 if is_wrong else 200)


def health_forms(
    request: HttpRequest, residents: list[tuple[UUID, str]], *, is_asked: bool = True
) -> list[tuple[str, HealthForm]]:
    """A form for each. `is_asked`: whether everybody has to be answered for."""
    forms = []
    for resident_id, name in residents:
        form = HealthForm(request.POST if request.method == "POST" else None, prefix=resident_id.hex)
        form.is_asked = is_asked
        forms.append((name, form))
    return forms


@require_http_methods(["GET", "POST"])
def own_guest(request: HttpRequest, signed: str) -> HttpResponse:
    """A guest's pass for one day: the host's word is the confirmation."""
    page = own_page_of(signed)
    with acting_on(page) as (_actor, registration):
        residents = residents_of(registration)
    initial = {"request_id": new_id(), "on": clock.today()}
    form = GuestForm(request.POST or None, residents=residents, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            invite_own_guest(
                page=page, host_id=UUID(values["host"]), request_id=values["request_id"], guest=form.guest()
            )
            return _back(signed, "guest")
    context = {"signed": signed, "form": form}
    return render(request, "gates/public/guest.html", context, status=422 if form.errors else 200)


@require_POST
def own_step(request: HttpRequest, signed: str, verb: str) -> HttpResponse:  # noqa: ARG001
    """Renewing the passes, or taking back a registration that nobody has decided."""
    page = own_page_of(signed)
    if verb == "renew":
        return _back(signed, "renewed" if renew_own_passes(page=page) else "nothing")
    if verb == "withdraw":
        withdraw_own(page=page)
        return _back(signed, "withdrawn")
    raise NotFound(_("没有这一步"), verb=verb)


@require_GET
def own_pass_code(request: HttpRequest, signed: str, pass_id: int) -> HttpResponse:  # noqa: ARG001
    """The pass as a QR code; of this household and its guests only."""
    page: OwnPage = own_page_of(signed)
    with acting_on(page) as (_actor, registration):
        passes = own_passes(registration=registration)
        shown = [one for _resident, one in passes.residents if one is not None]
        found = next((one for one in [*shown, *passes.guests] if one.id == pass_id), None)
    if found is None:
        raise NotFound(_("没有找到这张通行证"), pass_id=pass_id)
    return HttpResponse(qr_svg(found.text), content_type="image/svg+xml")


def _back(signed: str, said: str) -> HttpResponse:
    answer = redirect("own_page", signed)
    answer.headers["Location"] += f"?said={said}"
    return answer
