// SPDX-License-Identifier: MIT
// Selection in one package: rows of its releases, a host, and what must be taken and left out and why.
#include "registryd/resolver/select.h"
#include "registryd/tables/package_pack.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_RELEASES = 6, NOW_MS = 1000000 };

static struct candidate_entry asking[] = {
    {"app.plugins", "x", "a:b", "{\"permissions\":[\"a.read\",\"a.write\"]}"}};

struct selection_case {
    const char *title;
    const char *status;                              // of the package
    struct candidate_release releases[MAX_RELEASES]; // newest first, up to one without a version
    const char *python;
    bool prereleases;
    const char *environment; // its document; NULL = nothing said
    const char *taken;       // version, or "" for none
    const char *excluded;    // "VERSION=CODE" for each, newest first
};

static const struct selection_case cases[] = {
    {.title = "the newest",
     .releases = {{.version = "2.0"}, {.version = "1.0"}},
     .taken = "2.0",
     .excluded = "1.0=superseded"},
    {.title = "nothing there", .taken = "", .excluded = ""},
    {.title = "a yanked release is passed over",
     .releases = {{.version = "2.0", .yanked = ""}, {.version = "1.0"}},
     .taken = "1.0",
     .excluded = "2.0=yanked"},
    {.title = "all yanked",
     .releases = {{.version = "2.0", .yanked = ""}, {.version = "1.0", .yanked = ""}},
     .taken = "",
     .excluded = "2.0=yanked 1.0=yanked"},
    {.title = "a quarantined package gives nothing, whatever its releases",
     .status = "quarantined",
     .releases = {{.version = "2.0", .yanked = ""}, {.version = "1.0"}},
     .taken = "",
     .excluded = "2.0=quarantined 1.0=quarantined"},
    {.title = "deprecated and archived packages are still there",
     .status = "archived",
     .releases = {{.version = "1.0"}},
     .taken = "1.0",
     .excluded = ""},
    {.title = "a pre-release is passed over",
     .releases = {{.version = "2.0b1", .prerelease = true}, {.version = "1.0"}},
     .taken = "1.0",
     .excluded = "2.0b1=prerelease"},
    {.title = "a pre-release is taken when allowed",
     .releases = {{.version = "2.0b1", .prerelease = true}, {.version = "1.0"}},
     .prereleases = true,
     .taken = "2.0b1",
     .excluded = "1.0=superseded"},
    {.title = "an older final release wins over newer pre-releases, with older ones named as such",
     .releases = {{.version = "2.0rc1", .prerelease = true},
                  {.version = "1.0"},
                  {.version = "1.0rc1", .prerelease = true}},
     .taken = "1.0",
     .excluded = "2.0rc1=prerelease 1.0rc1=prerelease"},
    {.title = "a pre-release alone is taken",
     .releases = {{.version = "1.0b2", .prerelease = true},
                  {.version = "1.0b1", .prerelease = true}},
     .taken = "1.0b2",
     .excluded = "1.0b1=superseded"},
    {.title = "a pre-release is alone, too, when no final release fits",
     .releases = {{.version = "2.0b1", .prerelease = true},
                  {.version = "1.1", .yanked = ""},
                  {.version = "1.0", .requires_python = "<3.9"}},
     .python = "3.11.2",
     .taken = "2.0b1",
     .excluded = "1.1=yanked 1.0=requires-python"},
    {.title = "the newest that fits the Python",
     .releases = {{.version = "3.0", .requires_python = ">=3.12"},
                  {.version = "2.0", .requires_python = ">=3.9"},
                  {.version = "1.0"}},
     .python = "3.11.2",
     .taken = "2.0",
     .excluded = "3.0=requires-python 1.0=superseded"},
    {.title = "no Python named: any fits",
     .releases = {{.version = "3.0", .requires_python = ">=3.12"}, {.version = "2.0"}},
     .taken = "3.0",
     .excluded = "2.0=superseded"},
    {.title = "an older name of a platform is the platform",
     .releases = {{.version = "2.0", .wheel_tags = "cp311-cp311-manylinux2014_x86_64"}},
     .environment = "{\"facts\":{\"tags\":[\"cp311-cp311-manylinux_2_17_x86_64\"]}}",
     .taken = "2.0",
     .excluded = ""},
    {.title = "and so is a newer name, whoever uses it",
     .releases = {{.version = "3.0", .wheel_tags = "cp311-cp311-manylinux_2_17_i686"},
                  {.version = "2.0", .wheel_tags = "x-y-z cp311-abi3-manylinux_2_5_x86_64"}},
     .environment = "{\"facts\":{\"tags\":[\"cp311-abi3-manylinux1_x86_64\"]}}",
     .taken = "2.0",
     .excluded = "3.0=no-compatible-artifact"},
    {.title = "manylinux2010 is glibc 2.12, and not 2.17",
     .releases = {{.version = "3.0", .wheel_tags = "py3-none-manylinux_2_17_i686"},
                  {.version = "2.0", .wheel_tags = "py3-none-manylinux_2_12_i686"}},
     .environment = "{\"facts\":{\"tags\":[\"py3-none-manylinux2010_i686\"]}}",
     .taken = "2.0",
     .excluded = "3.0=no-compatible-artifact"},
    {.title = "what only begins like an alias is none",
     .releases = {{.version = "2.0", .wheel_tags = "py3-none-manylinux2014x_2_17_x86_64"}},
     .environment = "{\"facts\":{\"tags\":[\"py3-none-manylinux_2_17_x86_64\"]}}",
     .taken = "",
     .excluded = "2.0=no-compatible-artifact"},
    {.title = "a pre-release of Python counts as its release",
     .releases = {{.version = "2.0", .requires_python = ">=3.13"},
                  {.version = "1.0", .requires_python = ">=3.12"}},
     .python = "3.13.0rc1",
     .taken = "2.0",
     .excluded = "1.0=superseded"},
    {.title = "a pre-release of Python counts as its release where that is too new",
     .releases = {{.version = "2.0", .requires_python = "<3.13"}, {.version = "1.0"}},
     .python = "3.13.0a4",
     .taken = "1.0",
     .excluded = "2.0=requires-python"},
    {.title = "a Python built without a tag",
     .releases = {{.version = "2.0", .requires_python = ">=3.13,!=3.13.1"}},
     .python = "3.13.0+",
     .taken = "2.0",
     .excluded = ""},
    {.title = "a development build of Python with a local version",
     .releases = {{.version = "2.0", .requires_python = ">=3.14.0"},
                  {.version = "1.0", .requires_python = "==3.14.0"}},
     .python = "3.14.0.dev0+abc",
     .taken = "2.0",
     .excluded = "1.0=superseded"},
    {.title = "a requirement that cannot be read is not fulfilled",
     .releases = {{.version = "2.0", .requires_python = "three"}, {.version = "1.0"}},
     .python = "3.11",
     .taken = "1.0",
     .excluded = "2.0=requires-python"},
    {.title = "what is wrong with a release is named before what is newer",
     .releases = {{.version = "2.0"},
                  {.version = "1.1", .yanked = ""},
                  {.version = "1.0", .requires_python = ">=3.12"}},
     .python = "3.11",
     .taken = "2.0",
     .excluded = "1.1=yanked 1.0=requires-python"},
    {.title = "yanked is named before the Python",
     .releases = {{.version = "2.0", .yanked = "", .requires_python = ">=3.12"}},
     .python = "3.11",
     .taken = "",
     .excluded = "2.0=yanked"},
    {.title = "a release of its own in quarantine is passed over",
     .releases = {{.version = "2.0", .quarantined = "it steals"}, {.version = "1.0"}},
     .taken = "1.0",
     .excluded = "2.0=quarantined"},
    {.title = "a disabled package gives nothing",
     .releases = {{.version = "1.0", .yanked = ""}},
     .environment = "{\"plugins\":{\"crm\":{\"enabled\":false,\"pin\":\"==2\"}}}",
     .taken = "",
     .excluded = "1.0=disabled"},
    {.title = "where only what is listed counts, a pin alone lists nothing",
     .releases = {{.version = "1.0", .entries = asking, .entry_count = 1}},
     .environment =
         "{\"policy\":{\"plugins\":\"listed\"},\"plugins\":{\"crm\":{\"pin\":\"==1.0\"}}}",
     .taken = "",
     .excluded = "1.0=not-enabled"},
    {.title = "a library, which has no entry point, needs no enabling",
     .releases = {{.version = "1.0"}},
     .environment = "{\"policy\":{\"plugins\":\"listed\"}}",
     .taken = "1.0",
     .excluded = ""},
    {.title = "what is offered counts, too",
     .releases = {{.version = "1.0", .entries = asking, .entry_count = 1}},
     .environment =
         "{\"policy\":{\"plugins\":\"listed\"},\"plugins\":{\"crm\":{\"state\":\"allowed\"}}}",
     .taken = "1.0",
     .excluded = ""},
    {.title = "what is enabled by name counts",
     .releases = {{.version = "1.0"}},
     .environment =
         "{\"policy\":{\"plugins\":\"listed\"},\"plugins\":{\"crm\":{\"enabled\":true}}}",
     .taken = "1.0",
     .excluded = ""},
    {.title = "a pin keeps what is newer out",
     .releases = {{.version = "2.0"}, {.version = "1.4"}, {.version = "1.3"}},
     .environment = "{\"plugins\":{\"crm\":{\"pin\":\"<2\"}}}",
     .taken = "1.4",
     .excluded = "2.0=outside-pin 1.3=superseded"},
    {.title = "a pin to one version takes it though it is yanked",
     .releases = {{.version = "2.0"}, {.version = "1.0", .yanked = "slow"}},
     .environment = "{\"plugins\":{\"crm\":{\"pin\":\"==1.0\"}}}",
     .taken = "1.0",
     .excluded = "2.0=outside-pin"},
    {.title = "a pin to a prefix is no pin to one version",
     .releases = {{.version = "1.1", .yanked = ""}, {.version = "1.0"}},
     .environment = "{\"plugins\":{\"crm\":{\"pin\":\"==1.*\"}}}",
     .taken = "1.0",
     .excluded = "1.1=yanked"},
    {.title = "a pin that names a pre-release takes it before a final one",
     .releases = {{.version = "2.0b1", .prerelease = true}, {.version = "1.0"}},
     .environment = "{\"plugins\":{\"crm\":{\"pin\":\">=1.0,!=2.0b2\"}}}",
     .taken = "1.0",
     .excluded = "2.0b1=prerelease"},
    {.title = "a pin from a pre-release on",
     .releases = {{.version = "2.0b1", .prerelease = true}, {.version = "1.0"}},
     .environment = "{\"plugins\":{\"crm\":{\"pin\":\">=1.0b1\"}}}",
     .taken = "2.0b1",
     .excluded = "1.0=superseded"},
    {.title = "the environment's policy on pre-releases",
     .releases = {{.version = "2.0b1", .prerelease = true}, {.version = "1.0"}},
     .environment = "{\"policy\":{\"prereleases\":true}}",
     .taken = "2.0b1",
     .excluded = "1.0=superseded"},
    {.title = "old enough to the millisecond",
     .releases = {{.version = "2.0", .published_ms = 940001},
                  {.version = "1.0", .published_ms = 940000}},
     .environment = "{\"policy\":{\"min_age_seconds\":60}}",
     .taken = "1.0",
     .excluded = "2.0=too-new"},
    {.title = "the host's version at the bound of a requirement",
     .releases = {{.version = "3.0", .requires_dist = "[\"host>4.2.0\"]"},
                  {.version = "2.0", .requires_dist = "[\"Host>=4.2.0\"]"},
                  {.version = "1.0", .requires_dist = "[\"host<4.2.0\"]"}},
     .environment = "{\"facts\":{\"have\":{\"host\":\"4.2\"}}}",
     .taken = "2.0",
     .excluded = "3.0=requires-host 1.0=requires-host"},
    {.title = "a pre-release of the host counts as a version like any other",
     .releases = {{.version = "1.0", .requires_dist = "[\"host>=4\"]"}},
     .environment = "{\"facts\":{\"have\":{\"host\":\"5.0rc1\"}}}",
     .taken = "1.0",
     .excluded = ""},
    {.title = "what the host does not name is not asked",
     .releases = {{.version = "1.0",
                   .requires_dist = "[\"other>=9\", \"host2; sys_platform == \\\"x\\\"\"]"}},
     .environment = "{\"facts\":{\"have\":{\"host\":\"4.2\"}}}",
     .taken = "1.0",
     .excluded = ""},
    {.title = "a marker with an unknown variable, whatever the version",
     .releases = {{.version = "2.0",
                   .requires_dist = "[\"host>=1; sys_platform == \\\"linux\\\"\"]"},
                  {.version = "1.0"}},
     .environment = "{\"facts\":{\"have\":{\"host\":\"4.2\"}}}",
     .taken = "1.0",
     .excluded = "2.0=marker-unknown"},
    {.title = "a marker that is false asks nothing",
     .releases = {{.version = "1.0",
                   .requires_dist = "[\"host>=9; sys_platform == \\\"win32\\\"\"]"}},
     .environment =
         "{\"facts\":{\"have\":{\"host\":\"4.2\"},\"markers\":{\"sys_platform\":\"linux\"}}}",
     .taken = "1.0",
     .excluded = ""},
    {.title = "an extra that nobody asked for asks nothing",
     .releases = {{.version = "1.0",
                   .requires_dist = "[\"host[x]>=9; extra == \\\"y\\\"\", \"host[z]>=4\"]"}},
     .environment = "{\"facts\":{\"have\":{\"host\":\"4.2\"}}}",
     .taken = "1.0",
     .excluded = ""},
    {.title = "an address accepts what is there",
     .releases = {{.version = "1.0", .requires_dist = "[\"host @ https://example.org/host.whl\"]"}},
     .environment = "{\"facts\":{\"have\":{\"host\":\"4.2\"}}}",
     .taken = "1.0",
     .excluded = ""},
    {.title = "what is certain is named before what is not",
     .releases = {{.version = "1.0",
                   .requires_dist = "[\"host; os_name == \\\"nt\\\"\", \"host>=9\"]"}},
     .environment = "{\"facts\":{\"have\":{\"host\":\"4.2\"}}}",
     .taken = "",
     .excluded = "1.0=requires-host"},
    {.title = "a wheel of a tag, a source distribution, no file at all",
     .releases = {{.version = "4.0", .wheel_tags = "cp312-cp312-win_amd64"},
                  {.version = "3.0",
                   .wheel_tags = "cp311-cp311-linux_x86_64 cp312-cp312-win_amd64"}},
     .environment = "{\"facts\":{\"tags\":[\"cp311-cp311-linux_x86_64\",\"py3-none-any\"]}}",
     .taken = "3.0",
     .excluded = "4.0=no-compatible-artifact"},
    {.title = "a source distribution fits everywhere",
     .releases = {{.version = "4.0", .wheel_tags = "cp312-cp312-win_amd64", .has_sdist = true}},
     .environment = "{\"facts\":{\"tags\":[\"py3-none-any\"]}}",
     .taken = "4.0",
     .excluded = ""},
    {.title = "a release without files has none that could not fit",
     .releases = {{.version = "4.0"}},
     .environment = "{\"facts\":{\"tags\":[\"py3-none-any\"]}}",
     .taken = "4.0",
     .excluded = ""},
    {.title = "a permission that the host does not know",
     .releases = {{.version = "2.0", .entries = asking, .entry_count = 1}, {.version = "1.0"}},
     .environment = "{\"permissions\":[\"a.read\"]}",
     .taken = "1.0",
     .excluded = "2.0=unknown-permission"},
    {.title = "permissions that the host knows",
     .releases = {{.version = "2.0", .entries = asking, .entry_count = 1}},
     .environment = "{\"permissions\":[\"a.read\",\"a.write\"]}",
     .taken = "2.0",
     .excluded = ""},
    {.title = "the order of the rules",
     .releases = {{.version = "6.0", .yanked = "", .published_ms = 990000, .requires_python = "<3"},
                  {.version = "5.0", .published_ms = 990000, .requires_python = "<3"},
                  {.version = "4.0", .requires_python = "<3", .requires_dist = "[\"host>9\"]"},
                  {.version = "3.0", .requires_dist = "[\"host>9\"]", .wheel_tags = "x-y-z"},
                  {.version = "2.0", .wheel_tags = "x-y-z", .entries = asking, .entry_count = 1},
                  {.version = "1.0b1", .prerelease = true, .entries = asking, .entry_count = 1}},
     .python = "3.11",
     .environment = "{\"facts\":{\"have\":{\"host\":\"4.2\"},\"tags\":[\"py3-none-any\"]},"
                    "\"policy\":{\"min_age_seconds\":60},\"permissions\":[]}",
     .taken = "",
     .excluded = "6.0=yanked 5.0=too-new 4.0=requires-python 3.0=requires-host "
                 "2.0=no-compatible-artifact 1.0b1=unknown-permission"},
};

