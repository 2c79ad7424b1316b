// SPDX-License-Identifier: Apache-2.0
#include "state/transaction.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "state/catalog_entries.hpp"

namespace caravan::state {
namespace {

using wire::CatalogVerb;

std::string named(std::string_view kind, const std::string& id, const std::string& node) {
  return fmt::format("{} \"{}\" on node \"{}\"", kind, id, node);
}

/// A copy: what is in the tree moves as others are written.
template <class Map, class Key>
auto found(const Map& map, const Key& key) {
  const auto* entry = map.find(key);
  return entry ? *entry : std::remove_cvref_t<decltype(*entry)>();
}

template <class T>
std::uint64_t index_of(const Ref<T>& entry) {
  return entry ? entry->modify_index : 0;
}

constexpr const char* changed_meanwhile = "was changed by somebody else meanwhile";

}  // namespace

bool only_reads(const std::vector<wire::TxnOperation>& operations) {
  return std::ranges::all_of(operations, [](const wire::TxnOperation& o) {
    if (o.kv) return only_reads(std::vector{*o.kv});
    const CatalogVerb verb = o.node ? o.node->verb : o.service ? o.service->verb : o.check->verb;
    return verb == CatalogVerb::get;
  });
}

TxnOutcome tried(const Tables& tables, std::uint64_t index, std::int64_t time_ns,
                 const std::vector<wire::TxnOperation>& operations) {
  Tables copy = tables;
  Change change(copy, index, time_ns);
  Transaction transaction(change);
  for (const wire::TxnOperation& operation : operations)
    transaction.run(operation);
  return std::move(transaction.outcome());
}

void apply(Change& change, const wire::ApplyTxn& c) {
  TxnOutcome outcome = tried(change.tables(), change.index(), change.time_ns(), c.operations);
  const bool can_be_done = outcome.failures.empty();
  outcome.datacenter = c.datacenter;
  change.keep(std::move(outcome));
  if (!can_be_done) return change.refuse();
  Transaction transaction(change);
  for (const wire::TxnOperation& operation : c.operations)
    transaction.run(operation);
}

void Transaction::run(const wire::TxnOperation& o) {
  if (o.kv)
    run(*o.kv);
  else if (o.node)
    run(*o.node);
  else if (o.service)
    run(*o.service);
  else if (o.check)
    run(*o.check);
  ++place_;
}

void Transaction::run(const wire::KvOperation& o) {
  kv_.run(o);
  TxnOutcome of_key = kv_.take_outcome();
  std::ranges::move(of_key.shown, std::back_inserter(outcome_.shown));
  for (TxnOutcome::Failure& failure : of_key.failures)
    fail(std::move(failure.what));
  for (const auto& [key, entry] : kv_.take_writes()) {
    if (entry)
      change_.put(entry);
    else
      change_.erase_kv(key);
  }
}

bool Transaction::is_as_expected(CatalogVerb verb, std::uint64_t expected, std::uint64_t index,
                                 const std::string& what) {
  const bool is_gone_already = verb == CatalogVerb::remove_cas && index == 0;
  const bool asks = verb == CatalogVerb::cas || verb == CatalogVerb::remove_cas;
  if (!asks || is_gone_already || expected == index) return true;
  fail(fmt::format("failed to {} {}, index is stale", writes(verb) ? "set" : "delete", what));
  return false;
}

void Transaction::run(const wire::NodeOperation& o) {
  const std::string on = base::to_lower(o.node.name);
  const auto& nodes = change_.tables().catalog_nodes;
  const Ref<model::CatalogNode> known = found(nodes, on);
  const std::string what = fmt::format("node \"{}\"", o.node.name);
  if (!is_as_expected(o.verb, o.node.modify_index, index_of(known), what)) return;
  if (o.verb == CatalogVerb::get && !known) return fail(what + " doesn't exist");
  if (removes(o.verb)) return change_.erase_catalog_node(on);
  if (writes(o.verb)) {
    model::CatalogNode node = o.node;
    node.has_agent = known && known->has_agent;
    put_node(change_, std::move(node));
  }
  outcome_.shown.push_back({.node = found(nodes, on)});
}

void Transaction::run(const wire::ServiceOperation& o) {
  const model::OnNode at{base::to_lower(o.service.node), o.service.id};
  const auto& services = change_.tables().catalog_services;
  const Ref<model::CatalogService> known = found(services, at);
  const std::string what = named("service", o.service.id, o.service.node);
  if ((known ? known->name : "") != o.known_name) return fail(what + " " + changed_meanwhile);
  if (!is_as_expected(o.verb, o.service.modify_index, index_of(known), what)) return;
  if (o.verb == CatalogVerb::get && !known) return fail(what + " doesn't exist");
  if (removes(o.verb)) return change_.erase_catalog_service(at);
  if (writes(o.verb)) {
    const Ref<model::CatalogNode> node = found(change_.tables().catalog_nodes, at.first);
    if (!node) return fail(fmt::format("failed to set {}: Missing node registration", what));
    put_service(change_, node->name, o.service);
  }
  outcome_.shown.push_back({.service = found(services, at)});
}

void Transaction::run(const wire::CheckOperation& o) {
  const model::OnNode at{base::to_lower(o.check.node), o.check.id};
  const auto& checks = change_.tables().catalog_checks;
  const Ref<model::CatalogCheck> known = found(checks, at);
  const std::string what = named("check", o.check.id, o.check.node);
  const bool is_as_known = o.is_known == (known != nullptr) &&
                           (!known || known->service_name == o.known_service);
  if (!is_as_known) return fail(what + " " + changed_meanwhile);
  if (!is_as_expected(o.verb, o.check.modify_index, index_of(known), what)) return;
  if (o.verb == CatalogVerb::get && !known) return fail(what + " doesn't exist");
  if (removes(o.verb)) return change_.erase_catalog_check(at);
  if (writes(o.verb)) {
    const Ref<model::CatalogNode> node = found(change_.tables().catalog_nodes, at.first);
    if (!node) return fail(fmt::format("failed to set {}: Missing node registration", what));
    if (!o.check.service_id.empty()) {
      const Ref<model::CatalogService> service =
          found(change_.tables().catalog_services, model::OnNode{at.first, o.check.service_id});
      if (!service || service->name != o.check.service_name)
        return fail(fmt::format("failed to set {}: Missing service registration", what));
    }
    put_check(change_, node->name, o.check);
  }
  outcome_.shown.push_back({.check = found(checks, at)});
}

}  // namespace caravan::state
