"""Two neighbouring counties of the same shape, each with one of everything that an address can name.

Made through the ordinary commands. Every name and number of one county differs from the other's, so that whatever of
寒亭区 shows on a page of 坊子区 is a leak.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from shouwang.accounts.public import Post, Role
from shouwang.assistance.commands.banking import ArrangedBank, arrange_bank
from shouwang.assistance.commands.cards import Agreement, file_agreement
from shouwang.assistance.commands.county_lists import SentList, open_county_list
from shouwang.assistance.commands.death_lists import SentDeaths, open_death_list
from shouwang.assistance.commands.group_lists import SentGroup, open_group_list
from shouwang.assistance.commands.publications import post_publication
from shouwang.assistance.commands.recalculations import compute_recalculation, open_recalculation
from shouwang.assistance.models import Overpayment, PaymentAttempt, PaymentBatch, ReliefCase, RunLine
from shouwang.assistance.public import (
    AmountClaim,
    ChangeCause,
    GrantChange,
    GrantChangeKind,
    LineAnswer,
    Programme,
    ProposedNotice,
    ProposedValue,
    ReliefApplication,
    TakenOver,
    accept_case,
    approve_batch,
    approve_case,
    approve_funds,
    change_grants,
    confirm_townships,
    fill_petty_reserve,
    open_case,
    pay_cash,
    propose_parameters,
    receive_return,
    reconcile_batch,
    run_month,
    send_batch,
    set_go_live,
    take_over_grants,
    verify_case,
)
from shouwang.assistance.states import Door
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import mask_name
from shouwang.kernel.ids import new_id
from shouwang.kernel.money import yuan
from shouwang.kernel.scope import use_scope
from shouwang.ledger.public import FundLevel, create_fund, record_funds_received
from shouwang.registry.commands.imports import check_import, load_import, open_import
from shouwang.registry.models import ImportBatch, PersonFact
from shouwang.registry.public import (
    AccountDetails,
    Household,
    NewMember,
    Organisation,
    OrganisationDetails,
    PersonDetails,
    merge_persons,
    record_bank_account,
    record_organisation,
    record_person_fact,
    register_household,
    register_person,
    request_transfer,
)
from shouwang.reporting.commands import issue_bulletin
from shouwang.response.files import IncomingFile
from shouwang.response.models import DocumentReceipt, SiteReceipt
from shouwang.response.public import (
    NewEvent,
    NewPlace,
    NewTask,
    OrderDetails,
    PlannedMeasure,
    Recipient,
    Said,
    add_member,
    draft_order,
    form_groups,
    give_task,
    open_event,
    register_document,
    rehearse_order,
    take_step,
)
from tests.assistance.payments.setting import everywhere, hold_standards
from tests.factories import id_number, make_actor
from tests.measures import issue_measure

from .counties import GIVER, IMPORT_STEPS, Key, Place, Samples
from .residents import register_residents

FEBRUARY, MARCH = date(2020, 2, 1), date(2020, 3, 1)
SINCE = date(2019, 12, 2)
RESERVE_FEN = 20_000_00
CUTOFF = "2020-03-17T24:00"


def build(place: Place, officers: Mapping[str, Actor]) -> Samples:
    """One of everything in the county, recorded before the evening of the bulletin."""
    samples = Samples(place, officers)
    with clock.at(clock.instant(2020, 3, 10, 9)):
        _register(samples)
        _fund(samples)
        _arrange_bank(samples)
        _pay_months(samples)
        _postpone(samples)
        _recalculate(samples)
        _overpay(samples)
        _relieve(samples)
    _report(samples)
    _import(samples)
    _list_recipients(samples)
    _list_deaths(samples)
    _list_a_group(samples)
    _propose_standards(samples)
    _command(samples)
    _administer(samples)
    register_residents(samples)
    return samples


def _as(samples: Samples, role: str) -> Actor:
    return samples.officers[role]


def _account(samples: Samples, person_id: Key, holder: str, serial: int) -> None:
    officer = _as(samples, Role.COUNTY_OFFICER)
    assert isinstance(person_id, UUID)
    number = f"6217001{samples.place.number}{serial:010d}"
    details = AccountDetails(bank_name="农商行", holder_name=samples.place.name(holder), number=number)
    record_bank_account(actor=officer, person_id=person_id, details=details, valid_from=SINCE, source="测试")
    samples.numbers[f"account{serial}"] = number


def _household(samples: Samples, *given: str, serial: int) -> tuple[Household, list[UUID]]:
    officer, place = _as(samples, Role.COUNTY_OFFICER), samples.place
    members = []
    for position, name in enumerate(given):
        number = id_number(date(1960, 5, 1), place.number * 100 + serial * 10 + position)
        samples.numbers[name] = number
        members.append(NewMember("child" if position else "head", PersonDetails(place.name(name), number)))
    household = register_household(
        actor=officer, area_code=place.village, registered_on=SINCE, members=members, source="测试"
    )
    memberships = household.memberships.order_by("person__recorded_at", "person__id")
    by_name = {one.person.name: one.person_id for one in memberships.select_related("person")}
    return household, [by_name[place.name(name)] for name in given]


def _register(samples: Samples) -> None:
    officer, place = _as(samples, Role.COUNTY_OFFICER), samples.place
    with use_scope(officer.scope):
        household, (head, child) = _household(samples, "子彦", "茂春", serial=1)
        _account(samples, head, "子彦", 1)
        second, (without_account,) = _household(samples, "无账", serial=2)
        twin, merged = (
            register_person(
                actor=officer,
                details=PersonDetails(
                    place.name(name), no_id_reason="unregistered", sex="male", birth_on=date(1960, 5, 1)
                ),
                area_code=place.village,
                since=SINCE,
            )
            for name in ("茂春", "并入")
        )
        merge_persons(actor=officer, duplicate_id=merged.id, survivor_id=child, reason="同一人")
        fact = record_person_fact(
            actor=officer, person_id=head, kind="income.wage", value=30_000, valid_from=SINCE, source="入户调查"
        )
        assert isinstance(fact, PersonFact)
        organisation = record_organisation(
            actor=officer,
            organisation_id=new_id(),
            details=OrganisationDetails(name=place.name("家敬老院"), area_code=place.village),
        )
        transfer = request_transfer(
            actor=officer,
            id_number=number_elsewhere(place, 0),
            to_area_code=place.village,
            with_household=False,
            moved_on=date(2020, 3, 1),
            reason=place.name("家迁入"),
        )
    samples.arguments |= {
        "household_id": household.id,
        "second_household_id": second.id,
        "second_person_id": without_account,
        "person_id": head,
        "survivor_id": head,
        "duplicate_id": twin.id,
        "person_unmerge.person_id": merged.id,
        "member_head.person_id": child,
        "member_relation.person_id": child,
        "member_leave.person_id": child,
        "fact_id": fact.id,
        "organisation_id": organisation.id,
        "transfer_id": transfer.id,
    }
    samples.shown |= {
        "household": household.number,
        "head": place.name("子彦"),
        "child": place.name("茂春"),
        "merged": place.name("并入"),
        "organisation": organisation.name,
        "transfer": transfer.reason,
    }
    samples.numbers["elsewhere"] = number_elsewhere(place, 1)


def _import(samples: Samples) -> None:
    """One list checked, with a row refused and a row to decide on; one loaded."""
    place = samples.place
    checked = _import_of(samples, "名册", "入册", "2" * 17 + "X,", f",{date(1960, 5, 1)},户口待补录")
    loaded = _import_of(samples, "旧册", "旧人")
    assistant = _as(samples, Role.TOWNSHIP_ASSISTANT)
    with use_scope(assistant.scope):
        load_import(actor=assistant, batch_id=loaded.id)
    samples.arguments |= {f"import_{step}.batch_id": checked.id for step in IMPORT_STEPS}
    samples.arguments |= {"import_undo.batch_id": loaded.id}
    samples.shown |= {"import": checked.file_name, "loaded_import": loaded.file_name, "listed": place.name("入册")}


def _import_of(samples: Samples, title: str, listed: str, *faulty: str) -> ImportBatch:
    """`faulty`: what stands after the name of the child in rows that cannot be loaded as they are."""
    assistant, place = _as(samples, Role.TOWNSHIP_ASSISTANT), samples.place
    village, number = place.village // 1000, id_number(sequence=place.number * 100 + 90 + len(faulty))
    rows = [
        "村,户号,姓名,与户主关系,性别,身份证号,出生日期,无证原因",
        f"{village},1,{place.name(listed)},户主,,{number},,",
        *(f"{village},{position},{place.name('茂春')},户主,男,{rest}" for position, rest in enumerate(faulty, 2)),
    ]
    with use_scope(assistant.scope):
        batch = open_import(
            actor=assistant,
            area_code=place.township,
            file_name=f"{place.name(title)}.csv",
            file=io.BytesIO("\n".join(rows).encode("gb18030")),
            since=SINCE,
        )
        return check_import(actor=assistant, batch_id=batch.id)


def _fund(samples: Samples) -> None:
    finance, place = _as(samples, Role.FINANCE), samples.place
    with use_scope(finance.scope):
        fund = create_fund(
            actor=finance,
            code=f"JZ-{place.number}",
            name=place.name("家救助资金"),
            level=FundLevel.COUNTY,
            purpose="救助",
            rules={"programmes": ["dibao", "tekun", "temporary_relief"], "single_limit_fen": None},
            area_code=place.county,
        )
        received, small = (
            record_funds_received(
                actor=finance,
                fund_id=fund.id,
                area_code=place.county,
                amount_fen=fen + place.number,
                occurred_on=date(2020, 1, 2),
                memo=place.name("家拨入"),
                entry_id=new_id(),
            )
            for fen in (1_000_000_00, 100_00)
        )
        filled, small_fill = (
            fill_petty_reserve(
                actor=finance,
                fund_id=fund.id,
                treasury_area_code=place.county,
                township_code=place.township,
                amount_fen=fen + place.number,
                memo=place.name("家备用金"),
            )
            for fen in (RESERVE_FEN, 100_00)
        )
        treasury = received.postings.select_related("account").get(account__kind="treasury").account
        petty = filled.postings.select_related("account").get(account__kind="petty_reserve").account
    samples.arguments |= {
        "petty_account_id": petty.id,
        "fund_id": fund.id,
        "entry_id": received.id,
        "account_id": treasury.id,
        "ledger_reverse.entry_id": small.id,
        "petty_reserve_take_back.entry_id": small_fill.id,
    }
    samples.shown |= {
        "fund": fund.name,
        "entry": received.memo,
        "fill": filled.memo,
        "reserve": yuan(RESERVE_FEN + 100_00 + 2 * place.number),
    }


def _pay_months(samples: Samples) -> None:
    officer, place = _as(samples, Role.COUNTY_OFFICER), samples.place
    with use_scope(everywhere().scope):
        hold_standards()
    with use_scope(officer.scope):
        document = register_document(
            actor=officer,
            number=f"测〔2020〕{place.number}号",
            title="在册对象名单",
            issuer="民政局",
            issued_on=date(2020, 1, 1),
            area_code=place.county,
            file=IncomingFile("名单.pdf", f"%PDF-1.4 {samples.place.name('册')}".encode()),
        )
        rows = [
            TakenOver(Programme.DIBAO, samples.arguments[key], None, date(2020, 1, 1), fen)  # type: ignore[arg-type]
            for key, fen in (("household_id", 315_50), ("second_household_id", 286_00))
        ]
        take_over_grants(actor=officer, document_id=document.id, rows=rows)
        paid, drafted = (
            run_month(actor=officer, programme=Programme.DIBAO, benefit_month=month, area_code=place.county)
            for month in (FEBRUARY, MARCH)
        )
        batch, draft = paid.batches[0], drafted.batches[0]
    _walk(samples, batch)
    _publish(samples)
    _file_agreement(samples)
    with use_scope(officer.scope):
        line = PaymentAttempt.objects.get(batch=batch)
        grant = line.payable.grant
        assert grant is not None
        waiting = paid.run.payables.filter(attempts=None).get()
        _account(samples, samples.arguments["second_person_id"], "无账", 2)  # from now on it can be issued
        samples.arguments |= {
            "document_id": document.id,
            "grant_id": grant.id,
            "run_id": paid.run.id,
            "run_line.line_id": RunLine.objects.get(payable=line.payable).id,
            "run_line_letter.line_id": RunLine.objects.get(payable=line.payable).id,
            "batch_id": batch.id,
            "amount_fen": batch.amount_fen,
            "batch_step.batch_id": draft.id,
            "batch_send_back.batch_id": draft.id,
            "payable_id": waiting.id,
            "attempt_id": line.id,
            "draft_attempt_id": PaymentAttempt.objects.get(batch=draft).id,
        }
    samples.shown |= {
        "batch": batch.number,
        "draft": draft.number,
        "waiting": place.name("无账"),
        "file": place.name("册"),
    }


def _publish(samples: Samples) -> None:
    """February's list of the village, on its board: the name that stands on it is the county's own."""
    assistant, place = _as(samples, Role.TOWNSHIP_ASSISTANT), samples.place
    with use_scope(assistant.scope):
        posted = post_publication(
            actor=assistant,
            publication_id=new_id(),
            area_code=place.village,
            programme=Programme.DIBAO,
            month=FEBRUARY,
            kind="announcement",
        )
    samples.arguments |= {
        "publication_id": posted.id,
        "batch_paper.area_code": place.township,
        "batch_paper.file_format": "pdf",
    }
    samples.shown |= {"publication": str(posted.id), "masked_head": mask_name(samples.shown["head"])}


def _file_agreement(samples: Samples) -> None:
    assistant, place = _as(samples, Role.TOWNSHIP_ASSISTANT), samples.place
    person_id = samples.arguments["person_id"]
    assert isinstance(person_id, UUID)
    paper = Agreement(place.name("保管"), "侄子", f"代管{place.number}号", "卧床", date(2020, 3, 1))
    with use_scope(assistant.scope):
        filed = file_agreement(actor=assistant, agreement_id=new_id(), person_id=person_id, agreement=paper)
    samples.arguments |= {"agreement_id": filed.id}
    samples.shown |= {"agreement": filed.keeper_name}


def _arrange_bank(samples: Samples) -> None:
    finance, place = _as(samples, Role.FINANCE), samples.place
    arranged = ArrangedBank(
        area_code=place.county,
        profile="xlsx",
        payer_name=place.name("专户"),
        payer_account=f"62170020{place.number:08d}",
        payer_bank="农商行",
    )
    with use_scope(finance.scope):
        arrange_bank(actor=finance, arrangement_id=new_id(), arranged=arranged)
    samples.shown |= {"payer": arranged.payer_name}


def _postpone(samples: Samples) -> None:
    """A cut that waited for the end of a pause of exits: the pause is over on the morning of the walk."""
    officer, leader = _as(samples, Role.COUNTY_OFFICER), _as(samples, Role.COUNTY_LEADER)
    document_id, grant_id = samples.arguments["document_id"], samples.arguments["grant_id"]
    assert isinstance(document_id, UUID)
    assert isinstance(grant_id, UUID)
    with use_scope(officer.scope):
        issue_measure(
            actor=leader,
            kind="exit_paused",
            parameters={},
            area_code=samples.place.county,
            from_at=clock.instant(2020, 3, 1),
            until_at=clock.instant(2020, 3, 12),
            document_id=document_id,
        )
        change = GrantChange(
            grant_id=grant_id,
            kind=GrantChangeKind.END,
            valid_from=date(2020, 4, 1),
            monthly_fen=None,
            cause=ChangeCause.INCOME,
            reason="收入超过标准",
        )
        (review,) = change_grants(actor=officer, changes=[change]).postponed
    samples.arguments |= {"review_id": review.id}


def _recalculate(samples: Samples) -> None:
    """An income that was told after February had been paid, and the month computed again."""
    officer, person_id = _as(samples, Role.COUNTY_OFFICER), samples.arguments["person_id"]
    assert isinstance(person_id, UUID)
    with use_scope(officer.scope):
        record_person_fact(
            actor=officer,
            person_id=person_id,
            kind="income.wage",
            value=20_000,
            valid_from=date(2020, 1, 15),
            source="收入核对",
        )
        told = open_recalculation(
            actor=officer,
            recalculation_id=new_id(),
            programme=Programme.DIBAO,
            month=FEBRUARY,
            unit_code=samples.place.county,
            basis=samples.place.name("家收入核对"),
        )
        compute_recalculation(actor=officer, recalculation_id=told.id)
        line = told.lines.get()
    samples.arguments |= {"recalculation_id": told.id, "recalculation_line.line_id": line.id}
    samples.shown |= {"recalculation": told.basis}


def _list_deaths(samples: Samples) -> None:
    """A list that says the child has died; nobody has looked at it yet."""
    officer, place = _as(samples, Role.COUNTY_OFFICER), samples.place
    document_id = samples.arguments["document_id"]
    assert isinstance(document_id, UUID)
    rows = f"身份证号,姓名,死亡日期\n{samples.numbers['茂春']},{place.name('茂春')},2020-03-02\n"
    sent = SentDeaths(document_id, f"{place.name('家死亡名单')}.csv", rows.encode("gb18030"))
    with use_scope(officer.scope):
        listed = open_death_list(actor=officer, list_id=new_id(), sent=sent)
    samples.arguments |= {"death_list_page.list_id": listed.id, "death_list_record.list_id": listed.id}
    samples.shown |= {"death_list": listed.file_name}


def _list_a_group(samples: Samples) -> None:
    """A list of veterans that nobody has taken yet."""
    officer, place = _as(samples, Role.COUNTY_OFFICER), samples.place
    document_id = samples.arguments["document_id"]
    assert isinstance(document_id, UUID)
    rows = f"身份证号,姓名\n{samples.numbers['茂春']},{place.name('茂春')}\n"
    name = f"{place.name('家优抚名单')}.csv"
    sent = SentGroup("veteran", date(2020, 4, 1), document_id, name, rows.encode("gb18030"))
    with use_scope(officer.scope):
        listed = open_group_list(actor=officer, list_id=new_id(), sent=sent)
    samples.arguments |= {"group_list_page.list_id": listed.id, "group_list_take.list_id": listed.id}
    samples.shown |= {"group_list": listed.file_name}


def _overpay(samples: Samples) -> None:
    """A month that was paid, and a fraud that stops the grant from it on."""
    officer, grant_id = _as(samples, Role.COUNTY_OFFICER), samples.arguments["grant_id"]
    assert isinstance(grant_id, UUID)
    with use_scope(officer.scope):
        change = GrantChange(
            grant_id=grant_id,
            kind=GrantChangeKind.SUSPEND,
            valid_from=FEBRUARY,
            monthly_fen=None,
            cause=ChangeCause.FRAUD,
            reason="隐瞒收入",
        )
        change_grants(actor=officer, changes=[change])
        noted = Overpayment.objects.select_related("payable__payee").get()
    assert noted.payable.payee is not None
    samples.arguments |= {"overpayment_id": noted.id}
    samples.shown |= {"overpaid": noted.payable.payee.name}


def _list_recipients(samples: Samples) -> None:
    """A county's list with a row that may come in and one that may not; and since when the county pays here."""
    officer, place = _as(samples, Role.COUNTY_OFFICER), samples.place
    document_id = samples.arguments["document_id"]
    assert isinstance(document_id, UUID)
    rows = [
        "身份证号,姓名,月发放金额",
        f"{samples.numbers['子彦']},{place.name('子彦')},600",
        f"{samples.numbers['茂春']},{place.name('改名')},600",
    ]
    sent = SentList(
        door=Door.TAKE_OVER,
        programme=Programme.TEKUN,
        is_by_household=False,
        document_id=document_id,
        file_name=f"{place.name('家名单')}.csv",
        content="\n".join(rows).encode("gb18030"),
        month=MARCH,
    )
    with use_scope(officer.scope):
        listed = open_county_list(actor=officer, list_id=new_id(), sent=sent)
        live = set_go_live(
            actor=officer,
            area_code=place.county,
            programme=Programme.DIBAO,
            live_on=date(2020, 1, 1) + timedelta(days=place.number),
            document_id=document_id,
        )
    samples.arguments |= {"list_id": listed.id}
    samples.shown |= {"county_list": listed.file_name, "go_live": live.live_on.isoformat()}


