// SPDX-License-Identifier: Apache-2.0
// One question to a service: does somebody accept a connection, does a page answer, does it say of
// itself that it serves?
#pragma once

#include "http/message.hpp"
#include "io/datagrams.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"
#include "model/catalog.hpp"

namespace caravan::checks {

/// Of an answer that is not a plain 200, this much is kept to be shown.
inline constexpr std::size_t output_bytes_max = 3 * 1024;
/// Whatever a job says, a probe ends after this time.
inline constexpr base::Duration timeout_max = std::chrono::minutes(10);

struct Probe {
  enum class Kind { tcp, http, grpc, h2ping } kind = Kind::tcp;
  io::Address address;
  base::Duration timeout{0};
  std::string method = "GET", path = "/", body;  // http
  std::string grpc_service;                      // grpc: whom the health is asked of; "": all
  bool tls = false;                              // all but tcp, over TLS
  bool checks_peer = true;                       // whether the certificate has to be believed
  std::string server_name;  // that the certificate is for, when it is not the host
  http::Headers headers;
  std::size_t output_max = output_bytes_max;
};

struct Outcome {
  bool passing = false;  // as services of jobs count it: any page below 400 is well
  /// As load balancers count it: pages only below 300, and 429 is a warning.
  model::Health health = model::Health::critical;
  int status_code = 0;  // http
  std::string output;
  bool is_quoted = false;  // the output is what the service said, and not said here
  std::string location;    // http: where a redirection leads
};

/// Always ends within the probe's timeout, and always with an outcome: not to be reached is one.
io::Task<Outcome> ask(io::Network& network, io::Clock& clock, Probe probe);

/// Sends a packet and passes when any comes back from there. `address` has an IP, or is of
/// localhost. Ends as ask() does.
io::Task<Outcome> ask_udp(io::Datagrams& datagrams, io::Clock& clock, io::Address address,
                          base::Duration timeout);

}  // namespace caravan::checks
