// SPDX-License-Identifier: Apache-2.0
#include "jobspec/variables.hpp"

#include <fmt/core.h>

#include "hcl/parser.hpp"
#include "hcl/type.hpp"
#include "hcl/walk.hpp"

namespace caravan::jobspec {
namespace {

struct Variable {
  hcl::Range declared;
  std::optional<hcl::Type> type;
  std::optional<hcl::Value> value;
  std::vector<hcl::View> validations;

  /// Raw text is an expression only for types that could not be written otherwise.
  bool takes_expressions() const {
    if (type && type->kind != hcl::Type::Kind::any) {
      return type->kind != hcl::Type::Kind::string && type->kind != hcl::Type::Kind::number;
    }
    return value && !value->is_null() && !value->as_string() && !value->as_number();
  }
};

class Variables {
 public:
  Variables(const ParseInput& input, hcl::Run& run, std::vector<hcl::File>& files)
      : input_(input), run_(run), files_(files) {}

  void declare(hcl::BodyReader& top) {
    for (const hcl::BlockView& block : top.blocks("variables")) {
      hcl::BodyReader reader(block.inside, run_);
      for (const hcl::Attribute& attribute : block.inside.body->attributes) {
        Variable made{attribute.name_range, {}, {}, {}};
        made.value = run_.evaluate(*attribute.value, bare_);
        reader.allow(attribute.name);
        add(attribute.name, std::move(made));
      }
      reader.finish();
    }
    for (const hcl::BlockView& block : top.blocks("variable", 1)) declare_one(block);
  }

  void fill() {
    constexpr std::string_view prefix = "NOMAD_VAR_";
    for (const auto& [name, text] : input_.environment)
      if (name.starts_with(prefix) && variables_.contains(name.substr(prefix.size())))
        set_from_text(name.substr(prefix.size()), text, "environment variable " + name);
    for (const auto& [name, text] : input_.variable_files) read_file(name, text);
    for (const auto& [name, text] : input_.variables) {
      if (variables_.contains(name))
        set_from_text(name, text, "-var " + name);
      else
        run_.error({}, "Undefined -var variable",
                   fmt::format("A \"{}\" variable was passed in the command line but was not found "
                               "in known variables. To declare variable \"{}\", place a block "
                               "definition in your configuration.",
                               name, name));
    }
  }

  void finish(const hcl::Body& body, hcl::Scope& scope) {
    for (auto& [name, variable] : variables_) convert(name, variable);
    hcl::Value::Map values;
    // Null stands for what has no value: its use is reported below, once.
    for (const auto& [name, variable] : variables_)
      values.emplace(name, variable.value.value_or(hcl::Value()));
    scope.set("var", hcl::Value::map(std::move(values)));
    for (const auto& [name, variable] : variables_)
      if (variable.value) validate(name, variable);
    report_unset(body);
  }

 private:
  void add(const std::string& name, Variable variable) {
    if (variables_.contains(name))
      return run_.error(variable.declared, "Duplicate variable",
                        fmt::format("Variable \"{}\" is declared already. Variable names must be "
                                    "unique.",
                                    name));
    variables_.emplace(name, std::move(variable));
  }

  void declare_one(const hcl::BlockView& block) {
    Variable made{block.header, {}, {}, {}};
    hcl::BodyReader reader(block.inside, run_);
    if (const hcl::Attribute* type = reader.raw("type"))
      made.type = hcl::parse_type(*type->value, run_.diagnostics());
    if (const hcl::Attribute* preset = reader.raw("default"))
      made.value = run_.evaluate(*preset->value, bare_);
    reader.allow("description");
    for (const hcl::BlockView& validation : reader.blocks("validation"))
      made.validations.push_back(validation.inside);
    reader.finish();
    if (!hcl::is_identifier(block.labels[0].text))
      run_.error(block.labels[0].range, "Invalid variable name",
                 "A name must start with a letter or underscore and may contain only letters, "
                 "digits, underscores, and dashes.");
    add(block.labels[0].text, std::move(made));
  }

  void set_from_text(const std::string& name, const std::string& text, const std::string& origin) {
    Variable& variable = variables_.find(name)->second;
    if (!variable.takes_expressions()) {
      variable.value = hcl::Value(text);
      return;
    }
    hcl::LoneExpression lone = hcl::parse_expression(origin, text, run_.diagnostics());
    if (lone.tree) variable.value = run_.evaluate(*lone.tree, bare_);
    files_.push_back({lone.source, nullptr});
  }

  void read_file(const std::string& name, const std::string& text) {
    files_.push_back(hcl::parse(name, text, hcl::Dialect::strict, run_.diagnostics()));
    const hcl::Body& body = *files_.back().body;
    for (const hcl::Block& block : body.blocks)
      run_.error(block.header(), "Variable declaration in a variable file",
                 block.type == "variable"
                     ? "A variable file only assigns values to variables that the job declares."
                     : "A variable file holds no blocks.");
    for (const hcl::Attribute& attribute : body.attributes) {
      const auto found = variables_.find(attribute.name);
      if (found == variables_.end()) {
        report_unknown(attribute);
        continue;
      }
      if (auto value = run_.evaluate(*attribute.value, bare_))
        found->second.value = std::move(value);
    }
  }

