"""What the database refuses in this app's tables."""

from django.db import migrations

from shouwang.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards"), ("response", "0001_initial")]
    operations = [
        append_only("response_document"),
        append_only("response_documentfile"),
        append_only("response_measure"),
        append_only("response_measureend"),
    ]
