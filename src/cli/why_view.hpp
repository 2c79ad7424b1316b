// SPDX-License-Identifier: Apache-2.0
// The answers of eval why and alloc why in words. Pure.
#pragma once

#include "cli/format.hpp"

namespace caravan::cli {

std::string eval_why_page(const json::Value& why, bool verbose);
std::string alloc_why_page(const json::Value& why, bool verbose);

}  // namespace caravan::cli
