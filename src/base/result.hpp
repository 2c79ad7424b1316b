// SPDX-License-Identifier: Apache-2.0
// Result<T> carries what a caller can act on. Our own bugs go through ASSERT, libraries' exceptions
// are caught at the three doors (spawned task, HTTP request, main).
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace caravan::base {

/// What kind of failure this is. Faces translate it: `api` to an HTTP status, `cli` to an exit
/// code.
enum class Code {
  invalid,      // the caller sent something wrong; the message says what and where
  not_found,    // the named object does not exist
  denied,       // the caller is known, and may not
  conflict,     // a compare-and-set or a concurrent change lost
  too_large,    // a named limit was passed
  unavailable,  // no leader, no connection, stopping: try again
  timeout,      // the deadline passed; the outcome may be unknown
  io,           // the operating system refused
  unsupported,  // understood, and not built
  internal,     // none of the above; a bug or a broken promise of a peer
  busy,         // a queue is full: try again later, and more slowly
};

struct Error {
  Code code = Code::internal;
  std::string message;
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

/// `return fail(Code::invalid, "Job.Priority: 200 is outside 1..100");`
inline std::unexpected<Error> fail(Code code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}
inline std::unexpected<Error> invalid(std::string message) {
  return fail(Code::invalid, std::move(message));
}

}  // namespace caravan::base

#define CARAVAN_CONCAT_(a, b) a##b
#define CARAVAN_CONCAT(a, b) CARAVAN_CONCAT_(a, b)

// TRY(auto x, expression) names the value or returns the error; TRY_VOID does so without a value.
// The CO_ twins are for coroutines.
#define CARAVAN_TRY_(holder, declaration, keyword, ...)                        \
  auto holder = __VA_ARGS__;                                                   \
  if (!holder.has_value()) keyword std::unexpected(std::move(holder).error()); \
  declaration = *std::move(holder)
#define TRY(declaration, ...) \
  CARAVAN_TRY_(CARAVAN_CONCAT(try_, __LINE__), declaration, return, __VA_ARGS__)
#define CO_TRY(declaration, ...) \
  CARAVAN_TRY_(CARAVAN_CONCAT(try_, __LINE__), declaration, co_return, __VA_ARGS__)
#define TRY_VOID(...) \
  if (auto tried = __VA_ARGS__; !tried.has_value()) return std::unexpected(std::move(tried).error())
#define CO_TRY_VOID(...)                            \
  if (auto tried = __VA_ARGS__; !tried.has_value()) \
  co_return std::unexpected(std::move(tried).error())
