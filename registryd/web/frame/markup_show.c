// SPDX-License-Identifier: MIT
// One table says what each element is in HTML. The writer keeps a stack of what the list has open, so that the page is
// whole wherever the list ends: at its end, at nonsense, or at the limit of the page.
#include "registryd/web/frame/markup_show.h"

#include "registryd/readme/markup.h"
#include "schema/base/list.h"

#include <stdlib.h>

enum { DEPTH_MAX = HTML_DEPTH_MAX - 12 };

// An element, and one around it.
static const struct shown {
    const char *outer;
    const char *element;
} elements[MARKUP_ELEMENTS] = {
    [MARKUP_PARAGRAPH] = {.element = "p"},
    [MARKUP_HEADING_1] = {.element = "h3"},
    [MARKUP_HEADING_2] = {.element = "h4"},
    [MARKUP_HEADING_3] = {.element = "h5"},
    [MARKUP_HEADING_4] = {.element = "h6"},
    [MARKUP_QUOTE] = {.element = "blockquote"},
    [MARKUP_LIST] = {.element = "ul"},
    [MARKUP_NUMBERS] = {.element = "ol"},
    [MARKUP_ITEM] = {.element = "li"},
    [MARKUP_BLOCK] = {.outer = "pre", .element = "code"},
    [MARKUP_CODE] = {.element = "code"},
    [MARKUP_EMPHASIS] = {.element = "em"},
    [MARKUP_STRONG] = {.element = "strong"},
    [MARKUP_DELETED] = {.element = "del"},
    [MARKUP_RAISED] = {.element = "sup"},
    [MARKUP_LOWERED] = {.element = "sub"},
    [MARKUP_KEY] = {.element = "kbd"},
    [MARKUP_BREAK] = {.element = "br"},
    [MARKUP_RULE] = {.element = "hr"},
    [MARKUP_TABLE] = {.outer = "div.scroll", .element = "table"},
    [MARKUP_ROW] = {.element = "tr"},
    [MARKUP_HEAD_CELL] = {.element = "th"},
    [MARKUP_CELL] = {.element = "td"},
    [MARKUP_FOOTNOTES] = {.outer = "div.footnotes", .element = "ol"},
    [MARKUP_COMMENT] = {.element = "span.hl-comment"},
    [MARKUP_KEYWORD] = {.element = "span.hl-keyword"},
    [MARKUP_STRING] = {.element = "span.hl-string"},
    [MARKUP_NUMBER] = {.element = "span.hl-number"},
    [MARKUP_NAME] = {.element = "span.hl-name"},
    [MARKUP_ADDED] = {.element = "span.hl-added"},
    [MARKUP_REMOVED] = {.element = "span.hl-removed"},
};

struct showing {
    struct html *html;
    const struct image_hosts *hosts;
    struct text rest;
    size_t limit; // of the page's bytes
    unsigned char open[DEPTH_MAX];
    size_t depth;
    size_t links;       // open ones: a link in a link is none
    bool takes;         // the command before opened an element that takes an attribute
    const char *place;  // of the open heading
    bool is_image;      // texts are the description of a picture
    const char *source; // of the picture
    struct buffer description;
    bool is_cut;
};

static const char *copy(const struct showing *showing, struct text text) {
    const char *string = arena_copy(showing->html->arena, text.ptr, text.len);
    return string ? string : "";
}

static bool is_heading(unsigned element) {
    return element >= MARKUP_HEADING_1 && element <= MARKUP_HEADING_4;
}

static bool is_void(unsigned element) {
    return element == MARKUP_BREAK || element == MARKUP_RULE;
}

static bool next_is(const struct showing *showing, enum markup_kind kind,
                    struct markup_command *ret_next) {
    struct text rest = showing->rest;
    return markup_next(&rest, ret_next) && ret_next->kind == kind;
}

// "readme-" keeps names apart from those of the page.
static const char *name_place(const struct showing *showing, const char *prefix, struct text name) {
    return arena_printf(showing->html->arena, "%sreadme-%s", prefix, copy(showing, name));
}

// ---- links and pictures ----

