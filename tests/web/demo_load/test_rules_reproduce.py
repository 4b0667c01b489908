"""January and February of the demo city, recomputed by the rules, equal every fen that was loaded as paid."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, F, Q, Sum

from shouwang.accounts.public import as_system
from shouwang.assistance.models import PaymentOutcome, RunLine
from shouwang.assistance.states import Programme

MONTHS = (date(2020, 1, 1), date(2020, 2, 1))


def test_every_line_is_computed_and_is_what_the_generator_paid(demo_db: str) -> None:
    """The generator computes the amounts by code of its own, and the grants carry them as decided amounts."""
    with as_system("测试"):
        lines = RunLine.objects.filter(run__benefit_month__in=MONTHS)
        counts = lines.aggregate(
            all=Count("id"),
            computed=Count("id", filter=Q(is_computed=True)),
            differing=Count("id", filter=~Q(amount_fen=F("decided_fen")) & Q(payable__isnull=False)),
        )
        differing = list(
            lines.exclude(amount_fen=F("decided_fen"))
            .filter(payable__isnull=False)
            .values_list("run__programme", "run__benefit_month", "amount_fen", "decided_fen", "reasons", "subject_id")[
                :10
            ]
        )
    assert counts["all"] > 130_000
    assert counts["computed"] == counts["all"]
    assert differing == []
    assert counts["differing"] == 0


def test_what_was_paid_is_what_the_rules_gave(demo_db: str) -> None:
    with as_system("测试"):
        paid = PaymentOutcome.objects.filter(
            kind="paid", programme__in=[Programme.DIBAO, Programme.TEKUN], payable__run__benefit_month__in=MONTHS
        )
        lines = RunLine.objects.filter(id__in=paid.values("payable_id"))  # a line that is owed has its payable's id
        ruled = lines.aggregate(fen=Sum("amount_fen"))["fen"]
        assert paid.aggregate(fen=Sum("amount_fen"))["fen"] == ruled == 710_590_000 * 10
