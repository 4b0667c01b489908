"""What a measure of the gates would meet before it is signed: entrances, households, declarations to make.

Counts are of the actor's own scope, as of now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.areas.public import format_area_code
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import spans_q
from shouwang.response.public import Effect, Rehearse, Target, Values

from . import measures
from .queries.devices import gates_for
from .queries.registrations import registrations_for
from .states import EstateKind, GateState, RegistrationState


def _entrances(actor: Actor, target: Target, kind: str, label: str) -> Effect:
    found = gates_for(actor).filter(spans_q(target.spans), Q(state=GateState.OPEN), estate__kind=kind)
    url = f"{reverse('gate_board')}?area={format_area_code(target.area_code)}"
    return Effect(label, found.count(), _("处"), url)


def _households(actor: Actor, target: Target) -> Effect:
    found = registrations_for(actor).filter(spans_q(target.spans), state=RegistrationState.CONFIRMED)
    return Effect(_("已登记的居民家庭"), found.count(), _("户"), reverse("registration_list"))


def _gate_control(actor: Actor, target: Target, _values: Values) -> Sequence[Effect]:
    label = _("通行要求会变的小区出入口")
    return [_entrances(actor, target, EstateKind.RESIDENTIAL, label), _households(actor, target)]


def _closed_management(actor: Actor, target: Target, _values: Values) -> Sequence[Effect]:
    return [_entrances(actor, target, EstateKind.INSTITUTION, _("通行要求会变的机构大门"))]


def _health_declaration(actor: Actor, target: Target, _values: Values) -> Sequence[Effect]:
    return [_households(actor, target)]


BY_KIND: Mapping[str, Rehearse] = {
    measures.GATE_CONTROL: _gate_control,
    measures.CLOSED_MANAGEMENT: _closed_management,
    measures.HEALTH_DECLARATION: _health_declaration,
}
