// SPDX-License-Identifier: Apache-2.0
// Programs through posix_spawn and /proc.
#pragma once

#include "io/processes.hpp"

namespace caravan::io::linux_world {

class Processes : public io::Processes {
 public:
  base::Result<ProcessId> spawn_detached(const Program& program) override;
  bool is_alive(const ProcessId& process) override;
  base::Status signal(const ProcessId& process, int signal) override;
  Task<base::Result<Finished>> run(const Program& program, std::string input,
                                   base::Duration timeout, std::size_t output_max) override;
  base::Result<std::unique_ptr<Dialog>> converse(boost::asio::any_io_executor executor,
                                                 const Program& program, bool tty) override;
};

}  // namespace caravan::io::linux_world