// The attribute that follows is taken here, because it decides what the element is.
static void open_link(struct showing *showing) {
    struct html *html = showing->html;
    struct markup_command next;
    bool has_attribute = next_is(showing, MARKUP_ATTRIBUTE, &next);
    const char *address = has_attribute ? copy(showing, next.text) : NULL;
    bool is_anchor = has_attribute && next.what == MARKUP_ANCHOR;
    bool is_link = !showing->links && address &&
                   (is_anchor || (next.what == MARKUP_ADDRESS && html_may_link(address)));
    if (has_attribute) {
        markup_next(&showing->rest, &next);
    }
    html_open(html, is_link ? "a" : "span");
    if (is_link && is_anchor) {
        html_attribute(html, "href", name_place(showing, "#", next.text));
    } else if (is_link) {
        html_attribute(html, "href", address);
        html_attribute(html, "rel", "nofollow noopener noreferrer ugc");
    }
    showing->links++;
    if (next_is(showing, MARKUP_CLOSE, &next)) {
        html_text(html, address); // a link without a text
    }
}

// Whether the picture's host is one of the setting's: the whole host, over https.
static bool may_show(const struct image_hosts *hosts, const char *address) {
    static const char scheme[] = "https://";
    struct text rest = text_from(hosts ? hosts->list : NULL);
    struct text host;
    if (!html_may_link(address) || strncmp(address, scheme, sizeof scheme - 1) != 0) {
        return false;
    }
    const char *begin = address + sizeof scheme - 1;
    const struct text wanted = {begin, strcspn(begin, "/?#")};
    while (text_split(&rest, ',', &host)) {
        struct text trimmed = text_trim(host);
        if (trimmed.len == wanted.len && memcmp(trimmed.ptr, wanted.ptr, wanted.len) == 0) {
            return true;
        }
    }
    return false;
}

static void begin_image(struct showing *showing) {
    struct markup_command next;
    showing->is_image = true;
    showing->source = NULL;
    if (next_is(showing, MARKUP_ATTRIBUTE, &next)) {
        showing->source = next.what == MARKUP_ADDRESS ? copy(showing, next.text) : NULL;
        markup_next(&showing->rest, &next);
    }
    buffer_init(&showing->description, MARKUP_SHOWN_BYTES);
}

static void end_image(struct showing *showing) {
    struct html *html = showing->html;
    const char *text = showing->description.ptr ? showing->description.ptr : "picture";
    if (may_show(showing->hosts, showing->source)) {
        html_open(html, "img");
        html_attribute(html, "src", showing->source);
        html_attribute(html, "alt", text);
        html_attribute(html, "loading", "lazy");
        html_attribute(html, "referrerpolicy", "no-referrer");
        html_close(html);
    } else if (showing->links) {
        html_text(html, text);
    } else {
        html_link_out(html, showing->source, text);
    }
    buffer_done(&showing->description);
    showing->is_image = false;
}

// ---- elements ----

static void open_element(struct showing *showing, unsigned element) {
    struct html *html = showing->html;
    const struct shown *shown = &elements[element];
    if (element == MARKUP_LINK) {
        open_link(showing);
    } else if (element == MARKUP_IMAGE) {
        begin_image(showing);
    } else if (is_void(element)) {
        html_element(html, shown->element, NULL);
    } else {
        if (shown->outer) {
            html_open(html, shown->outer);
            html_attribute(html, "tabindex", element == MARKUP_FOOTNOTES ? NULL : "0");
        }
        html_open(html, shown->element);
        showing->takes = true;
    }
}

static void close_element(struct showing *showing, unsigned element) {
    struct html *html = showing->html;
    if (element == MARKUP_IMAGE) {
        end_image(showing);
        return;
    }
    if (is_heading(element) && showing->place) {
        html_open(html, "a.anchor");
        html_attribute(html, "href", showing->place);
        html_attribute(html, "aria-label", "Link to this heading");
        html_text(html, "#");
        html_close(html);
        showing->place = NULL;
    }
    showing->links -= element == MARKUP_LINK;
    if (!is_void(element)) {
        html_close(html);
    }
    if (elements[element].outer) {
        html_close(html);
    }
}

static void add_attribute(struct showing *showing, const struct markup_command *command) {
    struct html *html = showing->html;
    long start = command->what == MARKUP_START ? strtol(copy(showing, command->text), NULL, 10) : 0;
    switch ((enum markup_attribute)command->what) {
    case MARKUP_PLACE:
        html_attribute(html, "id", name_place(showing, "", command->text));
        showing->place = is_heading(showing->open[showing->depth - 1])
                             ? name_place(showing, "#", command->text)
                             : NULL;
        break;
    case MARKUP_RIGHT:
    case MARKUP_CENTER:
        html_attribute(html, "class", command->what == MARKUP_RIGHT ? "right" : "center");
        break;
    case MARKUP_START:
        html_attribute(html, "start", arena_printf(html->arena, "%ld", start));
        break;
    default:
        break;
    }
}

