// SPDX-License-Identifier: Apache-2.0
// The session in whose name a lock is held: while it lives, what it holds is nobody else's.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "cli/command.hpp"

namespace caravan::cli::consul {

class LockSession {
 public:
  /// The servers may let it live for twice as long.
  static constexpr base::Duration time_to_live = std::chrono::seconds(15);

  explicit LockSession(Context& context) : context_(context) {}

  base::Status open(const std::string& name);
  /// Errors: conflict, it is gone, and with it all that it held.
  base::Status renew();
  void close();
  const std::string& id() const { return id_; }

  /// The entries at a key, or under a prefix: none is not an error. `index`: what to wait for.
  struct Entries {
    json::Array rows;
    std::uint64_t index = 0;
  };
  base::Result<Entries> read(const std::string& key, bool is_prefix);
  /// Returns when there is something newer than `index`, and after `most`.
  void wait(const std::string& key, bool is_prefix, std::uint64_t index, base::Duration most);
  /// Writes a key; `params` say on what terms. Errors: conflict, when these do not hold.
  base::Status put(const std::string& key, const std::string& value, Params params);
  /// Only as it was seen: what others made of it meanwhile stays.
  void erase(const json::Value& entry);

 private:
  Context& context_;
  std::string id_;
};

}  // namespace caravan::cli::consul
