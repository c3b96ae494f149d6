"""Starting JupyterLab on the working copy: opens a lesson in the browser, or says at which address it is."""

import getpass
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from course.errors import MachineError
from course.lessons.workspace import find_lesson, prepare, workspace_folder
from course.words import _, shown

DEFAULTS = Path(__file__).parent / "jupyterlab"  # settings of JupyterLab's: no question about news before the lesson


def open_lab(lesson: str, browser: bool, say: Callable[[str], None]) -> None:
    """Bring the working copy up to date and run JupyterLab on ``lesson`` (str, as `find_lesson` takes it) until ^C.

    ``browser`` (bool): whether to open a browser, where there is a screen; ``say`` is given each sentence (str) that
    the learner should read.  Raises WorkspaceError; MachineError: JupyterLab does not run.
    """
    page = f"lab/tree/{quote(find_lesson(lesson))}.ipynb"
    for said in prepare():
        say(said)
    say(_("Starting JupyterLab …"))
    command = [sys.executable, "-m", "jupyterlab", *_settings(page)]
    if not (browser and has_screen()):
        command.append("--no-browser")
    log = workspace_folder() / ".course" / "jupyterlab.log"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends this ends JupyterLab too
    started = time.time()
    # it holds the token that lets one in: for the learner's eyes only
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:  # noqa: PTH123
        server = subprocess.Popen(command, stdout=output, stderr=output, env=_environment())
    try:
        if running := _wait_for(server, started):
            say(_announcement(running, page))
        server.wait()
    except KeyboardInterrupt:
        _stop(server)
        say(_("JupyterLab has stopped. What you wrote is in {folder}.").format(folder=shown(str(workspace_folder()))))
        return
    if server.returncode:
        last = log.read_text("utf-8", errors="replace").strip().rpartition("\n")[2]
        raise MachineError(
            _("JupyterLab stopped: {last} (more in {log}).").format(last=shown(last), log=shown(str(log)))
        )


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Wait until JupyterLab, which a terminal's ^C reaches too, has ended its kernels and itself; insist if need be."""
    for insist in (server.terminate, server.kill):
        try:
            server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            insist()
    server.wait()


def _environment() -> dict[str, str]:
    """Return the environment of JupyterLab: in its terminals and cells, `course` is this one."""
    return {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])}


def has_screen() -> bool:
    """Return whether a browser that is started here would be seen (bool)."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    return sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def _settings(page: str) -> list[str]:
    """Return the options (list of str) that JupyterLab is started with, to open at ``page`` (str, a path)."""
    settings = [
        f"--ServerApp.root_dir={workspace_folder()}",
        f"--LabApp.default_url=/{page}",
        "--ServerApp.answer_yes=True",  # ^C stops it without a question
        f"--LabApp.app_settings_dir={DEFAULTS}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        settings.append("--allow-root")
    return settings


def _wait_for(server: subprocess.Popen[bytes], started: float) -> dict[str, Any] | None:
    """Return what JupyterLab says about itself (dict) once it answers, or None: it ended before."""
    from jupyter_core.paths import jupyter_runtime_dir

    information = Path(jupyter_runtime_dir()) / f"jpserver-{server.pid}.json"
    while server.poll() is None:
        try:
            if information.stat().st_mtime >= started - 1:  # not one that an earlier process of this number left
                running: dict[str, Any] = json.loads(information.read_bytes())
                return running
        except (FileNotFoundError, ValueError):
            pass  # not yet there, or not yet whole
        time.sleep(0.1)
    return None


def _announcement(running: dict[str, Any], page: str) -> str:
    """Return what to say (str) about a server (dict, as it describes itself), which shows the lesson at ``page``."""
    token = f"?token={running['token']}" if running["token"] else ""
    said = _("The lesson is at this address; open it in a browser:\n\n    {address}\n").format(
        address=f"{running['url']}{page}{token}"
    )
    if os.environ.get("SSH_CONNECTION"):
        said += _("\nFrom your own computer, this makes the address work there:\n\n    {command}\n").format(
            command=f"ssh -L {running['port']}:localhost:{running['port']} {getpass.getuser()}@{socket.gethostname()}"
        )
    return said + _("\nControl-C here stops it.")
