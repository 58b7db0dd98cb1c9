// SPDX-License-Identifier: MIT
// The three conventions that are written in Python, read from text: what the hosts' own documents show
// as a plugin must be read as one, and each way to get it wrong must be named with its line.
#include "schema/readers/conventions/microcoreos.h"
#include "schema/readers/conventions/mountaineer.h"
#include "schema/readers/conventions/plugin_meta.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *what;
    const char *source;
    enum status status;
    const char *finding; // "code where" of the first finding, or NULL for none
};

static struct arena *arena;
static struct findings findings;

static int begin(void **state) {
    (void)state;
    arena = arena_new(0);
    findings_init(&findings, arena);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static struct source_file source(const char *path, const char *text) {
    return (struct source_file){path, text, strlen(text)};
}

static void check_finding(const struct row *row) {
    const struct finding *first = findings.count ? &findings.items[0] : NULL;
    const char *got = first ? arena_printf(arena, "%s %s", first->code, first->where) : "none";
    const char *want = row->finding ? row->finding : "none";
    assert_string_equal(arena_printf(arena, "%s: %s", row->what, got),
                        arena_printf(arena, "%s: %s", row->what, want));
}

// ---- FastCMS ----

static const char hello_world[] =
    "# plugins/hello_world/__init__.py\n"
    "PLUGIN_META = {\n"
    "    \"id\": \"hello-world\",\n"
    "    \"name\": \"Hello World\",\n"
    "    \"version\": \"1.0.0\",\n"
    "    \"author\": \"Your Name\",\n"
    "    \"description\": \"A minimal example plugin\",\n"
    "}\n"
    "def register(ctx) -> None:\n"
    "    from fastapi import APIRouter\n"
    "    router = APIRouter()\n"
    "    @router.get(\"/hello\")\n"
    "    async def hello():\n"
    "        return {\"message\": \"Hello from Hello World plugin!\"}\n"
    "    ctx.include_router(router, prefix=\"/hello-world\")\n";

static void a_plugin_meta_is_read_whole(void **state) {
    (void)state;
    const struct release *release;
    struct source_file file = source("plugins/hello_world/__init__.py", hello_world);
    assert_int_equal(plugin_meta_read(arena, &file, "hello_world", &findings, &release, NULL),
                     STATUS_OK);
    assert_int_equal(findings.count, 0);
    assert_string_equal(release->name, "hello-world");
    assert_string_equal(release->version, "1.0.0");
    assert_string_equal(release->summary, "A minimal example plugin");
    assert_string_equal(release->authors[0].name, "Your Name");
    assert_int_equal(release->entry_point_count, 1);
    assert_string_equal(release->entry_points[0].group, "fastcms.plugins");
    assert_string_equal(release->entry_points[0].name, "hello-world");
    assert_string_equal(release->entry_points[0].value, "plugins.hello_world:register");
    assert_string_equal(release->manifests[0].json,
                        "{\"author\":\"Your Name\",\"description\":\"A minimal example plugin\","
                        "\"id\":\"hello-world\",\"name\":\"Hello World\",\"version\":\"1.0.0\"}");
}

#define REGISTER "def register(ctx): pass\n"

static const struct row meta_rows[] = {
    {"no id", "PLUGIN_META = {'name': 'X', 'version': '1'}\n" REGISTER, STATUS_INVALID,
     "plugin-meta-required p/__init__.py:1"},
    {"no name", "\nPLUGIN_META = {'id': 'x', 'version': '1'}\n" REGISTER, STATUS_INVALID,
     "plugin-meta-required p/__init__.py:2"},
    {"no version", "PLUGIN_META = {'id': 'x', 'name': 'X'}\n" REGISTER, STATUS_INVALID,
     "plugin-meta-required p/__init__.py:1"},
    {"an empty id", "PLUGIN_META = {'id': '', 'name': 'X', 'version': '1'}\n" REGISTER,
     STATUS_INVALID, "plugin-meta-required p/__init__.py:1"},
    {"a version that is a number",
     "PLUGIN_META = {'id': 'x', 'name': 'X', 'version': 1.0}\n" REGISTER, STATUS_INVALID,
     "plugin-meta-type p/__init__.py:1"},
    {"a NUL in the id", "PLUGIN_META = {'id': 'x\\0', 'name': 'X', 'version': '1'}\n" REGISTER,
     STATUS_INVALID, "plugin-meta-not-literal p/__init__.py:1"},
    {"no PLUGIN_META", REGISTER, STATUS_INVALID, "plugin-meta-missing p/__init__.py"},
    {"a list", "PLUGIN_META = ['x']\n" REGISTER, STATUS_INVALID,
     "plugin-meta-not-literal p/__init__.py:1"},
    {"a computed version",
     "V = version()\nPLUGIN_META = {'id': 'x', 'name': 'X', 'version': V}\n" REGISTER,
     STATUS_INVALID, "plugin-meta-not-literal p/__init__.py:2"},
    {"changed in place", "PLUGIN_META = {}\nPLUGIN_META |= {'id': 'x'}\n" REGISTER, STATUS_INVALID,
     "plugin-meta-not-literal p/__init__.py:2"},
    {"no register", "PLUGIN_META = {'id': 'x', 'name': 'X', 'version': '1'}\n", STATUS_INVALID,
     "plugin-register-missing p/__init__.py"},
    {"register from elsewhere",
     "PLUGIN_META = {'id': 'x', 'name': 'X', 'version': '1'}\nfrom .hooks import setup as "
     "register\n",
     STATUS_OK, NULL},
    {"an annotation and a raw string",
     "PLUGIN_META: dict[str, str] = {'id': r'x', 'name': 'X' 'Y', 'version': '1',}\n" REGISTER,
     STATUS_OK, NULL},
    {"not Python", "PLUGIN_META = {\n" REGISTER, STATUS_MALFORMED, NULL},
};

static void a_wrong_plugin_meta_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(meta_rows); i++) {
        const struct row *row = &meta_rows[i];
        const struct release *release;
        struct source_file file = source("p/__init__.py", row->source);
        findings_init(&findings, arena);
        enum status status = plugin_meta_read(arena, &file, "p", &findings, &release, NULL);
        check_finding(row);
        assert_int_equal(status, row->status);
    }
}

