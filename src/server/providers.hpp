// SPDX-License-Identifier: Apache-2.0
// Asking identity providers, within limits: of time, of bytes, of how many are asked at once, and
// of how often strangers can make us ask. Any lane.
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "io/world.hpp"
#include "server/provider.hpp"
#include "state/tables.hpp"

namespace caravan::server {

class Providers {
 public:
  explicit Providers(io::World& world) : world_(world) {}

  using Reply = base::Result<std::shared_ptr<const Provider>>;

  /// What the method's provider is known to say, asked again after ten minutes, or when `jwt` names
  /// a key that is not known, but then at most every ten seconds. One that could not be asked is
  /// asked again after two. Errors: io (with what was asked
  /// and what is wrong), busy.
  io::Task<Reply> find(state::Ref<model::AuthMethod> method, const crypto::Jwt* jwt);

  /// One question to the provider, whose answer is JSON. Errors: io, busy; denied when it says that
  /// it does not like what it was asked (4xx), in its own words.
  io::Task<base::Result<json::Object>> ask(std::shared_ptr<const http::Tls> tls, std::string url,
                                           http::Request request);

 private:
  struct Known {
    std::uint64_t method_index = 0;
    base::Duration at{0}, asked{0};            // uptime: of the answer, and of the newest question
    std::shared_ptr<const Provider> provider;  // null: none has come
    std::optional<base::Error> failure;        // of the newest question
  };
  std::optional<Reply> remembered(const model::AuthMethod& method, const crypto::Jwt* jwt,
                                  base::Duration now);
  io::Task<Reply> fetch(state::Ref<model::AuthMethod> method);
  io::Task<base::Status> read_keys(Provider& provider, std::string url);

  io::World& world_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, Known> known_;
  int asking_ = 0;
};

}  // namespace caravan::server
