"""Many entries in one transaction: the parts of a batch, the demo's history.

The drafts stream through COPY into a temporary table (COPY is refused on a table with a policy), a row for each posting;
then one statement adds the entries and one their postings. A few new entries, the parts of one list, are in sooner than
a table is made. The same guards hold as for one entry. All or nothing; one audit row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.ids import new_id, new_ids

from ..errors import EntryDiffers, EntryResolved
from ..models import Entry, Posting
from ..policies import ensure_may_post
from ..rules import EntryDraft, check_draft
from ..states import EntryKind
from .posting import lock_paying_accounts, refuse_overdraft, required_reason

CHUNK_ENTRIES = 10_000
FEW_ENTRIES = 50
_STAGE = """
    create temporary table if not exists ledger_staged (
        entry_id uuid, area_code bigint, occurred_on date, source text, memo text,
        id uuid, position smallint, account_id uuid, quantity bigint) on commit drop
"""
_DECREASES = "select account_id, -sum(quantity)::bigint from ledger_staged group by 1 having sum(quantity) < 0"
_DIFFERENT = """
    select staged.entry_id from ledger_staged staged join ledger_entry entry on entry.id = staged.entry_id
     where staged.position = 1
       and ((entry.kind, entry.area_code, entry.occurred_on, entry.source, entry.memo)
            is distinct from (%s, staged.area_code, staged.occurred_on, staged.source, staged.memo)
        or (select array_agg((account_id, quantity)::text order by account_id)
              from ledger_posting where entry_id = entry.id)
           is distinct from
           (select array_agg((account_id, quantity)::text order by account_id)
              from ledger_staged where entry_id = entry.id))
     limit 1
"""
_FORGET_REPEATED = "delete from ledger_staged staged using ledger_entry entry where staged.entry_id = entry.id"
_ENTRIES = """
    insert into ledger_entry (id, kind, area_code, occurred_on, recorded_at, recorded_by, source, memo)
    select entry_id, %s, area_code, occurred_on, %s, %s, source, memo from ledger_staged where position = 1
"""
_POSTINGS = """
    insert into ledger_posting (id, entry_id, position, account_id, quantity, area_code)
    select id, entry_id, position, account_id, quantity, area_code from ledger_staged