// ---- Mountaineer ----

static void a_mountaineer_plugin_joins_its_project(void **state) {
    (void)state;
    struct entry_point script = {"console_scripts", "build", "your_plugin.cli:build"};
    const struct release project = {
        .name = "Your-Plugin", .version = "0.3", .entry_points = &script, .entry_point_count = 1};
    const struct release *release;
    struct source_file file = source(
        "your_plugin/plugin.py", "from mountaineer.plugin import BuildConfig, MountaineerPlugin\n"
                                 "router = APIRouter()\n"
                                 "plugin = MountaineerPlugin(\n"
                                 "    name=\"your-plugin-name\",\n"
                                 "    controllers=[MainController],\n"
                                 "    view_root=get_core_view_path(\"\"),\n"
                                 "    router=router,\n"
                                 ")\n");
    assert_int_equal(mountaineer_read(arena,
                                      &(struct mountaineer_source){&file, "your_plugin", &project},
                                      &findings, &release, NULL),
                     STATUS_OK);
    assert_int_equal(findings.count, 0);
    assert_string_equal(release->name, "Your-Plugin");
    assert_int_equal(release->entry_point_count, 2);
    assert_string_equal(release->entry_points[1].name, "your-plugin-name");
    assert_string_equal(release->entry_points[1].value, "your_plugin.plugin:plugin");
    assert_string_equal(
        release->manifests[0].json,
        "{\"declares\":[\"controllers\",\"view_root\",\"router\"],\"kind\":\"mixed\","
        "\"name\":\"your-plugin-name\"}");
    assert_int_equal(mountaineer_read(arena,
                                      &(struct mountaineer_source){&file, "your_plugin", release},
                                      &findings, &release, NULL),
                     STATUS_OK);
    assert_int_equal(release->entry_point_count, 2);
}