static struct package *make_package(const struct selection_case *row) {
    struct candidate_package from = {.name = "crm",
                                     .display_name = "CRM",
                                     .status = row->status ? row->status : "active",
                                     .releases = (struct candidate_release *)row->releases};
    while (from.release_count < MAX_RELEASES && row->releases[from.release_count].version) {
        from.release_count++;
    }
    struct package *package = NULL;
    assert_int_equal(package_new(&from, &package, NULL), STATUS_OK);
    return package;
}

static void make_facts(struct facts *facts, struct arena *arena, const struct selection_case *row) {
    struct environment *environment = arena_alloc(arena, sizeof *environment);
    struct findings findings;
    findings_init(&findings, arena);
    const char *document = row->environment ? row->environment : "{}";
    assert_int_equal(environment_parse(arena, text_from(document), &findings, environment, NULL),
                     STATUS_OK);
    environment->name = "staging";
    struct resolve_query query = {.python = row->python,
                                  .prereleases = row->prereleases ? CHOICE_YES : CHOICE_UNSET};
    assert_int_equal(facts_init(facts, arena, &query, environment, NOW_MS, NULL), STATUS_OK);
}

static void write_exclusions(const struct exclusions *exclusions, char *text, size_t size) {
    text[0] = '\0';
    for (size_t i = 0; i < exclusions->count; i++) {
        const struct exclusion *item = &exclusions->items[i];
        size_t len = strlen(text);
        snprintf(text + len, size - len, "%s%s=%s", i ? " " : "", item->version, item->code);
        assert_string_equal(item->package, "crm");
        assert_true(strlen(item->detail) > 10);
    }
}

