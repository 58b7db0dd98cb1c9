# SPDX-License-Identifier: MIT
"""From a change at one daemon to its being seen at another of the same database."""

import time

from tools import HERE  # noqa: F401  first: it makes tests/support importable

from support.two_daemons import Pair, publish  # noqa: E402


def measure(publishes):
    """Milliseconds from the answer to a publish at the first until the second has answered with it, one
    figure a publish, sorted; beside them the same question once more, when there is nothing to wait for."""
    waited, again = [], []
    with Pair() as pair:
        first, second = pair.at_first(), pair.at_second()
        for number in range(publishes):
            name, group = f"node{number}", f"node.group{number % 20}"
            serial = publish(first, name, "1.0", group)
            path = f"/v1/resolve?group={group}&min_serial={serial}"
            for times in (waited, again):
                begin = time.perf_counter()
                records = second.ask(path)["records"]
                times.append((time.perf_counter() - begin) * 1000)
                assert any(record["package"] == name for record in records)
    return sorted(waited), sorted(again)