// A heading without a text would be a place that readers of screens stop at for nothing.
static bool is_empty_heading(struct showing *showing, unsigned element) {
    struct markup_command next;
    if (!is_heading(element) || !next_is(showing, MARKUP_CLOSE, &next)) {
        return false;
    }
    markup_next(&showing->rest, &next);
    return true;
}

// False when the list ends here: it opens too much, or closes what is not open.
static bool show_command(struct showing *showing, const struct markup_command *command) {
    bool takes = showing->takes;
    bool is_inside_image = showing->is_image && command->kind != MARKUP_CLOSE;
    showing->takes = false;
    if (is_inside_image && command->kind != MARKUP_TEXT) {
        return false;
    }
    switch (command->kind) {
    case MARKUP_OPEN:
        if (is_empty_heading(showing, command->what)) {
            return true;
        }
        if (showing->depth == DEPTH_MAX || showing->html->depth + 3 >= HTML_DEPTH_MAX) {
            return false;
        }
        showing->open[showing->depth++] = (unsigned char)command->what;
        open_element(showing, command->what);
        return true;
    case MARKUP_CLOSE:
        if (!showing->depth) {
            return false;
        }
        close_element(showing, showing->open[--showing->depth]);
        return true;
    case MARKUP_TEXT:
        if (showing->is_image) {
            buffer_add(&showing->description, command->text.ptr, command->text.len);
        } else {
            html_text_of(showing->html, command->text);
        }
        return true;
    case MARKUP_ATTRIBUTE:
        if (takes) {
            add_attribute(showing, command);
        }
        return true;
    default:
        return true;
    }
}

static void add_notes(struct html *html, unsigned notes) {
    static const char *const texts[MARKUP_NOTES] = {
        [MARKUP_IS_COSTLY] = "The description is shown as plain text because formatting it would "
                             "take too long.",
        [MARKUP_IS_CUT] = "The text is cut here. The file or the release document has all of it.",
        [MARKUP_IS_BINARY] = "This file is not text. Download the archive to look at it.",
    };
    for (unsigned i = 0; i < MARKUP_NOTES; i++) {
        if (notes & 1U << i && texts[i]) {
            html_element(html, "p.dim", texts[i]);
        }
    }
}

// How many bytes of `text` become at most `room` bytes of HTML; not ending within a character.
static size_t fitting_length(struct text text, size_t room) {
    enum { ESCAPED_BYTES = 6 }; // "&quot;"
    size_t used = 0;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (((unsigned char)text.ptr[i] & 0xc0) != 0x80) {
            len = i;
        }
        used += strchr("<>&\"'`", text.ptr[i]) || is_control(text.ptr[i]) ? ESCAPED_BYTES : 1;
        if (used > room) {
            return len;
        }
    }
    return text.len;
}

// A single text may be longer than what is left of the page.
static bool fits(struct showing *showing, struct markup_command *command) {
    size_t len = showing->html->out.len;
    size_t room = len < showing->limit ? showing->limit - len : 0;
    size_t fitting = fitting_length(command->text, room);
    showing->is_cut = showing->is_cut || fitting < command->text.len;
    command->text.len = fitting;
    return fitting;
}

static unsigned show_all(struct showing *showing) {
    struct markup_command command;
    unsigned notes = 0;
    while (markup_next(&showing->rest, &command)) {
        if (command.kind == MARKUP_NOTE) {
            notes |= 1U << command.what;
        } else if (command.kind == MARKUP_TEXT && !fits(showing, &command)) {
            break;
        } else if (showing->html->out.len > showing->limit || !show_command(showing, &command)) {
            showing->is_cut = true;
            break;
        }
    }
    while (showing->depth) {
        close_element(showing, showing->open[--showing->depth]);
    }
    return notes | (showing->is_cut || showing->rest.len ? 1U << MARKUP_IS_CUT : 0);
}

static bool begins_plain(struct text list) {
    struct markup_command first;
    return markup_next(&list, &first) && first.kind == MARKUP_NOTE &&
           (first.what == MARKUP_IS_PLAIN || first.what == MARKUP_IS_COSTLY);
}

void markup_show(struct html *html, struct text list, const struct image_hosts *hosts) {
    struct showing showing = {
        .html = html, .hosts = hosts, .rest = list, .limit = html->out.len + MARKUP_SHOWN_BYTES};
    html_open(html, begins_plain(list) ? "div.readme.plain" : "div.readme");
    unsigned notes = show_all(&showing);
    html_close(html);
    add_notes(html, notes);
}