static const struct row mountaineer_rows[] = {
    {"a name made of pieces", "plugin = MountaineerPlugin(\n    name=PREFIX + 'x')\n",
     STATUS_INVALID, "mountaineer-name p/plugin.py:2"},
    {"an f-string", "plugin = MountaineerPlugin(name=f'{x}')\n", STATUS_INVALID,
     "mountaineer-name p/plugin.py:1"},
    {"no name", "plugin = MountaineerPlugin(controllers=[])\n", STATUS_INVALID,
     "mountaineer-name p/plugin.py:1"},
    {"no plugin", "x = 1\n", STATUS_INVALID, "mountaineer-plugin-missing p/plugin.py"},
    {"another call", "\nplugin = make_plugin(name='x')\n", STATUS_INVALID,
     "mountaineer-plugin-missing p/plugin.py:2"},
    {"a call in an expression", "plugin = wrap(MountaineerPlugin(name='x'))\n", STATUS_INVALID,
     "mountaineer-plugin-missing p/plugin.py:1"},
    {"through the module", "plugin = mountaineer.plugin.MountaineerPlugin(name='x')\n", STATUS_OK,
     NULL},
    {"not Python", "plugin = MountaineerPlugin(name=\n", STATUS_MALFORMED, NULL},
};

static void a_wrong_mountaineer_plugin_is_named(void **state) {
    (void)state;
    const struct release project = {.name = "p", .version = "1"};
    for (size_t i = 0; i < COUNT_OF(mountaineer_rows); i++) {
        const struct row *row = &mountaineer_rows[i];
        const struct release *release;
        struct source_file file = source("p/plugin.py", row->source);
        findings_init(&findings, arena);
        enum status status = mountaineer_read(
            arena, &(struct mountaineer_source){&file, "p", &project}, &findings, &release, NULL);
        check_finding(row);
        assert_int_equal(status, row->status);
    }
}

// ---- MicroCoreOS ----

static void three_plugins_of_one_file_are_three(void **state) {
    (void)state;
    struct microcoreos_plugins plugins;
    struct source_file file =
        source("domains/products/plugins/product_plugin.py",
               "from core.base_plugin import BasePlugin\n"
               "class Request(BaseModel):\n"
               "    name: str\n"
               "class CreateProductPlugin(BasePlugin):\n"
               "    def __init__(self, db, http, logger=None):\n"
               "        self.http = http\n"
               "    async def on_boot(self):\n"
               "        self.http.add_endpoint(path=\"/products\", method=\"POST\",\n"
               "                               handler=self.execute)\n"
               "class ListProductPlugin(CreateProductPlugin):\n"
               "    async def on_boot(self):\n"
               "        self.http.add_endpoint(path=PREFIX, method=\"GET\")\n"
               "class Watcher(base_plugin.BasePlugin):\n"
               "    def __init__(self, *tools): pass\n");
    assert_int_equal(microcoreos_read(arena, &file, "domains.products.plugins.product_plugin",
                                      &findings, &plugins, NULL),
                     STATUS_OK);
    assert_int_equal(plugins.count, 3);
    assert_string_equal(plugins.items[0].value,
                        "domains.products.plugins.product_plugin:CreateProductPlugin");
    assert_string_equal(plugins.items[0].manifest,
                        "{\"class\":\"CreateProductPlugin\","
                        "\"endpoints\":[{\"method\":\"POST\",\"path\":\"/products\"}],"
                        "\"tools\":[\"db\",\"http\",\"logger\"]}");
    assert_string_equal(plugins.items[1].manifest,
                        "{\"class\":\"ListProductPlugin\",\"endpoints\":[],"
                        "\"tools\":[\"db\",\"http\",\"logger\"]}");
    assert_string_equal(plugins.items[2].class_name, "Watcher");
    assert_int_equal(findings.count, 2);
    assert_string_equal(findings.items[0].code, "microcoreos-endpoint");
    assert_string_equal(findings.items[0].where, "domains/products/plugins/product_plugin.py:12");
    assert_string_equal(findings.items[1].code, "microcoreos-tools");
    const struct release *release = microcoreos_release(arena, "products", NULL, &plugins);
    assert_string_equal(release->entry_points[2].name, "products.Watcher");
    assert_null(release->version);
}

