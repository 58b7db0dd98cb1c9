// SPDX-License-Identifier: MIT
// pyproject.toml: the folders of tests/data/pyproject (a file README beside the input is the README's
// bytes), documents too large to keep as files, and running out of memory.
#include "data_cases.h"
#include "flood.h"

#include "schema/base/limits.h"
#include "schema/readers/core/reader.h"
#include "schema/base/list.h"

struct outcome {
    enum status status;
    struct error err;
    struct findings findings;
    const struct release *release;
    const char *readme_path;
};

static void read_project(struct arena *arena, struct text text, const struct source_file *readme,
                         struct outcome *outcome) {
    const struct source_file file = {"pyproject.toml", text.ptr, text.len};
    *outcome = (struct outcome){0};
    findings_init(&outcome->findings, arena);
    outcome->status = pyproject_read(&file, readme, &outcome->findings, &outcome->release,
                                     &outcome->readme_path, &outcome->err);
}

// What the registry would store of it, without the provenance; and its findings are the reader's,
// plus those of the rules that are warnings.
static void assert_document(const struct data_case *data, struct outcome *outcome) {
    const struct valid_release *valid;
    struct error err = {0};
    enum status status =
        release_check(data->arena, outcome->release, &outcome->findings, &valid, &err);
    data_assert_text(data, "rules", status ? err.message : "", "");
    struct release bare = valid->release;
    bare.provenance = (struct provenance){0};
    scoped(cleanup_json) json_t *document = release_encode(&bare);
    data_assert_json(data, "release", document);
    const char *readme = json_string_value(json_object_get(data->expected, "readme"));
    data_assert_text(data, "readme", outcome->readme_path ? outcome->readme_path : "",
                     readme ? readme : "");
}

static void run_case(const struct data_case *data) {
    const char *path = arena_printf(data->arena, "%s/README", data->folder);
    struct text readme = data_load(data->arena, path);
    const struct source_file file = {"README.md", readme.ptr, readme.len};
    struct outcome outcome;
    read_project(data->arena, data->input, readme.ptr ? &file : NULL, &outcome);
    data_assert_error(data, outcome.status, &outcome.err);
    data_assert_findings(data, &outcome.findings, SEVERITY_ERROR);
    if (data->valid) {
        assert_document(data, &outcome);
    } else {
        bool wanted = json_is_true(json_object_get(data->expected, "has_release"));
        data_assert_text(data, "release", outcome.release ? "told" : "none",
                         wanted ? "told" : "none");
    }
    data_assert_findings(data, &outcome.findings, SEVERITY_WARNING);
}

static void test_valid_folders(void **state) {
    (void)state;
    data_run("pyproject", true, "pyproject.toml", run_case);
}

static void test_invalid_folders(void **state) {
    (void)state;
    data_run("pyproject", false, "pyproject.toml", run_case);
}

static void test_provenance(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct outcome outcome;
    read_project(arena, text_from("[project]\nname='a'\nversion='1'\n"), NULL, &outcome);
    assert_string_equal(outcome.release->provenance.convention, "pyproject");
    assert_string_equal(outcome.release->provenance.path, "pyproject.toml");
    assert_string_equal(outcome.release->provenance.confidence, "declared");
    read_project(arena, text_from("[project]\nname='a'\nversion='1'\ndynamic=['scripts']\n"), NULL,
                 &outcome);
    assert_string_equal(outcome.release->provenance.confidence, "derived");
    arena_free(arena);
}

