/* SPDX-License-Identifier: MIT
 *
 * registryclient: find plugins, in directories and in a team's registry, with one record format.
 *
 * Handles are opaque, data records are plain structs. The library never prints, never aborts and
 * raises no signal; when memory runs out, a call returns a status. A handle may be used by one thread at a time,
 * different handles by different threads. Strings are UTF-8 and NUL-terminated; those inside a
 * result live as long as the result.
 */
#ifndef REGISTRYCLIENT_H
#define REGISTRYCLIENT_H

#include <stdbool.h>
#include <stddef.h>

/* A host that only looks plugins up needs neither the network nor a directory:
 *
 *     struct registry *registry = NULL;
 *     const struct registry_result *plugins = NULL;
 *     struct registry_error err;
 *     if (registry_open(NULL, &registry, &err) == 0 &&
 *         registry_find(registry, "acme.plugins", &plugins, &err) == 0) {
 *         for (size_t i = 0; i < registry_result_count(plugins); i++) {
 *             load(registry_result_record(plugins, i)->value); // "crm.mail:Plugin"
 *         }
 *     }
 *     registry_close(registry);
 *
 * registry_refresh gets a newer snapshot, in a moment that the host chooses. */

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define REGISTRY_API __attribute__((visibility("default")))
#else
#define REGISTRY_API
#endif

/* What went wrong. `code` is a name of docs/STATUS.md ("not-found", "unreachable", ...). */
struct registry_error {
    int status; /* 0 = ok; the values are named by registry_status_name() */
    char code[32];
    char where[256]; /* file:line, JSON pointer, or empty */
    char message[768];
};

/* "honeyframe" is "4.2.0"; "sys_platform" is "linux". */
struct registry_pair {
    const char *name;
    const char *value;
};

/* The facts of this host. Each is added to the facts that the registry stores for the environment, or
 * overrides the one of the same name. A host whose environment is complete needs none. */
struct registry_facts {
    const char *python; /* "3.11.2" */
    bool prereleases;
    const struct registry_pair *have; /* the host application and other packages, with versions */
    size_t have_count;
    const struct registry_pair *markers; /* environment markers of the packaging standards */
    size_t marker_count;
    const char *const *tags; /* of the wheels that this host can install; none: any wheel */
    size_t tag_count;
};

struct registry_options {
    const char *url;         /* NULL: REGISTRYD_URL, else http://127.0.0.1:7621 */
    const char *token;       /* NULL: REGISTRYD_TOKEN, else none */
    const char *environment; /* NULL: REGISTRYD_ENVIRONMENT, else "default" */
    int timeout_ms;          /* of one request; 0 = 10000 */

    /* The last-known-good snapshot: the registry's last answer, in a file that belongs to this URL,
     * this environment, these facts and these groups. */
    struct registry_facts facts;
    const char *const *groups; /* that the snapshot holds; none: every group */
    size_t group_count;
    const char *cache_dir; /* where it lies. NULL: REGISTRYD_CACHE_DIR, else
                               * XDG_CACHE_HOME/registryd, else ~/.cache/registryd */
    const char *snapshot;  /* a file to read instead, never refreshed (`registryctl snapshot
                               * build`). NULL: REGISTRYD_SNAPSHOT, else the last-known-good one */
    const char
        *snapshot_key; /* the registry's public key, 64 hexadecimal digits: a snapshot that it
                               * did not sign is never used. NULL: REGISTRYD_SNAPSHOT_KEY, else any */

    /* A token is sent over https, and over plain http to this machine alone. true, or
     * REGISTRYD_INSECURE_PLAIN=1: over plain http to any host. */
    bool insecure_plain;
    /* Asked at least once a second while a request is under way, by the thread that made the call:
     * true gives the request up. NULL: never. The call then fails with unreachable, or goes on without
     * the registry, as registry_discover does. */
    bool (*is_cancelled)(void *context);
    void *cancel_context;

