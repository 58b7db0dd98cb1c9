# SPDX-License-Identifier: MIT
"""The catalogue in a real browser: what a person does with it, with the mouse and with the keyboard alone.
test_accessible.py looks at every page. REGISTRYD_SCREENSHOTS=FOLDER keeps the pictures."""

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
    browser.shows("Similar packages: honeyframe")
    assert "q=honyframe" in browser.driver.current_url
    browser.follow("honeyframe-next")
    browser.shows("honeyframe-next 5.0.0", "h1")
    browser.follow("Compatibility")
    browser.shows("Release 5.0.0 is served to default.")
    browser.find("select[name=environment] option:nth-child(2)").click()  # sends the form
    browser.shows("No release fits production.", "#standing")
    assert browser.driver.current_url.endswith("?environment=production#standing")
    browser.shows("requires-host", "#standing")
    browser.driver.back()
    browser.shows("Release 5.0.0 is served to default.")
    assert browser.errors() == []


def test_a_person_enables_a_plugin_and_rolls_back(filled, browser):
    browser.open(filled.url + "/environments/production")
    assert not browser.driver.find_elements("css selector", "form[method=post]")
    browser.follow("Sign in")
    browser.find("input[name=token]").send_keys(filled.admin_token, Keys.ENTER)
    browser.shows("Sign out", "header")
    browser.open(filled.url + "/packages/finance-classic/compatibility?environment=production")
    browser.find("#standing form[method=post] button").click()  # Disable in production
    browser.shows("Environment production", "h1")
    browser.shows("disabled", "#decisions")
    browser.open(filled.url + "/packages/finance-classic/compatibility?environment=production")
    browser.shows("No release fits production.", "#standing")
    button = browser.find("#standing form[method=post] button")
    assert button.text == "Enable in production"
    button.click()
    browser.shows("enabled finance-classic", "#history")
    browser.follow("Roll back to 2")
    browser.shows("The document of revision 2 becomes revision")
    browser.find("main form button.danger").click()
    browser.shows("back to revision 2", "#history")
    assert "finance-classic" not in browser.text("#decisions")
    assert browser.audit() == [] and browser.errors() == []
    browser.find("header form[method=post] button").click()
    browser.shows("Sign in", "header")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_an_administrator_makes_and_revokes_a_token(filled, width, dark):
    name = f"laptop-{width}-{dark}"
    with Browser(width, dark) as window:
        window.open(filled.url + "/sign-in")
        window.find("input[name=token]").send_keys(filled.admin_token, Keys.ENTER)
        window.shows("Sign out", "header")
        window.follow("Administration")
        window.follow("Tokens")
        window.shows("Create a token")
        assert window.audit() == []
        window.find("input[name=scopes]").clear()
        window.find("input[name=name]").send_keys(name, Keys.ENTER)
        window.shows("The token has no scopes", "[role=alert]")
        assert window.audit() == []
        window.find("input[name=scopes]").send_keys("publish")
        window.find("select[name=grant] option:last-child").click()
        window.find("#make button").click()
        window.shows("Create the token")
        assert window.audit() == []
        window.find("main form button.main").click()
        window.shows("shown only once")
        text = window.text(".snippet code")
        assert filled.get("/v1/token", token=text).json["name"] == name
        assert window.find(".snippet .copy").get_attribute("aria-label") == "Copy: Token"
        assert window.audit() == []
        window.follow("All tokens")
        window.shows(name, "table")
        window.find(f"summary[aria-label^='Revoke {name}']").click()
        assert window.audit() == []
        window.find("details[open] input[name=reason]").send_keys("Lost & found", Keys.ENTER)
        window.shows("by admin:admin: Lost & found", "table")
        assert filled.get("/v1/token", token=text).status == 401
        errors = [entry for entry in window.errors() if "422" not in entry["message"]]
        assert window.audit() == [] and errors == []
        folder = os.environ.get("REGISTRYD_SCREENSHOTS")
        if folder:
            window.screenshot(Path(folder) / f"tokens-{width}-{'dark' if dark else 'light'}.png")


