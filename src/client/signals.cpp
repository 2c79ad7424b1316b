// SPDX-License-Identifier: Apache-2.0
#include "client/signals.hpp"

#include <csignal>
#include <cstring>

#include "base/text.hpp"

namespace caravan::client {
namespace {

constexpr int signal_max = 31;

}  // namespace

std::optional<int> signal_number(std::string name) {
  name = base::to_upper(name);
  if (name.starts_with("SIG")) name.erase(0, 3);
  if (const auto number = base::parse_int(name); number && *number >= 1 && *number <= signal_max)
    return static_cast<int>(*number);
  for (int s = 1; s <= signal_max; ++s)
    if (const char* known = ::sigabbrev_np(s); known && name == known) return s;
  return {};
}

std::string signal_names() {
  std::string names;
  for (int s = 1; s <= signal_max; ++s)
    if (const char* known = ::sigabbrev_np(s))
      names += std::string(names.empty() ? "" : ",") + "SIG" + known;
  return names;
}

}  // namespace caravan::client
