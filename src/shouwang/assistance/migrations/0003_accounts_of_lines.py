"""The accounts that a list pays, whoever keeps the payee's record by now.

An account goes with its owner into another county's custody; the list stays where it was made, and its file is made of
these rows, when it leaves and whenever it is asked for again. Lines in scope only, and of a person no other account: of
some of them nobody could tell which one holds today.
"""

from django.db import migrations

_SCOPE = "(select nullif(current_setting('app.areas', true), '')::int8multirange)"

_ACCOUNTS_OF_LINES = f"""
create function assistance_accounts_of_lines(batch uuid)
returns table (line_number int, holder_name text, account bytea, bank_name text, amount_fen bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select line.line_number, paid_on.holder_name, paid_on.account, paid_on.bank_name, line.amount_fen
      from assistance_paymentattempt line join registry_bankaccount paid_on on paid_on.id = line.account_id
     where line.batch_id = batch and line.area_code <@ {_SCOPE}
     order by line.line_number
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_guards"), ("assistance", "0002_guards")]
    operations = [migrations.RunSQL(_ACCOUNTS_OF_LINES, "drop function assistance_accounts_of_lines(uuid)")]
