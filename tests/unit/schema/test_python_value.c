// SPDX-License-Identifier: MIT
// Values that a module gives its names, followed without running it: what is followed must equal what
// Python computes, and what is not must say why, with its line.
#include "schema/readers/python/python_source.h"

#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *source;
    const char *value; // of X: JSON; "call NAME(a, k=1, …)"; or why it is not literal
};

static struct python_module read_module(struct arena *arena, const char *text) {
    struct python_module module;
    struct error err;
    struct source_file file = {.path = "m.py", .bytes = text, .len = strlen(text)};
    static const char *const kept[] = {"add"};
    const struct python_source_options options = {kept, 1};
    if (python_source_read(arena, &file, &options, &module, &err) != STATUS_OK) {
        fail_msg("%s: %s in:\n%s", err.where, err.message, text);
    }
    return module;
}

static const char *show_call(struct arena *arena, const struct python_call *call) {
    const char *text = arena_printf(arena, "call %s(", call->callee);
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        text = arena_printf(arena, "%s%s%s%s%s", text, i ? ", " : "",
                            argument->name ? argument->name : "", argument->name ? "=" : "",
                            argument->json ? argument->json : "?");
    }
    return arena_printf(arena, "%s%s)", text, call->more ? ", ..." : "");
}

static const char *show(struct arena *arena, const struct python_value *value) {
    return !value->line  ? "not assigned"
           : value->json ? value->json
           : value->call ? show_call(arena, value->call)
                         : value->why_not;
}

static bool differs(struct arena *arena, const struct row *row) {
    struct python_module module = read_module(arena, row->source);
    struct python_value value;
    assert_int_equal(python_value_read(&module, "X", &value, NULL), STATUS_OK);
    const char *got = show(arena, &value);
    bool different = !got || strcmp(got, row->value) != 0;
    if (different) {
        print_error("got %s, not %s, of:\n%s", got, row->value, row->source);
    }
    return different;
}

static void check_rows(const struct row *rows, size_t count) {
    struct arena *arena = arena_new(0);
    size_t different = 0;
    for (size_t i = 0; i < count; i++) {
        different += differs(arena, &rows[i]);
    }
    arena_free(arena);
    assert_int_equal(different, 0);
}

static void names_bound_once_are_followed(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"V = '1.0'\nX = {'v': V}\n", "{\"v\":\"1.0\"}"},
        {"V: str = '1.0'\nX = V\n", "\"1.0\""},
        {"A = B = 'x'\nX = [A, B]\n", "[\"x\",\"x\"]"},
        {"A = 'a'\nB = A\nC = B\nX = (C)\n", "\"a\""},
        {"K = 'id'\nX = {K: 1}\n", "{\"id\":1}"},
        {"if DEBUG:\n    V = 1\nX = V\n", "1"},
        {"V = 1\ndef f(V=V): return V\nX = V\n", "1"},
        {"V = 1\ndef f():\n    V = 2\n    return V\nX = V\n", "1"},
        {"V = 1\nclass C:\n    V = 2\nX = V\n", "1"},
        {"V = 'a'\nprint(V, key=V)\nD[V] = 1\nX = V\n", "\"a\""},
        {"V = 'a'\nx.V = 1\nx: V = 2\nX = V\n", "\"a\""},
        {"V = []\nW = [y for y in V]\nX = V\n", "[]"},
        {"V = 1\nX = V if a else V\n", "not a literal (line 2)"},
        {"V = 1\nV = 2\nX = V\n", "a name that is bound in more than one place (line 3)"},
        {"try:\n    from v import V\nexcept E:\n    V = 1\nX = V\n",
         "a name that is bound in more than one place (line 5)"},
        {"V = 1\nV += 1\nX = V\n", "a name that is bound in more than one place (line 3)"},
        {"V = 1\ndef f():\n    global V\n    V = 2\nX = V\n",
         "a name that is bound in more than one place (line 5)"},
        {"V = 1\nfor V in y: pass\nX = V\n",
         "a name that is bound in more than one place (line 3)"},
        {"V = 1\nwith y as V: pass\nX = V\n",
         "a name that is bound in more than one place (line 3)"},
        {"V = 1\nV, W = 1, 2\nX = V\n", "a name that is bound in more than one place (line 3)"},
        {"V = 1\nif (V := 2): pass\nX = V\n",
         "a name that is bound in more than one place (line 3)"},
        {"V = 1\nmatch y:\n    case V: pass\nX = V\n",
         "a name that is bound in more than one place (line 4)"},
        {"V = {}\nV['a'] = 1\nX = V\n", "a name whose value is changed in place (line 3)"},
        {"V = {}\ndel V['a']\nX = V\n", "a name whose value is changed in place (line 3)"},
        {"V = []\nV.append(1)\nX = V\n", "a name whose value is changed in place (line 3)"},
        {"from v import V\nX = V\n", "not a literal (line 2)"},
        {"X = V\n", "a name that this file does not bind (line 1)"},
        {"X = V\nV = 1\n", "a name that is bound further down (line 1)"},
        {"X = X\n", "a name that is bound further down (line 1)"},
        {"X = {'a': 1}\nX['a'] = 2\n", "changed in place (line 2)"},
        {"X = {'a': 1}\nX.update(b=1)\nX = {'a': 2}\n", "{\"a\":2}"},
    };
    check_rows(rows, COUNT_OF(rows));
}

