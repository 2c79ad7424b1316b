// SPDX-License-Identifier: Apache-2.0
// A lock for one holder: the key `<prefix>/.lock`, acquired by its session.
#include <fmt/core.h>

#include "cli/consul/holding.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

/// Marks such entries, so that nobody takes another one for a lock.
constexpr std::uint64_t mutex_flags = 0x2ddccbc058a50c18;

class Mutex : public Holding {
 public:
  Mutex(Context& context, const std::string& prefix) : session_(context), key_(lock_key(prefix)) {}

  base::Status open(const std::string& name) override { return session_.open(name); }

  base::Status acquire() override {
    TRY(const LockSession::Entries seen, session_.read(key_, false));
    seen_ = 0;
    if (!seen.rows.empty()) {
      const json::Value& entry = seen.rows[0];
      if (entry.at("Flags").as_unsigned() != mutex_flags)
        return base::invalid(fmt::format(
            "{} is no lock for one holder: choose another prefix, or the -n of the others", key_));
      // Free and yet not to be had is a lock whose holder was lost: nothing changes when the
      // delay is over.
      if (!text(entry, "Session").empty()) seen_ = seen.index;
    }
    TRY_VOID(put("acquire"));
    holds_ = true;
    return {};
  }

  void wait(base::Duration most) override { session_.wait(key_, false, seen_, most); }

  base::Status renew() override {
    TRY_VOID(session_.renew());
    if (!holds_) return {};
    TRY(const LockSession::Entries seen, session_.read(key_, false));
    if (!seen.rows.empty() && text(seen.rows[0], "Session") == session_.id()) return {};
    return base::fail(base::Code::conflict, fmt::format("{} is not held any more", key_));
  }

  /// Also what is left of it goes, when nobody else has taken it meanwhile.
  void release() override {
    if (holds_) (void)put("release");
    session_.close();
    const base::Result<LockSession::Entries> left = session_.read(key_, false);
    if (!left || left->rows.empty() || !text(left->rows[0], "Session").empty()) return;
    if (left->rows[0].at("Flags").as_unsigned() == mutex_flags) session_.erase(left->rows[0]);
  }

 private:
  base::Status put(const char* step) {
    return session_.put(key_, "", {{step, session_.id()}, {"flags", fmt::format("{}", mutex_flags)}});
  }

  LockSession session_;
  std::string key_;
  std::uint64_t seen_ = 0;
  bool holds_ = false;
};

}  // namespace

std::string lock_key(const std::string& prefix) {
  const std::size_t end = prefix.find_last_not_of('/');
  return prefix.substr(0, end == std::string::npos ? 0 : end + 1) + "/.lock";
}

std::unique_ptr<Holding> make_mutex(Context& context, const std::string& prefix) {
  return std::make_unique<Mutex>(context, prefix);
}

}  // namespace caravan::cli::consul
