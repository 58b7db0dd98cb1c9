// SPDX-License-Identifier: MIT
// registryctl help [COMMAND], and --help: the command's row laid out for a terminal, or for a pipe without
// line breaks. Everything printed comes from the rows that the parser reads, so that no option can be
// missing here. docs/CLI.md is tested against this output.
#include "client/cli/console/help.h"

#include "client/cli/console/arguments.h"
#include "client/cli/console/lines.h"
#include "schema/base/text.h"

#include <string.h>

enum {
    OPTION_WIDTH = 22,
    COMMAND_WIDTH = 14,
    ACTION_WIDTH = 28,
    FIELDS_WIDTH = 12,
    FIELDS_COLUMNS = 90
};

// A term and its explanation beside it, or below it when the term is wider than its column.
static void print_term(struct output *output, const char *term, size_t width, const char *text) {
    size_t indent = width + 3;
    bool is_wide = strlen(term) >= width; // at least two spaces between
    output_print(output, COLOR_NONE, "  %s%s%*s", term, is_wide ? "\n" : "",
                 (int)(is_wide ? indent : indent - 2 - strlen(term)), "");
    output_wrapped(output, COLOR_NONE, indent, text);
    output_print(output, COLOR_NONE, "\n");
}

static void print_option(struct output *output, const struct option_row *row) {
    char term[64];
    snprintf(term, sizeof term, "%s%s%s%s", row->name, row->argument ? " " : "",
             row->argument ? row->argument : "", row->repeats ? "..." : "");
    print_term(output, term, OPTION_WIDTH, row->help);
}

static void print_action(struct output *output, const struct action *action) {
    char term[64];
    snprintf(term, sizeof term, "%s%s%s", action->name, *action->arguments ? " " : "",
             action->arguments);
    print_term(output, term, ACTION_WIDTH, action->help);
}

// Several lines, each indented by two columns. The rest of a line that is too long is indented by `hang`
// columns more.
static void print_lines(struct output *output, size_t hang, const char *text) {
    for (struct text rest = text_from(text), line; text_split(&rest, '\n', &line);) {
        const char *copy = arena_copy(output->arena, line.ptr, line.len);
        output->no_memory |= !copy;
        if (copy && *copy) {
            output_print(output, COLOR_NONE, "  ");
            output_wrapped(output, COLOR_NONE, 2 + hang, copy);
            output_print(output, COLOR_NONE, "\n");
        }
    }
}

// A text with line breaks for the source: on a terminal it is broken anew for the terminal's width.
static void print_paragraph(struct output *output, const char *text) {
    char *joined = arena_strdup(output->arena, text);
    for (char *c = joined; c && *c && output->columns; c++) {
        *c = *c == '\n' ? ' ' : *c;
    }
    output->no_memory |= !joined;
    print_lines(output, 0, joined);
}

// A command's option hides the global option of the same name ("publish --version").
static bool is_hidden_by(const struct command *command, const struct option_row *row) {
    for (size_t i = 0; command && i < command->option_count; i++) {
        if (strcmp(command->options[i].name, row->name) == 0) {
            return true;
        }
    }
    return false;
}

static void print_global_options(struct output *output, const struct command *command) {
    output_print(output, COLOR_BOLD, "\nGlobal options\n");
    for (size_t i = 0; command_global_option(i); i++) {
        if (!is_hidden_by(command, command_global_option(i))) {
            print_option(output, command_global_option(i));
        }
    }
}

static void print_program(struct output *output) {
    output_print(output, COLOR_NONE,
                 "Publish, find and compare plugins\n\n"
                 "Usage: registryctl [OPTION...] COMMAND [ARGUMENT...]\n");
    output_print(output, COLOR_BOLD, "\nCommands\n");
    for (size_t i = 0; command_at(i); i++) {
        output_print(output, COLOR_NONE, "  %-*s %s\n", COMMAND_WIDTH, command_at(i)->name,
                     command_at(i)->summary);
    }
    print_global_options(output, NULL);
    output_print(output, COLOR_BOLD, "\nExit codes\n");
    print_lines(output, 3,
                "0  Success\n"
                "1  The answer is \"no\": differences, nothing found, a failed check\n"
                "2  Usage error\n"
                "3  The registry refused the request, or a project is invalid\n"
                "4  The registry cannot be reached or is overloaded\n"
                "5  Internal error, or an error of the machine\n");
    output_print(output, COLOR_NONE, "\nSee \"registryctl COMMAND --help\" for a command.\n");
}