    /* How much registry_discover obeys the registry's decisions: "on"; "strict" (a listed environment also
     * withholds plugins that the registry does not know); "warn" (nothing is withheld, it carries a
     * warning) and "off", both for emergencies. NULL: REGISTRYD_ENFORCE, else "on". */
    const char *enforce;
    /* true, or REGISTRYD_STRICT=1: registry_discover fails with not-found when the registry has no such
     * environment. Else the environment "default" answers, with an error in the diagnostics. */
    bool strict;
};

/* A warning or an error about one plugin. */
struct registry_finding {
    bool is_error;
    const char *code;
    const char *where;
    const char *message;
    const char *hint; /* may be NULL */
};

/* An entry point and its origin. Members that the source does not know are NULL.
 *
 * For example the group "acme.plugins", the name "mail", the value "crm.mail:Plugin" (what to import), the
 * package "honeyframe-crm" and the version "1.2". A broken plugin may have no value: its findings say why.
 * A record with `shadowed_by` lost its name to another one, and a host does not load it. */
struct registry_record {
    const char *group;
    const char *name;
    const char *value;
    const char *package;
    const char *version;
    const char *source; /* "walk" or "registry" */
    const char *label;
    const char *origin;
    const char *manifest; /* JSON text of an object */
    const char *shadowed_by;
    const struct registry_finding *findings;
    size_t finding_count;
    const char *settings; /* JSON text of an object: what the environment sets for the package */
    const char *state;    /* "allowed": the host's user may choose whether to load it; else NULL */
};

/* What the registry knows about a package of a group besides its records. The codes "quarantined",
 * "disabled", "not-enabled", "unapproved", "blocked-by-advisory" and "unknown-permission" withhold a plugin;
 * "yanked", "deprecated", "outside-pin", "advisory" and "alias" are warnings; "enabled" exempts an entry point
 * from what is decided about its package; "group-deprecated" is about the group; "settings" carries settings, and
 * "known" says that the registry has the package and decided nothing; "owner" says that the team which owns
 * the group publishes the package, or with the package "*" all packages that have records. Ignore other codes. */
struct registry_decision {
    const char *group;
    const char *package;
    const char
        *name; /* of the entry point, with "alias" the old one; NULL with "known", "owner" and
                          * "group-deprecated", and with "settings" of the whole package */
    const char *version; /* NULL: the whole package */
    const char *code;
    const char *message;  /* one sentence; may be NULL */
    const char *since;    /* RFC 3339, UTC; NULL: unknown */
    const char *by;       /* who decided; NULL: unknown */
    const char *pin;      /* the specifier set of "outside-pin", else NULL */
    const char *settings; /* JSON text of an object, else NULL */
    bool
        by_name; /* also about a walked plugin of this name whose package the registry does not know */
    bool entry_only; /* about the entry point of this name alone, not about others of the package */
    const char *
        successor; /* what to use instead: with "alias" the present name, with "deprecated" a package
                            * or "package:group:name", with "group-deprecated" a group; NULL: nothing */
};

/* The snapshot that a handle answers from. The texts live as long as the results of registry_find. */
struct registry_state {
    bool has_snapshot;
    const char *path; /* of the file, also of one that does not exist yet; NULL: no folder for it */
    const char *epoch;       /* of the registry's history; "" when it was made from a walk */
    long long serial;        /* of the last change in it */
    long long made_at;       /* Unix time */
    long long confirmed_at;  /* when the registry last said that it is the newest; Unix time */
    long long age_seconds;   /* since then */
    const char *environment; /* of the query that it answers */
    const char *query;       /* that it answers */
    size_t group_count;
    bool is_signed;            /* by the pinned key, and checked */
    const char *reason;        /* why there is no snapshot; NULL when there is one */
    long long max_age_seconds; /* that its environment allows; 0: any */
    bool is_too_old;           /* older than that: later decisions are missing */
    bool has_decisions;        /* false: it was made from directories, or is of an earlier format */
    size_t decision_count;
    bool is_listed_only;    /* its environment takes only the packages that it lists */
    bool settings_left_out; /* its token may not read settings */
    long long epoch_number; /* a later epoch has a higher one; 0: unknown */
};

