"""From which network address a request comes.

Behind a proxy every request comes from the proxy. Its `X-Forwarded-For` is believed only when the proxy's own address is
named in SHOUWANG_TRUSTED_PROXIES: anybody can send the header.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The nearest address that is no proxy of ours. Empty when it is not known: a proxy that is not configured on this
    very machine, a socket, a header that is none."""
    for hop in _hops(request):
        if hop is None:
            return ""
        if not any(hop in network for network in settings.SHOUWANG_TRUSTED_PROXIES):
            return "" if hop.is_loopback else str(hop)
    return ""


def _hops(request: HttpRequest) -> Iterator[IPv4Address | IPv6Address | None]:
    """The peer, then what each proxy says of its own peer, the nearest first; None for what is no address."""
    told = request.headers.get("X-Forwarded-For", "").split(",")
    for text in (request.META.get("REMOTE_ADDR", ""), *reversed(told)):
        try:
            yield ip_address(text.strip())
        except ValueError:
            yield None
