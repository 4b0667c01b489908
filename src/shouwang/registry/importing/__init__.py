"""From a township's spreadsheet to household rows: what its columns are called, what its cells say, who lives together.

Nothing here touches the database except `villages`, which reads the area tree.
"""
