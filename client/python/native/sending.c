// SPDX-License-Identifier: MIT
// Requests that change a registry (sending.h). The registry's JSON goes to Python as text and is parsed
// there. A refusal becomes the exception of its status, and the findings of the answer become that
// exception's `findings`: all faults of an invalid project, not the first one alone.
#include "client/python/native/sending.h"

#include "client/python/native/ask.h"
#include "client/python/native/values.h"
#include "schema/base/list.h"

static void free_answer(struct registry_answer **handle) {
    registry_answer_free(*handle);
}

static PyObject *list_findings(const struct registry_answer *answer) {
    size_t count = 0;
    const struct registry_finding *items = answer ? registry_answer_findings(answer, &count) : NULL;
    return value_findings(items, count);
}

static PyObject *raise_refusal(int status, const struct registry_error *fault,
                               const struct registry_answer *answer) {
    scoped(cleanup_object) PyObject *findings = list_findings(answer);
    return findings ? raise_status_findings(status, fault->where, fault->message, findings) : NULL;
}

// Runs without the GIL: no Python object may be touched here.
static int send_request(struct ask *ask, const struct registry_request *request,
                        struct registry_answer **ret, struct registry_error *err) {
    int status = registry_open(&ask->options, &ask->registry, err);
    if (status) {
        return status;
    }
    return registry_send(ask->registry, request, ret, err);
}

const char sending_send_doc[] = "send(connection, method, path, body, if_match) -> str\n\n"
                                "One request of the HTTP API: JSON in, JSON out.";

// The strings of `request` belong to `args`, which the caller holds while the GIL is given up.
PyObject *sending_send(PyObject *module, PyObject *args) {
    struct registry_error fault = {0};
    struct registry_request request = {0};
    scoped(free_answer) struct registry_answer *answer = NULL;
    scoped(ask_done) struct ask ask = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "Osszz", &ask.connection_object, &request.method, &request.path,
                          &request.body, &request.if_match) ||
        !ask_read(&ask)) {
        return NULL;
    }
    ask_begin_wait(&ask);
    int status = send_request(&ask, &request, &answer, &fault);
    if (!ask_end_wait(&ask)) {
        return NULL;
    }
    return status ? raise_refusal(status, &fault, answer)
                  : value_text(registry_answer_json(answer));
}

// Runs without the GIL, like send_request.
static int publish(struct ask *ask, const struct registry_publication *publication,
                   struct registry_answer **ret, struct registry_error *err) {
    int status = registry_open(&ask->options, &ask->registry, err);
    if (status) {
        return status;
    }
    return registry_publish(ask->registry, publication, ret, err);
}

const char sending_publish_doc[] = "publish(connection, path, version, convention)\n"
                                   "    -> (status, where, message, outcome as JSON, findings)\n\n"
                                   "Reads, checks and publishes what lies at a path. A path that "
                                   "was not published is an outcome, too.";

// NULL with an exception; also when there is no outcome at all, because memory ran out.
static PyObject *publish_values(int status, const struct registry_error *fault,
                                const struct registry_answer *answer) {
    if (!answer || !registry_answer_json(answer)) {
        return raise_status(status, fault->where, fault->message);
    }
    scoped(cleanup_object) PyObject *findings = list_findings(answer);
    const char *texts[] = {fault->where, fault->message, registry_answer_json(answer)};
    scoped(cleanup_object) PyObject *told = value_texts(texts, COUNT_OF(texts));
    scoped(cleanup_object) PyObject *first = Py_BuildValue("(i)", status);
    scoped(cleanup_object) PyObject *last = findings ? PyTuple_Pack(1, findings) : NULL;
    scoped(cleanup_object) PyObject *middle = first && told ? PySequence_Concat(first, told) : NULL;
    return middle && last ? PySequence_Concat(middle, last) : NULL;
}

PyObject *sending_publish(PyObject *module, PyObject *args) {
    struct registry_error fault = {0};
    struct registry_publication publication = {0};
    scoped(free_answer) struct registry_answer *answer = NULL;
    scoped(cleanup_object) PyObject *path = NULL;
    scoped(ask_done) struct ask ask = {0};
    (void)module;
    int metadata_only = 0;
    if (!PyArg_ParseTuple(args, "OO&zzp", &ask.connection_object, PyUnicode_FSConverter, &path,
                          &publication.version, &publication.convention, &metadata_only) ||
        !ask_read(&ask)) {
        return NULL;
    }
    publication.metadata_only = metadata_only;
    publication.path = PyBytes_AsString(path);
    ask_begin_wait(&ask);
    int status = publish(&ask, &publication, &answer, &fault);
    return ask_end_wait(&ask) ? publish_values(status, &fault, answer) : NULL;
}