static void displays_are_put_together(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"X = dict(a=1, b='x')\n", "{\"a\":1,\"b\":\"x\"}"},
        {"X = dict()\n", "{}"},
        {"X = dict({'a': 1}, b=2)\n", "{\"a\":1,\"b\":2}"},
        {"B = {'a': 1}\nX = dict(**B, b=dict(c=2))\n", "{\"a\":1,\"b\":{\"c\":2}}"},
        {"B = dict(a=1, b=2)\nX = {**B, 'b': 3, **{'c': 4}}\n", "{\"a\":1,\"b\":3,\"c\":4}"},
        {"B = [1]\nX = [*B, 2, *(3, 4)]\n", "[1,2,3,4]"},
        {"B = (1,)\nX = *B, 2\n", "[1,2]"},
        {"X = 'a' 'b' + \"c\" + f'd'\n", "\"abcd\""},
        {"X = f'{{a}}' rf'\\d'\n", "\"{a}\\\\d\""},
        {"X = ('a'\n     'b')\n", "\"ab\""},
        {"X = [1] + [2, 3] + []\n", "[1,2,3]"},
        {"X = (1,) + (2,)\n", "[1,2]"},
        {"P = 'plugins.'\nX = P + 'a'\n", "\"plugins.a\""},
        {"X = -9223372036854775808\n", "-9223372036854775808"},
        {"X = [9223372036854775807, -0x8000000000000000, 0b11, 0o17, 1_000]\n",
         "[9223372036854775807,-9223372036854775808,3,15,1000]"},
        {"X = 9223372036854775808\n", "a number outside 64 bits (line 1)"},
        {"X = -9223372036854775809\n", "a number outside 64 bits (line 1)"},
        {"X = [1] + (2,)\n", "not a literal (line 1)"},
        {"X = 'a' + 1\n", "not a literal (line 1)"},
        {"X = 1 + 1\n", "not a literal (line 1)"},
        {"X = 'a' * 2\n", "not a literal (line 1)"},
        {"X = 'a%s' % 'b'\n", "not a literal (line 1)"},
        {"N = 'a'\nX = f'{N}'\n", "an f-string with a field (line 2)"},
        {"X = {**load()}\n", "not a literal (line 1)"},
        {"X = {**[1]}\n", "not a literal (line 1)"},
        {"def dict(**k): return k\nX = dict(a=1)\n", "not a literal (line 1)"},
        {"X = {'a': '\\0'}\n", "a string with a NUL character (line 1)"},
        {"X = {'\\x00': 1}\n", "a string with a NUL character (line 1)"},
        {"X = '\\N{NULL}'\n", "an escape that cannot be decoded (line 1)"},
        {"X = '\\ud800'\n", "an escape that cannot be decoded (line 1)"},
        {"X = b'a'\n", "a bytes literal (line 1)"},
        {"X = {1, 2}\n", "a key that is not a string (line 1)"},
        {"X = {'a'}\n", "a set (line 1)"},
    };
    check_rows(rows, COUNT_OF(rows));
}

