# SPDX-License-Identifier: MIT
"""The token goes to the registry it is for and to nobody else: not over plain http to another host, not
through a proxy of the machine, not where a redirect points."""

import json

import pytest
from support.fake_registry import FakeRegistry
from support.python_program import run_python
from support.registryctl import registryctl

TOKEN = "plg_secret"
RECORDS = {"records": []}


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        running.answer("GET", "/v1/resolve", RECORDS)
        running.answer("POST", "/v1/reports", {}, status=201)
        yield running


def resolve(url, *options, **environment):
    return registryctl("resolve", "a.group", "--timeout", "2", *options, REGISTRYD_URL=url, **environment)


OTHER_HOSTS = [
    "http://registry.invalid", "HTTP://registry.invalid:80", "http://127.0.0.1.invalid:7621", "http://localhost.invalid",
    "http://127.invalid", "http://127.0.0.1.1.invalid", "http://localhost.example.org:7621",
]  # fmt: skip


@pytest.mark.parametrize("url", OTHER_HOSTS)
def test_plain_http_to_another_host_is_refused_before_anything_is_sent(url):
    done = resolve(url, REGISTRYD_TOKEN=TOKEN)
    assert done.code == 2, done
    assert "plain http" in done.err and "https" in done.err and "--insecure-plain" in done.err
    assert TOKEN not in done.err + done.out


@pytest.mark.parametrize("allow", [["--insecure-plain"], {"REGISTRYD_INSECURE_PLAIN": "1"}])
def test_it_can_be_allowed(allow):
    options, settings = (allow, {}) if isinstance(allow, list) else ([], allow)
    done = resolve("http://registry.invalid", *options, REGISTRYD_TOKEN=TOKEN, **settings)
    assert done.code == 4 and "plain http" not in done.err


@pytest.mark.parametrize("value", ["", "0", "no", "2"])
def test_another_word_does_not_allow_it(value):
    assert resolve("http://registry.invalid", REGISTRYD_TOKEN=TOKEN, REGISTRYD_INSECURE_PLAIN=value).code == 2


def test_https_and_no_token_need_no_leave():
    assert resolve("https://registry.invalid", REGISTRYD_TOKEN=TOKEN).code == 4
    assert resolve("http://registry.invalid").code == 4


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.1"])
def test_this_machine_gets_the_token(registry, host):
    port = registry.url.rpartition(":")[2]
    assert resolve(f"http://{host}:{port}", REGISTRYD_TOKEN=TOKEN).code == 0
    assert registry.requests[-1].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_proxy_of_the_machine_does_not_see_it(registry):
    with FakeRegistry() as proxy:
        assert resolve(registry.url, REGISTRYD_TOKEN=TOKEN, http_proxy=proxy.url, ALL_PROXY=proxy.url).code == 0
        assert proxy.requests == [] and len(registry.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_carries_nothing_on(status):
    with FakeRegistry() as first, FakeRegistry() as second:
        first.answer("GET", "/v1/resolve", {}, status=status, headers={"Location": f"{second.url}/v1/resolve"})
        second.answer("GET", "/v1/resolve", RECORDS)
        done = resolve(first.url, REGISTRYD_TOKEN=TOKEN)
        assert done.code == 4 and "redirects are not followed" in done.err and second.url in done.err
        assert second.requests == []


# ---- Python ----

ASK = """
import json, sys
from registryclient import Registry, RegistryError
url, insecure = sys.argv[1], bool(int(sys.argv[2]))
registry = Registry(url, token="plg_secret", timeout=2, insecure_plain=insecure)
def code(call):
    try:
        return "ok" if call() is not None else "none"
    except RegistryError as error:
        return f"{error.code}: {error}"
print(json.dumps([code(lambda: registry.resolve("a.group")), code(registry.refresh),
                  code(lambda: registry._send("POST", "/v1/reports", {}) or 1),
                  [str(one) for one in registry.discover("a.group", mode="registry").diagnostics]]))
"""


def ask(url, insecure=False, **settings):
    return json.loads(run_python("-c", ASK, url, int(insecure), **settings).out)


def test_python_guards_it_too():
    *codes, diagnostics = ask("http://registry.invalid")
    assert [one.partition(":")[0] for one in codes] == ["usage"] * 3
    assert all("plain http" in one and "plg_secret" not in one for one in codes)
    assert any("plain http" in one for one in diagnostics)
    for allowed in (ask("http://registry.invalid", True), ask("http://registry.invalid", REGISTRYD_INSECURE_PLAIN="1")):
        assert [one.partition(":")[0] for one in allowed[:3]] == ["unreachable"] * 3


def test_a_report_of_python_goes_to_this_machine_and_not_through_its_proxy(registry):
    with FakeRegistry() as proxy:
        found = ask(registry.url, http_proxy=proxy.url, HTTP_PROXY=proxy.url)
        assert found[0] == "ok" and found[2] == "ok"
        assert proxy.requests == []


def test_a_report_of_python_follows_no_redirect(registry):
    with FakeRegistry() as first:
        first.answer("POST", "/v1/reports", {}, status=307, headers={"Location": f"{registry.url}/v1/reports"})
        assert "redirects are not followed" in ask(first.url)[2]
        assert registry.requests == []
