# SPDX-License-Identifier: MIT
"""Clients that make a history for history.py: publishers that read their own writes at any daemon, resolvers at the
proxy, one reader and one feed at each daemon. All in one event loop, with one clock.

    load = Load(proxy, {"daemon1": address, ...}, token)
    async with load:
        await asyncio.sleep(10)
    load.operations, load.failed_resolves, load.gaps()
"""
import asyncio
import random
import time

from support.wire import Lost, Refused, Wire

GROUPS = 4
PAUSE = 0.05  # of a client between two requests: the machine is shared with the clusters
RETRY = 0.2
SECONDS = 20  # for an answer


def group_of(number):
    return f"cluster.group{number % GROUPS}"


class Load:
    def __init__(self, proxy, daemons, token, publishers=16, resolvers=8, seed=1, prefix="w"):
        """`prefix`: of the names of packages, so that a second load finds none of the first."""
        self.prefix = prefix
        self.proxy, self.daemons, self.token = proxy, daemons, token
        self.publishers, self.resolvers = publishers, resolvers
        self.random = random.Random(seed)
        self.operations = []
        self.resolves, self.failed_resolves = 0, []
        self.acknowledged = []  # (when, client): for the gaps
        self.refusals = {}      # of publishes and reads, by status and code
        self.is_publishing, self.is_over = True, False
        self.tasks = []

    async def __aenter__(self):
        clients = [self.publish(number) for number in range(self.publishers)]
        clients += [self.resolve(number) for number in range(self.resolvers)]
        clients += [self.read(name) for name in self.daemons] + [self.feed(name) for name in self.daemons]
        self.tasks = [asyncio.create_task(client) for client in clients]
        return self

    async def __aexit__(self, kind, *_):
        self.is_publishing, self.is_over = False, True
        done = await asyncio.gather(*self.tasks, return_exceptions=True)
        for result in done:
            if isinstance(result, BaseException) and kind is None:
                raise result

    async def end_publishing(self):
        """So that the feeds can reach the end."""
        self.is_publishing = False
        await asyncio.gather(*self.tasks[:self.publishers])
        await asyncio.sleep(2.5)

    def check(self):
        """A client that ended early has failed."""
        for task in self.tasks:
            if task.done() and task.exception():
                raise task.exception()

    async def ask(self, wire, *request):
        """An answer, or None."""
        try:
            return await wire.request(*request, seconds=SECONDS)
        except (Refused, Lost):
            return None

    def count_refusal(self, answer):
        if answer is None:
            key = "no answer"
        else:
            is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
            key = f"{answer.status} {answer.json['code'] if is_problem else ''}".strip()
        self.refusals[key] = self.refusals.get(key, 0) + 1

    def package(self, number):
        return f"{self.prefix}{number}"

    def packages(self, group):
        return [self.package(number) for number in range(self.publishers) if group_of(number) == group]

    # ---- publishers ----

    async def publish(self, number):
        wires = {"proxy": Wire(self.proxy, self.token), **{
            name: Wire(address, self.token) for name, address in self.daemons.items()}}
        version = 0
        while self.is_publishing:
            version += 1
            done = await self.publish_one(wires, number, version)
            if done and done["outcome"] == "ok":
                await self.read_own(wires, number, done)
            await asyncio.sleep(PAUSE)
        for wire in wires.values():
            wire.close()

    async def publish_one(self, wires, number, version):
        """Tries until it is acknowledged, at any daemon; what is left without an answer is of unknown outcome."""
        package = self.package(number)
        body = {"name": package, "version": str(version), "entry_points": {group_of(number): {package: f"m:{package}"}}}
        operation = {"kind": "publish", "client": package, "package": package, "version": version,
                     "begin": time.monotonic(), "outcome": "unknown"}
        while self.is_publishing:
            via = self.random.choice(list(wires))
            answer = await self.ask(wires[via], "PUT", f"/v1/packages/{package}/releases/{version}", body)
            if answer and answer.status in (200, 201):
                operation |= {"outcome": "ok", "epoch": answer.json["epoch"], "serial": answer.json["serial"],
                              "number": answer.json["epoch_number"],
                              "is_bound": answer.status == 200, "via": via, "end": time.monotonic()}
                self.acknowledged.append((operation["end"], package))
                break
            self.count_refusal(answer)
            if answer and answer.status < 500 and answer.status != 429:
                raise AssertionError(f"publishing {package} {version}: {answer.status} {answer.body[:300]}")
            await asyncio.sleep(RETRY)
        self.operations.append(operation)
        return operation

    async def read_own(self, wires, number, done):
        via = self.random.choice(list(self.daemons))
        await self.read_one(wires[via], via, done["client"], group_of(number), done)

    # ---- readers ----

    async def read_one(self, wire, via, client, group, done=None):
        query = f"&min_serial={done['serial']}" if done else ""
        begin = time.monotonic()
        answer = await self.ask(wire, "GET", f"/v1/resolve?group={group}{query}")
        if not answer or answer.status != 200:
            self.count_refusal(answer)
            return
        if "x-registry-epoch" not in answer.headers:  # of a daemon that is starting
            self.refusals["200 without a point"] = self.refusals.get("200 without a point", 0) + 1
            return
        values = {record["package"]: int(record["version"]) for record in answer.json["records"]}
        operation = {"kind": "read", "client": client, "via": via, "begin": begin, "end": time.monotonic(),
                     "epoch": answer.headers["x-registry-epoch"], "serial": int(answer.headers["x-registry-serial"]),
                     "number": int(answer.headers["x-registry-epoch-number"]),
                     "values": {package: values.get(package, 0) for package in self.packages(group)}}
        if done:
            operation |= {"min_epoch": done["epoch"], "min_serial": done["serial"]}
        self.operations.append(operation)

    async def read(self, via):
        wire = Wire(self.daemons[via], self.token)
        number = 0
        while not self.is_over:
            number += 1
            await self.read_one(wire, via, f"reader-{via}", group_of(number))
            await asyncio.sleep(PAUSE)
        wire.close()

    async def resolve(self, number):
        """As a host does: it must always be answered."""
        wire = Wire(self.proxy, self.token)
        while not self.is_over:
            answer = await self.ask(wire, "GET", f"/v1/resolve?group={group_of(number)}")
            self.resolves += 1
            if not answer or answer.status != 200:
                self.failed_resolves.append([time.monotonic(), answer and answer.status,
                                             answer and answer.body[:200].decode("utf-8", "replace")])
            await asyncio.sleep(PAUSE)
        wire.close()

    # ---- feeds ----

    async def feed(self, via):
        """Follows the changes; a new epoch begins from nothing."""
        wire = Wire(self.daemons[via], self.token)
        epoch, since = None, 0
        while not self.is_over:
            begin = time.monotonic()
            answer = await self.ask(wire, "GET", f"/v1/changes?since={since}&wait=1&limit=1000")
            if not answer or answer.status != 200:
                self.count_refusal(answer)
                await asyncio.sleep(RETRY)
                continue
            epoch, since = self.take_page(via, begin, epoch, since, answer.json)
        now = time.monotonic()
        self.operations.append({"kind": "feed", "client": f"feed-{via}", "via": via, "begin": now, "end": now,
                                "epoch": epoch, "since": since, "serial": since, "changes": []})
        wire.close()

    def take_page(self, via, begin, epoch, since, page):
        if epoch and page["epoch"] != epoch:
            return page["epoch"], 0
        if page["changes"]:
            self.operations.append({"kind": "feed", "client": f"feed-{via}", "via": via, "begin": begin,
                                    "end": time.monotonic(), "epoch": page["epoch"], "since": since,
                                    "serial": page["serial"], "changes": rows_of(page)})
            since = page["changes"][-1]["serial"]
        return page["epoch"], since

    # ---- afterwards ----

    async def read_final(self, address):
        """All that is there, from the beginning."""
        wire = Wire(address, self.token)
        changes, since = [], 0
        while True:
            page = (await wire.request("GET", f"/v1/changes?since={since}&limit=1000")).json
            changes += rows_of(page)
            if not page["changes"]:
                break
            since = page["changes"][-1]["serial"]
        wire.close()
        self.operations.append({"kind": "final", "epoch": page["epoch"], "serial": page["serial"], "changes": changes})

    def gap(self, begin, end, client=None):
        """The longest time without an acknowledgement that began or ended in between."""
        times = [when for when, who in self.acknowledged if client in (None, who)]
        inside = sorted([when for when in times if begin <= when <= end])
        before = [when for when in times if when < begin]
        edges = [max(before, default=begin), *inside, end]
        return max(later - earlier for earlier, later in zip(edges, edges[1:]))


def rows_of(page):
    """What is no publish is a change as well."""
    return [[change["serial"], change["package"] or change["kind"],
             int(change["version"]) if (change["version"] or "").isdigit() else change["version"]]
            for change in page["changes"]]
