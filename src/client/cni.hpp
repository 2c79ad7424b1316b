// SPDX-License-Identifier: Apache-2.0
// Runs CNI plugins: programs that join a network namespace to a network, keep it joined and part
// it. Client lane.
#pragma once

#include "client/cni_message.hpp"

namespace caravan::client {

struct CniOptions {
  std::vector<std::string> path;  // folders with plugins; the first that has one wins
  std::string config_dir;         // configuration lists of "cni/<name>"
  std::string supervisor;         // our own small program
  /// Held while a plugin runs. Plugins of several agents, and those that an agent left behind when
  /// it died, change the same firewall rules.
  std::string lock_file = "/run/caravan-cni.lock";
};

class Cni {
 public:
  Cni(io::World& world, CniOptions options);

  /// The plugin's program, or "".
  std::string find(const std::string& type) const;
  /// Every configuration list of the folder by its name; files that are none are left out.
  std::map<std::string, json::Value> conflists() const;

  /// Runs plugin `index` of the list; `previous` is what the one before it returned. Whoever calls
  /// keeps each result at once: remove() cannot find every rule of a half-made place without it.
  /// Errors: io (with the plugin's words), timeout.
  io::Task<base::Result<json::Value>> add(const json::Value& conflist, std::size_t index,
                                          const CniAttachment& attachment,
                                          const json::Value& previous);
  /// Undoes add() of all plugins, in the other order, also when it did not come to its end. Goes on
  /// after errors and returns the first.
  io::Task<base::Status> remove(const json::Value& conflist, const CniAttachment& attachment,
                                const json::Value& result);
  /// Asks each plugin whether its part still stands. Errors: io, with the words of the first whose
  /// part does not.
  io::Task<base::Status> check(const json::Value& conflist, const CniAttachment& attachment,
                               const json::Value& result);
  /// Makes the rules of the plugins that follow the interface's own anew, with tasks running.
  io::Task<base::Status> repair(const json::Value& conflist, const CniAttachment& attachment,
                                const json::Value& result);
  /// What a program says of itself; "" when it is no plugin.
  io::Task<std::string> version(const std::string& program);
  const CniOptions& options() const { return options_; }

 private:
  io::Task<base::Result<std::string>> call(const char* command, const json::Value& conflist,
                                           std::size_t index, const CniAttachment& attachment,
                                           const json::Value& previous);

  io::World& world_;
  CniOptions options_;
};

}  // namespace caravan::client
