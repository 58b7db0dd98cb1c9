# SPDX-License-Identifier: MIT
"""How often, from where, over what: limits, addresses, headers, numbers and log lines."""

import json
import re
import subprocess
import time
from urllib.parse import urlencode

import pytest

from support.access import make_token, publish
from support.daemon import BUILD_DIR, Daemon
from support.postgres import wait_until

PUBLISH = ["publish:new", "publish:update", "group:publish"]
TOKEN = re.compile(r"plg[ac]?_[0-9A-Za-z]{46}")


@pytest.fixture
def bounded(cluster):
    """A maker of daemons with these settings, on a database of their own."""
    daemons = []

    def start(*arguments, **environment):
        daemon = Daemon(arguments=["--database-url", cluster.create_database(), *arguments],
                        environment={f"REGISTRYD_{name}": str(value)
                                     for name, value in environment.items()})
        daemons.append(daemon)
        return daemon
    yield start
    for daemon in daemons:
        daemon.close()


def wait_of(answer, refused):
    refused(answer, 429, "too-many-requests")
    return int(answer.headers["Retry-After"])


def test_requests_of_an_address(bounded, refused):
    daemon = bounded(REQUESTS_PER_SECOND=5)
    began = time.monotonic()
    answers = [daemon.get("/v1") for _ in range(30)]
    seconds = time.monotonic() - began
    let = sum(answer.status == 200 for answer in answers)
    assert 10 <= let <= 10 + 5 * seconds + 1
    assert wait_of(next(a for a in answers if a.status != 200), refused) == 1
    assert daemon.get("/healthz").status == 200  # not counted
    time.sleep(1.1)
    assert daemon.get("/v1").status == 200


def test_publishes_with_a_token(bounded, refused):
    daemon = bounded(PUBLISHES_PER_MINUTE=3)
    token = make_token(daemon, "busy", PUBLISH, grant=True)
    for number in range(3):
        assert publish(daemon, token, "busy", f"1.{number}").status == 201
    assert 15 <= wait_of(publish(daemon, token, "busy", "2.0"), refused) <= 20
    other = make_token(daemon, "busy", PUBLISH)
    assert publish(daemon, other, "busy", "2.0").status == 201


def test_new_names_with_a_token(bounded, refused):
    daemon = bounded(NEW_NAMES_PER_HOUR=2, NEW_NAMES_BURST=2)
    token = make_token(daemon, "fresh", PUBLISH, grant=True)
    assert publish(daemon, token, "fresh-a").status == 201
    assert publish(daemon, token, "fresh-b").status == 201
    assert 1700 <= wait_of(publish(daemon, token, "fresh-c"), refused) <= 1800
    assert publish(daemon, token, "fresh-a", "2.0").status == 201


def test_failed_authentications_block_only_bad_tokens(bounded, refused):
    daemon = bounded(BAD_TOKENS=3)
    token = make_token(daemon, "good", PUBLISH, grant=True)
    leaked = make_token(daemon, "leaked", ["read"], grant=True, whole=True)
    revoked = leaked["token"]
    for _ in range(3):
        refused(publish(daemon, "plg_wrong", "x"), 401, "unauthorized")
    assert 80 <= wait_of(publish(daemon, "plg_wrong", "x"), refused) <= 100
    # Valid tokens of the same address work, for publishing, administration and signing in.
    assert publish(daemon, token, "good-package").status == 201
    assert daemon.get("/v1/tokens", token=daemon.admin_token).status == 200
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    sign_in = urlencode({"token": token}).encode()
    assert daemon.request("POST", "/sign-in", sign_in, headers=form, token=None).status == 200  # follows to "/"
    # So does revoking, of a leaked token and of any other.
    for _ in range(2):
        answer = daemon.post("/v1/tokens/revoke-leaked", {"token": "plg_wrong"}, token=None)
        assert answer.status == 200 and answer.json == {"revoked": False}
    answer = daemon.post("/v1/tokens/revoke-leaked", {"token": revoked}, token=None)
    assert answer.status == 200 and answer.json == {"revoked": True}
    # A token that was valid once fails like any other, and is refused once the address has failed too often.
    wait_of(daemon.get("/v1/token", token=revoked), refused)
    assert daemon.get("/v1", token="plg_wrong").status == 200  # needs no token


