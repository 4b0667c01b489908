"""Accounts that are not the payee's own: flagged before the list leaves, cleared by an agreement on file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.assistance.commands.cards import Agreement, end_agreement, file_agreement
from shouwang.assistance.models import CardAgreement, PaymentBatch
from shouwang.assistance.queries.cards import OTHER_HOLDER, SHARED, flagged_lines_for
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.registry.models import BankAccount, Person
from tests.factories import FANGZI, GUDI, make_actor

from .setting import County, acting_as, everywhere, walk
from .test_chain import run
from .test_pages import client_of

pytestmark = pytest.mark.django_db

PAPER = Agreement("李会计", "村会计", "寒代管〔2020〕1号", "卧床不便", date(2020, 3, 1))


def head(county: County, position: int) -> Person:
    return county.families[position].persons[0]


def pay_on_the_account_of(county: County, position: int, of: int, *, holder: str = "") -> None:
    """The head of one family is paid on another family's account."""
    with use_scope(everywhere().scope):
        theirs = BankAccount.objects.get(person=head(county, of))
        BankAccount.objects.create(
            person=head(county, position), bank_name=theirs.bank_name, holder_name=holder or theirs.holder_name,
            account=theirs.account, account_index=theirs.account_index, account_tail=theirs.account_tail,
            valid_from=date(2020, 1, 1), recorded_at=clock.now(), source="测试", area_code=head(county, position).area_code,
        )  # fmt: skip


def flags(county: County, batch: PaymentBatch) -> Mapping[str, str]:
    with acting_as(county.officers.leader) as actor:
        found = flagged_lines_for(actor, batch)
        return {str(one.attempt.payable.payee_id): one.kind for one in found}


def file(county: County, position: int, *, actor: Actor | None = None, paper: Agreement = PAPER) -> CardAgreement:
    with acting_as(actor or make_actor(Role.COUNTY_OFFICER)) as officer:
        return file_agreement(
            actor=officer, agreement_id=new_id(), person_id=head(county, position).id, agreement=paper
        )


def test_list_on_own_accounts_has_no_flag(county: County) -> None:
    assert flags(county, run(county)) == {}


def test_household_on_anothers_account_is_flagged_until_an_agreement_is_filed(county: County) -> None:
    pay_on_the_account_of(county, 1, of=0)
    batch = run(county)
    borrower = str(head(county, 1).id)
    assert flags(county, batch) == {borrower: SHARED}
    filed = file(county, 1)
    assert flags(county, batch) == {}
    with acting_as(make_actor(Role.COUNTY_OFFICER)) as officer:
        end_agreement(actor=officer, agreement_id=filed.id, reason="换了本人账户")
    assert flags(county, batch) == {borrower: SHARED}


def test_two_who_both_claim_the_account_are_both_flagged(county: County) -> None:
    pay_on_the_account_of(county, 1, of=0, holder=head(county, 1).name)
    batch = run(county)
    assert flags(county, batch) == {str(head(county, 0).id): SHARED, str(head(county, 1).id): SHARED}


def test_account_of_a_stranger_is_flagged_and_of_a_family_member_is_not(county: County) -> None:
    family = county.families[2]
    with use_scope(everywhere().scope):
        for position, holder in ((0, "外人"), (2, family.persons[1].name)):
            account = BankAccount.objects.get(person=head(county, position))
            BankAccount.objects.create(
                person=account.person, bank_name="农商行", holder_name=holder, account=f"62170099999{position:05d}",
                account_index=bytes([position]) * 16, account_tail="0000", valid_from=date(2020, 1, 1),
                recorded_at=clock.now(), source="测试", area_code=account.area_code,
            )  # fmt: skip
    assert flags(county, run(county)) == {str(head(county, 0).id): OTHER_HOLDER}


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "is_clear"),
    [
        (date(2020, 3, 18), None, True),
        (date(2020, 3, 1), date(2020, 3, 18), True),
        (date(2020, 3, 1), date(2020, 3, 17), False),
        (date(2020, 3, 19), None, False),
    ],
)
def test_agreement_clears_from_its_first_day_to_its_last(
    county: County, valid_from: date, valid_until: date | None, is_clear: bool
) -> None:
    pay_on_the_account_of(county, 1, of=0)
    batch = run(county)
    file(county, 1, paper=Agreement("李会计", "村会计", "1号", "卧床", valid_from, valid_until))
    assert (flags(county, batch) == {}) is is_clear


def test_agreement_for_an_account_does_not_cover_the_next_one(county: County) -> None:
    file(county, 1)
    pay_on_the_account_of(county, 1, of=0)
    assert list(flags(county, run(county)).values()) == [SHARED]


def test_page_names_the_lines_until_the_list_has_left(county: County) -> None:
    pay_on_the_account_of(county, 1, of=0)
    batch = run(county)
    page = reverse("batch_page", args=[batch.id])
    client = client_of(county.officers.opener)
    shown = client.get(page).content.decode()
    assert "2 户共用一个账户" in shown
    assert reverse("agreement_new", args=[head(county, 1).id]) in shown
    walk(batch, county.officers)
    assert "共用一个账户" not in client.get(page).content.decode()


def test_agreement_is_filed_and_ended_on_its_pages(county: County) -> None:
    client = client_of(county.officers.opener)
    url = reverse("agreement_new", args=[head(county, 1).id])
    sent = {
        "request_id": str(new_id()), "keeper_name": "李会计", "keeper_relation": "村会计", "document_number": "1号",
        "valid_from": "2020-03-01", "valid_until": "2020-02-01", "reason": "卧床",
    }  # fmt: skip
    assert client.post(url, sent).status_code == 422
    assert client.post(url, sent | {"valid_until": ""}).status_code == 302
    assert "李会计（村会计）" in client.get(reverse("agreement_list")).content.decode()
    with use_scope(everywhere().scope):
        filed = CardAgreement.objects.get()
    assert client.post(reverse("agreement_end", args=[filed.id]), {"reason": "本人自管"}).status_code == 302
    assert "已终止" in client.get(reverse("agreement_list")).content.decode()


def test_refusals_write_nothing(county: County) -> None:
    with pytest.raises(NotFound):
        file(county, 1, actor=make_actor(Role.COUNTY_OFFICER, FANGZI))
    with pytest.raises(NotAllowed):
        file(county, 1, actor=county.officers.finance)
    with pytest.raises(Invalid):
        file(county, 1, paper=Agreement("李会计", "村会计", " ", "卧床", date(2020, 3, 1)))
    with acting_as(make_actor(Role.COUNTY_OFFICER)) as officer, pytest.raises(Invalid) as refusal:
        file_agreement(
            actor=officer, agreement_id=new_id(), person_id=county.families[2].persons[2].id, agreement=PAPER
        )
    assert refusal.value.reason == "card.no_account"
    with use_scope(everywhere().scope):
        assert not CardAgreement.objects.exists()


def test_repeated_id_is_one_agreement_and_another_content_is_refused(county: County) -> None:
    key = new_id()
    with acting_as(make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)) as assistant:
        person_id = head(county, 1).id
        once = file_agreement(actor=assistant, agreement_id=key, person_id=person_id, agreement=PAPER)
        assert file_agreement(actor=assistant, agreement_id=key, person_id=person_id, agreement=PAPER).id == once.id
        with pytest.raises(Conflict):
            file_agreement(actor=assistant, agreement_id=key, person_id=head(county, 0).id, agreement=PAPER)
        end_agreement(actor=assistant, agreement_id=key, reason="自管")
        with pytest.raises(StateConflict):
            end_agreement(actor=assistant, agreement_id=key, reason="自管")
