# SPDX-License-Identifier: MIT
"""Every page of the route table: axe-core in both colour schemes, narrow and wide; contrast; nothing asked of another
host; nothing that moves after it was drawn; nothing to scroll sideways; small; and all of it without a script.
REGISTRYD_SCREENSHOTS=FOLDER keeps the pictures."""

import os
import re
from pathlib import Path

import pytest
from support import catalogue
from support.browser import Browser
from support.daemon import SOURCE_DIR

ROUTE = re.compile(r'\{"GET", "(/[^"]*)", ACCESS_\w+,\s*\w+,\s*\w+,\s*(page_\w+),')
NO_PAGES = ("page_favicon",)
BYTES_MAX = 100 * 1024
WIDTHS = (390, 1280)
WEIGHT = """return ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
# What a person reads; the script adds nothing but buttons to copy.
WORDS = """const page = document.querySelector("main").cloneNode(true);
for (const button of page.querySelectorAll(".copy")) button.remove();
return page.textContent.replace(/\\s+/g, " ").trim();"""
UNSENDABLE = """return [...document.querySelectorAll("form")].filter((form) => !form.querySelector("button, input[type=submit]") &&
  !form.querySelector("input:not([type=hidden])")).map((form) => form.outerHTML.slice(0, 200))"""


def page_routes():
    """Address and handler of every page."""
    text = (SOURCE_DIR / "registryd" / "http" / "routes.c").read_text()
    found = ROUTE.findall(text)
    rows = [row for row in re.findall(r'\{"GET", "/[^}]*', re.sub(r"\{\w+\}", "X", text)) if " page_" in row]
    assert len(found) == len(rows) > 15, "a row that this test cannot read"
    return [path for path, handler in found if handler not in NO_PAGES]


def pages():
    return {**catalogue.PAGES, **catalogue.SIGNED_IN_PAGES}


def tab_of(path):
    """What stands behind the package or the release: "/files"."""
    return re.sub(r"^/packages/[^/]+(/releases/[^/]+)?", "", path.partition("?")[0])


def covers(route, path):
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route)), path.partition("?")[0]) is not None


@pytest.fixture(scope="module")
def filled(daemon):
    return catalogue.fill(daemon)


@pytest.fixture(scope="module")
def browser(filled):
    with Browser(requests=True) as running:
        running.sign_in(filled.url, filled.admin_token)
        yield running


def test_no_page_is_forgotten():
    routes = page_routes()
    exact = {route for route in routes if "{" not in route}
    paths = {path.partition("?")[0] for path in pages().values()}
    missing = [route for route in routes if not any(
        covers(route, path) and (path not in exact or path == route) for path in paths)]
    assert missing == [], "add an address of each to PAGES or SIGNED_IN_PAGES of support/catalogue.py"


def test_no_tab_is_forgotten(filled, browser):
    for path in ("/packages/finance", "/packages/finance/releases/1.2.0"):
        browser.open(filled.url + path)
        links = browser.driver.execute_script("return [...document.querySelectorAll('.tabs a')].map((a) => a.pathname)")
        tabs = {tab_of(link) for link in links}
        assert len(tabs) > 3
        assert tabs <= {tab_of(one) for one in pages().values() if one.startswith("/packages/")}, "add an address of each to PAGES or SIGNED_IN_PAGES of support/catalogue.py"


def faults_of(browser, url, name, folder):
    """All that is wrong with the page, at every width and in both schemes."""
    browser.show(WIDTHS[0], dark=False)
    browser.errors()
    browser.requests()
    browser.open(url)
    faults = [f"moves: {shift}" for shift in browser.layout_shifts()]
    origin = "/".join(url.split("/")[:3]) + "/"
    faults += [f"asks {address}" for address in browser.requests() if not address.startswith((origin, "data:"))]
    weight = browser.driver.execute_script(WEIGHT)
    faults += [f"{weight} bytes"] if not 0 < weight <= BYTES_MAX else []
    # The rules of contrast depend on the scheme, the others on the width.
    for width, dark, rules in ((WIDTHS[0], False, ()), (WIDTHS[0], True, ("color-contrast",)), (WIDTHS[1], True, ())):
        browser.show(width, dark)
        faults += [f"{width} {'dark' if dark else 'light'}: {fault}" for fault in browser.axe(*rules) + browser.audit()]
        if folder:
            browser.screenshot(Path(folder) / f"{name}-{width}-{'dark' if dark else 'light'}.png")
    return faults + [str(error) for error in browser.errors()]


def test_every_page_is_accessible(filled, browser):
    folder = os.environ.get("REGISTRYD_SCREENSHOTS")
    faults = {name: faults_of(browser, filled.url + path, name, folder) for name, path in pages().items()}
    assert {name: found for name, found in faults.items() if found} == {}


def test_a_fault_would_be_found(filled, browser):
    """The instruments themselves: a page spoilt in each way."""
    browser.open(filled.url + "/packages")
    browser.driver.execute_script("""
        document.querySelector("main").insertAdjacentHTML("afterbegin", "<p id=grey>pale</p><img src='/static/icon.svg'>");
        const pale = document.getElementById("grey");
        pale.style.color = "#999"; pale.style.background = "#fff"; pale.style.height = "200px"; pale.style.width = "2000px";""")
    found = " ".join(browser.axe())
    assert "color-contrast" in found and "image-alt" in found
    assert "contrast" in " ".join(browser.audit()) and "wider than the window" in " ".join(browser.audit())
    assert browser.layout_shifts() != []
    browser.errors()
    browser.driver.execute_script("fetch('http://127.0.0.1:9/elsewhere').catch(() => 0)")
    assert "Content Security Policy" in str(browser.errors())
    browser.requests()
    browser.open(filled.url + "/status")
    assert filled.url + "/status" in browser.requests()


def test_every_page_works_without_a_script(filled, browser):
    """The same words and the same forms, each with a button to send it."""
    for name, path in pages().items():
        browser.open(filled.url + path)
        words = browser.driver.execute_script(WORDS)
        browser.allow_scripts(False)
        try:
            browser.open(filled.url + path)
            assert not browser.driver.find_elements("css selector", ".copy"), "the script did not run"
            assert browser.driver.execute_script(WORDS) == words and len(words) > 20, name
            assert browser.driver.execute_script(UNSENDABLE) == [], name
        finally:
            browser.allow_scripts(True)
