// SPDX-License-Identifier: Apache-2.0
// The key ring of this agent: on its disk, and changed on request of another member that proves to
// have a key. A request answers a challenge that was drawn for it, so that one heard again, by
// whomever, changes nothing.
#pragma once

#include <map>
#include <optional>

#include "gossip/key_ring.hpp"
#include "io/log.hpp"
#include "io/world.hpp"

namespace caravan::gossip {

struct KeyChange {
  enum class Kind : std::uint8_t { list = 0, install = 1, use = 2, remove = 3 } kind = Kind::list;
  std::string key;  // base64; none to list
};

class Keys {
 public:
  /// `path`: of the file, which outlives the configuration that the first key came from.
  Keys(io::World& world, std::string path, KeyRing ring, io::Logger log)
      : world_(world), path_(std::move(path)), ring_(std::move(ring)), log_(std::move(log)) {}

  const KeyRing& ring() const { return ring_; }
  /// Written down before it counts. Returns the keys as they are then. Errors: those of KeyRing;
  /// io.
  io::Task<base::Result<std::vector<std::string>>> change(KeyChange change);

  /// The other side asks for it first, and puts it into its request.
  std::string draw_challenge();
  /// Opens a request, does what it says, seals the answer. Errors: denied; those of change().
  io::Task<base::Result<std::string>> answer(std::string sealed);
  std::string seal_request(const KeyChange& change, const std::string& challenge) const;
  /// The other side's keys, the first one its primary one. Errors: denied, invalid.
  base::Result<std::vector<std::string>> open_answer(const std::string& sealed,
                                                     const std::string& challenge) const;

 private:
  base::Status accept(const std::string& challenge);

  io::World& world_;
  const std::string path_;
  KeyRing ring_;
  io::Logger log_;
  std::map<std::string, base::Duration> challenges_;  // by when they are worth nothing
  bool writing_ = false;
};

/// The keys of the file, else the configured one, which is written there. Errors: io; invalid (the
/// message names the file).
io::Task<base::Result<KeyRing>> load_key_ring(io::World& world, std::string path,
                                              std::string configured, io::Logger log);

}  // namespace caravan::gossip
