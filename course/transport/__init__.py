"""How images travel: tar layers, archives and layouts; strict readers."""
