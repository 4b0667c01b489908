"""Printed papers of assistance: what stands on each; `kernel.documents` draws them."""
