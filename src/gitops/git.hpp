// SPDX-License-Identifier: Apache-2.0
// The program git, told to believe nobody: no configuration of this machine or of the repository,
// no hooks, no questions, no submodules, and limits on time, memory on disk and answers (ADR 43).
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "gitops/settings.hpp"
#include "io/disk.hpp"
#include "io/processes.hpp"
#include "io/task_fwd.hpp"

namespace caravan::gitops {

class Git {
 public:
  /// `folder`: for the repository and its keys; made when needed.
  Git(io::Disk& disk, io::Processes& processes, const Settings& settings, std::string folder);

  /// Brings the newest commit of the branch and returns it. Errors: io, timeout, with git's words
  /// and no secrets.
  io::Task<base::Result<std::string>> fetch();
  /// The commit that was fetched last, also before this start; "" when none was.
  io::Task<std::string> last();

  struct Entry {
    std::string mode, object, path;
    std::uint64_t size = 0;
  };
  /// All files of a commit, links and submodules too.
  io::Task<base::Result<std::vector<Entry>>> list(std::string commit);
  /// The content of files, in the order asked. Errors: io.
  io::Task<base::Result<std::vector<std::string>>> read(const std::vector<Entry>& entries);

 private:
  io::Task<base::Status> prepare();
  base::Result<std::string> key_file(const std::string& name, const std::string& value);
  io::Task<base::Result<std::string>> run(std::vector<std::string> arguments, std::string input,
                                          std::size_t output_max);
  std::vector<std::string> environment() const;

  io::Disk& disk_;
  io::Processes& processes_;
  const Settings& settings_;
  std::string folder_, repository_, ssh_;
  bool is_ready_ = false;
};

}  // namespace caravan::gitops
