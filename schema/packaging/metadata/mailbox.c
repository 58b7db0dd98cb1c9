// SPDX-License-Identifier: MIT
// A list is cut at its commas first and decoded afterwards, so that a comma in an encoded word is a part
// of the name: "=?utf-8?q?M=C3=BCller=2C_Ann?= <ann@example.org>" is one person. Some tools encode the
// whole mailbox, address and all; such a piece is decoded and read once more. Everything else that is
// not an address is refused: "Example, Inc. <mail@example.org>" is not somebody with the address
// "Example".
#include "schema/packaging/metadata/mailbox.h"

#include "schema/base/limits.h"
#include "schema/base/quote.h"
#include "schema/packaging/shown_text.h"

#include <string.h>

enum { EMAIL_MAX_BYTES = 254, LOCAL_MAX_BYTES = 64 }; // RFC 5321

// ---- one address ----

static bool is_word_byte(char c, const char *others) {
    return is_alnum(c) || (unsigned char)c >= 0x80 || (c && strchr(others, c));
}

// Words joined by single dots; `others` are the bytes a word may hold besides letters and digits.
// Letters beyond ASCII are allowed in both halves (RFC 6531).
static bool is_dotted(struct text text, const char *others, bool is_domain) {
    struct text word;
    if (!text.len) {
        return false;
    }
    while (text_split(&text, '.', &word)) {
        bool good =
            word.len > 0 && (!is_domain || (word.ptr[0] != '-' && word.ptr[word.len - 1] != '-'));
        for (size_t i = 0; good && i < word.len; i++) {
            good = is_word_byte(word.ptr[i], others);
        }
        if (!good) {
            return false;
        }
    }
    return true;
}

// The last '@' divides; an earlier one is refused with the local part, which may not hold it.
enum status email_check(struct text text, struct error *err) {
    const char *at = text.len ? memrchr(text.ptr, '@', text.len) : NULL;
    struct text local = {text.ptr, at ? (size_t)(at - text.ptr) : 0};
    struct text domain = {at ? at + 1 : text.ptr, at ? text.len - local.len - 1 : 0};
    bool good = at && text.len <= EMAIL_MAX_BYTES && local.len <= LOCAL_MAX_BYTES &&
                is_dotted(local, "!#$%&'*+-/=?^_`{|}~", false) && is_dotted(domain, "-_", true) &&
                utf8_is_valid(text.ptr, text.len) && shown_name_find_fault(text) == SHOWN_GOOD;
    return good ? STATUS_OK
                : fail(err, STATUS_INVALID, NULL,
                       "%s is not an email address, such as user@example.org",
                       quote_text(text).text);
}

// ---- encoded words ----

static int digit_value(char c, const char *digits) {
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

// Four letters make three bytes; other characters are passed over, as RFC 2045 wants it.
static size_t decode_base64(struct text text, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    unsigned bit_count = 0;
    size_t len = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        int value = digit_value(text.ptr[i], digits);
        if (value < 0) {
            continue;
        }
        bits = (bits << 6 | (unsigned)value) & 0xffffU;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out[len++] = (char)(bits >> bit_count & 0xffU);
        }
    }
    return len;
}

static int hex_value(char c) {
    return digit_value(is_lower(c) ? (char)(c - 'a' + 'A') : c, "0123456789ABCDEF");
}

