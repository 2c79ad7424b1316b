// SPDX-License-Identifier: Apache-2.0
// How agents talk: a call has a request and an answer, a stream carries bytes both ways. Both sides
// of a connection may call the other one. Methods are named "Node.Register", "Alloc.Logs"; their
// requests and answers are nouns of wire/node_rpc.hpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "io/network.hpp"
#include "io/task_fwd.hpp"

namespace caravan::rpc {

/// Larger messages are refused on both sides.
inline constexpr std::size_t message_bytes_max = 64 * 1024 * 1024;

/// Who is at the other end, as the connection proved it.
struct Caller {
  bool is_server = false;   // of this region
  base::NodeId node_id;     // nil until a node has registered over this connection
  bool is_foreign = false;  // a server of another region
};

/// What one side offers. Runs on the lane of its owner.
class Service {
 public:
  virtual ~Service() = default;
  /// Errors travel to the caller with their code and message.
  virtual io::Task<base::Result<std::string>> call(const Caller& caller, std::string method,
                                                   std::string request) = 0;
  /// Serves one stream until either side ends it. An error before the first byte reaches the
  /// opener.
  virtual io::Task<base::Status> stream(const Caller& caller, std::string method, std::string head,
                                        io::Stream& stream) = 0;
};

/// A way to the other side.
class Channel {
 public:
  virtual ~Channel() = default;
  /// Errors: the service's own; unavailable when the connection is gone; timeout.
  virtual io::Task<base::Result<std::string>> call(std::string method, std::string request,
                                                   base::Duration timeout) = 0;
  virtual io::Task<base::Result<std::unique_ptr<io::Stream>>> open(std::string method,
                                                                   std::string head) = 0;
  /// Ends every stream and waits until nothing of them is left. Nothing may be asked after it.
  virtual io::Task<void> stop() = 0;
};

}  // namespace caravan::rpc
