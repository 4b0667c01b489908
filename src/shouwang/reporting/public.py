"""What other apps may use of reporting."""

from .queries import FigureTable, FigureValue, figures_for

__all__ = ["FigureTable", "FigureValue", "figures_for"]
