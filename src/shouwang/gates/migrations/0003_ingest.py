"""Taking scans in: the one function that writes them, their days as partitions, and what a day leaves when it is dropped.

`shouwang_gate` may call these functions and touch no table; `shouwang_app` may read scans under the policy, and write
them by the same function only. A partition is not behind its parent's policy, so nobody but the owner may touch one.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import shouwang.kernel.fields
import shouwang.kernel.ids
from shouwang.kernel.schema import scoped

_COLUMNS = (
    "device_id, seq, scanned_at, received_at, area_code, pass_id, device_day, manifest_at, annuls, direction, verdict,"
    " reason, how, checks, temperature_tenths, party"
)
_ITEM = (
    "seq integer, day date, at_ms bigint, pass bigint, dir smallint, verdict smallint, reason smallint, how smallint,"
    " checks smallint, temp smallint, party smallint, annuls integer, manifest_at integer"
)
_NAMES = "seq, day, at_ms, pass, dir, verdict, reason, how, checks, temp, party, annuls, manifest_at"
_REMEMBERED = 16
"""Batches of a phone that are known again by their digest."""
_INSERT = f"""
        insert into gates_observation ({_COLUMNS})
        select i.device, i.seq, to_timestamp(i.at_ms / 1000.0::float8), taken_at, m.area, i.pass, i.day, i.manifest_at,
               i.annuls, i.dir, i.verdict, i.reason, i.how, i.checks, i.temp, i.party"""

# A phone's report row is locked first, in the order of the devices: whether a number was received before is asked of
# `received` under that lock, so no two syncs of one phone can both believe that they are the first. The unique key of
# the table stands behind it. A batch that came before is known by its digest, without a look at its scans.
_TAKE = f"""
create function gates_take(members json, items json, device_of integer[], taken_at timestamptz, visitors json,
                           by_judgement boolean)
returns table (device integer, is_repeated boolean, through integer, missing text, answers smallint[])
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    found_members integer;
    is_revoked boolean;
    repeated integer[];
    mixed integer[];
    known smallint[];
begin
    select count(*), bool_or(locked.is_revoked), array_agg(locked.device_id) filter (where locked.is_repeated),
           array_agg(locked.device_id) filter (where locked.is_met and not locked.is_repeated)
      into found_members, is_revoked, repeated, mixed
      from (select r.device_id, d.revoked_at is not null as is_revoked, r.received && m.seqs as is_met,
                   coalesce(decode(m.digest, 'hex') = any(r.recent_batches), false) as is_repeated
              from json_to_recordset(members) as m(device integer, seqs int8multirange, digest text)
              join gates_devicereport r on r.device_id = m.device
              join gates_device d on d.id = r.device_id
             order by r.device_id for update of r) locked;
    if found_members <> json_array_length(members) then
        raise exception 'a device has no report row' using errcode = 'internal_error';
    end if;
    if is_revoked and not by_judgement then
        raise exception 'a phone was revoked' using errcode = 'triggered_action_exception';
    end if;
    if mixed is not null then
        known := gates_known(items, device_of);
    end if;
    if known is not null then
        {_INSERT}
          from rows from (json_to_recordset(items) as ({_ITEM}), unnest(device_of), unnest(known))
               as i({_NAMES}, device, known)
          join json_to_recordset(members) as m(device integer, area bigint) on m.device = i.device
         where i.known = 0;
    elsif repeated is null then
        {_INSERT}
          from rows from (json_to_recordset(items) as ({_ITEM}), unnest(device_of)) as i({_NAMES}, device)
          join json_to_recordset(members) as m(device integer, area bigint) on m.device = i.device;
    elsif cardinality(repeated) < found_members then
        {_INSERT}
          from rows from (json_to_recordset(items) as ({_ITEM}), unnest(device_of)) as i({_NAMES}, device)
          join json_to_recordset(members) as m(device integer, area bigint) on m.device = i.device
         where i.device <> all(repeated);
    end if;
    if visitors is not null then
        insert into gates_visitorentry (id, device_id, seq, device_day, area_code, entry, recorded_at)
        select v.id, v.device, v.seq, v.day, v.area, decode(v.entry, 'hex'), taken_at
          from json_to_recordset(visitors) as v(id uuid, device integer, seq integer, day date, area bigint, entry text,
               place integer)
         where known is null or known[v.place] < 2
            on conflict do nothing;
    end if;
    return query
    update gates_devicereport r
       set received = r.received + m.seqs, seen_at = taken_at, clock_offset_ms = m.clock_offset, waiting = m.waiting,
           quarantined = m.quarantined, manifest_compiled_at = to_timestamp(m.manifest_at),
           is_storage_persisted = m.persisted, app_version = m.app,
           last_seq = coalesce(upper(r.received + m.seqs) - 1, 0),
           recent_batches = case when m.digest is null or r.device_id = any(repeated) or r.device_id = any(mixed)
                                 then r.recent_batches
                                 else array_append(r.recent_batches[2 - {_REMEMBERED} + cardinality(r.recent_batches) :],
                                                   decode(m.digest, 'hex')) end
      from json_to_recordset(members) as m(device integer, seqs int8multirange, digest text, clock_offset bigint,
           waiting integer, quarantined integer, manifest_at bigint, persisted boolean, app text)
     where r.device_id = m.device
    returning r.device_id, coalesce(r.device_id = any(repeated), false), r.last_seq,
              (int8multirange(int8range(1, coalesce(upper(r.received), 1))) - r.received)::text, known;
