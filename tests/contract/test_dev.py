# SPDX-License-Identifier: MIT
"""The script `dev`: its list of commands, and what the pages say of it."""

import re
import subprocess

from tree import ROOT, files, text_of

ONCE = {"setup", "build", "demo", "package", "test", "bench", "night", "fuzz", "lint", "format", "help"}


def dev(*arguments):
    return subprocess.run([ROOT / "dev", *arguments], capture_output=True, text=True, cwd="/")


def test_help_lists_every_command():
    told = dev("help")
    assert told.returncode == 0
    assert set(re.findall(r"^  \./dev ([a-z]+)", told.stdout, re.MULTILINE)) == ONCE
    assert dev().stdout == told.stdout


def test_an_unknown_command_is_refused():
    told = dev("fly")
    assert (told.returncode, told.stdout) == (2, "")
    assert "fly" in told.stderr and "./dev help" in told.stderr


def test_a_file_that_no_row_covers_is_refused():
    told = dev("test", "LICENSE")
    assert told.returncode == 2 and "tests/README.md has no row for LICENSE" in told.stderr


def test_a_word_that_is_no_file_is_refused():
    """Not handed to ctest, which would run everything."""
    told = dev("test", "night")
    assert (told.returncode, told.stdout) == (2, "")
    assert '"night"' in told.stderr and "./dev night" in told.stderr


def test_setup_says_nothing_when_nothing_is_missing():
    told = dev("setup")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def packages_of(name):
    (words,) = re.findall(rf"^{name}=\(([^)]*)\)$", text_of(ROOT, "dev"), re.MULTILINE)
    return words.split()


def test_a_build_needs_no_tools_of_the_tests():
    """No browser, proxy, documentation tool or test library, and at most half of all packages."""
    build = packages_of("build_packages")
    assert not set(build) & {*packages_of("test_packages"), *packages_of("demo_packages")}
    assert not [name for name in build if re.search("chromium|nginx|haproxy|sphinx|mkdocs|cmocka|pytest", name)]
    assert len(build) <= len(packages_of("test_packages"))


def test_an_unknown_set_of_packages_is_refused():
    told = dev("setup", "banana")
    assert told.returncode == 2 and "banana" in told.stderr and "build, test or all" in told.stderr


def test_pages_name_only_commands_that_exist():
    for page in [*files(ROOT, (".md",), ("docs", "registryd", "client", "tests")), "README.md", "CONTRIBUTING.md"]:
        assert set(re.findall(r"\./dev ([a-z]+)", text_of(ROOT, page))) <= ONCE, page
