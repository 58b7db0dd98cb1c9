# SPDX-License-Identifier: MIT
"""Two daemons on one database, and everything goes wrong at once: all connections of the one to the
database are ended over and over, and the other is killed and started again between. What was
acknowledged is there at both, no change is missing or told twice, and nobody ever goes back in time.

What may happen is a refusal (503), which says that one may try again."""

import random
import time

from support.two_daemons import EVERYTHING, Cutter, Follower, Pair, Worker, document

CUTS, KILLS = 40, 5
GROUPS = 4


def until_answered(call):
    """The answer, as soon as it is one; refusals and broken connections are tried again."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            answer = call()
        except OSError:
            answer = None
        if answer and answer.status != 503:
            return answer
        time.sleep(0.02)
    raise AssertionError("no answer")


class Publisher(Worker):
    """Publishes at the first until stopped, each release again until it is acknowledged; `acknowledged`:
    {package: serial of that answer, which is of this change or a later one}."""

    def __init__(self, pair):
        super().__init__()
        self.connection = pair.at_first()
        self.acknowledged = {}

    def work(self):
        while not self.stopped.is_set():
            number = len(self.acknowledged)
            name = f"apart{number}"
            body = document(name, "1.0", f"apart.group{number % GROUPS}")
            answer = until_answered(lambda: self.connection.request(
                "PUT", f"/v1/packages/{name}/releases/1.0", body))
            assert answer.status in (200, 201), answer.body
            self.acknowledged[name] = int(answer.headers["X-Registry-Serial"])
            time.sleep(0.01)


class Reader(Worker):
    """Reads at the second what the publisher was told is there."""

    def __init__(self, pair, publisher):
        super().__init__()
        self.connection, self.publisher = pair.at_second(), publisher
        self.reads = 0

    def work(self):
        serial = 0
        while not self.stopped.is_set():
            newest = max(list(self.publisher.acknowledged.values()), default=0)
            if newest > serial:
                serial = newest
                self.read(serial)
            time.sleep(0.005)

    def read(self, serial):
        groups = "&".join(f"group=apart.group{number}" for number in range(GROUPS))
        answer = until_answered(lambda: self.connection.get(f"/v1/resolve?{groups}&min_serial={serial}"))
        assert answer.status == 200, answer.body
        found = {record["package"] for record in answer.json["records"]}
        known = list(self.publisher.acknowledged.items())
        assert {name for name, at in known if at <= serial} - found == set()
        self.reads += 1


def all_changes(connection):
    found, since = [], 0
    while page := connection.ask(f"/v1/changes?since={since}&limit=1000")["changes"]:
        found += page
        since = page[-1]["serial"]
    return found


def test_cut_off_and_killed():
    draw = random.Random(1)
    with Pair() as pair:
        publisher = Publisher(pair)
        reader = Reader(pair, publisher)
        with Cutter(pair, EVERYTHING) as cutter, Follower(pair.at_second()) as follower, reader, publisher:
            for count in range(1, CUTS + 1):
                time.sleep(draw.uniform(0.05, 0.35))
                cutter.cut_soon()
                if count % (CUTS // KILLS) == 0:
                    pair.first.kill()
                    pair.first.start(wait="listening")
            pair.first.wait_ready()
            pair.second.wait_ready()
            follower.wait_for(max(publisher.acknowledged.values()))
        assert cutter.count == CUTS and reader.reads > KILLS
        last = max(publisher.acknowledged.values())
        answers = [connection.get(f"/v1?min_serial={last}") for connection in (pair.at_first(), pair.at_second())]
        assert [answer.status for answer in answers] == [200, 200]
        told = all_changes(pair.at_first())
        assert all_changes(pair.at_second()) == told
        published = [change["package"] for change in told if change["kind"] == "publish"]
        assert sorted(published) == sorted(publisher.acknowledged)  # each once
        for question in [f"/v1/resolve?group=apart.group{number}" for number in range(GROUPS)]:
            one, other = pair.at_first().get(question), pair.at_second().get(question)
            assert (one.status, one.body) == (other.status, other.body) and one.status == 200
        print(f"\n{len(told)} publishes, {reader.reads} reads, {cutter.ended} connections cut off, "
              f"{follower.unavailable} refusals")
