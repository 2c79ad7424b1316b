// SPDX-License-Identifier: Apache-2.0
#include "expr/printf.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "expr/text.hpp"
#include "json/writer.hpp"

namespace caravan::expr {
namespace {

struct Verb {
  bool plus = false, minus = false, zero = false, space = false, sharp = false;
  std::size_t width = 0;
  std::optional<std::size_t> precision;
  char letter = 0;
};

std::string_view type_name(const json::Value& value) {
  if (value.is_null()) return "<nil>";
  if (value.as_bool()) return "bool";
  if (value.as_int()) return "int";
  if (value.as_double()) return "float64";
  if (value.as_string()) return "string";
  return value.as_array() ? "[]interface {}" : "map[string]interface {}";
}

std::string bad_verb(const Verb& verb, const json::Value& value) {
  if (value.is_null()) return fmt::format("%!{}(<nil>)", verb.letter);
  return fmt::format("%!{}({}={})", verb.letter, type_name(value), go_print(value));
}

std::string padded(const Verb& verb, std::string text, bool numeric) {
  const std::size_t length = count_code_points(text);
  if (length >= verb.width) return text;
  const std::size_t missing = verb.width - length;
  if (verb.minus) return text + std::string(missing, ' ');
  if (!verb.zero || !numeric) return std::string(missing, ' ') + text;
  const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  return text.insert(sign, missing, '0');
}

std::string sign_of(const Verb& verb, bool negative) {
  return negative ? "-" : verb.plus ? "+" : verb.space ? " " : "";
}

std::string integer(const Verb& verb, std::int64_t n) {
  if (verb.letter == 'c' || verb.letter == 'q') {
    std::string text;
    append_utf8(text, n >= 0 && n <= 0x10ffff ? static_cast<char32_t>(n) : 0xfffd);
    return verb.letter == 'c' ? text : "'" + text + "'";
  }
  if (verb.letter == 'U') return fmt::format("U+{:04X}", n);
  const auto bits = static_cast<std::uint64_t>(n);
  const std::uint64_t magnitude = n < 0 ? 0 - bits : bits;
  std::string digits;
  switch (verb.letter) {
    case 'x':
      digits = fmt::format("{}{:x}", verb.sharp ? "0x" : "", magnitude);
      break;
    case 'X':
      digits = fmt::format("{}{:X}", verb.sharp ? "0X" : "", magnitude);
      break;
    case 'o':
      digits = fmt::format("{}{:o}", verb.sharp ? "0" : "", magnitude);
      break;
    case 'b':
      digits = fmt::format("{:b}", magnitude);
      break;
    default:
      digits = std::to_string(magnitude);
      break;
  }
  return sign_of(verb, n < 0) + digits;
}

std::string floating(const Verb& verb, double d) {
  const double magnitude = std::fabs(d);
  const int precision = static_cast<int>(verb.precision.value_or(6));
  std::string digits;
  switch (verb.letter) {
    case 'e':
      digits = fmt::format("{:.{}e}", magnitude, precision);
      break;
    case 'E':
      digits = fmt::format("{:.{}E}", magnitude, precision);
      break;
    case 'f':
    case 'F':
      digits = fmt::format("{:.{}f}", magnitude, precision);
      break;
    default:
      digits = verb.precision ? fmt::format("{:.{}g}", magnitude, precision) : go_double(magnitude);
  }
  return sign_of(verb, std::signbit(d)) + digits;
}

std::string string(const Verb& verb, const std::string& whole) {
  std::string text = whole;
  if (verb.precision && verb.letter != 'x' && verb.letter != 'X') {
    std::size_t end = 0;
    for (std::size_t n = 0; n < *verb.precision && end < text.size(); ++n)
      end += code_point_size(text, end);
    text.resize(std::min(end, text.size()));
  }
  if (verb.letter == 'q') return go_quote(text);
  if (verb.letter == 'x') return base::to_hex(text);
  if (verb.letter == 'X') return base::to_upper(base::to_hex(text));
  if (verb.letter == 'v' && verb.sharp) return go_quote(text);
  return text;
}

bool is_one_of(char letter, std::string_view letters) {
  return letters.find(letter) != std::string_view::npos;
}

std::string formatted(const Verb& verb, const Data& data) {
  const json::Value value = data ? *data : json::Value(nullptr);
  const char letter = verb.letter;
  if (letter == 'T') return padded(verb, std::string(type_name(value)), false);
  if (value.is_null() && letter != 'v') return bad_verb(verb, value);
  if (const std::int64_t* n = value.as_int())
    return is_one_of(letter, "vdxXobcqU") ? padded(verb, integer(verb, *n), true)
                                          : bad_verb(verb, value);
  if (const double* d = value.as_double()) {
    if (is_one_of(letter, "veEfFgG")) return padded(verb, floating(verb, *d), true);
    // Numbers of JSON may be written with a fraction of zero; as integers they are what was meant.
    if (letter == 'd' && std::floor(*d) == *d && std::fabs(*d) < 9e15)
      return padded(verb, integer(verb, static_cast<std::int64_t>(*d)), true);
    return bad_verb(verb, value);
  }
  if (const std::string* text = value.as_string())
    return is_one_of(letter, "vsqxX") ? padded(verb, string(verb, *text), false)
                                      : bad_verb(verb, value);
  if (value.as_bool() && !is_one_of(letter, "vt")) return bad_verb(verb, value);
  if (letter == 'v' || letter == 's' || letter == 't') return padded(verb, go_print(value), false);
  return bad_verb(verb, value);
}

/// Reads flags, width, precision and letter from `at`, which it moves. `*` takes an argument.
class VerbReader {
 public:
  VerbReader(std::string_view format, std::size_t& at, std::span<const Data> arguments,
             std::size_t& next)
      : format_(format), at_(at), arguments_(arguments), next_(next) {}