def test_pace_and_rights_come_before_the_file_is_read(bounded, refused):
    daemon = bounded(PUBLISHES_PER_MINUTE=2)
    mine = make_token(daemon, "mine", PUBLISH, grant=True, prefix="mine")
    def upload(token, filename, content):
        return daemon.request("POST", f"/v1/artifacts?filename={filename}", content, token=token,
                              headers={"Content-Type": "application/octet-stream"})
    # Bytes that are no wheel: 403 and 429 say that nothing looked at them.
    refused(upload(mine, "other-1.0-py3-none-any.whl", b"no zip"), 403, "forbidden")
    refused(upload(mine, "mine-1.0-py3-none-any.whl", b"no zip"), 400, "malformed")
    wait_of(upload(mine, "mine-1.0-py3-none-any.whl", b"no zip"), refused)
    wait_of(daemon.put("/v1/packages/mine/releases/1.0", {"name": 1}, token=mine), refused)


def report(daemon, token, host, **more):
    group = {"group": "g", "equal": True, "same": 1,
             **{key: [] for key in ("only_walk", "only_registry", "value", "version", "shadowed", "invalid")}}
    return daemon.post("/v1/reports", {"host": host, "reports": [group], **more}, token=token)


@pytest.mark.parametrize("scope, may, may_not", [
    ("report:web-1", ["web-1"], ["web-10", "web-2", "web", "WEB-1"]),
    ("report:web-*", ["web-1", "web-"], ["web", "db-1", "x-web-1"]),
    ("report:host.example.org", ["host.example.org"], ["host.example.org.evil"]),
    ("report", ["web-1", "any host"], []),
    ("report:*", ["web-1"], []),
])
def test_a_report_token_is_bound_to_hosts(registry, refused, scope, may, may_not):
    token = make_token(registry, registry.new_name("reporters"), [scope], grant=True)
    for host in may:
        assert report(registry, token, host).status == 201, host
    for host in may_not:
        refused(report(registry, token, host), 403, "forbidden")


def test_a_grant_binds_reports_to_hosts(registry, refused):
    team = registry.new_name("reporters")
    token = make_token(registry, team, ["report"])
    refused(report(registry, token, "web-1"), 403, "forbidden")
    answer = registry.put(f"/v1/grants/{team}/report/web-*", None, token=registry.admin_token)
    assert answer.status == 200
    assert report(registry, token, "web-1").status == 201
    refused(report(registry, token, "db-1"), 403, "forbidden")
    for scope in ("report:", "report:a b", "report:a*b", "read:x", "report:" + "x" * 101):
        answer = registry.post("/v1/tokens", {"name": "t", "team": team, "scopes": [scope]})
        refused(answer, 422, "invalid")


def test_reports_are_paced(registry, refused):
    token = make_token(registry, registry.new_name("reporters"), ["report"], grant=True)
    sent, began = 0, time.monotonic()
    while (answer := report(registry, token, "fast")).status == 201:
        sent += 1
        assert sent <= 60 + time.monotonic() - began + 1
    assert sent >= 60 and 1 <= wait_of(answer, refused) <= 2
    assert report(registry, token, "slow").status == 201
    assert report(registry, registry.admin_token, "fast").status == 201


def test_reports_of_a_host_are_bounded_in_bytes(registry, refused):
    token = make_token(registry, registry.new_name("reporters"), ["report"], grant=True)
    padding = "x" * (7 * 1024 * 1024)  # a report that is refused counts too
    statuses = [report(registry, token, "large", padding=padding).status for _ in range(19)]
    assert statuses[-1] == 429 and statuses[:18].count(429) == 0
    assert wait_of(report(registry, token, "large", padding=padding), refused) > 60


