"""Random cases on both sides, for as long as asked or until one differs: ``python -m kernel.soak MINUTES``."""

import os
import random
import sys
import time
from contextlib import ExitStack
from itertools import product

from kernel.cases import cases, cases_with_mounts
from kernel.checking import search
from kernel.mounted import Mounted

AT_ONCE = 250  # cases


def soak(minutes):
    """Check cases as root, if this is root, and in a user namespace in turn; return the exit status (int)."""
    kinds = ("root", "user") if os.geteuid() == 0 else ("user",)
    with ExitStack() as stack:
        mounts = [stack.enter_context(Mounted(kind)) for kind in kinds]
        for each in mounts:
            if each.lacking:
                print(f"{each.kind}: left out: needs {each.lacking}")
        mounts = [each for each in mounts if not each.lacking]
        passed, end = 0, time.monotonic() + 60 * minutes
        while mounts and time.monotonic() < end:
            for each, strategy in product(mounts, (cases, cases_with_mounts)):
                at = random.randrange(2**32)
                try:
                    search(each, AT_ONCE, at, strategy)
                except AssertionError as error:
                    print(f"\n{each.kind}, seed {at}, after {passed} sequences that agreed:\n{error}")
                    return 1
                passed += AT_ONCE
            print(f"\r{passed} sequences agree", end="", flush=True)
    print()
    return 0 if mounts else 2


if __name__ == "__main__":
    sys.exit(soak(float(sys.argv[1])))
