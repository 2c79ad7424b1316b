// SPDX-License-Identifier: Apache-2.0
// Services and checks as files of Consul's form write them, in the words of its API. Pure.
#pragma once

#include <vector>

#include "json/value.hpp"

namespace caravan::config {

/// One `service` or `check`: names without their underscores, as the API takes any case, and single
/// blocks as the objects that they stand for.
json::Object in_api_words(const json::Object& definition);

/// The objects of `service` and `services`, or of `check` and `checks`, whichever way they stand
/// there: one, a list, or both. What is no object is left out.
std::vector<json::Object> definitions(const json::Value& one, const json::Value& many);

}  // namespace caravan::config
