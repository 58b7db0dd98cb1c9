# SPDX-License-Identifier: MIT
"""registryctl search: what is asked, how it is shown."""

import json

import pytest
from support import catalogue
from support.registryctl import on_terminal, registryctl


@pytest.fixture(scope="module")
def filled(daemon):
    return catalogue.fill(daemon)


def search(filled, *arguments):
    return registryctl("--url", filled.url, "search", *arguments)


@pytest.mark.parametrize("arguments, expected", [
    (["crm"], ["honeyframe-crm"]), (["reports", "month"], ["honeyframe-analytics"]), (["honyframe", "analitics"], ["honeyframe-analytics"]),
    (["--group", "fastcms.plugins"], ["shop-search"]), (["--status", "deprecated"], ["finance-classic"]),
    (["--classifier", "Framework :: Honeyframe", "customers"], ["honeyframe-crm"]), (["qqqq"], []),
    (["--environment", "production", "next"], []), (["--environment", "default", "next"], ["honeyframe-next"]),
])  # fmt: skip
def test_what_is_found(filled, arguments, expected):
    done = search(filled, *arguments)
    assert done.code == 0, done.err
    assert sorted(item["name"] for item in json.loads(done.out)["packages"]) == expected


def test_a_table_for_people(filled):
    done = on_terminal("--url", filled.url, "search", "analitics")
    assert "Results for: analytics" in done.out and "honeyframe-analytics" in done.out and "1.2.0" in done.out
    assert "Showing 2 of 11. Use --limit N to see more." in search(filled, "--limit", "2", "--format", "table").out
    assert "No packages match." in search(filled, "qqqq", "--format", "table").out


def test_exit_codes(filled):
    assert search(filled, "qqqq", "--require").code == 1
    assert search(filled, "crm", "--require").code == 0
    refused = search(filled, "--status", "gone")
    assert refused.code == 2 and "--status" in refused.err
