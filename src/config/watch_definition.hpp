// SPDX-License-Identifier: Apache-2.0
// The watches of an agent's files: what each watches, and who is told. Pure.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "config/ingress_problems.hpp"
#include "config/watch.hpp"

namespace caravan::config {

/// Each parks one question at a server.
inline constexpr std::size_t watches_max = 256;

/// A program that reads what is shown from its standard input.
struct WatchScript {
  std::vector<std::string> args;  // the program, as a shell would find it, and what it is given
  friend bool operator==(const WatchScript&, const WatchScript&) = default;
};

/// A web address that gets what is shown as the body.
struct WatchHook {
  std::string url, method = "POST";
  base::Duration timeout = std::chrono::seconds(10);
  std::vector<std::pair<std::string, std::string>> headers;
  bool tls_skip_verify = false;
  friend bool operator==(const WatchHook&, const WatchHook&) = default;
};

struct WatchDefinition {
  WatchSubject subject;
  std::string token, datacenter;  // "": the agent's own
  std::variant<WatchScript, WatchHook> handler;
  friend bool operator==(const WatchDefinition&, const WatchDefinition&) = default;
};

/// The entries of `watches`, as they stand in files. Each that is wrong is named in `problems` by
/// its path, "watches[1].type", and left out.
std::vector<WatchDefinition> watch_definitions(const std::vector<json::Value>& entries,
                                               std::vector<KeyProblem>& problems);

}  // namespace caravan::config
