// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>

#include "gitops/git.hpp"
#include "gitops/source.hpp"

namespace caravan::gitops {
namespace {

constexpr const char* mode_link = "120000";
constexpr const char* mode_submodule = "160000";

class GitSource : public Source {
 public:
  GitSource(io::Disk& disk, io::Processes& processes, Settings settings, std::string data_dir)
      : settings_(std::move(settings)), git_(disk, processes, settings_, std::move(data_dir)) {}

  io::Task<base::Result<Sources>> read() override {
    const base::Result<std::string> fetched = co_await git_.fetch();
    // The remote may be gone for a while: what was fetched last still says what is to run.
    const std::string commit = fetched ? *fetched : co_await git_.last();
    if (commit.empty()) co_return std::unexpected(fetched.error());
    if (commit != known_.revision) {
      CO_TRY(known_, co_await load(commit));
    }
    Sources sources = known_;
    if (!fetched)
      sources.problems.insert(sources.problems.begin(),
                              {"", fetched.error().message + "; going on with the commit before"});
    co_return sources;
  }

 private:
  io::Task<base::Result<Sources>> load(std::string commit) {
    Sources sources;
    sources.revision = commit;
    CO_TRY(const std::vector<Git::Entry> all, co_await git_.list(commit));
    std::vector<Git::Entry> wanted;
    std::size_t bytes = 0;
    for (const Git::Entry& entry : all) {
      const Kind kind = kind_of(settings_, entry.path);
      if (kind == Kind::none || entry.mode == mode_submodule) continue;
      if (entry.mode == mode_link) {
        sources.problems.push_back({entry.path, "a link; only files are read"});
        continue;
      }
      if (!has_room(sources, bytes, entry.path, entry.size)) continue;
      wanted.push_back(entry);
      (kind == Kind::job ? sources.jobs : sources.variables).push_back({entry.path, ""});
    }
    CO_TRY(std::vector<std::string> texts, co_await git_.read(wanted));
    std::size_t job = 0, variables = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const bool is_job = kind_of(settings_, wanted[i].path) == Kind::job;
      (is_job ? sources.jobs[job++] : sources.variables[variables++]).text = std::move(texts[i]);
    }
    co_return sources;
  }

  Settings settings_;
  Git git_;
  Sources known_;
};

}  // namespace

std::unique_ptr<Source> make_git_source(io::Disk& disk, io::Processes& processes,
                                        Settings settings, std::string data_dir) {
  return std::make_unique<GitSource>(disk, processes, std::move(settings), std::move(data_dir));
}

}  // namespace caravan::gitops
