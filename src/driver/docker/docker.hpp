// SPDX-License-Identifier: Apache-2.0
// Containers by the Docker engine of this node. The engine keeps what runs, so the agent may die at
// any moment: every container carries the name of its run, and recover() finds it by that.
#pragma once

#include <set>

#include "driver/docker/api.hpp"
#include "driver/docker/options.hpp"
#include "driver/driver.hpp"
#include "io/log.hpp"

namespace caravan::driver::docker {

class Docker : public Driver {
 public:
  /// `folder`: where runs keep what must survive the agent, absolute.
  Docker(io::World& world, Options options, std::string folder, io::Logger log);

  std::string name() const override { return "docker"; }
  io::Task<Fingerprint> fingerprint() override;
  int default_signal() const override;
  bool has_own_root() const override { return true; }
  bool joins_network_namespace() const override { return true; }
  bool passes_host_env() const override { return false; }
  base::Status validate(const json::Object& config) const override;
  io::Task<base::Status> prepare(const TaskSpec& spec, const Tell& tell) override;
  std::string reserve(const TaskSpec& spec, std::uint64_t run) override;
  io::Task<base::Result<std::unique_ptr<TaskHandle>>> start(const TaskSpec& spec,
                                                            const std::string& run) override;
  io::Task<base::Result<std::unique_ptr<TaskHandle>>> recover(const TaskSpec& spec,
                                                              const std::string& run) override;
  io::Task<base::Result<int>> exec(const TaskSpec& spec, const std::string& run,
                                   const ExecSpec& what, ExecPipe& pipe) override;

 private:
  std::string run_folder(const std::string& run) const { return folder_ + "/" + run; }
  io::Task<std::unique_ptr<TaskHandle>> handle(const TaskSpec& spec, const std::string& run);
  io::Task<base::Status> create(const TaskSpec& spec, json::Value body);
  io::Task<base::Status> launch(const TaskSpec& spec, const std::string& run, json::Value body);
  io::Task<void> forget(const TaskSpec& spec, const std::string& run);
  io::Task<base::Status> free_name(const TaskSpec& spec);
  io::Task<base::Result<bool>> has_begun(const TaskSpec& spec, const std::string& run);
  io::Task<base::Status> describe(Fingerprint& print);
  io::Task<void> remove_leftovers();

  io::World& world_;
  Options options_;
  std::string folder_;
  io::Logger log_;
  Api api_;
  std::set<std::string> leftovers_;  // runs whose containers could not be removed
};

}  // namespace caravan::driver::docker
