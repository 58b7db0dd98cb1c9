// SPDX-License-Identifier: MIT
// registryctl environment facts: a small program, run by the Python in question, prints what it is; what
// of it the registry would not take is left out here, and told. Where no package knows the tags of
// wheels, they are worked out from the version and the platform.
#include "client/cli/input/administration.h"
#include "client/cli/commands/environment.h"
#include "client/cli/console/python_run.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/environment/environment.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/packaging/tags.h"
#include "schema/packaging/version/version.h"

#include <string.h>

enum { RUN_TIMEOUT_MS = 30 * 1000, NAMES_TOLD = 3 };

static const char source[] =
    "import json, os, platform, sys, sysconfig\n"
    "import importlib.metadata as metadata\n"
    "if 'all' in sys.argv[1:]:\n"
    "    import site\n"
    "    more = os.environ.get('PYTHONPATH', '').split(os.pathsep)\n"
    "    more.append(site.getusersitepackages())\n"
    "    sys.path[1:1] = [os.path.abspath(one) for one in more if one and os.path.isdir(one)]\n"
    "def version_of(info):\n"
    "    text = '%d.%d.%d' % info[:3]\n"
    "    letter = {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}.get(info[3])\n"
    "    return text + (letter + str(info[4]) if letter else '')\n"
    "def installed():\n"
    "    have = {}\n"
    "    for found in metadata.distributions():\n"
    "        try:\n"
    "            name, version = found.metadata['Name'], found.version\n"
    "        except Exception:\n"
    "            continue\n"
    "        if isinstance(name, str) and isinstance(version, str) and len(have) < 20000:\n"
    "            have.setdefault(name, version)\n"
    "    return have\n"
    "def tags():\n"
    "    for module in ('packaging.tags', 'pip._vendor.packaging.tags'):\n"
    "        try:\n"
    "            __import__(module)\n"
    "            return [str(tag) for tag in sys.modules[module].sys_tags()][:20000]\n"
    "        except Exception:\n"
    "            pass\n"
    "def libc():\n"
    "    try:\n"
    "        name, number = os.confstr('CS_GNU_LIBC_VERSION').split()\n"
    "        return number if name == 'glibc' else None\n"
    "    except Exception:\n"
    "        return None\n"
    "here = sys.implementation\n"
    "facts = {\n"
    "    'python': version_of(sys.version_info),\n"
    "    'markers': {\n"
    "        'implementation_name': here.name,\n"
    "        'implementation_version': version_of(here.version),\n"
    "        'os_name': os.name,\n"
    "        'platform_machine': platform.machine(),\n"
    "        'platform_python_implementation': platform.python_implementation(),\n"
    "        'platform_release': platform.release(),\n"
    "        'platform_system': platform.system(),\n"
    "        'platform_version': platform.version(),\n"
    "        'python_full_version': platform.python_version(),\n"
    "        'python_version': '.'.join(platform.python_version_tuple()[:2]),\n"
    "        'sys_platform': sys.platform,\n"
    "    },\n"
    "    'have': installed(),\n"
    "    'tags': tags(),\n"
    "}\n"
    "about = {'platform': sysconfig.get_platform(), 'libc': libc(), 'abiflags':\n"
    "         getattr(sys, 'abiflags', '')}\n"
    "json.dump({'facts': facts, 'about': about}, sys.stdout)\n";

// ---- what is installed ----

static bool is_readable(struct arena *arena, const char *name, const char *version) {
    const struct version *parsed;
    return name && version && name_is_valid(text_from(name)) &&
           version_parse(arena, text_from(version), &parsed, NULL) == STATUS_OK;
}

// Normalised names; of two distributions of one name the first, which is the one Python finds.
static enum status keep_readable(struct cli *cli, json_t *facts, struct error *err) {
    scoped(cleanup_json) json_t *kept = json_object();
    const char *name;
    json_t *value;
    const char *told = "";
    size_t left_out = 0;
    json_object_foreach(json_object_get(facts, "have"), name, value) {
        const char *version = json_string_value(value);
        const char *normal = NULL;
        if (!is_readable(cli->arena, name, version)) {
            told = left_out++ < NAMES_TOLD && told
                       ? arena_printf(cli->arena, "%s%s%s", told, *told ? ", " : "", name)
                       : told;
            continue;
        }
        if (name_normalize(cli->arena, text_from(name), &normal, NULL)) {
            return fail_no_memory(err);
        }
        if (!json_object_get(kept, normal) && json_object_set(kept, normal, value)) {
            return fail_no_memory(err);
        }
    }
    if (left_out) {
        fprintf(stderr,
                "registryctl: left out of the facts, because their versions are not those of "
                "PEP 440: %s%s\n",
                told ? output_text(&cli->output, told) : "", left_out > NAMES_TOLD ? ", ..." : "");
    }
    return json_object_set(facts, "have", kept) ? fail_no_memory(err) : STATUS_OK;
}

