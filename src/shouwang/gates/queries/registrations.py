"""Registrations: the list a community works through, one with its residents, and who may have registered twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.worklist import WorkItem

from ..models import Registration, RegistrationSheet, Resident
from ..policies_residents import can_register
from ..states import RegistrationState
from ..states_residents import CONFIRMED_WITHIN, FORGOTTEN

STANDING = (RegistrationState.PENDING, RegistrationState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another resident who may be the same person: by ID number, or by name and building."""

    resident: Resident
    other: Resident
    by_id: bool


def registrations_for(actor: Actor) -> QuerySet[Registration]:
    return Registration.objects.filter(actor.scope.q())


def list_registrations_for(
    actor: Actor, *, state: str = "", estate_id: int | None = None, building: str = "", text: str = ""
) -> QuerySet[Registration]:
    """The longest waiting first among those that wait; otherwise the newest. `text`: a name, or a room."""
    found = registrations_for(actor).filter(forgotten_at=None).select_related("estate")
    if state:
        found = found.filter(state=state)
    if estate_id is not None:
        found = found.filter(estate_id=estate_id)
    if building:
        found = found.filter(building=building)
    if text:
        found = found.filter(Q(room=text) | Q(residents__name=text)).distinct()
    found = found.annotate(member_count=Count("residents", filter=Q(residents__left_on=None), distinct=True))
    first = "recorded_at" if state == RegistrationState.PENDING else "-recorded_at"
    return found.order_by(first, "id")


def get_registration_for(actor: Actor, registration_id: UUID) -> Registration:
    """With its estate. Raises NotFound, also for one outside the actor's areas and for one that has been forgotten."""
    found = registrations_for(actor).select_related("estate").filter(id=registration_id, forgotten_at=None).first()
    if found is None:
        raise NotFound(_("没有找到这份登记，或者不在您的管辖范围内"), registration_id=registration_id)
    return found


def residents_of(registration: Registration, *, with_left: bool = False) -> list[Resident]:
    """In the order in which they were written; who has left only when asked for."""
    residents = registration.residents.exclude(no_id_reason=FORGOTTEN).order_by("position")
    return list(residents if with_left else residents.filter(left_on=None))


def get_resident_for(actor: Actor, resident_id: UUID) -> Resident:
    """With registration and estate. Raises NotFound."""
    found = (
        Resident.objects.filter(actor.scope.q(), id=resident_id)
        .exclude(no_id_reason=FORGOTTEN)
        .select_related("registration__estate")
        .first()
    )
    if found is None:
        raise NotFound(_("没有找到这个人，或者不在您的管辖范围内"), resident_id=resident_id)
    return found


def resident_ids_for(actor: Actor, registration_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """By registration, who lives there now."""
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    residents = Resident.objects.filter(actor.scope.q(), registration_id__in=registration_ids, left_on=None)
    for registration_id, resident_id in residents.order_by("position").values_list("registration_id", "id"):
        found[registration_id].append(resident_id)
    return dict(found)


def duplicates_for(actor: Actor, registrations: Sequence[Registration]) -> dict[UUID, list[Duplicate]]:
    """By registration: residents who stand in another one within the actor's areas, by ID number or by name and building.

    For the community's eyes; who registers is never told.
    """
    mine = list(
        Resident.objects.filter(registration__in=registrations, left_on=None)
        .exclude(no_id_reason=FORGOTTEN)
        .select_related("registration")
    )
    if not mine:
        return {}
    indexes = [bytes(one.id_index) for one in mine if one.id_index]
    same_door = Q(name__in={one.name for one in mine}, registration__estate_id__in={r.estate_id for r in registrations})
    others = (
        Resident.objects.filter(actor.scope.q(), left_on=None, registration__state__in=STANDING)
        .filter(Q(id_index__in=indexes) | same_door)
        .select_related("registration__estate")
    )
    found: defaultdict[UUID, list[Duplicate]] = defaultdict(list)
    for other in others:
        for one in mine:
            if one.registration_id != other.registration_id:
                by_id = bool(one.id_index) and bytes(one.id_index or b"") == bytes(other.id_index or b"")
                if by_id or (one.name == other.name and _door(one) == _door(other)):
                    found[one.registration_id].append(Duplicate(one, other, by_id))
    return dict(found)


def _door(one: Resident) -> tuple[int, str]:
    return one.registration.estate_id, one.registration.building


def registration_by_code(digest: bytes) -> tuple[UUID, int] | None:
    """(id, area) of the registration with this code's digest, wherever it is: only who has the code asks so."""
    with connection.cursor() as cursor:
        cursor.execute("select id, area_code from gates_registration_by_code(%s)", [digest])
        row: tuple[UUID, int] | None = cursor.fetchone()
    return row


def registrations_waiting_for(actor: Actor, limit: int) -> list[WorkItem]:
    """For the page 今天: a line an estate, told by its oldest registration; by the end of the next day."""
    if not can_register(actor):
        return []
    waiting = registrations_for(actor).filter(state=RegistrationState.PENDING, forgotten_at=None)
    estates = waiting.values("estate_id", "estate__name").annotate(count=Count("id"), oldest=Min("recorded_at"))
    return [
        WorkItem(
            kind=_("居民登记"),
            title=_("%(estate)s：%(count)s 户等待确认") % {"estate": one["estate__name"], "count": one["count"]},
            action=_("核对并确认"),
            url=f"{reverse('registration_list')}?state=pending&estate={one['estate_id']}",
            due_on=one["oldest"].astimezone(clock.TZ).date() + CONFIRMED_WITHIN,
        )
        for one in estates.order_by("oldest")[:limit]
    ]


def list_sheets_for(actor: Actor) -> QuerySet[RegistrationSheet]:
    """Workbooks that were sent, the latest first."""
    return RegistrationSheet.objects.filter(actor.scope.q()).select_related("estate").order_by("-recorded_at", "-id")
