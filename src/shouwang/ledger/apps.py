from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "shouwang.ledger"
    label = "ledger"

    def ready(self) -> None:
        from . import sources

        sources.register_own()
