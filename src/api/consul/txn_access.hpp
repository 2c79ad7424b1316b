// SPDX-License-Identifier: Apache-2.0
// Whether a caller may do what a transaction says, operation by operation. Services and checks are
// named by ids, and what may be done to them hangs on the names that they have: those are looked up
// here and written into the operation, which leaves alone what has another one by then. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "acl/authorized.hpp"
#include "state/tables.hpp"

namespace caravan::api::consul {

class TxnAccess {
 public:
  /// Both outlive it.
  TxnAccess(const acl::Authorized& caller, const state::Tables& tables)
      : caller_(caller), tables_(tables) {}

  /// Of the operations in their order. Errors: denied.
  base::Status admit(wire::TxnOperation& operation);

 private:
  bool may(const wire::KvOperation& o) const;
  bool may(const wire::NodeOperation& o);
  bool may(wire::ServiceOperation& o);
  bool may(wire::CheckOperation& o);
  bool may_touch_check(bool reads, const std::string& node, const std::string& service) const;
  /// Of the service there, after what the operations before did; "" when there is none.
  std::string service_at(const model::OnNode& at) const;
  /// The name of the service whose check it is, "" of the node's; nothing when there is none.
  std::optional<std::string> check_at(const model::OnNode& at) const;

  const acl::Authorized& caller_;
  const state::Tables& tables_;
  // What the operations before made of it.
  std::set<std::string> emptied_;  // nodes
  std::map<model::OnNode, std::string> services_;
  std::map<model::OnNode, std::optional<std::string>> checks_;
};

}  // namespace caravan::api::consul
