// SPDX-License-Identifier: Apache-2.0
// A write is done once, however often it is sent: each has a key, drawn by the agent that it comes
// to first or sent by the client, and what became of a key can be asked (ADR 40).
#pragma once

#include "api/route.hpp"
#include "state/store.hpp"

namespace caravan::api {

inline constexpr std::size_t key_bytes_max = 255;

/// Where any agent is asked what became of a request: ours. `done_header` of the answer says "yes"
/// (the answer is the one that was lost), "no" (and it never will be under another leader), or
/// nothing, when that is not known.
inline const std::string done_path = "/v1/agent/request/";
inline constexpr const char* done_header = "X-Caravan-Done";

/// What makes a write this one.
struct Once {
  std::string key;
  base::Uuid id;            // nil: it is a read
  std::uint64_t since = 0;  // what this agent had seen of the log before it sent the request
};

/// The id of a request under a key: that of another request, or of another caller, is another one.
base::Uuid once_id(const http::Request& request, std::string_view key, std::string_view token);

/// Asks for the request's fate, in the name of whoever sent it.
http::Request question_about(const http::Request& request, const Once& once);

/// `face`: that which the requests come to.
std::vector<Route> once_routes(const state::Store& store, const Face& face);

}  // namespace caravan::api
