"""What a run pays because exits are paused, kept for review: the end of the pause cuts nobody off.

Guarantees: a grant that the pause keeps above its ordinary outcome has one review that waits, however many months it is
kept; what an officer has dismissed is not asked again under the same decision. Inside the run's own transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.money import yuan

from ..models import BenefitRun, GrantAmount, PostponedReview, ReviewSettlement, RunLine
from ..rules.benefits.reasons import Reason
from ..states import ChangeCause, GrantChangeKind, ReviewDecision
from .staging import insert_rows, with_ids


def postpone_kept_lines(*, actor: Actor, run_id: UUID) -> int:
    """A review for every line that the pause in force keeps above its ordinary outcome; returns how many are new."""
    run = BenefitRun.objects.select_related("record").get(id=run_id)
    paused = [row["unit_code"] for row in run.record.measures if row["is_exit_paused"]]
    if not paused:
        return 0
    kept = list(_kept_and_not_asked(run, paused).values_list("grant_id", "amount_fen", "ordinary_fen", "area_code"))
    now, measure_ids = clock.now(), [UUID(one) for one in run.measures]
    count = insert_rows(
        PostponedReview,
        ("id", "grant_id", "valid_from", "wanted_fen", "is_kept", "kind", "cause", "reason", "measure_ids",
         "recorded_at", "recorded_by", "area_code"),
        with_ids([
            (grant_id, run.benefit_month, ordinary_fen or None, True,
             GrantChangeKind.CHANGE if ordinary_fen else GrantChangeKind.END, _CAUSE, _reason(paid_fen, ordinary_fen),
             measure_ids, now, actor.user_id, area_code)
            for grant_id, paid_fen, ordinary_fen, area_code in kept
        ]),
    )  # fmt: skip
    if count:
        audit.record(
            actor=actor,
            action="review.postpone",
            subject=f"run:{run.id}",
            area_code=run.area_code,
            data={"count": count},
        )
    return count


_CAUSE = ChangeCause.OTHER
"""An end because of income would begin a gradual exit: that is an officer's finding."""


def _reason(paid_fen: int, ordinary_fen: int) -> str:
    return _("按规则 %(ordinary)s 元，暂缓退出期间按原数额 %(paid)s 元发放") % {
        "ordinary": yuan(ordinary_fen),
        "paid": yuan(paid_fen),
    }


def _kept_and_not_asked(run: BenefitRun, units: Sequence[int]) -> QuerySet[RunLine]:
    lines = RunLine.objects.filter(
        run=run, unit_code__in=units, grant__isnull=False, payable__isnull=False, amount_fen__gt=F("ordinary_fen")
    ).annotate(kept=F("reasons").bitand(int(Reason.EXIT_PAUSED)))
    # What was asked for a later month says nothing of this one.
    reviews = PostponedReview.objects.filter(grant_id=OuterRef("grant_id"), valid_from__lte=run.benefit_month)
    decided_later = GrantAmount.objects.filter(
        grant_id=OuterRef("review__grant_id"), recorded_at__gt=OuterRef("recorded_at")
    )
    dismissed = ReviewSettlement.objects.filter(
        ~Exists(decided_later),
        review__grant_id=OuterRef("grant_id"),
        review__valid_from__lte=run.benefit_month,
        decision=ReviewDecision.DISMISSED,
    )
    return lines.filter(Q(kept__gt=0), ~Exists(reviews.filter(settlement=None)), ~Exists(dismissed))
