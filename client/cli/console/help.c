// SPDX-License-Identifier: MIT
// registryctl help [COMMAND], and --help.
#include "client/cli/console/help.h"

#include "schema/base/text.h"

#include <string.h>

enum { OPTION_WIDTH = 22, COMMAND_WIDTH = 13, ACTION_WIDTH = 28 };

static void print_option(struct output *output, const struct option_row *row) {
    char left[64];
    snprintf(left, sizeof left, "%s%s%s%s", row->name, row->argument ? " " : "",
             row->argument ? row->argument : "", row->repeats ? "..." : "");
    output_print(output, COLOR_NONE, "  %-*s ", OPTION_WIDTH, left);
    if (strlen(left) > OPTION_WIDTH) {
        output_print(output, COLOR_NONE, "\n%*s", OPTION_WIDTH + 3, "");
    }
    output_wrapped(output, COLOR_NONE, OPTION_WIDTH + 3, row->help);
    output_print(output, COLOR_NONE, "\n");
}

// Several lines, each indented; what does not fit goes on below it, by `hang` further in.
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

// Lines of "how it goes<tab>what it does".
static void print_actions(struct output *output, const char *text) {
    for (struct text rest = text_from(text), line; text_split(&rest, '\n', &line);) {
        struct text left = {NULL, 0};
        if (!text_split(&line, '\t', &left)) {
            continue;
        }
        const char *right = arena_copy(output->arena, line.ptr, line.len);
        output->no_memory |= !right;
        output_print(output, COLOR_NONE, "  %-*.*s ", ACTION_WIDTH, (int)left.len, left.ptr);
        if (left.len > ACTION_WIDTH) {
            output_print(output, COLOR_NONE, "\n%*s", ACTION_WIDTH + 3, "");
        }
        output_wrapped(output, COLOR_NONE, ACTION_WIDTH + 3, right ? right : "");
        output_print(output, COLOR_NONE, "\n");
    }
}

// A text whose lines are broken for the source: on a terminal they are broken anew for its width.
static void print_paragraph(struct output *output, const char *text) {
    char *joined = arena_strdup(output->arena, text);
    for (char *c = joined; c && *c && output->columns; c++) {
        *c = *c == '\n' ? ' ' : *c;
    }
    output->no_memory |= !joined;
    print_lines(output, 0, joined);
}

// A global option that the command has an option of its own for is not one here.
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
                 "registryctl: publish, find and compare plugins\n\n"
                 "usage: registryctl [OPTION...] COMMAND [ARGUMENT...]\n");
    output_print(output, COLOR_BOLD, "\nCommands\n");
    for (size_t i = 0; command_at(i); i++) {
        output_print(output, COLOR_NONE, "  %-*s %s\n", COMMAND_WIDTH, command_at(i)->name,
                     command_at(i)->summary);
    }
    print_global_options(output, NULL);
    output_print(output, COLOR_BOLD, "\nExit codes\n");
    print_lines(output, 3,
                "0  done\n"
                "1  the answer is \"no\": differences, nothing found, a check failed\n"
                "2  the command line is not right\n"
                "3  the registry refused\n"
                "4  the registry is out of reach\n"
                "5  a fault of the program or the machine\n");
    output_print(output, COLOR_NONE, "\nregistryctl COMMAND --help says more about each.\n");
}

static void print_command(struct output *output, const struct command *command) {
    enum { USAGE_INDENT = 7 };
    const char *usage = arena_printf(output->arena, "registryctl %s%s%s%s", command->name,
                                     command->option_count ? " [OPTION...]" : "",
                                     *command->arguments ? " " : "", command->arguments);
    output->no_memory |= !usage;
    output_print(output, COLOR_NONE, "%s\n\nusage: ", command->summary);
    output_wrapped(output, COLOR_NONE, USAGE_INDENT, usage ? usage : "");
    output_print(output, COLOR_NONE, "\n\n");
    print_paragraph(output, command->description);
    if (command->actions) {
        output_print(output, COLOR_BOLD, "\nActions\n");
        print_actions(output, command->actions);
    }
    if (command->option_count) {
        output_print(output, COLOR_BOLD, "\nOptions\n");
    }
    for (size_t i = 0; i < command->option_count; i++) {
        print_option(output, &command->options[i]);
    }
    print_global_options(output, command);
    output_print(output, COLOR_BOLD, "\nExit codes\n");
    print_lines(output, 3, command->exit_codes);
    print_lines(output, 3, "2-5 otherwise, as registryctl --help lists them");
    output_print(output, COLOR_BOLD, "\nExample\n");
    print_lines(output, 2, command->example);
}

void help_print(struct cli *cli, const struct command *command) {
    if (command) {
        print_command(&cli->output, command);
    } else {
        print_program(&cli->output);
    }
}

static enum status run(struct cli *cli, struct error *err) {
    const char *name = cli->argument_count ? cli->arguments[0] : NULL;
    const struct command *command = name ? command_find(name) : NULL;
    if (name && !command) {
        return fail(err, STATUS_USAGE, NULL,
                    "There is no command \"%s\"; registryctl --help lists them", name);
    }
    help_print(cli, command);
    return STATUS_OK;
}

const struct command command_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .max_arguments = 1,
    .summary = "Say how a command is used",
    .description = "The same as registryctl COMMAND --help.",
    .exit_codes = "0  printed\n2  there is no such command\n",
    .example = "registryctl help walk",
    .run = run,
};