/* A query for plugins, with the facts of the handle or with other ones. */
struct registry_query {
    const char *const *groups; /* at least one */
    size_t group_count;
    const char *python; /* NULL: that of the handle's facts, else any */
    bool prereleases;   /* or those of the handle's facts */
};

/* The part of an answer that is wanted: the entry points with one of the names, and those of the packages. An empty list
 * means all. */
struct registry_part {
    const char *const *names;
    size_t name_count;
    const char *const *packages;
    size_t package_count;
};

/* A directory for the walk. Roots are in order of precedence: on the same group and name the first
 * wins, and the other is shadowed. */
struct registry_root {
    const char *path;
    const char *label; /* NULL: the path itself */
};

struct registry_walk_options {
    const struct registry_root *roots;
    size_t root_count;
    const char *convention; /* NULL or "auto": each plugin by its mark */
};

/* A query over both sources: the registry and directories. */
struct registry_discovery {
    struct registry_query query;
    struct registry_walk_options walk;
    /* Which source answers: "walk", "walk-first" (the registry adds), "registry-first" (the walk fills gaps),
     * "registry", "compare" (as walk, and every difference is a diagnostic). NULL: REGISTRYD_MODE,
     * else "walk-first". */
    const char *mode;
    int timeout_ms; /* how long the registry may take; 0 = 2000, or 300 when there is a snapshot */
    const char *enforce; /* NULL: that of the handle */
};

/* One request of the HTTP API, for what has no call of its own: docs/HTTP.md lists the routes. */
struct registry_request {
    const char *method;   /* "GET", "PUT", "POST", "PATCH" or "DELETE" */
    const char *path;     /* "/v1/environments/production", percent-encoded, with its query */
    const char *body;     /* JSON text; NULL: none */
    const char *if_match; /* an entity tag: refuse unless it is still that one; NULL: any */
};

/* Something to publish: a wheel, an sdist, a project with a pyproject.toml, or a plugin directory. */
struct registry_publication {
    const char *path;
    const char *version;    /* of a project that declares none; may be NULL */
    const char *convention; /* NULL or "auto": by its mark */
    bool metadata_only;     /* a plugin directory is not packed as a wheel */
};

struct registry;        /* a connection's settings */
struct registry_result; /* a list of records */
struct registry_parity; /* a parity report */
struct registry_answer; /* the answer to a request */

/* The version of the library, static. */
REGISTRY_API const char *registry_version(void);

/* The wire name of a status value ("ok", "not-found"), static. */
REGISTRY_API const char *registry_status_name(int status);

/* Opens a handle and the last-known-good snapshot, without a request. options may be NULL. A snapshot
 * that is missing, broken, or belongs to another query is not used; that is no failure, and
 * registry_state says why. Returns 0 or a status, with *err (may be NULL) filled; so do all calls below that return int.
 * Free with registry_close. Fails with: usage (an option is wrong), no-memory. */
REGISTRY_API int registry_open(const struct registry_options *options, struct registry **ret,
                               struct registry_error *err);
REGISTRY_API void registry_close(struct registry *registry);

/* The records of a group (NULL: of all groups) in the snapshot. No network, no thread, no file is
 * opened: microseconds. *ret is borrowed, not to be freed, valid until registry_refresh replaces the
 * snapshot or registry_close; the same group again gives the same result. When the snapshot holds all
 * groups, a group that is not in it gives an empty result. Fails with: not-found (no snapshot, or one
 * of other groups), malformed (this part of the file was altered), no-memory. */
REGISTRY_API int registry_find(struct registry *registry, const char *group,
                               const struct registry_result **ret, struct registry_error *err);

