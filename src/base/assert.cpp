// SPDX-License-Identifier: Apache-2.0
#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace caravan::base {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "caravan: broken invariant: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace caravan::base
