# SPDX-License-Identifier: MIT
"""Requirements and markers (PEP 508) against Python's `packaging` 23.0.

Where 23.0 differs from the standard as later versions of it implement it, the generators stay away
or the oracle is mended, and requirements.tsv or markers.tsv shows the case and says why.
"""
import random
import re

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

import probe
from test_versions import mutated

ENVIRONMENT = {
    "os_name": ["posix", "nt", "java", ""],
    "sys_platform": ["linux", "darwin", "win32", "cygwin"],
    "platform_machine": ["x86_64", "aarch64", "AMD64", ""],
    "platform_python_implementation": ["CPython", "PyPy", "Jython"],
    "platform_release": ["6.1.0-13-amd64", "10", "5.10", "22.6.0", ""],
    "platform_system": ["Linux", "Windows", "Darwin"],
    "platform_version": ["#1 SMP Debian 6.1.55-1", "10.0.19045", "10", ""],
    "python_version": ["2.7", "3.6", "3.8", "3.9", "3.10", "3.12"],
    "python_full_version": ["2.7.18", "3.8.0", "3.10.0rc1", "3.10.12", "3.12.0b4"],
    "implementation_name": ["cpython", "pypy"],
    "implementation_version": ["3.8.0", "3.10.0rc1", "7.3.12"],
}
VERSION_VARIABLES = {
    "python_version", "python_full_version", "implementation_version",
    "platform_release", "platform_version",
}
OLD_NAMES = {
    "os_name": ["os.name"], "sys_platform": ["sys.platform"],
    "platform_machine": ["platform.machine"], "platform_version": ["platform.version"],
    "platform_python_implementation": ["platform.python_implementation", "python_implementation"],
}
OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in"]


def random_environment(rng):
    return {name: rng.choice(values) for name, values in ENVIRONMENT.items()}


def literal(rng, variable):
    values = ENVIRONMENT[variable]
    choice = rng.random()
    if choice < 0.55:
        text = rng.choice(values)
    elif choice < 0.7:
        text = ", ".join(rng.sample(values, 2))
    elif variable in VERSION_VARIABLES:
        text = rng.choice(["3", "3.0", "3.10.*", "3.10a1", "3.8.post1", "3.1+x", "4", "v3.8", "2.*"])
    else:
        text = rng.choice(["", "o", "POSIX", "linux2", "x", "3.8", "win"])
    quote = rng.choice("'\"")
    return quote + text + quote


def comparison(rng):
    variable = rng.choice(list(ENVIRONMENT))
    if rng.random() < 0.4:
        variable = rng.choice(["python_version", "python_full_version", "sys_platform"])
    name = rng.choice([variable] * 6 + OLD_NAMES.get(variable, [variable]))
    operator = rng.choice(OPERATORS[:-2] if rng.random() < 0.75 else OPERATORS)
    sides = [name, literal(rng, variable)]
    if rng.random() < 0.2:
        sides.reverse()
    blank = rng.choice(["", " ", "  ", "\t"])
    if operator[0] in "in":
        blank = blank or " "
    return sides[0] + blank + operator + blank + sides[1]


def expression(rng, depth=0):
    parts = [
        "(" + expression(rng, depth + 1) + ")"
        if depth < 3 and rng.random() < 0.15 else comparison(rng)
        for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))
    ]
    text = parts[0]
    for part in parts[1:]:
        text += rng.choice([" and ", " or ", "\tand  "]) + part
    return text


def is_version(text):
    try:
        return bool(Version(text))
    except InvalidVersion:
        return False


def compare(variable, left, operator, right):
    """One comparison by the rules of the standard, versions by packaging's own Specifier."""
    if operator == "in":
        return left in right
    if operator == "not in":
        return left not in right
    if variable in VERSION_VARIABLES and is_version(left):
        try:
            return Specifier(operator + right).contains(left, prereleases=True)
        except (InvalidSpecifier, InvalidVersion):
            pass
    if operator == "~=":
        return None
    return left != right if operator == "!=" else left == right and operator not in "<>"


def term_value(term, environment):
    left, operator, right = term
    variable = left.value if type(left).__name__ == "Variable" else right.value
    values = [
        environment[side.value] if type(side).__name__ == "Variable" else side.value
        for side in (left, right)
    ]
    return compare(variable, values[0], operator.value, values[1])


def all_of(values):
    return False if False in values else None if None in values else True


def any_of(values):
    return True if True in values else None if None in values else False


def tree_value(tree, environment):
    """Packaging's parse tree, evaluated with three values: None is a comparison without meaning."""
    groups = [[]]
    for node in tree:
        if node == "or":
            groups.append([])
        elif isinstance(node, list):
            groups[-1].append(tree_value(node, environment))
        elif isinstance(node, tuple):
            groups[-1].append(term_value(node, environment))
    return any_of([all_of(group) for group in groups])