"""


def post_entries(*, actor: Actor, drafts: Iterable[EntryDraft]) -> int:
    """Post all drafts or none; returns how many were new. A draft whose id is there with the same content is skipped.

    An overdraft is judged by what the drafts take from an account together. Raises what `post_entry` raises. Memory
    does not grow with the number of drafts.
    """
    return _record_all(actor, EntryKind.PLAIN, drafts, action="ledger.post_entries")


def reserve_entries(*, actor: Actor, drafts: Iterable[EntryDraft]) -> int:
    """Hold back all drafts or none, as `post_entries` posts them."""
    return _record_all(actor, EntryKind.RESERVE, drafts, action="ledger.reserve_entries")


@transaction.atomic
def _record_all(actor: Actor, kind: EntryKind, drafts: Iterable[EntryDraft], *, action: str) -> int:
    remaining = _chunks(drafts)
    first = next(remaining, None)
    if first is None:
        return 0
    is_all = len(first) < CHUNK_ENTRIES
    if is_all and len(first) <= FEW_ENTRIES and _all_new(first):
        count, total_fen = _write_few(actor, kind, first)
    else:
        with connection.cursor() as cursor:
            cursor.execute(_STAGE)
            cursor.execute("truncate ledger_staged")
            total_fen = sum(_stage(cursor, actor, chunk) for chunk in chain([first], remaining))
            cursor.execute("analyze ledger_staged")
            count = _write(cursor, actor, kind)
    if count:
        audit.record(
            actor=actor,
            action=action,
            subject="entries:bulk",
            area_code=actor.area_code,
            data={"posted": count, "drafts_amount_fen": total_fen},
        )
    return count


@transaction.atomic
def void_reservations(*, actor: Actor, reservation_ids: Collection[UUID], reason: str) -> int:
    """Give back what many reservations hold, or none of them. Raises EntryResolved, NotFound."""
    asked = set(reservation_ids)
    held = list(Entry.objects.select_for_update().filter(actor.scope.q(), id__in=asked).order_by("id"))
    if len(held) < len(asked) or any(entry.kind != EntryKind.RESERVE for entry in held):
        raise NotFound(_("有预留不存在，或者不在您的管辖范围"))
    resolved = Entry.objects.filter(resolves_id__in=asked).first()
    if resolved is not None:
        raise EntryResolved(
            _("有预留已于 %(day)s 办理：%(kind)s")
            % {"day": resolved.occurred_on.isoformat(), "kind": resolved.get_kind_display()},
            entry_id=resolved.id,
        )
    for area_code in {entry.area_code for entry in held}:
        ensure_may_post(actor, area_code)
    Entry.objects.bulk_create(
        Entry(
            kind=EntryKind.VOID,
            area_code=entry.area_code,
            occurred_on=clock.today(),
            recorded_at=clock.now(),
            recorded_by=actor.user_id,
            source=entry.source,
            memo=required_reason(reason),
            resolves=entry,
        )
        for entry in held
    )
    if held:
        audit.record(
            actor=actor,
            action="ledger.void_reservations",
            subject="entries:bulk",
            area_code=actor.area_code,
            data={"voided": len(held)},
        )
    return len(held)


def _chunks(drafts: Iterable[EntryDraft]) -> Iterator[list[EntryDraft]]:
    """Lists, so that an iterable that asks the database does so between two COPYs."""
    remaining = iter(drafts)
    while chunk := list(islice(remaining, CHUNK_ENTRIES)):
        yield chunk


def _all_new(drafts: Collection[EntryDraft]) -> bool:
    """Whether no draft was sent before; one that arrives in this moment is refused by its id."""
    named = [draft.entry_id for draft in drafts if draft.entry_id is not None]
    return not named or not Entry.objects.filter(id__in=named).exists()


def _write_few(actor: Actor, kind: EntryKind, drafts: Collection[EntryDraft]) -> tuple[int, int]:
    """The entries written, and the fen that they move."""
    today, now = clock.today(), clock.now()
    decreases: Counter[UUID] = Counter()
    for draft in drafts:
        ensure_may_post(actor, draft.area_code)
        check_draft(draft, today=today)
        for line in draft.lines:
            decreases[line.account_id] -= line.quantity
    refuse_overdraft(lock_paying_accounts(decreases), decreases)
    entries = [
        Entry(
            id=draft.entry_id or new_id(),
            kind=kind,
            area_code=draft.area_code,
            occurred_on=draft.occurred_on,
            recorded_at=now,
            recorded_by=actor.user_id,
            source=draft.source,
            memo=draft.memo[:200],
        )
        for draft in drafts
    ]
    Entry.objects.bulk_create(entries)
    Posting.objects.bulk_create(
        Posting(
            entry=entry,
            position=position,
            account_id=line.account_id,
            quantity=line.quantity,
            area_code=entry.area_code,
        )
        for entry, draft in zip(entries, drafts, strict=True)
        for position, line in enumerate(draft.lines, 1)
    )
    moved_fen = sum(line.quantity for draft in drafts for line in draft.lines if line.quantity > 0)
    return len(entries), moved_fen


def _stage(cursor: CursorWrapper, actor: Actor, chunk: list[EntryDraft]) -> int:
    """Check and stage the drafts; returns the fen they move."""
    today = clock.today()
    for area_code in {draft.area_code for draft in chunk}:
        ensure_may_post(actor, area_code)
    moved = 0
    posting_ids = iter(new_ids(sum(len(draft.lines) for draft in chunk)))
    with cursor.copy("copy ledger_staged from stdin") as copy:
        for draft, fresh_id in zip(chunk, new_ids(len(chunk)), strict=True):
            check_draft(draft, today=today)
            head = (draft.entry_id or fresh_id, draft.area_code, draft.occurred_on, draft.source, draft.memo[:200])
            for position, line in enumerate(draft.lines, 1):
                copy.write_row((*head, next(posting_ids), position, line.account_id, line.quantity))
                moved += max(line.quantity, 0)
    return moved


def _write(cursor: CursorWrapper, actor: Actor, kind: EntryKind) -> int:
    cursor.execute(_DECREASES)
    accounts = lock_paying_accounts(dict(cursor.fetchall()))
    cursor.execute(_DIFFERENT, [kind])
    different = cursor.fetchone()
    if different is not None:
        raise EntryDiffers(_("同一编号的分录已经记账，内容不同，未再记账"), entry_id=different[0])
    cursor.execute(_FORGET_REPEATED)
    cursor.execute(_DECREASES)
    decreases = dict(cursor.fetchall())
    refuse_overdraft([account for account in accounts if account.id in decreases], decreases)
    cursor.execute(_ENTRIES, [kind, clock.now(), actor.user_id])
    count = int(cursor.rowcount)
    cursor.execute(_POSTINGS)
    return count
