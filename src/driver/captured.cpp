// SPDX-License-Identifier: Apache-2.0
#include "driver/captured.hpp"

#include <algorithm>
#include <utility>

#include "io/task.hpp"

namespace caravan::driver {

io::Task<base::Result<ExecInput>> Captured::read_input() {
  if (!std::exchange(has_closed_, true)) {
    ExecInput none;
    none.closes = true;
    co_return none;
  }
  const base::Duration rest = deadline_ - clock_.uptime();
  if (rest.count() > 0) co_await clock_.sleep(rest);
  co_return base::fail(base::Code::timeout, "it took too long");
}

io::Task<base::Status> Captured::write_output(bool, std::string bytes) {
  output_.append(bytes, 0, output_max_ - std::min(output_max_, output_.size()));
  co_return base::Status();
}

}  // namespace caravan::driver
