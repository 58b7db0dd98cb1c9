// SPDX-License-Identifier: MIT
// A host's reports over time, drawn as SVG: how many entry points the walk found, how many the registry
// had, where they differed, and since when they have agreed.
#pragma once

#include "registryd/store/store.h"
#include "registryd/web/frame/html.h"

// `label` says to those who do not see it what is drawn.
void plot_add(struct html *html, const struct report_points *points, const char *label);

// The key to the lines, once a page.
void plot_add_legend(struct html *html);
