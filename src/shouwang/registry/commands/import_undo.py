"""Taking an import back while nothing rests on it.

Guarantees: nothing is deleted; for every dated row that the import wrote, one is appended that says on that day what was
so before it, or that nothing was; an earlier as-of still shows the import; a household that only the
import speaks of is in no list any more. Refuses, in words: an import that is not the
latest of its township, later facts about the same records, and anything of other apps that names them. What has no date
(a corrected phone number or name) stays; so do the records themselves, and what another county has taken over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import ForeignObjectRel, Q
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import encrypt
from shouwang.kernel.errors import Invalid, StateConflict
from shouwang.kernel.ids import new_ids

from ..models import BankAccount, Household, ImportBatch, Person
from ..policies import require_importer
from ..queries.as_of import person_parts
from ..queries.imports import get_import_for
from ..states import ImportFileRole, ImportState
from .import_files import drop_file
from .import_progress import take_turn
from .import_run import source_of
from .staging import NULL, Staging, binary, text

_TOWNSHIP: Final = 1_000_000
_CHUNK: Final = 5_000
_TICK: Final = timedelta(microseconds=1)
_OF_PERSON: Final = ("membership", "personfact", "bankaccount")


@transaction.atomic
def undo_import(*, actor: Actor, batch_id: UUID, reason: str) -> ImportBatch:
    """Raises StateConflict, saying what rests on the import."""
    batch = get_import_for(actor, batch_id)
    require_importer(actor, batch.area_code)
    if not reason.strip():
        raise Invalid(_("请写明撤销的理由"), reason="import.reason_missing")
    if not take_turn(batch):
        raise StateConflict(_("这份表格正在处理，请稍候刷新"), reason="import.busy")
    batch = ImportBatch.objects.select_for_update().get(actor.scope.q(), id=batch.id)
    if batch.state != ImportState.LOADED:
        raise StateConflict(_("只有已导入的表格可以撤销"), reason="import.state")
    source = source_of(batch)
    _refuse_if_not_latest(actor, batch)
    _gather(source)
    _refuse_later_facts(source)
    _refuse_dependants(batch)
    written = _append_ends(actor, source)
    withdrawn = _withdraw_households(source)
    batch.state = ImportState.UNDONE
    batch.report |= {"undone_reason": reason.strip(), "undone_by": actor.name, "undone_at": clock.now().isoformat()}
    batch.save(update_fields=["state", "report"])
    for role in ImportFileRole:
        drop_file(batch, role)
    data = {"reason": reason.strip(), "rows_ended": written, "households_withdrawn": withdrawn}
    audit.record(actor=actor, action="import.undo", subject=f"import:{batch.id}", area_code=batch.area_code, data=data)
    return batch


def _refuse_if_not_latest(actor: Actor, batch: ImportBatch) -> None:
    low = batch.area_code // _TOWNSHIP * _TOWNSHIP
    later = ImportBatch.objects.filter(
        actor.scope.q(),
        area_code__gte=low,
        area_code__lt=low + _TOWNSHIP,
        state=ImportState.LOADED,
        finished_at__gt=batch.finished_at,
    ).exclude(id=batch.id)
    newest = later.order_by("-finished_at").first()
    if newest is not None:
        message = _("之后又导入了“%(name)s”，请先撤销那一次") % {"name": newest.file_name}
        raise StateConflict(message, reason="import.not_latest", batch_id=newest.id)


def _gather(source: str) -> None:
    """Temporary tables of what the import wrote about: `undo_subject` (id, is_person), and for each person the records
    merged with them, `undo_part`."""
    persons = " union ".join(f"select person_id as id from registry_{table} where source = %s" for table in _OF_PERSON)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""create temporary table undo_subject on commit drop as
                select id, true as is_person from ({persons}) p
                union all select distinct household_id, false from registry_householdfact where source = %s
                union all select distinct household_id, false from registry_membership
                           where source = %s and household_id is not null
                             and household_id not in (select household_id from registry_householdfact where source = %s)""",
            [*[source] * len(_OF_PERSON), source, source, source],
        )
        cursor.execute("select id from undo_subject where is_person")
        parts, values = person_parts([row[0] for row in cursor.fetchall()], None)
        cursor.execute(
            f"create temporary table undo_part on commit drop as select asked_id, person_id from ({parts}) part", values
        )
        cursor.execute("create index on undo_part (asked_id)")
        cursor.execute("create index on undo_subject (id)")
        cursor.execute("analyze undo_part, undo_subject")


