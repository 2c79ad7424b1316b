// SPDX-License-Identifier: Apache-2.0
// The token that stands for whoever asks this agent's registry without one. Source: Consul's public
// documentation of `acl.tokens.default`.
#pragma once

#include <mutex>
#include <string>

#include "base/result.hpp"
#include "http/message.hpp"
#include "io/disk.hpp"
#include "io/task_fwd.hpp"

namespace caravan::agent {

class DefaultToken {
 public:
  /// `file`: where one that came by the API is kept; "" forgets it with the agent.
  DefaultToken(io::Disk& disk, std::string file, std::string configured)
      : disk_(disk), file_(std::move(file)), configured_(configured), secret_(configured) {}

  /// Before the first request. Errors: io, invalid (the file).
  base::Status load();
  /// "": there is none. Any thread.
  std::string secret() const;
  /// By the API. Any thread. Errors: invalid (too long, or what no header may have), io.
  io::Task<base::Status> set(std::string secret);
  /// What files say when they are read again: counts when it is something else than before.
  void configure(const std::string& configured);
  /// The request with this token in its header, when it has none and there is one.
  http::Request shown_by(const http::Request& request) const;

 private:
  void take(std::string secret);

  io::Disk& disk_;
  const std::string file_;
  mutable std::mutex mutex_;  // guards what follows
  std::string configured_, secret_;
};

}  // namespace caravan::agent
