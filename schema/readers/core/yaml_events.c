// SPDX-License-Identifier: MIT
// The event loop over libyaml; the only file that sees it. Every limit is applied to the events as
// they come, so a hostile document costs no more than its first bytes: libyaml itself has none, and
// 100,000 brackets would keep it busy for a minute.
//
// What is refused, and why: anchors and aliases (nine lines of them expand to a billion nodes), tags (they name
// types of a language), merge keys and second documents (hosts read them in different ways), duplicate keys
// (YAML 1.2, section 3.2.1.3, forbids them; PyYAML takes the last).
#include "schema/readers/core/yaml_events.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"
#include "schema/readers/core/reader_add.h"
#include "schema/readers/core/yaml_scalar.h"

#include <string.h>
#include <yaml.h>

// ---- tabs ----

// Tabs where YAML hosts in Python take only spaces: libyaml lets them pass between tokens and inside plain
// scalars, PyYAML refuses the document. Fed with the marks of quoted and block scalars in the order of the
// document, in which tabs are text.
struct yaml_tabs {
    struct text bytes; // UTF-8
    size_t at;         // byte
    size_t index;      // character, as libyaml's marks count
    size_t line;       // from 1
    size_t tab_line;   // of the first tab found; 0 = none
};

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

static void step(struct yaml_tabs *tabs) {
    tabs->line += tabs->bytes.ptr[tabs->at] == '\n';
    tabs->at++;
    while (tabs->at < tabs->bytes.len && is_continuation(tabs->bytes.ptr[tabs->at])) {
        tabs->at++;
    }
    tabs->index++;
}

static bool begins_comment(const struct yaml_tabs *tabs) {
    return tabs->bytes.ptr[tabs->at] == '#' &&
           (tabs->at == 0 || is_space(tabs->bytes.ptr[tabs->at - 1]));
}

// Looks at the bytes up to a character; comments are passed over.
static void check_tabs_before(struct yaml_tabs *tabs, size_t end_index) {
    bool comment = false;
    while (tabs->at < tabs->bytes.len && tabs->index < end_index) {
        char c = tabs->bytes.ptr[tabs->at];
        comment = c != '\n' && (comment || begins_comment(tabs));
        if (c == '\t' && !comment && !tabs->tab_line) {
            tabs->tab_line = tabs->line;
        }
        step(tabs);
    }
}

// Passes over a scalar in which a tab is text.
static void skip_tabs_before(struct yaml_tabs *tabs, size_t end_index) {
    while (tabs->at < tabs->bytes.len && tabs->index < end_index) {
        step(tabs);
    }
}

// ---- events ----

struct parsing {
    struct arena *arena;
    const struct source_file *file;
    struct node *root;
    struct node *open; // the list or table being filled, NULL outside
    const char *key;   // read, its value is still to come
    size_t depth;      // open lists and mappings
    size_t events;     // so far; bounded
    size_t documents;  // a second one is refused
    struct yaml_tabs tabs;
    bool ended; // the parser has sent its last event
};

static size_t line_of(const yaml_event_t *event) {
    return event->start_mark.line + 1;
}

// Where the next value goes. NULL when out of memory.
static struct node *add_node(struct parsing *parsing, size_t line) {
    struct node *node = node_add(parsing->arena, parsing->open, parsing->key, line);
    parsing->key = NULL;
    if (node && !parsing->open) {
        parsing->root = node;
    }
    return node;
}

// Tabs are text in a quoted or block scalar, and a fault anywhere before it.
static enum status check_tabs(struct parsing *parsing, const yaml_event_t *event,
                              struct error *err) {
    struct yaml_tabs *tabs = &parsing->tabs;
    if (event->type == YAML_STREAM_END_EVENT) {
        check_tabs_before(tabs, SIZE_MAX);
    } else if (event->type == YAML_SCALAR_EVENT &&
               event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
        check_tabs_before(tabs, event->start_mark.index);
        skip_tabs_before(tabs, event->end_mark.index);
    }
    return tabs->tab_line
               ? reader_fail(
                     parsing->file, tabs->tab_line, err,
                     "Tabs are not allowed here, because Python hosts refuse them. Use spaces")
               : STATUS_OK;
}

static bool wants_key(const struct parsing *parsing) {
    return parsing->open && parsing->open->type == NODE_TABLE && !parsing->key;
}

// YAML allows a key twice and parsers then keep the first or the last; neither is safe to guess.
static enum status take_key(struct parsing *parsing, const char *text, size_t line,
                            struct error *err) {
    if (strcmp(text, "<<") == 0) {
        return reader_fail(parsing->file, line, err,
                           "Merge keys (<<) are not supported. Write the keys out");
    }
    if (node_find(parsing->open, text)) {
        return reader_fail(parsing->file, line, err, "Duplicate key \"%.100s\"", text);
    }
    parsing->key = text;
    return STATUS_OK;
}

// Only a plain scalar has a type: '1' in quotes is a string.
static enum status take_value(struct parsing *parsing, const yaml_event_t *event, const char *text,
                              struct error *err) {
    struct node *node = add_node(parsing, line_of(event));
    if (!node) {
        return fail_no_memory(err);
    }
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
        node->type = NODE_STRING;
        node->string = text;
        return STATUS_OK;
    }
    yaml_type_scalar(node, text);
    return STATUS_OK;
}

