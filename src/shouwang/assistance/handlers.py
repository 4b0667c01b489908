"""What assistance answers: a read return file pays the relief cases on its list, grants move with their people, and
cases and lists wait on 今天."""

from __future__ import annotations

from django.utils.translation import gettext as _

from shouwang.accounts.public import as_system, system_actor
from shouwang.kernel import events
from shouwang.kernel.worklist import provides_work
from shouwang.registry.public import PersonDied, PersonsMerged, RecordsMoved

from .commands.custody import move_grants
from .commands.kept_lines import postpone_kept_lines
from .commands.overpayments import note_overpayments, offset_in_run
from .commands.recalculations import open_for_notice
from .commands.relief import settle_bank_payments
from .events import MonthRun, ParametersConfirmed, PaymentsMade
from .models import Payable
from .queries.overpayments import death_days, payables_after, payables_with_the_dead
from .queries.parameter_pages import notices_waiting_for
from .queries.places import paying_units
from .queries.recalculations import recalculations_waiting_for
from .queries.relief import tasks_for
from .queries.reviews import reviews_waiting_for
from .queries.waiting import lists_waiting_for
from .states import ChangeCause, Programme


def settle_relief(event: PaymentsMade) -> None:
    if event.programme == Programme.TEMPORARY_RELIEF:
        settle_bank_payments(batch_id=event.batch_id)


def note_paid_to_the_dead(event: PersonDied) -> None:
    """What arrived for months after the death: an early payment, or a death that was told late."""
    paid_after = payables_after(event.person_id, event.died_on)
    note_overpayments(actor=system_actor(_("死亡登记")), payables=paid_after, cause=ChangeCause.DEATH)


def note_paid_to_the_merged(event: PersonsMerged) -> None:
    """What arrived for one record, of whom the other says the death."""
    died_on = death_days([event.survivor_id]).get(event.survivor_id) if event.is_merged else None
    if died_on is not None:
        paid_after = payables_after(event.survivor_id, died_on)
        note_overpayments(actor=system_actor(_("人员合并")), payables=paid_after, cause=ChangeCause.DEATH)


def note_paid_after_death(event: PaymentsMade) -> None:
    """What arrives after a death that was told when the list had left."""
    with as_system(_("银行回盘")) as system:  # a death is told where the family lives by now
        with_dead = payables_with_the_dead(batch_id=event.batch_id, month=event.benefit_month)
        if with_dead:
            note_overpayments(actor=system, payables=Payable.objects.filter(id__in=with_dead), cause=ChangeCause.DEATH)


def offset_what_was_overpaid(event: MonthRun) -> None:
    offset_in_run(
        actor=system_actor(_("生成清册")),
        run_id=event.run_id,
        programme=event.programme,
        units=paying_units(event.area_code),
    )


def review_what_was_kept(event: MonthRun) -> None:
    postpone_kept_lines(actor=system_actor(_("生成清册")), run_id=event.run_id)


def recalculate_paid_months(event: ParametersConfirmed) -> None:
    if event.paid_months:
        open_for_notice(event)


def register() -> None:
    events.handles(PaymentsMade)(settle_relief)
    events.handles(RecordsMoved)(move_grants)
    events.handles(PersonDied)(note_paid_to_the_dead)
    events.handles(PersonsMerged)(note_paid_to_the_merged)
    events.handles(PaymentsMade)(note_paid_after_death)
    events.handles(MonthRun)(offset_what_was_overpaid)
    events.handles(MonthRun)(review_what_was_kept)
    events.handles(ParametersConfirmed)(recalculate_paid_months)
    provides_work(tasks_for)
    provides_work(lists_waiting_for)
    provides_work(reviews_waiting_for)
    provides_work(notices_waiting_for)
    provides_work(recalculations_waiting_for)