def _walk(samples: Samples, batch: PaymentBatch) -> None:
    steps = (
        (Role.TOWNSHIP_ASSISTANT, confirm_townships),
        (Role.COUNTY_LEADER, approve_batch),
        (Role.FINANCE, approve_funds),
        ("second_officer", send_batch),
    )
    for role, step in steps:
        with use_scope(_as(samples, role).scope):
            step(actor=_as(samples, role), batch_id=batch.id)
    finance, last = _as(samples, Role.FINANCE), _as(samples, "second_finance")
    with use_scope(finance.scope):
        answer = LineAnswer(batch.number, 1, batch.amount_fen, True, "", clock.today())
        receive_return(actor=finance, batch_id=batch.id, answers=[answer])
        reconcile_batch(actor=last, batch_id=batch.id)


def _relieve(samples: Samples) -> None:
    """A case paid in cash, one just opened, one approved that waits for the bank."""
    assistant, place = _as(samples, Role.TOWNSHIP_ASSISTANT), samples.place
    paid, opened, waiting = (
        _open(samples, cause, channel)
        for cause, channel in (("illness", "cash"), ("fire", "cash"), ("education", "bank"))
    )
    paid, waiting = _decide(samples, paid), _decide(samples, waiting)
    with use_scope(assistant.scope):
        pay_cash(actor=assistant, case_id=paid.id, expected_version=paid.version, received_by=place.name("子彦"))
    samples.arguments |= {"case_id": paid.id, "relief_step.case_id": opened.id, "bank_case_id": waiting.id}
    samples.shown |= {"case": paid.number, "open_case": opened.number, "story": paid.story}