  Verb read() {
    Verb verb;
    while (at_ < format_.size() && is_one_of(format_[at_], "+-0 #")) {
      const char c = format_[at_++];
      verb.plus |= c == '+';
      verb.minus |= c == '-';
      verb.zero |= c == '0';
      verb.space |= c == ' ';
      verb.sharp |= c == '#';
    }
    verb.width = number();
    if (at_ < format_.size() && format_[at_] == '.') {
      ++at_;
      verb.precision = number();
    }
    if (at_ < format_.size()) verb.letter = format_[at_++];
    return verb;
  }

 private:
  std::size_t number() {
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      const Data data = next_ < arguments_.size() ? arguments_[next_++] : nullptr;
      const std::int64_t* n = data ? data->as_int() : nullptr;
      return n != nullptr && *n > 0
                 ? std::min<std::size_t>(static_cast<std::size_t>(*n), printf_width_max)
                 : 0;
    }
    std::size_t n = 0;
    while (at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9')
      n = std::min(n * 10 + static_cast<std::size_t>(format_[at_++] - '0'), printf_width_max);
    return n;
  }

  std::string_view format_;
  std::size_t& at_;
  std::span<const Data> arguments_;
  std::size_t& next_;
};

}  // namespace

std::string go_printf(std::string_view format, std::span<const Data> arguments) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      out += format[at++];
      continue;
    }
    ++at;
    const Verb verb = VerbReader(format, at, arguments, next).read();
    if (verb.letter == 0)
      out += "%!(NOVERB)";
    else if (verb.letter == '%')
      out += '%';
    else if (next >= arguments.size())
      out += fmt::format("%!{}(MISSING)", verb.letter);
    else
      out += formatted(verb, arguments[next++]);
  }
  if (next < arguments.size()) {
    std::string extra;
    for (const Data& data : arguments.subspan(next)) {
      const json::Value value = data ? *data : json::Value(nullptr);
      extra += extra.empty() ? "" : ", ";
      extra += value.is_null() ? "<nil>" : fmt::format("{}={}", type_name(value), go_print(value));
    }
    out += "%!(EXTRA " + extra + ")";
  }
  return out;
}

std::string go_sprint(std::span<const Data> arguments) {
  std::string out;
  bool before_is_text = true;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool is_text = arguments[i] && arguments[i]->as_string();
    if (i > 0 && !is_text && !before_is_text) out += ' ';
    out += arguments[i] ? go_print(*arguments[i]) : "<nil>";
    before_is_text = is_text;
  }
  return out;
}

}  // namespace caravan::expr
