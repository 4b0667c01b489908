from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class KernelConfig(AppConfig):
    name = "shouwang.kernel"
    label = "kernel"

    def ready(self) -> None:
        connection_created.connect(_forget_deployment, dispatch_uid="kernel.forget_deployment")
        post_migrate.connect(_seed_working_days, sender=self, dispatch_uid="kernel.seed_working_days")


def _forget_deployment(**_kwargs: Any) -> None:
    from . import deployment

    deployment.forget()


def _seed_working_days(using: str, **_kwargs: Any) -> None:
    """Each `shouwang migrate` adds the days of the years that the installed chinesecalendar has come to know."""
    from . import workdays

    workdays.seed_missing(using=using)