// What a class says by calls: each event once, models as they are written, computed names left out with a warning.
static void endpoints_and_events_are_read_whole(void **state) {
    (void)state;
    struct microcoreos_plugins plugins;
    struct source_file file = source(
        "products/plugins/create_plugin.py",
        "EVENT = 'product.created'\n"
        "class Create(BasePlugin):\n"
        "    def __init__(self, http, bus): pass\n"
        "    async def on_boot(self):\n"
        "        self.http.add_endpoint('/products', 'POST', self.run, tags=['Products', T],\n"
        "            request_model=Request, response_model=list[ models.Product|None ])\n"
        "        self.http.add_endpoint('/a', 'GET', tags=TAGS, request_model=make())\n"
        "        self.http.add_endpoint('/b', 'GET', tags=['A'], response_model=None)\n"
        "        await self.bus.subscribe('user.created', self.greet)\n"
        "        await self.bus.subscribe(event_name='user.deleted', callback=self.greet)\n"
        "    async def run(self, data):\n"
        "        await self.bus.publish(EVENT, {})\n"
        "        await self.bus.publish('product.created', {})\n"
        "        await self.bus.publish(data['event'], {})\n");
    assert_int_equal(microcoreos_read(arena, &file, "domains.products.plugins.create_plugin",
                                      &findings, &plugins, NULL),
                     STATUS_OK);
    assert_string_equal(
        plugins.items[0].manifest,
        "{\"class\":\"Create\",\"endpoints\":["
        "{\"method\":\"POST\",\"path\":\"/products\",\"request_model\":\"Request\","
        "\"response_model\":\"list[models.Product | None]\"},"
        "{\"method\":\"GET\",\"path\":\"/a\"},{\"method\":\"GET\",\"path\":\"/"
        "b\",\"tags\":[\"A\"]}],"
        "\"publishes\":[\"product.created\"],\"subscribes\":[\"user.created\",\"user.deleted\"],"
        "\"tools\":[\"http\",\"bus\"]}");
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.items[0].code, "microcoreos-event");
    assert_string_equal(findings.items[0].where, "products/plugins/create_plugin.py:14");
}

static const struct {
    const char *imports;
    const char *module;
    const char *told; // "line domain" of each finding, joined by "; "
} import_rows[] = {
    {"from domains.users.models import User, Role\n", "domains.mail.a_plugin", "1 domains.users"},
    {"import domains.users.models as m\n", "domains.mail.a_plugin", "1 domains.users"},
    {"from domains import users, mail, orders\n", "domains.mail.a_plugin",
     "1 domains.users; 1 domains.orders"},
    {"from ..models import Letter\n", "domains.mail.plugins.a_plugin", ""},
    {"from ...users.models import (User,\n Role)\n", "domains.mail.plugins.a_plugin",
     "1 domains.users"},
    {"from ... import users\n", "domains.mail.plugins.a_plugin", "1 domains.users"},
    {"from ..... import users\n", "domains.mail.plugins.a_plugin", ""},
    {"x = 1; import domains.users\nimport domains.users\n", "domains.mail.a_plugin",
     "1 domains.users; 2 domains.users"},
    {"def f():\n    from domains.users import x\n", "domains.mail.a_plugin", "2 domains.users"},
    {"if x: from domains.users import *\n", "domains.mail.a_plugin", "1 domains.users"},
    {"import domains.mail.models, domains, core.bus\n", "domains.mail.a_plugin", ""},
    {"from domains.mailing import x\n", "domains.mail.a_plugin", "1 domains.mailing"},
    {"from shop.domains.users import x\n", "shop.domains.mail.a_plugin", "1 shop.domains.users"},
    {"from domains.users import x\n", "shop.domains.mail.a_plugin", ""},
    {"from domains.users import x\n", "crm.plugin", ""},
    {"def f():\n    yield from domains.users\n    raise X from domains.users\n",
     "domains.mail.a_plugin", ""},
};

