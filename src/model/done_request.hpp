// SPDX-License-Identifier: Apache-2.0
// A request whose command is in the log: who asks again is told what came of it, and it is not done
// twice (ADR 40).
#pragma once

#include <cstdint>
#include <string>

#include "base/id.hpp"
#include "model/field.hpp"

namespace caravan::model {

struct DoneRequest {
  base::Uuid id;
  std::uint64_t index = 0;     // of its command
  std::uint64_t kind = 0;      // of its command, as in the log
  bool refused = false;        // something stood in its way, so that it changed nothing
  base::Uuid made;             // the evaluation, session or token that it made, if any
  base::Unknown unknown;
  friend bool operator==(const DoneRequest&, const DoneRequest&) = default;
};
template <class V>
void fields(V& v, DoneRequest& r) {
  v(1, "ID", r.id);
  v(2, "Index", r.index);
  v(3, "Kind", r.kind);
  v(4, "Refused", r.refused);
  v(5, "Made", r.made);
  v.unknown(r.unknown);
}

}  // namespace caravan::model
