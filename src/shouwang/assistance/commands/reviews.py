"""Settling what a pause of exits kept waiting: the change takes effect, or is dismissed with a reason.

Guarantees: a review is settled once, by an officer and with a reason; a change takes effect from this month or a later
one, never backwards, for what was paid while exits were paused was rightly paid; of what a run found, what the latest run
said by the rules takes effect. Refuses: while the pause is in force; what by now would pay as much as before.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotFound, StateConflict
from shouwang.kernel.money import yuan

from ..models import Grant, PostponedReview, ReviewSettlement
from ..policies import ensure_may_keep_grants
from ..queries.grants import amounts_as_of
from ..queries.reviews import asked_kind, asked_of, get_review_for, pause_of_exits
from ..rules.monthly import month_of
from ..states import ChangeCause, GrantChangeKind, ReviewDecision
from .grants import GrantChange, change_grants


@transaction.atomic
def apply_review(*, actor: Actor, review_id: UUID, valid_from: date, reason: str) -> ReviewSettlement:
    """The change as it is asked for by now, from `valid_from` on. Raises what `change_grants` raises, too."""
    review = _settleable(actor, review_id)
    reason = _required(reason)
    earliest = max(review.valid_from, month_of(clock.today()))
    if valid_from < earliest:
        raise Invalid(
            _("最早从 %(month)s 起执行：暂缓期间已经发放的不追回") % {"month": f"{earliest:%Y-%m}"},
            reason="review.too_early",
            valid_from=valid_from,
        )
    change_grants(actor=actor, changes=[_change(actor, review, valid_from, reason)])
    return _settle(actor, review, ReviewDecision.APPLIED, reason, valid_from)


@transaction.atomic
def dismiss_review(*, actor: Actor, review_id: UUID, reason: str) -> ReviewSettlement:
    """The grant stays as it is: the household's situation has changed again, or the change was a mistake."""
    review = _settleable(actor, review_id)
    return _settle(actor, review, ReviewDecision.DISMISSED, _required(reason), None)


def _change(actor: Actor, review: PostponedReview, valid_from: date, reason: str) -> GrantChange:
    """Raises StateConflict for what a run found when by now the rules give no less than was decided."""
    kind, wanted_fen, said = GrantChangeKind(review.kind), review.wanted_fen, review.reason
    if review.is_kept:
        # The grant first, as every change of it: nobody decides another amount meanwhile.
        Grant.objects.select_for_update().get(id=review.grant_id)
        asked = get_review_for(actor, review.id)
        asked_fen, kind = asked_of(asked), asked_kind(asked)
        current = amounts_as_of([review.grant_id], month=valid_from).get(review.grant_id)
        decided_fen = (current.monthly_fen if current else None) or 0
        if 0 < decided_fen <= asked_fen:
            raise StateConflict(
                _("最近一次清册按规则是 %(ordinary)s 元，不低于现在的 %(decided)s 元，不应停发、减发；请改为不予变更")
                % {"ordinary": yuan(asked_fen), "decided": yuan(decided_fen)},
                reason="review.no_less",
            )
        wanted_fen, said = asked_fen or None, _("按规则 %(ordinary)s 元") % {"ordinary": yuan(asked_fen)}
    return GrantChange(
        grant_id=review.grant_id,
        kind=kind,
        valid_from=valid_from,
        monthly_fen=wanted_fen,
        cause=ChangeCause(review.cause),
        reason=f"{said}；{reason}",
    )


def _settleable(actor: Actor, review_id: UUID) -> PostponedReview:
    """Locked. Raises NotFound, NotAllowed, Conflict when it is settled, StateConflict while exits are paused."""
    review = PostponedReview.objects.select_for_update().filter(actor.scope.q(), id=review_id).first()
    if review is None:
        raise NotFound(_("没有这件待复核的变更，可能不在您的辖区"), review_id=review_id)
    ensure_may_keep_grants(actor, [review.area_code])
    settled = ReviewSettlement.objects.filter(review=review).first()
    if settled is not None:
        raise Conflict(
            _("这件变更已由%(who)s于 %(at)s 复核：%(decision)s")
            % {
                "who": settled.actor_name,
                "at": f"{settled.recorded_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
                "decision": ReviewDecision(settled.decision).label,
            },
            reason="review.settled",
            who=settled.actor_name,
        )
    if pause_of_exits(review.area_code) is not None:
        raise StateConflict(_("暂缓退出仍在执行，现在只能查看；解除以后再复核"), reason="review.paused")
    return review


def _settle(
    actor: Actor, review: PostponedReview, decision: ReviewDecision, reason: str, valid_from: date | None
) -> ReviewSettlement:
    settlement = ReviewSettlement.objects.create(
        review=review,
        decision=decision,
        valid_from=valid_from,
        reason=reason,
        actor_name=actor.name,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        area_code=review.area_code,
    )
    audit.record(
        actor=actor,
        action="review.settle",
        subject=f"grant:{review.grant_id}",
        area_code=review.area_code,
        data={"review": str(review.id), "decision": decision, "reason": reason},
    )
    return settlement


def _required(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("请写明复核意见"), reason="review.no_reason")
    return reason.strip()[:100]
