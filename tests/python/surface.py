# SPDX-License-Identifier: MIT
"""The surface of entry_points() as a table: an expression, and what it gives. It is evaluated here with
`m` as registryclient, and as importlib.metadata; test_surface.py compares the two in fresh processes.

A row's third column says from which Python on the standard library gives the same; None: never, and then
docs/PYTHON.md tells the deviation.
"""

import json
import sys

ENTRY_POINTS = """[a.one]
x = mod.sub:attr.deep [extra1, extra2]
y = mod

[a.two]
x = other:thing
z.dotted = other : spaced [e]
"""

ALWAYS, NEW = (3, 10), (3, 12)
OWN = object()  # whatever this Python's standard library gives: the function is its own

SETUP = """
import copy, pickle
E, S = m.EntryPoint, m.EntryPoints
def eps(**params):
    found = m.entry_points(**params)
    return found
def keys(found):
    return [(e.name, e.value, e.group) for e in found]
one = eps(group="a.one")
x = next(iter(one))
plain = E(name="n", value="pkg.mod:obj", group="g")
same = E(name="n", value="pkg.mod:obj", group="g")
"""

ROWS = (
    # entry_points(**params)
    ("keys(eps(group='a.one'))", [("x", "mod.sub:attr.deep [extra1, extra2]", "a.one"), ("y", "mod", "a.one")], ALWAYS),
    ("type(eps(group='a.one')).__name__", "EntryPoints", ALWAYS),
    ("keys(eps(group='a.none'))", [], ALWAYS),
    ("keys(eps(name='x'))",
     [("x", "mod.sub:attr.deep [extra1, extra2]", "a.one"), ("x", "other:thing", "a.two")], ALWAYS),
    ("keys(eps(group='a.two', name='x'))", [("x", "other:thing", "a.two")], ALWAYS),
    ("keys(eps(group='a.one', value='mod'))", [("y", "mod", "a.one")], ALWAYS),
    ("keys(eps(group='a.one', module='mod.sub'))", [("x", "mod.sub:attr.deep [extra1, extra2]", "a.one")], ALWAYS),
    ("keys(eps(group='a.one', attr='attr.deep'))", [("x", "mod.sub:attr.deep [extra1, extra2]", "a.one")], ALWAYS),
    ("keys(eps(group='a.one', attr=None))", [("y", "mod", "a.one")], ALWAYS),
    ("keys(eps(group='a.one', extras=['extra1', 'extra2']))",
     [("x", "mod.sub:attr.deep [extra1, extra2]", "a.one")], ALWAYS),
    ("type(eps()).__name__", "EntryPoints", NEW),
    ("len(eps())", 4, NEW),
    ("sorted(eps().groups)", ["a.one", "a.two"], ALWAYS),
    ("eps(dist='x')", "ValueError", None),
    ("eps(nothing='x')", "AttributeError", ALWAYS),
    # EntryPoints
    ("isinstance(one, tuple)", True, NEW),
    ("S.__slots__", (), ALWAYS),
    ("one['y'].value", "mod", ALWAYS),
    ("one['none']", "KeyError", ALWAYS),
    ("one[0]", "KeyError", NEW),
    ("len(one), x in one, plain in one", (2, True, False), ALWAYS),
    ("keys(one.select(name='y'))", [("y", "mod", "a.one")], ALWAYS),
    ("type(one.select(name='y')).__name__", "EntryPoints", ALWAYS),
    ("one.select(dist=None)", "ValueError", None),
    ("sorted(one.names), sorted(one.groups)", (["x", "y"], ["a.one"]), ALWAYS),
    ("repr(S([plain]))", "EntryPoints((EntryPoint(name='n', value='pkg.mod:obj', group='g'),))", (3, 13)),
    ("repr(S())", "EntryPoints(())", (3, 13)),
    ("S([plain]) == (plain,), one == one.select()", (True, True), ALWAYS),
    ("hash(one) == hash(tuple(one))", True, NEW),
    ("keys(S._from_text('[g]\\na = b:c\\n# no\\n[h]\\nd=e'))", [("a", "b:c", "g"), ("d", "e", "h")], ALWAYS),
    ("keys(S._from_text(None))", [], ALWAYS),
    ("S._from_text_for('[g]\\na = b', 'the dist')['a'].dist", "the dist", ALWAYS),
    ("keys(pickle.loads(pickle.dumps(one))) == keys(one)", True, ALWAYS),
    # EntryPoint
    ("(x.name, x.group, x.module, x.attr, x.extras)",
     ("x", "a.one", "mod.sub", "attr.deep", ["extra1", "extra2"]), ALWAYS),
    ("(one['y'].module, one['y'].attr, one['y'].extras)", ("mod", None, []), ALWAYS),
    ("eps(group='a.two')['z.dotted'].module", "other", ALWAYS),
    ("eps(group='a.two')['z.dotted'].attr", "spaced", ALWAYS),
    ("E.dist", None, ALWAYS),
    ("plain.dist", None, ALWAYS),
    ("E.pattern.match('a.b:c [d]').group('module', 'attr', 'extras')", ("a.b", "c", "[d]"), ALWAYS),
    ("x.dist.name, x.dist.version, x.dist.metadata['Name']", ("demo", "1.0", "demo"), ALWAYS),
    ("E('n', 'v', 'g') == E(name='n', value='v', group='g')", True, ALWAYS),
    ("E('n', 'v')", "TypeError", ALWAYS),
    ("plain == same, plain is same, hash(plain) == hash(same)", (True, False, True), ALWAYS),
    ("hash(plain) == hash(('n', 'pkg.mod:obj', 'g'))", True, ALWAYS),
    ("plain == E('n', 'pkg.mod:obj', 'other'), plain != same", (False, False), ALWAYS),
    ("plain._for('d') == plain, same._for('d').dist, same._for('d') is same", (True, "d", True), ALWAYS),
    ("E('a', 'v', 'g') < E('b', 'v', 'g'), E('b', 'a', 'g') < E('a', 'b', 'g')", (True, False), ALWAYS),
    ("[e.name for e in sorted([E('b','v','g'), E('a','v','g')])]", ["a", "b"], ALWAYS),
    ("setattr(plain, 'name', 'other')", "AttributeError", ALWAYS),
    ("setattr(plain, 'dist', 'other')", "AttributeError", (3, 11)),
    ("plain.matches(name='n', group='g'), plain.matches(), plain.matches(name='o')", (True, True, False), ALWAYS),
    ("plain.matches(dist=None)", "ValueError", None),
    ("repr(plain)", "EntryPoint(name='n', value='pkg.mod:obj', group='g')", ALWAYS),
    ("pickle.loads(pickle.dumps(plain)) == plain, copy.copy(plain) == plain", (True, True), ALWAYS),
    ("vars(E('n', 'v', 'g'))", {"name": "n", "value": "v", "group": "g"}, (3, 11)),
    ("E('n', 'not-a-module:x', 'g').value", "not-a-module:x", ALWAYS),
    ("E('n', 'not-a-module:x', 'g').module", "AttributeError", None),
    ("E('n', 'not-a-module:x', 'g').load()", "AttributeError", (3, 10)),
    ("E('n', 'json:JSONDecoder.decode', 'g').load().__qualname__", "JSONDecoder.decode", ALWAYS),
    ("E('n', 'json : dumps [some, extras]', 'g').load().__name__", "dumps", ALWAYS),
    ("E('n', 'xml.dom', 'g').load().__name__", "xml.dom", ALWAYS),
    ("E('n', 'no_such_module', 'g').load()", "ModuleNotFoundError", ALWAYS),
    ("E('n', 'json:nothing', 'g').load()", "AttributeError", ALWAYS),
    # the functions beside it
    ("m.version('demo'), m.distribution('demo').version", ("1.0", "1.0"), ALWAYS),
    ("m.metadata('demo')['Name']", "demo", ALWAYS),
    ("[str(f) for f in m.files('demo')][0]", "demo.py", ALWAYS),
    ("m.requires('demo')", None, ALWAYS),
    ("m.packages_distributions().get('demo')", OWN, ALWAYS),
    ("sorted(d.metadata['Name'] for d in m.distributions())", ["demo"], ALWAYS),
    ("m.version('nothing')", "PackageNotFoundError", ALWAYS),
    ("issubclass(m.PackageNotFoundError, ModuleNotFoundError)", True, ALWAYS),
    ("m.version('')", OWN, ALWAYS),
)


def outcome(expression, names):
    """repr of the value, or the name of the exception."""
    try:
        return repr(eval(expression, names))
    except Exception as error:
        return type(error).__name__


def main():
    import importlib
    import warnings

    warnings.simplefilter("ignore")
    site = sys.argv[1]
    sys.path[:] = [entry for entry in sys.path if not entry.endswith("packages")] + [site]
    told = {}
    for name in ("registryclient", "importlib.metadata"):
        names = {"m": importlib.import_module(name)}
        exec(SETUP, names)
        told[name] = [outcome(row[0], names) for row in ROWS]
    print(json.dumps(told))


if __name__ == "__main__":
    main()
