from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "shouwang.gates"
    label = "gates"

    def ready(self) -> None:
        from . import figures, measures

        figures.register()
        measures.register()
