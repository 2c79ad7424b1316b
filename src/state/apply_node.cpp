// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/hash.hpp"
#include "state/store.hpp"

namespace caravan::state {
namespace {

void add_event(const Change& change, model::Node& node, std::string message,
               std::string subsystem) {
  model::NodeEvent event;
  event.message = std::move(message);
  event.subsystem = std::move(subsystem);
  event.timestamp = base::Instant{change.time_ns()};
  event.create_index = change.index();
  node.events.push_back(std::move(event));
  if (node.events.size() > model::node_events_max) node.events.erase(node.events.begin());
}

void set_status(const Change& change, model::Node& node, model::NodeStatus status) {
  if (node.status == status) return;
  node.status = status;
  node.status_updated_at = base::Instant{change.time_ns()}.seconds();
}

/// A node brings its pool with it.
void ensure_pool(Change& change, const std::string& name) {
  if (change.tables().node_pool(name)) return;
  auto pool = std::make_shared<model::NodePool>();
  pool->name = name;
  pool->create_index = pool->modify_index = change.index();
  change.put(Ref<model::NodePool>(pool));
}

std::string computed_class(const model::Node& node) {
  return fmt::format("v1:{}", base::hash64(model::class_signature(node)));
}

}  // namespace

void apply(Change& change, const wire::RegisterNode& c) {
  const Ref<model::Node> old = change.tables().node(c.node.id);
  // Another machine with the same id must not take the node over.
  if (old && old->secret_id != c.node.secret_id) return;
  auto node = std::make_shared<model::Node>(c.node);
  node->create_index = old ? old->create_index : change.index();
  node->modify_index = change.index();
  node->computed_class = computed_class(*node);
  if (old) {
    node->events = old->events;
    node->drain = old->drain;
    node->eligible = old->eligible;
    node->last_drain = old->last_drain;
    node->status = old->status;
    node->status_updated_at = old->status_updated_at;
    if (old->status == model::NodeStatus::down)
      add_event(change, *node, "Node re-registered", "Cluster");
  } else {
    node->status_updated_at = base::Instant{change.time_ns()}.seconds();
    add_event(change, *node, "Node registered", "Cluster");
  }
  set_status(change, *node, c.node.status);
  ensure_pool(change, node->node_pool);
  const bool heard = !node->is_silent();
  change.put(std::move(node));
  if (heard) hear_again(change, c.node.id);
  upsert_evals(change, c.evals);
}

void apply(Change& change, const wire::UpdateNodeStatus& c) {
  const Ref<model::Node> old = change.tables().node(c.node_id);
  if (!old) return;
  auto node = std::make_shared<model::Node>(*old);
  set_status(change, *node, c.status);
  node->modify_index = change.index();
  if (!c.event.empty()) add_event(change, *node, c.event, "Cluster");
  const bool heard = !node->is_silent();
  change.put(std::move(node));
  if (heard) hear_again(change, c.node_id);
  upsert_evals(change, c.evals);
}

void apply(Change& change, const wire::UpdateNodeEligibility& c) {
  const Ref<model::Node> old = change.tables().node(c.node_id);
  if (!old) return;
  auto node = std::make_shared<model::Node>(*old);
  node->eligible = c.eligible;
  node->modify_index = change.index();
  add_event(change, *node,
            c.eligible ? "Node marked as eligible for scheduling"
                       : "Node marked as ineligible for scheduling",
            "Cluster");
  change.put(std::move(node));
  upsert_evals(change, c.evals);
}

void apply(Change& change, const wire::PurgeNodes& c) {
  for (const base::NodeId& id : c.nodes)
    change.erase_node(id);
  upsert_evals(change, c.evals);
}

void apply(Change& change, const wire::UpdateNodeDrain& c) {
  const Ref<model::Node> old = change.tables().node(c.node_id);
  if (!old || (c.is_complete && !old->drain)) return;
  auto node = std::make_shared<model::Node>(*old);
  node->modify_index = change.index();
  node->drain = c.strategy;
  node->eligible = c.strategy ? false : node->eligible || c.mark_eligible;
  const char* status = c.strategy ? "draining" : (c.is_complete ? "complete" : "canceled");
  const std::string now = base::format_rfc3339(base::Instant{change.time_ns()});
  json::Object last = {{"StartedAt", now},
                       {"UpdatedAt", now},
                       {"Status", status},
                       {"AccessorID", ""},
                       {"Meta", nullptr}};
  if (const json::Object* before = old->last_drain.as_object(); before && old->drain) {
    last["StartedAt"] = *before->find("StartedAt");
    last["Meta"] = *before->find("Meta");
  }
  if (!c.meta.empty()) {
    json::Object meta;
    for (const auto& [key, value] : c.meta)
      meta[key] = value;
    last["Meta"] = std::move(meta);
  }
  node->last_drain = std::move(last);
  const char* message = c.strategy      ? "Node drain strategy set"
                        : c.is_complete ? "Node drain complete"
                                        : "Node drain strategy unset";
  add_event(change, *node, message, "Drain");
  change.put(std::move(node));
  upsert_evals(change, c.evals);
}

}  // namespace caravan::state
