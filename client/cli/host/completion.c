// SPDX-License-Identifier: MIT
// registryctl completion: scripts for bash, zsh and fish, made from the tables of commands.c, so that no option can be
// missing. bash and zsh share one set of functions that say which words and which kind of value stand where; names of
// groups and environments are asked of the registry while completing, for a second at most.
#include "client/cli/console/command.h"
#include "client/cli/host/completion_scripts.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/base/text.h"

#include <stdint.h>
#include <string.h>

// What stands where a value is written, by the word that help prints for it.
static const char *kind_of_word(struct text word) {
    static const struct {
        const char *word;
        const char *kind;
    } kinds[] = {
        {"FILE", "files"},       {"PATH", "files"},
        {"PROGRAM", "files"},    {"PYTHON", "files"},
        {"DIR", "folders"},      {"ROOT", "folders"},
        {"FOLDER", "folders"},   {"GROUP", "groups"},
        {"COMMAND", "commands"}, {"SHELL", "words bash zsh fish"},
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (text_equals(word, kinds[i].word)) {
            return kinds[i].kind;
        }
    }
    return "text";
}

// "words a b c" for "a|b|c".
static const char *kind_of_choices(struct arena *arena, const char *choices) {
    char *words = arena_printf(arena, "words %s", choices);
    for (char *c = words; c && *c; c++) {
        *c = *c == '|' ? ' ' : *c;
    }
    return words;
}

// The formats that a command has beside those that all have.
static const char *kind_of_format(struct arena *arena, const struct command *command) {
    const char *all = command->lines ? "table|json|lines" : "table|json";
    for (size_t i = 0; i < command->action_count && all; i++) {
        const char *own = command->actions[i].format;
        all = own ? arena_printf(arena, "%s|%s", all, own) : all;
    }
    if (command->format && all) {
        all = arena_printf(arena, "%s|%s", all, command->format);
    }
    return all ? kind_of_choices(arena, all) : NULL;
}

static const char *kind_of_option(struct arena *arena, const struct option_row *row) {
    const char *choices = row->choices ? row->choices : row->offers;
    if (choices) {
        return kind_of_choices(arena, choices);
    }
    return strcmp(row->name, "--environment") == 0 ? "environments"
           : strcmp(row->name, "--command") == 0 || strcmp(row->name, "--exec") == 0
               ? "text"
               : kind_of_word(text_from(row->argument));
}

// ---- bash and zsh ----

static void print_options(struct output *output, const struct command *command) {
    for (size_t i = 0; i < command->option_count; i++) {
        output_print(output, COLOR_NONE, " %s", command->options[i].name);
    }
}

static void print_words(struct output *output) {
    output_print(output, COLOR_NONE, "_registryctl_commands='");
    for (size_t i = 0; command_at(i); i++) {
        output_print(output, COLOR_NONE, "%s%s", i ? " " : "", command_at(i)->name);
    }
    output_print(output, COLOR_NONE, "'\n_registryctl_global='");
    for (size_t i = 0; command_global_option(i); i++) {
        output_print(output, COLOR_NONE, "%s%s", i ? " " : "", command_global_option(i)->name);
    }
    output_print(output, COLOR_NONE,
                 "'\n\n# COMMAND: its options.\n_registryctl_options() {\n"
                 "    case $1 in\n");
    for (size_t i = 0; command_at(i); i++) {
        output_print(output, COLOR_NONE, "    %s) echo \"$_registryctl_global",
                     command_at(i)->name);
        print_options(output, command_at(i));
        output_print(output, COLOR_NONE, "\" ;;\n");
    }
    output_print(output, COLOR_NONE, "    *) echo \"$_registryctl_global\" ;;\n    esac\n}\n\n");
}

static void print_actions(struct output *output) {
    output_print(output, COLOR_NONE,
                 "# COMMAND: its actions.\n_registryctl_actions() {\n"
                 "    case $1 in\n");
    for (size_t i = 0; command_at(i); i++) {
        const struct command *command = command_at(i);
        for (size_t j = 0; j < command->action_count; j++) {
            bool again = j && strcmp(command->actions[j].name, command->actions[j - 1].name) == 0;
            output_print(output, COLOR_NONE, "%s%s%s%s", j ? "" : "    ", j ? "" : command->name,
                         j ? again ? "" : " " : ") echo ", again ? "" : command->actions[j].name);
        }
        output_print(output, COLOR_NONE, "%s", command->action_count ? " ;;\n" : "");
    }
    output_print(output, COLOR_NONE, "    esac\n}\n\n");
}