// "M=C3=BCller_Ann": two hexadecimal digits after '=', '_' for a blank (RFC 2047).
static size_t decode_quoted(struct text text, char *out) {
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool escaped = c == '=' && text.len - i > 2;
        int high = escaped ? hex_value(text.ptr[i + 1]) : -1;
        int low = escaped ? hex_value(text.ptr[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            out[len++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[len++] = c == '_' ? ' ' : c;
        }
    }
    return len;
}

// "=?utf-8?q?M=C3=BCller?=": character set, encoding, text. A language may follow the set: utf-8*de.
struct encoded_word {
    struct text charset; // "utf-8"
    struct text body;    // still encoded
    bool is_base64;      // "b"; else "q"
    size_t len;          // of the whole
};

// "=?utf-8?b?…?=" at the beginning of the text.
static bool read_encoded_word(struct text text, struct encoded_word *ret_word) {
    if (text.len < 2 || memcmp(text.ptr, "=?", 2) != 0) {
        return false;
    }
    struct text rest = {text.ptr + 2, text.len - 2};
    struct text encoding;
    struct text language;
    if (!text_split(&rest, '?', &ret_word->charset) || !text_split(&rest, '?', &encoding) ||
        !text_split(&rest, '?', &ret_word->body) || !rest.ptr || !rest.len || rest.ptr[0] != '=') {
        return false;
    }
    language = ret_word->charset;
    text_split(&language, '*', &ret_word->charset);
    ret_word->is_base64 = text_equals_nocase(encoding, "b");
    ret_word->len = (size_t)(rest.ptr + 1 - text.ptr);
    return ret_word->is_base64 || text_equals_nocase(encoding, "q");
}

// Latin-1 as UTF-8, in place; `out` has room for twice the length.
static size_t widen(char *out, size_t len) {
    size_t more = 0;
    for (size_t i = 0; i < len; i++) {
        more += (unsigned char)out[i] >= 0x80;
    }
    for (size_t i = len, to = len + more; i > 0; i--) {
        unsigned char c = (unsigned char)out[i - 1];
        if (c >= 0x80) {
            out[--to] = (char)(0x80 | (c & 0x3f));
            out[--to] = (char)(0xc0 | c >> 6);
        } else {
            out[--to] = (char)c;
        }
    }
    return len + more;
}

// Appends what the word stands for; false when its character set is not known.
static bool append_decoded(const struct encoded_word *word, char *out, size_t *len) {
    size_t added = word->is_base64 ? decode_base64(word->body, out + *len)
                                   : decode_quoted(word->body, out + *len);
    bool is_latin = text_equals_nocase(word->charset, "iso-8859-1") ||
                    text_equals_nocase(word->charset, "latin-1");
    *len += is_latin ? widen(out + *len, added) : added;
    return is_latin || text_equals_nocase(word->charset, "utf-8") ||
           text_equals_nocase(word->charset, "utf8") ||
           text_equals_nocase(word->charset, "us-ascii");
}

// The text with its encoded words decoded; white space between two of them goes. *ret_text has ptr NULL
// when a word cannot be decoded.
// Blanks between two encoded words are not part of the text (RFC 2047, 6.2): long names are cut into several.
static enum status decode_words(struct arena *arena, struct text text, struct text *ret_text,
                                struct error *err) {
    char *out = arena_alloc(arena, 2 * text.len + 1);
    size_t len = 0;
    bool after_word = false;
    if (!out) {
        return fail_no_memory(err);
    }
    for (size_t at = 0; at < text.len;) {
        struct encoded_word word;
        struct text rest = {text.ptr + at, text.len - at};
        size_t blanks = 0;
        while (after_word && blanks < rest.len && is_space(rest.ptr[blanks])) {
            blanks++;
        }
        struct text behind = {rest.ptr + blanks, rest.len - blanks};
        if (!read_encoded_word(behind, &word)) {
            out[len++] = text.ptr[at++];
            after_word = false;
            continue;
        }
        if (!append_decoded(&word, out, &len)) {
            *ret_text = (struct text){NULL, 0};
            return STATUS_OK;
        }
        at += blanks + word.len;
        after_word = true;
    }
    bool good = utf8_is_valid(out, len) && !text_has_nul(out, len);
    *ret_text = (struct text){good ? out : NULL, good ? len : 0};
    return STATUS_OK;
}

// ---- mailboxes ----

// How far a text goes up to an unquoted `wanted`, with quotes, comments and angle brackets passed over
// (but a '<' that is wanted); its length when there is none.
static size_t find_unquoted(struct text text, char wanted) {
    bool quoted = false;
    bool bracketed = false;
    size_t comments = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\\' && (quoted || comments)) {
            i++;
        } else if (c == '"' && !comments) {
            quoted = !quoted;
        } else if (!quoted && !bracketed && c == '(' && wanted != '(') {
            comments++;
        } else if (!quoted && comments && c == ')') {
            comments--;
        } else if (!quoted && !comments && !bracketed && c == wanted) {
            return i;
        } else if (!quoted && !comments) {
            bracketed = c == '<' || (bracketed && c != '>');
        }
    }
    return text.len;
}

// A phrase without the quotes around its parts, white space as single spaces; the length of `plain`.
// "\"Example, Inc.\"" -> Example, Inc.
static size_t strip_quotes(struct text phrase, char *plain) {
    size_t len = 0;
    for (size_t i = 0; i < phrase.len; i++) {
        char c = phrase.ptr[i];
        if (c == '\\' && i + 1 < phrase.len) {
            plain[len++] = phrase.ptr[++i];
        } else if (is_space(c)) {
            plain[len] = ' ';
            len += len > 0 && plain[len - 1] != ' ';
        } else if (c != '"') {
            plain[len++] = c;
        }
    }
    return len;
}

// The name a phrase stands for: quotes gone, encoded words decoded. NULL for an empty one.
static enum status read_phrase(struct arena *arena, struct text phrase, const char **ret_name,
                               struct error *err) {
    char *plain = arena_alloc(arena, phrase.len + 1);
    if (!plain) {
        return fail_no_memory(err);
    }
    size_t len = strip_quotes(phrase, plain);
    struct text decoded;
    enum status status = decode_words(arena, text_trim((struct text){plain, len}), &decoded, err);
    if (status) {
        return status;
    }
    decoded = text_trim(decoded);
    if (!decoded.ptr && len > 0) {
        return fail(err, STATUS_INVALID, NULL, "the name %s cannot be decoded",
                    quote_text(phrase).text);
    }
    *ret_name = decoded.len ? arena_copy(arena, decoded.ptr, decoded.len) : NULL;
    return decoded.len && !*ret_name ? fail_no_memory(err) : STATUS_OK;
}

