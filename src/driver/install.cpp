// SPDX-License-Identifier: Apache-2.0
#include "driver/supervised.hpp"

#include <boost/asio/awaitable.hpp>

extern "C" const char caravan_supervisor_begin[], caravan_supervisor_end[];

namespace caravan::driver {

io::Task<base::Status> install_supervisor(io::Disk& disk, std::string path) {
  const std::string_view program(
      caravan_supervisor_begin,
      static_cast<std::size_t>(caravan_supervisor_end - caravan_supervisor_begin));
  const base::Result<std::string> there = disk.read_file(path);
  if (there && *there == program) co_return base::Status();
  // Replaced by a rename: supervisors that run keep the file they were started from.
  co_return co_await disk.replace_file(path, program, 0700);
}

}  // namespace caravan::driver
