// SPDX-License-Identifier: Apache-2.0
#include "server/children.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::server {
namespace {

constexpr std::size_t id_prefix_max = 128;

model::Job child_of(const model::Job& parent, std::string id) {
  model::Job child = parent;
  child.parent_id = parent.id;
  child.id = child.name = std::move(id);
  child.status = model::JobStatus::pending;
  child.status_description.clear();
  child.stable = false;
  child.version = child.create_index = child.modify_index = child.job_modify_index = 0;
  child.version_tag = {};
  for (model::TaskGroup& group : child.groups)
    group.scaling.reset();  // it is the parent that is scaled
  return child;
}

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::ranges::find(list, word) != list.end();
}

}  // namespace

std::string periodic_child_id(const std::string& parent, base::Instant launch) {
  return fmt::format("{}/periodic-{}", parent, launch.seconds());
}

model::Job periodic_child(const model::Job& parent, base::Instant launch) {
  model::Job child = child_of(parent, periodic_child_id(parent.id, launch));
  child.periodic.reset();
  return child;
}

base::Status check_dispatch(const model::Job& parent, const DispatchRequest& request) {
  if (!parent.is_parameterized())
    return base::invalid(fmt::format("Specified job \"{}\" is not a parameterized job", parent.id));
  if (parent.stop) return base::invalid(fmt::format("Specified job \"{}\" is stopped", parent.id));
  const model::ParameterizedJob& rules = *parent.parameterized;
  if (rules.payload == "required" && request.payload.empty())
    return base::invalid("Payload is not provided but required by parameterized job");
  if (rules.payload == "forbidden" && !request.payload.empty())
    return base::invalid("Payload provided but forbidden by parameterized job");
  if (request.payload.size() > payload_bytes_max)
    return base::invalid(fmt::format("Payload exceeds maximum size; {} > {}",
                                     request.payload.size(), payload_bytes_max));
  std::vector<std::string> missing, unpermitted;
  for (const std::string& key : rules.meta_required)
    if (!request.meta.contains(key)) missing.push_back(key);
  for (const auto& [key, value] : request.meta)
    if (!contains(rules.meta_required, key) && !contains(rules.meta_optional, key))
      unpermitted.push_back(key);
  if (!unpermitted.empty())
    return base::invalid(fmt::format("Dispatch request included unpermitted metadata keys: [{}]",
                                     base::printable(base::join(unpermitted, " "), 512)));
  if (!missing.empty())
    return base::invalid(
        fmt::format("Dispatch did not provide required meta keys: [{}]", base::join(missing, " ")));
  if (request.id_prefix.size() > id_prefix_max)
    return base::invalid(fmt::format("IdPrefixTemplate: {} characters, the limit is {}",
                                     request.id_prefix.size(), id_prefix_max));
  for (const char c : request.id_prefix)
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
      return base::invalid("IdPrefixTemplate: contains a space or a control character");
  if (request.priority < 0 || request.priority > 100)
    return base::invalid(fmt::format("Priority: {} is outside 1..100", request.priority));
  return {};
}

model::Job dispatched_child(const model::Job& parent, const DispatchRequest& request,
                            base::Instant now, std::uint32_t number) {
  const std::string prefix = request.id_prefix.empty() ? "" : request.id_prefix + "-";
  model::Job child = child_of(
      parent, fmt::format("{}/dispatch-{}{}-{:08x}", parent.id, prefix, now.seconds(), number));
  child.dispatched = true;
  child.dispatch_idempotency_token = request.idempotency_token;
  child.payload = base::base64_encode(request.payload);
  for (const auto& [key, value] : request.meta)
    child.meta[key] = value;
  if (request.priority > 0) child.priority = request.priority;
  return child;
}

}  // namespace caravan::server
