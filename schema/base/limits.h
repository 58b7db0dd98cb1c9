// SPDX-License-Identifier: MIT
// Every bound on what comes from outside, in one place. Sizes are bytes unless the name says
// otherwise.
#pragma once

enum {
    // names and values
    LIMIT_NAME_BYTES = 100,         // package, host, token name
    LIMIT_VERSION_BYTES = 256,      // one version, one clause of a specifier
    LIMIT_SPECIFIER_BYTES = 4096,   // a whole specifier set
    LIMIT_REQUIREMENT_BYTES = 4096, // one requirement, one marker
    LIMIT_FILE_NAME_BYTES = 255,    // of a wheel or source distribution
    LIMIT_MARKER_DEPTH = 32,        // parentheses in a marker, a licence expression
    LIMIT_GROUP_BYTES = 200,        // entry-point group
    LIMIT_ENTRY_NAME_BYTES = 200,   // entry-point name
    LIMIT_ENTRY_VALUE_BYTES = 1000, // object reference with extras
    LIMIT_SHORT_TEXT_BYTES = 1000,  // summary, a URL, a label
    LIMIT_DESCRIPTION_BYTES = 512 * 1024,

    // a release document
    LIMIT_DOCUMENT_BYTES = 1024 * 1024, // JSON body of a publish, inclusive
    LIMIT_JSON_DEPTH = 32,
    LIMIT_JSON_VALUES = 200000, // of one text; each takes 50 to 250 bytes of memory
    LIMIT_MANIFEST_DEPTH =
        LIMIT_JSON_DEPTH - 3,  // it hangs four levels deep in its release document
    LIMIT_ENTRY_POINTS = 2000, // over all groups of one release
    LIMIT_LIST_ITEMS = 1000,   // requirements, classifiers, authors, keywords, URLs
    LIMIT_FINDINGS = 200,      // kept of one severity for one input

    // files read by the readers
    LIMIT_ENTRY_POINTS_TXT_BYTES = 256 * 1024,
    LIMIT_METADATA_BYTES = 1024 * 1024, // METADATA, PKG-INFO
    LIMIT_YAML_BYTES = 64 * 1024,
    LIMIT_YAML_DEPTH = 32,
    LIMIT_YAML_EVENTS = 5000,
    LIMIT_YAML_SCALAR_BYTES = 8 * 1024,
    LIMIT_TOML_BYTES = 256 * 1024,
    LIMIT_TOML_KEY_DOTS = 16,                  // per key or header, outside strings
    LIMIT_EXTRACTION_BYTES = 12 * 1024 * 1024, // what the extractor may answer about one artifact
    LIMIT_PYTHON_BYTES = 4 * 1024 * 1024,      // one Python source file
    LIMIT_README_BYTES = LIMIT_DESCRIPTION_BYTES,

    // artifacts
    LIMIT_ARCHIVE_MEMBERS = 10000,
    LIMIT_ARCHIVE_NAME_BYTES = 1024,                    // path of one member
    LIMIT_FOLDER_BYTES = LIMIT_ARCHIVE_NAME_BYTES + 16, // of a wheel, with its scheme: "{data}/etc"
    LIMIT_ARCHIVE_INFLATED_BYTES = 64 * 1024 * 1024,    // of a tar, which must be read whole
    LIMIT_ARCHIVE_RATIO = 50,                           // inflated to stored, above 1 MiB inflated
    LIMIT_MEMBER_BYTES = 1024 * 1024,                   // of a member that is read
    LIMIT_RECORD_BYTES = 4 * 1024 * 1024,               // of a wheel's RECORD
    LIMIT_PAX_BYTES = 64 * 1024,                        // of one extended header

    LIMIT_UPLOAD_BYTES = 512 * 1024 * 1024, // that the command line reads to send it

    // a request's address and headers
    LIMIT_HEADER_BLOCK_BYTES = 16 * 1024, // request line and headers together
    LIMIT_HEADERS = 64,
    LIMIT_PATH_BYTES = 2048,
    LIMIT_PATH_SEGMENTS = 16,
    LIMIT_QUERY_BYTES = 12 * 1024,
    LIMIT_QUERY_PARAMETERS = 512,

    LIMIT_SMALL_BODY_BYTES = 64 * 1024, // JSON of a few members

    // a question
    LIMIT_QUERY_GROUPS = 100, // of one resolution
    LIMIT_SEARCH_BYTES = 200, // of the words of a search

    // an environment
    LIMIT_ENVIRONMENT_BYTES = 4 * 1024 * 1024, // its document
    LIMIT_ENVIRONMENT_HAVE = 10000,            // installed distributions
    LIMIT_ENVIRONMENT_TAGS = 10000,
    LIMIT_ENVIRONMENT_PLUGINS = 10000,
    LIMIT_ENVIRONMENT_REVISIONS_PER_DAY = 1000, // of one environment
    LIMIT_LOCK_BYTES = 16 * 1024 * 1024,        // what a frozen one answers, as text
    LIMIT_LOCK_IGNORED = 1000,                  // releases whose quarantine a freeze ignores
    LIMIT_PERMISSION_BYTES = 200,
    LIMIT_AGE_SECONDS = 10 * 366 * 24 * 3600,
    LIMIT_GRANT_SECONDS = 30 * 24 * 3600,        // of a grant that ends by itself
    LIMIT_SETTINGS_BYTES = 64 * 1024,            // of one plugin, canonical
    LIMIT_SETTINGS_DEPTH = LIMIT_JSON_DEPTH - 8, // answers that carry them nest, too

    // a small change
    LIMIT_CHANGE_BYTES = 16 * 1024, // JSON body

    // a host's report
    LIMIT_REPORT_BYTES = 8 * 1024 * 1024, // JSON body
    LIMIT_REPORT_ITEMS = 100,             // kept of one list of one report; the counts stay whole
    LIMIT_REPORT_NAMES = 20,              // told of one list by the transition
    LIMIT_REPORT_ROOTS = 100,
    LIMIT_REPORT_NEW_STATES = 10000, // groups on hosts that one token may begin in a day
    LIMIT_REPORT_HISTORY = 200,      // reports kept of one host and group
    LIMIT_REPORT_HISTORY_BYTES = 4 * 1024 * 1024, // the same, besides the newest
    LIMIT_SNAPSHOT_BYTES = 512 * 1024 * 1024,

    // answers a client accepts
    LIMIT_ANSWER_BYTES = 64 * 1024 * 1024,
};
