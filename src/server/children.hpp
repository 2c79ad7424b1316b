// SPDX-License-Identifier: Apache-2.0
// The jobs that periodic and parameterized jobs make: what they inherit, and their names. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "model/job.hpp"

namespace caravan::server {

/// "<parent>/periodic-<unix seconds>".
std::string periodic_child_id(const std::string& parent, base::Instant launch);
model::Job periodic_child(const model::Job& parent, base::Instant launch);

/// What a dispatch gives to its job.
struct DispatchRequest {
  std::string payload;  // the bytes
  std::map<std::string, std::string> meta;
  std::string id_prefix, idempotency_token;
  int priority = 0;  // 0 = the parent's
};

inline constexpr std::size_t payload_bytes_max = 16 * 1024;

/// Whether the parent takes it. Errors: invalid, in the words of the field.
base::Status check_dispatch(const model::Job& parent, const DispatchRequest& request);
/// "<parent>/dispatch-[<prefix>-]<unix seconds>-<8 hex digits>". Precondition: it was checked.
model::Job dispatched_child(const model::Job& parent, const DispatchRequest& request,
                            base::Instant now, std::uint32_t number);

}  // namespace caravan::server
