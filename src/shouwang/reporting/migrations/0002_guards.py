"""What the database refuses in this app's tables."""

from django.db import migrations

from shouwang.kernel.schema import append_only, scoped


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards"), ("reporting", "0001_initial")]
    operations = [
        scoped("reporting_bulletin"),
        scoped("reporting_figuresnapshot"),
        scoped("reporting_unitsnapshot"),
        append_only("reporting_bulletin"),
        append_only("reporting_figuresnapshot"),
        append_only("reporting_unitsnapshot"),
    ]
