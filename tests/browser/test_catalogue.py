# SPDX-License-Identifier: MIT
"""The catalogue in a real browser: what a person does with it, with the mouse and with the keyboard alone;
every page narrow and wide, light and dark. REGISTRYD_SCREENSHOTS=FOLDER keeps the pictures."""

import os
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from support import catalogue
from support.browser import Browser


@pytest.fixture(scope="module")
def filled(daemon):
    return catalogue.fill(daemon)


@pytest.fixture(scope="module")
def browser():
    with Browser() as running:
        yield running


def test_a_person_finds_out_why_a_plugin_is_missing(filled, browser):
    browser.open(filled.url + "/")
    field = browser.find("main input[type=search]")
    field.send_keys("honyframe", Keys.ENTER)
    assert "Shown is what comes close: honeyframe" in browser.text()
    assert "q=honyframe" in browser.driver.current_url
    browser.follow("honeyframe-next")
    assert browser.text("h1") == "honeyframe-next 5.0.0"
    assert "Release 5.0.0 is what default gets." in browser.text()
    browser.find("select[name=environment] option:nth-child(2)").click()  # sends the form
    assert browser.driver.current_url.endswith("?environment=production#standing")
    assert "No release fits production." in browser.text("#standing")
    assert "requires-host" in browser.text("#standing")
    browser.driver.back()
    assert "Release 5.0.0 is what default gets." in browser.text()
    assert browser.errors() == []


def test_a_person_reads_how_the_transition_goes(filled, browser):
    browser.open(filled.url + "/")
    browser.follow("Transition")
    assert "1 of 2" in browser.text()
    browser.follow(catalogue.GROUP)
    plots = browser.driver.find_elements("css selector", "svg[role=img]")
    assert len(plots) == 2 and "4 reports of web-1" in plots[0].get_attribute("aria-label")
    box = plots[0].rect
    assert box["width"] > 400 and box["height"] > 100
    lines = plots[0].find_elements("css selector", "polyline")
    assert [len(line.get_attribute("points").split()) for line in lines] == [4, 4]
    assert "safe to switch since" in browser.text() and "helpdesk" in browser.text()
    assert browser.errors() == []


def test_a_person_reads_what_an_environment_gets(filled, browser):
    browser.open(filled.url + "/environments")
    browser.follow("production")
    assert "honeyframe-next 5.0.0" in browser.text("#left-out")
    browser.follow("2")
    assert "/plugins" in browser.text() and "==0.4.0" in browser.text()
    assert browser.errors() == []


def test_snippets_are_copied(filled, browser):
    browser.open(filled.url + "/packages/honeyframe-analytics")
    buttons = browser.driver.find_elements("css selector", "#install .copy")
    assert [button.get_attribute("aria-label") for button in buttons] == [
        "Copy: Install with pip", "Copy: Load in Python", "Copy: Declare in pyproject.toml"]
    origin = {"origin": filled.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", origin)
    buttons[0].click()
    copied = browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], arguments[0])")
    assert copied == "pip install honeyframe-analytics==1.2.0"
    assert browser.errors() == []


def test_the_keyboard_reaches_everything(filled, browser):
    for path in ("/packages", "/packages/honeyframe-analytics", "/environments/production"):
        browser.open(filled.url + path)
        wanted = browser.driver.execute_script(
            "return [...document.querySelectorAll('a[href], input, select, button, summary, [tabindex]')]"
            ".filter((e) => e.checkVisibility()).length")
        reached = []
        for _ in range(wanted + 2):
            browser.press(Keys.TAB)
            focus = browser.focused()
            if focus is None or (reached and len(reached) >= wanted):
                break
            assert focus[2], f"no outline: {focus}"
            reached.append(focus)
        assert len(reached) >= wanted, (path, wanted, reached)
        assert reached[0][1] == "#main", "the first is the link that skips the navigation"


def test_slash_goes_to_the_search(filled, browser):
    browser.open(filled.url + "/packages/finance")
    browser.press("/")
    assert browser.focused()[1] == "q"
    browser.press("crm", Keys.ENTER)
    assert "honeyframe-crm" in browser.text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_readable(filled, width, dark):
    folder = os.environ.get("REGISTRYD_SCREENSHOTS")
    with Browser(width, dark) as window:
        for name, path in catalogue.PAGES.items():
            window.open(filled.url + path)
            assert window.audit() == [], name
            assert window.errors() == [], name
            if folder:
                window.screenshot(Path(folder) / f"{name}-{width}-{'dark' if dark else 'light'}.png")
