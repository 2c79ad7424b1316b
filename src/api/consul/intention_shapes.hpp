// SPDX-License-Identifier: Apache-2.0
// Intentions as their own pages write and show them. Pure.
#pragma once

#include "acl/authorized.hpp"
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

/// Of a service, or of "*", which is any: who may read some may read those, and only who may write
/// all may write them. Errors: denied.
bool may_read_intentions(const acl::Authorized& caller, const std::string& service);
base::Status may_write_intentions(const acl::Authorized& caller, const std::string& destination);

}  // namespace caravan::api::consul
