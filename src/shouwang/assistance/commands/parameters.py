"""Setting parameters: one officer proposes a notice, another puts it in force or hands it back.

Guarantees: a value counts only once a second officer has confirmed it, and then for ever as known from that moment; it is
checked when proposed and again when decided, one decision at a time and never while a month is being run, so that two
notices cannot overlap and a notice is obeyed by a month's run or finds that month paid. Refuses: unknown
keys, absurd values, overlaps, days already paid for unless the notice says so, areas outside the scope or the notice's own.
"""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from shouwang.kernel.scope import lies_within
from shouwang.response.public import get_document

from ..events import ParametersConfirmed
from ..models import ParameterDecision, ParameterNotice, ParameterValue
from ..policies_parameters import ensure_may_decide, ensure_may_propose
from ..queries.parameter_changes import (
    ProposedNotice,
    ProposedValue,
    announcement_of,
    check_values,
    proposed_of,
)
from ..queries.parameters import rows_around
from ..states import NoticeVerdict

_DECIDING = "parameters:decide"


@transaction.atomic
def propose_parameters(*, actor: Actor, notice_id: UUID, proposed: ProposedNotice) -> ParameterNotice:
    """The notice, waiting for a second officer. The same id with the same content gives the notice that is there.

    Without a text for publication it gets the one that its values make.

    Raises ParametersRefused with every problem of its values, Conflict for the same id with other content.
    """
    if actor.user_id is None:
        raise NotAllowed(_("标准与参数要由经办人员本人提出"), reason="parameter_notice.nobody")
    ensure_may_propose(actor, {proposed.area_code, *(value.area_code for value in proposed.values)})
    there = ParameterNotice.objects.filter(id=notice_id).first()
    if there is not None:
        return _same(there, proposed)
    _check_head(proposed)
    changes = check_values(proposed, rows_around(proposed.area_code))
    notice = ParameterNotice(
        id=notice_id,
        number=proposed.number.strip(),
        title=proposed.title.strip(),
        area_code=proposed.area_code,
        document=get_document(proposed.document_id) if proposed.document_id else None,
        effective_on=proposed.effective_on,
        is_retroactive=proposed.is_retroactive,
        announcement=proposed.announcement.strip() or announcement_of(proposed, changes),
        value_count=len(proposed.values),
        proposer_name=actor.name,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
    except IntegrityError:
        there = ParameterNotice.objects.filter(id=notice_id).first()
        if there is None:
            raise
        return _same(there, proposed)
    ParameterValue.objects.bulk_create(
        ParameterValue(notice=notice, position=position, **_content(value, notice.number))
        for position, value in enumerate(proposed.values)
    )
    audit.record(
        actor=actor,
        action="parameters.propose",
        subject=f"parameters:{notice.id}",
        area_code=notice.area_code,
        data={"number": notice.number, "values": notice.value_count, "is_retroactive": notice.is_retroactive},
    )
    return notice


@transaction.atomic
def decide_parameters(*, actor: Actor, notice_id: UUID, verdict: NoticeVerdict, reason: str = "") -> ParameterDecision:
    """Put the notice in force, or hand it back with a reason. Said again by the same officer it is the same decision.

    Raises NotAllowed to whoever proposed it, Conflict when it is decided, ParametersRefused when it no longer fits.
    """
    notice = ParameterNotice.objects.filter(id=notice_id).first()
    if notice is None:
        raise NotFound(_("没有这份通知，可能不在您的辖区"), reason="parameter_notice.unknown", notice_id=notice_id)
    ensure_may_decide(actor, notice.area_code, notice.recorded_by)
    _take_turn()
    decided = ParameterDecision.objects.filter(notice=notice).first()
    reason = reason.strip()[:200]
    if decided is not None:
        return _same_decision(decided, actor, verdict, reason)
    if verdict == NoticeVerdict.REFUSED and not reason:
        raise Invalid(_("退回要写明理由"), reason="parameter_notice.no_reason")
    changes = (
        check_values(proposed_of(notice), rows_around(notice.area_code)) if verdict == NoticeVerdict.CONFIRMED else []
    )
    assert actor.user_id is not None, "ensure_may_decide lets no system through"
    decision = ParameterDecision.objects.create(
        notice=notice,
        verdict=verdict,
        reason=reason,
        decider_name=actor.name,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        area_code=notice.area_code,
    )
    audit.record(
        actor=actor,
        action="parameters.decide",
        subject=f"parameters:{notice.id}",
        area_code=notice.area_code,
        data={"verdict": verdict, "reason": reason, "number": notice.number},
    )
    if verdict == NoticeVerdict.CONFIRMED:
        events.publish(
            ParametersConfirmed(
                notice_id=notice.id,
                keys=tuple(sorted({change.new.key for change in changes})),
                area_codes=tuple(sorted({change.new.area_code for change in changes})),
                valid_from=min(change.new.valid_from for change in changes),
                paid_months=tuple(sorted({month for change in changes for month in change.paid_months})),
                area_code=notice.area_code,
            )
        )
    return decision


def _content(value: ProposedValue, number: str) -> dict[str, object]:
    return {
        "key": value.key,
        "area_code": value.area_code,
        "valid_from": value.valid_from,
        "text": value.text,
        "unit": value.unit,
        "source_number": value.source_number or number,
        "source_article": value.source_article,
        "status": value.status,
    }


def _check_head(proposed: ProposedNotice) -> None:
    if not proposed.number.strip() or not proposed.title.strip():
        raise Invalid(_("文号和标题都要填写"), reason="parameter_notice.incomplete")
    spans = get_area(proposed.area_code).span
    for code in sorted({value.area_code for value in proposed.values}):
        get_area(code)
        if code != proposed.area_code and not lies_within(code, spans):
            raise Invalid(
                _("区划 %(code)s 不在发文地区之内，不能写进这份通知") % {"code": code},
                reason="parameter_notice.beyond",
                area_code=code,
            )


def _same(there: ParameterNotice, proposed: ProposedNotice) -> ParameterNotice:
    """The notice that is there, if it says the same."""
    stored = proposed_of(there)
    same_head = (
        stored.number == proposed.number.strip()
        and stored.title == proposed.title.strip()
        and proposed.announcement.strip() in ("", stored.announcement)
        and (stored.area_code, stored.effective_on, stored.is_retroactive, stored.document_id)
        == (proposed.area_code, proposed.effective_on, proposed.is_retroactive, proposed.document_id)
    )
    contents = [[_content(value, one.number.strip()) for value in one.values] for one in (stored, proposed)]
    if same_head and contents[0] == contents[1]:
        return there
    raise Conflict(
        _("这份通知已经提出，内容不同：%(title)s。请重新打开页面再提") % {"title": there.title},
        reason="parameter_notice.differs",
        notice_id=there.id,
    )


def _same_decision(decided: ParameterDecision, actor: Actor, verdict: NoticeVerdict, reason: str) -> ParameterDecision:
    if (decided.recorded_by, decided.verdict, decided.reason) == (actor.user_id, verdict, reason):
        return decided
    raise Conflict(
        _("这份通知已由%(who)s于 %(at)s 办理：%(verdict)s")
        % {
            "who": decided.decider_name,
            "at": f"{decided.recorded_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            "verdict": NoticeVerdict(decided.verdict).label,
        },
        reason="parameter_notice.decided",
        who=decided.decider_name,
    )


def hold_parameters() -> None:
    """No notice is decided until this transaction ends: what it reads of the parameters is what is known when it commits,
    and a notice that waited finds what the transaction wrote. Many may hold them at once."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_DECIDING])


def _take_turn() -> None:
    """One decision at a time: what it is checked against does not change before it is committed."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [_DECIDING])
