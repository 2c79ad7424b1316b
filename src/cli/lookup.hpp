// SPDX-License-Identifier: Apache-2.0
// From what a user typed to the one object that was meant.
#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"

namespace caravan::cli {

/// Each returns the list entry of the one match. Otherwise it has said why, and the command ends
/// with 1: nothing matches, or several do and a table of them was printed.
std::optional<json::Value> find_alloc(Context& context, const std::string& prefix);
std::optional<json::Value> find_node(Context& context, const std::string& prefix);
std::optional<json::Value> find_eval(Context& context, const std::string& prefix);
std::optional<json::Value> find_deployment(Context& context, const std::string& prefix);
/// A job whose id is exactly `prefix` wins over others that begin so.
std::optional<json::Value> find_job(Context& context, const std::string& prefix);

/// "/v1/job/a%2Fb" with the id escaped.
std::string job_path(const json::Value& job, std::string_view rest = "");
/// The namespace of a found object, so that the next call asks there.
Params in_namespace_of(const json::Value& object);

/// The node of this agent, for -self; "" when it has none.
base::Result<std::string> own_node_id(Context& context);
/// The id of the node that a verb is about: of this agent with -self, else the one of the first
/// word. "" when there is none; it has said why.
std::string target_node(Context& context);

}  // namespace caravan::cli
