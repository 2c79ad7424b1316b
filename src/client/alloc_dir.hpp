// SPDX-License-Identifier: Apache-2.0
// An allocation's folders on the host (facts 4.3), and the rule that nothing leads out of them.
#pragma once

#include <string>

#include "base/result.hpp"
#include "io/disk.hpp"
#include "model/allocation.hpp"

namespace caravan::client {

class AllocDir {
 public:
  AllocDir(std::string root, const base::AllocId& id) : path_(root + "/" + id.to_string()) {}

  const std::string& path() const { return path_; }
  std::string shared() const { return path_ + "/alloc"; }
  std::string logs() const { return path_ + "/alloc/logs"; }
  std::string task(const std::string& name) const { return path_ + "/" + name; }
  std::string local(const std::string& name) const { return path_ + "/" + name + "/local"; }
  std::string secrets(const std::string& name) const { return path_ + "/" + name + "/secrets"; }

  /// Makes all of it; what is there already stays.
  base::Status make(io::Disk& disk, const model::TaskGroup& group) const;

  /// A path as a task's block names it, on the host: relative ones begin in the task's folder, and
  /// so do those that an isolated task sees ("/alloc/…", "/local/…"). Errors: as inside().
  base::Result<std::string> resolve(const std::string& task, const std::string& path) const;

 private:
  std::string path_;
};

/// `base` joined with a relative path that a user wrote; "/" at its front means base itself.
/// Errors: invalid ("Path escapes the alloc directory") when ".." climbs out of `base`. Links are
/// not followed here: whoever opens the result must refuse them.
base::Result<std::string> inside(const std::string& base, const std::string& relative);

}  // namespace caravan::client
