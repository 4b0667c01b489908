from .documents import Document, DocumentFile
from .measures import Measure, MeasureEnd, SiteReceipt
from .orders import Order, OrderItem

__all__ = ["Document", "DocumentFile", "Measure", "MeasureEnd", "Order", "OrderItem", "SiteReceipt"]
