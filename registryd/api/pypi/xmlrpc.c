// SPDX-License-Identifier: MIT
// The XML-RPC methods that are still in use: JupyterLab's extension manager browses by classifier, mirrors follow
// the serials. All of them only read. A fault is an answer of its own (200), as the protocol wants; what
// concerns HTTP or the daemon itself is a problem document as everywhere.
#include "registryd/api/pypi/handlers.h"

#include "registryd/api/pypi/xmlrpc_parse.h"
#include "registryd/request/query.h"
#include "registryd/store/files/store_projects.h"
#include "registryd/store/store_search.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

// The usual fault codes of XML-RPC servers: -32700 is a parse error, -326xx are errors of the call.
enum {
    FAULT_PARSE = -32700,
    FAULT_CALL = -32600,
    FAULT_METHOD = -32601,
    FAULT_PARAMS = -32602,
    CHANGES_MAX = 10000,
    PAGE_ROWS = 1000,
    CLASSIFIERS_MAX = 50,
};

// ---- writing ----

// <nil/> is an extension of XML-RPC, which Python's xmlrpc.client reads as None.
static void add_string(struct buffer *page, const char *text) {
    buffer_add_string(page, text ? "<value><string>" : "<value><nil/>");
    buffer_add_markup(page, text_from(text ? text : ""));
    buffer_add_string(page, text ? "</string></value>" : "</value>");
}

static void add_integer(struct buffer *page, int64_t number) {
    buffer_printf(page, "<value><int>%" PRId64 "</int></value>", number);
}

static void begin_list(struct buffer *page) {
    buffer_add_string(page, "<value><array><data>");
}

static void end_list(struct buffer *page) {
    buffer_add_string(page, "</data></array></value>\n");
}

// ---- methods ----

struct method_call {
    struct api *api;
    const struct request *request;
    const struct xmlrpc_call *call;
    struct buffer *page; // takes one value
};

static enum status load_browsed(const struct method_call *call, const char *after,
                                struct package_rows *ret_rows, struct error *err) {
    // browse() has checked that the list fits.
    const struct strings *list = &call->call->params[0].list;
    struct text classifiers[CLASSIFIERS_MAX];
    for (size_t i = 0; i < list->count; i++) {
        classifiers[i] = text_from(list->items[i]);
    }
    const struct package_query query = {.classifiers = classifiers,
                                        .classifier_count = list->count,
                                        .page = {.limit = PAGE_ROWS, .after = after}};
    return store_packages_load(call->api->reading, call->request->arena, &query, ret_rows, err);
}

// [[name, version], …] of the packages whose latest release has all the classifiers.
static enum status browse(const struct method_call *call, struct error *err) {
    struct package_rows rows = {.more = true};
    if (call->call->params[0].list.count > CLASSIFIERS_MAX) {
        return fail(err, STATUS_INVALID, NULL, "browse takes at most %d classifiers",
                    CLASSIFIERS_MAX);
    }
    begin_list(call->page);
    while (rows.more) {
        enum status status = load_browsed(call, rows.place, &rows, err);
        if (status) {
            return status;
        }
        for (size_t i = 0; i < rows.count; i++) {
            const struct package_row *row = &rows.items[i];
            if (row->latest_version && strcmp(row->status, "quarantined") != 0) {
                begin_list(call->page);
                add_string(call->page, row->name);
                add_string(call->page, row->latest_version);
                end_list(call->page);
            }
        }
    }
    end_list(call->page);
    return STATUS_OK;
}

static enum status changelog_last_serial(const struct method_call *call, struct error *err) {
    struct history_point point;
    (void)err;
    index_point(call->api->index, &point);
    add_integer(call->page, point.serial);
    return STATUS_OK;
}

static int64_t unix_seconds(const char *rfc3339) {
    struct tm tm = {0};
    return strptime(rfc3339, "%Y-%m-%dT%H:%M:%S", &tm) ? (int64_t)timegm(&tm) : 0;
}

// [[name, version, Unix time, action, serial], …] of changes of packages. A mirror asks again with the last serial
// until the list is empty.
static enum status changelog_since_serial(const struct method_call *call, struct error *err) {
    struct changes changes;
    enum status status =
        store_changes_load(call->api->reading, call->request->arena, call->call->params[0].number,
                           CHANGES_MAX, &changes, err);
    if (status) {
        return status;
    }
    begin_list(call->page);
    for (size_t i = 0; i < changes.count; i++) {
        const struct change *change = &changes.items[i];
        if (change->package) {
            begin_list(call->page);
            add_string(call->page, change->package);
            add_string(call->page, change->version);
            add_integer(call->page, unix_seconds(change->at));
            add_string(call->page, change->kind);
            add_integer(call->page, change->serial);
            end_list(call->page);
        }
    }
    end_list(call->page);
    return STATUS_OK;
}

