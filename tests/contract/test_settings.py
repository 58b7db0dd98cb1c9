# SPDX-License-Identifier: MIT
"""registryd's settings are the same ones in the table, in --help, in --print-config and in the
manual page."""

import os
import re
import subprocess
from pathlib import Path

from tree import ROOT, text_of, without_comments

NO_SETTINGS = {"help", "version", "print-config", "print-routes"}


def settings_in_code(root):
    table = without_comments(text_of(root, "registryd/config/setting.c"))
    return set(re.findall(r'\.key = "([^"]+)"', table)) | set(re.findall(r'"(REGISTRYD_\w+)"', table))


def told_by(flag):
    program = Path(os.environ["REGISTRYD_BUILD_DIR"]) / "bin" / "registryd"
    return subprocess.run([program, "--data-dir", "/x", flag], capture_output=True, text=True,
                          check=True).stdout


def keys_in_code():
    return {name for name in settings_in_code(ROOT) if not name.startswith("REGISTRYD_")}


def variables_in_code():
    return settings_in_code(ROOT) - keys_in_code()


def test_help():
    text = told_by("--help")
    assert set(re.findall(r"^    --([a-z-]+) ", text, re.MULTILINE)) == keys_in_code()
    assert set(re.findall(r"REGISTRYD_\w+", text)) == variables_in_code()


def test_print_config():
    text = told_by("--print-config")
    assert set(re.findall(r"^(?:# )?([a-z-]+): ", text, re.MULTILINE)) == keys_in_code()


def test_manual_page():
    text = text_of(ROOT, "docs/man/registryd.8").replace("\\-", "-")
    assert set(re.findall(r"--([a-z-]+)", text)) - NO_SETTINGS - {"SETTING"} == keys_in_code()
    assert set(re.findall(r"REGISTRYD_\w+", text)) == variables_in_code()
