// SPDX-License-Identifier: Apache-2.0
// Plain processes: no isolation, the agent's own user unless the task names one.
#pragma once

#include "driver/supervised.hpp"

namespace caravan::driver {

class RawExec : public Driver {
 public:
  RawExec(Supervisors& supervisors, bool enabled) : supervisors_(supervisors), enabled_(enabled) {}

  std::string name() const override { return "raw_exec"; }
  io::Task<Fingerprint> fingerprint() override;
  int default_signal() const override;
  bool has_own_root() const override { return false; }
  bool joins_network_namespace() const override { return true; }
  bool passes_host_env() const override { return true; }
  base::Status validate(const json::Object& config) const override;
  std::string reserve(const TaskSpec& spec, std::uint64_t run) override {
    return supervisors_.reserve(spec, run);
  }
  io::Task<base::Result<std::unique_ptr<TaskHandle>>> start(const TaskSpec& spec,
                                                            const std::string& run) override;
  io::Task<base::Result<std::unique_ptr<TaskHandle>>> recover(const TaskSpec& spec,
                                                              const std::string& run) override;
  io::Task<base::Result<int>> exec(const TaskSpec& spec, const std::string& run,
                                   const ExecSpec& what, ExecPipe& pipe) override;

 private:
  Supervisors& supervisors_;
  bool enabled_;
};

/// A user's numeric ids, by name or number. Errors: invalid (no such user).
base::Result<std::pair<long, long>> user_ids(io::Disk& disk, const std::string& user);

}  // namespace caravan::driver
