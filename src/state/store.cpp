// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

#include "base/assert.hpp"

namespace caravan::state {

Store::Store() : published_(std::make_shared<const Tables>()) {}

std::vector<std::string> Store::apply(std::uint64_t index, std::string_view bytes) {
  ASSERT(index > tables_.index);
  tables_.index = index;
  std::vector<std::string> touched;
  const base::Result<wire::Command> command = wire::decode_command(bytes, &tables_);
  if (command) {
    Change change(tables_, index, command->time_ns);
    std::visit([&](const auto& body) { state::apply(change, body); }, command->body);
    touched = std::move(change.touched());
  }
  published_.store(std::make_shared<const Tables>(tables_), std::memory_order_release);
  return touched;
}

base::Status Store::restore(std::string_view bytes) {
  TRY(std::unique_ptr<Tables> loaded, load(bytes));
  tables_ = *loaded;
  published_.store(std::make_shared<const Tables>(tables_), std::memory_order_release);
  return {};
}

}  // namespace caravan::state