static const char *told_imports(void) {
    const char *text = "";
    for (size_t i = 0; i < findings.count; i++) {
        const struct finding *item = &findings.items[i];
        assert_string_equal(item->code, "cross-domain-import");
        const char *domain = strchr(item->message, '"') + 1;
        text = arena_printf(arena, "%s%s%s %.*s", text, *text ? "; " : "",
                            strrchr(item->where, ':') + 1, (int)strcspn(domain, "\""), domain);
    }
    return text;
}

static void imports_from_other_domains_are_told(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(import_rows); i++) {
        struct microcoreos_plugins plugins;
        struct source_file file =
            source("a_plugin.py",
                   arena_printf(arena, "%sclass A(BasePlugin): pass\n", import_rows[i].imports));
        findings_init(&findings, arena);
        assert_int_equal(
            microcoreos_read(arena, &file, import_rows[i].module, &findings, &plugins, NULL),
            STATUS_OK);
        assert_string_equal(told_imports(), import_rows[i].told);
    }
}

static const struct {
    const char *arguments;
    const char *kind; // NULL: none
} kind_rows[] = {
    {"controllers=[A]", "view-backed"},
    {"view_root=ROOT", "view-backed"},
    {"router=router", "router-only"},
    {"router=router, controllers=[]", "router-only"},
    {"router=None, controllers=[A]", "view-backed"},
    {"router=router, view_root=root()", "mixed"},
    {"build_config=B()", NULL},
    {"controllers=[A], **options", NULL},
};

static void the_kind_follows_from_the_arguments(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kind_rows); i++) {
        static const struct release project = {.name = "p"};
        const struct release *release;
        struct source_file file = source(
            "p/plugin.py", arena_printf(arena, "plugin = MountaineerPlugin(name=\"p\", %s)\n",
                                        kind_rows[i].arguments));
        struct mountaineer_source from = {&file, "p", &project};
        assert_int_equal(mountaineer_read(arena, &from, &findings, &release, NULL), STATUS_OK);
        const char *manifest = release->manifests[0].json;
        const char *kind = strstr(manifest, "\"kind\":\"");
        assert_int_equal(kind != NULL, kind_rows[i].kind != NULL);
        if (kind) {
            assert_true(strncmp(kind + 8, kind_rows[i].kind, strlen(kind_rows[i].kind)) == 0);
        }
    }
}

static const struct {
    const char *source;
    const char *prefixes; // of the manifest; NULL: none
} prefix_rows[] = {
    {"router = APIRouter(prefix='/notes')\n@router.get('/a')\ndef a(): ...\n", "[\"/notes\"]"},
    {"router = fastapi.APIRouter()\n@router.get('/status/api/health')\nasync def a(): ...\n"
     "@router.post(path='/other/{id}')\n@cached\ndef b(): ...\n@router.put('/status')\ndef c(): "
     "...\n",
     "[\"/status\",\"/other\"]"},
    {"router = APIRouter()\n@router.get('/{id}')\ndef a(): ...\n@router.get('')\ndef b(): ...\n",
     NULL},
    {"router = APIRouter(prefix=PREFIX)\n@router.get('/a')\ndef a(): ...\n", NULL},
    {"P = '/p'\nrouter = APIRouter(prefix=P)\n@router.get(path())\ndef a(): ...\n", "[\"/p\"]"},
    {"router = make()\n@router.get('/a')\ndef a(): ...\n", NULL},
    {"router = APIRouter(**options)\n@router.get('/a')\ndef a(): ...\n", NULL},
    {"router = APIRouter()\n@other.get('/a')\ndef a(): ...\n@router.on('/b')\ndef b(): ...\n",
     NULL},
    {"x = a @router.get('/a')\nrouter = APIRouter()\n", NULL},
    {"router = APIRouter()\n@router", NULL},
    {"class A(ControllerBase):\n    '''doc'''\n    url = '/notes/all'\n    def f(self):\n        "
     "url = '/no'\n"
     "    url: str = \"/second\"\nurl = '/never'\n",
     "[\"/notes\",\"/second\"]"},
    {"class A(ControllerBase):\n    url = '/a' + B\n    urls = '/b'\nif x:\n    url = '/c'\n",
     NULL},
};

