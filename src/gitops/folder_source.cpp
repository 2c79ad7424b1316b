// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "gitops/path_glob.hpp"
#include "gitops/source.hpp"

namespace caravan::gitops {
namespace {

class FolderSource : public Source {
 public:
  FolderSource(io::Disk& disk, Settings settings) : disk_(disk), settings_(std::move(settings)) {}

  io::Task<base::Result<Sources>> read() override {
    CO_TRY(root_, disk_.follow_links(settings_.folder));
    Sources sources;
    std::size_t bytes = 0;
    CO_TRY_VOID(walk("", 0, sources, bytes));
    co_return sources;
  }

 private:
  base::Status walk(const std::string& under, int depth, Sources& sources, std::size_t& bytes) {
    if (depth > folders_deep_max) {
      sources.problems.push_back({under, "deeper than 32 folders"});
      return {};
    }
    TRY(const std::vector<io::FileInfo> entries, disk_.list(root_ + "/" + under));
    for (const io::FileInfo& entry : entries) {
      const std::string path = under + entry.name;
      if (entry.name == ".git") continue;
      const Kind kind = entry.is_dir ? Kind::none : kind_of(settings_, path);
      if (!entry.is_dir && kind == Kind::none) continue;
      if (!is_inside(path)) {
        sources.problems.push_back({path, "a link that leads out of the folder"});
      } else if (entry.is_dir) {
        const base::Status walked = walk(path + "/", depth + 1, sources, bytes);
        if (!walked) sources.problems.push_back({path, walked.error().message});
      } else if (has_room(sources, bytes, path, entry.size)) {
        take(path, kind, sources);
      }
    }
    return {};
  }

  /// A link within the folder to something of it could be followed for ever: none is.
  bool is_inside(const std::string& path) const {
    const base::Result<std::string> real = disk_.follow_links(root_ + "/" + path);
    return real && *real == root_ + "/" + path;
  }

  void take(const std::string& path, Kind kind, Sources& sources) {
    base::Result<std::string> text = disk_.read_file(root_ + "/" + path);
    if (!text) return sources.problems.push_back({path, text.error().message});
    (kind == Kind::job ? sources.jobs : sources.variables).push_back({path, *std::move(text)});
  }

  io::Disk& disk_;
  Settings settings_;
  std::string root_;
};

}  // namespace

Kind kind_of(const Settings& settings, const std::string& path) {
  if (path_fits(settings.var_path, path)) return Kind::variables;
  return path_fits(settings.path, path) ? Kind::job : Kind::none;
}

bool has_room(Sources& sources, std::size_t& bytes, const std::string& path, std::uint64_t size) {
  const auto refuse = [&](std::string why) {
    sources.problems.push_back({path, std::move(why)});
    return false;
  };
  if (size > file_bytes_max)
    return refuse(fmt::format("{} bytes; at most {} are read", size, file_bytes_max));
  if (sources.jobs.size() + sources.variables.size() >= files_max)
    return refuse(fmt::format("more than {} files fit the patterns", files_max));
  if (bytes + size > all_bytes_max)
    return refuse(fmt::format("more than {} bytes in all", all_bytes_max));
  bytes += size;
  return true;
}

std::unique_ptr<Source> make_folder_source(io::Disk& disk, Settings settings) {
  return std::make_unique<FolderSource>(disk, std::move(settings));
}

}  // namespace caravan::gitops
