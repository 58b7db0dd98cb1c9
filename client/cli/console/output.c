// SPDX-License-Identifier: MIT
// Streams, colours, JSON and findings (output.h). Two rules hold for everything that is printed: text from
// outside passes printable_line() first, so that no control character reaches a terminal; and a failed
// allocation while printing only sets `no_memory`, which output_done() turns into the command's failure.
// Standard output is flushed once, at the end, where a full disk or a closed pipe shows.
#include "client/cli/console/output.h"

#include "client/cli/console/display.h"
#include "client/cli/console/lines.h"
#include "client/fs/printable.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/json/json.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

enum { COLUMNS_DEFAULT = 80, COLUMNS_MIN = 40, FINDING_INDENT = 11 };

// 0: no terminal, so nothing is cut or wrapped. COLUMNS wins, as for other tools.
size_t output_columns(int fd) {
    struct winsize size = {0};
    const char *set = getenv("COLUMNS");
    long columns = set ? strtol(set, NULL, 10) : 0;
    if (columns <= 0 && !isatty(fd)) {
        return 0;
    }
    if (columns <= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0) {
        columns = size.ws_col;
    }
    columns = columns > 0 ? columns : COLUMNS_DEFAULT;
    return columns < COLUMNS_MIN ? COLUMNS_MIN : (size_t)columns;
}

// By the convention of NO_COLOR, any value but the empty one switches colour off.
static bool wants_color(void) {
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

// By the order of POSIX. Where no locale is set at all, as in most containers, the terminal outside is UTF-8.
static bool is_locale_ascii(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value) {
            return !strcasestr(value, "utf-8") && !strcasestr(value, "utf8");
        }
    }
    return false;
}

// A pipe gets what a terminal gets, without colour and uncut: what a person reads in the log of a build
// must be readable. Programs name the form that they read.
enum status output_init(struct output *output, struct arena *arena, const char *format,
                        const char *lines, struct error *err) {
    bool is_json = format && strcmp(format, "json") == 0;
    bool is_lines = format && strcmp(format, "lines") == 0;
    if (format && !is_json && !is_lines && strcmp(format, "table") != 0) {
        return fail(err, STATUS_USAGE, NULL,
                    "Unknown format \"%s\". Use \"table\", \"json\" or \"lines\".", format);
    }
    if (is_lines && !lines) {
        return fail(err, STATUS_USAGE, NULL,
                    "This command has no lines. Use --format table or --format json.");
    }
    struct findings *shown = arena_alloc(arena, sizeof *shown);
    if (!shown) {
        return fail_no_memory(err);
    }
    findings_init(shown, arena);
    *output = (struct output){
        .arena = arena,
        .shown = shown,
        .stream = stdout,
        .json = is_json || is_lines,
        .lines = is_lines ? lines : NULL,
        .color = isatty(STDOUT_FILENO) && wants_color(),
        .is_ascii = isatty(STDOUT_FILENO) && is_locale_ascii(),
        .columns = output_columns(STDOUT_FILENO),
    };
    return STATUS_OK;
}

struct output output_errors(const struct output *output) {
    return (struct output){
        .arena = output->arena,
        .shown = output->shown,
        .stream = stderr,
        .quiet = output->quiet,
        .color = isatty(STDERR_FILENO) && wants_color(),
        .is_ascii = isatty(STDERR_FILENO) && is_locale_ascii(),
        .columns = output_columns(STDERR_FILENO),
    };
}

void output_forget(struct output *output) {
    findings_init(output->shown, output->arena);
}

static const char *const color_codes[] = {
    [COLOR_NONE] = "",    [COLOR_BOLD] = "1",    [COLOR_DIM] = "2",   [COLOR_RED] = "31",
    [COLOR_GREEN] = "32", [COLOR_YELLOW] = "33", [COLOR_CYAN] = "36",
};

__attribute__((format(printf, 3, 0))) static void print(struct output *output, enum color color,
                                                        const char *format, va_list args) {
    bool colored = output->color && color != COLOR_NONE;
    if (colored) {
        fprintf(output->stream, "\033[%sm", color_codes[color]);
    }
    vfprintf(output->stream, format, args);
    if (colored) {
        fputs("\033[0m", output->stream);
    }
}

void output_print(struct output *output, enum color color, const char *format, ...) {
    va_list args;
    va_start(args, format);
    print(output, color, format, args);
    va_end(args);
}

void output_say(struct output *output, enum color color, const char *format, ...) {
    if (output->quiet) {
        return;
    }
    va_list args;
    va_start(args, format);
    print(output, color, format, args);
    va_end(args);
}