static void every_row_is_selected_as_written(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct selection_case *row = &cases[i];
        struct arena *arena = arena_new(0);
        struct package *package = make_package(row);
        struct facts facts;
        make_facts(&facts, arena, row);
        const struct package_release *taken = select_release(&facts, package);
        struct exclusions exclusions = {0};
        struct requires requires;
        requires_init(&requires, &facts, NULL, 0, NULL);
        struct select_span span = {.after = SIZE_MAX, .has_groups = true};
        assert_int_equal(select_exclusions(&requires, package, &span, &exclusions, NULL),
                         STATUS_OK);
        char text[256];
        write_exclusions(&exclusions, text, sizeof text);
        if (strcmp(taken ? taken->version : "", row->taken) != 0 ||
            strcmp(text, row->excluded) != 0) {
            fail_msg("%s: took \"%s\", left out \"%s\"", row->title, taken ? taken->version : "",
                     text);
        }
        assert_false(facts.no_memory);
        package_unref(package);
        arena_free(arena);
    }
}

// One release that a host without wishes takes, or the sentence that says why not.
struct sentence_case {
    const char *status;
    const char *reason;
    struct candidate_release release;
    const char *environment;
    const char *detail;
};

static const struct sentence_case sentences[] = {
    {"quarantined", "it steals", {.version = "1.0"}, NULL, "The package is quarantined: it steals"},
    {"active", NULL, {.version = "1.0", .quarantined = ""}, NULL, "The release is quarantined"},
    {"active",
     NULL,
     {.version = "1.0", .yanked = "too slow"},
     NULL,
     "The release was yanked: too slow"},
    {"active",
     NULL,
     {.version = "1.0", .requires_dist = "[\"host>=5\"]"},
     "{\"facts\":{\"have\":{\"host\":\"4.2\"}}}",
     "The release requires host>=5, but the host has host 4.2"},
    {"active",
     NULL,
     {.version = "1.0", .requires_dist = "[\"host; sys_platform == \\\"x\\\"\"]"},
     "{\"facts\":{\"have\":{\"host\":\"4.2\"}}}",
     "The environment does not state \"sys_platform\", so the marker of \"host; "
     "sys_platform == \"x\"\" cannot be evaluated"},
    {"active",
     NULL,
     {.version = "1.0", .published_ms = 990000},
     "{\"policy\":{\"min_age_seconds\":60}}",
     "The environment \"staging\" takes the release from 1970-01-01T00:17:30Z on: releases must be "
     "at least 60 seconds old"},
    {"active",
     NULL,
     {.version = "1.0", .entries = asking, .entry_count = 1},
     "{\"permissions\":[\"a.read\"]}",
     "The release asks for the permission \"a.write\", which the environment \"staging\" does not "
     "list"},
    {"active",
     NULL,
     {.version = "1.0"},
     "{\"plugins\":{\"crm\":{\"pin\":\">=2\"}}}",
     "The environment \"staging\" pins the package to >=2"},
};

