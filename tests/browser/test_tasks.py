# SPDX-License-Identifier: MIT
"""What people come for, from the home page on, counted in clicks; and the same by keyboard alone. A form that is sent
with Enter counts as a click. REGISTRYD_SCREENSHOTS=FOLDER keeps the pictures of the pages of administration."""

import os
import time
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from support import catalogue
from support.browser import Browser, patiently

TABS_MAX = 150
SECONDS_TO_ARRIVE = 10


class Person:
    """Uses the pages as a person does, and counts the clicks since the home page."""

    def __init__(self, browser, registry):
        self.browser, self.registry, self.url, self.clicks = browser, registry, registry.url, 0

    def begins(self):
        """At home, with all that has happened so far."""
        serial = catalogue.ok(self.registry.get("/v1"))["serial"]
        catalogue.ok(self.registry.get(f"/v1?min_serial={serial}"))
        self.browser.open(self.url + "/")
        self.clicks = 0

    def target(self, words, within):
        script = """const [words, within] = arguments;
            return [...document.querySelectorAll(within)].flatMap((root) => [...root.querySelectorAll("a[href], button, summary")])
              .find((e) => e.checkVisibility() && (e.textContent.trim() === words || e.getAttribute("aria-label") === words));"""
        until = time.monotonic() + SECONDS_TO_ARRIVE
        found = None
        while not found and time.monotonic() < until:
            found = patiently(lambda: self.browser.driver.execute_script(script, words, within))
            time.sleep(0 if found else 0.05)
        assert found, f"nothing to click is called {words!r}: {self.browser.text('body')}"
        return found

    def follow(self, words, within="body"):
        self.use(self.target(words, within))
        self.clicks += 1

    def use(self, element):
        element.click()

    def enter(self, field, text):
        """Into a field that the person sees; no click of its own."""
        self.reach(self.browser.find(field))
        self.browser.press(text)

    def reach(self, element):
        element.click()

    def send(self):
        self.browser.press(Keys.ENTER)
        self.clicks += 1

    def sees(self, words, within="main"):
        self.browser.shows(words, within)


class Typist(Person):
    """The same with Tab and Enter alone."""

    def reach(self, element):
        for _ in range(TABS_MAX):
            if self.browser.driver.switch_to.active_element == element:
                return
            self.browser.press(Keys.TAB)
        raise AssertionError("Tab does not reach it")

    def use(self, element):
        self.reach(element)
        assert self.browser.focused()[2], "the focus does not show"
        self.browser.press(Keys.ENTER)


@pytest.fixture(scope="module")
def filled(daemon):
    return catalogue.fill(daemon)


@pytest.fixture(scope="module")
def browser(filled):
    with Browser() as running:
        running.sign_in(filled.url, filled.admin_token)
        yield running


@pytest.fixture(params=[Person, Typist], ids=["mouse", "keyboard"])
def person(request, filled, browser):
    made = request.param(browser, filled)
    made.begins()
    yield made
    assert browser.errors() == []


def patch(registry, environment, document):
    catalogue.ok(registry.request("PATCH", f"/v1/environments/{environment}", document, token=registry.admin_token,
                                  headers={"Content-Type": "application/merge-patch+json"}))


def test_find_who_provides_an_entry_point(person):
    person.enter("main input[type=search]", "plugins.finance:manifest")
    person.send()
    person.follow('Search entry points with the value "plugins.finance:manifest"', "main")
    person.sees("finance 1.2.0")
    assert person.clicks <= 2


def test_see_why_production_does_not_get_a_package(person, filled):
    patch(filled, "production", {"plugins": {"honeyframe-next": {"enabled": True}}})
    person.follow("Environments", "header")
    person.follow("production", "main")
    person.sees("honeyframe-next", "#missing")
    person.sees("honeyframe>=5", "#missing")
    assert person.clicks <= 2


