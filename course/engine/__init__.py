"""What a docker command does: engine, containers and their states, build, journal."""
