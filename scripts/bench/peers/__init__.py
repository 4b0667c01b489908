"""The same rules in a peer's engine, in the peer's own environment. `make bench-peers`; nothing of it is ever installed
beside the product.
"""
