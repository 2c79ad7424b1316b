// SPDX-License-Identifier: Apache-2.0
// What a change of the state means to those who watch the cluster: one event for each object that
// it wrote. Pure.
#pragma once

#include "server/event_log.hpp"

namespace caravan::server {

struct Event {
  std::string topic, type, key;
  std::string ns;  // "" for what belongs to none
  std::vector<std::string> filter_keys;
  bool deleted = false;
  std::variant<state::Ref<model::Job>, state::Ref<model::Evaluation>, state::Ref<model::Allocation>,
               state::Ref<model::Deployment>, state::Ref<model::Node>, state::Ref<model::NodePool>,
               state::Ref<model::ServiceRegistration>, state::Ref<model::AclToken>,
               state::Ref<model::AclPolicy>, state::Ref<model::AclRole>,
               state::Ref<model::AuthMethod>, state::Ref<model::BindingRule>>
      object;
};

/// In the order in which the objects were written, each once. Commands that mean nothing to
/// watchers (garbage collection of evaluations, keys) give none.
std::vector<Event> events_of(const Change& change);

}  // namespace caravan::server
