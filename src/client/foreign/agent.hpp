// SPDX-License-Identifier: Apache-2.0
// A Consul agent beside this one, that is not ours: how its HTTP API is asked.
#pragma once

#include "http/tls.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"
#include "json/value.hpp"

namespace caravan::client {

struct ForeignConfig {
  io::Address address;
  std::shared_ptr<const http::Tls> tls;  // null: plain HTTP
  bool checks_name = true;
  std::string token, user_and_password;
  base::Duration timeout{5'000'000'000};
};

class ForeignAgent {
 public:
  /// The world outlives it.
  ForeignAgent(io::World& world, ForeignConfig config)
      : world_(world), config_(std::move(config)) {}

  struct Reply {
    int status = 0;  // 200 or 404
    std::uint64_t index = 0;
    json::Value body;  // null when it is none
  };
  /// `path`: with its query. `more`: time besides the usual, for queries that wait. Errors: io,
  /// timeout; denied (403), internal (every other status, with its words).
  io::Task<base::Result<Reply>> ask(std::string method, std::string path, json::Value body = {},
                                    base::Duration more = base::Duration(0));
  std::string place() const { return config_.address.to_string(); }

 private:
  io::World& world_;
  const ForeignConfig config_;
};

/// What a node says of the agent beside it, of its page about itself.
std::map<std::string, std::string> attributes_of(const json::Value& self);

}  // namespace caravan::client