static void print_actions_and_options(struct output *output, const struct command *command) {
    if (command->actions) {
        output_print(output, COLOR_BOLD, "\nActions\n");
    }
    for (size_t i = 0; i < command->action_count; i++) {
        print_action(output, &command->actions[i]);
    }
    if (command->option_count) {
        output_print(output, COLOR_BOLD, "\nOptions\n");
    }
    for (size_t i = 0; i < command->option_count; i++) {
        print_option(output, &command->options[i]);
    }
}

// The fields are no sentence of the source with line breaks in it, so they are broken in a pipe too.
static void print_fields(struct output *output, const char *term, const char *forms) {
    struct output broken = *output;
    const char *fields = lines_fields(output->arena, forms);
    broken.columns = output->columns ? output->columns : FIELDS_COLUMNS;
    if (fields && *fields) {
        print_term(&broken, term, FIELDS_WIDTH, fields);
    }
    output->no_memory |= !fields || broken.no_memory;
}

// What --format lines prints: scripts count these fields.
static void print_lines_format(struct output *output, const struct command *command) {
    if (!command->lines) {
        return;
    }
    output_print(output, COLOR_BOLD, "\nFields of --format lines\n");
    bool all_own = command->action_count;
    for (size_t i = 0; i < command->action_count; i++) {
        all_own &= command->actions[i].lines != NULL;
    }
    if (!all_own) {
        print_fields(output, command->name, command->lines);
    }
    for (size_t i = 0; i < command->action_count; i++) {
        bool is_second = i && strcmp(command->actions[i].name, command->actions[i - 1].name) == 0;
        if (command->actions[i].lines && !is_second) {
            print_fields(output, command->actions[i].name, command->actions[i].lines);
        }
    }
}

// The order is that of a manual page: what it is for, how it is called, details, options, exit codes, example.
static void print_command(struct output *output, const struct command *command) {
    enum { USAGE_INDENT = 7 };
    const char *usage = arena_printf(output->arena, "registryctl %s%s%s%s", command->name,
                                     command->option_count ? " [OPTION...]" : "",
                                     *command->arguments ? " " : "", command->arguments);
    output->no_memory |= !usage;
    output_print(output, COLOR_NONE, "%s\n\nUsage: ", command->summary);
    output_wrapped(output, COLOR_NONE, USAGE_INDENT, usage ? usage : "");
    output_print(output, COLOR_NONE, "\n\n");
    print_paragraph(output, command->description);
    print_actions_and_options(output, command);
    print_lines_format(output, command);
    print_global_options(output, command);
    output_print(output, COLOR_BOLD, "\nExit codes\n");
    print_lines(output, 3, command->exit_codes);
    print_lines(output, 3, "2-5  See \"registryctl --help\".");
    output_print(output, COLOR_BOLD, "\nExample\n");
    print_lines(output, 2, command->example);
}

// Without a command, the help of the program.
void help_print(struct cli *cli, const struct command *command) {
    if (command) {
        print_command(&cli->output, command);
    } else {
        print_program(&cli->output);
    }
}

static enum status run(struct cli *cli, struct error *err) {
    const struct command *command = NULL;
    if (cli->argument_count) {
        enum status status = arguments_find_command(cli->arguments[0], &command, err);
        if (status) {
            return status;
        }
    }
    help_print(cli, command);
    return STATUS_OK;
}

const struct command command_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .max_arguments = 1,
    .summary = "Show the help of registryctl or of a command",
    .description = "\"registryctl COMMAND --help\" prints the same text.",
    .exit_codes = "0  The help was printed\n2  Unknown command\n",
    .example = "registryctl help walk",
    .is_tolerant = true,
    .run = run,
};
