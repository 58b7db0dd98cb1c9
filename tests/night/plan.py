# SPDX-License-Identifier: MIT
"""What a night of so many hours does: each program once, however many rows ask for it, with its count."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Step:
    run: object
    count: int | None  # None: the program does not count
    minutes: float     # what it should take

    @property
    def key(self):
        """The same for the same work: a night that goes on does not repeat it."""
        return repr((self.run.command, sorted(self.run.environment.items()), self.run.preset, self.count))

    @property
    def seconds_allowed(self):
        """Three times what it should take: longer means that it hangs, or that the table is wrong."""
        return max(900, 180 * self.minutes)


def choose(rows, names):
    """The rows named, in the table's order; all of them when none is named. KeyError names what is unknown."""
    known = {row.id: row for row in rows}
    for name in names:
        if name not in known:
            raise KeyError(name)
    return [row for row in rows if not names or row.id in names]


def programs(rows):
    """Each program of the rows once."""
    found = {}
    for row in rows:
        for run in row.runs:
            found.setdefault(repr(run), run)
    return list(found.values())


def share(rows, hours):
    """What part of every count fits into the hours, at most all of it. Programs that do not count come whole."""
    runs = programs(rows)
    whole = sum(run.minutes for run in runs if not run.count)
    counted = sum(run.minutes for run in runs if run.count)
    return min(1.0, max(0.0, (hours * 60 - whole) / counted)) if counted else 1.0


def step(run, part):
    if not run.count:
        return Step(run, None, run.minutes)
    count = min(run.count.goal, max(run.count.least, int(run.count.goal * part)))
    return Step(run, count, run.minutes * count / run.count.goal)
