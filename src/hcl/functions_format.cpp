// SPDX-License-Identifier: Apache-2.0
// format() and formatlist(): `%[flags][width][.precision][[index]]verb`.
#include <fmt/format.h>

#include "base/text.hpp"
#include "hcl/functions.hpp"
#include "hcl/limits.hpp"
#include "hcl/utf8.hpp"
#include "json/writer.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

struct Verb {
  std::string text;  // as written, for messages
  std::size_t at = 0;
  bool plus = false, minus = false, zero = false, space = false, sharp = false;
  std::size_t width = 0;
  std::optional<std::size_t> precision;
  std::optional<std::size_t> argument;  // from 1
  char letter = 0;
};

class VerbReader {
 public:
  explicit VerbReader(std::string_view text) : text_(text) {}

  Result<Verb> read(std::size_t percent) {
    Verb verb;
    verb.at = percent;
    at_ = percent + 1;
    read_flags(verb);
    TRY(verb.width, number(0));
    if (eat('.')) {
      TRY(const std::size_t precision, number(0));
      verb.precision = precision;
    }
    if (eat('[')) {
      TRY(const std::size_t argument, number(1));
      verb.argument = argument;
      if (!eat(']') || argument == 0)
        return base::invalid(fmt::format("unrecognized format character at offset {}", at_));
    }
    if (at_ >= text_.size()) return base::invalid("unterminated format verb at the end");
    verb.letter = text_[at_++];
    verb.text = text_.substr(percent, at_ - percent);
    return verb;
  }
  std::size_t end() const { return at_; }