/* The record of one entry point in the snapshot, by its name or by an old name that leads to it. *ret is borrowed as
 * that of registry_find. *ret_alias (may be NULL) is NULL, or for an old name the decision "alias": a warning with the
 * present name in `successor`. A record that is shadowed is not given. Reads decisions only when no record has the
 * name and the snapshot has aliases. Fails with: not-found, malformed, io, no-memory. */
REGISTRY_API int registry_find_named(struct registry *registry, const char *group, const char *name,
                                     const struct registry_record **ret,
                                     const struct registry_decision **ret_alias,
                                     struct registry_error *err);

/* The decisions about a group (NULL: about all groups) in the snapshot, sorted. No network. *ret is
 * borrowed and valid as long as a result of registry_find. Fails with: not-found (no snapshot, or one
 * without decisions), malformed (this part of the file was altered), io, no-memory. */
REGISTRY_API int registry_decisions(struct registry *registry, const char *group,
                                    const struct registry_decision **ret, size_t *ret_count,
                                    struct registry_error *err);

/* Sends one request for a newer snapshot, replaces the file, and makes the handle answer from it. It
 * never goes back: an answer with a lower serial of the same history, of a history that was replaced
 * before, for another query, without the pinned key's signature, broken or too slow leaves everything
 * as it was. When another process has put a newer one there meanwhile, that one is used. timeout_ms
 * bounds the call; 0 = that of the handle. REGISTRY_OFFLINE sends no request and opens what another
 * process (`registryctl watch`) has put there. *ret_changed (may be NULL): the handle now answers from
 * another snapshot, and results of registry_find are no longer valid. Fails with:
 * unreachable, timeout, what the registry refuses with, malformed (a broken answer), conflict (it would
 * go back), forbidden (the signature), too-large, io, disk-full, no-memory. */
enum { REGISTRY_OFFLINE = -1 };
REGISTRY_API int registry_refresh(struct registry *registry, int timeout_ms, bool *ret_changed,
                                  struct registry_error *err);

/* What the handle answers from. Cannot fail. */
REGISTRY_API void registry_state(const struct registry *registry, struct registry_state *ret_state);

/* The registry's answer to a query. Fails with: unreachable, timeout, usage, unavailable. */
REGISTRY_API int registry_resolve(struct registry *registry, const struct registry_query *query,
                                  struct registry_result **ret, struct registry_error *err);

/* The same answer, cut by the registry to a part: quick for a host that wants a few entry points of a large group. Name
 * conflicts and shadowing are those of the whole answer. An old name gives the record that it leads to. */
REGISTRY_API int registry_resolve_part(struct registry *registry,
                                       const struct registry_query *query,
                                       const struct registry_part *part,
                                       struct registry_result **ret, struct registry_error *err);

/* The plugins in directories, read without importing or running anything. A broken plugin is a
 * record with errors. Needs no registry: `registry` may be NULL. Directories of many plugins
 * are read by two threads; the second has ended when the call returns. Fails with: usage (no such
 * root, unknown convention), no-memory. */
REGISTRY_API int registry_walk(struct registry *registry,
                               const struct registry_walk_options *options,
                               struct registry_result **ret, struct registry_error *err);

/* Walks, resolves and compares one group. */
REGISTRY_API int registry_compare(struct registry *registry, const struct registry_query *query,
                                  const struct registry_walk_options *options,
                                  struct registry_parity **ret, struct registry_error *err);

/* The plugins of the groups, from directories and the registry as the mode says. A source that cannot
 * answer, a missing root and a broken plugin become findings and hide nothing else. When the registry
 * is unreachable, the last-known-good snapshot answers for it, else the directories. `registry` may be
 * NULL: there is none.
 *
 * The registry's decisions hold in every mode but "walk": a walked plugin that must not run is withheld. It
 * is not among the records and shadows nothing; registry_result_withheld lists it, and a diagnostic
 * "withheld" says who decided, when, and which command changes it. Diagnostics also say when decisions are
 * unknown, not enforced, or from a snapshot that is too old.
 * Fails with: usage (no group, no such mode or level), not-found (see `strict`), no-memory. */