def _refuse_later_facts(source: str) -> None:
    """Facts, accounts, merges and transfers recorded after the import about what it wrote about."""
    mine = " union all ".join(
        f"select min(recorded_at) as at from registry_{table} where source = %s"
        for table in (*_OF_PERSON, "householdfact")
    )
    later = {
        "membership": "t.person_id",
        "personfact": "t.person_id",
        "bankaccount": "t.person_id",
        "householdfact": "t.household_id",
    }
    with connection.cursor() as cursor:
        cursor.execute(f"select min(at) from ({mine}) first", [source] * 4)
        since = cursor.fetchone()[0]
        for table, column in later.items():
            cursor.execute(
                f"""select count(*) from registry_{table} t join undo_subject s on s.id = {column}
                     where t.source <> %s and t.recorded_at > %s""",
                [source, since],
            )
            _refuse_count(cursor.fetchone()[0], _("导入之后，其中的人员或家庭又登记了 %(count)s 项变更，不能撤销"))
        cursor.execute(
            """select count(*) from registry_personmerge t
                where t.recorded_at > %s
                  and (t.duplicate_id in (select id from undo_subject) or t.survivor_id in (select id from undo_subject))""",
            [since],
        )
        _refuse_count(cursor.fetchone()[0], _("导入之后，其中的人员有 %(count)s 次合并，不能撤销"))


def _refuse_dependants(batch: ImportBatch) -> None:
    """Rows of other apps that name a person, a household or an account of the import. Asked of the models themselves, so
    that no app can be forgotten. About records older than the import, only what came after it counts."""
    with connection.cursor() as cursor:
        cursor.execute("select id, is_person from undo_subject")
        subjects = cursor.fetchall()
    persons = [subject for subject, is_person in subjects if is_person]
    households = [subject for subject, is_person in subjects if not is_person]
    accounts = list(BankAccount.objects.filter(source=source_of(batch)).values_list("id", flat=True))
    for model, ids in ((Person, persons), (Household, households), (BankAccount, accounts)):
        for relation in model._meta.related_objects:
            if relation.related_model._meta.app_label != "registry":
                count = sum(_count_related(relation, chunk, batch) for chunk in _chunks(ids))
                _refuse_count(count, _("导入之后，已为其中的人员或家庭办理了 %(count)s 项申请、待遇或发放，不能撤销"))


def _count_related(relation: ForeignObjectRel, ids: Sequence[UUID], batch: ImportBatch) -> int:
    name = relation.field.name
    condition = Q(**{f"{name}__in": ids})
    assert batch.finished_at is not None
    if relation.model is not BankAccount:
        is_new = Q(**{f"{name}__recorded_at__gte": batch.recorded_at})
        columns = {field.name for field in relation.related_model._meta.get_fields()}
        came_after = Q(recorded_at__gt=batch.finished_at) if "recorded_at" in columns else Q()
        condition &= (is_new | came_after) if came_after else Q()
    return int(relation.related_model._default_manager.filter(condition).count())


def _refuse_count(count: int, message: str) -> None:
    if count:
        raise StateConflict(message % {"count": f"{count:,}"}, reason="import.rested_on", count=count)


def _append_ends(actor: Actor, source: str) -> int:
    """For each row of the import, the value before it; returns how many rows were appended."""
    ids = _endless_ids()
    by = str(actor.user_id) if actor.user_id else NULL
    now = clock.now()
    ended = text(f"{source}:undo")

    def tail(valid_from: object, recorded_at: Any, area_code: int) -> str:
        return f"{valid_from}\t{max(now, recorded_at + _TICK)}\t{by}\t{ended}\t{area_code}"

    with Staging() as staging:
        for table, reader in (
            ("membership", _membership_line),
            ("personfact", _fact_line),
            ("householdfact", _fact_line),
            ("bankaccount", _account_line),
        ):
            columns, key = _COLUMNS[table]
            for rows in _prior_values(table, columns, key, source):
                lines = staging.lines[f"registry_{table}"]
                lines += [f"{next(ids)}\t{reader(row)}\t{tail(row[2], row[3], row[4])}" for row in rows]
                staging.flush()
    return staging.row_count


_COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "membership": ("household_id, relation", "person_id"),
    "personfact": ("amount, code", "kind"),
    "householdfact": ("amount, code", "kind"),
    "bankaccount": ("bank_name, holder_name, account, account_index, account_tail, agreement", "person_id"),
}
"""The columns that say the value, and the column that tells one fact of a subject from another."""


def _prior_values(table: str, columns: str, key: str, source: str) -> Iterator[list[tuple[Any, ...]]]:
    """(subject, key, valid_from, recorded_at, area_code, value before...) of each fact the import wrote."""
    subject = "household_id" if table == "householdfact" else "person_id"
    own = "select s.id as asked_id, s.id as part_id from undo_subject s where not s.is_person"
    parts = own if table == "householdfact" else "select asked_id, person_id as part_id from undo_part"
    same_fact = "o.kind = mine.kind and" if key == "kind" else ""
    value = ", ".join(f"prior.{column.strip()}" for column in columns.split(","))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""with mine as (
                    select distinct on (t.{subject}, t.{key}, t.valid_from) t.* from registry_{table} t
                     where t.source = %s order by t.{subject}, t.{key}, t.valid_from, t.recorded_at desc)
                select mine.{subject}, mine.{key}, mine.valid_from, mine.recorded_at,
                       mine.area_code, {value}
                  from mine left join lateral (
                    select {columns} from ({parts}) part join registry_{table} o on o.{subject} = part.part_id
                     where part.asked_id = mine.{subject} and {same_fact} o.valid_from <= mine.valid_from
                       and o.source <> %s
                     order by o.valid_from desc, o.recorded_at desc limit 1) prior on true""",
            [source, source],
        )
        while rows := cursor.fetchmany(_CHUNK):
            yield rows


def _membership_line(row: tuple[Any, ...]) -> str:
    person_id, _key, _on, _at, _area, household_id, relation = row
    return f"{person_id.hex}\t{household_id.hex if household_id else NULL}\t{relation or ''}"


def _fact_line(row: tuple[Any, ...]) -> str:
    subject_id, kind, _on, _at, _area, amount, code = row
    return f"{subject_id.hex}\t{kind}\t{NULL if amount is None else amount}\t{NULL if code is None else text(code)}"


def _account_line(row: tuple[Any, ...]) -> str:
    """An account ends as an empty one: `queries.as_of.account_as_of` leaves it out."""
    person_id, _key, _on, _at, _area, bank, holder, account, index, account_tail, agreement = row
    if account is None:
        bank = holder = account_tail = agreement = ""
        account, index = encrypt("", purpose="registry_bankaccount.account"), b""
    said = f"{text(bank)}\t{text(holder)}\t{binary(bytes(account))}\t{binary(bytes(index))}\t{account_tail}\t{text(agreement)}"
    return f"{person_id.hex}\t{said}"


def _withdraw_households(source: str) -> int:
    """Take the households that only the import speaks of out of the lists; returns how many."""
    own = [source, f"{source}:undo"]
    with connection.cursor() as cursor:
        cursor.execute(
            """update registry_household h set withdrawn_at = %s, version = version + 1
                 from undo_subject s
                where s.id = h.id and not s.is_person and h.withdrawn_at is null
                  and not exists (select 1 from registry_householdfact f
                                   where f.household_id = h.id and f.source <> all(%s))
                  and not exists (select 1 from registry_membership m
                                   where m.household_id = h.id and m.source <> all(%s))""",
            [clock.now(), own, own],
        )
        return cursor.rowcount


def _chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _endless_ids() -> Iterator[str]:
    while True:
        yield from new_ids(_CHUNK)