def test_the_history_of_reports_is_bounded_in_bytes(registry):
    record = {"group": "big", "name": "x", "value": "m:a", "package": "x", "version": "1", "source": "walk",
              "label": None, "origin": "/p", "manifest": {"text": "y" * 900_000}, "warnings": [], "errors": [],
              "shadowed_by": None}
    group = {"group": "big", "equal": False, "same": 0, "only_walk": [record],
             **{key: [] for key in ("only_registry", "value", "version", "shadowed", "invalid")}}
    for _ in range(9):
        answer = registry.post("/v1/reports", {"host": "h", "reports": [group]}, token=registry.admin_token)
        assert answer.status == 201, answer.body
    ((count, most),) = registry.sql("SELECT count(*), sum(octet_length(report)) FROM parity_reports WHERE group_name = 'big'")
    assert int(count) == 5 and int(most) < 5 * 1024 * 1024


def test_revoking_is_never_paced(bounded):
    daemon = bounded(REQUESTS_PER_SECOND=1)
    token = make_token(daemon, "leaked", ["read"], grant=True, whole=True)
    statuses = {daemon.get("/v1").status for _ in range(10)}
    assert 429 in statuses
    for _ in range(5):
        assert daemon.post("/v1/tokens/revoke-leaked", {"token": "x"}, token=None).status == 200
    assert daemon.post(f"/v1/tokens/{token['id']}/revoke", {}).status == 200


def test_a_proxy_says_for_whom_it_asks(bounded):
    daemon = bounded("--proxies", "127.0.0.1", REQUESTS_PER_SECOND=1)
    def ask(address):
        return daemon.get("/v1", headers={"X-Forwarded-For": address}).status
    assert [ask("192.0.2.1") for _ in range(4)].count(429) >= 1
    assert ask("192.0.2.2") == 200
    assert ask("192.0.2.2, 192.0.2.3") == 200  # the last one counts
    assert ask("192.0.2.9, 192.0.2.1") == 429


def test_nobody_else_may_say_so(bounded):
    daemon = bounded("--proxies", "10.0.0.0/8", REQUESTS_PER_SECOND=1)
    statuses = [daemon.get("/v1", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status
                for n in range(6)]
    assert statuses.count(429) >= 2


@pytest.mark.parametrize("listen, flags, fine", [
    ("0.0.0.0:0", [], False), ("0.0.0.0:0", ["--behind-tls-proxy"], True),
    ("0.0.0.0:0", ["--insecure-plain"], True), ("127.0.0.1:0", [], True), ("127.9.9.9:0", [], True),
    ("0.0.0.0:0", ["--behind-tls-proxy=no"], False),
])
def test_an_address_that_others_reach_needs_a_word(tmp_path, listen, flags, fine):
    tmp_path.chmod(0o755)
    daemon = Daemon(arguments=["--database-url", "postgresql://nobody@127.0.0.1:1/x", *flags,
                               "--listen", listen], start=False)
    try:
        if fine:
            daemon.start(wait="listening")
            return
        done = subprocess.run(daemon.command(), capture_output=True, text=True, check=False)
        assert done.returncode == 2 and "--behind-tls-proxy" in done.stderr
        assert not daemon.data_dir.exists()
    finally:
        daemon.close()


def test_bad_proxies_are_refused():
    done = subprocess.run([BUILD_DIR / "bin" / "registryd", "--data-dir", "/nowhere/x", "--proxies", "10.0.0.0/40"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "10.0.0.0/40" in done.stderr


HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
                               "script-src 'self'; base-uri 'none'; form-action 'none'; "
                               "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@pytest.mark.parametrize("method, path", [
    ("GET", "/v1"), ("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/v1/packages"),
    ("GET", "/nowhere"), ("PUT", "/v1/packages/x/releases/1"), ("DELETE", "/v1"), ("OPTIONS", "/v1"),
    ("HEAD", "/v1"), ("GET", "/v1/resolve"), ("GET", "/v1/%00")])
def test_every_answer_has_the_headers(registry, method, path):
    answer = registry.request(method, path, headers={"Origin": "http://elsewhere.example"})
    for name, value in HEADERS.items():
        assert answer.headers.get_all(name) == [value]
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert answer.headers["Server"] is None and answer.headers["Set-Cookie"] is None
    if answer.status >= 400:
        assert answer.headers["Cache-Control"] == "no-store"


def metrics_of(registry):
    answer = registry.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = {}
    for line in answer.body.decode().splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def test_metrics_count_by_route_and_status(registry):
    before = metrics_of(registry)
    for _ in range(3):
        registry.get("/v1/packages/nowhere")
    registry.get("/nothing/here")
    after = metrics_of(registry)
    def grown(name):
        return after.get(name, 0) - before.get(name, 0)
    route = 'method="GET",route="/v1/packages/{name}"'
    assert grown(f'registryd_requests_total{{{route},status="404"}}') == 3
    assert grown('registryd_requests_total{method="-",route="none",status="404"}') == 1
    assert grown(f"registryd_request_seconds_count{{{route}}}") == 3
    assert grown(f'registryd_request_seconds_bucket{{{route},le="+Inf"}}') == 3
    assert after[f"registryd_request_seconds_sum{{{route}}}"] > 0
    buckets = [value for name, value in after.items()
               if name.startswith(f"registryd_request_seconds_bucket{{{route}")]
    assert buckets == sorted(buckets)


def test_metrics_tell_how_the_parts_are(registry):
    registry.publish("measured", "1.0", {"measured.plugins": {"m": "m:x"}})
    registry.resolve("group=measured.plugins")
    registry.resolve("group=measured.plugins")
    now = metrics_of(registry)
    assert now["registryd_ready"] == 1 and now["registryd_feed_following"] == 1
    assert now["registryd_feed_lag_milliseconds"] == 0
    assert now["registryd_serial"] == float(registry.sql("SELECT serial FROM registry")[0][0])
    assert now["registryd_cache_hits_total"] >= 1 and now["registryd_cache_misses_total"] >= 1
    assert now["registryd_cache_bytes"] > 0 and now["registryd_index_groups"] >= 1
    assert 1 <= now["registryd_store_connections"] <= now["registryd_store_connections_max"]


def test_request_ids_are_the_daemons_own(registry):
    answers = [registry.get("/v1", headers={"X-Request-Id": "mine"}) for _ in range(2)]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == 2 and "mine" not in ids


# ---- log lines ----

PAIR = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))(?: |$)')


