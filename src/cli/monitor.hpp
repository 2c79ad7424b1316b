// SPDX-License-Identifier: Apache-2.0
// Follows an evaluation until it ends, tells what it did, and goes on with its deployment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace caravan::cli {

/// What was told of an evaluation, so that only news is told again. Pure.
class MonitorView {
 public:
  explicit MonitorView(bool verbose) : verbose_(verbose) {}
  /// The lines that are new in this state of things, without their indent.
  std::vector<std::string> news(const json::Value& eval, const json::Value& allocs);
  /// The last lines, the first behind "==> ", once the evaluation has ended.
  std::vector<std::string> ending(const json::Value& eval) const;

 private:
  struct Seen {
    std::string status;
  };
  void alloc_news(const json::Value& alloc, std::int64_t eval_index,
                  std::vector<std::string>& lines);

  bool verbose_, triggered_ = false;
  std::string deployment_, status_ = "pending";
  std::map<std::string, Seen> allocs_;
};

/// Exit code 0, 1 when it cannot be followed or its deployment does not succeed, 2 when not all
/// could be placed; then the deployment, which waits for room, is not followed.
int monitor(Context& context, const std::string& eval_id);

/// For commands that leave an evaluation behind: prints its id under -detach, else follows it.
int finish_with(Context& context, const std::string& eval_id);

}  // namespace caravan::cli