 private:
  bool eat(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void read_flags(Verb& verb) {
    while (true) {
      if (eat('+'))
        verb.plus = true;
      else if (eat('-'))
        verb.minus = true;
      else if (eat('0'))
        verb.zero = true;
      else if (eat(' '))
        verb.space = true;
      else if (eat('#'))
        verb.sharp = true;
      else
        return;
    }
  }
  Result<std::size_t> number(std::size_t absent) {
    std::size_t n = 0;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      n = n * 10 + static_cast<std::size_t>(text_[at_++] - '0');
      if (n > format_width_max)
        return base::invalid(fmt::format("a width over {} is not allowed", format_width_max));
    }
    return at_ == begin ? absent : n;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string padded(const Verb& verb, std::string text, bool numeric) {
  const std::size_t length = CodePoints(text).count();
  if (length >= verb.width) return text;
  const std::size_t missing = verb.width - length;
  if (verb.minus) return text + std::string(missing, ' ');
  if (!verb.zero || !numeric) return std::string(missing, ' ') + text;
  const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  return text.insert(sign, missing, '0');
}

std::string in_radix(std::uint64_t n, char letter) {
  switch (letter) {
    case 'b':
      return fmt::format("{:b}", n);
    case 'o':
      return fmt::format("{:o}", n);
    case 'x':
      return fmt::format("{:x}", n);
    default:
      return fmt::format("{:X}", n);
  }
}

Result<std::string> integer(const Verb& verb, const Value& value) {
  const auto number = to_number(value);
  if (!number || !number->is_integer())
    return base::invalid(fmt::format("unsupported value for \"{}\" at {}: an integer is required",
                                     verb.text, verb.at));
  const char* sign = verb.plus ? "+" : verb.space ? " " : "";
  if (verb.letter == 'd') return (number->sign() >= 0 ? sign : "") + number->to_string();
  const auto n = number->as_int();
  if (!n) return base::invalid("an integer of 64 bits is required");
  const auto bits = static_cast<std::uint64_t>(*n);
  const std::uint64_t magnitude = *n < 0 ? 0 - bits : bits;
  return (*n < 0 ? "-" : sign) + in_radix(magnitude, verb.letter);
}

// As C prints them; the exponent has two digits at least in both worlds.
std::string floating_text(const Verb& verb, double d) {
  const int precision = static_cast<int>(verb.precision.value_or(6));
  switch (verb.letter) {
    case 'e':
      return fmt::format("{:.{}e}", d, precision);
    case 'E':
      return fmt::format("{:.{}E}", d, precision);
    case 'f':
      return fmt::format("{:.{}f}", d, precision);
    case 'G':
      return verb.precision ? fmt::format("{:.{}G}", d, precision) : fmt::format("{:G}", d);
    default:
      return verb.precision ? fmt::format("{:.{}g}", d, precision) : fmt::format("{}", d);
  }
}

Result<std::string> floating(const Verb& verb, const Value& value) {
  const auto number = to_number(value);
  if (!number)
    return base::invalid(fmt::format("unsupported value for \"{}\" at {}: a number is required",
                                     verb.text, verb.at));
  const char* sign = number->sign() < 0 ? "" : verb.plus ? "+" : verb.space ? " " : "";
  return sign + floating_text(verb, number->as_double());
}

std::string any_text(const Verb& verb, const Value& value) {
  if (!verb.sharp && value.is_primitive()) return *to_text(value);
  return json::to_string(value.to_json());
}

Result<std::string> text(const Verb& verb, const Value& value) {
  TRY(std::string out, to_text(value));
  if (!verb.precision) return out;
  std::size_t end = 0;
  for (std::size_t n = 0; n < *verb.precision && end < out.size(); ++n)
    end += CodePoints::size_at(out, end);
  return out.substr(0, end);
}

Result<std::string> apply(const Verb& verb, const Value& value) {
  switch (verb.letter) {
    case 'v':
      return padded(verb, any_text(verb, value), value.as_number() != nullptr);
    case 't': {
      TRY(const bool b, to_bool(value));
      return padded(verb, b ? "true" : "false", false);
    }
    case 'd':
    case 'b':
    case 'o':
    case 'x':
    case 'X': {
      TRY(std::string out, integer(verb, value));
      return padded(verb, std::move(out), true);
    }
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': {
      TRY(std::string out, floating(verb, value));
      return padded(verb, std::move(out), true);
    }
    case 's': {
      TRY(std::string out, text(verb, value));
      return padded(verb, std::move(out), false);
    }
    case 'q': {
      TRY(std::string out, text(verb, value));
      return padded(verb, json::to_string(json::Value(out)), false);
    }
    default:
      return base::invalid(fmt::format("unsupported format verb '{}' in \"{}\" at offset {}",
                                       verb.letter, base::printable(verb.text, 20), verb.at));
  }
}

Result<std::string> format_with(const std::string& format, std::span<const Value> values) {
  std::string out;
  std::size_t next = 0;
  std::size_t highest = 0;
  for (std::size_t i = 0; i < format.size();) {
    if (format[i] != '%') {
      out += format[i++];
      continue;
    }
    if (format.compare(i, 2, "%%") == 0) {
      out += '%';
      i += 2;
      continue;
    }
    VerbReader reader(format);
    TRY(const Verb verb, reader.read(i));
    i = reader.end();
    const std::size_t argument = verb.argument ? *verb.argument - 1 : next;
    next = argument + 1;
    highest = std::max(highest, next);
    if (argument >= values.size())
      return base::invalid(
          fmt::format("not enough arguments for \"{}\" at {}: need index {} but "
                      "have {} total",
                      verb.text, verb.at, argument + 1, values.size()));
    TRY(const std::string piece, apply(verb, values[argument]));
    out += piece;
    if (out.size() > value_weight_max) return base::invalid("the result is too long");
  }
  if (highest < values.size())
    return base::invalid(fmt::format("too many arguments; only {} used by format string", highest));
  return out;
}

std::vector<Value> arguments_after_format(const Arguments& a) {
  std::vector<Value> values;
  for (std::size_t i = 1; i < a.size(); ++i) values.push_back(a[i]);
  return values;
}

Result<Value> format(const Arguments& a) {
  TRY(std::string out, format_with(a.text(0), arguments_after_format(a)));
  return Value(std::move(out));
}

// One result for each element; arguments that are no lists are the same for all.
Result<Value> formatlist(const Arguments& a) {
  const std::vector<Value> given = arguments_after_format(a);
  std::optional<std::size_t> rows;
  for (const Value& value : given) {
    if (!value.as_list()) continue;
    if (rows && *rows != value.as_list()->size())
      return base::invalid("all lists must have the same length");
    rows = value.as_list()->size();
  }
  Value::List out;
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < rows.value_or(1); ++row) {
    std::vector<Value> values;
    for (const Value& value : given)
      values.push_back(value.as_list() ? (*value.as_list())[row] : value);
    TRY(std::string text, format_with(a.text(0), values));
    bytes += text.size();
    if (bytes > value_weight_max) return base::invalid("the result is too long");
    out.emplace_back(std::move(text));
  }
  return Value::list(std::move(out));
}

constexpr Function rows[] = {
    {"format", "format:s args:x*", format},
    {"formatlist", "format:s args:x*", formatlist},
};

}  // namespace

std::span<const Function> format_functions() { return rows; }

}  // namespace caravan::hcl
