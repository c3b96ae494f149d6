"""Cases tried on both sides: any disagreement is an error whose message is a script."""

from hypothesis import HealthCheck, Phase, given, seed, settings

from kernel import simulated
from kernel.cases import cases
from kernel.compare import differences
from kernel.script import script

SETTINGS = settings(
    deadline=None,
    print_blob=False,
    database=None,  # what failed is told as a script
    suppress_health_check=list(HealthCheck),
    phases=[phase for phase in Phase if phase is not Phase.explain],  # which would try hundreds of cases more
)


def check(mounted, case):
    """Raise AssertionError unless the simulator does in this case what the mounted overlay does."""
    real, ours = mounted.run(*case), simulated.run(*case)
    found = differences(case.calls, real, ours, mounted.kind)
    if found:
        told = "\n".join(["The simulator differs from the kernel:", *found, "", "As a script:", ""])
        raise AssertionError(told + script(case, ours[0], found))


def search(mounted, count, at=None, strategy=cases):
    """Check random cases (``count``: int), other ones each time or those that the seed ``at`` (int) gives.

    ``strategy`` makes them, without mounts or with them.  Raises AssertionError for the shortest case that was found
    to differ.
    """

    @settings(SETTINGS, max_examples=count)
    @given(strategy(mounted.kind))
    def holds(case):
        check(mounted, case)

    (holds if at is None else seed(at)(holds))()
