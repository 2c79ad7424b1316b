// SPDX-License-Identifier: Apache-2.0
// Isolated processes without images: a container whose root is the task's folder, with the host's
// programs bound into it read-only. Linux, root and an OCI runtime are needed.
#pragma once

#include "driver/oci.hpp"
#include "driver/runtime.hpp"
#include "driver/supervised.hpp"

namespace caravan::driver {

struct ExecOptions {
  std::vector<std::string> path;  // where the runtime is looked for
  std::vector<std::string> allow_caps = default_capabilities();
  std::map<std::string, std::string>
      chroot_env;  // host path → path in the task; empty = the usual ones
  std::string default_pid_mode = "private", default_ipc_mode = "private";
  std::string trial_dir;  // scratch, for the fingerprint
};

class Exec : public Driver {
 public:
  Exec(io::World& world, Supervisors& supervisors, ExecOptions options);

  std::string name() const override { return "exec"; }
  /// Healthy only if a container was really run.
  io::Task<Fingerprint> fingerprint() override;
  int default_signal() const override;
  bool has_own_root() const override { return true; }
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
  base::Result<Bundle> make_bundle(const TaskSpec& spec, const std::string& run) const;
  std::vector<Bundle::Mount> host_mounts() const;
  io::Task<base::Status> write_bundle(const std::string& folder, const Bundle& bundle) const;
  io::Task<base::Status> try_container() const;

  io::World& world_;
  Supervisors& supervisors_;
  ExecOptions options_;
  Runtime runtime_;
  bool works_ = false;  // a container has been run
};

}  // namespace caravan::driver
