// SPDX-License-Identifier: Apache-2.0
// Which allocation and which task a command about running things means.
#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"

namespace caravan::cli {

/// The whole allocation that `word` begins the id of or, under -job, one of that job's, running
/// ones first. Otherwise it has said why.
std::optional<json::Value> target_alloc(Context& context, const std::string& word);

/// `name`, or the only task when it is "". Otherwise it has said why.
std::optional<std::string> target_task(Context& context, const json::Value& alloc,
                                       const std::string& name);

/// -task, or the word at `at` where that is where commands have it.
std::string task_word(const Context& context, std::size_t at);

}  // namespace caravan::cli