// Unknown is not broken: a dynamic version is NULL and no finding, whatever else is dynamic besides.
static void test_dynamic_version_is_unknown(void **state) {
    (void)state;
    static const struct {
        const char *rest;
        const char *error; // the first error's code, or NULL
    } rows[] = {
        {"dynamic=['version']", NULL},
        {"dynamic=['version', 'readme', 'dependencies', 'classifiers']", NULL},
        {"dynamic=['version']\n[project.entry-points.g]\nx='m:x'", NULL},
        {"dynamic=['version']\n[project.scripts]\nx='m:x'\n[tool.setuptools_scm]", NULL},
        {"dynamic=['version', 'entry-points']", NULL},
        {"dynamic=[]", "version-missing"},
        {"dynamic=['readme']", "version-missing"},
        {"dynamic=['Version']", "dynamic-invalid"},
        {"dynamic='version'", "wrong-type"},
        {"dynamic=['version']\nversion='1'", "dynamic-and-static"},
        {"dynamic=['version']\n[project.scripts]\nx='m'", "entry-point-value-invalid"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena *arena = arena_new(0);
        struct outcome outcome;
        const char *text = arena_printf(arena, "[project]\nname='a'\n%s\n", rows[i].rest);
        read_project(arena, text_from(text), NULL, &outcome);
        assert_int_equal(outcome.status, rows[i].error ? STATUS_INVALID : STATUS_OK);
        assert_non_null(outcome.release);
        const char *error = NULL;
        for (size_t j = 0; j < outcome.findings.count && !error; j++) {
            const struct finding *finding = &outcome.findings.items[j];
            error = finding->severity == SEVERITY_ERROR ? finding->code : NULL;
        }
        assert_string_equal(error ? error : "none", rows[i].error ? rows[i].error : "none");
        assert_true(error || !outcome.release->version);
        arena_free(arena);
    }
}

static void test_floods_are_refused(void **state) {
    (void)state;
    static const struct flood floods[] = {
        {"a", ".a", 60000, "pyproject.toml:1"},
        {"[a", ".a", 60000, "pyproject.toml:1"},
        {"\n[[a", " . 'a'", 40000, "pyproject.toml:2"},
        {"a", "\n.a", 60000, "pyproject.toml:1"},
        {"x = ", "[", 100000, "pyproject.toml:1"},
        {"x = ", "{a.a=", 20000, "pyproject.toml:1"},
        {"x = {", "a.a={", 20000, "pyproject.toml:1"},
        {"x = \"", "\\u0000", 20000, "pyproject.toml:1"},
        {"#", ".", LIMIT_TOML_BYTES, "pyproject.toml"},
    };
    for (size_t i = 0; i < COUNT_OF(floods); i++) {
        struct arena *arena = arena_new(0);
        struct outcome outcome;
        read_project(arena, flood_repeat(arena, floods[i].start, floods[i].piece, floods[i].count),
                     NULL, &outcome);
        assert_int_equal(outcome.status, STATUS_MALFORMED);
        assert_string_equal(outcome.err.where, floods[i].where);
        arena_free(arena);
    }
}

// The deepest a document may be under all limits at once.
static void test_deepest_document_is_read(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct outcome outcome;
    struct text text = text_from("[project]\nname='a'\nversion='1'\n"
                                 "[tool.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o]\n"
                                 "p.q.r.s = {a.b.c.d.e = {f.g = [[[[1]]]]}}\n");
    read_project(arena, text, NULL, &outcome);
    assert_int_equal(outcome.status, STATUS_OK);
    arena_free(arena);
}

static void test_every_arena_bound_is_a_status(void **state) {
    (void)state;
    struct text text = text_from("[project]\nname='a'\nversion='1'\nauthors=[{name='x'}]\n"
                                 "dependencies=['x>1']\n[project.optional-dependencies]\ne=['y']\n"
                                 "[project.scripts]\nr='m:f'\n[project.urls]\nh='https://x'\n");
    enum status status = STATUS_NO_MEMORY;
    for (size_t bytes = 16; status == STATUS_NO_MEMORY; bytes += 64) {
        struct arena *arena = arena_new(bytes);
        struct outcome outcome;
        read_project(arena, text, NULL, &outcome);
        status = outcome.status;
        arena_free(arena);
        assert_true(bytes < 1024 * 1024);
    }
    assert_int_equal(status, STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_folders),
        cmocka_unit_test(test_invalid_folders),
        cmocka_unit_test(test_provenance),
        cmocka_unit_test(test_dynamic_version_is_unknown),
        cmocka_unit_test(test_floods_are_refused),
        cmocka_unit_test(test_deepest_document_is_read),
        cmocka_unit_test(test_every_arena_bound_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
