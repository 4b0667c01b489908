from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "shouwang.gates"
    label = "gates"

    def ready(self) -> None:
        from . import figures, handlers_residents, measures

        figures.register()
        measures.register()
        handlers_residents.register()
