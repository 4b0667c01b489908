"""Who is who in a household: adding somebody, naming another head, a relation, leaving."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest

from ..commands.facts import record_membership
from ..commands.members import change_head, join_household
from ..forms import AddMemberForm, HeadForm, LeaveForm, RelationForm
from ..queries.as_of import members_as_of
from ..queries.households import get_household_for, get_member_for, household_numbered
from ..rules.relations import relation_to_new_head
from ..states import Relation
from .common import BY_HAND, bound, form_page, refusals_shown_in
from .picking import picked, refusals_offered

FORM = "registry/record_form.html"


@require_http_methods(["GET", "POST"])
def household_add_member(request: ActorRequest, household_id: UUID) -> HttpResponse:
    """A new person, or one of the register by ID number, joins the household."""
    household = get_household_for(request.actor, household_id)
    members = members_as_of([household_id], on=clock.today())[household_id]
    has_head = any(member.relation == Relation.HEAD for member in members)
    form = bound(request, AddMemberForm, initial={"since": clock.today()}, has_head=has_head)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_offered(request.actor, form, [form]):
            person = join_household(
                actor=request.actor,
                household_id=household_id,
                member=picked(request.actor, form),
                since=values["since"],
                source=BY_HAND,
                request_id=values["request_id"],
            )
            messages.success(request, _("%(name)s 已登记为这一户的成员。") % {"name": person.name})
            return redirect("household_detail", household_id)
    return form_page(request, "registry/member_new.html", form, household=household)


@require_http_methods(["GET", "POST"])
def member_head(request: ActorRequest, household_id: UUID, person_id: UUID) -> HttpResponse:
    """The member becomes the head, and everybody's relation is said anew."""
    household, person, relation = get_member_for(request.actor, household_id, person_id)
    members = members_as_of([household_id], on=clock.today())[household_id]
    others = [member for member in members if member.person_id != person_id]
    proposed = {
        other.person_id: relation_to_new_head(new_head_was=relation, member_was=other.relation) for other in others
    }
    initial = {"version": household.version, "valid_from": clock.today()}
    form = bound(request, HeadForm, initial=initial, others=others, proposed=proposed)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            change_head(
                actor=request.actor,
                household_id=household_id,
                person_id=person_id,
                relations=form.relations(),
                valid_from=values["valid_from"],
                source=values["source"],
                expected_version=values["version"],
            )
            messages.success(request, _("户主已变更为 %(name)s。") % {"name": person.name})
            return redirect("household_detail", household_id)
    title = _("变更户主为 %(name)s") % {"name": person.name}
    return form_page(request, FORM, form, title=title, household=household)


@require_http_methods(["GET", "POST"])
def member_relation(request: ActorRequest, household_id: UUID, person_id: UUID) -> HttpResponse:
    """What the member is to the head, from a day on."""
    household, person, relation = get_member_for(request.actor, household_id, person_id)
    initial = {"version": person.version, "valid_from": clock.today(), "relation": relation}
    form = bound(request, RelationForm, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            row = record_membership(
                actor=request.actor,
                person_id=person_id,
                household_id=household_id,
                relation=values["relation"],
                valid_from=values["valid_from"],
                source=values["source"],
                expected_version=values["version"],
                membership_id=values["request_id"],
            )
            messages.success(request, _("已登记。") if row else _("底册中已是这样，没有新增记录。"))
            return redirect("household_detail", household_id)
    title = _("%(name)s 与户主的关系") % {"name": person.name}
    note = _("现在是户主：改为其他关系后，这一户没有户主。要换户主，请在新户主那一行选“设为户主”。")
    note = note if relation == Relation.HEAD else ""
    return form_page(request, FORM, form, title=title, household=household, note=note)


@require_http_methods(["GET", "POST"])
def member_leave(request: ActorRequest, household_id: UUID, person_id: UUID) -> HttpResponse:
    """The member lives elsewhere from a day on: in another household here, or in none that is registered."""
    household, person, relation = get_member_for(request.actor, household_id, person_id)
    form = bound(request, LeaveForm, initial={"version": person.version, "valid_from": clock.today()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        joined = household_numbered(request.actor, values["household"]) if values["household"] else None
        if values["household"] and (joined is None or joined.id == household_id):
            form.add_error("household", _("没有找到别的这一户，请核对户编号；不在您的管辖范围内的请留空"))
        else:
            with refusals_shown_in(form):
                record_membership(
                    actor=request.actor,
                    person_id=person_id,
                    household_id=joined.id if joined else None,
                    relation=values["relation"] if joined else "",
                    valid_from=values["valid_from"],
                    source=values["source"],
                    expected_version=values["version"],
                    membership_id=values["request_id"],
                )
                messages.success(request, _("%(name)s 已离开这一户。") % {"name": person.name})
                return redirect("household_detail", household_id)
    title = _("%(name)s 离开这一户") % {"name": person.name}
    note = _("现在是户主：离开后这一户没有户主，请先（或随后）指定新的户主。") if relation == Relation.HEAD else ""
    return form_page(request, FORM, form, title=title, household=household, note=note)
