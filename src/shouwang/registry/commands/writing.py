"""What the register's commands share: locking a record, appending a dated row, refusing a stale form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import F, Max, Model, QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotFound
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.requests import ensure_same

from ..models import Household, Person
from ..policies import require_writer

REQUEST = "request"
"""Where an audit entry keeps the digest of what a client-made id was used for."""

_TICK = timedelta(microseconds=1)
_R = TypeVar("_R", Person, Household)


def lock_person(actor: Actor, person_id: UUID, expected_version: int | None = None) -> Person:
    """The person, locked until the transaction ends, for an actor who keeps the register there.

    Raises NotFound outside the scope, NotAllowed, and Conflict when the version is not the expected one.
    """
    found = Person.objects.select_for_update().filter(actor.scope.q(), id=person_id).first()
    return _current(actor, found, person_id, expected_version)


def lock_persons(actor: Actor, person_ids: list[UUID]) -> dict[UUID, Person]:
    """Several, locked in the order of their ids so that two commands cannot wait for each other."""
    found = Person.objects.select_for_update().filter(actor.scope.q(), id__in=person_ids).order_by("id")
    persons = {person.id: person for person in found}
    for person_id in person_ids:
        _current(actor, persons.get(person_id), person_id, None)
    return persons


def lock_household(actor: Actor, household_id: UUID, expected_version: int | None = None) -> Household:
    """The household, locked until the transaction ends; refuses as `lock_person` does."""
    found = Household.objects.select_for_update().filter(actor.scope.q(), id=household_id).first()
    return _current(actor, found, household_id, expected_version)


def touch(actor: Actor, record: Person | Household, action: str, data: Mapping[str, object] | None = None) -> None:
    """Count the record's version up and write the audit entry of what was done to it."""
    type(record).objects.filter(pk=record.pk).update(version=F("version") + 1)
    record.version += 1
    subject = f"{record._meta.model_name}:{record.pk}"
    audit.record(actor=actor, action=action, subject=subject, area_code=record.area_code, data=data)


def stamp(rows_of_the_fact: QuerySet[Model]) -> datetime:
    """When the new row is recorded: now, or a microsecond after the last row of the same fact and day.

    So the latest row is always one, however coarse the clock. The subject is locked, so nobody stamps in between.
    """
    now = clock.now()
    last: datetime | None = rows_of_the_fact.aggregate(last=Max("recorded_at"))["last"]
    return now if last is None or last < now else last + _TICK


def ensure_same_request(subject: str, action: str, digest: bytes) -> None:
    """The command that made the subject keeps the digest of what it was asked in its audit entry. Raises Conflict,
    `request.reused`, when the same id now comes with something else."""
    made = AuditEntry.objects.filter(subject=subject, action=action).order_by("recorded_at", "id").first()
    ensure_same(made and made.data.get(REQUEST), digest.hex())


def refuse_future(day: date) -> None:
    """A fact cannot begin after today: a decision about the future is a case, not a fact."""
    if day > clock.today():
        raise Invalid(_("日期 %(day)s 晚于今天，请核对") % {"day": day.isoformat()}, reason="fact.in_future")


def _current(actor: Actor, found: _R | None, record_id: UUID, expected_version: int | None) -> _R:
    if found is None:
        raise NotFound(_("没有找到这条记录，或者不在您的管辖范围内"), id=record_id)
    require_writer(actor, found.area_code)
    if expected_version is not None and found.version != expected_version:
        raise _changed(found)
    return found


def _changed(record: Person | Household) -> Conflict:
    subject = f"{record._meta.model_name}:{record.pk}"
    last = AuditEntry.objects.filter(subject=subject).order_by("-recorded_at", "-id").first()
    who = last.actor_name if last else _("他人")
    at = f"{last.recorded_at.astimezone(clock.TZ):%m-%d %H:%M}" if last else ""
    message = _("%(who)s 已于 %(at)s 修改了这条记录，请刷新后核对再保存") % {"who": who, "at": at}
    return Conflict(
        message, reason="registry.changed", who=who, at=last and last.recorded_at, what=last and last.action
    )
