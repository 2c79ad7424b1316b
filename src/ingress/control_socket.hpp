// SPDX-License-Identifier: Apache-2.0
// HAProxy's socket for commands, as its Management Guide describes it.
#pragma once

#include <string>
#include <vector>

#include "io/task_fwd.hpp"
#include "io/world.hpp"

namespace caravan::ingress {

class ControlSocket {
 public:
  ControlSocket(io::Network& network, io::Clock& clock, std::string path)
      : network_(network), clock_(clock), path_(std::move(path)) {}

  /// What is answered to one line. Errors: io, timeout.
  io::Task<base::Result<std::string>> ask(std::string line);
  /// What is answered to all of them, one after the other. Errors: as of ask().
  io::Task<base::Result<std::string>> ask_each(const std::vector<std::string>& lines);
  /// Carries out commands that answer nothing when they succeed. Errors: also invalid (what was
  /// answered to one of them).
  io::Task<base::Status> carry_out(const std::vector<std::string>& commands);
  /// Which configuration the data plane has; "" when it does not answer.
  io::Task<std::string> generation();

 private:
  io::Task<base::Result<std::string>> converse(std::string line);
  io::Network& network_;
  io::Clock& clock_;
  const std::string path_;
};

}  // namespace caravan::ingress
