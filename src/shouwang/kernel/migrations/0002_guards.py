"""What the database refuses in the kernel's tables."""

from django.db import migrations

from shouwang.kernel.schema import append_only, append_only_function, open_to_append, scoped

# How many transactions of others in this database are open for longer than so long. Virtual transaction locks are there
# for every transaction, also before it writes, and everyone may see them; since when it is open only its own user may see,
# so the function runs as the owner, as whom the pages sign in. One whose start is hidden counts: it may be that old.
# A backend without a user is the server's own.
OLD_TRANSACTIONS = """
create function shouwang_transactions_older_than(age interval) returns bigint
language sql security definer set search_path = pg_catalog as $$
    select count(*) from pg_locks held join pg_stat_activity backend on backend.pid = held.pid
     where held.locktype = 'virtualxid' and held.mode = 'ExclusiveLock' and held.pid <> pg_backend_pid()
       and backend.datname = current_database() and backend.usesysid is not null
       and coalesce(backend.xact_start < clock_timestamp() - age, true)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [
        append_only_function(),
        migrations.RunSQL(OLD_TRANSACTIONS, "drop function shouwang_transactions_older_than(interval);"),
        append_only("kernel_deployment", but=("clock_offset",)),
        append_only("kernel_auditblock"),
        append_only("kernel_auditentry", but=("block_number",)),
        append_only("kernel_eventrecord"),
        scoped("kernel_auditentry"),
        open_to_append("kernel_auditentry"),
        scoped("kernel_eventrecord"),
        open_to_append("kernel_eventrecord"),
        scoped("kernel_searchterm"),
    ]
