"""Every display and component tag in one library, a builtin of our templates: pages need no {% load %}."""

from __future__ import annotations

from django import template

from . import components, display

register = template.Library()
for part in (display.register, components.register):
    register.tags.update(part.tags)
    register.filters.update(part.filters)