static void print_kind(struct output *output, const char *command, const char *option,
                       const char *kind) {
    output->no_memory |= !kind;
    output_print(output, COLOR_NONE, "    %s\" %s\") echo %s ;;\n", command, option,
                 kind ? kind : "");
}

// The quotes keep the pattern "*" of a global option outside: "resolve --python", *" --url".
static void print_kinds(struct output *output) {
    output_print(output, COLOR_NONE,
                 "# COMMAND OPTION: what its value is; nothing for a flag.\n"
                 "_registryctl_value() {\n    case \"$1 $2\" in\n");
    for (size_t i = 0; command_at(i); i++) {
        const struct command *command = command_at(i);
        print_kind(output, command->name, "--format", kind_of_format(output->arena, command));
        for (size_t j = 0; j < command->option_count; j++) {
            const struct option_row *row = &command->options[j];
            print_kind(output, command->name, row->name,
                       row->argument ? kind_of_option(output->arena, row) : "''");
        }
    }
    for (size_t i = 0; command_global_option(i); i++) {
        const struct option_row *row = command_global_option(i);
        if (row->argument) {
            print_kind(output, "*", row->name,
                       strcmp(row->name, "--format") == 0 ? "words table json lines"
                                                          : kind_of_option(output->arena, row));
        }
    }
    output_print(output, COLOR_NONE, "    esac\n}\n\n");
}

// The kind of the first argument; "NAME" is an environment where the command is about them.
static const char *kind_of_arguments(const struct command *command, const char *arguments) {
    struct text rest = text_from(arguments);
    struct text word = {0};
    while (rest.len && (*rest.ptr == '[' || *rest.ptr == ' ')) {
        rest = (struct text){rest.ptr + 1, rest.len - 1};
    }
    word.ptr = rest.ptr;
    while (word.len < rest.len && word.ptr[word.len] >= 'A' && word.ptr[word.len] <= 'Z') {
        word.len++;
    }
    bool is_environment = strcmp(command->name, "environment") == 0 && word.len;
    return is_environment ? "environments" : kind_of_word(word);
}

static void print_arguments(struct output *output) {
    output_print(output, COLOR_NONE,
                 "# COMMAND ACTION: what its arguments are.\n"
                 "_registryctl_argument() {\n    case \"$1 $2\" in\n");
    for (size_t i = 0; command_at(i); i++) {
        const struct command *command = command_at(i);
        for (size_t j = 0; j < command->action_count; j++) {
            output_print(output, COLOR_NONE, "    \"%s %s\") echo %s ;;\n", command->name,
                         command->actions[j].name,
                         kind_of_arguments(command, command->actions[j].arguments));
        }
        if (!command->action_count) {
            output_print(output, COLOR_NONE, "    \"%s \"*) echo %s ;;\n", command->name,
                         kind_of_arguments(command, command->arguments));
        }
    }
    output_print(output, COLOR_NONE, "    esac\n}\n\n");
}

static void print_tables(struct output *output) {
    print_words(output);
    print_actions(output);
    print_kinds(output);
    print_arguments(output);
}

// ---- fish ----

// In single quotes; a quote and a backslash are escaped.
static const char *quoted(struct output *output, const char *text) {
    scoped(buffer_done) struct buffer buffer;
    buffer_init(&buffer, SIZE_MAX);
    for (const char *c = text; *c; c++) {
        buffer_add(&buffer, "\\", *c == '\'' || *c == '\\');
        buffer_add(&buffer, c, 1);
    }
    const char *copy =
        buffer.failed ? NULL : arena_copy(output->arena, buffer.ptr ? buffer.ptr : "", buffer.len);
    output->no_memory |= !copy;
    return copy ? copy : "";
}

static void print_fish_value(struct output *output, const char *kind) {
    if (strncmp(kind, "words ", 6) == 0) {
        output_print(output, COLOR_NONE, " -x -a '%s'", kind + 6);
    } else if (strcmp(kind, "files") == 0) {
        output_print(output, COLOR_NONE, " -r -F");
    } else if (strcmp(kind, "text") == 0) {
        output_print(output, COLOR_NONE, " -x");
    } else {
        output_print(output, COLOR_NONE, " -x -a '(__registryctl_%s)'", kind);
    }
}

static void print_fish_option(struct output *output, const char *command,
                              const struct option_row *row, const char *kind) {
    output->no_memory |= !kind;
    output_print(output, COLOR_NONE, "complete -c registryctl");
    if (command) {
        output_print(output, COLOR_NONE, " -n '__registryctl_is %s'", command);
    }
    output_print(output, COLOR_NONE, " -l %s", row->name + 2);
    if (row->argument && kind) {
        print_fish_value(output, kind);
    }
    output_print(output, COLOR_NONE, " -d '%s'\n", quoted(output, row->help));
}