// Why a piece without '@' or with ';' is no mailbox: what its author most likely meant.
// The most frequent mistakes: a semicolon, as in mail programs, and a comma in a name without quotes.
static enum status refuse(struct text piece, bool is_list, struct error *err) {
    if (memchr(piece.ptr, ';', piece.len)) {
        return fail(err, STATUS_INVALID, NULL,
                    "%s is not an address: addresses are separated by ',' and not by ';'",
                    quote_text(piece).text);
    }
    if (is_list && !memchr(piece.ptr, '@', piece.len)) {
        return fail(err, STATUS_INVALID, NULL,
                    "%s is not an address: a name with a comma must be in quotes, such as "
                    "\"Example, Inc.\" <mail@example.org>",
                    quote_text(piece).text);
    }
    return email_check(piece, err);
}

static enum status read_address(struct arena *arena, struct text address, struct text piece,
                                bool is_list, struct mailbox *ret_mailbox, struct error *err) {
    address = text_trim(address);
    if (email_check(address, NULL)) {
        return refuse(piece, is_list, err);
    }
    ret_mailbox->email = arena_copy(arena, address.ptr, address.len);
    return ret_mailbox->email ? STATUS_OK : fail_no_memory(err);
}

// "Name <address>", "address (Name)" or "address".
static enum status read_mailbox(struct arena *arena, struct text piece, bool is_list,
                                struct mailbox *ret_mailbox, struct error *err) {
    size_t open = find_unquoted(piece, '<');
    size_t comment = find_unquoted(piece, '(');
    struct text phrase = {piece.ptr, open};
    struct text address = piece;
    if (open < piece.len) {
        const char *close = memchr(piece.ptr + open, '>', piece.len - open);
        struct text behind = {close ? close + 1 : NULL,
                              close ? (size_t)(piece.ptr + piece.len - close - 1) : 0};
        behind = text_trim(behind);
        if (!close || (behind.len && behind.ptr[0] != '(')) {
            return refuse(piece, is_list, err);
        }
        address = (struct text){piece.ptr + open + 1, (size_t)(close - piece.ptr) - open - 1};
    } else {
        bool has_comment = comment < piece.len && piece.ptr[piece.len - 1] == ')';
        address.len = has_comment ? comment : piece.len;
        phrase = (struct text){piece.ptr + address.len + has_comment,
                               has_comment ? piece.len - comment - 2 : 0};
    }
    enum status status = read_address(arena, address, piece, is_list, ret_mailbox, err);
    return status ? status : read_phrase(arena, phrase, &ret_mailbox->name, err);
}

static size_t count_commas(struct text text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == ',';
    }
    return count;
}

// The list, or what a wholly encoded piece stands for.
static enum status read_list(struct arena *arena, struct text text, bool is_decoded,
                             const struct mailbox **ret_mailboxes, size_t *ret_count,
                             struct error *err) {
    struct mailbox *mailboxes = arena_array(arena, count_commas(text) + 1, sizeof *mailboxes);
    size_t count = 0;
    if (!mailboxes) {
        return fail_no_memory(err);
    }
    bool is_list = find_unquoted(text, ',') < text.len;
    while (text.len > 0) {
        size_t len = find_unquoted(text, ',');
        struct text piece = text_trim((struct text){text.ptr, len});
        text = (struct text){text.ptr + len + (len < text.len), text.len - len - (len < text.len)};
        if (!piece.len) {
            continue;
        }
        struct text decoded = {0};
        bool is_plain = is_decoded || memchr(piece.ptr, '@', piece.len) || is_list;
        if (!is_plain && decode_words(arena, piece, &decoded, err)) {
            return STATUS_NO_MEMORY;
        }
        if (decoded.ptr && memchr(decoded.ptr, '@', decoded.len)) {
            return read_list(arena, decoded, true, ret_mailboxes, ret_count, err);
        }
        enum status status = read_mailbox(arena, piece, is_list, &mailboxes[count++], err);
        if (status) {
            return status;
        }
    }
    *ret_mailboxes = mailboxes;
    *ret_count = count;
    return STATUS_OK;
}

enum status mailboxes_parse(struct arena *arena, struct text text,
                            const struct mailbox **ret_mailboxes, size_t *ret_count,
                            struct error *err) {
    return read_list(arena, text_trim(text), false, ret_mailboxes, ret_count, err);
}
