// SPDX-License-Identifier: Apache-2.0
// One question to a service: does somebody accept a connection, does a page answer below 400?
#pragma once

#include "http/message.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"

namespace caravan::checks {

/// Of an answer that is not a plain 200, this much is kept to be shown.
inline constexpr std::size_t output_bytes_max = 3 * 1024;
/// Whatever a job says, a probe ends after this time.
inline constexpr base::Duration timeout_max = std::chrono::minutes(10);

struct Probe {
  enum class Kind { tcp, http } kind = Kind::tcp;
  io::Address address;
  base::Duration timeout{0};
  std::string method = "GET", path = "/", body;  // http
  bool tls = false;                              // http over TLS
  bool checks_peer = true;                       // whether the certificate has to be believed
  std::string server_name;  // that the certificate is for, when it is not the host
  http::Headers headers;
};

struct Outcome {
  bool passing = false;
  int status_code = 0;  // http
  std::string output;
};

/// Always ends within the probe's timeout, and always with an outcome: not to be reached is one.
io::Task<Outcome> ask(io::Network& network, io::Clock& clock, Probe probe);

}  // namespace caravan::checks