def test_copy_a_working_install_line(person, filled, browser):
    """One click opens the page whose first screen has the line, and the button beside it copies it."""
    for body in ({"status": "deprecated", "reason": "By mistake"}, {"status": "active"}):  # it stands among the latest changes
        catalogue.ok(filled.put("/v1/packages/honeyframe-analytics/status", body))
    person.begins()
    person.follow("honeyframe-analytics", "main")
    assert person.clicks <= 1
    line = f"pip install --index-url {filled.url}/simple/ honeyframe-analytics==1.2.0"
    person.sees(line)
    button = browser.find(".snippet .copy")
    assert button.rect["y"] < 900, "not on the first screen"
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "origin": filled.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    person.use(button)
    assert browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], arguments[0])") == line


def test_see_which_host_still_needs_the_walk(person):
    person.follow("Transition", "header")
    person.sees("web-2")
    person.sees("differs")
    assert person.clicks <= 1


def test_yank_with_a_reason(person, filled, browser):
    name = f"faulty-{type(person).__name__.lower()}"
    catalogue.put(filled, name, "1.0")
    person.begins()
    person.follow(f"{name} 1.0", "main")
    person.follow("Manage", "main")
    person.enter("form[action$='/yank'] input[name=reason]", "Loses every second order")
    person.follow("Yank 1.0", "main")
    person.sees("Loses every second order")
    assert person.clicks <= 3
    release = filled.get(f"/v1/packages/{name}/releases/1.0").json
    assert (release["yanked"], release["yanked_reason"]) == (True, "Loses every second order")


def test_roll_an_environment_back_after_a_preview(person, filled):
    name = f"shop-{type(person).__name__.lower()}"
    catalogue.ok(filled.put(f"/v1/environments/{name}", {"plugins": {"finance": {"enabled": True}}}))
    patch(filled, name, {"plugins": {"finance": {"enabled": False}}})
    person.begins()
    person.follow(name, "main")
    person.follow("Roll back to 1", "#history")
    person.sees("finance")
    assert filled.get(f"/v1/environments/{name}").json["revision"] == 2, "a preview changes nothing"
    person.follow("Roll back", "main")
    person.sees("back to revision 1", "#history")
    assert person.clicks <= 3
    assert filled.get(f"/v1/environments/{name}").json["revision"] == 3


def test_create_a_token_that_can_publish_one_package(person, filled, browser):
    name = f"robot-{type(person).__name__.lower()}"
    person.follow("Administration", "header")
    person.follow("Tokens", "main")
    person.enter("#make input[name=name]", name)
    person.enter("#make input[name=prefix]", name)
    person.reach(browser.find("#make select[name=grant]"))
    browser.press("y", Keys.ESCAPE)
    person.follow("Show what it may do", "#make")
    person.sees(f"create packages named {name}")
    person.follow("Create the token", "main")
    person.sees("shown only once")
    assert person.clicks <= 4
    token = browser.text(".snippet code")
    for package, status in ((name, 201), ("another", 403)):
        document = {"name": package, "version": "1.0", "entry_points": {}}
        assert filled.put(f"/v1/packages/{package}/releases/1.0", document, token=token).status == status


def test_administration_is_looked_at(filled, browser):
    """What takes something away stands apart and in a colour of its own, at every width and in both schemes."""
    folder = os.environ.get("REGISTRYD_SCREENSHOTS")
    for name in ("admin", "grants", "revoke-grant", "reserved-names", "release-name", "contracts", "audit", "audit-verified"):
        browser.open(filled.url + catalogue.SIGNED_IN_PAGES[name])
        for width, dark in ((390, False), (390, True), (768, False), (1280, False), (1280, True)):
            browser.show(width, dark)
            if folder:
                browser.screenshot(Path(folder) / f"{name}-{width}-{'dark' if dark else 'light'}.png")
            if name in ("revoke-grant", "release-name"):
                cancel, danger = (browser.find(f".confirm {one}") for one in ("a.button", "button.danger"))
                assert cancel.value_of_css_property("background-color") != danger.value_of_css_property("background-color")
                assert cancel.rect["x"] + cancel.rect["width"] < danger.rect["x"] or cancel.rect["y"] != danger.rect["y"]