end $$;
"""

# 0: not received yet; 1: received with this very content, or of a day that was dropped since; 2: received with another.
_KNOWN = f"""
create function gates_known(items json, device_of integer[]) returns smallint[]
language plpgsql stable security definer set search_path = public, pg_temp
    -- A look-up by key a row, in one partition: good for one row as for a thousand.
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off as $$
begin
    return array_agg(case when not r.received @> i.seq::bigint then 0
                          when (o.scanned_at, o.pass_id, o.direction, o.verdict, o.reason, o.how, o.checks,
                                o.temperature_tenths, o.party, o.annuls, o.manifest_at)
                               is not distinct from
                               (to_timestamp(i.at_ms / 1000.0::float8), i.pass, i.dir, i.verdict, i.reason, i.how,
                                i.checks, i.temp, i.party, i.annuls, i.manifest_at) then 1
                          when o.device_id is null and not exists (
                               select from gates_observation p where p.device_id = i.device and p.seq = i.seq) then 1
                          else 2 end::smallint order by i.place)
      from rows from (json_to_recordset(items) as ({_ITEM}), unnest(device_of)) with ordinality
           as i({_NAMES}, device, place)
      join gates_devicereport r on r.device_id = i.device
      left join gates_observation o on o.device_id = i.device and o.seq = i.seq and o.device_day = i.day;
end $$;
"""

# A row that waited in the default partition for its day moves into it. The new partition is nobody's but the owner's.
_MAKE_DAY = f"""
create function gates_make_day(wanted date) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    partition text := 'gates_observation_' || to_char(wanted, 'YYYYMMDD');
begin
    if to_regclass(partition) is not null then
        return false;
    end if;
    perform pg_advisory_xact_lock({0x5357_4441});
    if to_regclass(partition) is not null then
        return false;
    end if;
    if exists (select from gates_observation_far where device_day = wanted) then
        lock table gates_observation in access exclusive mode;
        alter table gates_observation detach partition gates_observation_far;
        execute format('create table %I partition of gates_observation for values from (%L) to (%L)',
                       partition, wanted, wanted + 1);
        insert into gates_observation ({_COLUMNS})
        select {_COLUMNS} from gates_observation_far where device_day = wanted;
        alter table gates_observation_far disable trigger user;
        delete from gates_observation_far where device_day = wanted;
        alter table gates_observation_far enable trigger user;
        alter table gates_observation attach partition gates_observation_far default;
    else
        execute format('create table %I partition of gates_observation for values from (%L) to (%L)',
                       partition, wanted, wanted + 1);
    end if;
    execute format('revoke all on %I from shouwang_app', partition);
    execute format('alter table %I enable row level security', partition);
    return true;
