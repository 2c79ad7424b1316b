// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/kv.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {

std::string kv_path(std::string key) {
  if (key.starts_with('/')) key.erase(0, 1);
  return "/v1/kv/" + base::percent_encode(key);
}

base::Result<std::string> data_of(const std::string& word) {
  if (word == "-") {
    std::string all;
    char piece[4096];
    for (std::size_t n; (n = std::fread(piece, 1, sizeof piece, stdin)) > 0;)
      all.append(piece, n);
    return all;
  }
  if (!word.starts_with('@')) return word;
  std::ifstream file(word.substr(1), std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  if (!file)
    return base::fail(base::Code::io, fmt::format("Failed to read file: {}", word.substr(1)));
  return all.str();
}

base::Result<std::string> value_of(const json::Value& entry) {
  return base::base64_decode(text(entry, "Value"));
}

}  // namespace caravan::cli::consul