def _open(samples: Samples, cause: str, channel: str) -> ReliefCase:
    assistant, place = _as(samples, Role.TOWNSHIP_ASSISTANT), samples.place
    head = samples.arguments["person_id"]
    assert isinstance(head, UUID)
    application = ReliefApplication(
        area_code=place.village,
        kind="urgent",
        cause=cause,
        story=place.name("家有难"),
        occurred_on=clock.today(),
        channel=channel,
        applicant_id=head,
        covered_ids=(head,),
    )
    with use_scope(assistant.scope):
        return open_case(actor=assistant, case_id=new_id(), application=application)


def _decide(samples: Samples, case: ReliefCase) -> ReliefCase:
    assistant, leader = _as(samples, Role.TOWNSHIP_ASSISTANT), _as(samples, Role.COUNTY_LEADER)
    with use_scope(assistant.scope):
        case = accept_case(actor=assistant, case_id=case.id, expected_version=case.version)
        case = verify_case(
            actor=assistant,
            case_id=case.id,
            expected_version=case.version,
            investigators=["甲", "乙"],
            findings="属实",
        )
    with use_scope(leader.scope):
        claim = AmountClaim(amount_fen=100_000, basis="small_amount", person_count=0)
        return approve_case(actor=leader, case_id=case.id, expected_version=case.version, claim=claim)


