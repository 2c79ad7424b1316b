// SPDX-License-Identifier: Apache-2.0
// A browser sends what any page tells it to, to whatever it can reach: also a page of another site,
// to an agent on the reader's own machine or network.
#pragma once

#include "http/message.hpp"

namespace caravan::api {

/// Whether a browser sends it in the name of a page that did not come from here, and it would do
/// more than show something. Where the page came from is told by `Origin`, which pages cannot
/// choose; here is what `Host` says, or `X-Forwarded-Host` of a proxy in between.
bool is_act_of_other_site(const http::Request& request);

}  // namespace caravan::api
