// SPDX-License-Identifier: MIT
// What a text from a stranger becomes before it is a page: a list of commands out of closed lists. "Open a paragraph,
// text, close" is all that a list can say; it holds no HTML. The confined helper writes it and the daemon reads it,
// so a helper that was taken over can make an ugly page and nothing else.
#pragma once

#include "schema/base/text.h"

enum { MARKUP_BYTES_MAX = 1024 * 1024, MARKUP_DEPTH_MAX = 40 };

enum markup_kind {
    MARKUP_OPEN,      // an element, `what` is an enum markup_element
    MARKUP_CLOSE,     // the innermost one
    MARKUP_TEXT,      // in the innermost one
    MARKUP_ATTRIBUTE, // of the element just opened, `what` is an enum markup_attribute
    MARKUP_NOTE,      // `what` is an enum markup_note
    MARKUP_KINDS,
};

enum markup_element {
    MARKUP_PARAGRAPH,
    MARKUP_HEADING_1,
    MARKUP_HEADING_2,
    MARKUP_HEADING_3,
    MARKUP_HEADING_4,
    MARKUP_QUOTE,
    MARKUP_LIST,
    MARKUP_NUMBERS,
    MARKUP_ITEM,
    MARKUP_BLOCK, // code, with its own line ends
    MARKUP_CODE,
    MARKUP_EMPHASIS,
    MARKUP_STRONG,
    MARKUP_DELETED,
    MARKUP_RAISED,
    MARKUP_LOWERED,
    MARKUP_KEY,
    MARKUP_LINK,  // with an address or an anchor
    MARKUP_IMAGE, // with an address; its text is what it shows
    MARKUP_BREAK,
    MARKUP_RULE,
    MARKUP_TABLE,
    MARKUP_ROW,
    MARKUP_HEAD_CELL,
    MARKUP_CELL,
    MARKUP_FOOTNOTES,
    // Pieces of highlighted code.
    MARKUP_COMMENT,
    MARKUP_KEYWORD,
    MARKUP_STRING,
    MARKUP_NUMBER,
    MARKUP_NAME,
    MARKUP_ADDED,
    MARKUP_REMOVED,
    MARKUP_ELEMENTS,
};

enum markup_attribute {
    MARKUP_ADDRESS, // of a link or an image, as the author wrote it
    MARKUP_ANCHOR,  // a link to this place in the same text
    MARKUP_PLACE,   // the name of this place
    MARKUP_RIGHT,   // how a cell is aligned
    MARKUP_CENTER,
    MARKUP_START, // the first number of a list
    MARKUP_ATTRIBUTES,
};

enum markup_note {
    MARKUP_IS_PLAIN,  // the text is shown as it stands: it has no format
    MARKUP_IS_COSTLY, // likewise, because formatting takes too long
    MARKUP_IS_CUT,    // the text is longer than what is shown
    MARKUP_IS_BINARY, // the bytes are no text
    MARKUP_NOTES,
};

// ---- writing

struct markup {
    struct buffer out;
    size_t depth;   // open elements
    size_t skipped; // containers too deep to be opened; their text stays
};

void markup_init(struct markup *markup, size_t max_bytes);
void markup_done(struct markup *markup);
void markup_open(struct markup *markup, enum markup_element element);
void markup_close(struct markup *markup); // what markup_open opened, also when it was too deep
void markup_text(struct markup *markup, struct text text);
void markup_element(struct markup *markup, enum markup_element element, struct text text);
// Directly after markup_open.
void markup_attribute(struct markup *markup, enum markup_attribute attribute, struct text value);
void markup_note(struct markup *markup, enum markup_note note);

// ---- reading

struct markup_command {
    enum markup_kind kind;
    unsigned what;
    struct text text; // borrowed from the list; UTF-8
};

// The next command; moves *rest behind it. False at the end, and at what is no command: then rest->len is not 0.
bool markup_next(struct text *rest, struct markup_command *ret_command);
