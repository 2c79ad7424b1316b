// SPDX-License-Identifier: Apache-2.0
#include "api/consul/txn_access.hpp"

#include "base/text.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using wire::CatalogVerb;
using wire::KvVerb;

}  // namespace

base::Status TxnAccess::admit(wire::TxnOperation& o) {
  const bool is_allowed = o.kv        ? may(*o.kv)
                          : o.node    ? may(*o.node)
                          : o.service ? may(*o.service)
                                      : may(*o.check);
  if (!is_allowed) return base::fail(base::Code::denied, acl::permission_denied);
  return {};
}

bool TxnAccess::may(const wire::KvOperation& operation) const {
  switch (operation.verb) {
    case KvVerb::get_tree:
      return true;  // what may not be read is not shown
    case KvVerb::get:
    case KvVerb::get_or_empty:
    case KvVerb::check_index:
    case KvVerb::check_session:
    case KvVerb::check_not_exists:
      return caller_.may(Capability::key_read, operation.key);
    case KvVerb::remove_tree:
      return caller_.may_all_under(Capability::key_write, operation.key);
    default:
      return caller_.may(Capability::key_write, operation.key);
  }
}

/// With a node goes all that is on it, as with `catalog/deregister`.
bool TxnAccess::may(const wire::NodeOperation& o) {
  const bool reads = o.verb == CatalogVerb::get;
  const std::string on = base::to_lower(o.node.name);
  const auto* known = tables_.catalog_nodes.find(on);
  const std::string& name = known ? (*known)->name : o.node.name;
  if (removes(o.verb)) {
    emptied_.insert(on);
    std::erase_if(services_, [&](const auto& entry) { return entry.first.first == on; });
    std::erase_if(checks_, [&](const auto& entry) { return entry.first.first == on; });
  }
  return caller_.may(reads ? Capability::catalog_node_read : Capability::catalog_node_write, name);
}

std::string TxnAccess::service_at(const model::OnNode& at) const {
  if (const auto changed = services_.find(at); changed != services_.end()) return changed->second;
  if (emptied_.contains(at.first)) return "";
  const auto* known = tables_.catalog_services.find(at);
  return known ? (*known)->name : "";
}

std::optional<std::string> TxnAccess::check_at(const model::OnNode& at) const {
  if (const auto changed = checks_.find(at); changed != checks_.end()) return changed->second;
  const auto* known = tables_.catalog_checks.find(at);
  if (emptied_.contains(at.first) || !known) return std::nullopt;
  return (*known)->service_name;
}

/// Of a service that is not there, what it is asked for by: nobody learns what he may not read.
bool TxnAccess::may(wire::ServiceOperation& o) {
  const bool reads = o.verb == CatalogVerb::get;
  const Capability needed = reads ? Capability::service_read : Capability::service_write;
  const model::OnNode at{base::to_lower(o.service.node), o.service.id};
  o.known_name = service_at(at);
  if (!o.known_name.empty() && !caller_.may(needed, o.known_name)) return false;
  if (reads || removes(o.verb)) {
    if (!reads) {
      services_[at] = "";
      tables_.checks_by_service.from({at, ""}, [&](const auto& check, const state::Nothing&) {
        if (check.first == at) checks_[{at.first, check.second}] = std::nullopt;
        return check.first == at;
      });
    }
    const std::string& asked = o.service.name.empty() ? o.service.id : o.service.name;
    return !o.known_name.empty() || caller_.may(needed, asked);
  }
  services_[at] = o.service.name;
  return caller_.may(needed, o.service.name);
}

bool TxnAccess::may_touch_check(bool reads, const std::string& node,
                                const std::string& service) const {
  if (service.empty())
    return caller_.may(reads ? Capability::catalog_node_read : Capability::catalog_node_write,
                       node);
  return caller_.may(reads ? Capability::service_read : Capability::service_write, service);
}

bool TxnAccess::may(wire::CheckOperation& o) {
  const bool reads = o.verb == CatalogVerb::get;
  const std::string on = base::to_lower(o.check.node);
  const auto* node = tables_.catalog_nodes.find(on);
  const std::string& name = node ? (*node)->name : o.check.node;
  const std::optional<std::string> known = check_at({on, o.check.id});
  o.is_known = known.has_value();
  o.known_service = known.value_or("");
  if (known && !may_touch_check(reads, name, *known)) return false;
  if (known && (reads || removes(o.verb))) {
    if (!reads) checks_[{on, o.check.id}] = std::nullopt;
    return true;
  }
  if (!o.check.service_id.empty()) {
    const std::string service = service_at({on, o.check.service_id});
    o.check.service_name = service.empty() ? o.check.service_id : service;
  } else {
    o.check.service_name.clear();
  }
  if (!reads && !removes(o.verb)) checks_[{on, o.check.id}] = o.check.service_name;
  return may_touch_check(reads, name, o.check.service_name);
}

}  // namespace caravan::api::consul
