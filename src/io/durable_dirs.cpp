// SPDX-License-Identifier: Apache-2.0
#include "io/durable_dirs.hpp"

#include "io/task.hpp"

namespace caravan::io {

Task<base::Status> make_durable_dirs(Disk& disk, std::string path) {
  constexpr unsigned mode = 0700;
  // Also when it is there: an agent that was killed may have made it and synced nothing.
  CO_TRY_VOID(disk.make_dirs(path, mode));
  while (path != "/") {
    const std::size_t slash = path.rfind('/');
    path = slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
    CO_TRY_VOID(co_await disk.sync_dir(path));
  }
  co_return base::Status();
}

}  // namespace caravan::io
