// SPDX-License-Identifier: Apache-2.0
// Expression to value. A Run is one evaluation of one set of sources: it carries the budget, so
// that the sources together cannot cost more than `evaluation_steps_max`.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "hcl/body.hpp"
#include "hcl/diagnostic.hpp"
#include "hcl/outside.hpp"

namespace caravan::hcl {

/// Names that an expression may use. A child sees its parent's names and may hide them.
class Scope {
 public:
  /// What `name.a.b` means when no scope knows `name`: an error, or, inside jobs, a name that only
  /// the running task knows. The text `${name.a.b}` is then kept as it is.
  enum class UnknownRoot { error, keep };

  explicit Scope(UnknownRoot unknown = UnknownRoot::error) : unknown_(unknown) {}
  static Scope inside(const Scope& parent) {
    Scope child(parent.unknown_);
    child.parent_ = &parent;
    return child;
  }

  void set(std::string_view name, Value value);
  const Value* find(std::string_view name) const;
  std::vector<std::string> names() const;
  bool keeps_unknown() const { return unknown_ == UnknownRoot::keep; }

 private:
  const Scope* parent_ = nullptr;
  UnknownRoot unknown_ = UnknownRoot::error;
  std::map<std::string, Value, std::less<>> values_;
};

class Run {
 public:
  Run(Diagnostics& diagnostics, Outside outside = {})
      : diagnostics_(&diagnostics), outside_(outside) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// The value, or nothing after errors, which are in the diagnostics.
  std::optional<Value> evaluate(const Expression& expression, const Scope& scope);

  void error(const Range& where, std::string summary, std::string detail);
  Diagnostics& diagnostics() { return *diagnostics_; }
  const Outside& outside() const { return outside_; }
  /// False, with an error the first time, when the budget is gone.
  bool spend(std::int64_t steps, const Range& where);
  bool exhausted() const { return steps_left_ < 0; }

  // Scopes and bodies made on the way (by `dynamic` blocks, by JSON) live as long as the run.
  Scope& keep(Scope scope) { return scopes_.emplace_back(std::move(scope)); }
  const Body& keep(Body body) { return bodies_.emplace_back(std::move(body)); }

 private:
  friend class Evaluation;
  Diagnostics* diagnostics_;
  Outside outside_;
  std::int64_t steps_left_ = evaluation_steps_max;
  std::deque<Scope> scopes_;
  std::deque<Body> bodies_;
};

}  // namespace caravan::hcl