def ask_markers(questions):
    return probe.ask([
        ("marker", text, *(f"{name}={value}" for name, value in environment.items()))
        for text, environment in questions
    ])


def test_markers_agree():
    """Packaging parses, the rules above evaluate, and its own evaluation where it has one."""
    rng = random.Random(508)
    questions = [(expression(rng), random_environment(rng)) for _ in range(4000)]
    problems = []
    untouched = 0
    for (text, environment), answer in zip(questions, ask_markers(questions)):
        marker = Requirement("x; " + text).marker
        value = tree_value(marker._markers, environment)
        wanted = {True: "true", False: "false", None: "unknown"}[value]
        if answer[0] != wanted:
            problems.append((text, environment, answer, wanted))
        if only_common_ground(marker._markers, environment):
            untouched += 1
            if marker.evaluate(environment) is not (answer[0] == "true"):
                problems.append((text, environment, answer, "packaging says otherwise"))
    probe.report(problems)
    assert untouched > 1200


def only_common_ground(tree, environment):
    """No comparison that 23.0 cannot make, or makes where the standard does not."""
    for node in tree:
        if isinstance(node, list) and not only_common_ground(node, environment):
            return False
        if not isinstance(node, tuple):
            continue
        left, operator, right = node
        variable = left.value if type(left).__name__ == "Variable" else right.value
        equality = operator.value in ("==", "!=", "in", "not in")
        sides = [environment.get(side.value, side.value) for side in (left, right)]
        versions = all(is_version(side.removesuffix(".*")) for side in sides)
        if variable in VERSION_VARIABLES:
            if not versions and operator.value not in ("in", "not in"):
                return False
            if not (equality or makes_specifier(operator.value + sides[1])):
                return False
            if sides[0].endswith(".*") and not operator.value.endswith("in"):
                return False
            if term_value(node, environment) is None:
                return False
        elif not equality or is_version(sides[1]):
            return False
    return True


def makes_specifier(text):
    try:
        return bool(Specifier(text))
    except InvalidSpecifier:
        return False


def test_unknown_is_unknown_only_where_the_variable_decides():
    rng = random.Random(509)
    questions = []
    while len(questions) < 600:
        text = expression(rng)
        if "~=" not in text:
            questions.append((text, random_environment(rng), rng.choice(list(ENVIRONMENT))))
    partial = [
        (text, {name: value for name, value in environment.items() if name != hidden})
        for text, environment, hidden in questions
    ]
    problems = []
    seen = set()
    for (text, environment, hidden), answer in zip(questions, ask_markers(partial)):
        tree = Requirement("x; " + text).marker._markers
        values = {
            tree_value(tree, {**environment, hidden: value})
            for value in ENVIRONMENT[hidden] + ["zzz", "99"]
        }
        seen.add(answer[0])
        if answer[0] == "unknown" and answer[1] != hidden:
            problems.append((text, hidden, answer))
        if answer[0] != "unknown" and values != {answer[0] == "true"}:
            problems.append((text, hidden, answer, values))
        if len(values) == 2 and answer[0] != "unknown":
            problems.append((text, hidden, answer, values))
    probe.report(problems)
    assert seen == {"true", "false", "unknown"}


def random_requirement(rng):
    blank = lambda: rng.choice(["", "", "", " ", "\t "])
    text = blank() + rng.choice(["a", "A-b", "zope.interface", "x_1", "foo", "B9"]) + blank()
    if rng.random() < 0.35:
        names = [rng.choice(["x", "Y_z", "a-b", "a.b", "q9"]) for _ in range(rng.randrange(4))]
        text += "[" + blank() + (blank() + "," + blank()).join(names) + blank() + "]" + blank()
    if rng.random() < 0.2:
        text += "@" + blank() + rng.choice([
            "https://example.org/x-1.0.tar.gz", "git+ssh://git@host/x.git@v1#egg=x",
            "file:///srv/x.whl", "http://h", "https://h/p?q=1;z", "svn+http://h/p",
        ])
        blank_before = " "
    else:
        clauses = [
            rng.choice(["==", ">=", "<", "!=", "~=", ">"]) + blank() +
            rng.choice(["1.0", "2.1.3", "1.0rc1", "3.0.post1", "1!2.0"])
            for _ in range(rng.choice([0, 1, 1, 2, 3]))
        ]
        specifiers = (blank() + "," + blank()).join(clauses)
        if specifiers and rng.random() < 0.1:
            specifiers += blank() + ","
        if rng.random() < 0.25:
            specifiers = "(" + blank() + specifiers + blank() + ")"
        text += specifiers
        blank_before = ""
    if rng.random() < 0.4:
        text += (blank_before or blank()) + ";" + blank() + expression(rng)
    return text + blank()


