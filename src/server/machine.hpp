// SPDX-License-Identifier: Apache-2.0
// The state as consensus sees it: commands go in, and whoever watches is told what changed.
#pragma once

#include <functional>

#include "consensus/replica.hpp"
#include "server/event_log.hpp"
#include "server/watches.hpp"
#include "state/store.hpp"

namespace caravan::server {

class Machine : public consensus::StateMachine {
 public:
  /// `known`: the version of the log up to which this server understands commands.
  Machine(state::Store& store, Watches& watches, EventLog& events, wire::LogVersion known)
      : store_(store), watches_(watches), events_(events), known_(known) {}

  /// Called on the main lane after each applied command, with the keys it touched.
  void on_touched(std::function<void(const std::vector<std::string>&)> listener) {
    listener_ = std::move(listener);
  }

  /// Called there after another state was restored.
  void on_restored(std::function<void()> listener) { restored_ = std::move(listener); }

  base::Status apply(consensus::Index index, std::string_view command) override;
  std::function<std::string()> capture() override;
  base::Status restore(std::string_view bytes) override;
  std::uint64_t hash() const override { return store_.snapshot()->hash(); }

 private:
  void begin_anew();

  state::Store& store_;
  Watches& watches_;
  EventLog& events_;
  wire::LogVersion known_;
  std::function<void(const std::vector<std::string>&)> listener_;
  std::function<void()> restored_;
};

}  // namespace caravan::server
