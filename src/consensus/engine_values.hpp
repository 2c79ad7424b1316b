// SPDX-License-Identifier: Apache-2.0
// Between the engine's C structs and our values. Only engine.cpp includes this.
#pragma once

#include "consensus/engine.hpp"
#include "consensus/engine/caravan_engine.h"

namespace caravan::consensus {

inline CaravanBytes to_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view to_view(CaravanBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

/// Points into the value it was made of, which must live longer.
struct PlainSnapshot {
  explicit PlainSnapshot(const SnapshotMeta& meta);
  CaravanSnapshot plain{};
};

CaravanEntry to_plain(const Entry& entry);
ConfState to_conf(const CaravanConfState& plain);
EngineStatus to_status(const CaravanStatus& plain);
Message to_message(const CaravanMessage& plain);
Output to_output(const CaravanOutput& plain);

}  // namespace caravan::consensus
