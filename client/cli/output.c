// SPDX-License-Identifier: MIT
// Streams, colours, JSON and findings (output.h).
#include "client/cli/output.h"

#include "client/printable.h"
#include "schema/base/cleanup.h"
#include "schema/json.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

enum { COLUMNS_DEFAULT = 80, COLUMNS_MIN = 40 };

static size_t terminal_columns(int fd) {
    struct winsize size = {0};
    const char *set = getenv("COLUMNS");
    long columns = set ? strtol(set, NULL, 10) : 0;
    if (columns <= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0) {
        columns = size.ws_col;
    }
    columns = columns > 0 ? columns : COLUMNS_DEFAULT;
    return columns < COLUMNS_MIN ? COLUMNS_MIN : (size_t)columns;
}

static bool wants_color(void) {
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

enum status output_init(struct output *output, const char *format, struct error *err) {
    bool terminal = isatty(STDOUT_FILENO);
    bool table = format && strcmp(format, "table") == 0;
    bool json = format && strcmp(format, "json") == 0;
    if (format && !table && !json) {
        return fail(err, STATUS_USAGE, NULL, "--format is table or json, not \"%s\"", format);
    }
    *output = (struct output){
        .stream = stdout,
        .json = json || (!table && !terminal),
        .color = terminal && wants_color(),
        .columns = terminal ? terminal_columns(STDOUT_FILENO) : 0,
    };
    return STATUS_OK;
}

static const char *const color_codes[] = {
    [COLOR_NONE] = "",    [COLOR_BOLD] = "1",    [COLOR_DIM] = "2",   [COLOR_RED] = "31",
    [COLOR_GREEN] = "32", [COLOR_YELLOW] = "33", [COLOR_CYAN] = "36",
};

void output_print(const struct output *output, enum color color, const char *format, ...) {
    bool colored = output->color && color != COLOR_NONE;
    if (colored) {
        fprintf(output->stream, "\033[%sm", color_codes[color]);
    }
    va_list args;
    va_start(args, format);
    vfprintf(output->stream, format, args);
    va_end(args);
    if (colored) {
        fputs("\033[0m", output->stream);
    }
}

enum status output_json(const struct output *output, json_t *json, struct error *err) {
    scoped(cleanup_json) json_t *owned = json;
    if (!owned) {
        return fail_no_memory(err);
    }
    size_t flags = JSON_INDENT(2) | JSON_ENCODE_ANY;
    flags |= isatty(fileno(output->stream)) ? JSON_ENSURE_ASCII : 0;
    errno = 0;
    if (json_dumpf(owned, output->stream, flags)) {
        return errno == ENOMEM ? fail_no_memory(err) : output_done(output, err);
    }
    fputc('\n', output->stream);
    return STATUS_OK;
}

static void print_finding(const struct output *output, struct arena *arena,
                          const struct finding *finding) {
    bool error = finding->severity == SEVERITY_ERROR;
    const char *where = printable_line(arena, finding->where ? finding->where : "");
    const char *message = printable_line(arena, finding->message);
    const char *hint = printable_line(arena, finding->hint ? finding->hint : "");
    if (!where || !message || !hint) {
        output_print(output, COLOR_RED, "  out of memory\n");
        return;
    }
    output_print(output, error ? COLOR_RED : COLOR_YELLOW, "  %s", error ? "error  " : "warning");
    output_print(output, COLOR_NONE, "  %s%s%s  ", where, *where ? ": " : "", message);
    output_print(output, COLOR_DIM, "[%s]\n", finding->code);
    if (*hint) {
        output_print(output, COLOR_CYAN, "           %s\n", hint);
    }
}

void output_findings(const struct output *output, const struct findings *findings) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    for (int severity = SEVERITY_ERROR; arena && severity >= SEVERITY_WARNING; severity--) {
        for (size_t i = 0; i < findings->count; i++) {
            if ((int)findings->items[i].severity == severity) {
                print_finding(output, arena, &findings->items[i]);
            }
        }
    }
}

const char *output_count(struct arena *arena, size_t count, const char *one, const char *many) {
    const char *text = arena_printf(arena, "%zu %s", count, count == 1 ? one : many);
    return text ? text : "";
}

enum status output_done(const struct output *output, struct error *err) {
    errno = 0;
    if (fflush(output->stream) == 0 && !ferror(output->stream)) {
        return STATUS_OK;
    }
    return fail(err, STATUS_IO, NULL, "The answer could not be written: %s",
                errno ? strerror(errno) : "standard output is in error");
}
