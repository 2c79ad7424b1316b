// SPDX-License-Identifier: Apache-2.0
// HTTP/2 as a client that asks a stranger one thing: whether it is there, or one call. nghttp2 does
// the framing and knows no socket.
#pragma once

#include <memory>
#include <string>

#include "io/network.hpp"
#include "io/task_fwd.hpp"

namespace caravan::checks {

/// What is kept of an answer's body; health answers have a few bytes.
inline constexpr std::size_t call_body_max = 4096;

struct Call {
  std::string scheme, authority, path, body;
};
struct CallAnswer {
  int status = 0;
  std::string body;                       // its beginning
  std::string grpc_status, grpc_message;  // of head or trailers; "" when there is none
};

/// Whether the other side answers a ping; without a limit of time. Errors: io (hung up), invalid
/// (it does not speak HTTP/2).
io::Task<base::Status> ping(std::unique_ptr<io::Stream> stream);
/// One gRPC call with its answer. Errors: as ping.
io::Task<base::Result<CallAnswer>> call(std::unique_ptr<io::Stream> stream, Call asked);

}  // namespace caravan::checks
