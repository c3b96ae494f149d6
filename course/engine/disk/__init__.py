"""Docker's directory on the host's disk, simulated: where each version of docker keeps what the engine knows."""
