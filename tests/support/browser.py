# SPDX-License-Identifier: MIT
"""Debian's chromium, driven: a window of some width, light or dark, whose errors count.

    with Browser(390, dark=True) as browser:
        browser.open(url)
"""

import base64
import json
import time

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from support.daemon import SOURCE_DIR

ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
             "--hide-scrollbars", "--disable-background-networking", "--no-first-run")

# What a person cannot use: fields and buttons without a name, pictures without a text, ids twice, text that
# does not stand out from its ground.
AUDIT = r"""
const faults = [];
const luminance = (colour) => {
  const [r, g, b] = colour.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const parse = (text) => text.match(/[\d.]+/g).map(Number);
const groundOf = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour.slice(0, 3);
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
};
const nameOf = (element) => (element.getAttribute("aria-label") || element.closest("label")?.textContent ||
  element.textContent || "").trim();
for (const element of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], summary, [role=img], [role=region]")) {
  if (!nameOf(element)) faults.push(`no name: ${element.outerHTML.slice(0, 120)}`);
}
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
if (new Set(ids).size !== ids.length) faults.push(`ids twice: ${ids}`);
for (const landmark of ["header", "header nav", "main", "footer"]) {
  if (document.querySelectorAll(`body ${landmark}`).length !== 1) faults.push(`landmark ${landmark}`);
}
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const style = getComputedStyle(element);
  if (!walker.currentNode.data.trim() || !element.getClientRects().length || element.closest(".hidden, .skip, svg")) continue;
  const [a, b] = [luminance(parse(style.color).slice(0, 3)), luminance(groundOf(element))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
}
if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the window: ${document.documentElement.scrollWidth}`);
return [...new Set(faults)];
"""

AXE = SOURCE_DIR / "build-npm" / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """
const done = arguments[arguments.length - 1];
const only = arguments[0];
axe.run(document, {resultTypes: ["violations"], iframes: false, ...(only ? {runOnly: {type: "rule", values: only}} : {})})
  .then((result) => done(result.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${
    node.any.map((check) => check.message).join(" ").slice(0, 160)}`))), (error) => done([`axe: ${error}`]));
"""
# What moved after it was drawn, since the page began.
SHIFTS = """
const done = arguments[0];
const shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({type: "layout-shift", buffered: true});
requestAnimationFrame(() => setTimeout(() => done(shifts.map((shift) => [shift.value, ...shift.sources.map((source) =>
  (source.node?.outerHTML ?? "").slice(0, 120))])), 20));
"""


SECONDS_TO_ARRIVE = 20


def between_two_pages(error):
    """Whether the element was asked for while the browser changed pages: chromedriver answers an inspector's error
    when the old page ends during the question, and an element is absent or stale until the new page stands."""
    return (isinstance(error, (NoSuchElementException, StaleElementReferenceException))
            or "inspector error" in str(error) or "execution context" in str(error))


def patiently(ask):
    """The answer of ask(), asked again while a page is on its way."""
    until = time.monotonic() + SECONDS_TO_ARRIVE
    while True:
        try:
            return ask()
        except WebDriverException as error:
            if not between_two_pages(error) or time.monotonic() > until:
                raise
        time.sleep(0.05)


class Browser:
    def __init__(self, width=1280, dark=False, requests=False):
        """`requests`: keeps what the pages ask for, for requests()."""
        options = webdriver.ChromeOptions()
        for argument in (*ARGUMENTS, f"--window-size={width},900"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"} if requests else {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.show(width, dark)

    def show(self, width, dark):
        """The page that is open, in another width or colour scheme."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}  # else colours are measured on their way to others
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme, still]})
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def allow_scripts(self, are_allowed):
        """Of the pages that are opened from now on."""
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not are_allowed})

    def sign_in(self, url, token):
        self.open(url + "/sign-in")
        self.find("input[name=token]").send_keys(token, Keys.ENTER)
        self.shows("Sign out", "header")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def open(self, url):
        self.driver.get(url)

    def errors(self):
        """What stands in the console since the last time, severe or not."""
        return [entry for entry in self.driver.get_log("browser") if "404" not in entry["message"]]

    def audit(self):
        return self.driver.execute_script(AUDIT)

    def axe(self, *rules):
        """What axe-core finds on the page: all of its rules, or these."""
        if not self.driver.execute_script("return typeof axe === 'object'"):
            assert AXE.exists(), "axe-core is not installed: `./dev setup test` does that"
            self.driver.execute_script(AXE.read_text())
        return self.driver.execute_async_script(RUN_AXE, list(rules) or None)

    def layout_shifts(self):
        return self.driver.execute_async_script(SHIFTS)

    def requests(self):
        """Every address that was asked for since the last time, answered or not."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]

    def find(self, selector):
        return patiently(lambda: self.driver.find_element("css selector", selector))

    def text(self, selector="main"):
        return patiently(lambda: self.driver.find_element("css selector", selector).text)

    def shows(self, words, selector="main"):
        """Waits until the words are there: a page may be on its way."""
        until = time.monotonic() + SECONDS_TO_ARRIVE
        shown = self.text(selector)
        while words not in shown:
            assert time.monotonic() < until, f"{words!r} is not in {selector}: {shown!r}"
            time.sleep(0.05)
            shown = self.text(selector)

    def follow(self, words):
        patiently(lambda: self.driver.find_element("link text", words)).click()

    def press(self, *keys):
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def focused(self):
        """What has the focus, as a person would name it."""
        return self.driver.execute_script(
            "const e = document.activeElement; return e === document.body ? null : [e.tagName.toLowerCase(), e.getAttribute('href') "
            "|| e.name || e.getAttribute('aria-label') || e.textContent.trim().slice(0, 40), "
            "getComputedStyle(e).outlineStyle !== 'none']")

    def screenshot(self, path):
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "format": "png"})
        path.write_bytes(base64.b64decode(picture["data"]))
