// SPDX-License-Identifier: Apache-2.0
// The repository that the leader follows: ours.
#pragma once

#include <string>

#include "base/time.hpp"

namespace caravan::config {

struct GitopsConfig {
  std::string url, folder, branch = "main";
  std::string path = "**/*.nomad", var_path = "**/*.vars.yml";
  bool prune = true;
  base::Duration interval{30'000'000'000};
  std::string username, password, ssh_key, known_hosts, token;
  bool any_host_key = false;
};
template <class V>
void keys(V& v, GitopsConfig& g) {
  v("url", g.url);
  v("folder", g.folder);
  v("branch", g.branch);
  v("path", g.path);
  v("var_path", g.var_path);
  v("delete", g.prune);
  v("interval", g.interval);
  v("username", g.username);
  v("password", g.password);
  v("ssh_key", g.ssh_key);
  v("known_hosts", g.known_hosts);
  v("any_host_key", g.any_host_key);
  v("token", g.token);
}

}  // namespace caravan::config
