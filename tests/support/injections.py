# SPDX-License-Identifier: MIT
"""Texts that have broken out of other programs: of SQL, search languages, patterns, paths, headers."""

QUOTES = ["'", '"', "`", "''", "\\'", "\\", "\\\\", "%27", "$$", "$a$", "$1", ":a", "?", "%s", "%n%n%n", "{0}", "${x}"]
TAILS = [
    " OR 1=1", " OR '1'='1", "; DROP TABLE packages", "; DELETE FROM releases --", " UNION SELECT hash FROM tokens",
    "; UPDATE packages SET status='archived'", ") OR pg_sleep(9) IS NOT NULL --", " -- ", "/*", "*/", "; COMMIT; --",
]  # fmt: skip
SEARCH = [
    "a & b", "a | b", "!a", "!!a", "a <-> b", "a:*", ":*", "(a", "a)", "()", "& | !", "a & ", "'a' 'b", "a:ABCD*", "a:*:*",
    "<->", "<1000000>", "a <100000> b", "'':*", "''''", "or", "and", "not", "-a", '"a b', "the", "a the", "\u00a0", "\u200b",
    "\u0130", "ß", "\ufeff", "\U0010ffff", "\U0001f600", "中文", "א", "ﬁ", "%", "_", "%%%", "__", "[a-z]", "(?:", "a{99999}",
    "(((((((((((((((((((", "a*" * 60, "a " * 99, "-" * 200, ".*.*.*.*.*.*", "^$", "\\y", "\\1", "1e5", "0x1f", "1e999", "NaN",
    "-0", "9" * 100, "1.2.3.4", "a@b.c", "http://a/b?c=d", "/etc/passwd", "../../x", "a/b", "a=b", "a,b", "{a,b}", "{}", '{"a"}',
    "{NULL}", "NULL", "null", "true", "g:x", "c:x", "s:active", "s:", ":", "::", "<b>", "&amp;", "]]>", "{{7*7}}", "|ls", ";ls",
    "$(ls)", "\u202e", "a\u0301", "Å", "𝔘", "i̇",
]  # fmt: skip
INJECTIONS = [quote + tail for quote in QUOTES for tail in TAILS] + QUOTES + SEARCH
