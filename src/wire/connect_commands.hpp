// SPDX-License-Identifier: Apache-2.0
// Changes of the authority of the service mesh.
#pragma once

#include "model/connect_ca.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// In place of the one that there is. Refused when that has another index than the expected one (0:
/// there is to be none). Roots that are new get this command's index, the others keep theirs.
struct SetConnectCa {
  model::ConnectCa ca;
  std::uint64_t expected_index = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, SetConnectCa& c) {
  v(1, "CA", c.ca);
  v(2, "ExpectedIndex", c.expected_index);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
