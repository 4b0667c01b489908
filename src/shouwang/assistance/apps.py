from django.apps import AppConfig


class AssistanceConfig(AppConfig):
    name = "shouwang.assistance"
    label = "assistance"

    def ready(self) -> None:
        from . import (
            figures,
            fund_programmes,
            handlers,
            ledger_checks,
            ledger_sources,
            ledger_sources_relief,
            measures,
            panels_payments,
            panels_relief,
            rehearsals,
        )

        figures.register()
        measures.register(rehearsals.BY_KIND)
        ledger_checks.register()
        ledger_sources.register()
        fund_programmes.register()
        ledger_sources_relief.register()
        handlers.register()
        panels_payments.register()
        panels_relief.register()
