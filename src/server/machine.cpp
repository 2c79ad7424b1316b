// SPDX-License-Identifier: Apache-2.0
#include "server/machine.hpp"

namespace caravan::server {
namespace {

/// No event comes of these, and there are many: they must not push out what makes some.
bool is_of_registry(std::size_t kind) {
  constexpr std::size_t kinds[] = {
      wire::kind_of<wire::ApplyKv>(), wire::kind_of<wire::CreateSession>(),
      wire::kind_of<wire::DestroySession>(), wire::kind_of<wire::FireEvent>(),
      wire::kind_of<wire::UpdateCoordinates>(), wire::kind_of<wire::ApplyTxn>()};
  return std::ranges::find(kinds, kind) != std::end(kinds);
}

}  // namespace

base::Status Machine::apply(consensus::Index index, std::string_view command) {
  TRY_VOID(wire::understands(known_, command));
  Change change;
  change.kind = wire::kind_of(wire::carried(command)).value_or(0);
  change.before = store_.snapshot();
  auto touched = std::make_shared<std::vector<std::string>>(store_.apply(index, command));
  if (change.kind == wire::kind_of<wire::RestoreState>() && !touched->empty() &&
      touched->front() == state::key::restored) {
    begin_anew();
    if (restored_) restored_();
    return {};
  }
  change.index = store_.snapshot()->index;
  if (events_.enabled() && !touched->empty() && !is_of_registry(change.kind)) {
    touched->emplace_back(events_key);
    change.after = store_.snapshot();
    change.touched = touched;
    events_.add(std::move(change));
  }
  watches_.touch(*touched);
  if (listener_) listener_(*touched);
  return {};
}

std::function<std::string()> Machine::capture() {
  return [snapshot = store_.snapshot()] { return state::dump(*snapshot); };
}

base::Status Machine::restore(std::string_view bytes) {
  TRY_VOID(store_.restore(bytes));
  if (const wire::LogVersion version = store_.snapshot()->log_version; version > known_)
    return base::fail(base::Code::unsupported, wire::newer_log(version, known_));
  begin_anew();
  return {};
}

void Machine::begin_anew() {
  events_.clear(store_.snapshot()->index);
  watches_.touch_all();
}

}  // namespace caravan::server
