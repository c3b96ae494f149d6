"""Records the session: ``cd tests/real && python -m session.record ENGINE… [--chapter NAME…]``, as root.

ENGINE is ``20.10`` (this machine's docker.io, classic builder), ``26.1`` (Debian trixie's, BuildKit) or
``26.1-containerd`` (the same on containerd's image store); the last two need the userland that ``trixie.sh`` makes.
"""

import argparse
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from course.transport.writing import archive
from session.base import NAME, base_image
from session.engines import engine
from session.normalising import Names, unordered
from session.probing import Probe
from session.table import chapter, chapters

RECORDINGS = Path(__file__).parent / "recordings"
ENGINES = {"20.10": "classic", "26.1": "buildkit", "26.1-containerd": "buildkit"}
PATIENCE = 20  # seconds that a step waits for a state


class Session:
    """One chapter on one engine: ``play`` runs a step and returns its record (dict), ``names`` normalises."""

    def __init__(self, running, folder):
        self.engine = running
        self.names = Names(folder)
        self.probe = Probe(running, self.names)
        self.said = []  # word for word
        base = replace(base_image(), names=(f"docker.io/library/{NAME}",))  # in full, as containerd's store wants it
        self.engine.run(["docker", "load"], b"".join(archive([base]))).check_returncode()
        self.probe.look()

    def play(self, step, settled=True):
        """Do one step, and return what came of it (dict), without states if they are not ``settled`` yet (bool)."""
        if step.kind != "$":
            HOST[step.kind](self, step)
            done = {step.kind: step.line.partition(" ")[2]} | ({"content": lines(step.content)} if step.content else {})
            return done | (self.changed_states() if step.kind == "until" and settled else {})
        argv = [self.probe.filled(word) for word in step.argv]
        self.probe.typed |= set(argv)
        stdin = (self.engine.work / step.stdin).read_bytes() if step.stdin else None
        done = self.engine.run(argv, stdin)
        out, err = done.stdout, done.stderr.decode("utf-8", "backslashreplace")
        if step.stdout:
            (self.engine.work / step.stdout).write_bytes(out)
            out = b""
        self.probe.look()
        raw = out.decode("utf-8", "backslashreplace"), err
        self.said.append(f"$ {step.line}\n[{done.returncode}]\n{raw[0]}" + (f"--- stderr\n{err}\n" if err else "\n"))
        out, err = unordered(step.argv, self.names.normal(raw[0])), self.names.normal(raw[1])
        done = {"run": step.line, "status": done.returncode, "stdout": lines(out), "stderr": lines(err)}
        return done | (self.changed_states() if settled else {})

    def changed_states(self):
        """Return, to be put on record, the states of the containers whose state has changed (dict)."""
        changed = self.probe.changed_states()
        return {"states": changed} if changed else {}


def lines(text):
    """Return text as lines, which a diff can show (list of str)."""
    return text.splitlines(keepends=True)


def write(session, step):
    path, mode = session.engine.work / step.argv[0], step.argv[1] if len(step.argv) > 1 else "644"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(step.content)
    path.chmod(int(mode, 8))


def remove(session, step):
    path = session.engine.work / step.argv[0]
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def make_tar(session, step):
    """Write an archive of a folder that is the same wherever and whenever it is made."""
    path, folder = (session.engine.work / name for name in step.argv)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as made:
        for each in sorted(folder.rglob("*")):
            member = made.gettarinfo(str(each), str(each.relative_to(folder)))
            member.mtime, member.uid, member.gid, member.uname, member.gname = 1_000_000_000, 0, 0, "", ""
            made.addfile(member, io.BytesIO(each.read_bytes()) if member.isreg() else None)


def wait(session, step):
    """Wait until a container is in a state, is gone, or has written a line."""
    name, wish, *words = step.argv
    for _attempt in range(PATIENCE * 10):
        if wish == "says":
            done = session.engine.run(["docker", "logs", name])
            there = " ".join(words) in (done.stdout + done.stderr).decode().splitlines()
        else:
            done = session.engine.run(["docker", "inspect", "--type", "container", "-f", "{{.State.Status}}", name])
            there = (done.stdout.decode().strip() or "removed") == wish
        if there:
            break
        time.sleep(0.1)
    else:
        raise RuntimeError(f"{step.line}: this has not come about; it is {done}")
    session.probe.look()


HOST = {
    "file": write,
    "directory": lambda session, step: (session.engine.work / step.argv[0]).mkdir(parents=True),
    "link": lambda session, step: (session.engine.work / step.argv[0]).symlink_to(step.argv[1]),
    "touch": lambda session, step: os.utime(session.engine.work / step.argv[0], (1_500_000_000, 1_500_000_000)),
    "remove": remove,
    "tar": make_tar,
    "until": wait,
}


def record(name, which, folder, userland=None):
    """Play one chapter on one kind of engine, below ``folder`` (Path, made and removed); return its record (dict)."""
    builder = ENGINES[which]
    options = {"userland": userland, "containerd_store": "containerd" in which} if builder == "buildkit" else {}
    with engine(folder, **options) as running:
        session = Session(running, folder)
        version = running.ask("/version")["Version"].split("+")[0]
        session.said.append(f"== {name} on {version}\n")
        try:
            steps = chapter(name, builder)
            settled = [step.kind != "until" for step in [*steps[1:], *steps[:1]]]
            steps = [session.play(*each) for each in zip(steps, settled, strict=True)]
            end = session.probe.everything()
        finally:
            (folder.parent / "said").write_text("".join(session.said))
    return {"engine": version, "builder": builder, "chapter": name, "steps": steps, "end": end}


def main():
    """Record what the command line says."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("engines", nargs="+", choices=ENGINES)
    options.add_argument("--chapter", action="append", default=[])
    options.add_argument("--userland", help="the folder that trixie.sh has made")
    options.add_argument("--into", type=Path, default=RECORDINGS)
    options.add_argument("--raw", type=Path, help="a folder for what was said word for word")
    chosen = options.parse_args()
    for which in chosen.engines:
        for name in chosen.chapter or chapters():
            print(which, name, flush=True)
            with tempfile.TemporaryDirectory(prefix="session-") as scratch:
                try:
                    made = record(name, which, Path(scratch) / "engine", chosen.userland)
                finally:
                    if chosen.raw and (Path(scratch) / "said").exists():
                        (chosen.raw / which).mkdir(parents=True, exist_ok=True)
                        shutil.copy(Path(scratch) / "said", chosen.raw / which / f"{name}.txt")
            write_recording(chosen.into / which / f"{name}.json", made)


def write_recording(path, made):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
