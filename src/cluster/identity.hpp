// SPDX-License-Identifier: Apache-2.0
// What a server must remember about itself before it has a log: its number, and the cluster that it
// belongs to. A small JSON file, replaced as a whole.
#pragma once

#include <string>
#include <vector>

#include "base/id.hpp"
#include "consensus/engine.hpp"
#include "io/world.hpp"

namespace caravan::cluster {

struct Identity {
  consensus::ServerId id = 0;
  base::Uuid cluster;  // nil: it belongs to none yet
  /// The cluster that it asks others to belong to, from before the first was asked until it belongs
  /// to one itself: some may have agreed already, and nobody else can found that cluster.
  base::Uuid proposed;
  /// Of the founder, from its decision on: who votes in the new cluster. Empty on all others.
  std::vector<consensus::ServerId> voters;
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// A number for a new server: exact in every reader of JSON.
consensus::ServerId draw_server_id(io::Random& random);

/// In a server's folder.
std::string identity_path(const std::string& data_dir);
std::string to_text(const Identity& identity);
/// Errors: invalid.
base::Result<Identity> parse_identity(std::string_view text);

/// Draws a number for a server that has none. A folder with a log and without the file is that of
/// a server that was alone, whose number was 1. Errors: io; invalid (damaged; the message names the
/// file).
io::Task<base::Result<Identity>> load_identity(io::World& world, const std::string& data_dir);
/// Returns when it is on the disk.
io::Task<base::Status> save_identity(io::World& world, const std::string& data_dir,
                                     const Identity& identity);

}  // namespace caravan::cluster
