// SPDX-License-Identifier: MIT
// registryctl environment facts, and --facts-from of create and set. A small program (`source`) is run by
// the Python in question, isolated (-I) and without a shell; it prints the version, the markers, the
// installed packages and the wheel tags as JSON. Nothing of a plugin is imported. Both pipes of the child
// are read as they fill; when it takes too long or prints too much, it and its children are killed.
// Packages that the registry would refuse are left out here, with a warning. When the Python has no module
// that knows its wheel tags, they are computed from the version and the platform.
#include "client/cli/commands/environment.h"
#include "client/cli/input/administration.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/base/limits.h"
#include "schema/environment/environment.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/packaging/tags.h"
#include "schema/packaging/version/version.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

// ---- running Python ----

struct python_program {
    const char *python; // a path, or a name on PATH
    const char *source;
    const char *argument; // its sys.argv[1]; NULL = none
    int timeout_ms;
    size_t max_bytes; // of its output
};

enum { FAULT_BYTES = 4096, NOT_STARTED = 127, PIECE_BYTES = 16384 };

struct child {
    pid_t pid;
    int out; // its standard output; -1 at the end
    int err; // its standard error
};

// In the child, after fork(): it never returns.
static void exec_python(const struct python_program *program, int out, int err) {
    const char *argv[] = {program->python,   "-I", "-B", "-c", program->source,
                          program->argument, NULL};
    int nothing = open("/dev/null", O_RDONLY);
    bool ready = setpgid(0, 0) == 0 && nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
                 dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0;
    if (ready) {
        execvp(program->python, (char *const *)argv);
    }
    const char *why = strerror(errno);
    ssize_t told = write(err, why, strlen(why));
    _exit(told < 0 ? NOT_STARTED + 1 : NOT_STARTED);
}

// Both streams are pipes of ours: a Python that prints warnings must not mix them with its facts.
// Both pipes are close-on-exec, and only the child's ends are copied to its standard streams, so that
// reading ends when Python does.
static enum status start(const struct python_program *program, struct child *ret_child,
                         struct error *err) {
    int out[2];
    if (pipe2(out, O_CLOEXEC)) {
        return fail(err, STATUS_IO, program->python, "%s", strerror(errno));
    }
    scoped(cleanup_fd) int out_read = out[0];
    scoped(cleanup_fd) int out_write = out[1];
    int faults[2];
    if (pipe2(faults, O_CLOEXEC)) {
        return fail(err, STATUS_IO, program->python, "%s", strerror(errno));
    }
    scoped(cleanup_fd) int err_read = faults[0];
    scoped(cleanup_fd) int err_write = faults[1];
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        exec_python(program, out_write, err_write);
    }
    if (pid < 0) {
        return fail(err, STATUS_IO, program->python, "%s", strerror(errno));
    }
    *ret_child = (struct child){pid, out_read, err_read};
    out_read = err_read = -1;
    return STATUS_OK;
}

// Reads what is available; closes at the end. With `keep_all`, too much output is a failure; else the rest
// is dropped.
static void take_piece(int *fd, struct buffer *into, bool keep_all) {
    char piece[PIECE_BYTES];
    ssize_t len = read(*fd, piece, sizeof piece);
    if (len < 0 && errno == EINTR) {
        return;
    }
    if (len <= 0) {
        close(*fd);
        *fd = -1;
        return;
    }
    size_t room = into->max_bytes - into->len;
    buffer_add(into, piece, keep_all || (size_t)len < room ? (size_t)len : room);
}