def _report(samples: Samples) -> None:
    officer, leader, place = _as(samples, Role.COUNTY_OFFICER), _as(samples, Role.COUNTY_LEADER), samples.place
    with use_scope(officer.scope):
        bulletin = issue_bulletin(
            actor=officer,
            bulletin_id=new_id(),
            area_code=place.county,
            since=date(2020, 1, 1),
            as_of=clock.parse_cutoff(CUTOFF),
            title=place.name("家快报"),
        )
        measure = issue_measure(
            actor=leader,
            kind="relief_first",
            parameters={"papers_due_working_days": 10},
            area_code=place.county,
            from_at=clock.instant(2020, 3, 1),
            until_at=None,
            document_id=samples.arguments["document_id"],  # type: ignore[arg-type]
        )
    samples.arguments |= {"bulletin_id": bulletin.id, "measure_id": measure.id}
    samples.shown |= {"bulletin": bulletin.title}
    _order(samples)


def _order(samples: Samples) -> None:
    """A draft of two measures that waits for the leader, and a site that has yet to answer for one in force."""
    officer, leader, place = _as(samples, Role.COUNTY_OFFICER), _as(samples, Role.COUNTY_LEADER), samples.place
    document_id: UUID = samples.arguments["document_id"]  # type: ignore[assignment]
    start = clock.instant(2020, 3, 18, 9)
    planned = [PlannedMeasure(kind, {}, place.county, start, None) for kind in ("exit_paused", "review_paused")]
    title = place.name("家发布单")
    with use_scope(officer.scope):
        order = draft_order(
            actor=officer, order_id=new_id(), details=OrderDetails(title, document_id), measures=planned
        )
        rehearse_order(actor=officer, order_id=order.id)
        named = Organisation.objects.filter(officer.scope.q()).values_list("id", flat=True)
        measure = issue_measure(
            actor=leader,
            kind="service_suspended",
            parameters={},
            area_code=place.county,
            from_at=start,
            until_at=None,
            document_id=document_id,
            org_ids=tuple(named),
        )
        receipt = SiteReceipt.objects.filter(measure=measure).order_by("id")[0]
        DocumentReceipt.objects.create(
            document_id=document_id, area_code=place.county, due_on=date(2020, 3, 20), sent_at=clock.now()
        )
    samples.arguments |= {"order_id": order.id, "receipt_id": receipt.id}
    samples.shown |= {"order": title}


