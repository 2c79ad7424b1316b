// SPDX-License-Identifier: Apache-2.0
// Where the files come from. What a repository holds is a stranger's: everything has a limit, no
// link is followed out of it, and nothing of it is ever run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "gitops/settings.hpp"
#include "io/disk.hpp"
#include "io/processes.hpp"
#include "io/task_fwd.hpp"

namespace caravan::gitops {

inline constexpr std::size_t files_max = 2000;
inline constexpr std::size_t file_bytes_max = 1 << 20;
inline constexpr std::size_t all_bytes_max = 64 << 20;
inline constexpr int folders_deep_max = 32;

struct SourceFile {
  std::string path;  // in the repository
  std::string text;
};

/// Something that was left out, and why.
struct Problem {
  std::string file;  // "": the whole
  std::string message;
};

struct Sources {
  std::string revision;  // the commit; "" of a folder
  std::vector<SourceFile> jobs, variables;  // by path
  std::vector<Problem> problems;
};

class Source {
 public:
  virtual ~Source() = default;
  /// What is there now. Errors: io, timeout, invalid; what was read before is still in last().
  virtual io::Task<base::Result<Sources>> read() = 0;
};

/// Of a folder.
std::unique_ptr<Source> make_folder_source(io::Disk& disk, Settings settings);
/// Of a branch, kept as a bare repository in `data_dir`. Nothing is checked out: files are read as
/// objects.
std::unique_ptr<Source> make_git_source(io::Disk& disk, io::Processes& processes,
                                        Settings settings, std::string data_dir);

/// Sorts a file in by its path, or says why not. Precondition: `size` is that of the file.
enum class Kind { none, job, variables };
Kind kind_of(const Settings& settings, const std::string& path);
/// Room for one more file of that size; else the problem is noted.
bool has_room(Sources& sources, std::size_t& bytes, const std::string& path, std::uint64_t size);

}  // namespace caravan::gitops
