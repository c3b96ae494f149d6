"""Images to and from a registry over HTTP: OCI's distribution specification, as a client that trusts no answer."""
