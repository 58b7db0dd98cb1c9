// SPDX-License-Identifier: MIT
// Each offer gets the weight of the most exact range that covers it, as the RFC wants: "text/*;q=0.5,
// text/html;q=0" takes text/plain and refuses text/html. A member that cannot be read is skipped, because a
// client that sends one still wants an answer.
#include "registryd/request/accept.h"

#include "schema/base/text.h"

enum { WEIGHT_MAX = 1000 };

enum exactness { COVERS_NOT, COVERS_ALL, COVERS_KIND, COVERS_TYPE };

struct media_range {
    struct text type;
    int weight; // in thousandths
};

// "1", "0.5", "0.250": at most three decimals. -1 for anything else.
static int parse_weight(struct text text) {
    bool is_short = text.len == 1 || (text.len >= 2 && text.len <= 5 && text.ptr[1] == '.');
    if (!is_short || (text.ptr[0] != '0' && text.ptr[0] != '1')) {
        return -1;
    }
    int weight = (text.ptr[0] - '0') * WEIGHT_MAX;
    int unit = WEIGHT_MAX / 10;
    for (size_t i = 2; i < text.len; i++, unit /= 10) {
        if (!is_digit(text.ptr[i])) {
            return -1;
        }
        weight += (text.ptr[i] - '0') * unit;
    }
    return weight <= WEIGHT_MAX ? weight : -1;
}

// Parameters other than the weight narrow a range to what no offer has; they are ignored, as most servers do.
static bool parse_range(struct text member, struct media_range *ret_range) {
    struct text rest = member;
    struct text piece;
    *ret_range = (struct media_range){.weight = WEIGHT_MAX};
    if (!text_split(&rest, ';', &piece)) {
        return false;
    }
    ret_range->type = text_trim(piece);
    while (text_split(&rest, ';', &piece)) {
        struct text parameter = text_trim(piece);
        bool is_weight =
            parameter.len > 2 && to_lower(parameter.ptr[0]) == 'q' && parameter.ptr[1] == '=';
        if (is_weight) {
            ret_range->weight = parse_weight((struct text){parameter.ptr + 2, parameter.len - 2});
        }
    }
    return ret_range->type.len > 0 && ret_range->weight >= 0;
}

static enum exactness covers(struct text range, const struct accept_offer *offer) {
    size_t kind = strcspn(offer->type, "/") + 1; // with the slash
    if (text_equals_nocase(range, offer->type)) {
        return COVERS_TYPE;
    }
    if (text_equals(range, "*/*") || text_equals(range, "*")) {
        return offer->is_fallback ? COVERS_ALL : COVERS_NOT;
    }
    bool is_kind = range.len == kind + 1 && range.ptr[kind] == '*' &&
                   memcmp(range.ptr, offer->type, kind) == 0;
    return is_kind ? COVERS_KIND : COVERS_NOT;
}

// The weight of an offer, and how exactly it is named.
static int weigh(const char *accept, const struct accept_offer *offer,
                 enum exactness *ret_exactness) {
    struct text rest = text_from(accept);
    struct text member;
    struct media_range range;
    int weight = 0;
    *ret_exactness = COVERS_NOT;
    while (text_split(&rest, ',', &member)) {
        enum exactness exactness =
            parse_range(member, &range) ? covers(range.type, offer) : COVERS_NOT;
        // Of two equally exact ranges the first counts.
        if (exactness > *ret_exactness) {
            *ret_exactness = exactness;
            weight = range.weight;
        }
    }
    return weight;
}

static bool is_blank(const char *accept) {
    return !accept || !text_trim(text_from(accept)).len;
}

int accept_choose(const char *accept, const struct accept_offer *offers, size_t count) {
    int chosen = ACCEPT_NONE;
    int best = 0;
    enum exactness best_exactness = COVERS_NOT;
    for (size_t i = 0; i < count; i++) {
        enum exactness exactness;
        int weight = weigh(is_blank(accept) ? "*/*" : accept, &offers[i], &exactness);
        if (weight > best || (weight && weight == best && exactness > best_exactness)) {
            chosen = (int)i;
            best = weight;
            best_exactness = exactness;
        }
    }
    return chosen;
}