def string_of(requirement):
    """The normal form, from packaging's parts: newer packaging writes ` @ `, extras normalised."""
    extras = sorted({canonicalize_name(extra) for extra in requirement.extras})
    text = requirement.name + (f"[{','.join(extras)}]" if extras else "")
    text += str(requirement.specifier)
    if requirement.url:
        text += f" @ {requirement.url}" + (" " if requirement.marker else "")
    marker = str(requirement.marker) if requirement.marker else ""
    url = requirement.url or ""
    whole = text + (f"; {marker}" if marker else "")
    return ["ok", requirement.name, ",".join(extras), str(requirement.specifier), url, marker, whole]


def oracle_requirement(text):
    try:
        return string_of(Requirement(text))
    except (InvalidRequirement, InvalidSpecifier):
        return ["error", "invalid"]


def in_known_difference(text):
    return (
        re.search(r"[^\t\x20-\x7e]|\\", text)      # white space and escapes, see requirements.tsv
        or "===" in text                           # swallows what follows
        or re.search(r"_\s*([\]\[,@;(~=!<>]|\Z)", text)  # names that end in "_"
        or "((" in text.replace(" ", "").replace("\t", "")  # 23.0 loses parentheses when printing
        or re.search(r"'[^']*\"[^']*'", text)      # 23.0 prints strings that it cannot read back
        or re.search(r"\w://?(\s|[/?#]|$)", text)
        or re.search(r"@.*\w:(?!//)", text)       # URIs without an authority, which 23.0 refuses
    )


def test_requirements_agree():
    rng = random.Random(510)
    texts = [random_requirement(rng) for _ in range(2500)]
    texts += [mutated(rng, text) for text in texts]
    texts = [text for text in texts if not in_known_difference(text)]
    assert len(texts) > 3000
    problems = []
    accepted = 0
    for text, answer in zip(texts, probe.ask([("requirement", text) for text in texts])):
        wanted = oracle_requirement(text)
        accepted += wanted[0] == "ok"
        if answer != wanted:
            problems.append((text, answer, wanted))
    probe.report(problems)
    assert accepted > 1800


def test_normal_forms_read_back_the_same():
    rng = random.Random(511)
    texts = [random_requirement(rng) for _ in range(800)]
    first = probe.ask([("requirement", text) for text in texts])
    forms = [answer[-1] for answer in first if answer[0] == "ok"]
    again = probe.ask([("requirement", form) for form in forms])
    probe.report([(form, a) for form, a in zip(forms, again) if a[0] != "ok" or a[-1] != form])


def test_hand_picked_requirements():
    """requirements.tsv: text, normal form or 'error …', why packaging differs."""
    problems = []
    cases = probe.rows("requirements.tsv", 3)
    for (text, form, why), answer in zip(cases, probe.ask([("requirement", c[0]) for c in cases])):
        got = " ".join(answer) if answer[0] == "error" else answer[-1]
        try:
            oracle = oracle_requirement(text)
        except Exception as error:  # packaging 23.0 lets errors of its parts through
            oracle = [type(error).__name__]
        packaging = " ".join(oracle) if oracle[0] == "error" else oracle[-1]
        if got != form or (packaging == form) == bool(why):
            problems.append((text, got, form, packaging, why))
    probe.report(problems)


def packaging_marker_value(text, environment):
    try:
        return str(Requirement("x; " + text).marker.evaluate(environment)).lower()
    except InvalidRequirement:
        return "error invalid"
    except Exception as error:  # comparisons that packaging 23.0 cannot make
        return type(error).__name__


def test_hand_picked_markers():
    """markers.tsv: marker, environment (a=b|c=d), answer, why packaging differs."""
    problems = []
    cases = probe.rows("markers.tsv", 4)
    environments = [
        dict(pair.split("=", 1) for pair in case[1].split("|") if pair) for case in cases
    ]
    answers = ask_markers([(case[0], env) for case, env in zip(cases, environments)])
    for (text, _, wanted, why), environment, answer in zip(cases, environments, answers):
        packaging = "unknown"
        if not wanted.startswith("unknown"):
            packaging = packaging_marker_value(text, environment)
        agrees = packaging == wanted.split(" ")[0] or packaging == wanted
        if " ".join(answer) != wanted or agrees == bool(why):
            problems.append((text, environment, answer, wanted, packaging, why))
    probe.report(problems)
