// SPDX-License-Identifier: MIT
// The list is flat: a command is its kind, its detail, the length of its text in four bytes, and the text. The reader
// believes nothing: an unknown word, a text that is too long or no UTF-8 ends the list.
#include "registryd/readme/markup.h"

enum { HEAD_BYTES = 6 };

void markup_init(struct markup *markup, size_t max_bytes) {
    *markup = (struct markup){0};
    buffer_init(&markup->out, max_bytes);
}

void markup_done(struct markup *markup) {
    buffer_done(&markup->out);
}

static void add(struct markup *markup, enum markup_kind kind, unsigned what, struct text text) {
    const unsigned char head[HEAD_BYTES] = {(unsigned char)kind,
                                            (unsigned char)what,
                                            (unsigned char)(text.len & 0xff),
                                            (unsigned char)(text.len >> 8 & 0xff),
                                            (unsigned char)(text.len >> 16 & 0xff),
                                            (unsigned char)(text.len >> 24 & 0xff)};
    buffer_add(&markup->out, head, sizeof head);
    buffer_add(&markup->out, text.ptr, text.len);
}

void markup_open(struct markup *markup, enum markup_element element) {
    if (markup->skipped || markup->depth >= MARKUP_DEPTH_MAX) {
        markup->skipped++;
        return;
    }
    markup->depth++;
    add(markup, MARKUP_OPEN, element, (struct text){0});
}

void markup_close(struct markup *markup) {
    if (markup->skipped) {
        markup->skipped--;
    } else if (markup->depth) {
        markup->depth--;
        add(markup, MARKUP_CLOSE, 0, (struct text){0});
    }
}

void markup_text(struct markup *markup, struct text text) {
    if (text.len) {
        add(markup, MARKUP_TEXT, 0, text);
    }
}

void markup_element(struct markup *markup, enum markup_element element, struct text text) {
    markup_open(markup, element);
    markup_text(markup, text);
    markup_close(markup);
}

void markup_attribute(struct markup *markup, enum markup_attribute attribute, struct text value) {
    if (!markup->skipped) {
        add(markup, MARKUP_ATTRIBUTE, attribute, value);
    }
}

void markup_note(struct markup *markup, enum markup_note note) {
    add(markup, MARKUP_NOTE, note, (struct text){0});
}

static bool is_command(const struct markup_command *command) {
    static const unsigned bounds[MARKUP_KINDS] = {[MARKUP_OPEN] = MARKUP_ELEMENTS,
                                                  [MARKUP_CLOSE] = 1,
                                                  [MARKUP_TEXT] = 1,
                                                  [MARKUP_ATTRIBUTE] = MARKUP_ATTRIBUTES,
                                                  [MARKUP_NOTE] = MARKUP_NOTES};
    return command->what < bounds[command->kind] &&
           utf8_is_valid(command->text.ptr, command->text.len) &&
           !text_has_nul(command->text.ptr, command->text.len);
}

bool markup_next(struct text *rest, struct markup_command *ret_command) {
    const unsigned char *head = (const unsigned char *)rest->ptr;
    if (rest->len < HEAD_BYTES || head[0] >= MARKUP_KINDS) {
        return false;
    }
    size_t len = head[2] | (size_t)head[3] << 8 | (size_t)head[4] << 16 | (size_t)head[5] << 24;
    struct markup_command command = {
        .kind = head[0], .what = head[1], .text = {rest->ptr + HEAD_BYTES, len}};
    if (len > rest->len - HEAD_BYTES || !is_command(&command)) {
        return false;
    }
    *rest = (struct text){rest->ptr + HEAD_BYTES + len, rest->len - HEAD_BYTES - len};
    *ret_command = command;
    return true;
}
