// SPDX-License-Identifier: MIT
// Letters in lower case, blanks as "-", "_" and "-" as they are, all other ASCII left out; other letters stay, as their
// case is not for us to know. A long heading gives a name of its beginning.
#include "registryd/readme/places.h"

#include <stdio.h>

// The length; not within a character.
static size_t make_name(struct text text, char name[PLACE_BYTES]) {
    size_t len = 0;
    text = text_trim(text);
    while (text.len) {
        const char *begin = text.ptr;
        utf8_next(&text);
        size_t size = (size_t)(text.ptr - begin);
        char c = *begin == ' ' ? '-' : to_lower(*begin);
        if (len + size >= PLACE_BYTES) {
            break;
        }
        if (size > 1) {
            memcpy(name + len, begin, size);
            len += size;
        } else if (is_alnum(c) || c == '-' || c == '_') {
            name[len++] = c;
        }
    }
    name[len] = '\0';
    return len;
}

struct text places_add(struct heading_places *places, struct text text,
                       char room[PLACE_BYTES + 16]) {
    if (places->count == PLACES_MAX) {
        return (struct text){0};
    }
    struct heading_place *place = &places->items[places->count];
    if (!make_name(text, place->name)) {
        return (struct text){0};
    }
    for (size_t i = 0; i < places->count; i++) {
        if (strcmp(places->items[i].name, place->name) == 0) {
            snprintf(room, PLACE_BYTES + 16, "%s-%u", place->name, ++places->items[i].repeated);
            return text_from(room);
        }
    }
    place->repeated = 0;
    places->count++;
    return text_from(place->name);
}
