"""What the database refuses in this app's tables."""

from django.db import migrations

from shouwang.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards"), ("accounts", "0001_initial")]
    operations = [
        append_only("accounts_post", but=("until_on",)),
    ]
