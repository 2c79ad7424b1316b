// SPDX-License-Identifier: Apache-2.0
// What somebody tells all agents of a datacenter, or some of them: a name and a few bytes, for
// programs that watch for them. Source of the meaning: Consul's public documentation of events.
#pragma once

#include <cstdint>
#include <string>

#include "base/id.hpp"
#include "model/field.hpp"

namespace caravan::model {

/// The newest ones are kept; with what one of them may have, these bound all of them.
inline constexpr std::size_t user_events_max = 256;
inline constexpr std::size_t user_event_name_max = 128, user_event_filter_max = 256;
inline constexpr std::size_t user_event_payload_max = 4096;  // bytes

struct UserEvent {
  base::Uuid id;
  std::string name, payload;
  /// Expressions: who hears of it. "" leaves nobody out.
  std::string node_filter, service_filter, tag_filter;
  std::uint64_t ltime = 0;  // its place among all of them, from 1 on
  base::Unknown unknown;
  friend bool operator==(const UserEvent&, const UserEvent&) = default;
};
template <class V>
void fields(V& v, UserEvent& e) {
  v(1, "ID", e.id);
  v(2, "Name", e.name);
  v(3, "Payload", e.payload);
  v(4, "NodeFilter", e.node_filter);
  v(5, "ServiceFilter", e.service_filter);
  v(6, "TagFilter", e.tag_filter);
  v(7, "LTime", e.ltime);
  v.unknown(e.unknown);
}

/// The index of a list whose newest event has this id: both halves of the id in one, as clients
/// reckon it, too. It tells events apart and says nothing about their order.
std::uint64_t user_event_index(const base::Uuid& id);

/// What is wrong with its name, its size and its filters' sizes, "" when nothing is.
std::string user_event_complaint(const UserEvent& event);

}  // namespace caravan::model
