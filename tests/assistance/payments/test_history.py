"""The second door: payments made before go-live, marked for ever, never in a bank file."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.assistance.commands.batches import send_batch
from shouwang.assistance.commands.history import PaidBefore, record_history, set_go_live
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.errors import AlreadyPayable
from shouwang.assistance.models import AreaGoLive, Payable, PaymentAttempt, PaymentBatch, PaymentOutcome
from shouwang.kernel import clock
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import use_scope
from shouwang.ledger.public import Account, balance_of, verify_ledger
from shouwang.response.public import register_document
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, make_actor

from .setting import MARCH, County, Family, acting_as, everywhere, make_document

pytestmark = pytest.mark.django_db

JANUARY = date(2020, 1, 1)


def paid(
    family: Family, fen: int = 25_00, *, on: date = date(2020, 1, 20), programme: str = "price_subsidy"
) -> PaidBefore:
    persons = tuple(person.id for person in family.persons)
    return PaidBefore(programme, JANUARY, family.household.id, None, persons, persons[0], fen, on)


def record(county: County, rows: list[PaidBefore]) -> int:
    with acting_as(county.officers.opener) as opener:
        return record_history(actor=opener, document_id=county.document.id, rows=rows)


def test_history_counts_and_is_marked(county: County) -> None:
    assert record(county, [paid(family, 25_00 + i) for i, family in enumerate(county.families)]) == 3
    with use_scope(everywhere().scope):
        batch = PaymentBatch.objects.get()
        assert (batch.number, batch.is_history, batch.state, batch.amount_fen) == (
            "JG202001-370703-H01",
            True,
            "reconciled",
            75_03,
        )
        assert set(Payable.objects.values_list("origin", flat=True)) == {"history"}
        assert set(PaymentAttempt.objects.values_list("state", "account_id")) == {("succeeded", None)}
        assert sorted(PaymentOutcome.objects.values_list("kind", "paid_on", "amount_fen")) == [
            ("paid", date(2020, 1, 20), 25_00 + i) for i in range(3)
        ]
        stands = {a.kind: balance_of(a.id).posted_fen for a in Account.objects.filter(fund=county.fund)}
        assert (stands["migration"], stands["paid_out"], stands["treasury"]) == (-75_03, 75_03, 100_000_00)
        assert verify_ledger().findings == []


def test_history_never_goes_to_the_bank(county: County) -> None:
    record(county, [paid(county.families[0])])
    with use_scope(everywhere().scope):
        batch = PaymentBatch.objects.get()
    with acting_as(county.officers.sender) as sender, pytest.raises(StateConflict):
        send_batch(actor=sender, batch_id=batch.id)


def test_history_twice_is_refused_whole(county: County) -> None:
    record(county, [paid(county.families[0])])
    with pytest.raises(AlreadyPayable):
        record(county, [paid(county.families[1]), paid(county.families[0])])
    with use_scope(everywhere().scope):
        assert Payable.objects.count() == 1


def test_history_of_a_month_is_not_run_again(county: County) -> None:
    record(county, [paid(county.families[0], 450_00, programme="dibao")])
    with acting_as(county.officers.opener) as opener:
        result = run_month(actor=opener, programme="dibao", benefit_month=JANUARY, area_code=HANTING)
    assert (result.new_payable_count, result.already_payable_count) == (2, 1)


def test_door_closes_on_the_day_of_go_live(county: County) -> None:
    with acting_as(county.officers.opener) as opener:
        values = {"area_code": HANTING, "programme": "price_subsidy", "document_id": county.document.id}
        set_go_live(actor=opener, live_on=date(2020, 2, 1), **values)
        with pytest.raises(Conflict):
            set_go_live(actor=opener, live_on=date(2020, 3, 1), **values)
    assert record(county, [paid(county.families[0], on=date(2020, 1, 31))]) == 1
    with pytest.raises(Invalid) as refusal:
        record(county, [paid(county.families[1], on=date(2020, 2, 1))])
    assert (refusal.value.reason, refusal.value.data["row"]) == ("history.after_go_live", 1)


@pytest.mark.parametrize(
    ("registered_in", "issued_on", "reason"),
    [
        (FANGZI, MARCH, "document.elsewhere"),
        (GUDI, MARCH, "document.elsewhere"),
        (HANTING, date(2020, 3, 18), "document.future"),
    ],
)
def test_go_live_rests_on_a_document_of_the_area_that_is_out(
    county: County, registered_in: int, issued_on: date, reason: str
) -> None:
    with use_scope(everywhere().scope):
        document = register_document(
            actor=everywhere(), number="演示〔2020〕99号", title="上线通知", issuer="民政局", issued_on=issued_on,
            area_code=registered_in,
        )  # fmt: skip
    values = {"area_code": HANTING, "programme": "dibao", "live_on": MARCH, "document_id": document.id}
    with (
        clock.at(clock.instant(2020, 3, 17, 9)),
        acting_as(county.officers.opener) as opener,
        pytest.raises(Invalid) as refusal,
    ):
        set_go_live(actor=opener, **values)
    assert refusal.value.reason == reason
    with use_scope(everywhere().scope):
        assert AreaGoLive.objects.count() == 0


def test_go_live_of_a_county_may_rest_on_the_citys_document(county: County) -> None:
    with use_scope(everywhere().scope):
        document = register_document(
            actor=everywhere(), number="演示〔2020〕98号", title="上线通知", issuer="市民政局", issued_on=MARCH,
            area_code=WEIFANG,
        )  # fmt: skip
    with acting_as(county.officers.opener) as opener:
        live = set_go_live(actor=opener, area_code=HANTING, programme="dibao", live_on=MARCH, document_id=document.id)
    assert live.document_id == document.id


def test_month_before_go_live_is_not_run(county: County) -> None:
    with acting_as(county.officers.opener) as opener:
        set_go_live(actor=opener, area_code=HANTING, programme="dibao", live_on=MARCH, document_id=county.document.id)
        with pytest.raises(Invalid) as refusal:
            run_month(actor=opener, programme="dibao", benefit_month=date(2020, 2, 1), area_code=HANTING)
    assert refusal.value.reason == "run.before_go_live"


@pytest.mark.parametrize(
    ("role", "area_code", "error"), [("county_officer", FANGZI, NotFound), ("finance", HANTING, NotAllowed)]
)
def test_history_is_written_by_the_county_only(
    county: County, role: str, area_code: int, error: type[Exception]
) -> None:
    actor = make_actor(role, area_code)
    audits = AuditEntry.objects.count()
    with acting_as(actor), pytest.raises(error):
        record_history(actor=actor, document_id=county.document.id, rows=[paid(county.families[0])])
    with use_scope(everywhere().scope):
        assert Payable.objects.count() == 0
    assert AuditEntry.objects.count() == audits


def test_document_of_another_area_records_nothing(county: County) -> None:
    with use_scope(everywhere().scope):
        theirs = make_document(FANGZI)
    with acting_as(county.officers.opener) as opener, pytest.raises(Invalid) as refusal:
        record_history(actor=opener, document_id=theirs.id, rows=[paid(county.families[0])])
    assert refusal.value.reason == "document.elsewhere"
    with use_scope(everywhere().scope):
        assert Payable.objects.count() == 0
