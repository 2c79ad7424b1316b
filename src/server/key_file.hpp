// SPDX-License-Identifier: Apache-2.0
// Where a server keeps the key that all of its cluster share, and under whose guard.
#pragma once

#include "server/key_guard.hpp"

namespace caravan::server {

class KeyFile {
 public:
  /// `guards`: the first one guards from now on, the others open what they guarded before. None:
  /// the key lies there as it is. `data_dir`: the server's.
  KeyFile(io::World& world, std::string data_dir, std::vector<KeyGuard> guards)
      : world_(world), data_dir_(std::move(data_dir)), guards_(std::move(guards)) {}

  bool exists() const;
  /// Guards it anew when it was guarded by another one than the first. Errors: those of the guard;
  /// invalid (damaged, or by whom it is guarded that is not configured).
  io::Task<base::Result<std::string>> read() const;
  /// Errors: io, those of the guard.
  io::Task<base::Status> keep(std::string key) const;

 private:
  std::string folder() const { return data_dir_ + "/keystore"; }
  std::string plain_path() const { return folder() + "/key-encryption-key"; }
  std::string closed_path() const { return plain_path() + ".json"; }
  bool is_guarded() const {
    return !guards_.empty() && guards_.front().kind != KeyGuard::Kind::aead;
  }
  io::Task<base::Result<std::string>> read_closed(std::string& guard) const;

  io::World& world_;
  const std::string data_dir_;
  const std::vector<KeyGuard> guards_;
};

}  // namespace caravan::server
