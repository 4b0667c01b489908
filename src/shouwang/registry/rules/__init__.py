"""Pure checks of what may be recorded."""
