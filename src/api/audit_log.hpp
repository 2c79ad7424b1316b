// SPDX-License-Identifier: Apache-2.0
// Where audit entries go: files that grow, are put aside and are deleted in the end. Any lane.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/log.hpp"
#include "io/world.hpp"

namespace caravan::api {

struct AuditSink {
  std::string path;  // absolute
  unsigned mode = 0600;
  bool enforced = true;            // what cannot be written is not done
  std::uint64_t rotate_bytes = 0;  // 0: not by size
  base::Duration rotate_after{0};  // 0: not by age; since the agent began, or since the last time
  std::size_t files_max = 0;       // of those put aside; 0: none is deleted
};

/// What matches all three is not written. '*' stands for any run of characters; an empty list
/// matches everything.
struct AuditFilter {
  std::vector<std::string> endpoints, stages, operations;
  bool matches(std::string_view endpoint, std::string_view stage, std::string_view operation) const;
};

class AuditLog {
 public:
  /// Opens the files. `key`: what secrets are hashed with. Errors: io (with the path).
  static base::Result<std::unique_ptr<AuditLog>> open(io::World& world,
                                                      std::vector<AuditSink> sinks,
                                                      std::vector<AuditFilter> filters,
                                                      std::string key, std::string agent,
                                                      io::Logger log);

  bool wants(std::string_view endpoint, std::string_view stage, std::string_view operation) const;
  /// One line, to all sinks. Not synced: it survives the agent, and not a power cut. Errors: io, of
  /// an enforced sink; of the others a warning is logged, once until it works again.
  base::Status write(std::string_view entry);

  const std::string& key() const { return key_; }
  const std::string& agent() const { return agent_; }
  base::Instant now() const { return world_.clock.now(); }
  base::Uuid draw() { return world_.random.uuid(); }

 private:
  struct Open {
    AuditSink sink;
    std::unique_ptr<io::File> file;
    std::uint64_t size = 0;
    base::Duration since{0};  // uptime
    bool complained = false;
  };
  AuditLog(io::World& world, std::vector<AuditFilter> filters, std::string key, std::string agent,
           io::Logger log);
  base::Status open_file(Open& open);
  base::Status append(Open& open, std::string_view line);
  base::Status rotate(Open& open);
  void delete_old(const AuditSink& sink);

  io::World& world_;
  const std::vector<AuditFilter> filters_;
  const std::string key_, agent_;
  io::Logger log_;
  std::mutex mutex_;  // guards what follows
  std::vector<Open> open_;
};

}  // namespace caravan::api
