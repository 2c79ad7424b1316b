// SPDX-License-Identifier: Apache-2.0
// A watch: a question to the registry whose answer is handed on each time that it changes. What
// may be watched, what is asked for it, and what is shown. Pure. Source: Consul's public
// documentation of watches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::config {

/// What is watched, as files and flags say it. Which members count depends on the type.
struct WatchSubject {
  std::string type;
  std::string key, prefix, service, state, name, filter;
  std::vector<std::string> tags;
  bool passing_only = false;
  friend bool operator==(const WatchSubject&, const WatchSubject&) = default;
};

struct WatchQuestion {
  enum class Shows { answer, first_row, new_events };
  std::string path;
  std::vector<std::pair<std::string, std::string>> params;
  Shows shows = Shows::answer;
};

/// `mark`: what stands before the names of parameters where they are written: "-" of flags.
/// Errors: invalid (a type that is not known, or lacks what it needs).
base::Result<WatchQuestion> watch_question(const WatchSubject& subject, std::string_view mark);

/// What one watch has seen. It is asked what to ask, and told what came of it.
class Watching {
 public:
  explicit Watching(WatchQuestion question) : question_(std::move(question)) {}

  const WatchQuestion& question() const { return question_; }
  /// The index after which there is something new; 0: whatever is there is.
  std::uint64_t index() const { return index_; }
  /// The text to hand on, when it is another one than before. Of events: those that are new.
  std::optional<std::string> see(const json::Value& answer, std::uint64_t index);
  /// Takes what there is for known. For events that were told before anybody watched.
  void skip(const json::Value& answer, std::uint64_t index) { (void)see(answer, index); }
  /// Nobody answered: what comes next may be of another beginning. Events tell theirs themselves.
  void lose_track() {
    if (question_.shows != WatchQuestion::Shows::new_events) index_ = 0;
  }

 private:
  WatchQuestion question_;
  std::uint64_t index_ = 0;
  std::optional<std::string> before_;
};

}  // namespace caravan::config
