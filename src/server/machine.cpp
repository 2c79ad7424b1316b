// SPDX-License-Identifier: Apache-2.0
#include "server/machine.hpp"

namespace caravan::server {

void Machine::apply(consensus::Index index, std::string_view command) {
  const std::vector<std::string> touched = store_.apply(index, command);
  watches_.touch(touched);
  if (listener_) listener_(touched);
}

std::function<std::string()> Machine::capture() {
  return [snapshot = store_.snapshot()] { return state::dump(*snapshot); };
}

base::Status Machine::restore(std::string_view bytes) {
  TRY_VOID(store_.restore(bytes));
  watches_.touch_all();
  return {};
}

}  // namespace caravan::server
