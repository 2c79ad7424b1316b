// SPDX-License-Identifier: Apache-2.0
// What the command line of caravan-bench asks for.
#pragma once

#include <optional>
#include <string>

namespace caravan::bench {

struct Options {
  std::string name;                       // the subcommand
  std::string only;                       // one of its lines; "" means all
  std::optional<int> nodes, jobs, count;  // none: what the case is about
  int runs = 5;                           // the median of these is reported
  bool json = false;
};

}  // namespace caravan::bench
