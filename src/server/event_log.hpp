// SPDX-License-Identifier: Apache-2.0
// The last changes of the state, for streams of events. A ring in memory: what falls out of it is
// gone, and every server has its own.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "state/tables.hpp"

namespace caravan::server {

struct EventLogConfig {
  bool enabled = true;
  std::size_t size = 100;          // changes that are kept,
  std::size_t keys_max = 200'000;  // fewer when they touched more than this in all
};

/// One log entry and what it did. What it means is worked out by whoever reads it.
struct Change {
  std::uint64_t index = 0;
  std::size_t kind = 0;                                     // of the command
  std::shared_ptr<const std::vector<std::string>> touched;  // watch keys; never null
  state::Snapshot before, after;
};

/// What streams of events wait for in server::Watches.
inline constexpr const char* events_key = "events";

class EventLog {
 public:
  explicit EventLog(EventLogConfig config) : config_(config) {}

  bool enabled() const { return config_.enabled; }
  /// Main lane only.
  void add(Change change);
  /// The state was replaced as a whole: who reads has missed what led there.
  void clear(std::uint64_t index);

  /// The oldest change after `index`. `missed`: others that came after it are gone already.
  struct Next {
    std::shared_ptr<const Change> change;  // null: none yet
    bool missed = false;
  };
  Next after(std::uint64_t index) const;  // any thread
  /// The index after which everything is still here.
  std::uint64_t begin() const;

 private:
  EventLogConfig config_;
  mutable std::mutex mutex_;  // guards what follows
  std::deque<std::shared_ptr<const Change>> changes_;
  std::size_t keys_ = 0;    // touched by all of them
  std::uint64_t gone_ = 0;  // the index of the newest change that fell out
};

}  // namespace caravan::server
