"""The table of scans, and what the database refuses in this app's tables."""

from django.db import migrations

from shouwang.kernel.schema import append_only, never_deleted, scoped

# One row a scan, for years: no id of its own, no foreign keys (they cost 2.7 times the insert in a trial), columns in
# the order that leaves no padding. (pass, time) answers where a pass was seen; BRIN the span of a time.
_OBSERVATION = """
create table gates_observation (
    device_id integer not null,
    seq integer not null check (seq > 0),
    scanned_at timestamptz not null,
    received_at timestamptz not null,
    area_code bigint not null,
    pass_id bigint check (pass_id > 0),
    device_day date not null,
    manifest_at integer not null,
    annuls integer check (annuls < seq),
    direction smallint not null check (direction in (1, 2)),
    verdict smallint not null check (verdict between 1 and 4),
    reason smallint not null,
    how smallint not null check (how between 1 and 7),
    checks smallint not null check (checks between 0 and 31),
    temperature_tenths smallint check (temperature_tenths between 300 and 450),
    party smallint not null check (party between 1 and 50),
    primary key (device_id, seq, device_day)
) partition by range (device_day);
create table gates_observation_far partition of gates_observation default;
create index gates_observation_pass on gates_observation (pass_id, scanned_at) where pass_id is not null;
create index gates_observation_time on gates_observation using brin (scanned_at);
"""

_SCOPED = (
    "gate", "gatestatus", "devicereport", "registration", "resident", "healthdeclaration", "pass", "passdenial",
    "denialproposal", "observation", "visitorentry", "ingestalarm",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards"), ("gates", "0001_initial")]
    operations = [
        migrations.RunSQL(_OBSERVATION, "drop table gates_observation"),
        *(scoped(f"gates_{table}") for table in _SCOPED),
        append_only("gates_gatestatus"),
        append_only("gates_healthdeclaration"),
        append_only("gates_passdenial"),
        append_only("gates_observation"),
        append_only("gates_visitorentry"),
        never_deleted("gates_device"),
    ]
