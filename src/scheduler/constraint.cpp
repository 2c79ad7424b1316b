// SPDX-License-Identifier: Apache-2.0
#include "scheduler/constraint.hpp"

#include <charconv>

#include <re2/re2.h>

#include "base/text.hpp"
#include "base/version.hpp"

namespace caravan::scheduler {
namespace {

using Found = std::optional<std::string>;

Found in_map(const std::map<std::string, std::string>& map, std::string_view key) {
  const auto found = map.find(std::string(key));
  return found == map.end() ? Found() : Found(found->second);
}

Found node_value(std::string_view name, const model::Node& node) {
  if (name == "node.unique.id") return node.id.to_string();
  if (name == "node.unique.name") return node.name;
  if (name == "node.datacenter") return node.datacenter;
  if (name == "node.class") return node.node_class;
  if (name == "node.pool") return node.node_pool;
  for (const std::string_view prefix : {"attr.", "node.attr."})
    if (name.starts_with(prefix)) return in_map(node.attributes, name.substr(prefix.size()));
  for (const std::string_view prefix : {"meta.", "node.meta."})
    if (name.starts_with(prefix)) return in_map(node.meta, name.substr(prefix.size()));
  return {};
}

template <class Number>
std::optional<Number> number(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

template <class T>
bool ordered(const T& a, const T& b, const std::string& op) {
  if (op == "<") return a < b;
  if (op == "<=") return a <= b;
  if (op == ">") return a > b;
  return a >= b;
}

bool compare(const std::string& a, const std::string& b, const std::string& op) {
  const auto ai = number<std::int64_t>(a), bi = number<std::int64_t>(b);
  if (ai && bi) return ordered(*ai, *bi, op);
  const auto ad = number<double>(a), bd = number<double>(b);
  if (ad && bd) return ordered(*ad, *bd, op);
  return ordered(a, b, op);
}

bool set_contains(const std::string& left, const std::string& right, bool all) {
  std::vector<std::string> have = base::split(left, ',');
  for (std::string& item : have)
    item = base::trim(item);
  bool any = false;
  for (const std::string& wanted : base::split(right, ',')) {
    const bool found = std::ranges::find(have, base::trim(wanted)) != have.end();
    if (!found && all) return false;
    any = any || found;
  }
  return any;
}

}  // namespace

std::optional<std::string> resolve(const std::string& target, const model::Node& node) {
  if (!target.starts_with("${") || !target.ends_with("}")) return target;
  return node_value(std::string_view(target).substr(2, target.size() - 3), node);
}

Comparison::Comparison(std::string operand, std::string right)
    : operand_(std::move(operand)), right_(std::move(right)) {
  if (operand_ != "regexp") return;
  RE2::Options quiet;
  quiet.set_log_errors(false);
  pattern_ = std::make_unique<RE2>(right_, quiet);
}

Comparison::~Comparison() = default;

bool Comparison::holds(const Found& left) const {
  const std::string& op = operand_;
  if (op == "is_set") return left.has_value();
  if (op == "is_not_set") return !left.has_value();
  if (op == "!=" || op == "not") return left != right_;
  if (!left) return false;
  if (op == "=" || op == "==" || op == "is") return *left == right_;
  if (op == "<" || op == "<=" || op == ">" || op == ">=") return compare(*left, right_, op);
  if (op == "version")
    return base::satisfies(*left, right_, base::VersionRules::loose).value_or(false);
  if (op == "semver")
    return base::satisfies(*left, right_, base::VersionRules::semver).value_or(false);
  if (op == "regexp") return pattern_->ok() && RE2::PartialMatch(*left, *pattern_);
  if (op == "set_contains" || op == "set_contains_all") return set_contains(*left, right_, true);
  if (op == "set_contains_any") return set_contains(*left, right_, false);
  return false;
}

bool matches(const std::string& left, const std::string& operand, const std::string& right,
             const model::Node& node) {
  if (operand == "distinct_hosts" || operand == "distinct_property") return true;
  const Found l = resolve(left, node), r = resolve(right, node);
  if (r) return Comparison(operand, *r).holds(l);
  if (operand == "is_set") return l.has_value();
  if (operand == "is_not_set") return !l.has_value();
  return (operand == "!=" || operand == "not") && l.has_value();
}

bool escapes_class(const model::Constraint& c) {
  return c.left.find("unique.") != std::string::npos ||
         c.right.find("unique.") != std::string::npos;
}

}  // namespace caravan::scheduler
