"""Opening a case: find the applicant by ID number, or register them on the way; then one form."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.registry.public import (
    ElsewhereAnswer,
    Person,
    find_person_by_id_number,
    get_person_for,
    household_of,
    members_as_of,
)

from ..commands.relief import open_case
from ..forms.relief import ApplicationForm, LookUpForm, NewApplicantForm
from ..policies_relief import ensure_may_take
from ..queries.relief import cases_covering
from ..states import Channel, ReliefKind, ReliefVerb


@require_http_methods(["GET", "POST"])
def relief_open(request: ActorRequest) -> HttpResponse:
    """Whose hardship: look them up, whole number only."""
    ensure_may_take(request.actor, ReliefVerb.OPEN)
    form = LookUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            number = form.cleaned_data["id_number"]
            found = find_person_by_id_number(actor=request.actor, number=number)
            if isinstance(found, Person):
                return redirect("relief_open_for", found.id)
            return _new_applicant_page(request, NewApplicantForm(initial={"id_number": number}), _blank(), found)
    return render(request, "assistance/relief/look_up.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def relief_open_new(request: ActorRequest) -> HttpResponse:
    """The application of somebody whom this register does not hold: from elsewhere, or without an ID number."""
    ensure_may_take(request.actor, ReliefVerb.OPEN)
    if "story" not in request.POST:
        return _new_applicant_page(request, NewApplicantForm(), _blank(), None)
    applicant, form = NewApplicantForm(request.POST), ApplicationForm(request.POST)
    if applicant.is_valid() and form.is_valid():
        with refusals_shown_in(form):
            case = open_case(
                actor=request.actor,
                case_id=form.cleaned_data["request_id"],
                application=form.application(applicant=applicant.details()),
            )
            messages.success(request, _("已登记 %(number)s，请受理") % {"number": case.number})
            return redirect("relief_case", case.id)
    return _new_applicant_page(request, applicant, form, None)


def _new_applicant_page(
    request: ActorRequest,
    applicant: NewApplicantForm,
    form: ApplicationForm,
    elsewhere: ElsewhereAnswer | None,
) -> HttpResponse:
    context = {"applicant": applicant, "form": form, "elsewhere": elsewhere}
    status = 422 if form.errors or applicant.errors else 200
    return render(request, "assistance/relief/open_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
def relief_open_for(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """The application of a person of the register, for whom and with whom of the household."""
    ensure_may_take(request.actor, ReliefVerb.OPEN)
    person = get_person_for(request.actor, person_id)
    members = _members(person)
    earlier = list(cases_covering(request.actor, person.id)[:10])
    followable = [
        (str(case.id), f"{case.number} {case.get_cause_display()} {case.paid_on}") for case in earlier if case.paid_on
    ]
    form = ApplicationForm(
        request.POST or None,
        members=members,
        followable=followable,
        initial=_initial() | {"area": person.area_code, "covered": [one for one, _label in members]},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            follows = form.cleaned_data.get("follow_up_of")
            case = open_case(
                actor=request.actor,
                case_id=form.cleaned_data["request_id"],
                application=form.application(
                    applicant_id=person.id,
                    covered_ids=tuple(UUID(one) for one in form.cleaned_data.get("covered", [])),
                    follow_up_of=UUID(follows) if follows else None,
                ),
            )
            messages.success(request, _("已登记 %(number)s，请受理") % {"number": case.number})
            return redirect("relief_case", case.id)
    context = {"form": form, "person": person, "earlier": earlier}
    return render(request, "assistance/relief/open.html", context, status=422 if form.errors else 200)


def _members(person: Person) -> list[tuple[str, str]]:
    household_id = household_of([person.id], on=clock.today()).get(person.id)
    if household_id is None:
        return [(str(person.id), person.name)]
    members = members_as_of([household_id], on=clock.today())[household_id]
    return [(str(member.person_id), member.name) for member in members]


def _initial() -> dict[str, object]:
    return {
        "request_id": new_id(),
        "occurred_on": clock.today(),
        "kind": ReliefKind.URGENT,
        "channel": Channel.CASH,
    }


def _blank() -> ApplicationForm:
    return ApplicationForm(initial=_initial())
