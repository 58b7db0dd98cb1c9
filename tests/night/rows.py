# SPDX-License-Identifier: MIT
"""The long programme: one row for each property that takes a night to prove, with the figure that must hold.

A row runs one or more programs. A program that counts (kills, requests, histories) takes its count from an environment
variable; with fewer hours than the whole programme needs, the counts shrink in proportion, and the report says how far
a row came. `short` names the ctest entries of `./dev test` that ask the same in little. A row without a program says
in `missing` why; `missing` beside programs says what of the figure they do not reach.
"""
import dataclasses

from mutant_table import MUTANTS


@dataclasses.dataclass(frozen=True)
class Count:
    """The environment variable that says how many; `goal` is the figure's, `least` a run that still means something."""
    variable: str
    goal: int
    least: int


@dataclasses.dataclass(frozen=True)
class Run:
    """`command`: words; {build}, {source}, {out} and {python} are filled in. `preset`: the build it needs.
    `minutes`: what it takes at its goal, on two cores."""
    command: tuple
    minutes: float
    count: Count | None = None
    preset: str = "dev"
    environment: dict = dataclasses.field(default_factory=dict)
    needs_root: bool = False


@dataclasses.dataclass(frozen=True)
class Row:
    id: str
    title: str
    figure: str
    runs: tuple = ()
    short: tuple = ()
    missing: str = ""


def pytest(path, minutes, count=None, only=None, preset="dev", needs_root=False, **environment):
    """One test file, or the tests of it whose names match `only`."""
    command = ("{python}", "-m", "pytest", "-q", "-x", "-rs", "-s", f"{{source}}/tests/{path}", *(("-k", only) if only else ()))
    return Run(command, minutes, count, preset, environment, needs_root)


def ctest(expression, minutes, preset="dev", *options):
    return Run(("ctest", "--test-dir", "{build}", "--output-on-failure", *options, "-R", expression), minutes, preset=preset)


def program(path, minutes, *arguments, count=None, preset="dev"):
    return Run(("{python}", f"{{source}}/{path}", *arguments), minutes, count, preset)


