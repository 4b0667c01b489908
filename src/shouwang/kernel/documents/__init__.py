"""Printed papers: one description, drawn as PDF by Typst and as an editable copy for Word and WPS."""

from .fonts import font_report
from .paper import Align, Card, Cards, Facts, Paper, PaperTable, Text, TextStyle, Tint
from .pdf import render_pdf
from .responses import PAPER_FORMATS, paper_response
from .word import render_docx

__all__ = [
    "PAPER_FORMATS",
    "Align",
    "Card",
    "Cards",
    "Facts",
    "Paper",
    "PaperTable",
    "Text",
    "TextStyle",
    "Tint",
    "font_report",
    "paper_response",
    "render_docx",
    "render_pdf",
]
