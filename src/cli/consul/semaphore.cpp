// SPDX-License-Identifier: Apache-2.0
// A lock for several holders.
#include <fmt/core.h>

#include "cli/consul/holding.hpp"
#include "cli/consul/semaphore_value.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

/// Each who comes or goes changes the same key. Who loses so often is found out by the others, as
/// one whose session has ended.
constexpr int release_attempts = 16;

class Semaphore : public Holding {
 public:
  Semaphore(Context& context, const std::string& prefix, int limit)
      : session_(context), key_(lock_key(prefix)), limit_(limit) {}

  base::Status open(const std::string& name) override {
    TRY(const LockSession::Entries seen, session_.read(folder(), true));
    TRY_VOID(semaphore_value(seen.rows, key_, limit_));  // before anything is written
    TRY_VOID(session_.open(name));
    return session_.put(folder() + session_.id(), "", terms("acquire", session_.id()));
  }

  base::Status acquire() override {
    TRY(const LockSession::Entries seen, session_.read(folder(), true));
    seen_ = seen.index;
    TRY(SemaphoreValue value, semaphore_value(seen.rows, key_, limit_));
    if (static_cast<int>(value.holders.size()) >= limit_)
      return base::fail(base::Code::conflict,
                        fmt::format("All {} places are held", value.holders.size()));
    value.holders.insert(session_.id());
    TRY_VOID(session_.put(key_, to_text(value), terms("cas", fmt::format("{}", value.index))));
    holds_ = true;
    return {};
  }

  void wait(base::Duration most) override { session_.wait(folder(), true, seen_, most); }

  base::Status renew() override {
    TRY_VOID(session_.renew());
    if (!holds_) return {};
    TRY(const LockSession::Entries seen, session_.read(folder(), true));
    TRY(const SemaphoreValue value, semaphore_value(seen.rows, key_, limit_));
    if (value.holders.contains(session_.id())) return {};
    return base::fail(base::Code::conflict, fmt::format("{} does not name us any more", key_));
  }

  void release() override {
    if (session_.id().empty()) return;
    for (int attempt = 0; holds_ && attempt < release_attempts; ++attempt)
      holds_ = !leave();
    session_.close();
    tidy_up();
  }

 private:
  std::string folder() const { return key_.substr(0, key_.rfind('/') + 1); }
  static Params terms(const char* name, const std::string& value) {
    return {{name, value}, {"flags", fmt::format("{}", semaphore_flags)}};
  }

  base::Status leave() {
    TRY(const LockSession::Entries seen, session_.read(folder(), true));
    TRY(SemaphoreValue value, semaphore_value(seen.rows, key_, limit_));
    if (value.holders.erase(session_.id()) == 0) return {};
    return session_.put(key_, to_text(value), terms("cas", fmt::format("{}", value.index)));
  }

  /// Keys of the dead, its own among them; and `.lock` when nobody is there who might want it.
  void tidy_up() {
    const base::Result<LockSession::Entries> left = session_.read(folder(), true);
    if (!left) return;
    for (const json::Value* dead : dead_contenders(left->rows, key_))
      session_.erase(*dead);
    const json::Value* lock = nullptr;
    for (const json::Value& row : left->rows) {
      if (!text(row, "Session").empty()) return;
      if (text(row, "Key") == key_) lock = &row;
    }
    if (lock && semaphore_value(left->rows, key_, limit_)) session_.erase(*lock);
  }

  LockSession session_;
  std::string key_;
  int limit_;
  std::uint64_t seen_ = 0;
  bool holds_ = false;
};

}  // namespace

std::unique_ptr<Holding> make_semaphore(Context& context, const std::string& prefix, int limit) {
  return std::make_unique<Semaphore>(context, prefix, limit);
}

}  // namespace caravan::cli::consul