ROWS = (
    # ---- durability
    Row("D1", "kill -9 of registryd at random times", "1,000 kills: no acknowledged publish lost, none by half, none twice",
        (pytest("e2e/test_kill.py", 25, Count("REGISTRYD_KILLS", 1000, 24), only="acknowledged"),
         pytest("e2e/test_kill_life.py", 1), pytest("e2e/test_environment_kill.py", 1)),
        ("e2e_test_kill", "e2e_test_kill_life", "e2e_test_environment_kill"),
        "6 publishers and 1 reader, not 16 and 8"),
    Row("D2", "named points of failure in the daemon", "24 points × kill, sleep, error, 50 runs each: as D1",
        missing="the daemon has no named points of failure; D1 kills at random times, D14 and D15 fail single calls"),
    Row("D3", "kill -9 of a backend and of the postmaster", "100 each: rows acknowledged = rows present; back in 10 s",
        (pytest("e2e/test_kill.py", 8, Count("REGISTRYD_KILLS", 300, 24), only="acknowledged", REGISTRYD_SEED="3"),
         pytest("db/test_failures.py", 1)),
        ("e2e_test_kill", "db_test_failures"), "one kill in three is the postmaster's; backends are ended by pg_terminate_backend"),
    Row("D4", "kill -9 of the daemon alone: the next one adopts its PostgreSQL", "adopted process unchanged, never two",
        (pytest("e2e/test_kill.py", 1, only="adopts or nobody or supervisor"),), ("e2e_test_kill",),
        "3 adoptions, not 100; a postmaster that stays a zombie is not tried"),
    Row("D5", "failover to a synchronous standby", "100 failovers: none lost, writers back in 15 s, no failed resolve",
        (pytest("cluster/test_failover.py", 110, Count("REGISTRYD_FAILOVERS", 100, 5), only="acknowledged", needs_root=True),),
        ("cluster_test_failover",)),
    Row("D6", "failover to an asynchronous standby", "the report states the loss, the epoch changes, clients follow",
        (pytest("cluster/test_failover.py", 30, Count("REGISTRYD_FAILOVERS", 100, 10), only="asynchronous", needs_root=True),),
        ("cluster_test_failover",)),
    Row("D7", "a former primary that comes back", "20 times: no write is accepted there",
        (pytest("cluster/test_failover.py", 25, Count("REGISTRYD_FAILOVERS", 100, 10), only="asynchronous", needs_root=True), pytest("e2e/test_failover.py", 1)),
        ("e2e_test_failover", "cluster_test_failover"), "every second fault of D6's run is one"),
    Row("D8", "the network between registryd and PostgreSQL is cut", "503 in 10 s, resolves go on, back in 10 s",
        (pytest("e2e/test_database_gone.py", 1),
         pytest("cluster/test_failover.py", 60, Count("REGISTRYD_SECONDS_EACH", 600, 30), only="other", needs_root=True)),
        ("e2e_test_database_gone",), "cuts in COMMIT and in LISTEN are not aimed at, they happen"),
    Row("D9", "lost notifications", "1,000 cuts of the listener in 10,000 publishes: no change missed",
        (pytest("db/test_feed.py", 1), pytest("e2e/test_two_daemons.py", 2)), ("db_test_feed", "e2e_test_two_daemons"),
        "100 cuts in 1,000 publishes; how late a change comes is printed and not asserted"),
    Row("D10", "the feed of changes", "no gap, no other order, no repetition; a wrong feed is found",
        (pytest("cluster/test_wrong_feed.py", 2, needs_root=True), pytest("db/test_publish.py", 1), pytest("db/test_feed.py", 1)),
        ("cluster_test_wrong_feed", "db_test_publish", "db_test_feed"), "thousands of events, not a million"),
    Row("D11", "races between changes of one package", "15 races, every order",
        (pytest("db/test_lifecycle.py", 1), pytest("db/test_publish.py", 1)), ("db_test_lifecycle", "db_test_publish"),
        "about 6 races, in the orders that threads happen to take"),
    Row("D12", "what clients saw is one history", "10 minutes of each of 6 faults: no rule broken",
        (pytest("cluster/test_failover.py", 60, Count("REGISTRYD_SECONDS_EACH", 600, 30), only="other", needs_root=True), pytest("cluster/test_history.py", 1)),
        ("cluster_test_history",)),
    Row("D13", "a full disk", "507 and read-only, none lost, back in 10 s", (pytest("e2e/test_database_gone.py", 1),),
        ("unit_client_test_snapshot_faults",), "the snapshot's side by error numbers; the data directory on a small file system is not tried"),
    Row("D14", "the n-th allocation fails", "no crash, no leak, no false success",
        (ctest("no_memory", 4),), ("unit_registryd_test_no_memory", "unit_client_test_no_memory_snapshot", "db_test_no_memory"),
        "fails once; “fails for ever after” is not tried"),
    Row("D15", "the n-th system call fails", "the old or the new file always loads; no hang",
        (ctest("^unit_client_test_snapshot_(faults|kept)$", 1),), ("unit_client_test_snapshot_faults",),
        "every call of saving and loading a snapshot × 6 errors; nothing of the daemon"),
    Row("D16", "a snapshot and writes that never reached the disk", "1,000 cuts: the file is old or new, never a lower serial",
        (ctest("^unit_client_test_snapshot_faults$", 1),), ("unit_client_test_snapshot_faults",)),
    Row("D17", "few descriptors, little memory, no connections left", "no crash, 503, back in 5 s",
        (Run(("{python}", "{source}/tests/bench/attack_rates.py", "--packages", "2000", "small"), 4, preset="release"),
         pytest("http/test_availability.py", 2)), ("http_test_availability",)),
    Row("D18", "SIGSTOP for a while", "no state by half; old answers say their age",
        (pytest("e2e/test_database_gone.py", 1),), ("e2e_test_database_gone",), "PostgreSQL for seconds; the daemon in the cluster's runs"),
    Row("D19", "clocks that are wrong", "±1 h, ±10 years: expiry by the database's clock, no crash, no negative age",
        (ctest("snapshot|epoch_numbers|last_known_good", 3),), ("cli_test_epoch_numbers", "cli_test_last_known_good"),
        "by numbers in files, not by a library that lies about the time"),
    Row("D20", "SIGTERM with 200 publishes under way", "100 stops: every accepted request answered, exit in 25 s, none lost",
        (pytest("e2e/test_stop.py", 15, Count("REGISTRYD_STOPS", 100, 5), only="answered"),), ("e2e_test_stop",)),
    # ---- HTTP and input
    Row("H1", "bytes of HTTP", "100 cases, each with its exact status; never a second request from one body",
        (ctest("^http_test_(bytes|daemon_bytes)$", 2),), ("http_test_bytes", "http_test_daemon_bytes")),
    Row("H2", "bad input of every route", "400 rows with exact status and code, no 5xx", (ctest("^http_test_", 12),),
        ("http_test_problems", "http_test_error_texts"), "more than 1,000 cases, in many files and not in one table"),
    Row("H3", "slow heads, slow bodies, unread answers", "1,000 of each: p99 of a resolve under 5 ms",
        (Run(("{python}", "{source}/tests/bench/attack_rates.py", "--packages", "20000", "holders", "slowhttptest"), 6, preset="release"),),
        ("http_test_availability",), "the figures are printed; the goal of the project is 10 ms"),
    Row("H4", "10,000 idle connections", "p99 under 2 ms, under 512 MB",
        missing="tests/bench/attack_rates.py holds 1,000; more needs a limit of descriptors that machines seldom allow"),
    Row("H5", "2,000 connections a second, resets, half-open ones", "no descriptor lost in 10 minutes",
        (Run(("{python}", "{source}/tests/night/connections.py"), 10, Count("NIGHT_SECONDS", 600, 10), preset="release"),)),
    Row("H6", "SQL injection", "200 texts × every parameter: no 5xx, no changed row", (pytest("http/test_search.py", 1), pytest("http/test_statements.py", 1)),
        ("http_test_search", "http_test_statements"), "search and pages, not each parameter; no statement is built from text (contract)"),
    Row("H7", "paths that lead out", "150 paths: no file outside is opened", (pytest("reading/test_artifacts.py", 3), pytest("cli/test_hostile_trees.py", 1)),
        ("reading_test_artifacts", "cli_test_hostile_trees"), "by what is read; system calls are not traced"),
    Row("H8", "hostile archives", "60 archives: refused with their code in 2 s and 64 MB; otherwise the metadata that Python reads",
        (pytest("reading/test_artifacts.py", 3), pytest("http/test_api_artifacts.py", 2, preset="release")), ("reading_test_artifacts",)),
    Row("H9", "wheels and projects of others", "500: no difference from Python", (program("tests/bench/wheel_rates.py", 3, preset="release"), pytest("e2e/test_real_projects.py", 2)),
        ("e2e_test_real_projects",), "what the machine has"),
    Row("H10", "YAML floods", "refused in 10 ms", (ctest("^unit_schema_test_(plugin_yaml|yaml_scalars)$", 1),), ("unit_schema_test_plugin_yaml",), "the time is not asserted"),
    Row("H11", "TOML floods", "refused, the daemon lives", (pytest("reading/test_toml.py", 1),), ("reading_test_toml",)),
    Row("H12", "JSON floods", "400 or 413", (ctest("^unit_schema_test_json$", 1), pytest("http/test_api_publish.py", 1)), ("unit_schema_test_json",)),
    Row("H13", "bytes that are not UTF-8", "400 from us, never an error of the database", (pytest("http/test_api_publish.py", 1), pytest("http/test_legacy_malformed.py", 1)),
        ("http_test_legacy_malformed",), "several texts, not 120 sequences × every input"),
    Row("H14", "heads that are too long", "431 or 400, closed", (ctest("^http_test_bytes$", 1),), ("http_test_bytes",)),
    Row("H15", "names that look alike", "200 pairs, each with its answer", (ctest("names", 2),), ("packaging_test_names", "http_test_api_names", "db_test_names"),
        "fewer than 200 pairs"),
    # ---- fuzzing
    Row("F1", "every parser with random input", "30 minutes a target: no crash, nothing over 1 s or 256 MB",
        (Run(("{source}/tests/fuzz/run", "{source}/build-fuzz", "{count}"), 1100, Count("", 1800, 20), preset="fuzz"),), (),
        "24 hours of processor time each were never kept"),
    Row("F2", "the corpus reaches the parsers", "90 % of the lines of each parser",
        missing="Q2 counts the lines that the whole suite reaches"),
    # ---- access
    Row("A1", "every route × every kind of token", "every cell, made from the route table", (pytest("http/test_access_matrix.py", 1),), ("http_test_access_matrix",)),
    Row("A2", "rights that are removed", "in 1 s on every daemon, 100 times", (pytest("e2e/test_rights_gone.py", 4, Count("REGISTRYD_RIGHTS_RUNS", 100, 10)),),
        ("e2e_test_rights_gone",), "two daemons, not three"),
    Row("A3", "the audit trail", "one row a change, unchangeable, the chain holds", (pytest("e2e/test_audit.py", 6, Count("REGISTRYD_AUDIT_CHANGES", 10000, 1000)),), ("e2e_test_audit",)),
    Row("A4", "secrets in logs and answers", "none", (pytest("http/test_secrets_nowhere.py", 1),), ("http_test_secrets_nowhere",), "every test's daemon checks its own log; memory dumps are not made"),
    Row("A5", "times of comparing tokens", "|t| < 4.5 over a million samples", missing="comparisons use sodium_memcmp; nothing measures them"),
    Row("A6", "rate limits", "±5 % of the rate", (pytest("http/test_api_limits.py", 1), pytest("e2e/test_shared_limits.py", 2)), ("http_test_api_limits", "e2e_test_shared_limits"), "bounds, not ±5 %"),
    Row("A7", "security headers and markup in metadata", "exact headers, nothing unescaped", (ctest("^http_test_pages", 3), ctest("^unit_registryd_test_html$", 1)), ("http_test_pages",)),
    # ---- clients
    Row("C1", "attacks on the last known good snapshot", "never a lower serial, never a crash", (pytest("cli/test_last_known_good.py", 1), ctest("^unit_client_test_snapshot", 1)), ("cli_test_last_known_good",)),
    Row("C2", "another registry, another history", "20 cases", (pytest("cli/test_epoch_numbers.py", 1), pytest("e2e/test_backup.py", 1)), ("cli_test_epoch_numbers", "e2e_test_backup"), "fewer than 20 cases"),
    Row("C3", "no daemon, a slow one, rubbish", "a resolve is answered in 300 ms", (pytest("e2e/test_offline_host.py", 1),), ("e2e_test_offline_host",)),
    # ---- change
    Row("M1", "migrations from every schema, raced", "exactly one applies them", (pytest("db/test_schema.py", 1),), ("db_test_schema",), "two releases of the daemon side by side are not tried"),
    Row("M2", "backup and restore", "content equal, epoch changed", (pytest("e2e/test_backup.py", 1),), ("e2e_test_backup",), "no base backup of a running server with peers"),
    Row("M3", "API and ABI of released versions", "no breaking difference", missing="nothing was released yet; the symbols and the OpenAPI document of now are held by contracts"),
    # ---- quality
    Row("Q1", "sanitizers and valgrind", "no report",
        (ctest("^(unit_registryd_test_(limits|making|answer_cache|index|shares|rights)|http_test_(server|availability)|e2e_test_(two_daemons|shared_limits))$", 12, "tsan"),
         Run(("{python}", "{source}/tests/night/under_valgrind.py", "{build}"), 20, preset="release")),
        (), "everything in `./dev test` runs under ASan and UBSan; ThreadSanitizer and valgrind over the suites named here"),
    Row("Q2", "coverage", "90 % of lines; 100 % in access, publish, feed and snapshot",
        (Run(("{python}", "{source}/tests/night/coverage.py", "{build}", "{out}"), 40, preset="coverage"),)),
    Row("Q3", "seeded faults", "25, each found by a test", (program("tests/night/mutants.py", 60, "--out", "{out}", count=Count("NIGHT_MUTANTS", len(MUTANTS), 5)),)),
    Row("Q4", "a long run", "memory grows less than 1 % an hour; descriptors constant",
        (Run(("{python}", "{source}/tests/night/soak.py"), 1440, Count("NIGHT_SECONDS", 86400, 60), preset="release"),)),
    Row("Q5", "tests that fail now and then", "50 runs, no unexplained failure",
        (Run(("ctest", "--test-dir", "{build}", "--output-on-failure", "-j2", "-L", "quick", "--repeat", "until-fail:{count}"), 150, Count("", 50, 2)),), (), "the quick part of the suite"),
    Row("O1", "odd surroundings", "works, or fails with one clear line", (pytest("e2e/test_start.py", 2), pytest("e2e/test_command_line.py", 1), ctest("^deploy_test_", 3)),
        ("e2e_test_start",), "no other locale, no IPv6 alone, no read-only file system"),
    # ---- beyond the programme's 56
    Row("S1", "100,000 requests through a rolling restart", "no error", (pytest("e2e/test_rolling_restart.py", 10, Count("REGISTRYD_ROLLING", 100000, 2000)),), ("e2e_test_rolling_restart",)),
    Row("S2", "frozen environments", "1,000 histories", (pytest("e2e/test_frozen.py", 6, Count("FROZEN_HISTORIES", 1000, 200)),), ("e2e_test_frozen",)),
    Row("S3", "selection against a model", "20,000 cases", (pytest("selection/test_selection.py", 2, Count("SELECTION_CASES", 20000, 2000)),), ("selection_test_selection",)),
    Row("S4", "the container example from nothing", "as its page says", (ctest("^deploy_test_container$", 30),)),
)
