// SPDX-License-Identifier: Apache-2.0
#include "model/user_event.hpp"

#include <fmt/core.h>

namespace caravan::model {

std::uint64_t user_event_index(const base::Uuid& id) {
  std::uint64_t halves[2] = {0, 0};
  for (std::size_t i = 0; i < id.bytes.size(); ++i)
    halves[i / 8] = halves[i / 8] << 8 | id.bytes[i];
  return halves[0] ^ halves[1];
}

std::string user_event_complaint(const UserEvent& event) {
  if (event.name.empty()) return "Missing event name";
  if (event.name.starts_with('_')) return "Event names that begin with _ are reserved";
  if (event.name.size() > user_event_name_max)
    return fmt::format("Event name is too long: {} bytes are above {}", event.name.size(),
                       user_event_name_max);
  if (event.payload.size() > user_event_payload_max)
    return fmt::format("Event payload is too large: {} bytes are above {}", event.payload.size(),
                       user_event_payload_max);
  for (const std::string* filter : {&event.node_filter, &event.service_filter, &event.tag_filter})
    if (filter->size() > user_event_filter_max)
      return fmt::format("Event filter is too long: {} bytes are above {}", filter->size(),
                         user_event_filter_max);
  if (!event.tag_filter.empty() && event.service_filter.empty())
    return "Cannot provide tag filter without service filter";
  return "";
}

}  // namespace caravan::model