static void one_call_is_followed(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"def make():\n    return P(name='a', c=[])\nX = make()\n", "call P(name=\"a\", c=[])"},
        {"def make() -> P:\n    \"\"\"Doc.\"\"\"\n    p = P(name=N)\n    return p\nN = 'a'\nX = "
         "make()\n",
         "call P(name=\"a\")"},
        {"def make(): return m.P('a', b)\nX = make()\n", "call m.P(\"a\", ?)"},
        {"p = P(name='a')\nX = p\n", "call P(name=\"a\")"},
        {"X = (\n    P(name='a')\n)\n", "call P(name=\"a\")"},
        {"def make():\n    return {'id': 'a'}\nX = make()\n", "{\"id\":\"a\"}"},
        {"def make():\n    return 'a'\nX = {'id': make()}\n", "{\"id\":\"a\"}"},
        {"O = dict(name='a')\nX = P(**O, k=1)\n", "call P(name=\"a\", k=1)"},
        {"X = P(**load(), k=1)\n", "call P(k=1, ...)"},
        {"X = P(*a, k=1)\n", "call P(?, k=1, ...)"},
        {"X = P(lambda a, b=1: (a, b), {1: 2}, n='x')\n", "call P(?, ?, n=\"x\")"},
        {"X = P()\n", "call P()"},
        {"def make(n):\n    return P(name=n)\nX = make('a')\n", "call P(name=?)"},
        {"def f(): return P(1)\ndef make(): return f()\nX = make()\n", "call f()"},
        {"@cached\ndef make():\n    return P(1)\nX = make()\n", "call make()"},
        {"async def make():\n    return P(1)\nX = make()\n", "call make()"},
        {"def make():\n    if a:\n        return P(1)\n    return P(2)\nX = make()\n",
         "call make()"},
        {"def make():\n    if a:\n        return P(1)\nX = make()\n", "call make()"},
        {"def make():\n    yield P(1)\nX = make()\n", "call make()"},
        {"def make():\n    def inner():\n        return 1\n    return P(2)\nX = make()\n",
         "call P(2)"},
        {"def make(): return P(1)\ndef make(): return P(2)\nX = make()\n", "call make()"},
        {"def make():\n    p = P(1)\n    p.name = 'b'\n    return p\nX = make()\n",
         "a name whose value is changed in place (line 4)"},
        {"X = make().run()\n", "not a literal (line 1)"},
        {"def make(): return P(1)\nX = make().run()\n", "not a literal (line 1)"},
        {"X = P(1) or P(2)\n", "not a literal (line 1)"},
        {"from a import X\n", "not assigned"},
    };
    check_rows(rows, COUNT_OF(rows));
}

static void calls_in_classes_see_their_names(void **state) {
    (void)state;
    static const struct {
        const char *source;
        const char *call;
    } rows[] = {
        {"U = '/u'\nclass A(B):\n    def f(self):\n        self.h.add(U, 'GET', self.f)\n",
         "call self.h.add(\"/u\", \"GET\", ?)"},
        {"class A(B):\n    def f(self):\n        u = '/u'\n        self.add(u + '/x', m='GET')\n",
         "call self.add(\"/u/x\", m=\"GET\")"},
        {"class A(B):\n    def f(self):\n        self.add(**E)\nE = {'path': '/u'}\n",
         "call self.add(path=\"/u\")"},
        {"u = '/'\nclass A(B):\n    def f(self, u):\n        self.add(u)\n", "call self.add(?)"},
        {"u = '/'\nclass A(B):\n    def f(self):\n        for u in all: self.add(u)\n",
         "call self.add(?)"},
        {"u = '/'\nclass A(B):\n    def f(self):\n        [self.add(u) for u in all]\n",
         "call self.add(?)"},
        {"u = '/'\nclass A(B):\n    def f(self):\n        g(lambda u: self.add(u))\n",
         "call self.add(?)"},
        {"class A(B):\n    u = '/'\n    def f(self):\n        self.add(u)\n", "call self.add(?)"},
        {"class A(B):\n    u = '/'\n    add(u)\n", "call add(\"/\")"},
        {"class A(B):\n    def f(self):\n        with (x.add(1)), y: pass\n", "call x.add(1)"},
    };
    struct arena *arena = arena_new(0);
    size_t different = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct python_module module = read_module(arena, rows[i].source);
        assert_int_equal(module.class_count, 1);
        assert_int_equal(module.classes[0].call_count, 1);
        const char *got = show_call(arena, &module.classes[0].calls[0]);
        if (strcmp(got, rows[i].call) != 0) {
            print_error("got %s, not %s, of:\n%s", got, rows[i].call, rows[i].source);
            different++;
        }
    }
    arena_free(arena);
    assert_int_equal(different, 0);
}

static void the_return_of_a_function_is_a_value(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct python_module module =
        read_module(arena, "def f():\n    return P(name='a')\ndef g(): pass\n");
    struct python_value value;
    assert_int_equal(python_returned_read(&module, &module.functions[0], &value, NULL), STATUS_OK);
    assert_string_equal(show(arena, &value), "call P(name=\"a\")");
    assert_int_equal(value.line, 2);
    assert_int_equal(python_returned_read(&module, &module.functions[1], &value, NULL), STATUS_OK);
    assert_int_equal(value.line, 0);
    arena_free(arena);
}

// Each name holds ten of the one before: what is followed must stay bounded.
static void names_cannot_blow_up(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"A='a'\nB=[A,A,A,A,A,A,A,A,A,A]\nC=[B,B,B,B,B,B,B,B,B,B]\nX=[C,C,C,C,C,C,C,C,C,C]\n",
         "too many names to follow (line 3)"},
    };
    check_rows(rows, COUNT_OF(rows));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_bound_once_are_followed),
        cmocka_unit_test(displays_are_put_together),
        cmocka_unit_test(one_call_is_followed),
        cmocka_unit_test(calls_in_classes_see_their_names),
        cmocka_unit_test(the_return_of_a_function_is_a_value),
        cmocka_unit_test(names_cannot_blow_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