REGISTRY_API int registry_discover(struct registry *registry,
                                   const struct registry_discovery *discovery,
                                   struct registry_result **ret, struct registry_error *err);

/* Sends one request, with the token, the deadline and the rules of the handle. *ret is the registry's
 * answer; also when it refuses, then without JSON and with the findings that explain the refusal. When the
 * request could not be sent, *ret may stay untouched: set it to NULL before the call.
 * Fails with: usage (the method, the path, a token over plain http), unreachable, timeout, and what the
 * registry refuses with. */
REGISTRY_API int registry_send(struct registry *registry, const struct registry_request *request,
                               struct registry_answer **ret, struct registry_error *err);

/* Reads and checks what lies at a path, and publishes it; nothing is imported, built or run. Publishing the
 * same again changes nothing. The answer's JSON is the object that `registryctl publish --format json` prints
 * for one path, also after a failure; its findings are that object's warnings and errors. *ret as with
 * registry_send.
 * Fails with: usage (nothing to publish there), invalid, conflict (other content under this version),
 * unauthorized, forbidden, too-large, io, unreachable, timeout. */
REGISTRY_API int registry_publish(struct registry *registry,
                                  const struct registry_publication *publication,
                                  struct registry_answer **ret, struct registry_error *err);

/* The JSON text of an answer; NULL after a refusal of registry_send. Borrowed. */
REGISTRY_API const char *registry_answer_json(const struct registry_answer *answer);
/* What the registry, or reading the path, has to say besides: *ret_count findings. Borrowed. */
REGISTRY_API const struct registry_finding *
registry_answer_findings(const struct registry_answer *answer, size_t *ret_count);
REGISTRY_API void registry_answer_free(struct registry_answer *answer);

/* The number of records in a result. */
REGISTRY_API size_t registry_result_count(const struct registry_result *result);
/* The record at an index, borrowed from the result; NULL when index is out of range. */
REGISTRY_API const struct registry_record *
registry_result_record(const struct registry_result *result, size_t index);
/* The record of one entry point in the answer of registry_resolve or registry_discover, by its name or by an old name
 * that leads to it, as registry_find_named; *ret_alias as there. A record that is shadowed is not given. Borrowed; NULL:
 * there is none. */
REGISTRY_API const struct registry_record *
registry_result_find(const struct registry_result *result, const char *group, const char *name,
                     const struct registry_decision **ret_alias);
/* The records as the JSON array of `registryctl walk` and `resolve`. Borrowed; NULL = no memory. */
REGISTRY_API const char *registry_result_json(const struct registry_result *result);
/* The findings of registry_discover about the sources, *ret_count of them. Borrowed. */
REGISTRY_API const struct registry_finding *
registry_result_diagnostics(const struct registry_result *result, size_t *ret_count);
/* The walked plugins that registry_discover withheld, *ret_count of them. The first finding of each is an
 * error: the decision. Borrowed. */
REGISTRY_API const struct registry_record *
registry_result_withheld(const struct registry_result *result, size_t *ret_count);
/* The decisions that came with the answer of registry_resolve or registry_discover. Borrowed. */
REGISTRY_API const struct registry_decision *
registry_result_decisions(const struct registry_result *result, size_t *ret_count);
REGISTRY_API void registry_result_free(struct registry_result *result);

/* Whether both sides of a comparison are equal. strict: broken plugins count as differences, too. */
REGISTRY_API bool registry_parity_is_equal(const struct registry_parity *parity, bool strict);
/* The report as the JSON object of `registryctl compare`. Borrowed; NULL = no memory. */
REGISTRY_API const char *registry_parity_json(struct registry_parity *parity);
REGISTRY_API void registry_parity_free(struct registry_parity *parity);

#ifdef __cplusplus
}
#endif

#endif
