"""From one county's register into another's: the receiving county asks, the giving county hands over.

Whole ID numbers only, and the answer to the look-up is a place and a masked name. The hand-over moves the custody of
every row at once; payments and cases made earlier keep the area that made them.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import blind_index
from shouwang.kernel.errors import Conflict, Invalid, NotFound, StateConflict
from shouwang.kernel.identity import parse_id_number
from shouwang.kernel.ids import new_id
from shouwang.kernel.requests import digest_of, reused, take_turns
from shouwang.kernel.scope import Scope, use_scope

from ..events import RecordsMoved
from ..models import Household, Person, Transfer
from ..policies import require_custodian, require_writer
from ..queries.as_of import household_of, members_as_of
from ..queries.people import ElsewhereAnswer
from ..states import HouseholdFactKind, TransferState
from .custody import move_custody
from .facts import append_household_fact, append_membership
from .households import require_village
from .persons import find_person_by_id_number
from .writing import REQUEST, ensure_same_request, lock_household, lock_persons, refuse_future, touch

SOURCE = "跨县移交"


@transaction.atomic
def request_transfer(
    *,
    actor: Actor,
    id_number: str,
    to_area_code: int,
    with_household: bool,
    moved_on: date,
    reason: str,
    transfer_id: UUID | None = None,
) -> Transfer:
    """Ask the county that holds the person. `moved_on` is the day from which they live in `to_area_code`.

    The same `transfer_id` with the same content is the first answer once more. Raises NotFound when nobody holds the
    number, StateConflict when the actor's own register does, Conflict for an id that was used for something else.
    """
    require_writer(actor, to_area_code)
    require_village(to_area_code)
    refuse_future(moved_on)
    if not reason.strip():
        raise Invalid(_("请写明移交理由"), reason="transfer.reason_missing")
    transfer_id = transfer_id or new_id()
    digest = digest_of(
        blind_index("id_number", _whole(id_number)), to_area_code, with_household, moved_on, reason.strip()
    )
    take_turns([transfer_id])
    repeated = Transfer.objects.filter(id=transfer_id).first()
    if repeated is not None:
        ensure_same_request(f"transfer:{transfer_id}", "transfer.request", digest)
        return repeated
    found = find_person_by_id_number(actor=actor, number=id_number)
    if found is None:
        raise NotFound(_("没有区县登记过这个身份证号，请直接登记"), reason="transfer.nobody")
    if isinstance(found, Person):
        raise StateConflict(_("%(name)s 已在您的底册中") % {"name": found.name}, reason="transfer.held")
    transfer = _insert_request(actor, found, to_area_code, with_household, moved_on, reason, transfer_id)
    data = {"person_id": found.person_id, "from": found.township_code, REQUEST: digest.hex()}
    subject = f"transfer:{transfer.id}"
    audit.record(actor=actor, action="transfer.request", subject=subject, area_code=to_area_code, data=data)
    return transfer


@transaction.atomic
def transfer_household(*, actor: Actor, transfer_id: UUID, answer: str = "") -> Transfer:
    """The giving county hands over what was asked for; the request is answered and the records are gone from its
    register."""
    transfer = _lock_open(actor, transfer_id)
    require_custodian(actor, transfer.from_area_code)
    _answer(actor, transfer, TransferState.HANDED_OVER, answer)
    ends = Scope(spans=(*actor.scope.spans, (transfer.area_code, transfer.area_code + 1)))
    with use_scope(ends):  # the rows leave this scope for that village, and only for it
        household, person_ids = _records(actor, transfer)
        held_in = household.area_code if household else transfer.from_area_code
        if household is not None:
            value = f"{transfer.area_code:015d}"
            append_household_fact(actor, household, HouseholdFactKind.RESIDENCE, value, transfer.moved_on, SOURCE)
            touch(actor, household, "household.hand_over", {"transfer_id": transfer.id})
        moved = move_custody(
            person_ids=person_ids,
            household_id=household.id if household else None,
            to_area_code=transfer.area_code,
        )
        moved_on, to = transfer.moved_on, transfer.area_code
        events.publish(RecordsMoved(household.id if household else None, tuple(moved), held_in, moved_on, to))
    return transfer


@transaction.atomic
def refuse_transfer(*, actor: Actor, transfer_id: UUID, answer: str) -> Transfer:
    """The giving county says no, and why."""
    if not answer.strip():
        raise Invalid(_("请写明退回的理由"), reason="transfer.answer_missing")
    transfer = _lock_open(actor, transfer_id)
    require_custodian(actor, transfer.from_area_code)
    return _answer(actor, transfer, TransferState.REFUSED, answer)


@transaction.atomic
def withdraw_transfer(*, actor: Actor, transfer_id: UUID) -> Transfer:
    """The asking county no longer asks."""
    transfer = _lock_open(actor, transfer_id)
    require_writer(actor, transfer.area_code)
    return _answer(actor, transfer, TransferState.WITHDRAWN, "")


def _whole(id_number: str) -> str:
    return parse_id_number(id_number, today=clock.today()).number


def _insert_request(
    actor: Actor,
    found: ElsewhereAnswer,
    to_area_code: int,
    with_household: bool,
    moved_on: date,
    reason: str,
    transfer_id: UUID,
) -> Transfer:
    try:
        with transaction.atomic():
            return Transfer.objects.create(
                id=transfer_id,
                person_id=found.person_id,
                masked_name=found.masked_name,
                with_household=with_household,
                area_code=to_area_code,
                from_area_code=found.township_code,
                moved_on=moved_on,
                reason=reason.strip(),
                state=TransferState.REQUESTED,
                requested_by=actor.user_id,
                recorded_at=clock.now(),
            )
    except IntegrityError as error:
        if "transfer_open_once" not in str(error):  # the id of a request between other counties, out of our sight
            raise reused() from error
        raise Conflict(_("此人已有一份待答复的移交申请"), reason="transfer.open") from error


def _lock_open(actor: Actor, transfer_id: UUID) -> Transfer:
    ends = actor.scope.q() | actor.scope.q("from_area_code")
    transfer = Transfer.objects.select_for_update().filter(ends, id=transfer_id).first()
    if transfer is None:
        raise NotFound(_("没有找到这份移交申请"), transfer_id=transfer_id)
    if transfer.state != TransferState.REQUESTED:
        label = TransferState(transfer.state).label
        raise StateConflict(_("这份移交申请%(state)s，不能再答复") % {"state": label}, reason="transfer.answered")
    return transfer


def _answer(actor: Actor, transfer: Transfer, state: TransferState, answer: str) -> Transfer:
    transfer.state, transfer.answer = state, answer.strip()
    transfer.answered_by, transfer.answered_at = actor.user_id, clock.now()
    transfer.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    side = transfer.area_code if state == TransferState.WITHDRAWN else transfer.from_area_code
    audit.record(actor=actor, action=f"transfer.{state}", subject=f"transfer:{transfer.id}", area_code=side)
    return transfer


def _records(actor: Actor, transfer: Transfer) -> tuple[Household | None, list[UUID]]:
    """What is handed over, locked: the household with its members, or the one person, who leaves the household."""
    person_id = transfer.person_id
    today = clock.today()
    if transfer.with_household:
        household_id = household_of([person_id], on=today).get(person_id)
        if household_id is not None:
            household = lock_household(actor, household_id)
            person_ids = [member.person_id for member in members_as_of([household_id], on=today)[household_id]]
            lock_persons(actor, person_ids)
            return household, person_ids
    person = lock_persons(actor, [person_id])[person_id]
    append_membership(actor, person, None, "", transfer.moved_on, SOURCE)
    touch(actor, person, "person.hand_over", {"transfer_id": transfer.id})
    return None, [person_id]