// Reads both streams until they end or the time is over; a full pipe would otherwise stop the program.
// Reads both streams at once: a child that fills the one that is not read would wait for ever.
static enum status follow(const struct python_program *program, struct child *child,
                          struct buffer *printed, struct buffer *faults, struct error *err) {
    int64_t until_ms = monotonic_ms() + program->timeout_ms;
    while (child->out >= 0 || child->err >= 0) {
        struct pollfd waits[2] = {{.fd = child->out, .events = POLLIN},
                                  {.fd = child->err, .events = POLLIN}};
        int64_t left_ms = until_ms - monotonic_ms();
        int ready = left_ms > 0 ? poll(waits, 2, (int)left_ms) : 0;
        if (ready == 0) {
            return fail(err, STATUS_TIMEOUT, program->python, "Python did not finish within %d ms.",
                        program->timeout_ms);
        }
        if (ready > 0 && waits[0].revents) {
            take_piece(&child->out, printed, true);
        }
        if (ready > 0 && waits[1].revents) {
            take_piece(&child->err, faults, false);
        }
        if (printed->failed) {
            return printed->failed == STATUS_TOO_LARGE
                       ? fail(err, STATUS_TOO_LARGE, program->python,
                              "Python printed more than %zu bytes.", program->max_bytes)
                       : fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

// The last line, where Python prints the exception.
static const char *last_line(char *text) {
    size_t len = strlen(text);
    while (len && is_space(text[len - 1])) {
        text[--len] = '\0';
    }
    char *line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

// Exit code 127 is what exec_python() uses when the program could not be started.
static enum status judge(const struct python_program *program, int ended, struct buffer *faults,
                         struct error *err) {
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) {
        return STATUS_OK;
    }
    const char *why = faults->ptr ? last_line(faults->ptr) : "";
    bool started = !WIFEXITED(ended) || WEXITSTATUS(ended) < NOT_STARTED;
    return fail(err, STATUS_IO, program->python, "%s%s%s",
                started ? "Python failed to print its facts" : "The program cannot be started",
                *why ? ": " : "", why);
}

// Runs the program and returns its output. Arena. Fails with: IO (it cannot be started or fails; the error
// has its last words), TIMEOUT, TOO_LARGE, NO_MEMORY.
static enum status python_run(struct arena *arena, const struct python_program *program,
                              struct text *ret_printed, struct error *err) {
    scoped(buffer_done) struct buffer printed;
    scoped(buffer_done) struct buffer faults;
    struct child child = {.out = -1, .err = -1};
    int ended = 0;
    buffer_init(&printed, program->max_bytes);
    buffer_init(&faults, FAULT_BYTES);
    enum status status = start(program, &child, err);
    if (status) {
        return status;
    }
    status = follow(program, &child, &printed, &faults, err);
    cleanup_fd(&child.out);
    cleanup_fd(&child.err);
    if (status) {
        kill(-child.pid, SIGKILL);
        kill(child.pid, SIGKILL); // in case it is not yet a process group
    }
    while (waitpid(child.pid, &ended, 0) < 0 && errno == EINTR) {
    }
    if (status) {
        return status;
    }
    status = judge(program, ended, &faults, err);
    if (status) {
        return status;
    }
    char *copy = arena_copy(arena, printed.ptr, printed.len);
    if (!copy) {
        return fail_no_memory(err);
    }
    *ret_printed = (struct text){copy, printed.len};
    return STATUS_OK;
}

// ---- facts ----

enum { RUN_TIMEOUT_MS = 30 * 1000, NAMES_SHOWN = 3 };

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

static void warn_of_left_out(struct cli *cli, const char *names, size_t left_out) {
    if (left_out) {
        fprintf(stderr,
                "registryctl: Left out of the facts, because their versions are invalid (PEP 440): "
                "%s%s\n",
                names ? output_text(&cli->output, names) : "",
                left_out > NAMES_SHOWN ? ", ..." : "");
    }
}

// Normalises the names. Of two distributions with one name the first is kept: Python finds that one.
static enum status keep_readable(struct cli *cli, json_t *facts, struct error *err) {
    scoped(cleanup_json) json_t *kept = json_object();
    const char *name;
    json_t *value;
    const char *names = "";
    size_t left_out = 0;
    json_object_foreach(json_object_get(facts, "have"), name, value) {
        const char *version = json_string_value(value);
        const char *normal = NULL;
        if (!is_readable(cli->arena, name, version)) {
            names = left_out++ < NAMES_SHOWN && names
                        ? arena_printf(cli->arena, "%s%s%s", names, *names ? ", " : "", name)
                        : names;
            continue;
        }
        if (name_normalize(cli->arena, text_from(name), &normal, NULL)) {
            return fail_no_memory(err);
        }
        if (!json_object_get(kept, normal) && json_object_set(kept, normal, value)) {
            return fail_no_memory(err);
        }
    }
    warn_of_left_out(cli, names, left_out);
    return json_object_set(facts, "have", kept) ? fail_no_memory(err) : STATUS_OK;
}

// Every update of the kernel would be another environment, and hardly a requirement asks for them.
static void leave_kernel_out(json_t *markers) {
    json_object_del(markers, "platform_release");
    json_object_del(markers, "platform_version");
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

// The tags as pip would list them, best first.
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

// `packaging` and `pip` list the tags of their interpreter. Without either, the tags follow from the version,
// the implementation and the platform; without a version that is known, "tags" is left out and every wheel
// counts as compatible.
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

// ---- the action ----

// Applies the rules of the registry, so that facts which are printed here will be accepted there.
static enum status check(struct cli *cli, json_t *facts, struct error *err) {
    scoped(cleanup_json) json_t *document = json_pack("{s:O}", "facts", facts);
    struct findings findings;
    struct environment environment;
    findings_init(&findings, cli->arena);
    return document ? environment_decode(cli->arena, document, &findings, &environment, err)
                    : fail_no_memory(err);
}

// The version of the kernel changes with every update of the machine and decides nothing for nearly
// all packages, so it is left out unless asked for.
enum status environment_facts_load(struct cli *cli, const char *python, json_t **ret_facts,
                                   struct error *err) {
    const struct environment_options *given = cli->options;
    scoped(cleanup_json) json_t *printed_json = NULL;
    struct text printed;
    struct python_program program = {
        .python = python,
        .source = source,
        .argument = given->have_all ? "all" : NULL,
        .timeout_ms = RUN_TIMEOUT_MS,
        .max_bytes = LIMIT_ENVIRONMENT_BYTES,
    };
    enum status status = python_run(cli->arena, &program, &printed, err);
    if (status) {
        return status;
    }
    status = json_parse(printed, LIMIT_ENVIRONMENT_BYTES, &printed_json, err);
    json_t *facts = json_object_get(printed_json, "facts");
    if (status == STATUS_NO_MEMORY) {
        return status;
    }
    if (status || !json_is_object(facts)) {
        return fail(err, STATUS_IO, python, "The program did not print facts. Is it a Python?");
    }
    if (!given->kernel) {
        leave_kernel_out(json_object_get(facts, "markers"));
    }
    status = keep_readable(cli, facts, err);
    if (status) {
        return status;
    }
    status = complete_tags(cli, facts, json_object_get(printed_json, "about"), err);
    if (status) {
        return status;
    }
    status = check(cli, facts, err);
    if (status) {
        return status;
    }
    *ret_facts = json_incref(facts);
    return STATUS_OK;
}

enum status environment_facts(struct cli *cli, struct error *err) {
    const struct environment_options *given = cli->options;
    json_t *facts = NULL;
    const char *python = given->python ? given->python : "python3";
    enum status status = environment_facts_load(cli, python, &facts, err);
    if (status) {
        return status;
    }
    return output_json(&cli->output, facts, err);
}
