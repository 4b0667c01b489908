"""What the database refuses in this app's tables."""

from django.db import migrations

from shouwang.kernel.schema import append_only, scoped

# What was signed, or dropped, is not rewritten: neither the order nor an item of it.
_SIGNED_STAYS = """
create function response_signed_stays() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'response_order' then
        if old.state <> 'draft' then
            raise exception 'an order that was signed stays' using errcode = 'restrict_violation';
        end if;
    elsif exists (select from response_order o where o.id = old.order_id and o.state <> 'draft') then
        raise exception 'the measures of an order that was signed stay' using errcode = 'restrict_violation';
    end if;
    return coalesce(new, old);
end $$;
create trigger response_order_stays before update or delete on response_order
    for each row execute function response_signed_stays();
create trigger response_orderitem_stays before update or delete on response_orderitem
    for each row execute function response_signed_stays();
"""
_SIGNED_STAYS_NOT = """
drop trigger response_order_stays on response_order;
drop trigger response_orderitem_stays on response_orderitem;
drop function response_signed_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards"), ("response", "0001_initial")]
    operations = [
        append_only("response_document"),
        append_only("response_documentfile"),
        append_only("response_measure"),
        append_only("response_measureend"),
        append_only(
            "response_sitereceipt",
            but=("received_at", "received_by", "confirmed_at", "confirmed_by", "is_by_proxy", "note"),
        ),
        append_only("response_documentreceipt", but=("received_at", "received_by")),
        scoped("response_documentreceipt"),
        scoped("response_order"),
        scoped("response_orderitem"),
        scoped("response_sitereceipt"),
        migrations.RunSQL(_SIGNED_STAYS, _SIGNED_STAYS_NOT),
    ]
