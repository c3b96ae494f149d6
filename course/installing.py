"""Installs the course into ``.venv``: once, by uv where it can be had and by pip where not.

`make lab` and `make test` run this file first, with whatever `python3` is: it needs the standard library alone, and is
written so that an interpreter too old for the course can still read it, find a newer one, or say what is missing.
"""

import gettext
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
NEWER = ("python3.13", "python3.12", "python3.11", "python3.14")  # looked for in this order where `python3` is too old
FOLDER = Path(__file__).resolve().parent.parent
VENV = FOLDER / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed.json"  # removed first, written last: nothing in a .venv without it is trusted
LOG = VENV / "install.log"

# as course.words does it, which an old interpreter could not import
_ = gettext.translation("course", str(FOLDER / "course" / "locale"), fallback=True).gettext

FULL = ("no space left on device", "disk quota exceeded")
CLOSED = ("read-only file system", "permission denied")
OFFLINE = (
    "name resolution",
    "name or service not known",
    "nodename nor servname",
    "failed to lookup address",
    "dns error",
    "network is unreachable",
    "connection refused",
    "timed out",
    "newconnectionerror",
    "proxyerror",
    "error sending request",
)


class Refusal(Exception):  # noqa: N818 (the word for what it is)
    """Why the course is not installed: one sentence, with what to do about it."""


class Offline(Refusal):
    """No package index answered: nothing was changed yet."""


def main() -> int:
    """Install the course with the extras that the command line names (`test`); return the exit status (int)."""
    try:
        if sys.version_info < OLDEST:
            python = newer_python()
            os.execv(python, [python, "-I", __file__] + sys.argv[1:])  # noqa: RUF005, S606
        install(set(sys.argv[1:]))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except OSError as error:
        print(refused(str(error)), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_("\nInterrupted; the same command starts the installation afresh."), file=sys.stderr)
        return 130
    return 0


def newer_python() -> str:
    """Return the path (str) of a Python that is new enough for the course.  Raises Refusal: none is on PATH."""
    old = "{}.{}.{}".format(*sys.version_info)
    for path in filter(None, map(shutil.which, NEWER)):
        # run, not only found: version managers put names on PATH that lead nowhere
        if run(path, "-c", "").returncode == 0:
            print(
                _("python3 is Python {old}, too old for the course; {path} is used.").format(old=old, path=path),
                flush=True,
            )
            return path
    raise Refusal(
        _("The course needs Python 3.11 or newer, and python3 ({path}) is Python {old}. {hint}").format(
            path=sys.executable,
            old=old,
            hint=hint(
                apt="sudo apt install python3.11 python3.11-venv",
                dnf="sudo dnf install python3.12",
                brew="brew install python@3.13",
            ),
        )
    )


def hint(apt: str, dnf: str, brew: str) -> str:
    """Return what to do (str): of three commands (str) the one for this machine's package manager."""
    commands = {"apt-get": apt, "dnf": dnf, "brew": brew}
    for manager in filter(shutil.which, commands):
        return _("Run `{command}`, then the same command as now.").format(command=commands[manager])
    return _("Install Python from python.org, then run the same command as now.")