end $$;
"""

# Returns the days that were dropped. The last 14 days cannot be, whatever the caller believes today is. A scan in the
# default partition has no day to be believed: the day it came in counts.
_DROP_DAYS = """
create function gates_count_passages(wanted daterange, came_before timestamptz) returns void
language sql security definer set search_path = public, pg_temp as $$
    insert into gates_passagecount (gate_id, "on", hour, direction, verdict, passages, persons, area_code)
    select d.gate_id, o.device_day, extract(hour from o.scanned_at at time zone 'Asia/Shanghai'), o.direction,
           o.verdict, count(*), sum(o.party), min(o.area_code)
      from gates_observation o join gates_device d on d.id = o.device_id
     where o.device_day <@ wanted and (came_before is null or o.received_at < came_before) and o.annuls is null
       and not exists (select from gates_observation a where a.device_id = o.device_id and a.annuls = o.seq
                                                         and a.device_day between o.device_day and o.device_day + 1)
     group by 1, 2, 3, 4, 5
        on conflict do nothing
$$;
create function gates_drop_days(before date) returns setof date
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    kept constant date := (select max(to_date(right(c.relname, 8), 'YYYYMMDD')) from pg_inherits h
                             join pg_class c on c.oid = h.inhrelid
                            where h.inhparent = 'gates_observation'::regclass and c.relname ~ '_[0-9]{8}$') - 14;
    until constant timestamptz := least(before, kept)::timestamp at time zone 'Asia/Shanghai';
    partition record;
    far_day date;
begin
    for partition in
        select c.relname::text as name, to_date(right(c.relname, 8), 'YYYYMMDD') as day from pg_inherits h
          join pg_class c on c.oid = h.inhrelid
         where h.inhparent = 'gates_observation'::regclass and c.relname ~ '_[0-9]{8}$'
           and to_date(right(c.relname, 8), 'YYYYMMDD') < least(before, kept)
         order by c.relname
    loop
        perform gates_count_passages(daterange(partition.day, partition.day + 1), null);
        delete from gates_visitorentry where device_day = partition.day;
        execute format('drop table %I', partition.name);
        return next partition.day;
    end loop;
    if exists (select from gates_observation_far where received_at < until) then
        for far_day in select distinct device_day from gates_observation_far where received_at < until order by 1 loop
            perform gates_count_passages(daterange(far_day, far_day + 1), until);
            return next far_day;
        end loop;
        delete from gates_visitorentry v using gates_observation_far o
         where o.received_at < until and (v.device_id, v.seq) = (o.device_id, o.seq);
        alter table gates_observation_far disable trigger user;
        delete from gates_observation_far where received_at < until;
        alter table gates_observation_far enable trigger user;
    end if;
end $$;
"""

# No more than one alarm of a kind for a phone and a number; raised again it is the one that is there.
_RAISE_ALARMS = """
create function gates_raise_alarms(alarms json) returns void
language sql security definer set search_path = public, pg_temp as $$
    insert into gates_ingestalarm (id, device_id, kind, seq, details, area_code, recorded_at, settled_note)
    select a.id, a.device, a.kind, a.seq, a.details, a.area, a.at, ''
      from json_to_recordset(alarms) as a(id uuid, device integer, kind text, seq integer, details jsonb, area bigint,
           at timestamptz)
        on conflict do nothing