  void report_unknown(const hcl::Attribute& attribute) {
    std::vector<std::string> names;
    for (const auto& [name, variable] : variables_) names.push_back(name);
    std::string detail =
        fmt::format("A \"{}\" variable was set but was not found in known variables.{}",
                    attribute.name, hcl::did_you_mean(attribute.name, names));
    if (input_.strict)
      run_.error(attribute.name_range, "Undefined variable", std::move(detail));
    else
      run_.diagnostics().warning(attribute.name_range, "Undefined variable", std::move(detail));
  }

  void convert(const std::string& name, Variable& variable) {
    if (!variable.value || !variable.type) return;
    auto converted = hcl::convert(*variable.value, *variable.type);
    if (!converted) {
      run_.error(variable.declared, fmt::format("Invalid value for variable \"{}\"", name),
                 fmt::format("The value is not of type {}: {}.", variable.type->to_string(),
                             converted.error().message));
      variable.value = hcl::Value();
      return;
    }
    variable.value = std::move(*converted);
  }

  // A validation sees its own variable and nothing else.
  void validate(const std::string& name, const Variable& variable) {
    for (const hcl::View& view : variable.validations) {
      hcl::Scope scope;
      scope.set("var", hcl::Value::map({{name, *variable.value}}));
      hcl::BodyReader reader({view.body, &scope}, run_);
      const auto condition = reader.required("condition");
      const auto message = reader.required("error_message");
      reader.finish();
      if (!condition || !message) continue;
      const auto passed = hcl::to_bool(*condition);
      if (!passed) {
        run_.error(reader.raw("condition")->value->range, "Invalid validation condition",
                   "The condition must be a bool: " + passed.error().message + ".");
      } else if (!*passed) {
        run_.error(variable.declared, fmt::format("Invalid value for variable \"{}\"", name),
                   hcl::to_text(*message).value_or("The value is not valid."));
      }
    }
  }

  void report_unset(const hcl::Body& body) {
    std::set<std::string_view> reported;
    hcl::for_each_reference(body, [&](const hcl::Reference& reference) {
      if (reference.root != "var") return;
      const auto found = variables_.find(reference.attribute);
      if (found == variables_.end() || found->second.value) return;
      if (!reported.insert(found->first).second) return;
      run_.error(reference.range, "Unset variable",
                 fmt::format("A used variable must be set or have a default value: \"{}\" has "
                             "neither.",
                             found->first));
    });
  }

  const ParseInput& input_;
  hcl::Run& run_;
  std::vector<hcl::File>& files_;
  hcl::Scope bare_;  // functions, and no names
  std::map<std::string, Variable, std::less<>> variables_;
};

}  // namespace

void resolve_variables(const hcl::Body& body, const ParseInput& input, hcl::Run& run,
                       hcl::Scope& scope, std::vector<hcl::File>& files) {
  hcl::BodyReader top({&body, &scope}, run);
  Variables variables(input, run, files);
  variables.declare(top);
  variables.fill();
  variables.finish(body, scope);
}

void resolve_locals(const hcl::Body& body, hcl::Run& run, hcl::Scope& scope) {
  std::map<std::string, const hcl::Attribute*, std::less<>> left;
  hcl::BodyReader top({&body, &scope}, run);
  for (const hcl::BlockView& block : top.blocks("locals")) {
    hcl::BodyReader reader(block.inside, run);
    for (const hcl::Attribute& attribute : block.inside.body->attributes) {
      reader.allow(attribute.name);
      if (!left.emplace(attribute.name, &attribute).second)
        run.error(attribute.name_range, "Duplicate local value",
                  fmt::format("A local value named \"{}\" was already defined.", attribute.name));
    }
    reader.finish();
  }
  hcl::Value::Map values;
  scope.set("local", hcl::Value::map({}));
  while (!left.empty()) {
    // One round evaluates all that need nothing of what is left.
    std::vector<std::string> ready;
    for (const auto& [name, attribute] : left) {
      bool waits = false;
      hcl::for_each_reference(*attribute->value, [&](const hcl::Reference& reference) {
        waits = waits || (reference.root == "local" && left.contains(reference.attribute));
      });
      if (!waits) ready.push_back(name);
    }
    if (ready.empty()) {
      const auto& [name, attribute] = *left.begin();
      return run.error(attribute->name_range, "Circular local values",
                       fmt::format("\"{}\" refers to itself, directly or through others.", name));
    }
    for (const std::string& name : ready) {
      // After an error null stands in, so that what refers to it does not fail as well.
      values[name] = run.evaluate(*left.at(name)->value, scope).value_or(hcl::Value());
      if (!run.spend(static_cast<std::int64_t>(left.size()), left.at(name)->name_range)) return;
    }
    for (const std::string& name : ready) left.erase(name);
    scope.set("local", hcl::Value::map(values));
  }
}

}  // namespace caravan::jobspec
