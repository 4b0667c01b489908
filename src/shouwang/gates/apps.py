from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "shouwang.gates"
    label = "gates"

    def ready(self) -> None:
        from . import figures, handlers_residents, measures, rehearsals

        figures.register()
        measures.register(rehearsals.BY_KIND)
        handlers_residents.register()
