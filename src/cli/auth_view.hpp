// SPDX-License-Identifier: Apache-2.0
// Auth methods and binding rules as the command line shows them. Pure.
#pragma once

#include <string>

#include "json/value.hpp"

namespace caravan::cli {

std::string auth_method_view(const json::Value& method);
std::string binding_rule_view(const json::Value& rule);

}  // namespace caravan::cli
