"""A schedule: the process spaces of many containers take turns on one clock."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from course.processes.simulated.space import SLICE, Clock, ProcessSpace

BUSY = 1000  # rounds in a row after which a space is taken for one that computes, perhaps without end
LONG_SLICE = 100 * SLICE  # nanoseconds that a round takes in which such a space has its turn
MOST = 300_000  # rounds in a call


class Schedule:
    """Which of many spaces can go on, and when the others want to be woken; ``clock`` is theirs (Clock).

    ``ran`` are the spaces in which something has happened (dict used as an ordered set); whoever asks empties it.
    Spaces that share files wake one another, for what one writes another may wait for.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ran: dict[ProcessSpace, None] = {}
        self._rounds: dict[ProcessSpace, int] = {}  # of each space: how many in a row it could go on
        self._awake: dict[ProcessSpace, None] = {}
        self._sharing: dict[ProcessSpace, None] = {}
        self._alarms: list[tuple[int, int, ProcessSpace]] = []
        self._numbers = count()  # so that of two alarms at one time the first set is the first
        self._alarm_of: dict[ProcessSpace, int] = {}  # the numbers of those that still hold

    def add(self, space: ProcessSpace, shares: bool) -> None:
        """Take in a space (ProcessSpace), which may share files with others (bool)."""
        self._rounds[space] = 0
        if shares:
            self._sharing[space] = None
        self.ran[space] = self._awake[space] = None

    def remove(self, space: ProcessSpace) -> None:
        """Forget a space, in which nothing will happen any more."""
        for table in (self.ran, self._rounds, self._awake, self._sharing, self._alarm_of):
            table.pop(space, None)

    def wake(self, space: ProcessSpace) -> None:
        """Note that something was done to a space from outside: it may be able to go on."""
        self._alarm_of.pop(space, None)
        self._awake[space] = None
        if space in self._sharing:
            self._awake |= self._sharing

    def run(self, until: Callable[[], bool], deadline: int) -> bool:
        """Let the spaces take turns until ``until`` says so, or the clock shows ``deadline`` (int, ns since 1970).

        Returns whether it did (bool).  When none can go on, the clock jumps to the next time that one waits for; if
        none waits for any, False comes at once.

        A space that computes without end must not hold up a command for long, and one that computes something must
        come to its end.  So once a space could go on for BUSY rounds in a row, a round of turns that it has part in
        takes LONG_SLICE: a call for one second is then 100 rounds.  MOST rounds end a call in any case, with the clock
        where it is.  What happens follows from the calls alone: no time of the real machine matters.
        """
        for _ in range(MOST):
            if until():
                return True
            if self.clock.now >= deadline:
                return False
            passed = self._round()
            if not passed:
                alarm = self._next_alarm()
                if alarm is None:
                    return False
                passed = max(0, min(alarm, deadline) - self.clock.now)
            self.clock.now += passed
        return until()

    def _round(self) -> int:
        """Let each space that can go on have a round; return how long all of that took (int, ns), 0 if none could."""
        self._wake_by_alarm()
        passed, shared = 0, False
        for space in tuple(self._awake):
            if space.round():
                self.ran[space] = None
                self._rounds[space] += 1
                passed = max(passed, SLICE if self._rounds[space] <= BUSY else LONG_SLICE)
                shared = shared or space in self._sharing
            else:
                self._sleep(space)
        if shared:
            self._awake |= self._sharing
        return passed

    def _sleep(self, space: ProcessSpace) -> None:
        del self._awake[space]
        self._rounds[space] = 0
        alarm = space.next_alarm()
        if alarm is not None:
            number = self._alarm_of[space] = next(self._numbers)
            heappush(self._alarms, (alarm, number, space))

    def _next_alarm(self) -> int | None:
        """Return the next time that a space waits for (int), or None."""
        while self._alarms:
            alarm, number, space = self._alarms[0]
            if self._alarm_of.get(space) == number:
                return alarm
            heappop(self._alarms)
        return None

    def _wake_by_alarm(self) -> None:
        while (alarm := self._next_alarm()) is not None and alarm <= self.clock.now:
            space = heappop(self._alarms)[2]
            del self._alarm_of[space]
            self._awake[space] = None
