"""Pages of the register: households, persons, transfers, organisations."""
