// SPDX-License-Identifier: MIT
// Activity for people: the page of all changes with filters, and Atom feeds (RFC 4287) of the same.
#pragma once

#include "registryd/request/api.h"

api_handler page_activity;    // GET /activity
api_handler activity_feed;    // GET /activity.atom, with the filters of the page
api_handler activity_package; // GET /packages/{name}/activity.atom
api_handler activity_group;   // GET /groups/{group}/activity.atom
