// SPDX-License-Identifier: Apache-2.0
#include "model/disconnect.hpp"

namespace caravan::model {

std::vector<std::string> complaints(const Disconnect& disconnect) {
  std::vector<std::string> list;
  if (disconnect.lost_after < base::Duration(0)) list.emplace_back("LostAfter: below 0");
  if (disconnect.stop_on_client_after && *disconnect.stop_on_client_after < base::Duration(0))
    list.emplace_back("StopOnClientAfter: below 0");
  if (disconnect.stop_on_client_after && disconnect.lost_after > base::Duration(0))
    list.emplace_back("LostAfter and StopOnClientAfter exclude each other");
  return list;
}

}  // namespace caravan::model