// ---- tags ----

// "linux-x86_64" with glibc 2.36 is manylinux_2_36_x86_64.
static const char *platform_of(struct arena *arena, const json_t *about) {
    const char *platform = json_string_value(json_object_get(about, "platform"));
    const char *libc = json_string_value(json_object_get(about, "libc"));
    char *text = arena_strdup(arena, platform ? platform : "");
    for (char *c = text; c && *c; c++) {
        *c = *c == '-' || *c == '.' ? '_' : *c;
    }
    char *number = arena_strdup(arena, libc ? libc : "");
    char *dot = number ? strchr(number, '.') : NULL;
    if (!text || !dot || strncmp(text, "linux_", 6) != 0) {
        return text;
    }
    *dot = '_';
    return arena_printf(arena, "manylinux_%s_%s", number, text + 6);
}

static bool add_tag(json_t *list, struct arena *arena, const struct tags_row *row,
                    const char *platform) {
    const char *tag = arena_printf(arena, "%s-%s-%s", row->interpreter, row->abi, platform);
    return tag && json_array_append_new(list, json_string(tag)) == 0;
}

static json_t *encode_tags(struct arena *arena, const struct tags *tags) {
    scoped(cleanup_json) json_t *list = json_array();
    for (size_t i = 0; list && i < tags->row_count; i++) {
        const struct tags_row *row = &tags->rows[i];
        size_t count = row->any_platform ? 1 : tags->platform_count;
        for (size_t j = 0; j < count; j++) {
            if (!add_tag(list, arena, row, row->any_platform ? "any" : tags->platforms[j])) {
                return NULL;
            }
        }
    }
    return take(list);
}

static enum status complete_tags(struct cli *cli, json_t *facts, const json_t *about,
                                 struct error *err) {
    if (json_is_array(json_object_get(facts, "tags"))) {
        return STATUS_OK;
    }
    const json_t *markers = json_object_get(facts, "markers");
    const char *platform = platform_of(cli->arena, about);
    const char *name = json_string_value(json_object_get(markers, "implementation_name"));
    struct tags_facts known = {
        .python = text_from(json_string_value(json_object_get(facts, "python"))),
        .implementation = text_from(name),
        .platform = text_from(platform),
    };
    struct tags tags;
    if (tags_init(&tags, cli->arena, &known, NULL)) {
        return json_object_del(facts, "tags") ? fail_no_memory(err) : STATUS_OK;
    }
    json_t *list = encode_tags(cli->arena, &tags);
    return json_object_set_new(facts, "tags", list) ? fail_no_memory(err) : STATUS_OK;
}

// ---- the whole ----

// As the registry would judge them: who sends these facts is not refused.
static enum status check(struct cli *cli, json_t *facts, struct error *err) {
    scoped(cleanup_json) json_t *document = json_pack("{s:O}", "facts", facts);
    struct findings findings;
    struct environment environment;
    findings_init(&findings, cli->arena);
    return document ? environment_decode(cli->arena, document, &findings, &environment, err)
                    : fail_no_memory(err);
}

enum status environment_facts_load(struct cli *cli, const char *python, json_t **ret_facts,
                                   struct error *err) {
    scoped(cleanup_json) json_t *told = NULL;
    struct text printed;
    struct python_program program = {
        .python = python,
        .source = source,
        .argument = cli->options.have_all ? "all" : NULL,
        .timeout_ms = RUN_TIMEOUT_MS,
        .max_bytes = LIMIT_ENVIRONMENT_BYTES,
    };
    enum status failed = python_run(cli->arena, &program, &printed, err);
    if (failed) {
        return failed;
    }
    failed = json_parse(printed, LIMIT_ENVIRONMENT_BYTES, &told, err);
    json_t *facts = json_object_get(told, "facts");
    if (failed == STATUS_NO_MEMORY) {
        return failed;
    }
    if (failed || !json_is_object(facts)) {
        return fail(err, STATUS_IO, python, "It does not print what a Python prints");
    }
    failed = keep_readable(cli, facts, err);
    failed = failed ? failed : complete_tags(cli, facts, json_object_get(told, "about"), err);
    failed = failed ? failed : check(cli, facts, err);
    if (!failed) {
        *ret_facts = json_incref(facts);
    }
    return failed;
}

enum status environment_facts(struct cli *cli, struct error *err) {
    json_t *facts = NULL;
    const char *python = cli->options.python ? cli->options.python : "python3";
    enum status failed =
        administration_arguments(cli, 0, 0, "facts [--python PYTHON] [--have-all]", err);
    failed = failed ? failed : environment_facts_load(cli, python, &facts, err);
    return failed ? failed : output_json(&cli->output, facts, err);
}
