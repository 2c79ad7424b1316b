// SPDX-License-Identifier: Apache-2.0
// What is known of one check of this agent: its newest result, counted against its thresholds, and
// when something is due. Pure.
#pragma once

#include <optional>

#include "checks/tally.hpp"
#include "registry/check_definition.hpp"

namespace caravan::registry {

inline constexpr base::Duration words_interval = std::chrono::minutes(5);

class OwnCheck {
 public:
  /// `now` is uptime, here and below.
  OwnCheck(CheckDefinition definition, base::Duration now);

  /// What a probe, or its owner, found. True when others are to hear of it: of another status at
  /// once, of other words alone once in `words_interval`, since pages that tell the time are many.
  bool note(model::Health found, std::string output, base::Duration now);
  /// As read back from the disk: it stands until something else is found.
  void resume(model::Health status, std::string output, base::Duration now);
  /// A TTL has run out: critical from here on. True when it was something else.
  bool expire(base::Duration now);
  /// Whether its service has been critical for as long as it may.
  bool wants_end(base::Duration now) const;

  const CheckDefinition& definition() const { return definition_; }
  model::Health status() const { return status_; }
  const std::string& output() const { return output_; }
  bool is_probed() const {
    return definition_.kind != CheckKind::ttl && definition_.kind != CheckKind::alias &&
           definition_.kind != CheckKind::maintenance;
  }
  /// When to probe next, or when its TTL runs out; nothing: never.
  std::optional<base::Duration> due() const;
  void probed_at(base::Duration now) { next_ = now + definition_.interval; }
  bool asking = false;  // a probe is on its way

  /// As the API of this agent shows it. `node`: this agent's.
  model::CatalogCheck shown(const std::string& node) const;
  /// The same with the words that others have heard.
  model::CatalogCheck told(const std::string& node) const;

 private:
  void set(model::Health status, base::Duration now);
  bool tell_words(bool at_once, base::Duration now);

  CheckDefinition definition_;
  model::Health status_;
  std::string output_, told_output_;
  base::Duration words_told_{0};
  checks::Tally tally_;
  base::Duration next_;  // the next probe, or the end of the TTL
  std::optional<base::Duration> critical_since_;
};

}  // namespace caravan::registry
