// SPDX-License-Identifier: MIT
// The inside of the page of the transition, for the files of this folder.
#pragma once

#include "registryd/store/transition/store_transition.h"
#include "registryd/web/frame/page.h"

enum { HOSTS_ON_A_PAGE = 50, HOSTS_PLOTTED = 12 };

struct transition_view {
    struct hosts_filter filter;
    int64_t number;                        // of the page of hosts, from 1
    struct host_rows hosts;                // one more than a page has when others follow
    struct group_standings groups;         // all of them
    const struct group_standing *group;    // of the filter; NULL = all groups are shown
    struct common_differences differences; // of the same hosts
    struct progress_points progress;
};

// "differs", "agrees, not for long enough", ... as a badge.
void transition_add_state(struct html *html, const char *state);
// The state of a whole group. Static.
const char *transition_group_state(const struct group_standing *group);
// The page with another state, team or group; NULL takes it from the filter no longer. Arena.
const char *transition_address(struct page_context *page, const struct hosts_filter *filter,
                               int64_t number);

// transition_hosts.c: a line a host, and with a group a plot of each.
void transition_add_hosts(struct page_context *page, const struct transition_view *view);
enum status transition_add_plots(struct page_context *page, const struct transition_view *view,
                                 struct error *err);

// transition_common.c: what differs, told once with the hosts that have it.
void transition_add_differences(struct page_context *page, const struct transition_view *view);

// transition_progress.c: how many hosts agree, over time.
void transition_add_progress(struct page_context *page, const struct transition_view *view);
