// SPDX-License-Identifier: Apache-2.0
#include "ingress/silent_servers.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::ingress {
namespace {

bool is_leaving(const Slot& slot) { return slot.state == Slot::State::leaving; }

/// Of one line of the table: nobody took the connection, and nobody refused it.
bool says_silence(std::string_view line) {
  for (const char* word : {"L4TOUT", "No route to host", "unreachable"})
    if (line.find(word) != std::string_view::npos) return true;
  return false;
}

}  // namespace

std::vector<std::string> questions_about_leaving(const Placement& placement) {
  constexpr int servers_only = 4;
  std::vector<std::string> questions;
  for (const auto& [backend, slots] : placement)
    if (std::ranges::any_of(slots, is_leaving))
      questions.push_back(fmt::format("show stat {} {} -1", backend, servers_only));
  return questions;
}

std::vector<SilentServer> silent_servers(const Placement& placement, std::string_view stat) {
  std::set<std::string, std::less<>> silent;
  for (const std::string& line : base::split(stat, '\n')) {
    const std::vector<std::string> fields = base::split(line, ',');
    if (fields.size() > 2 && says_silence(line)) silent.insert(fields[0] + "/" + fields[1]);
  }
  std::vector<SilentServer> found;
  for (const auto& [backend, slots] : placement)
    for (std::size_t i = 0; i < slots.size(); ++i)
      if (const std::string name = backend + "/" + slot_name(i);
          is_leaving(slots[i]) && silent.contains(name))
        found.push_back({name, slots[i].since});
  return found;
}

}  // namespace caravan::ingress
