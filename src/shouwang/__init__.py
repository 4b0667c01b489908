"""Shouwang 守望: record a fact once; every measure, payment, disclosure and report follows from it."""

__version__ = "0.1.0"
