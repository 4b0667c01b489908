"""What the database refuses in the tables of the command of events."""

from django.db import migrations

from shouwang.kernel.schema import append_only, reaching, scoped_for_command


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards"), ("response", "0003_command")]
    operations = [
        reaching("response_event", "spans"),
        append_only("response_event", but=("state", "level", "ended_at", "version")),
        reaching("response_eventmove", "spans"),
        append_only("response_eventmove"),
        scoped_for_command("response_group"),
        append_only("response_group", but=("until_on", "end_reason")),
        scoped_for_command("response_groupmember"),
        append_only("response_groupmember", but=("until_on", "end_reason")),
        scoped_for_command("response_groupline"),
        append_only("response_groupline", but=("until_on",)),
        reaching("response_task", "reach"),
        append_only("response_task"),
        scoped_for_command("response_assignment"),
        append_only("response_assignment", but=("state", "quantity", "received_at", "done_at", "version")),
        scoped_for_command("response_assignmentmove"),
        append_only("response_assignmentmove"),
        scoped_for_command("response_assignmentfile"),
        append_only("response_assignmentfile"),
    ]
