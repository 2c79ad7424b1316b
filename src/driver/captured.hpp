// SPDX-License-Identifier: Apache-2.0
// An exec session without a user: no input comes, the first words are kept, and after a while the
// command is given up.
#pragma once

#include "driver/driver.hpp"
#include "io/clock.hpp"

namespace caravan::driver {

class Captured : public ExecPipe {
 public:
  Captured(io::Clock& clock, base::Duration timeout, std::size_t output_max)
      : clock_(clock), deadline_(clock.uptime() + timeout), output_max_(output_max) {}

  /// Closes the input, and returns at the deadline with a timeout: drivers end the command then.
  io::Task<base::Result<ExecInput>> read_input() override;
  io::Task<base::Status> write_output(bool is_stderr, std::string bytes) override;

  bool timed_out() const { return clock_.uptime() >= deadline_; }
  const std::string& output() const { return output_; }

 private:
  io::Clock& clock_;
  const base::Duration deadline_;
  const std::size_t output_max_;
  std::string output_;
  bool has_closed_ = false;
};

}  // namespace caravan::driver
