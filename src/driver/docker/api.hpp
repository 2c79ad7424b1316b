// SPDX-License-Identifier: Apache-2.0
// The engine's HTTP API over its socket: versions, JSON, and errors in our words. What the calls
// mean is known by those who make them.
#pragma once

#include <memory>
#include <string>

#include "http/client.hpp"
#include "io/world.hpp"
#include "json/value.hpp"

namespace caravan::driver::docker {

class Api {
 public:
  /// `engine`: the engine's UNIX socket.
  Api(io::World& world, io::Address engine) : world_(world), engine_(std::move(engine)) {}

  /// One call; `body` null sends none. Returns the answer's JSON, or null when it has none.
  /// Errors: invalid (400), denied (401, 403), not_found, conflict, io (no engine, 500), timeout.
  io::Task<base::Result<json::Value>> call(std::string method, std::string path,
                                           json::Value body = {},
                                           base::Duration timeout = call_timeout);
  /// A call whose answer comes in pieces; the head is there. Errors: as call().
  io::Task<base::Result<std::unique_ptr<http::Incoming>>> open(http::Request request,
                                                               base::Duration head_timeout);
  io::Task<base::Result<std::unique_ptr<http::Incoming>>> send(http::Request request,
                                                               http::Outgoing& body,
                                                               base::Duration head_timeout);
  /// The API version that both sides speak, "1.41". Errors: as call(); unsupported (too old).
  io::Task<base::Result<std::string>> version();

  const io::Address& engine() const { return engine_; }
  io::World& world() { return world_; }

  static constexpr base::Duration call_timeout{60'000'000'000};

 private:
  io::Task<base::Result<http::Request>> versioned(http::Request request);

  io::World& world_;
  io::Address engine_;
  std::string version_;  // "" until asked
};

http::Request request(std::string method, std::string path);

/// 41 for "1.41"; 0 for what is no such version.
int minor_version(std::string_view version);

}  // namespace caravan::driver::docker
