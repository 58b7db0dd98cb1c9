// SPDX-License-Identifier: MIT
// Decoding is strict: what a browser would not send is refused, and a page may rely on every value being UTF-8 of one
// line. The order of the checks matters: media type and origin come before the body is read, and the session's
// form token before any field is used.
#include "registryd/web/frame/form.h"

#include "registryd/access/session.h"
#include "registryd/web/frame/page_answer.h"

#include <strings.h>

// The largest form is that of settings: a field for each setting, several for a list.
enum { FIELDS_MAX = 1000 };

static int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// NULL when it is not well formed, or out of memory.
// A control character would end up in a name, a reason or a log line; no field of ours needs one.
static const char *decode_piece(struct arena *arena, struct text piece) {
    char *text = arena_alloc(arena, piece.len + 1);
    size_t len = 0;
    for (size_t i = 0; text && i < piece.len; i++) {
        char c = piece.ptr[i] == '+' ? ' ' : piece.ptr[i];
        if (c == '%') {
            int high = i + 2 < piece.len ? hex_value(piece.ptr[i + 1]) : -1;
            int low = high >= 0 ? hex_value(piece.ptr[i + 2]) : -1;
            if (low < 0) {
                return NULL;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        if ((unsigned char)c < ' ' || c == 0x7f) {
            return NULL;
        }
        text[len++] = c;
    }
    return text && utf8_is_valid(text, len) ? text : NULL;
}

// For the form that signs in: there is no session yet that it could belong to. The Origin header
// still says that the form was ours.
enum status form_decode_unbound(const struct request *request, struct form *ret_form,
                                struct error *err) {
    static const char wanted[] = "application/x-www-form-urlencoded";
    struct form form = {arena_array(request->arena, FIELDS_MAX, sizeof *form.fields), 0};
    struct text rest = request->body;
    struct text piece;
    if (!request->content_type ||
        strncasecmp(request->content_type, wanted, sizeof wanted - 1) != 0) {
        return fail(err, STATUS_UNSUPPORTED_MEDIA, NULL, "Send the form as %s", wanted);
    }
    if (!session_is_own_origin(request)) {
        return fail(err, STATUS_FORBIDDEN, "Origin",
                    "The form was sent by a page of another site. Open the page on this server and "
                    "send the form from there.");
    }
    if (!form.fields) {
        return fail_no_memory(err);
    }
    while (text_split(&rest, '&', &piece)) {
        struct text value = piece;
        struct text name;
        // A field without "=" is not sent by browsers.
        if (form.count == FIELDS_MAX || !text_split(&value, '=', &name)) {
            return fail(err, STATUS_MALFORMED, NULL, "The form cannot be decoded");
        }
        struct parameter field = {decode_piece(request->arena, name),
                                  decode_piece(request->arena, value)};
        if (!field.name || !field.value) {
            return fail(err, STATUS_MALFORMED, NULL, "The form cannot be decoded");
        }
        form.fields[form.count++] = field;
    }
    *ret_form = form;
    return STATUS_OK;
}

// The token in the form is one that only a page of this session could have; another site can send
// the browser's cookie, but not the token.
enum status form_decode(const struct api *api, const struct request *request, struct form *ret_form,
                        struct error *err) {
    struct session session;
    struct form form;
    enum status status = form_decode_unbound(request, &form, err);
    if (status) {
        return status;
    }
    status = session_find(api, request, &session, err);
    if (status && status != STATUS_NOT_FOUND) {
        return status;
    }
    if (status || !session_owns_form(&session, form_find(&form, "form_token"))) {
        return fail(err, STATUS_INVALID, "/form_token",
                    "The form does not belong to your session, or the session has ended. Sign "
                    "in, open the page again and resend the form.");
    }
    *ret_form = form;
    return STATUS_OK;
}

// A browser sends every field of a form, also those left empty; an empty one counts as absent.
const char *form_find(const struct form *form, const char *name) {
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].name, name) == 0 && form->fields[i].value[0]) {
            return form->fields[i].value;
        }
    }
    return NULL;
}

// The page must show the change, whichever daemon and standby answer for it: `back` with min_serial and min_epoch
// before its fragment. NULL when out of memory.
static const char *with_point(struct arena *arena, const char *back,
                              const struct history_point *point) {
    int path = (int)strcspn(back, "#");
    const char *separator = memchr(back, '?', (size_t)path) ? "&" : "?";
    return arena_printf(arena, "%.*s%smin_serial=%lld&min_epoch=%lld%s", path, back, separator,
                        (long long)point->serial, (long long)point->epoch_number, back + path);
}

enum status form_answer(struct api *api, const struct request *request, struct reply *reply,
                        const char *back, const struct error *problem, struct error *err) {
    if (problem->status) {
        return page_answer_problem(api, request, reply, problem, err);
    }
    struct history_point newest;
    index_newest(api->index, &newest);
    const char *location = back ? with_point(request->arena, back, &newest) : NULL;
    if (!location) {
        return fail_no_memory(err);
    }
    // The browser then fetches `back` with GET, so reloading the page does not send the form again.
    reply->http_status = 303;
    reply->location = location;
    reply->content_type = "text/plain; charset=utf-8";
    reply->body = text_from("Done.\n");
    return STATUS_OK;
}
