from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "shouwang.gates"
    label = "gates"

    def ready(self) -> None:
        from . import handlers_residents, measures

        measures.register()
        handlers_residents.register()
