"""The store of the real engine: what it knows, kept on disk in docker's own layout."""
