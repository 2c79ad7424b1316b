// SPDX-License-Identifier: Apache-2.0
#include "driver/supervised.hpp"

#include <boost/asio/awaitable.hpp>

extern "C" const char caravan_supervisor_begin[], caravan_supervisor_end[];
extern "C" const char caravan_holder_begin[], caravan_holder_end[];

namespace caravan::driver {
namespace {

io::Task<base::Status> install(io::Disk& disk, std::string path, std::string_view program) {
  const base::Result<std::string> there = disk.read_file(path);
  if (there && *there == program) co_return base::Status();
  // Replaced by a rename: programs that run keep the file they were started from.
  co_return co_await disk.replace_file(path, program, 0700);
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

io::Task<base::Status> install_supervisor(io::Disk& disk, std::string path) {
  const std::string_view program = between(caravan_supervisor_begin, caravan_supervisor_end);
  co_return co_await install(disk, std::move(path), program);
}

io::Task<base::Status> install_holder(io::Disk& disk, std::string path) {
  const std::string_view program = between(caravan_holder_begin, caravan_holder_end);
  co_return co_await install(disk, std::move(path), program);
}

}  // namespace caravan::driver
