// SPDX-License-Identifier: Apache-2.0
#include "model/device.hpp"

#include <array>
#include <charconv>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

enum class Dimension { none, bytes, byte_rate, frequency, power };

struct Unit {
  std::string_view name;
  Dimension dimension;
  double scale;
};

constexpr std::array units = {
    Unit{"kB", Dimension::bytes, 1e3},      Unit{"KB", Dimension::bytes, 1e3},
    Unit{"MB", Dimension::bytes, 1e6},      Unit{"GB", Dimension::bytes, 1e9},
    Unit{"TB", Dimension::bytes, 1e12},     Unit{"PB", Dimension::bytes, 1e15},
    Unit{"EB", Dimension::bytes, 1e18},     Unit{"kiB", Dimension::bytes, 0x1p10},
    Unit{"KiB", Dimension::bytes, 0x1p10},  Unit{"MiB", Dimension::bytes, 0x1p20},
    Unit{"GiB", Dimension::bytes, 0x1p30},  Unit{"TiB", Dimension::bytes, 0x1p40},
    Unit{"PiB", Dimension::bytes, 0x1p50},  Unit{"EiB", Dimension::bytes, 0x1p60},
    Unit{"MHz", Dimension::frequency, 1e6}, Unit{"GHz", Dimension::frequency, 1e9},
    Unit{"mW", Dimension::power, 1e-3},     Unit{"W", Dimension::power, 1},
    Unit{"kW", Dimension::power, 1e3},      Unit{"MW", Dimension::power, 1e6},
    Unit{"GW", Dimension::power, 1e9},
};

/// Any unit of bytes is one of bytes a second too, with "/s" behind it.
std::optional<Unit> unit_named(std::string_view name) {
  const bool is_rate = name.ends_with("/s");
  const auto found =
      std::ranges::find(units, is_rate ? name.substr(0, name.size() - 2) : name, &Unit::name);
  if (found == units.end() || (is_rate && found->dimension != Dimension::bytes)) return {};
  return Unit{name, is_rate ? Dimension::byte_rate : found->dimension, found->scale};
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

struct Amount {
  double value;
  Dimension dimension;
};

std::optional<Amount> amount(const DeviceAttribute& a) {
  if (!a.whole && !a.real) return {};
  const double value = a.whole ? static_cast<double>(*a.whole) : *a.real;
  if (a.unit.empty()) return Amount{value, Dimension::none};
  const std::optional<Unit> unit = unit_named(a.unit);
  if (!unit) return {};
  return Amount{value * unit->scale, unit->dimension};
}

template <class T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

DeviceAttribute parse_attribute(std::string_view given) {
  const std::string text(base::trim(given));
  DeviceAttribute attribute;
  if (text == "true" || text == "false") {
    attribute.truth = text == "true";
    return attribute;
  }
  const std::size_t end = std::min(text.find_first_not_of("+-.0123456789"), text.size());
  const std::string digits = text.substr(0, end), unit(base::trim(text.substr(end)));
  if (unit.empty() || unit_named(unit)) {
    attribute.whole = number<std::int64_t>(digits);
    if (!attribute.whole) attribute.real = number<double>(digits);
  }
  if (attribute.whole || attribute.real)
    attribute.unit = unit;
  else
    attribute.text = text;
  return attribute;
}

std::string to_string(const DeviceAttribute& a) {
  if (a.text) return *a.text;
  if (a.truth) return *a.truth ? "true" : "false";
  const std::string unit = a.unit.empty() ? "" : " " + a.unit;
  if (a.whole) return fmt::format("{}{}", *a.whole, unit);
  return a.real ? fmt::format("{}{}", *a.real, unit) : "";
}

std::optional<int> compare(const DeviceAttribute& a, const DeviceAttribute& b) {
  if (a.text && b.text) return order(*a.text, *b.text);
  if (a.truth && b.truth) return order(*a.truth, *b.truth);
  if (a.whole && b.whole && a.unit == b.unit) return order(*a.whole, *b.whole);
  const auto left = amount(a), right = amount(b);
  if (!left || !right || left->dimension != right->dimension) return {};
  return order(left->value, right->value);
}

base::Result<DeviceName> parse_device_name(std::string_view text) {
  std::vector<std::string> parts = base::split(text, '/');
  if (parts.size() > 3) {
    for (std::size_t i = 3; i < parts.size(); ++i)
      parts[2] += "/" + parts[i];
    parts.resize(3);
  }
  if (std::ranges::any_of(parts, [](const std::string& part) { return part.empty(); }))
    return base::invalid(fmt::format("\"{}\" is none of type, vendor/type and vendor/type/name",
                                     base::printable(std::string(text), 128)));
  if (parts.size() == 1) return DeviceName{"", parts[0], ""};
  return DeviceName{parts[0], parts[1], parts.size() > 2 ? parts[2] : ""};
}

}  // namespace caravan::model