def install(extras: "set[str]") -> None:
    """Bring ``.venv`` to what pyproject.toml and constraints.txt ask for, with ``extras``; if it is there, do nothing.

    Raises Refusal: a part of Python is missing, or uv and pip both failed.
    """
    place = {"python": sys.version, "folder": str(FOLDER)}  # an environment that was moved does not work
    inputs = b"".join((FOLDER / name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
    pins = hashlib.sha256(inputs).hexdigest()
    have = read_stamp()
    present = set(have.get("extras", "").split())
    usable = PYTHON.exists() and place.items() <= have.items()
    if usable and pins == have.get("pins") and extras <= present:
        return
    print(_("Installing the course into .venv (seconds with uv, a minute or two with pip)."), flush=True)
    started = time.monotonic()
    if STAMP.exists():
        STAMP.unlink()
    if not usable:
        make_environment()
    try:
        tool = install_packages(extras | present)
    except Offline:
        if usable:
            write_stamp(have)
        raise
    write_stamp(dict(place, pins=pins, extras=" ".join(sorted(extras | present))))
    print(_("Installed with {tool} in {count} s.").format(tool=tool, count=round(time.monotonic() - started)))


def read_stamp() -> "dict[str, str]":
    """Return what was installed when an installation last reached its end; nothing, if none did."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def write_stamp(state: "dict[str, str]") -> None:
    """Say that ``.venv`` is complete, and what is in it."""
    partial = STAMP.with_suffix(".part")
    partial.write_text(json.dumps(state, indent=1), encoding="utf-8")
    partial.replace(STAMP)


def make_environment() -> None:
    """Make ``.venv`` afresh, without pip, which uv does not need.  Raises Refusal: Python lacks that part."""
    if importlib.util.find_spec("venv") is None:
        raise Refusal(missing_part("venv"))
    made = run(sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV))
    if made.returncode:
        raise Refusal(refused(made.stdout))


def install_packages(extras: "set[str]") -> str:
    """Install the course, editable, and all it needs; return the name of the tool that did it (str).

    Raises Refusal: uv and pip both failed; Offline, if for want of a network.
    """
    what = "." + ("[{}]".format(",".join(sorted(extras))) if extras else "")
    arguments = ("install", "--constraint", "constraints.txt", "--editable", what)
    uv = find_uv()
    if uv:
        if run(uv, "pip", *arguments, "--python", str(PYTHON)).returncode == 0:
            return "uv"
        # uv does not read pip's configuration, where a machine may name its own package index
        print(_("uv could not; pip tries, which takes a minute or two."), flush=True)
    done = pip(*arguments)
    if done.returncode:
        raise Refusal(refused(done.stdout))
    return "pip"


def find_uv() -> "str | None":
    """Return the path (str) of uv: the machine's own, or the one that pip brings into ``.venv``; None: neither."""
    places = os.pathsep.join((os.environ.get("PATH", os.defpath), str(BIN)))
    uv = shutil.which("uv", path=places)
    if uv is None and pip("install", "--constraint", "constraints.txt", "uv").returncode == 0:
        uv = shutil.which("uv", path=places)
    return uv


def pip(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the pip of ``.venv``, which Python's ensurepip brings when it is first needed.

    Raises Refusal: Python lacks ensurepip; Offline: no package index answers.
    """
    if run(str(PYTHON), "-c", "import pip").returncode:
        if importlib.util.find_spec("ensurepip") is None:
            raise Refusal(missing_part("ensurepip"))
        brought = run(str(PYTHON), "-m", "ensurepip", "--default-pip")
        if brought.returncode:
            raise Refusal(refused(brought.stdout))
    done = run(str(PYTHON), "-m", "pip", *arguments)
    if done.returncode and any(sign in done.stdout.lower() for sign in OFFLINE):
        raise Offline(_("No package index answers. Check the network, then run the same command again."))
    return done


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run ``command`` in the course's folder, its output (str, errors included) kept for the log and not shown."""
    done = subprocess.run(
        command,
        cwd=str(FOLDER),
        # the machine's own certificates, as pip and browsers use them: a company's proxy signs with its own
        env=dict(os.environ, UV_SYSTEM_CERTS="1", UV_NATIVE_TLS="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if VENV.is_dir():
        with LOG.open("a", encoding="utf-8") as log:
            log.write("$ {}\n{}".format(" ".join(command), done.stdout))
    return done


def missing_part(module: str) -> str:
    """Return the sentence (str) that says which of Python's own modules is missing, and what brings it."""
    version = "{}.{}".format(*sys.version_info)
    is_python3 = os.path.realpath(sys.executable) == os.path.realpath(shutil.which("python3") or "")
    return _("Python {version} ({path}) lacks its module `{module}`. {hint}").format(
        version=version,
        path=sys.executable,
        module=module,
        hint=hint(
            apt="sudo apt install " + ("python3-venv" if is_python3 else f"python{version}-venv"),
            dnf=f"sudo dnf install python{version}",
            brew=f"brew install python@{version}",
        ),
    )


def refused(output: str) -> str:
    """Return one sentence (str) that says why a step failed, by what it printed (str)."""
    text = output.lower()
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")
    if any(sign in text for sign in FULL):
        sentence = _(
            "The disk is full: .venv in {folder} needs about 600 MB. Make room, then run the same command again."
        )
    elif any(sign in text for sign in CLOSED):
        sentence = _("{folder} cannot be written ({last}); put the course into a folder of your own.")
    else:
        sentence = _("The installation failed: {last} (everything that was said is in {log}).")
    return sentence.format(folder=FOLDER, last=last, log=LOG)


if __name__ == "__main__":
    sys.exit(main())