// {name: serial of its last change}
static enum status list_packages_with_serial(const struct method_call *call, struct error *err) {
    struct project_names names;
    enum status status = store_projects_load(call->api->reading, call->request->arena, &names, err);
    if (status) {
        return status;
    }
    buffer_add_string(call->page, "<value><struct>");
    for (size_t i = 0; i < names.count; i++) {
        buffer_printf(call->page, "<member><name>%s</name>", names.items[i].name);
        add_integer(call->page, names.items[i].last_serial);
        buffer_add_string(call->page, "</member>\n");
    }
    buffer_add_string(call->page, "</struct></value>");
    return STATUS_OK;
}

// The table is also the check of the parameters: a method runs only with the number and the kind it
// states.
struct method {
    const char *name;
    enum status (*run)(const struct method_call *call, struct error *err);
    size_t param_count;
    enum xmlrpc_kind param_kind; // of the only one
};

static const struct method methods[] = {
    {"browse", browse, 1, XMLRPC_LIST},
    {"changelog_last_serial", changelog_last_serial, 0, XMLRPC_TEXT},
    {"changelog_since_serial", changelog_since_serial, 1, XMLRPC_INTEGER},
    {"list_packages_with_serial", list_packages_with_serial, 0, XMLRPC_TEXT},
};

static const struct method *find_method(const char *name) {
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (strcmp(methods[i].name, name) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

// ---- answers ----

// Replaces what a method may have written before it failed. A fault is answered with HTTP 200.
static void write_fault(struct buffer *page, int code, const char *why) {
    page->len = 0;
    buffer_add_string(page, "<?xml version=\"1.0\"?>\n<methodResponse><fault><value><struct>"
                            "<member><name>faultCode</name>");
    add_integer(page, code);
    buffer_add_string(page, "</member><member><name>faultString</name>");
    add_string(page, why);
    buffer_add_string(page, "</member></struct></value></fault></methodResponse>\n");
}

static enum status run_method(const struct method_call *call, const struct method *method,
                              struct error *err) {
    buffer_add_string(call->page, "<?xml version=\"1.0\"?>\n<methodResponse><params><param>");
    enum status status = method->run(call, err);
    buffer_add_string(call->page, "</param></params></methodResponse>\n");
    if (status) {
        return status;
    }
    if (call->page->failed == STATUS_TOO_LARGE) {
        return fail(err, STATUS_TOO_LARGE, NULL, "The answer is over %d bytes", LIMIT_ANSWER_BYTES);
    }
    return call->page->failed ? fail_no_memory(err) : STATUS_OK;
}

// A fault of the call, or its answer. What is no fault of the call is returned.
static enum status answer(const struct method_call *call, struct error *err) {
    const struct method *method = find_method(call->call->method);
    const struct xmlrpc_call *given = call->call;
    if (!method) {
        write_fault(call->page, FAULT_METHOD,
                    "The method is not known. Methods: browse, changelog_last_serial, "
                    "changelog_since_serial, list_packages_with_serial");
        return STATUS_OK;
    }
    if (given->param_count != method->param_count ||
        (method->param_count && given->params[0].kind != method->param_kind)) {
        write_fault(call->page, FAULT_PARAMS, "The parameters are not those of the method");
        return STATUS_OK;
    }
    struct error why = {0};
    enum status status = run_method(call, method, &why);
    if (status == STATUS_INVALID) {
        write_fault(call->page, FAULT_PARAMS, why.message);
        return STATUS_OK;
    }
    return status ? fail(err, status, why.where, "%s", why.message) : STATUS_OK;
}

static bool is_xml(const char *content_type) {
    size_t len = content_type ? strcspn(content_type, "; ") : 0;
    const struct text type = {content_type, len};
    return text_equals_nocase(type, "text/xml") || text_equals_nocase(type, "application/xml");
}

static enum status write_answer(struct api *api, const struct request *request, struct buffer *page,
                                struct error *err) {
    struct xmlrpc_call call;
    struct error why = {0};
    enum status status = xmlrpc_parse(request->arena, request->body, &call, &why);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        write_fault(page, status == STATUS_MALFORMED ? FAULT_PARSE : FAULT_CALL, why.message);
        return STATUS_OK;
    }
    const struct method_call method_call = {api, request, &call, page};
    return answer(&method_call, err);
}

enum status xmlrpc_call(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)findings;
    struct buffer page;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    if (!is_xml(request->content_type)) {
        return fail(err, STATUS_UNSUPPORTED_MEDIA, "Content-Type",
                    "A call of XML-RPC must be sent as text/xml");
    }
    buffer_init(&page, LIMIT_ANSWER_BYTES);
    status = write_answer(api, request, &page, err);
    if (!status) {
        reply->content_type = "text/xml; charset=utf-8";
        reply->body = (struct text){arena_copy(request->arena, page.ptr, page.len), page.len};
        status = reply->body.ptr ? STATUS_OK : fail_no_memory(err);
    }
    buffer_done(&page);
    return status;
}
