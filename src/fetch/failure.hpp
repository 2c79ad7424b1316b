// SPDX-License-Identifier: Apache-2.0
// Why an artifact did not arrive. This program does one thing and ends, so a failure flies straight
// to main.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "fetch/request.hpp"

namespace caravan::fetch {

struct Failure {
  int exit_code;
  std::string message;  // one line, without secrets
};

[[noreturn]] inline void fail(std::string message) { throw Failure{failed, std::move(message)}; }
[[noreturn]] inline void refuse(std::string message) { throw Failure{refused, std::move(message)}; }
/// With the system's words for errno.
[[noreturn]] inline void fail_system(const std::string& what) {
  fail(what + ": " + std::strerror(errno));
}

}  // namespace caravan::fetch
