"""One view of many layers: the read-only union view, provenance, and what each layer changed."""
