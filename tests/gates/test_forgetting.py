"""The date on the own page is kept: on its day everything personal goes, not a day before, and not while a pass lives."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from shouwang.accounts.public import Role, as_system
from shouwang.gates.commands.forgetting import forget_registrations
from shouwang.gates.commands.passes import Named, invite_guest, issue_named_pass, renew_passes
from shouwang.gates.commands.registrations import SentMember, refuse_registration
from shouwang.gates.models import HealthDeclaration, Pass, Registration, Resident
from shouwang.gates.queries.registrations import get_registration_for
from shouwang.gates.rules.declarations import DeclaredHealth
from shouwang.gates.states import PassKind
from shouwang.kernel import clock
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.errors import NotAllowed, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import FULL, use_scope
from shouwang.registry.public import PersonDetails
from tests.factories import GUDI_VILLAGE, HANTING, acting, make_actor
from tests.registry.families import fresh_number

from .households import confirmed, estate_of, sent_by_resident

pytestmark = pytest.mark.django_db

WORKER = Role.GRID_WORKER
PERSONAL = ("张永福", "客人甲", "13812345678")


def forget_on(day: date) -> int:
    with clock.at(clock.day_start(day)), as_system("测试") as system:
        return forget_registrations(actor=system)


def everything_in_the_tables() -> str:
    """Every text of the app's tables, sealed columns opened by their model."""
    with use_scope(FULL):
        rows = [list(model.objects.values_list()) for model in (Registration, Resident, Pass, HealthDeclaration)]
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from gates_healthdeclaration")
            rows.append(cursor.fetchall())
    return repr(rows)


def test_household_is_forgotten_on_its_day_and_not_before() -> None:
    estate, number = estate_of(), fresh_number()
    declared = SentMember(PersonDetails("张永福", number), declared=DeclaredHealth(places="济宁市"))
    with acting(WORKER, GUDI_VILLAGE) as actor:
        registration = confirmed(actor, estate, declared).registration
        guest = Named(PassKind.VISITOR, "客人甲", on=date(2020, 3, 18))
        invite_guest(actor=actor, host_id=Resident.objects.get().id, request_id=new_id(), guest=guest)
    assert registration.forget_on == date(2020, 7, 14)
    assert forget_on(date(2020, 7, 13)) == 0
    assert "张永福" in everything_in_the_tables()
    assert forget_on(date(2020, 7, 14)) == 1
    left = everything_in_the_tables()
    assert [word for word in (*PERSONAL, number, number[-4:], "济宁市") if word in left] == []
    with use_scope(FULL):
        assert (HealthDeclaration.objects.count(), Pass.objects.count(), Registration.objects.count()) == (0, 2, 1)
        assert AuditEntry.objects.filter(action="registration.forget").count() == 1
    with acting(WORKER, GUDI_VILLAGE) as actor, pytest.raises(NotFound):
        get_registration_for(actor, registration.id)
    assert forget_on(date(2020, 7, 15)) == 0


def test_renewed_household_is_kept_for_as_long_as_its_passes() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        registration = confirmed(actor, estate).registration
        with clock.at(clock.instant(2020, 6, 10, 8)):
            renew_passes(actor=actor, registration_id=registration.id)
    assert forget_on(date(2020, 7, 14)) == 0
    with use_scope(FULL):
        assert Registration.objects.get().forget_on == date(2020, 9, 8) + timedelta(days=28)


def test_refused_household_is_forgotten_after_thirty_days() -> None:
    registered = sent_by_resident(estate_of())
    with acting(WORKER, GUDI_VILLAGE) as actor:
        refuse_registration(actor=actor, registration_id=registered.registration.id, reason="不住这里")
    assert (forget_on(date(2020, 4, 16)), forget_on(date(2020, 4, 17))) == (0, 1)


def test_name_on_a_guards_pass_goes_four_weeks_after_it() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        named = Named(PassKind.STAFF, "张永福")
        made = issue_named_pass(actor=actor, request_id=new_id(), estate_id=estate.id, named=named)
    ends = made.expires_at.astimezone(clock.TZ).date() + timedelta(days=28)
    forget_on(ends)
    assert "张永福" in everything_in_the_tables()
    forget_on(ends + timedelta(days=1))
    assert "张永福" not in everything_in_the_tables()


def test_nobody_but_the_system_forgets() -> None:
    sent_by_resident(estate_of())
    with pytest.raises(NotAllowed), clock.at(clock.instant(2021, 1, 1)):
        forget_registrations(actor=make_actor(Role.COUNTY_OFFICER, HANTING))
    assert "张永福" in everything_in_the_tables()
