// SPDX-License-Identifier: MIT
// The parser of arguments.h, driven by the option rows alone. It runs once, before anything else: words
// are taken from left to right, the first that is no option names the command, and from then on the
// command's own options are known too. A command's option hides a global one of the same name.
#include "client/cli/console/arguments.h"

#include "client/cli/console/values.h"

#include "schema/guess.h"
#include "schema/base/text.h"

#include <stdint.h>
#include <string.h>

struct parser {
    struct cli *cli;
    int argc;
    char **argv;
    int at; // next word
    const char **arguments;
    bool options_ended; // "--" was seen
};

// ---- unknown words ----

// The nearest name is offered when one is near; otherwise the help is, because a list of all names would be
// longer than the message.
static enum status fail_unknown_command(const char *word, struct error *err) {
    struct guess guess = guess_begin(word, GUESS_TOO_FAR);
    for (size_t i = 0; command_at(i); i++) {
        guess_offer(&guess, command_at(i)->name);
    }
    if (guess.nearest) {
        return fail(err, STATUS_USAGE, NULL,
                    "Unknown command \"registryctl %s\". Did you mean \"%s\"?", word,
                    guess.nearest);
    }
    return fail(err, STATUS_USAGE, NULL,
                "Unknown command \"registryctl %s\". \"registryctl --help\" lists the commands.",
                word);
}

static enum status fail_unknown_action(const struct command *command, const char *word,
                                       struct error *err) {
    struct guess guess = guess_begin(word, GUESS_TOO_FAR);
    for (size_t i = 0; i < command->action_count; i++) {
        guess_offer(&guess, command->actions[i].name);
    }
    if (guess.nearest) {
        return fail(err, STATUS_USAGE, NULL,
                    "Unknown command \"registryctl %s %s\". Did you mean \"%s\"?", command->name,
                    word, guess.nearest);
    }
    return fail(err, STATUS_USAGE, NULL,
                "Unknown command \"registryctl %s %s\". \"registryctl %s --help\" lists the "
                "actions.",
                command->name, word, command->name);
}

enum status arguments_find_command(const char *word, const struct command **ret_command,
                                   struct error *err) {
    const struct command *command = command_find(word);
    if (!command) {
        return fail_unknown_command(word, err);
    }
    *ret_command = command;
    return STATUS_OK;
}

// ---- options ----

// The row at a running index over the command's own options, then the global ones.
static const struct option_row *option_at(const struct cli *cli, size_t index) {
    size_t own = cli->command ? cli->command->option_count : 0;
    return index < own ? &cli->command->options[index] : command_global_option(index - own);
}

