// SPDX-License-Identifier: Apache-2.0
// How long a query may wait.
#pragma once

#include "api/route.hpp"

namespace caravan::api {

/// The parameter `wait`, or what holds without it. Errors: invalid ("Invalid wait time").
base::Result<base::Duration> wait_of(const Call& call);

}  // namespace caravan::api
