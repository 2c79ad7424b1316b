// SPDX-License-Identifier: Apache-2.0
// Pretends to run tasks, for tests: run_for, exit_code, start_error and the like. Its tasks live in
// this process and end with it; recover() says that they are gone, as after a reboot.
#pragma once

#include "driver/driver.hpp"
#include "io/world.hpp"

namespace caravan::driver {

class Mock : public Driver {
 public:
  explicit Mock(io::World& world) : world_(world) {}
  std::string name() const override { return "mock_driver"; }
  io::Task<Fingerprint> fingerprint() override;
  int default_signal() const override;
  bool has_own_root() const override { return false; }
  bool passes_host_env() const override { return false; }
  base::Status validate(const json::Object& config) const override;
  std::string reserve(const TaskSpec& spec, std::uint64_t run) override;
  io::Task<base::Result<std::unique_ptr<TaskHandle>>> start(const TaskSpec& spec,
                                                            const std::string& run) override;
  io::Task<base::Result<std::unique_ptr<TaskHandle>>> recover(const TaskSpec& spec,
                                                              const std::string& run) override;

 private:
  io::World& world_;
};

}  // namespace caravan::driver