$$;
"""

_CALLED_BY = {
    "gates_take(json, json, integer[], timestamptz, json, boolean)": "shouwang_gate, shouwang_app",
    "gates_known(json, integer[])": None,
    "gates_make_day(date)": "shouwang_gate, shouwang_app",
    "gates_drop_days(date)": "shouwang_app",
    "gates_count_passages(daterange, timestamptz)": None,
    "gates_raise_alarms(json)": "shouwang_gate, shouwang_app",
    "gates_phone(integer)": "shouwang_gate",
}
_RIGHTS = "".join(
    f"revoke all on function {name} from public;" + (f"grant execute on function {name} to {who};" if who else "")
    for name, who in _CALLED_BY.items()
)

# What a key is checked against, for a role that reads no table.
_PHONE = """
create function gates_phone(wanted integer)
returns table (token_digest bytea, profile text, gate_id integer, area_code bigint, is_revoked boolean, is_wiped boolean)
language sql stable security definer set search_path = public, pg_temp as $$
    select d.token_digest, d.profile, d.gate_id, d.area_code, d.revoked_at is not null, d.wipe_asked_at is not null
      from gates_device d where d.id = wanted
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("gates", "0002_guards")]
    operations = [
        migrations.AddField(
            model_name="devicereport",
            name="received",
            field=shouwang.kernel.fields.SpansField(default=()),
        ),
        migrations.AddField(
            model_name="devicereport",
            name="recent_batches",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BinaryField(max_length=16), default=list, size=None
            ),
        ),
        migrations.CreateModel(
            name="HeldBatch",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                ("digest", models.BinaryField(max_length=16)),
                ("item_count", models.PositiveIntegerField()),
                ("body", shouwang.kernel.fields.EncryptedTextField()),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                ("received_at", models.DateTimeField()),
                ("judged_at", models.DateTimeField(null=True)),
                ("judged_by", models.UUIDField(null=True)),
                ("is_taken", models.BooleanField(null=True)),
                ("judged_note", models.CharField(blank=True, max_length=200)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="held_batches", to="gates.device"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("device", "digest"), name="held_batch_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_taken", None), ("judged_at", None)),
                            models.Q(("is_taken__isnull", False), ("judged_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="held_batch_judged",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PassageCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("on", models.DateField()),
                ("hour", models.PositiveSmallIntegerField()),
                ("direction", models.PositiveSmallIntegerField(choices=[(1, "进"), (2, "出")])),
                (
                    "verdict",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "放行"), (2, "登记后放行"), (3, "劝返"), (4, "转送发热门诊")]
                    ),
                ),
                ("passages", models.PositiveIntegerField()),
                ("persons", models.PositiveIntegerField()),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                ("gate", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="gates.gate")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("gate", "on", "hour", "direction", "verdict"), name="passage_count_once"
                    )
                ],
            },
        ),
        migrations.RunSQL("alter table gates_devicereport set (fillfactor = 50)", migrations.RunSQL.noop),
        migrations.RunSQL(_KNOWN, "drop function gates_known"),
        migrations.RunSQL(_TAKE, "drop function gates_take"),
        migrations.RunSQL(_MAKE_DAY, "drop function gates_make_day"),
        migrations.RunSQL(_DROP_DAYS, "drop function gates_drop_days; drop function gates_count_passages"),
        migrations.RunSQL(_RAISE_ALARMS, "drop function gates_raise_alarms"),
        migrations.RunSQL(_PHONE, "drop function gates_phone"),
        migrations.RunSQL(_RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(
            "revoke insert, update, delete on gates_observation from shouwang_app;"
            "revoke all on gates_observation_far from shouwang_app;"
            "alter table gates_observation_far enable row level security;"
            "revoke insert, update, delete on gates_visitorentry from shouwang_app;"
            # Its end comes with the day's; until then no role may change it.
            "drop trigger gates_visitorentry_append_only on gates_visitorentry;"
            "create trigger gates_visitorentry_append_only before update on gates_visitorentry"
            " for each row execute function shouwang_append_only();",
            migrations.RunSQL.noop,
        ),
        scoped("gates_heldbatch"),
        scoped("gates_passagecount"),
    ]
