// SPDX-License-Identifier: Apache-2.0
// The precompiled header of every chapter without coroutines: the standard library and fmt's core.
#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

// The library has these compiled, too, but says so only to programs of C++17: what later standards
// added is compiled in src/base/standard_templates.cpp, and all of it in no other file.
extern template class std::basic_string<char>;
extern template class std::vector<std::string>;
