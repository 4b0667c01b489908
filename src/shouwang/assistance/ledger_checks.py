"""What `ledger verify` asks of the payment chain: the lines of every entry add up to its postings."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from shouwang.kernel import money
from shouwang.ledger.public import Finding, register_check

KEY = "assistance.lines"

_DIFFERENT = """
    with said as (
        select outcome.entry_id,
               sum(case outcome.kind when 'paid' then outcome.amount_fen when 'reversed' then -outcome.amount_fen
                        else 0 end) as paid_out,
               sum(case when outcome.kind = 'cancelled' then -outcome.amount_fen
                        when batch.is_reissue and outcome.kind = 'paid' then -outcome.amount_fen
                        when not batch.is_reissue and outcome.kind = 'returned' then outcome.amount_fen
                        else 0 end) as returned
          from assistance_paymentoutcome outcome
          join assistance_paymentattempt attempt on attempt.id = outcome.attempt_id
          left join assistance_paymentbatch batch on batch.id = attempt.batch_id
         group by outcome.entry_id
        union all
        select step.entry_id, case step.kind when 'recovered' then -step.amount_fen else 0 end,
               case step.kind when 'offset' then -step.amount_fen else 0 end
          from assistance_overpaymentstep step where step.entry_id is not null),
    booked as (
        select entry.id as entry_id,
               sum(case account.kind when 'paid_out' then posting.quantity else 0 end) as paid_out,
               sum(case account.kind when 'returned' then posting.quantity else 0 end) as returned
          from ledger_entry entry
          join ledger_posting posting on posting.entry_id = entry.id
          join ledger_account account on account.id = posting.account_id
         where entry.kind = 'plain'
           and (entry.source ^@ 'batch:' or entry.source ^@ 'reversal:' or entry.source ^@ 'cancel:'
                or entry.source ^@ 'overpayment:')
         group by entry.id)
    select booked.entry_id, coalesce(said.paid_out, 0)::bigint, booked.paid_out::bigint,
           coalesce(said.returned, 0)::bigint, booked.returned::bigint
      from booked left join said on said.entry_id = booked.entry_id
     where coalesce(said.paid_out, 0) <> booked.paid_out or coalesce(said.returned, 0) <> booked.returned
"""


def lines_add_up() -> Iterator[Finding]:
    """Entries whose postings differ from the payment lines that point to them."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT)
        rows = cursor.fetchall()
    for entry_id, paid_said, paid_booked, returned_said, returned_booked in rows:
        yield Finding(
            KEY,
            f"entry:{entry_id}",
            f"lines paid {money.yuan(paid_said)} and returned {money.yuan(returned_said)}, "
            f"the book {money.yuan(paid_booked)} and {money.yuan(returned_booked)}",
        )


def register() -> None:
    register_check(KEY, lines_add_up)
