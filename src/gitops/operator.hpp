// SPDX-License-Identifier: Apache-2.0
// Makes the cluster what the repository says, through the public API and in nobody's name but that
// of its token. A cycle goes on whatever one file or one answer says; what went wrong is told.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "gitops/source.hpp"
#include "gitops/variable_file.hpp"
#include "io/clock.hpp"
#include "json/value.hpp"

namespace caravan::gitops {

/// What marks a job as one of ours: keys of its meta, named as the operator of seed 4 names them,
/// so that its jobs are taken over.
inline constexpr const char* meta_key = "nomoporater";
inline constexpr const char* uid_key = "uid";
inline constexpr const char* uid = "nomoporator";

struct Reply {
  int status = 0;
  std::string body;
};

/// The API of the cluster that is kept.
class Api {
 public:
  virtual ~Api() = default;
  /// Errors: io, timeout, unavailable; an answer of any status is none.
  virtual io::Task<base::Result<Reply>> ask(std::string method, std::string target,
                                            std::string body) = 0;
};

struct Report {
  std::string revision;
  base::Instant time;  // of its end
  std::size_t jobs = 0, variables = 0;  // wanted
  std::size_t applied = 0, deleted = 0;  // of both
  std::vector<Problem> problems;
};

class Operator {
 public:
  /// `say`: a line for whoever watches. References outlive it.
  Operator(Settings settings, std::unique_ptr<Source> source, Api& api, io::Clock& clock,
           std::function<void(const std::string&)> say)
      : settings_(std::move(settings)),
        source_(std::move(source)),
        api_(api),
        clock_(clock),
        say_(std::move(say)) {}

  const Settings& settings() const { return settings_; }
  io::Task<Report> run_once();

 private:
  struct JobKey {
    std::string ns, id;
    auto operator<=>(const JobKey&) const = default;
  };
  /// As the list of jobs shows it.
  struct Known {
    std::uint64_t modify_index = 0;
    bool stopped = false, is_ours = false;
  };
  /// What was written of a file, so that nothing is asked again while nothing changes.
  struct Applied {
    std::string text;
    JobKey key;
    std::uint64_t modify_index = 0;
  };
  struct VariableState {
    std::uint64_t modify_index = 0;
    Items items;
  };

  io::Task<base::Result<json::Value>> json(std::string method, std::string target,
                                           std::string body = "");
  io::Task<base::Status> look_at_jobs();
  io::Task<void> apply_job(const SourceFile& file);
  io::Task<base::Result<json::Value>> parse(const SourceFile& file);
  io::Task<void> prune_jobs(const Sources& sources);
  io::Task<void> apply_variables(const Sources& sources);
  io::Task<base::Result<VariableState>> variable(std::string ns, std::string path);
  io::Task<void> write(const std::string& ns, const std::string& path, const VariableState& before,
                       Items after, std::string file);
  io::Task<void> prune_variables(const std::set<std::pair<std::string, std::string>>& wanted);
  void complain(std::string file, std::string message);

  Settings settings_;
  std::unique_ptr<Source> source_;
  Api& api_;
  io::Clock& clock_;
  std::function<void(const std::string&)> say_;

  Report report_;
  std::map<JobKey, Known> known_;
  std::set<JobKey> wanted_;
  std::map<std::string, Applied> applied_;  // by file
  /// Variables that were looked at, by namespace and path: at which index, and whether they are
  /// ours.
  std::map<std::pair<std::string, std::string>, std::pair<std::uint64_t, bool>> seen_;
};

}  // namespace caravan::gitops
