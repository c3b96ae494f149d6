# Layer by Layer. `make lab` opens the course, `make test` tries all of it; each target is one habit.

INSTALL = command -v python3 >/dev/null || { echo 'There is no python3 here. Install Python 3.11 or newer (on Debian: \
  sudo apt install python3 python3-venv), then run the same command again.' >&2; exit 2; }; python3 -I course/installing.py
PYTHON = .venv/bin/python
NOTEBOOKS = build/notebooks
# `make lab ARGS=01_layers` opens lesson 01, `make lab ARGS=--no-browser` only prints the address
ARGS =

# the real things that the tests hold the course against, as Debian packages:
PEERS = podman buildah                # make images, and say what is in them
PEERS += skopeo umoci                 # copy and unpack images
PEERS += runc                         # starts the containers of podman and buildah
PEERS += docker-registry openssl      # keeps images, and certificates for it: a registry of the tests' own
PEERS += docker.io                    # loads and saves images: an engine of the tests' own, started by hand
PEERS += debootstrap                  # makes a userland with a newer docker.io, whose answers are held to a recording
PEERS += graphviz                     # `dot`, which draws the pictures that are graphs
PEERS += chromium chromium-driver     # a browser to look at the notebooks in
PEERS += attr procps                  # getfattr, setfattr, ps: what the simulated ones are compared with

# minutes that `make soak` tries random calls on the simulator and the kernel's overlayfs
MINUTES = 10

.PHONY: lab test lint format types catalogue bench soak peers constraints ready

lab:
	@$(INSTALL)
	@.venv/bin/course lab $(ARGS)

test: lint types
	$(PYTHON) -m pytest --doctest-modules course tests
	@rm -rf $(NOTEBOOKS)
	@$(PYTHON) -m course.authoring.notebooks lay-out $(NOTEBOOKS)
	cd $(NOTEBOOKS)/shipped && COURSE_PROGRESS=progress.jsonl ../../../$(PYTHON) -m pytest --nbval .
	cd $(NOTEBOOKS)/solved && COURSE_PROGRESS=progress.jsonl ../../../$(PYTHON) -m pytest --nbval .

lint: ready
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format: ready
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

types: ready
	$(PYTHON) -m mypy

catalogue: ready
	$(PYTHON) -m course.authoring.catalogue

bench: ready
	@for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(PYTHON) "$$benchmark" || exit 1; done

soak: ready
	@cd tests/union && ../../$(PYTHON) -m kernel.soak $(MINUTES)

peers:
	@missing=; for package in $(PEERS); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -z "$$missing" ]; then echo "peers: all installed ($(strip $(PEERS)))"; \
	elif ! grep -qx 'ID=debian' /etc/os-release 2>/dev/null || [ "$$(id -u)" != 0 ]; then \
	  echo "peers: not installed, since that takes root on Debian:$$missing; the tests leave out what needs them"; \
	else echo "peers: installing$$missing"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi

constraints: ready
	echo uv | PATH="$$PATH:.venv/bin" uv pip compile --quiet --universal --python-version 3.11 --extra test --upgrade \
	  --no-annotate --custom-compile-command 'make constraints' --output-file constraints.txt pyproject.toml -

ready:
	@$(INSTALL) test
