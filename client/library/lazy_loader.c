// SPDX-License-Identifier: MIT
// The calls of libregistryclient.so that need the whole library (full.h): they load it, once, from beside
// the file that this code is in, and hand on. Any thread may be the first.
#include "client/public/handle_error.h"
#include "client/library/full_library.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char file_name[] = "libregistryclient-full.so.0";

// Set once, by load(), and only read afterwards.
static const struct registry_full *full;
static char reason[512];

// The path of the file beside this one, as it was when this one was loaded: the name it was loaded by may
// be relative, and the process may have gone elsewhere since. False when it is too long.
static bool find_file(char ret_path[PATH_MAX]) {
    Dl_info info;
    void *self = NULL;
    char folder[PATH_MAX];
    if (!dladdr1(file_name, &info, &self, RTLD_DL_LINKMAP) ||
        dlinfo(self, RTLD_DI_ORIGIN, folder) != 0) {
        return false;
    }
    int len = snprintf(ret_path, PATH_MAX, "%s/%s", folder, file_name);
    return len > 0 && len < PATH_MAX;
}

static void load(void) {
    char path[PATH_MAX];
    void *handle = find_file(path) ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    const struct registry_full *found = handle ? dlsym(handle, "registry_full_1") : NULL;
    if (!found) {
        const char *why = dlerror();
        snprintf(reason, sizeof reason, "%s", why ? why : "its path is too long");
    } else if (strcmp(found->version, REGISTRYD_VERSION) != 0) {
        snprintf(reason, sizeof reason, "%s has version %s, but this library has version %s",
                 file_name, found->version, REGISTRYD_VERSION);
    } else {
        full = found;
    }
}

// The whole library, or NULL with *err filled.
static const struct registry_full *need_full(struct registry_error *err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    if (!full) {
        struct error fault = {0};
        handle_error(err,
                     fail(&fault, STATUS_UNAVAILABLE, NULL,
                          "The part of the library that queries registries and walks directories "
                          "cannot be loaded: %s",
                          reason),
                     &fault);
    }
    return full;
}

int registry_resolve(struct registry *registry, const struct registry_query *query,
                     struct registry_result **ret, struct registry_error *err) {
    const struct registry_full *rest = need_full(err);
    return rest ? rest->resolve(registry, query, ret, err) : STATUS_UNAVAILABLE;
}

int registry_resolve_part(struct registry *registry, const struct registry_query *query,
                          const struct registry_part *part, struct registry_result **ret,
                          struct registry_error *err) {
    const struct registry_full *rest = need_full(err);
    return rest ? rest->resolve_part(registry, query, part, ret, err) : STATUS_UNAVAILABLE;
}

int registry_walk(struct registry *registry, const struct registry_walk_options *options,
                  struct registry_result **ret, struct registry_error *err) {
    const struct registry_full *rest = need_full(err);
    return rest ? rest->walk(registry, options, ret, err) : STATUS_UNAVAILABLE;
}

int registry_compare(struct registry *registry, const struct registry_query *query,
                     const struct registry_walk_options *options, struct registry_parity **ret,
                     struct registry_error *err) {
    const struct registry_full *rest = need_full(err);
    return rest ? rest->compare(registry, query, options, ret, err) : STATUS_UNAVAILABLE;
}

int registry_discover(struct registry *registry, const struct registry_discovery *discovery,
                      struct registry_result **ret, struct registry_error *err) {
    const struct registry_full *rest = need_full(err);
    return rest ? rest->discover(registry, discovery, ret, err) : STATUS_UNAVAILABLE;
}

int registry_refresh(struct registry *registry, int timeout_ms, bool *ret_changed,
                     struct registry_error *err) {
    const struct registry_full *rest = need_full(err);
    return rest ? rest->refresh(registry, timeout_ms, ret_changed, err) : STATUS_UNAVAILABLE;
}

int registry_send(struct registry *registry, const struct registry_request *request,
                  struct registry_answer **ret, struct registry_error *err) {
    const struct registry_full *rest = need_full(err);
    return rest ? rest->send(registry, request, ret, err) : STATUS_UNAVAILABLE;
}

int registry_publish(struct registry *registry, const struct registry_publication *publication,
                     struct registry_answer **ret, struct registry_error *err) {
    const struct registry_full *rest = need_full(err);
    return rest ? rest->publish(registry, publication, ret, err) : STATUS_UNAVAILABLE;
}