def test_a_person_reads_how_the_transition_goes(filled, browser):
    browser.open(filled.url + "/")
    browser.follow("Transition")
    browser.shows("1 of 2")
    browser.follow(catalogue.GROUP)
    plots = browser.driver.find_elements("css selector", ".plots svg[role=img]")
    assert len(plots) == 2 and "4 reports of web-1" in plots[1].get_attribute("aria-label"), "the host that differs is first"
    box = plots[1].rect
    assert box["width"] > 250 and box["height"] > 100
    lines = plots[1].find_elements("css selector", "polyline")
    assert [len(line.get_attribute("points").split()) for line in lines] == [4, 4]
    browser.shows("agrees, not for long enough")
    browser.shows("helpdesk")
    assert browser.errors() == []


def test_a_person_offers_a_plugin(filled, browser):
    """The state, its meaning and the way back, on the page of the package and of the environment."""
    browser.open(filled.url + "/sign-in")
    browser.find("input[name=token]").send_keys(filled.admin_token, Keys.ENTER)
    browser.shows("Sign out", "header")
    browser.open(filled.url + "/packages/finance-classic/compatibility?environment=production")
    buttons = browser.driver.find_elements("css selector", "#standing form[method=post] button")
    assert [button.text for button in buttons] == ["Disable in production", "Offer in production"]
    buttons[1].click()
    browser.shows("Environment production", "h1")
    browser.shows("allowed", "#decisions")
    browser.shows("The user of each host chooses whether it runs.", "#decisions")
    browser.open(filled.url + "/packages/finance-classic/compatibility?environment=production")
    browser.shows("The user of each host chooses whether it runs.", "#standing")
    assert browser.audit() == [] and browser.errors() == []
    browser.open(filled.url + "/environments/production")
    browser.follow("Roll back to 2")
    browser.shows("The document of revision 2 becomes revision")
    browser.find("main form button.danger").click()
    browser.shows("back to revision 2", "#history")
    browser.find("header form[method=post] button").click()
    browser.shows("Sign in", "header")


def test_a_person_reads_why_nothing_new_arrives(filled, browser):
    browser.open(filled.url + "/packages")
    browser.shows("held")
    browser.follow("honeyframe-crm")
    browser.shows("New releases of this package are held: The maintainer's account is under review")
    browser.follow("Compatibility")
    browser.shows("New releases of the package honeyframe-crm are held", "#standing")
    browser.open(filled.url + "/environments/staging")
    browser.shows("until 2099-12-31 00:00: Fixes the outage of Monday (by admin:admin)", "#decisions")
    browser.shows("Eligible from", "#outdated")
    assert browser.errors() == []


def test_a_person_reads_what_an_environment_gets(filled, browser):
    browser.open(filled.url + "/environments")
    browser.follow("production")
    browser.shows("The host does not meet their requirements", "#left-out")
    browser.find("#left-out-requires-host summary").click()
    browser.shows("honeyframe-next 5.0.0", "#left-out")
    browser.follow("2")
    browser.shows("/plugins")
    browser.shows("==0.4.0")
    assert browser.errors() == []


def test_snippets_are_copied(filled, browser):
    browser.open(filled.url + "/packages/honeyframe-analytics")
    buttons = browser.driver.find_elements("css selector", "#install .copy")
    assert [button.get_attribute("aria-label") for button in buttons] == [
        "Copy: Install with pip", "Copy: Install with uv", "Copy: Add with poetry", "Copy: Depend on it in pyproject.toml",
        "Copy: Load in Python", "Copy: Declare in pyproject.toml"]
    origin = {"origin": filled.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", origin)
    buttons[0].click()
    copied = browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], arguments[0])")
    assert copied == f"pip install --index-url {filled.url}/simple/ honeyframe-analytics==1.2.0"
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
    browser.shows("honeyframe-crm")