// On a terminal all characters beyond ASCII are escaped: JSON itself only escapes control characters below
// U+0020, and a terminal obeys some that are above.
enum status output_json(struct output *output, json_t *json, struct error *err) {
    scoped(cleanup_json) json_t *owned = json;
    if (!owned) {
        return fail_no_memory(err);
    }
    if (output->lines) {
        return lines_print(output->arena, output->stream, output->lines, owned, err);
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

enum status output_json_line(struct output *output, json_t *json, struct error *err) {
    scoped(cleanup_json) json_t *owned = json;
    if (owned && output->lines) {
        enum status status = lines_print(output->arena, output->stream, output->lines, owned, err);
        if (status) {
            return status;
        }
        return output_done(output, err);
    }
    scoped(cleanup_memory) char *text =
        owned ? json_dumps(owned, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    if (!text) {
        return fail_no_memory(err);
    }
    output_print(output, COLOR_NONE, "%s\n", text);
    return output_done(output, err);
}

static const char *keep(struct output *output, const char *text) {
    output->no_memory |= !text;
    return text ? text : "";
}

void output_wrapped(struct output *output, enum color color, size_t indent, const char *text) {
    size_t room = output->columns > indent ? output->columns - indent : SIZE_MAX;
    size_t used = 0;
    for (struct text rest = text_from(text), word; text_split(&rest, ' ', &word);) {
        size_t width = display_width_of(word);
        if (used && used + 1 + width > room) {
            fprintf(output->stream, "\n%*s", (int)indent, "");
            used = 0;
        }
        output_print(output, color, "%s%.*s", used ? " " : "", (int)word.len, word.ptr);
        used += (used ? 1 : 0) + width;
    }
}

// ---- findings ----

static const char *place_of(const struct output *output, const struct finding *finding) {
    const char *place = finding->where && *finding->where ? finding->where : output->subject;
    return place ? place : "";
}

// Errors are few, and each ends something: all of them are printed.
static bool is_new(const struct output *output, const struct finding *finding) {
    if (finding->severity == SEVERITY_ERROR) {
        return true;
    }
    const char *code = finding->code ? finding->code : "";
    const char *place = place_of(output, finding);
    for (size_t i = 0; i < output->shown->count; i++) {
        const struct finding *shown = &output->shown->items[i];
        if (strcmp(shown->code, code) == 0 && strcmp(shown->where, place) == 0 &&
            strcmp(shown->message, finding->message) == 0) {
            return false;
        }
    }
    return !output->quiet;
}

// Of very many, the later ones are not remembered: they are printed as often as they come.
static void remember(struct output *output, const struct finding *finding) {
    findings_add(output->shown, SEVERITY_WARNING, finding->code ? finding->code : "",
                 place_of(output, finding), NULL, "%s", finding->message);
    output->no_memory |= output->shown->no_memory;
}

bool output_has_new(const struct output *output, const struct findings *findings) {
    for (size_t i = 0; i < findings->count; i++) {
        if (is_new(output, &findings->items[i])) {
            return true;
        }
    }
    return false;
}

// With a width the location has a line of its own, because file names are long. Without one, location and
// message are on one line, so that grep finds both.
void output_finding(struct output *output, const struct finding *finding) {
    bool error = finding->severity == SEVERITY_ERROR;
    if (!is_new(output, finding)) {
        return;
    }
    if (!error) {
        remember(output, finding);
    }
    const char *where = output_text(output, finding->where);
    const char *message = output_text(output, finding->message);
    const char *hint = output_text(output, finding->hint);
    output_print(output, error ? COLOR_RED : COLOR_YELLOW, "  %-*s", FINDING_INDENT - 2,
                 error ? "error" : "warning");
    if (*where && output->columns) {
        output_print(output, COLOR_NONE, "%s\n%*s", where, FINDING_INDENT, "");
    } else if (*where) {
        output_print(output, COLOR_NONE, "%s: ", where);
    }
    const char *whole = message;
    if (finding->code) {
        whole = keep(output, arena_printf(output->arena, "%s [%s]", message, finding->code));
    }
    output_wrapped(output, COLOR_NONE, FINDING_INDENT, whole);
    if (*hint && !output->quiet) {
        fprintf(output->stream, "\n%*s", FINDING_INDENT, "");
        output_wrapped(output, COLOR_CYAN, FINDING_INDENT, hint);
    }
    fputc('\n', output->stream);
}

void output_findings(struct output *output, const struct findings *findings) {
    for (int severity = SEVERITY_ERROR; severity >= SEVERITY_WARNING; severity--) {
        for (size_t i = 0; i < findings->count; i++) {
            if ((int)findings->items[i].severity == severity) {
                output_finding(output, &findings->items[i]);
            }
        }
    }
}

const char *output_text(struct output *output, const char *text) {
    const char *line = text ? keep(output, printable_line(output->arena, text)) : "";
    return output->is_ascii ? keep(output, display_ascii(output->arena, line)) : line;
}

const char *output_count(struct output *output, size_t count, const char *one, const char *many) {
    return keep(output, arena_printf(output->arena, "%zu %s", count, count == 1 ? one : many));
}

// fflush() alone does not report an error of an earlier write: ferror() does.
enum status output_done(struct output *output, struct error *err) {
    if (output->no_memory) {
        return fail_no_memory(err);
    }
    errno = 0;
    if (fflush(output->stream) == 0 && !ferror(output->stream)) {
        return STATUS_OK;
    }
    return fail(err, STATUS_IO, NULL, "Cannot write the output: %s",
                errno ? strerror(errno) : "standard output reported an error");
}