static void prefixes_of_routes_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(prefix_rows); i++) {
        static const struct release project = {.name = "p"};
        const struct release *release = NULL;
        struct source_file file = source(
            "p/plugin.py", arena_printf(arena, "%s\nplugin = MountaineerPlugin(name=\"p\")\n",
                                        prefix_rows[i].source));
        struct mountaineer_source from = {&file, "p", &project};
        if (mountaineer_read(arena, &from, &findings, &release, NULL)) {
            assert_null(prefix_rows[i].prefixes); // not Python
            continue;
        }
        const char *found = strstr(release->manifests[0].json, "\"router_prefixes\":");
        assert_int_equal(found != NULL, prefix_rows[i].prefixes != NULL);
        if (found) {
            assert_int_equal(
                strncmp(found + 18, prefix_rows[i].prefixes, strlen(prefix_rows[i].prefixes)), 0);
        }
    }
}

static const struct row microcoreos_rows[] = {
    {"no class", "x = 1\n", STATUS_OK, "microcoreos-no-plugin p_plugin.py"},
    {"another base", "class A(Base): pass\n", STATUS_OK, "microcoreos-no-plugin p_plugin.py"},
    {"a base that calls", "class A(make(BasePlugin)): pass\n", STATUS_OK,
     "microcoreos-no-plugin p_plugin.py"},
    {"a class inside a function", "def f():\n    class A(BasePlugin): pass\n", STATUS_OK,
     "microcoreos-no-plugin p_plugin.py"},
    {"a class under a condition", "if x:\n    class A(BasePlugin): pass\n", STATUS_OK, NULL},
    {"a circle", "class A(A): pass\nclass B(BasePlugin, B): pass\n", STATUS_OK, NULL},
    {"not Python", "class A(BasePlugin)\n", STATUS_MALFORMED, NULL},
};

static void what_is_no_microcoreos_plugin_is_told(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(microcoreos_rows); i++) {
        const struct row *row = &microcoreos_rows[i];
        struct microcoreos_plugins plugins;
        struct source_file file = source("p_plugin.py", row->source);
        findings_init(&findings, arena);
        enum status status = microcoreos_read(arena, &file, "p_plugin", &findings, &plugins, NULL);
        check_finding(row);
        assert_int_equal(status, row->status);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plugin_meta_is_read_whole, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_plugin_meta_is_named, begin, end),
        cmocka_unit_test_setup_teardown(a_mountaineer_plugin_joins_its_project, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_mountaineer_plugin_is_named, begin, end),
        cmocka_unit_test_setup_teardown(three_plugins_of_one_file_are_three, begin, end),
        cmocka_unit_test_setup_teardown(endpoints_and_events_are_read_whole, begin, end),
        cmocka_unit_test_setup_teardown(imports_from_other_domains_are_told, begin, end),
        cmocka_unit_test_setup_teardown(the_kind_follows_from_the_arguments, begin, end),
        cmocka_unit_test_setup_teardown(prefixes_of_routes_are_read, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_microcoreos_plugin_is_told, begin, end),
    };
    return cmocka_run_group_tests_name("python conventions", tests, NULL, NULL);
}
