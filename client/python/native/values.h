// SPDX-License-Identifier: MIT
// C's outcomes and texts as Python objects, for all modules: statuses become exceptions, records and
// findings become plain tuples that the Python side names. Nothing is kept between calls.
#pragma once

#include "client/python/native/python_api.h"

#include "client/include/registryclient.h"
#include "schema/base/error.h"

// Raises the exception that stands for a status. Returns NULL.
PyObject *raise_status(int status, const char *where, const char *message);
PyObject *raise_error(const struct error *err);
// The same with a list of findings that explain it.
PyObject *raise_status_findings(int status, const char *where, const char *message,
                                PyObject *findings);

// A text, or None. Bytes that are not UTF-8 (a path may have them) become lone surrogates.
PyObject *value_text(const char *text);

// The texts as one tuple. NULL with an exception.
PyObject *value_texts(const char *const *texts, size_t count);

// (is_error, code, where, message, hint)
PyObject *value_finding(const struct registry_finding *finding);

// A list of such tuples. NULL with an exception.
PyObject *value_findings(const struct registry_finding *findings, size_t count);

// The texts of a record, in the order of registryclient.records.Record.FIELDS.
PyObject *value_record(const struct registry_record *record);

// (group, package, name, version, code, message, since, by, pin, settings, by_name, entry_only, successor)
PyObject *value_decision(const struct registry_decision *decision);

// A list of such tuples. NULL with an exception.
PyObject *value_decisions(const struct registry_decision *decisions, size_t count);