// The index of option_at; SIZE_MAX when there is no such option.
static size_t find_option(const struct cli *cli, struct text name) {
    for (size_t i = 0; option_at(cli, i); i++) {
        if (text_equals(name, option_at(cli, i)->name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

// Where the value of an option belongs: in the struct of the command or in the global one.
static void *option_member(struct cli *cli, size_t index) {
    bool is_own = cli->command && index < cli->command->option_count;
    char *base = is_own ? cli->options : (char *)&cli->global;
    return base + option_at(cli, index)->offset;
}

static enum status fail_unknown_option(const struct cli *cli, const char *word, struct error *err) {
    const char *command = cli->command ? cli->command->name : "";
    struct guess guess = guess_begin(word, GUESS_TOO_FAR);
    for (size_t i = 0; option_at(cli, i); i++) {
        guess_offer(&guess, option_at(cli, i)->name);
    }
    if (guess.nearest) {
        return fail(err, STATUS_USAGE, NULL, "Unknown option \"%s\". Did you mean \"%s\"?", word,
                    guess.nearest);
    }
    return fail(err, STATUS_USAGE, NULL,
                "Unknown option \"%s\". \"registryctl %s%s--help\" lists the options.", word,
                command, *command ? " " : "");
}

// Adds a value of an option that repeats. The list has room for every word of the command line.
static bool add_word(const struct parser *parser, struct words *words, const char *word) {
    if (!words->items) {
        size_t most = (size_t)parser->argc;
        words->items = arena_array(parser->cli->arena, most, sizeof *words->items);
    }
    if (words->items) {
        words->items[words->count++] = word;
    }
    return words->items;
}

// The word after the option. NULL at the end of the command line.
static const char *next_word(struct parser *parser) {
    return parser->at < parser->argc ? parser->argv[parser->at++] : NULL;
}

// "--python 3.11" and "--python=3.11" are the same. An empty value is refused: it is usually an unset variable
// of a script.
static enum status take_option(struct parser *parser, const char *word, struct error *err) {
    struct cli *cli = parser->cli;
    const char *equals = strchr(word, '=');
    struct text name = {word, equals ? (size_t)(equals - word) : strlen(word)};
    size_t index = find_option(cli, strcmp(word, "-h") == 0 ? text_from("--help") : name);
    if (index == SIZE_MAX) {
        return fail_unknown_option(cli, word, err);
    }
    const struct option_row *row = option_at(cli, index);
    void *member = option_member(cli, index);
    if (!row->argument) {
        *(bool *)member = true;
        return equals ? fail(err, STATUS_USAGE, NULL, "%s takes no value", row->name) : STATUS_OK;
    }
    const char *value = equals ? equals + 1 : next_word(parser);
    if (!value || !*value) {
        return fail(err, STATUS_USAGE, NULL, "%s needs a value: %s %s", row->name, row->name,
                    row->argument);
    }
    enum status status = value_check(cli->arena, row, value, err);
    if (status) {
        return status;
    }
    if (row->repeats) {
        return add_word(parser, member, value) ? STATUS_OK : fail_no_memory(err);
    }
    *(const char **)member = value;
    return STATUS_OK;
}

// ---- the command, its action and its arguments ----

// From here on the options of the command are known, so memory for them is needed now.
static enum status take_command(struct parser *parser, const char *word, struct error *err) {
    struct cli *cli = parser->cli;
    enum status status = arguments_find_command(word, &cli->command, err);
    if (status || !cli->command->option_count) {
        return status;
    }
    cli->options = arena_array(cli->arena, 1, cli->command->options_size);
    if (!cli->options) {
        return fail_no_memory(err);
    }
    memset(cli->options, 0, cli->command->options_size);
    return STATUS_OK;
}

// One word of the command line, by its form and by what was seen before it.
static enum status take_word(struct parser *parser, const char *word, struct error *err) {
    struct cli *cli = parser->cli;
    if (!parser->options_ended && strcmp(word, "--") == 0) {
        parser->options_ended = true;
        return STATUS_OK;
    }
    if (!parser->options_ended && word[0] == '-' && word[1]) {
        return take_option(parser, word, err);
    }
    if (!cli->command) {
        return take_command(parser, word, err);
    }
    parser->arguments[cli->argument_count++] = word;
    return STATUS_OK;
}

enum status arguments_fail_usage(const struct cli *cli, const char *problem, struct error *err) {
    const struct command *command = cli->command;
    const char *usage = arena_printf(cli->arena, "%s%s%s", command->name,
                                     *command->arguments ? " " : "", command->arguments);
    for (size_t i = 0, forms = 0; usage && cli->action && i < command->action_count; i++) {
        const struct action *action = &command->actions[i];
        if (strcmp(action->name, cli->action->name) == 0) {
            usage = arena_printf(cli->arena, "%s%s%s %s%s%s", forms ? usage : "",
                                 forms ? ", or: registryctl " : "", command->name, action->name,
                                 *action->arguments ? " " : "", action->arguments);
            forms++;
        }
    }
    if (!usage) {
        return fail_no_memory(err);
    }
    return fail(err, STATUS_USAGE, NULL, "%s%sUsage: registryctl %s", problem, *problem ? ". " : "",
                usage);
}

static enum status find_action(struct cli *cli, struct error *err) {
    const struct command *command = cli->command;
    for (size_t i = 0; i < command->action_count; i++) {
        if (strcmp(command->actions[i].name, cli->arguments[0]) == 0) {
            cli->action = &command->actions[i];
            return STATUS_OK;
        }
    }
    return fail_unknown_action(command, cli->arguments[0], err);
}

// How many arguments the command, or its action, takes; the action's name counts as one.
static void count_limits(const struct cli *cli, size_t *ret_min, size_t *ret_max) {
    const struct command *command = cli->command;
    if (cli->action) {
        size_t max = cli->action->max_arguments;
        *ret_min = 1 + cli->action->min_arguments;
        *ret_max = max == SIZE_MAX ? max : 1 + max;
        return;
    }
    bool is_unlimited = command->min_arguments && !command->max_arguments;
    *ret_min = command->min_arguments;
    *ret_max = is_unlimited ? SIZE_MAX : command->max_arguments;
}

// The action's name is no value.
static enum status check_values(const struct cli *cli, struct error *err) {
    const char *words = cli->action ? cli->action->arguments : cli->command->arguments;
    for (size_t i = cli->action ? 1 : 0; i < cli->argument_count; i++) {
        enum status status =
            value_check_argument(words, cli->action ? i - 1 : i, cli->arguments[i], err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// The number of arguments is checked here, from the rows, so that commands can index into cli->arguments
// without a check of their own.
static enum status check_arguments(struct cli *cli, struct error *err) {
    size_t min = 0;
    size_t max = 0;
    if (cli->command->actions && cli->argument_count) {
        enum status status = find_action(cli, err);
        if (status) {
            return status;
        }
    }
    count_limits(cli, &min, &max);
    if (cli->argument_count < min) {
        return arguments_fail_usage(cli, "Missing argument", err);
    }
    if (cli->argument_count > max) {
        const char *problem =
            arena_printf(cli->arena, "Unexpected argument \"%s\"", cli->arguments[max]);
        return problem ? arguments_fail_usage(cli, problem, err) : fail_no_memory(err);
    }
    for (size_t i = 0; i < cli->argument_count; i++) {
        if (!*cli->arguments[i]) {
            return arguments_fail_usage(cli, "An argument is empty", err);
        }
    }
    return check_values(cli, err);
}

// --help wins over every other fault, so that it can be added to a command line that does not work.
enum status arguments_parse(struct cli *cli, int argc, char **argv, struct error *err) {
    struct parser parser = {.cli = cli, .argc = argc, .argv = argv, .at = 1};
    parser.arguments = arena_array(cli->arena, (size_t)argc + 1, sizeof *parser.arguments);
    if (!parser.arguments) {
        return fail_no_memory(err);
    }
    cli->arguments = parser.arguments;
    while (parser.at < argc) {
        enum status status = take_word(&parser, argv[parser.at++], err);
        if (status) {
            return status;
        }
    }
    bool wants_help = cli->global.help || cli->global.version;
    return cli->command && !wants_help ? check_arguments(cli, err) : STATUS_OK;
}
