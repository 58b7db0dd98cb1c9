// SPDX-License-Identifier: MIT
// The parser of arguments.h, driven by the option rows alone.
#include "client/cli/console/arguments.h"

#include "schema/base/text.h"

#include <stdint.h>
#include <string.h>

struct parser {
    struct cli *cli;
    int argc;
    char **argv;
    int at;
    const char **arguments;
    bool options_ended;
};

// How many letters one has to change, add or drop to get from a to b; at most `bound`.
size_t arguments_distance(const char *a, const char *b, size_t bound) {
    if (!*a || !*b) {
        size_t rest = strlen(a) + strlen(b);
        return rest < bound ? rest : bound;
    }
    if (*a == *b) {
        return arguments_distance(a + 1, b + 1, bound);
    }
    if (!bound) {
        return 0;
    }
    size_t best = arguments_distance(a + 1, b + 1, bound - 1);
    size_t added = arguments_distance(a, b + 1, bound - 1);
    size_t dropped = arguments_distance(a + 1, b, bound - 1);
    best = added < best ? added : best;
    return 1 + (dropped < best ? dropped : best);
}

static bool is_near(const char *word, const char *known) {
    enum { NEAR = 3 };
    return arguments_distance(word, known, NEAR) < NEAR;
}

static const char *near_command(const char *word) {
    for (size_t i = 0; command_at(i); i++) {
        if (is_near(word, command_at(i)->name)) {
            return command_at(i)->name;
        }
    }
    return NULL;
}

// The row at a running index over the command's own options, then the global ones.
static const struct option_row *option_at(const struct cli *cli, size_t index) {
    size_t own = cli->command ? cli->command->option_count : 0;
    return index < own ? &cli->command->options[index] : command_global_option(index - own);
}

static const struct option_row *find_option(const struct cli *cli, struct text name) {
    for (size_t i = 0; option_at(cli, i); i++) {
        if (text_equals(name, option_at(cli, i)->name)) {
            return option_at(cli, i);
        }
    }
    return NULL;
}

static enum status fail_unknown_option(const struct cli *cli, const char *word, struct error *err) {
    const char *command = cli->command ? cli->command->name : "";
    for (size_t i = 0; option_at(cli, i); i++) {
        if (is_near(word, option_at(cli, i)->name)) {
            return fail(err, STATUS_USAGE, NULL, "There is no option %s; did you mean %s?", word,
                        option_at(cli, i)->name);
        }
    }
    return fail(err, STATUS_USAGE, NULL, "There is no option %s; see registryctl %s%s--help", word,
                command, *command ? " " : "");
}

// One more of an option that may be given several times. Room for every word there is.
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

static enum status take_option(struct parser *parser, const char *word, struct error *err) {
    struct cli *cli = parser->cli;
    const char *equals = strchr(word, '=');
    struct text name = {word, equals ? (size_t)(equals - word) : strlen(word)};
    const struct option_row *row =
        find_option(cli, strcmp(word, "-h") == 0 ? text_from("--help") : name);
    if (!row) {
        return fail_unknown_option(cli, word, err);
    }
    char *member = (char *)&cli->options + row->offset;
    if (!row->argument) {
        *(bool *)member = true;
        return equals ? fail(err, STATUS_USAGE, NULL, "%s takes no value", row->name) : STATUS_OK;
    }
    const char *value = equals ? equals + 1 : NULL;
    if (!equals && parser->at < parser->argc) {
        value = parser->argv[parser->at++];
    }
    if (!value || !*value) {
        return fail(err, STATUS_USAGE, NULL, "%s needs a value: %s %s", row->name, row->name,
                    row->argument);
    }
    if (row->repeats) {
        return add_word(parser, (struct words *)member, value) ? STATUS_OK : fail_no_memory(err);
    }
    *(const char **)member = value;
    return STATUS_OK;
}

static enum status take_command(struct parser *parser, const char *word, struct error *err) {
    parser->cli->command = command_find(word);
    if (parser->cli->command) {
        return STATUS_OK;
    }
    const char *near = near_command(word);
    return near ? fail(err, STATUS_USAGE, NULL, "There is no command \"%s\"; did you mean %s?",
                       word, near)
                : fail(err, STATUS_USAGE, NULL,
                       "There is no command \"%s\"; registryctl --help lists them", word);
}

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

static enum status check_count(const struct cli *cli, struct error *err) {
    const struct command *command = cli->command;
    bool any_number = command->min_arguments && !command->max_arguments;
    if (cli->argument_count < command->min_arguments) {
        return fail(err, STATUS_USAGE, NULL, "Something is missing: registryctl %s %s",
                    command->name, command->arguments);
    }
    if (!any_number && cli->argument_count > command->max_arguments) {
        return fail(err, STATUS_USAGE, NULL, "\"%s\" is one word too many: registryctl %s%s%s",
                    cli->arguments[command->max_arguments], command->name,
                    *command->arguments ? " " : "", command->arguments);
    }
    for (size_t i = 0; i < cli->argument_count; i++) {
        if (!*cli->arguments[i]) {
            return fail(err, STATUS_USAGE, NULL, "An argument is empty: registryctl %s %s",
                        command->name, command->arguments);
        }
    }
    return STATUS_OK;
}

enum status arguments_parse(struct cli *cli, int argc, char **argv, struct error *err) {
    struct parser parser = {.cli = cli, .argc = argc, .argv = argv, .at = 1};
    parser.arguments = arena_array(cli->arena, (size_t)argc + 1, sizeof *parser.arguments);
    if (!parser.arguments) {
        return fail_no_memory(err);
    }
    cli->arguments = parser.arguments;
    while (parser.at < argc) {
        enum status failed = take_word(&parser, argv[parser.at++], err);
        if (failed) {
            return failed;
        }
    }
    bool wants_help = cli->options.help || cli->options.version;
    return cli->command && !wants_help ? check_count(cli, err) : STATUS_OK;
}
