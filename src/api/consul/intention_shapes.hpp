// SPDX-License-Identifier: Apache-2.0
// Intentions as their own pages write and show them. Pure.
#pragma once

#include "base/result.hpp"
#include "model/intention.hpp"

namespace caravan::api::consul {

json::Object intention_json(const model::Intention& intention);

/// What somebody wrote; what it does not say of source and destination is as given. Errors:
/// invalid, naming the member; unsupported (another namespace).
base::Result<model::Intention> intention_of(json::Object body, std::string source = "",
                                            std::string destination = "");

/// The name of a service in a parameter: "web" or "default/web". Errors: invalid (none, or of
/// another namespace); `what` is the parameter's name.
base::Result<std::string> service_named(const std::string& text, std::string_view what);

}  // namespace caravan::api::consul