static enum status on_scalar(struct parsing *parsing, const yaml_event_t *event,
                             struct error *err) {
    const char *value = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    size_t line = line_of(event);
    if (event->data.scalar.anchor || event->data.scalar.tag) {
        return reader_fail(parsing->file, line, err, "Anchors (&) and tags (!) are not supported");
    }
    if (len > LIMIT_YAML_SCALAR_BYTES) {
        return reader_fail(parsing->file, line, err, "A string is longer than 8 KiB");
    }
    if (text_has_nul(value, len)) {
        return reader_fail(parsing->file, line, err, "A string contains a NUL character");
    }
    const char *text = arena_copy(parsing->arena, value, len);
    if (!text) {
        return fail_no_memory(err);
    }
    return wants_key(parsing) ? take_key(parsing, text, line, err)
                              : take_value(parsing, event, text, err);
}

// `open` is the list or mapping that the next value goes into; the end event closes it.
static enum status on_start(struct parsing *parsing, const yaml_event_t *event, bool marked,
                            struct error *err) {
    size_t line = line_of(event);
    if (marked) {
        return reader_fail(parsing->file, line, err, "Anchors (&) and tags (!) are not supported");
    }
    if (wants_key(parsing)) {
        return reader_fail(parsing->file, line, err, "A list or a mapping cannot be a key");
    }
    if (parsing->depth == LIMIT_YAML_DEPTH) {
        return reader_fail(parsing->file, line, err, "Lists and mappings are nested too deeply");
    }
    struct node *node = add_node(parsing, line);
    if (!node) {
        return fail_no_memory(err);
    }
    node->type = event->type == YAML_MAPPING_START_EVENT ? NODE_TABLE : NODE_LIST;
    parsing->open = node;
    parsing->depth++;
    return STATUS_OK;
}

static enum status on_document(struct parsing *parsing, const yaml_event_t *event,
                               struct error *err) {
    if (event->data.document_start.tag_directives.start !=
        event->data.document_start.tag_directives.end) {
        return reader_fail(parsing->file, line_of(event), err,
                           "Tag directives (%%TAG) are not supported");
    }
    if (parsing->documents++) {
        return reader_fail(parsing->file, line_of(event), err,
                           "The file contains a second document. Only one is allowed");
    }
    return STATUS_OK;
}

static enum status on_event(struct parsing *parsing, const yaml_event_t *event, struct error *err) {
    if (++parsing->events > LIMIT_YAML_EVENTS) {
        return reader_fail(parsing->file, line_of(event), err, "The document has too many parts");
    }
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(parsing, event, err);
    case YAML_ALIAS_EVENT:
        return reader_fail(parsing->file, line_of(event), err, "Aliases (*) are not supported");
    case YAML_SCALAR_EVENT:
        return on_scalar(parsing, event, err);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(parsing, event,
                        event->data.sequence_start.anchor || event->data.sequence_start.tag, err);
    case YAML_MAPPING_START_EVENT:
        return on_start(parsing, event,
                        event->data.mapping_start.anchor || event->data.mapping_start.tag, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        parsing->open = parsing->open->parent;
        parsing->depth--;
        return STATUS_OK;
    case YAML_STREAM_END_EVENT:
        parsing->ended = true;
        return STATUS_OK;
    default:
        return STATUS_OK;
    }
}

static enum status fail_parser(const struct parsing *parsing, const yaml_parser_t *parser,
                               struct error *err) {
    if (parser->error == YAML_MEMORY_ERROR) {
        return fail_no_memory(err);
    }
    bool within = parser->context && parser->error != YAML_READER_ERROR;
    return reader_fail(parsing->file, parser->problem_mark.line + 1, err, "Not YAML: %s%s%s",
                       parser->problem ? parser->problem : "unreadable", within ? ", " : "",
                       within ? parser->context : "");
}

static enum status take_event(struct parsing *parsing, const yaml_event_t *event,
                              struct error *err) {
    enum status status = on_event(parsing, event, err);
    return status ? status : check_tabs(parsing, event, err);
}

static enum status run(struct parsing *parsing, yaml_parser_t *parser, struct error *err) {
    enum status status = STATUS_OK;
    while (!status && !parsing->ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            return fail_parser(parsing, parser, err);
        }
        status = take_event(parsing, &event, err);
        yaml_event_delete(&event);
    }
    return status;
}

enum status yaml_parse_events(struct arena *arena, const struct source_file *file,
                              const struct node **ret_root, struct error *err) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        return fail_no_memory(err);
    }
    struct parsing parsing = {.arena = arena, .file = file};
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    size_t mark = file->len >= 3 && memcmp(file->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    parsing.tabs = (struct yaml_tabs){.bytes = {file->bytes + mark, file->len - mark}, .line = 1};
    yaml_parser_set_input_string(&parser, (const unsigned char *)parsing.tabs.bytes.ptr,
                                 parsing.tabs.bytes.len);
    enum status status = run(&parsing, &parser, err);
    yaml_parser_delete(&parser);
    if (status) {
        return status;
    }
    if (!parsing.root) {
        parsing.root = node_add(arena, NULL, NULL, 1);
    }
    if (!parsing.root) {
        return fail_no_memory(err);
    }
    *ret_root = parsing.root;
    return STATUS_OK;
}
