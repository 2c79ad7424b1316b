// SPDX-License-Identifier: Apache-2.0
// Asks an agent for what a picture is made of, two questions at a time.
#pragma once

#include "cli/client.hpp"
#include "cli/top/use.hpp"
#include "io/task_fwd.hpp"

namespace caravan::cli::top {

class Asking {
 public:
  /// `client` outlives it.
  explicit Asking(Client& client) : client_(client) {}

  /// Every list once. What the token may not see is null, and named in `refused`.
  /// Errors: the first answer that failed otherwise, and nothing of the others is kept; denied,
  /// when neither nodes nor jobs may be seen.
  io::Task<base::Result<Answers>> lists();
  /// At most `count` of the allocations that run, for a second each and five in all. Those that do
  /// not answer in time are forgotten in `book`. `allocs` is read before the first wait, not after.
  io::Task<void> uses(const json::Value& allocs, UseBook& book, std::size_t count);

 private:
  struct List;
  struct Round;
  io::Task<base::Result<json::Value>> ask(const std::string& path, Params params,
                                          base::Duration timeout);
  io::Task<bool> ask_lists(std::vector<List>& lists, std::size_t& next);
  io::Task<bool> ask_uses(Round& round);
  Client& client_;
};

}  // namespace caravan::cli::top
