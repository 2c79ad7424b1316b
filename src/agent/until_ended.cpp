// SPDX-License-Identifier: Apache-2.0
#include "agent/until_ended.hpp"

#include <cstdio>

namespace caravan::agent {

int run_until_ended(io::linux_world::Executor& executor, io::linux_world::Disk& disk,
                    io::Task<bool> life) {
  bool went_well = false;
  boost::asio::co_spawn(executor.lane(io::Lane::main), std::move(life),
                        [&](std::exception_ptr error, bool ended_well) {
                          went_well = !error && ended_well;
                          executor.stop();
                        });
  executor.run();
  executor.join();
  disk.join();
  return went_well ? 0 : 1;
}

int refuse(const std::string& why) {
  std::fprintf(stderr, "==> %s\n", why.c_str());
  return 1;
}

}  // namespace caravan::agent
