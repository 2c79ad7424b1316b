// SPDX-License-Identifier: Apache-2.0
// ASSERT states what must hold if our own code is right. It stays in release builds: going on with
// a broken invariant in a replicated state machine spreads the damage to every server.
#pragma once

namespace caravan::base {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

#define ASSERT(expression)             \
  ((expression) ? static_cast<void>(0) \
                : ::caravan::base::assertion_failed(#expression, __FILE__, __LINE__))
