"""What the database refuses in the book.

Entries that do not balance, that leave their area or that get postings by a second statement; an entry of a reservation
or a reversal that says something else than what it resolves or reverses; every edit and removal.
"""

from django.db import migrations

from shouwang.kernel.schema import append_only, scoped

# A statement trigger with a transition table: 25% on bulk inserts, where a deferred row trigger costs 80%. It demands
# that all postings of an entry come in one statement: each statement must bring position 1, which is unique. An account
# or entry that the scope hides counts as missing, and so is refused. The queries are executed as text: a kept plan
# would be the one that suited the size of the session's first insert.
BALANCED = """
create function ledger_postings_balance() returns trigger language plpgsql as $$
declare wrong uuid;
begin
    execute $query$
        select added.entry_id
          from added left join ledger_account account on account.id = added.account_id
         group by added.entry_id, account.fund_id, account.unit_id
        having sum(added.quantity) <> 0 or account.unit_id is null
         limit 1 $query$ into wrong;
    if wrong is not null then
        raise exception 'entry % does not balance', wrong using errcode = 'check_violation';
    end if;
    execute $query$
        select added.entry_id
          from added
          left join ledger_entry entry on entry.id = added.entry_id
          left join ledger_account account on account.id = added.account_id
          left join areas_area area on area.code = account.area_code
         where entry.id is null or added.area_code <> entry.area_code
            or area.code is null or not area.span @> entry.area_code
         limit 1 $query$ into wrong;
    if wrong is not null then
        raise exception 'entry % leaves its area', wrong using errcode = 'check_violation';
    end if;
    execute $query$
        select entry_id from added group by entry_id having min(position) <> 1 limit 1 $query$ into wrong;
    if wrong is not null then
        raise exception 'entry % has its postings already', wrong using errcode = 'check_violation';
    end if;
    execute $query$
        select entry.id
          from (select entry_id, account_id, sum(quantity) as quantity from added group by entry_id, account_id) said
          join ledger_entry entry on entry.id = said.entry_id and entry.kind in ('post', 'void', 'reverse')
          left join lateral (
               select sum(case entry.kind when 'post' then meant.quantity else -meant.quantity end) as quantity
                 from ledger_posting meant
                where meant.entry_id = coalesce(entry.resolves_id, entry.reverses_id)
                  and meant.account_id = said.account_id) expected on true
         where entry.kind = 'void' or said.quantity is distinct from expected.quantity
         limit 1 $query$ into wrong;
    if wrong is not null then
        raise exception 'entry % differs from the entry it resolves or reverses', wrong using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger ledger_posting_balance after insert on ledger_posting
    referencing new table as added for each statement execute function ledger_postings_balance();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards"), ("areas", "0001_initial"), ("ledger", "0001_initial")]
    operations = [
        scoped("ledger_account"),
        scoped("ledger_entry"),
        scoped("ledger_posting"),
        append_only("ledger_fund"),
        append_only("ledger_account"),
        append_only("ledger_entry"),
        append_only("ledger_posting"),
        migrations.RunSQL(
            BALANCED,
            "drop trigger ledger_posting_balance on ledger_posting; drop function ledger_postings_balance();",
        ),
        migrations.RunSQL(
            "insert into ledger_unit (code, label) values ('CNY', '人民币（分）')",
            "delete from ledger_unit where code = 'CNY'",
        ),
    ]
