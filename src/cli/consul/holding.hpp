// SPDX-License-Identifier: Apache-2.0
// A place in a lock: the only one (a mutex), or one of several (a semaphore).
#pragma once

#include <memory>

#include "cli/consul/lock_session.hpp"

namespace caravan::cli::consul {

/// Enough for any fleet; so many sessions fit well into the value of one key.
inline constexpr int holders_max = 4096;

class Holding {
 public:
  virtual ~Holding() = default;
  Holding(const Holding&) = delete;

  virtual base::Status open(const std::string& name) = 0;
  /// One attempt. Errors: conflict, no place is free; invalid, what is under the prefix is another
  /// kind of lock, or one for another number of holders.
  virtual base::Status acquire() = 0;
  /// Until it might go better, and no longer than that.
  virtual void wait(base::Duration most) = 0;
  /// Errors: conflict, the place is lost, or the wish for one.
  virtual base::Status renew() = 0;
  /// Gives back what there is; also what only says that somebody waited.
  virtual void release() = 0;

 protected:
  Holding() = default;
};

/// The key that says who holds it lies beside what others put under the prefix. Source: the
/// registry's guides on leader elections and semaphores.
std::string lock_key(const std::string& prefix);

std::unique_ptr<Holding> make_mutex(Context& context, const std::string& prefix);
/// `limit`: how many may hold it, 2..holders_max.
std::unique_ptr<Holding> make_semaphore(Context& context, const std::string& prefix, int limit);

}  // namespace caravan::cli::consul
