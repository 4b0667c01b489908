from __future__ import annotations

import os
import sys

import django


def start() -> int:
    """Sets Django up first: models can be imported only then."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.config.settings")
    django.setup()
    from .running import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(start())
