// SPDX-License-Identifier: Apache-2.0
// What is on one host's disk: what programs see, and beside it what a power cut would leave. It
// lives as long as the host; agents come and go.
//
// The model is strict where file systems differ: a new, renamed or removed name is durable only
// after its folder was synced, and of unsynced writes any subset may survive, each whole or in
// part.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "io/disk.hpp"
#include "sim/knobs.hpp"
#include "sim/random.hpp"

namespace caravan::sim {

/// One file's contents, named or not.
struct Inode {
  struct Change {
    enum Kind { write, resize } kind;
    std::uint64_t offset;  // or the new size
    std::string bytes;
  };
  std::string bytes;             // as programs see it
  std::string durable;           // as of the last sync
  std::vector<Change> unsynced;  // from `durable` to `bytes`
  std::uint64_t synced_changes = 0;

  void change(Change change);
  static void apply(std::string& bytes, const Change& change);
  /// Makes changes up to number `until` (counted from the file's beginning) durable.
  void sync(std::uint64_t until);
  /// The sync failed: the kernel calls these pages clean and will not write them again.
  void forget(std::uint64_t until);
  std::uint64_t changes() const { return synced_changes + unsynced.size(); }
};

class DiskImage {
 public:
  DiskImage(Knobs knobs, SimRandom random) : knobs(knobs), random(random) { names_["/"] = {}; }

  Knobs knobs;  // may be changed while it runs
  SimRandom random;
  std::uint64_t capacity = ~0ull;  // bytes; writes beyond fail
  int sync_failures = 0;           // per thousand; what they covered is never durable
  std::uint64_t syncs = 0;         // so far, files only

  /// Called before each change, and before and after each sync. A test counts them, ends the host
  /// at one of them and answers false: then the change does not happen.
  std::function<bool()> at_boundary;

  // What programs do. Paths are absolute; errors name them.
  base::Result<std::shared_ptr<Inode>> open(const std::string& path, bool create);
  base::Status write(Inode& inode, std::uint64_t offset, std::string_view bytes);
  base::Status resize(Inode& inode, std::uint64_t size);
  base::Status remove(const std::string& path);
  base::Status rename(const std::string& from, const std::string& to);
  base::Status make_dirs(const std::string& path);
  base::Status sync_dir(const std::string& path);
  base::Status sync(Inode& inode, std::uint64_t until);
  base::Result<std::vector<io::FileInfo>> list(const std::string& path) const;
  bool exists(const std::string& path) const { return names_.contains(path); }
  std::uint64_t used() const;
  /// How long the next sync takes.
  base::Duration sync_time();

  // What happens to it.
  /// Unsynced contents and names are torn, lost or kept, by the seed.
  void power_cut();
  /// Damages what is durable and visible. Precondition: `path` is a file of at least that size.
  void flip_bit(const std::string& path, std::uint64_t offset, int bit);

 private:
  struct Name {
    std::shared_ptr<Inode> inode;  // none: a folder
  };
  using Names = std::map<std::string, Name>;
  struct NameChange {
    std::string dir;               // whose sync makes it durable
    std::string path, target;
    enum Kind { add, drop, move } kind;
    Name name;
  };
  static void apply(Names& names, const NameChange& change);
  base::Status change_name(NameChange change);
  base::Status boundary();
  void tear(std::string& durable, Inode::Change& change);
  base::Status room_for(std::uint64_t bytes);

  Names names_;    // as programs see them
  Names durable_;
  std::vector<NameChange> unsynced_;
};

}  // namespace caravan::sim
