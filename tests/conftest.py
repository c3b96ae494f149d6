"""Leaves out, by name and with the reason, each test that needs what this machine lacks."""

import os
import shutil
import socket
import sys
from collections import defaultdict

import pytest

LEFT_OUT = "left out: needs "


def lacks(mark):
    """Return what the mark asks for and this machine does not have (str), or an empty text."""
    if mark.name == "peer":
        missing = [program for program in mark.args if shutil.which(program) is None]
        return f"{', '.join(missing)} (make peers)" if missing else ""
    if mark.name == "root":
        return "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "root"
    if mark.name == "linux":
        return "" if sys.platform == "linux" else "a Linux kernel"
    if mark.name == "browser":
        return "" if shutil.which("chromium") and shutil.which("chromedriver") else "Chromium (make peers)"
    if mark.name == "network":
        return "" if has_route() else "a network"
    return ""


def has_route():
    """Return whether there is a way out of this machine (bool).  Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation, which no host has (RFC 5737)
        except OSError:
            return False
    return True


def pytest_runtest_setup(item):
    lacking = [what for what in map(lacks, item.iter_markers()) if what]
    if lacking:
        pytest.skip(LEFT_OUT + "; ".join(dict.fromkeys(lacking)))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """Close with one list of what was left out, by need and name."""
    yield
    groups = defaultdict(list)
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        _, found, need = reason.partition(LEFT_OUT)
        if found:
            groups[need].append(report.nodeid)
    if groups:
        terminalreporter.section("left out")
    for need, names in sorted(groups.items()):
        terminalreporter.line(f"needs {need}:")
        for name in names:
            terminalreporter.line(f"  {name}")