static void print_fish_arguments(struct output *output, const struct command *command,
                                 const char *action, const char *arguments) {
    const char *kind = kind_of_arguments(command, arguments);
    if (strcmp(kind, "text") != 0) {
        output_print(output, COLOR_NONE, "complete -c registryctl -n '__registryctl_is %s %s'",
                     command->name, action);
        print_fish_value(output, kind);
        output_print(output, COLOR_NONE, "\n");
    }
}

// Only what this command has beside the formats of all.
static void print_fish_format(struct output *output, const struct command *command) {
    const char *kind = kind_of_format(output->arena, command);
    output->no_memory |= !kind;
    output_print(output, COLOR_NONE,
                 "complete -c registryctl -n '__registryctl_is %s' -l format -x -a '%s'\n",
                 command->name, kind ? kind + strlen("words ") : "");
}

static void print_fish_command(struct output *output, const struct command *command) {
    output_print(output, COLOR_NONE,
                 "complete -c registryctl -n '__registryctl_is' -a %s -d '%s'\n", command->name,
                 quoted(output, command->summary));
    print_fish_format(output, command);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];
        print_fish_option(output, command->name, row,
                          row->argument ? kind_of_option(output->arena, row) : "");
    }
    for (size_t i = 0; i < command->action_count; i++) {
        const struct action *action = &command->actions[i];
        output_print(output, COLOR_NONE,
                     "complete -c registryctl -n '__registryctl_is %s \"\"' -a %s -d '%s'\n",
                     command->name, action->name, quoted(output, action->help));
        print_fish_arguments(output, command, action->name, action->arguments);
    }
    if (!command->action_count) {
        print_fish_arguments(output, command, "", command->arguments);
    }
}

static void print_fish(struct output *output) {
    output_print(output, COLOR_NONE, "%s", completion_fish_begin);
    output_print(output, COLOR_NONE, "set -g __registryctl_valued");
    for (size_t i = 0; command_at(i); i++) {
        for (size_t j = 0; j < command_at(i)->option_count; j++) {
            const struct option_row *row = &command_at(i)->options[j];
            output_print(output, COLOR_NONE, "%s%s", row->argument ? " " : "",
                         row->argument ? row->name : "");
        }
    }
    for (size_t i = 0; command_global_option(i); i++) {
        const struct option_row *row = command_global_option(i);
        output_print(output, COLOR_NONE, "%s%s", row->argument ? " " : "",
                     row->argument ? row->name : "");
    }
    output_print(output, COLOR_NONE, "\n\n");
    for (size_t i = 0; command_global_option(i); i++) {
        const struct option_row *row = command_global_option(i);
        bool is_format = strcmp(row->name, "--format") == 0;
        print_fish_option(output, NULL, row,
                          is_format       ? "words table json lines"
                          : row->argument ? kind_of_option(output->arena, row)
                                          : "");
    }
    for (size_t i = 0; command_at(i); i++) {
        print_fish_command(output, command_at(i));
    }
}

static enum status run(struct cli *cli, struct error *err) {
    struct output *output = &cli->output;
    const char *shell = cli->arguments[0];
    if (strcmp(shell, "bash") == 0) {
        output_print(output, COLOR_NONE, "# bash completion of registryctl\n\n");
        print_tables(output);
        output_print(output, COLOR_NONE, "%s", completion_bash);
    } else if (strcmp(shell, "zsh") == 0) {
        output_print(output, COLOR_NONE,
                     "#compdef registryctl\n# zsh completion of registryctl\n\n");
        print_tables(output);
        output_print(output, COLOR_NONE, "%s", completion_zsh);
    } else if (strcmp(shell, "fish") == 0) {
        print_fish(output);
    } else {
        return fail(err, STATUS_USAGE, NULL, "Unknown shell \"%s\". Use one of bash|zsh|fish.",
                    shell);
    }
    return STATUS_OK;
}

const struct command command_completion = {
    .name = "completion",
    .arguments = "SHELL",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "Print a script that completes registryctl in bash, zsh or fish",
    .description =
        "The script completes commands, actions, options, their values, files, and the names of\n"
        "groups and environments, which it asks of the registry for at most a second. A package\n"
        "of registryctl installs the scripts. Otherwise, load it at the start of the shell.",
    .exit_codes = "0  Done\n",
    .example = "source <(registryctl completion bash)\n"
               "registryctl completion zsh > ~/.zfunc/_registryctl\n"
               "registryctl completion fish > ~/.config/fish/completions/registryctl.fish",
    .run = run,
    .is_tolerant = true,
};
