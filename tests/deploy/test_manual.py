# SPDX-License-Identifier: MIT
"""The manual that is made by programs: a page for every function of the C API and for every setting."""

import re
import shutil
import subprocess
import sys

import pytest
from support.registryctl import BUILD_DIR, SOURCE_DIR

sys.path.insert(0, str(SOURCE_DIR / "docs" / "man"))
import library  # noqa: E402  (docs/man/library.py)

HEADER = (SOURCE_DIR / "client" / "include" / "registryclient.h").read_text()
MADE = BUILD_DIR / "cmake" / "deploy" / "man"


def test_every_function_has_a_page():
    declared = set(re.findall(r"REGISTRY_API[^;]*?\b(registry_\w+)\(", HEADER))
    assert len(declared) > 20
    assert {path.stem for path in (MADE / "3").glob("*.3")} == declared | {"registryclient"}


def test_a_page_says_what_the_header_says():
    page = library.pages(HEADER)["registry_find.3"]
    assert page.split("\n")[4].startswith(r"registry_find \- the records of a group")
    assert ".SH ERRORS\nnot\\-found (no snapshot" in page
    assert "const struct registry_result **ret" in page and "struct registry_error {" in page
    assert library.pages(HEADER)["registry_close.3"] == ".so man3/registry_open.3\n"


def test_a_comment_about_a_struct_is_not_one_about_the_next_function():
    header = "/* Top.\n *\n * More. */\n/* About s. */\nstruct registry_s {\n    int a;\n};\n" \
             "/* Does it. Fails with: io. */\nREGISTRY_API int registry_do(int a);\n"  # fmt: skip
    (function,) = library.read(header)
    assert function == ("registry_do", "int registry_do(int a)", ["Does it. Fails with: io."])


def test_every_setting_is_described():
    told = subprocess.run([BUILD_DIR / "bin" / "registryd", "--help"], capture_output=True, text=True, check=True).stdout
    settings = set(re.findall(r"^    --([a-z-]+)", told, re.M)) - {"config"}
    page = (MADE / "registryd.yaml.5").read_text().replace("\\-", "-")
    assert set(re.findall(r"^\.BI ([a-z-]+): ", page, re.M)) == settings
    for name in settings:
        assert re.search(rf'^\.BI {name}: ".*"\n\S.*\.\n\.br\n\.B REGISTRYD_\w+$', page, re.M), name


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_pages_are_sound():
    pages = [*(MADE / "3").glob("*.3"), MADE / "registryd.yaml.5", *(SOURCE_DIR / "docs" / "man").glob("*.[18]")]
    for page in pages:
        if page.read_text().startswith(".so"):
            continue
        done = subprocess.run(["groff", "-man", "-ww", "-K", "utf8", "-T", "utf8", "-z", page], capture_output=True,
                              text=True, check=True)  # fmt: skip
        assert done.stderr == "", page
