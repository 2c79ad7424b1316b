// SPDX-License-Identifier: Apache-2.0
// The page for browsers: four files, built from web/ and carried in the program (ADR 42). It knows
// only what the API tells the token that somebody signs in with.
#pragma once

#include "api/route.hpp"

namespace caravan::api {

/// "/" leads to "/ui/"; below that every address that is no file is the page itself, which finds
/// out what to show.
/// `is_registry`: only its part of the page is shown.
std::vector<Route> web_page_routes(bool is_registry);

}  // namespace caravan::api