def _propose_standards(samples: Samples) -> None:
    """A notice that waits: what is confirmed would be public."""
    place, officer = samples.place, _as(samples, Role.COUNTY_OFFICER)
    title = f"{place.name('标准')}通知"
    proposed = ProposedNotice(
        number=f"测民〔2020〕{place.number}号",
        title=title,
        area_code=place.county,
        effective_on=date(2020, 4, 1),
        values=(ProposedValue("dibao.standard.urban", place.county, date(2020, 4, 1), "600", "元/人/月"),),
        announcement=f"{title}\n{title}：现予公布。",
    )
    with use_scope(officer.scope):
        notice = propose_parameters(actor=officer, notice_id=new_id(), proposed=proposed)
    samples.arguments["notice_id"] = notice.id
    samples.shown["notice"] = title


def _command(samples: Samples) -> None:
    """An event of the county, its groups, somebody in them, a task of the township with a file."""
    leader, officer, place = _as(samples, Role.COUNTY_LEADER), _as(samples, Role.COUNTY_OFFICER), samples.place
    title = place.name("家疫情")
    with use_scope(leader.scope):
        new = NewEvent("epidemic", title, place.county, 3, clock.instant(2020, 3, 17), "省启动响应")
        event = open_event(actor=leader, event_id=new_id(), new=new)
        leading, *_rest = form_groups(
            actor=leader, event_id=event.id, area_code=place.county, template_key="office_four"
        )
        who = NewPlace("head", name=place.name("组长"), organisation="卫健局", phone=f"1380000{place.number:04d}")
        member = add_member(actor=leader, group_id=leading.id, member_id=new_id(), place=who)
    with use_scope(officer.scope):
        task = give_task(
            actor=officer,
            task_id=new_id(),
            new=NewTask(
                title=place.name("家摸排"),
                area_code=place.county,
                due_at=clock.instant(2020, 3, 20, 18),
                event_id=event.id,
                result_label="摸排户数",
                result_unit="户",
            ),
            recipients=[Recipient(place.township)],
        )
    assistant = _as(samples, Role.TOWNSHIP_ASSISTANT)
    with use_scope(assistant.scope):
        assignment = task.assignments.get()
        move = new_id()
        for version, verb, move_id, file in (
            (1, "receive", new_id(), None),
            (2, "progress", move, IncomingFile("结果.pdf", f"%PDF-1.4 {place.name('据')}".encode())),
        ):
            take_step(
                actor=assistant,
                assignment_id=assignment.id,
                verb=verb,
                expected_version=version,
                move_id=move_id,
                said=Said("走访", None, file),
            )
    samples.arguments |= {
        "event_id": event.id,
        "group_id": leading.id,
        "member_id": member.id,
        "task_id": task.id,
        "assignment_id": assignment.id,
        "move_id": move,
    }
    samples.shown |= {
        "event": title,
        "member": member.name,
        "task": task.title,
        "evidence": place.name("据"),
    }


def _administer(samples: Samples) -> None:
    grid = _as(samples, Role.GRID_WORKER)
    assert grid.user_id is not None
    assert grid.post_id is not None
    samples.arguments |= {"user_id": grid.user_id, "post_id": grid.post_id, "area_code": samples.place.township}
    samples.shown |= {"user": grid.name}
    assert Post.objects.get(id=grid.post_id).area_code == samples.place.village


def register_who_will_move(asking: Place) -> None:
    """Two persons of 潍城区: one whom `asking` asks for, one whom it could ask for."""
    officer = make_actor(Role.COUNTY_OFFICER, GIVER.county)
    with use_scope(officer.scope):
        for position in (0, 1):
            register_person(
                actor=officer,
                details=PersonDetails(GIVER.name("甲乙"[position]), number_elsewhere(asking, position)),
                area_code=GIVER.village,
                since=SINCE,
            )


def number_elsewhere(asking: Place, position: int) -> str:
    return id_number(date(1960, 5, 1), GIVER.number * 100 + asking.number * 10 + position)
