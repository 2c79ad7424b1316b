// SPDX-License-Identifier: Apache-2.0
// Who keeps the key-encryption key from those who only get at a server's disk: nobody, a passphrase
// that the disk does not hold, or a service elsewhere that opens it on request (a transit engine).
#pragma once

#include <string>
#include <vector>

#include "http/tls.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"
#include "json/value.hpp"

namespace caravan::server {

struct KeyGuard {
  enum class Kind { aead, passphrase, transit } kind = Kind::aead;  // aead: the key as it is
  std::string passphrase;
  // Of a transit engine.
  io::Address address;
  bool tls = false;
  http::TlsMaterial material;
  std::string server_name, token, ns;
  std::string mount = "transit", key_name;

  /// As the configuration names it.
  const char* name() const;
};

/// What is written to the disk in the key's place. Errors: io, denied and unavailable (the
/// service).
io::Task<base::Result<json::Object>> close(io::World& world, const KeyGuard& guard,
                                           std::string key);
/// And back. Errors: also invalid (another passphrase, damage).
io::Task<base::Result<std::string>> open(io::World& world, const KeyGuard& guard,
                                         json::Value closed);

}  // namespace caravan::server
