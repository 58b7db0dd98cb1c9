#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Takes a picture of every page, at 390, 768 and 1280 pixels, light and dark: of an empty registry, of a small one, and with
--packages N of one with N packages more. A page with forms is taken twice, the second time signed in. The names are
STATE-PAGE-WIDTH-SCHEME.png.

    PYTHONPATH=tests tests/browser/screenshots.py FOLDER [--packages 100000] [--states empty,small] [--pages home,group] [--widths 390]
"""

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from support import catalogue  # noqa: E402
from support.browser import Browser  # noqa: E402
from support.daemon import Daemon  # noqa: E402

# Pages that are there for mistakes.
MISTAKES = {"not-found": "/packages/analitycs", "bad-address": "/packages?limit=many"}
GROUPS = 20  # of a large registry


@contextmanager
def empty():
    with Daemon() as running:
        yield running


@contextmanager
def small():
    with Daemon() as running:
        yield catalogue.fill(running)


@contextmanager
def large(packages):
    import catalogue_rates
    with catalogue_rates.filled(packages, GROUPS) as running:
        yield catalogue.fill(running)


def take(browser, url, name, options):
    """Nothing of an address that this registry has no page for."""
    browser.open(url)
    status = browser.driver.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")
    if status == 404 and not url.endswith(MISTAKES["not-found"]):
        return
    for width in options.widths:
        for dark in (False, True):
            browser.show(width, dark)
            browser.screenshot(options.folder / f"{name}-{width}-{'dark' if dark else 'light'}.png")
            print(".", end="", flush=True)


def take_all(running, state, options):
    def wanted(pages):
        return {name: path for name, path in pages.items() if not options.pages or name in options.pages}
    pages = wanted(catalogue.PAGES)
    with_forms = {}
    with Browser() as browser:
        for name, path in {**pages, **wanted(MISTAKES)}.items():
            take(browser, running.url + path, f"{state}-{name}", options)
        browser.sign_in(running.url, running.admin_token)
        for name, path in pages.items():
            browser.open(running.url + path)
            if browser.driver.find_elements("css selector", "main form[method=post]"):
                with_forms[f"{name}-signed-in"] = path
        for name, path in {**with_forms, **wanted(catalogue.SIGNED_IN_PAGES)}.items():
            take(browser, running.url + path, f"{state}-{name}", options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--packages", type=int, help="also take a registry with so many packages")
    parser.add_argument("--states", default="empty,small", help="of empty, small; \"\" for none")
    parser.add_argument("--pages", type=lambda text: text.split(","), help="only these of support/catalogue.py")
    parser.add_argument("--widths", type=lambda text: [int(one) for one in text.split(",")], default=[390, 768, 1280])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    states = {"empty": empty, "small": small}
    for state in filter(None, options.states.split(",")):
        with states[state]() as running:
            take_all(running, state, options)
    if options.packages:
        with large(options.packages) as running:
            take_all(running, "large", options)
    print(f"\n{len(list(options.folder.glob('*.png')))} pictures in {options.folder}")


if __name__ == "__main__":
    main()
