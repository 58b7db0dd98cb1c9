# SPDX-License-Identifier: MIT
"""A registry of up to a million releases: what a resolution costs in time and memory, and whether publishing
gets slower. The catalogue is put in by SQL, as publishing it would leave it."""

import json
import time

from tools import POSTGRES, as_user, daemon, median, output_of, owner_of, publishes_per_second, resident_mib

GROUP = "bench.catalogue"
RELEASES = 10
HAVE = "have=host==4.2"

# The keys of versions come from a package that was published like any other.
FILL = """
SET synchronous_commit = off;
BEGIN;
INSERT INTO packages (name, display_name, release_count)
SELECT 'bench-c' || n, 'Bench ' || n, {releases} FROM generate_series(1, {packages}) n;
INSERT INTO releases (package_id, version, version_key, prerelease, requires_python, summary, document, digest,
                      published_by)
SELECT p.id, k.version, k.version_key, false, '>=3.9', 'A release of the benchmark',
       format('{{"entry_points":{{"{group}":{{"%1$s":"bench.plugin:manifest"}}}},"name":"%1$s",'
              '"requires_dist":["host>=4,<6","requests>=2"],"requires_python":">=3.9",'
              '"summary":"A release of the benchmark","version":"%2$s"}}', p.name, k.version),
       sha256(convert_to(p.name || k.version, 'UTF8')), 'bench'
  FROM packages p
  CROSS JOIN (SELECT r.version, r.version_key FROM releases r JOIN packages t ON t.id = r.package_id
               WHERE t.name = 'bench-template') k
 WHERE p.name <> 'bench-template';
INSERT INTO entry_points (release_id, group_name, name, value)
SELECT r.id, '{group}', p.name, 'bench.plugin:manifest'
  FROM releases r JOIN packages p ON p.id = r.package_id WHERE r.published_by = 'bench';
INSERT INTO group_entries (group_name, package_id, name)
SELECT '{group}', p.id, p.name FROM packages p WHERE p.name <> 'bench-template';
COMMIT;
ANALYZE;
"""


def sql(running, text):
    lines = (running.data_dir / "postgres/postmaster.pid").read_text().splitlines()
    command = [POSTGRES / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1",
               "-h", lines[4], "-p", lines[3], "-U", "registryd", "-d", "postgres"]
    return output_of(*command, input=text, cwd="/")


def publish(running, name, version, group=GROUP):
    document = {"name": name, "version": version, "entry_points": {group: {name: "bench.plugin:manifest"}}}
    answer = running.put(f"/v1/packages/{name}/releases/{version}", document)
    assert answer.status == 201, answer.body


def fill(running, packages):
    for version in range(RELEASES):
        publish(running, "bench-template", f"1.{version}", "bench.template")
    begin = time.perf_counter()
    sql(running, FILL.format(packages=packages, releases=RELEASES, group=GROUP))
    return time.perf_counter() - begin


def ask_ms(running, query):
    """Milliseconds of one answer, and its document."""
    begin = time.perf_counter()
    answer = running.get(f"/v1/resolve?group={GROUP}&{query}", timeout=120)
    taken = (time.perf_counter() - begin) * 1000
    assert answer.status == 200, answer.body[:300]
    return taken, answer


def fresh_ms(running, query, rounds, number=[0]):  # noqa: B006  (each question is a new one)
    """The median of questions nobody has asked before."""
    times = []
    for _ in range(rounds):
        number[0] += 1
        times.append(ask_ms(running, f"{query}&have=nonce=={number[0]}")[0])
    return median(times)


def measure_steps(running, packages, rounds):
    """{what: figure} of one registry that was just filled."""
    found = {"packages": packages}
    before = resident_mib(running.process.pid)
    found["first ms"], answer = ask_ms(running, f"{HAVE}&limit=100")
    assert len(json.loads(answer.body)["records"]) == 100
    found["memory MiB"] = resident_mib(running.process.pid) - before
    found["page ms"] = fresh_ms(running, f"{HAVE}&limit=100", rounds)
    found["explained page ms"] = fresh_ms(running, f"{HAVE}&limit=100&explain=1", rounds)
    found["whole ms"] = fresh_ms(running, HAVE, rounds)
    found["body MiB"] = len(ask_ms(running, HAVE)[1].body) / (1 << 20)
    found["kept ms"] = median([ask_ms(running, f"{HAVE}&limit=100")[0] for _ in range(20)])
    times = []
    for turn in range(rounds * 5):  # of a package in the group that is in memory, seen when answered
        begin = time.perf_counter()
        publish(running, "bench-c7", f"2.{turn}")
        times.append((time.perf_counter() - begin) * 1000)
    found["publish ms"] = median(times)
    return found


def measure(sizes, rounds, seconds):
    """The figures of each size, then (publishes/s to the empty registry, to the largest)."""
    with daemon(16) as empty:
        for packages in sizes:
            with daemon(16) as running:
                filled = fill(running, packages)
                yield {**measure_steps(running, packages, rounds), "fill s": filled}
                if packages == max(sizes):
                    rates = ([], [])
                    for turn in range(rounds):
                        for registry, rate in zip((empty, running), rates):
                            rate.append(publishes_per_second(registry.url, registry.publisher_token, f"x{turn}y", 1, seconds))
                    yield {"empty": median(rates[0]), "full": median(rates[1])}


if __name__ == "__main__":
    for one in measure((1000, 10_000, 100_000), 3, 3):
        print(json.dumps({key: round(value, 2) for key, value in one.items()}), flush=True)
