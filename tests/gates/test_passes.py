"""Passes of every kind, and taking them out of use: five reasons, two officers above twenty."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from shouwang.accounts.public import Role
from shouwang.gates.commands.denials import decide_denial, deny_passes, propose_denial
from shouwang.gates.commands.passes import Named, invite_guest, issue_named_pass, replace_pass
from shouwang.gates.models import DenialProposal, Pass, PassDenial, Resident
from shouwang.gates.queries.keys import keys_to_trust
from shouwang.gates.rules.codec import decode
from shouwang.gates.states import DENIED_ALONE_MAX, PASS_LIVES, DenyReason, EstateKind, PassKind
from shouwang.gates.states_residents import GUESTS_A_DAY_MAX
from shouwang.kernel import clock
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, acting
from tests.registry.families import fresh_number

from .households import GATE_RULE, confirmed, estate_of, member, order, passes_of

pytestmark = pytest.mark.django_db

WORKER = Role.GRID_WORKER


@pytest.mark.parametrize("kind", [PassKind.STAFF, PassKind.HELPER, PassKind.INSTITUTION])
def test_pass_by_name_lives_as_long_as_its_kind(kind: PassKind) -> None:
    estate, number = estate_of(), fresh_number()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        named = Named(kind, "赵 六", number, "保洁")
        made = issue_named_pass(actor=actor, request_id=new_id(), estate_id=estate.id, named=named)
        facts = decode(made.text, keys_to_trust(clock.now()), clock.now())
        assert facts.expires_at - facts.valid_from == PASS_LIVES[kind]
        assert (made.holder_name, made.holder_tail, facts.kind) == ("赵六", number[-4:], kind)
        assert number not in made.text


def test_guest_of_the_community_has_one_day() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        for on, begins in ((date(2020, 3, 18), clock.now()), (date(2020, 3, 20), clock.instant(2020, 3, 20))):
            named = Named(PassKind.VISITOR, "客人", on=on)
            made = issue_named_pass(actor=actor, request_id=new_id(), estate_id=estate.id, named=named)
            assert (made.valid_from, made.expires_at) == (begins, clock.day_start(on + timedelta(days=1)))
        for on in (date(2020, 3, 17), date(2020, 3, 26)):
            named = Named(PassKind.VISITOR, "客人", on=on)
            with pytest.raises(Invalid):
                issue_named_pass(actor=actor, request_id=new_id(), estate_id=estate.id, named=named)


def test_residents_pass_is_not_given_by_name() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        named = Named(PassKind.RESIDENT, "张三")
        with pytest.raises(Invalid):
            issue_named_pass(actor=actor, request_id=new_id(), estate_id=estate.id, named=named)
        assert Pass.objects.count() == 0


def test_form_sent_twice_gives_one_pass() -> None:
    estate, request_id = estate_of(), new_id()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        named = Named(PassKind.STAFF, "赵六")
        first, again = (
            issue_named_pass(actor=actor, request_id=request_id, estate_id=estate.id, named=named) for _ in range(2)
        )
        assert (first.id, first.text) == (again.id, again.text)
        other = Named(PassKind.STAFF, "钱七")
        with pytest.raises(Conflict):
            issue_named_pass(actor=actor, request_id=request_id, estate_id=estate.id, named=other)
        assert Pass.objects.count() == 1


def test_people_of_an_institution_have_its_kind() -> None:
    estate = estate_of(kind=EstateKind.INSTITUTION)
    with acting(WORKER, GUDI_VILLAGE) as actor:
        assert [one.kind for one in passes_of(confirmed(actor, estate))] == [PassKind.INSTITUTION]


def test_host_invites_so_many_a_day_and_none_while_none_is_admitted() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        confirmed(actor, estate)
        host = Resident.objects.get()
        guest = Named(PassKind.VISITOR, "客人", on=date(2020, 3, 18))
        for _ in range(GUESTS_A_DAY_MAX):
            invite_guest(actor=actor, host_id=host.id, request_id=new_id(), guest=guest)
        with pytest.raises(Conflict) as refused:
            invite_guest(actor=actor, host_id=host.id, request_id=new_id(), guest=guest)
        assert (refused.value.reason, Pass.objects.filter(host=host).count()) == ("pass.too_many_guests", 5)
        other_day = Named(PassKind.VISITOR, "客人", on=date(2020, 3, 19))
        invite_guest(actor=actor, host_id=host.id, request_id=new_id(), guest=other_day)
    order("gate_control", GATE_RULE | {"visitors": 0})
    with acting(WORKER, GUDI_VILLAGE) as actor:
        third = Named(PassKind.VISITOR, "客人", on=date(2020, 3, 20))
        with pytest.raises(Conflict) as refused:
            invite_guest(actor=actor, host_id=host.id, request_id=new_id(), guest=third)
        assert refused.value.reason == "pass.no_visitors"


def test_lost_pass_goes_out_of_use_as_another_is_given() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        (old,) = passes_of(confirmed(actor, estate))
        made = replace_pass(actor=actor, pass_id=old.id, reason=DenyReason.LOST)
        assert (made.holder_id, PassDenial.objects.get().denied_id) == (old.holder_id, old.id)
        with pytest.raises(StateConflict):
            replace_pass(actor=actor, pass_id=old.id, reason=DenyReason.LOST)
        with pytest.raises(Invalid):
            replace_pass(actor=actor, pass_id=made.id, reason=DenyReason.MOVED_OUT)
        assert PassDenial.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "by", "error"),
    [
        (Role.TOWNSHIP_HEAD, GUDI, NotAllowed),
        (Role.AUDITOR, HANTING, NotAllowed),
        (Role.COUNTY_OFFICER, FANGZI, NotFound),
    ],
)
def test_who_may_not_take_passes_out_of_use_takes_none(role: str, by: int, error: type[Exception]) -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        (one,) = passes_of(confirmed(actor, estate))
    with acting(role, by) as stranger, pytest.raises(error):
        deny_passes(actor=stranger, pass_ids=[one.id], reason=DenyReason.LOST)
    with acting(WORKER, GUDI_VILLAGE):
        assert (PassDenial.objects.count(), AuditEntry.objects.filter(action="pass.deny").count()) == (0, 0)


@pytest.mark.parametrize("reason", ["", "blacklisted", "lost "])
def test_reason_that_is_none_of_the_five_is_refused(reason: str) -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        (one,) = passes_of(confirmed(actor, estate))
        with pytest.raises(Invalid):
            deny_passes(actor=actor, pass_ids=[one.id], reason=reason)
        with pytest.raises(DatabaseError), transaction.atomic():
            PassDenial.objects.create(denied=one, reason=reason, area_code=one.area_code, recorded_at=clock.now())
        assert PassDenial.objects.count() == 0


def test_denied_twice_is_denied_once_and_never_taken_back() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        (one,) = passes_of(confirmed(actor, estate))
        assert len(deny_passes(actor=actor, pass_ids=[one.id], reason=DenyReason.LOST)) == 1
        assert deny_passes(actor=actor, pass_ids=[one.id], reason=DenyReason.REPLACED) == []
        for act in (lambda: PassDenial.objects.update(reason="replaced"), lambda: PassDenial.objects.all().delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()


def many(actor, count: int) -> list[int]:
    estate = estate_of()
    members = [member(f"张{'甲乙丙丁戊己庚辛壬癸'[at]}") for at in range(10)]
    found: list[int] = []
    while len(found) < count:
        found += [one.id for one in passes_of(confirmed(actor, estate, *members, room=str(len(found))))]
    return found[:count]


def test_twenty_are_one_officers_and_twenty_one_are_two() -> None:
    with acting(WORKER, GUDI_VILLAGE) as actor:
        ids = many(actor, DENIED_ALONE_MAX + 1)
        with pytest.raises(Conflict) as refused:
            deny_passes(actor=actor, pass_ids=ids, reason=DenyReason.ISSUED_IN_ERROR)
        assert (refused.value.reason, PassDenial.objects.count()) == ("denial.second_officer", 0)
        assert len(deny_passes(actor=actor, pass_ids=ids[:20], reason=DenyReason.ISSUED_IN_ERROR)) == 20


def test_proposal_is_decided_once_by_another_officer() -> None:
    with acting(WORKER, GUDI_VILLAGE) as actor:
        ids, proposal_id = many(actor, DENIED_ALONE_MAX + 1), new_id()
        for _ in range(2):
            propose_denial(actor=actor, proposal_id=proposal_id, pass_ids=ids, reason=DenyReason.ISSUED_IN_ERROR)
        with pytest.raises(NotAllowed):
            decide_denial(actor=actor, proposal_id=proposal_id, is_confirmed=True)
        with pytest.raises(DatabaseError), transaction.atomic():
            DenialProposal.objects.update(decided_by=actor.user_id, decided_at=clock.now(), is_confirmed=True)
        assert PassDenial.objects.count() == 0
    with acting(Role.TOWNSHIP_ASSISTANT, GUDI) as second:
        decide_denial(actor=second, proposal_id=proposal_id, is_confirmed=True)
        rows = PassDenial.objects.values_list("recorded_by", "confirmed_by")
        assert set(rows) == {(actor.user_id, second.user_id)}
        with pytest.raises(StateConflict):
            decide_denial(actor=second, proposal_id=proposal_id, is_confirmed=False)


def test_rejected_proposal_takes_nothing_out_of_use() -> None:
    with acting(WORKER, GUDI_VILLAGE) as actor:
        ids, proposal_id = many(actor, 2), new_id()
        propose_denial(actor=actor, proposal_id=proposal_id, pass_ids=ids, reason=DenyReason.LOST)
    with acting(Role.TOWNSHIP_HEAD, GUDI) as second:
        decide_denial(actor=second, proposal_id=proposal_id, is_confirmed=False)
        assert (PassDenial.objects.count(), DenialProposal.objects.get().is_confirmed) == (0, False)
