// SPDX-License-Identifier: Apache-2.0
#include "model/node_pool.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

constexpr std::size_t name_max = 128, description_max = 256;
/// Each node asks for a signature twice within it.
constexpr base::Duration node_identity_ttl_min = std::chrono::minutes(1);
constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

}  // namespace

NodePool built_in_pool(std::string_view name) {
  NodePool pool;
  pool.name = name;
  pool.description =
      name == pool_all ? "Node pool with all nodes in the cluster." : "Default node pool.";
  pool.create_index = pool.modify_index = 1;
  return pool;
}

std::string complaint(const NodePool& pool) {
  if (pool.name.empty() || pool.name.size() > name_max ||
      pool.name.find_first_not_of(name_characters) != std::string::npos)
    return fmt::format("Name: \"{}\" is not 1 to {} letters, digits, - and _",
                       base::printable(pool.name, name_max), name_max);
  if (pool.description.size() > description_max)
    return fmt::format("Description: {} characters, at most {}", pool.description.size(),
                       description_max);
  if (pool.node_identity_ttl < node_identity_ttl_min)
    return fmt::format("NodeIdentityTTL: {} is less than {}",
                       base::format_duration(pool.node_identity_ttl),
                       base::format_duration(node_identity_ttl_min));
  return "";
}

}  // namespace caravan::model