static void every_sentence_says_why(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        const struct sentence_case *row = &sentences[i];
        struct arena *arena = arena_new(0);
        struct candidate_release release = row->release;
        struct candidate_package from = {.name = "crm",
                                         .status = row->status,
                                         .status_reason = row->reason,
                                         .releases = &release,
                                         .release_count = 1};
        struct package *package = NULL;
        assert_int_equal(package_new(&from, &package, NULL), STATUS_OK);
        struct facts facts;
        make_facts(&facts, arena, &(struct selection_case){.environment = row->environment});
        struct exclusions exclusions = {0};
        struct requires requires;
        requires_init(&requires, &facts, NULL, 0, NULL);
        struct select_span span = {.after = SIZE_MAX};
        assert_int_equal(select_exclusions(&requires, package, &span, &exclusions, NULL),
                         STATUS_OK);
        assert_int_equal(exclusions.count, 1);
        assert_string_equal(exclusions.items[0].detail, row->detail);
        package_unref(package);
        arena_free(arena);
    }
}

static void a_release_comes_of_age_at_a_time(void **state) {
    (void)state;
    static const struct selection_case row = {
        .releases = {{.version = "3.0", .published_ms = 990000},
                     {.version = "2.0", .published_ms = 970000},
                     {.version = "1.0"}},
        .environment = "{\"policy\":{\"min_age_seconds\":60}}"};
    struct arena *arena = arena_new(0);
    struct package *package = make_package(&row);
    struct facts facts;
    make_facts(&facts, arena, &row);
    assert_string_equal(select_release(&facts, package)->version, "1.0");
    assert_int_equal(facts.expires_ms, 1030000);
    package_unref(package);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_selected_as_written),
        cmocka_unit_test(every_sentence_says_why),
        cmocka_unit_test(a_release_comes_of_age_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
