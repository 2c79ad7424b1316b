// SPDX-License-Identifier: Apache-2.0
// One line of the audit log: who asked for what, and what became of it. The shape is that of
// Nomad's public documentation. Pure.
//
// No secret stands in it. A token shows as its HMAC under a key of the agent, so that what one
// token did can be found by whoever has the token and the key; of the values of a query those that
// are known to be harmless are shown, and of all others the HMAC.
#pragma once

#include <string>

#include "acl/authorized.hpp"
#include "api/route.hpp"
#include "http/message.hpp"

namespace caravan::api {

enum class AuditStage { received, complete };
std::string_view name_of(AuditStage stage);

struct AuditEvent {
  AuditStage stage = AuditStage::received;
  base::Instant time;
  base::Uuid id;       // of the entry
  base::Uuid request;  // the same in both stages
  const http::Request* asked = nullptr;
  std::string face;                         // "" for the cluster's own API
  std::string agent;                        // the name of this one
  std::string token;                        // the secret that came along
  const acl::Authorized* caller = nullptr;  // null: nobody that is known
  int status = 0;                           // of the answer, once there is one
  std::string error;                        // what a refusal says
};

/// Without a line end. `key`: 32 bytes.
std::string audit_entry(const AuditEvent& event, std::string_view key);

/// "hmac-sha256:" and hex digits; "" of nothing.
std::string audit_hmac(std::string_view key, std::string_view secret);

}  // namespace caravan::api
