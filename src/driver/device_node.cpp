// SPDX-License-Identifier: Apache-2.0
#include "driver/device_node.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::driver {

base::Result<Bundle::Device> device_node(const TaskSpec::Device& device) {
  struct stat info{};
  const bool is_there = ::stat(device.host_path.c_str(), &info) == 0;
  if (!is_there || !(S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)))
    return base::invalid(
        fmt::format("device {}: there is no device", base::printable(device.host_path, 256)));
  return Bundle::Device{device.task_path, S_ISBLK(info.st_mode) ? "b" : "c",
                        static_cast<std::int64_t>(major(info.st_rdev)),
                        static_cast<std::int64_t>(minor(info.st_rdev)), device.permissions};
}

}  // namespace caravan::driver