def pairs_of(line):
    at, found = 0, {}
    while at < len(line):
        match = PAIR.match(line, at)
        assert match, (line, line[at:])
        found[match[1]] = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
        at = match.end()
    return found


HOSTILE = ["/x%22%20level=error%20event=%22forged", "/a%5C%22b", "/%E2%80%A8line", "/a=b",
           "/plg_" + "a" * 46, "/plga_" + "0" * 60]


@pytest.mark.parametrize("form", ["text", "json"])
def test_every_line_can_be_read_back(bounded, form):
    daemon = bounded("--log-level", "debug", "--log-format", form)
    for target in HOSTILE:
        assert daemon.get(target).status in (400, 404)
    publish(daemon, "plg_" + "z" * 46, "x")
    daemon.put("/v1/packages/x/releases/1.0", b"{", token=make_token(daemon, "log", PUBLISH, grant=True))
    wait_until(lambda: daemon.log().count("event") >= len(HOSTILE) + 2)
    lines = [line for line in daemon.log().splitlines() if "event" in line]
    assert len(lines) > len(HOSTILE)
    for line in lines:
        fields = json.loads(line) if form == "json" else pairs_of(line)
        assert {"time", "level", "event"} <= fields.keys() and fields["event"] != "forged"
    assert not TOKEN.search(daemon.log())


def test_a_token_in_the_wrong_place_is_not_told_back(registry):
    token = make_token(registry, "lost", ["read"])
    for answer in (registry.get(f"/{token}"), registry.get(f"/v1/packages?{token}=1"),
                   registry.get(f"/v1/packages?limit={token}"), registry.get(f"/v1/resolve?group={token}!"),
                   registry.post("/v1/tokens", {token: 1})):
        assert not TOKEN.search(answer.body.decode()), answer.body
    assert not TOKEN.search(registry.log())
