// SPDX-License-Identifier: Apache-2.0
// Any text as a filter over a small value.
#include <cstdint>

#include "expr/filter.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caravan;
  static const json::Value value = json::Object{{"Name", "web"},
                                                {"Tags", json::Array{"a", "b"}},
                                                {"Meta", json::Object{{"k", "v"}}},
                                                {"N", 3}};
  const auto filter = expr::Filter::parse({reinterpret_cast<const char*>(data), size});
  if (!filter) return 0;
  (void)filter->matches(value);
  (void)filter->fields();
  return 0;
}
