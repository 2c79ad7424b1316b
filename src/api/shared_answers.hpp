// SPDX-License-Identifier: Apache-2.0
// Answers that are equal for every reader, encoded once for each change and given to all who ask
// until the next one.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "http/message.hpp"
#include "state/store.hpp"

namespace caravan::api {

/// What makes an answer one that others have seen: what was asked, all that the answer depends on
/// besides the state, and the index of what it shows. Equal keys at equal indexes: equal answers.
struct Sharing {
  std::string key;
  std::function<std::uint64_t(const state::Tables&)> index;
};

/// Any thread.
class SharedAnswers {
 public:
  struct Entry {
    std::uint64_t index = 0;
    std::shared_ptr<const http::SharedBody> body;
    std::string next_token;
  };
  /// The one for `key` at that index; its body is null when there is none.
  Entry find(const std::string& key, std::uint64_t index) const;
  void put(const std::string& key, Entry entry);

  /// Beyond so many bytes all are forgotten, and encoded again for those who ask.
  static constexpr std::size_t bytes_max = 16 << 20;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::unordered_map<std::string, Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace caravan::api
