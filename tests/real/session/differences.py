"""Where the simulated engine is known to differ from docker 20.10, on purpose or because it has to: each with why."""

NO_ORDER = "a file system lists the names in a directory in whatever order it has them"
MORE_WORDS = "ours says after docker's words what is wrong with the archive"
LEFT_OUT = "ours does not simulate it, and says so"
NAMED = "ours names the repository, as docker does since 23.0"
NEAREST = "ours names the nearest right word"
FOLDER = "docker names a folder of its own"
MOUNT_POINTS = "on overlay2 BuildKit leaves the directory of its mount points, etc, in the layer of each RUN"
JSON = "`--format json` is an extra of ours, which docker has since 23.0"

DIFFERENCES = {
    r"02-running: \d+ docker run .* --name gone base:1 true": "a command of ours takes a second: it has ended by then",
    r"04-refusals: \d+ docker (stats .*|container nosuch|system)": LEFT_OUT,
    r"04-refusals: \d+ docker run .*--(cpu-shares|ulimit|platform|security-opt|ipc) .*": LEFT_OUT,
    r"04-refusals: \d+ docker run .*--(link|device|shm-size|log-driver) .*": LEFT_OUT,
    r"04-refusals: \d+ docker .* (Base:1|Upper|Upper:1)": NAMED,
    r"04-refusals: \d+ docker run --nam web2 base:1": NEAREST,
    r"04-refusals: \d+ docker load": "docker names a folder of its own that it has made for the archive",
    r"06-files: \d+ docker exec never find .*": NO_ORDER,
    r"07-images: \d+ docker load -i words": MORE_WORDS,
    r"07-images: \d+ docker load < words": MORE_WORDS,
    r"07-images: \d+ docker import words flat:3": MORE_WORDS,
    r"09-listing: \d+ docker ps -a --format json": JSON,
    r"12-build-refusals: \d+ docker build e[345]": NEAREST,
    r"12-build-refusals: \d+ docker build (e31|-t Upper e59)": NAMED,
    r"12-build-refusals: \d+ docker build e33": "ours says what is wrong, as docker does since 23.0",
    r"12-build-refusals: \d+ docker build e44": "docker reads the lines of a here-document without end as instructions",
    r"12-build-refusals: \d+ docker build e47": "ours does not warn of an empty line in an instruction",
    r"12-build-refusals: \d+ docker build e56": LEFT_OUT,
    r"12-build-refusals: \d+ docker build e58": FOLDER,
    r"12-build-refusals: (\d+ docker build e59|end (intermediate|images <image 15> history))": f"one id more: {FOLDER}",
    r"26.1/11-build: \d+ docker build -t stdin .*": "ours names no ref, of which BuildKit makes one for each build",
    r"26.1/11-build: \d+ docker run --rm scratch1( /file)?": "what is no build speaks as docker 20.10 does",
    r"26.1/11-build: \d+ docker build -t here here": "ours does not say that it prepares here-documents",
    r"26.1/11-build: end (images <image (small|add):latest> )?layers.*": MOUNT_POINTS,
}
"""What differs, by a regular expression for the chapter and the line (``chapter: line``), to the reason."""

CHANCE = {
    r"04-refusals: \d+ docker rmi .*<image base:1\[:12\]>.*": "any container of the image is named",
    r"05-prefixes: \d+ docker start .*<container ambiguous>.*": "which digits two ids begin with is chance",
    r"10-prune: \d+ docker volume prune -f": "volumes are told in the order of their names, of which one is chance",
}
"""What may differ, as the engines' own answers do from one recording to the next."""
