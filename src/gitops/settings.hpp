// SPDX-License-Identifier: Apache-2.0
// Which repository says what is to run. The same keys stand in the agent's `gitops` block, in the
// variable that `gitops bootstrap -cluster` writes, and in flags.
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace caravan::gitops {

struct Settings {
  std::string url;        // of a git repository; or
  std::string folder;     // of files, absolute
  std::string branch = "main";
  std::string path = "**/*.nomad";           // of job files
  std::string var_path = "**/*.vars.yml";    // of variables
  bool prune = true;                         // ends what is no longer there
  base::Duration interval{30'000'000'000};
  std::string username, password;            // over http
  std::string ssh_key;                       // a private key, or the absolute path of its file
  std::string known_hosts;                   // lines as in the file of that name, or its path
  bool any_host_key = false;                 // believes whoever answers over ssh
  std::string token;                         // by which jobs are written

  bool is_set() const { return !url.empty() || !folder.empty(); }
};

inline constexpr base::Duration interval_min{1'000'000'000};

/// From texts by name, as a variable holds them. Errors: invalid, with the key.
base::Result<Settings> settings_from(const std::map<std::string, std::string>& items);
/// Errors: invalid: what is missing, or cannot be together.
base::Status check(const Settings& settings);
/// Where from, as anybody may read it: without password.
std::string shown_source(const Settings& settings);

/// The variable in the namespace "default" that tells the leader what to follow.
inline constexpr const char* settings_variable = "caravan/gitops";

}  // namespace caravan::gitops
