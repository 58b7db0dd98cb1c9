// SPDX-License-Identifier: MIT
// What a text is, and who reads it. Anyone who may publish writes descriptions, and anyone may ask for their pages: so
// the length is bounded first, and what would cost cmark-gfm seconds is shown as it stands.
#include "registryd/readme/readme.h"

#include "registryd/readme/highlight.h"
#include "registryd/readme/markdown.h"
#include "registryd/readme/restructured.h"

static bool begins_nocase(struct text text, const char *word) {
    size_t len = strlen(word);
    return text.len >= len && text_equals_nocase((struct text){text.ptr, len}, word);
}

// The beginning that is shown: not ending within a character.
static struct text shown_of(struct text text) {
    size_t len = text.len < README_BYTES_MAX ? text.len : README_BYTES_MAX;
    while (len < text.len && len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80) {
        len--;
    }
    return (struct text){text.ptr, len};
}

void readme_add(struct markup *markup, struct text description, struct text content_type) {
    struct text text = shown_of(description);
    bool is_markdown = begins_nocase(content_type, "text/markdown");
    bool is_restructured = begins_nocase(content_type, "text/x-rst");
    if (!utf8_is_valid(text.ptr, text.len) || text_has_nul(text.ptr, text.len)) {
        return;
    }
    if (is_markdown && !markdown_is_costly(text)) {
        markdown_add(markup, text);
    } else if (is_restructured) {
        restructured_add(markup, text);
    } else {
        markup_note(markup, is_markdown ? MARKUP_IS_COSTLY : MARKUP_IS_PLAIN);
        markup_text(markup, text);
    }
    if (text.len < description.len) {
        markup_note(markup, MARKUP_IS_CUT);
    }
}

void readme_add_file(struct markup *markup, struct text path, struct text bytes) {
    struct text text = shown_of(bytes);
    if (!utf8_is_valid(text.ptr, text.len) || text_has_nul(text.ptr, text.len)) {
        markup_note(markup, MARKUP_IS_BINARY);
        return;
    }
    markup_open(markup, MARKUP_BLOCK);
    highlight_add(markup, language_of_file(path), text);
    markup_close(markup);
    if (text.len < bytes.len) {
        markup_note(markup, MARKUP_IS_CUT);
    }
}
