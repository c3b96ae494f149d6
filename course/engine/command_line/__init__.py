"""The very lines that people type: taken apart, checked and printed as the docker command line does."""
