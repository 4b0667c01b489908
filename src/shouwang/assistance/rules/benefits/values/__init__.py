"""The values that the product brings along, a file an area."""
