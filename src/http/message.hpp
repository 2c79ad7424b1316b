// SPDX-License-Identifier: Apache-2.0
// Requests and responses as values; no sockets, no routes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "io/network.hpp"

namespace caravan::http {

/// Header fields in the order they came; names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  void set(std::string_view name, std::string value);
  /// The first of that name, or "".
  std::string_view get(std::string_view name) const;
  bool contains(std::string_view name) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// "?index=5&stale": decoded pairs. A name without '=' has the value "".
class Query {
 public:
  /// Errors: invalid (a bad percent escape).
  static base::Result<Query> parse(std::string_view text);
  bool has(std::string_view name) const;
  std::string get(std::string_view name) const;  // the first, or ""
  std::vector<std::string> all(std::string_view name) const;
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

struct Request {
  std::string method;
  std::string target;  // as sent: "/v1/job/a%2Fb?index=5"
  std::string path;    // the part before '?', still percent-encoded
  Query query;
  Headers headers;
  std::string body;
  io::Address peer;

  /// Takes `text` ("/v1/job/a%2Fb?index=5") as the target, with the path and the query in it.
  /// Errors: invalid (a bad percent escape in the query).
  base::Status set_target(std::string text);
};

/// A body that many answers have in common. Any thread.
class SharedBody {
 public:
  explicit SharedBody(std::string bytes) : plain_(std::move(bytes)) {}
  const std::string& plain() const { return plain_; }
  /// Compressed once, when somebody wants it so.
  const std::string& gzipped() const;

 private:
  std::string plain_;
  mutable std::once_flag zipped_;
  mutable std::string gzip_;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::shared_ptr<const SharedBody> shared;  // when set, the body
};

std::string_view reason_phrase(int status);
/// "text/plain; charset=utf-8" with the message, as the public API answers errors.
Response plain_error(int status, std::string message);

}  // namespace caravan::http
