"""A household that moves to another county stays on the list that was made for it: the list leaves whole, and its file
is the same file afterwards."""

from __future__ import annotations

import csv
import io

import pytest

from shouwang.areas.public import children
from shouwang.assistance.commands.batches import send_batch, take_bank_file
from shouwang.assistance.models import PaymentBatch
from shouwang.assistance.queries.batches import bank_list
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import use_scope
from shouwang.registry.commands.custody import move_custody
from shouwang.registry.models import BankAccount
from tests.factories import FANGZI, make_actor

from .setting import County, acting_as, everywhere, walk
from .test_chain import run

pytestmark = pytest.mark.django_db


def move_away(county: County) -> None:
    """The first household of the county into a village of the next one, with all that hangs on it."""
    family = county.families[0]
    with use_scope(everywhere().scope):
        village = children(children(FANGZI)[0].code)[0]
        move_custody(
            person_ids=[person.id for person in family.persons],
            household_id=family.household.id,
            to_area_code=village.code,
        )


def file_of(actor: Actor, batch: PaymentBatch) -> bytes:
    with acting_as(actor):
        return take_bank_file(actor=actor, batch_id=batch.id, file_format="csv")[2]


def test_list_leaves_whole_when_a_payee_has_moved(county: County) -> None:
    batch = walk(run(county), county.officers, until="finance_approved")
    with use_scope(everywhere().scope):
        numbers = {account.account for account in BankAccount.objects.all()}
    move_away(county)
    with acting_as(county.officers.sender) as sender:
        content = send_batch(actor=sender, batch_id=batch.id).csv
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {row["账号"].strip("\t'") for row in rows} == numbers


def test_file_of_a_sent_list_is_the_same_after_a_payee_has_moved(county: County) -> None:
    batch = walk(run(county), county.officers)
    before = file_of(county.officers.sender, batch)
    move_away(county)
    assert file_of(county.officers.sender, batch) == before


def test_accounts_of_a_list_are_told_to_who_sees_its_lines_only(county: County) -> None:
    batch = walk(run(county), county.officers)
    neighbour = make_actor("finance", FANGZI)
    move_away(county)
    with acting_as(neighbour):
        assert bank_list(batch).lines == []
    with acting_as(county.officers.sender):
        assert BankAccount.objects.count() == 2  # the register itself shows the mover's account no more
