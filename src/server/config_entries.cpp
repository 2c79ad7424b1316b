// SPDX-License-Identifier: Apache-2.0
#include "server/config_entries.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "catalog/intentions.hpp"

namespace caravan::server {
namespace {

using model::ConfigEntry;
using model::ConfigKind;
using model::Intention;
using Entry = state::Ref<ConfigEntry>;

/// Who has to read before writing tries again so often when somebody else was faster.
constexpr int race_attempts_max = 8;

std::unexpected<base::Error> overtaken() {
  return base::fail(base::Code::conflict, "others are writing this entry all the time");
}
std::unexpected<base::Error> not_found() {
  return base::fail(base::Code::not_found, "Intention not found");
}

model::ConfigKey key_of(const std::string& destination) {
  return {ConfigKind::service_intentions, destination};
}

auto find_source(std::vector<Intention>& all, const std::string& source) {
  return std::ranges::find(all, source, &Intention::source);
}

std::uint64_t index_of(const Entry& entry) { return entry ? entry->modify_index : 0; }

}  // namespace

io::Task<base::Result<bool>> ConfigEntries::put(ConfigEntry entry,
                                                std::optional<std::uint64_t> expected) {
  for (int attempt = 0; attempt < race_attempts_max; ++attempt) {
    const state::Snapshot tables = store_.snapshot();
    const Entry before = tables->config_entry(entry.key());
    if (!before && tables->config_entries.size() >= model::config_entries_max)
      co_return base::invalid(fmt::format(
          "there are {} config entries already, and no more are kept", model::config_entries_max));
    wire::PutConfigEntry command{entry, expected, {}};
    const bool has_known_parts = entry.kind == ConfigKind::service_intentions;
    if (has_known_parts) {
      command.entry = model::with_known_sources(entry, before.get());
      if (!expected) command.expected_index = index_of(before);
    }
    CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command)));
    const bool is_done = !store_.snapshot()->was_refused(index);
    if (is_done || expected || !has_known_parts) co_return is_done;
  }
  co_return overtaken();
}

io::Task<base::Result<bool>> ConfigEntries::remove(model::ConfigKey key,
                                                   std::optional<std::uint64_t> expected) {
  wire::DeleteConfigEntry command{key.first, std::move(key.second), expected, {}};
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command)));
  co_return !store_.snapshot()->was_refused(index);
}

/// With its last intention an entry goes.
io::Task<base::Status> ConfigEntries::change(std::string destination, Edit edit) {
  for (int attempt = 0; attempt < race_attempts_max; ++attempt) {
    const Entry before = store_.snapshot()->config_entry(key_of(destination));
    std::vector<Intention> all =
        before ? model::intentions_of(*before) : std::vector<Intention>();
    CO_TRY_VOID(edit(all));
    if (all.size() > model::intention_sources_max)
      co_return base::invalid(fmt::format("{} has {} intentions already, and no more are kept",
                                          destination, model::intention_sources_max));
    wire::AnyCommand command = wire::DeleteConfigEntry{
        ConfigKind::service_intentions, destination, index_of(before), {}};
    if (!all.empty())
      command = wire::PutConfigEntry{model::entry_of(destination, all, before.get()),
                                     index_of(before), {}};
    CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command)));
    if (!store_.snapshot()->was_refused(index)) co_return base::Status();
  }
  co_return overtaken();
}

io::Task<base::Result<base::Uuid>> ConfigEntries::create(Intention intention) {
  intention.id = world_.random.uuid();
  intention.create_time = intention.update_time = now();
  const base::Uuid id = intention.id;
  std::string destination = intention.destination;
  const Edit add = [intention](std::vector<Intention>& all) -> base::Status {
    if (find_source(all, intention.source) != all.end())
      return base::invalid(fmt::format("duplicate intention found: {} => {}", intention.source,
                                       intention.destination));
    all.push_back(intention);
    return {};
  };
  CO_TRY_VOID(co_await change(std::move(destination), add));
  co_return id;
}

io::Task<base::Status> ConfigEntries::update(Intention intention) {
  const std::optional<Intention> old = catalog::intention_of(*store_.snapshot(), intention.id);
  if (!old) co_return not_found();
  if (old->source != intention.source || old->destination != intention.destination)
    co_return base::invalid("an intention's source and destination cannot be changed");
  co_return co_await put(std::move(intention));
}

io::Task<base::Status> ConfigEntries::put(Intention intention) {
  intention.update_time = now();
  std::string destination = intention.destination;
  const Edit replace = [intention](std::vector<Intention>& all) -> base::Status {
    const auto known = find_source(all, intention.source);
    if (known == all.end()) {
      all.push_back(intention);
      return {};
    }
    Intention next = intention;
    next.id = known->id;
    next.create_time = known->create_time;
    *known = std::move(next);
    return {};
  };
  co_return co_await change(std::move(destination), replace);
}

io::Task<base::Status> ConfigEntries::remove(const base::Uuid& id) {
  std::optional<Intention> old = catalog::intention_of(*store_.snapshot(), id);
  if (!old) co_return not_found();
  co_return co_await remove(std::move(old->source), std::move(old->destination));
}

io::Task<base::Status> ConfigEntries::remove(std::string source, std::string destination) {
  const Edit take_away = [source](std::vector<Intention>& all) -> base::Status {
    const auto known = find_source(all, source);
    if (known == all.end()) return not_found();
    all.erase(known);
    return {};
  };
  co_return co_await change(std::move(destination), take_away);
}

}  // namespace caravan::server
