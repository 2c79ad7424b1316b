// SPDX-License-Identifier: Apache-2.0
// Running the tree: nodes, branches, loops. template_eval.cpp has the expressions.
#include "expr/template_run.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "expr/template_lexer.hpp"
#include "expr/template_parser.hpp"

namespace caravan::expr {
namespace {

std::vector<const json::Member*> sorted_members(const json::Object& object) {
  std::vector<const json::Member*> members;
  for (const json::Member& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->name < b->name; });
  return members;
}

/// Restores what a nested scope declared or changed of `.`.
template <class Variables>
class Scoped {
 public:
  Scoped(Variables& variables, Data& dot)
      : variables_(variables), size_(variables.size()), dot_(dot), before_(dot) {}
  ~Scoped() {
    variables_.resize(size_);
    dot_ = before_;
  }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

 private:
  Variables& variables_;
  std::size_t size_;
  Data& dot_;
  Data before_;
};

}  // namespace

base::Result<Template> Template::parse(std::string_view text, const TemplateOptions& options) {
  if (text.size() > template_bytes_max)
    return base::fail(base::Code::too_large, fmt::format("template: {} bytes; the limit is {}",
                                                         text.size(), template_bytes_max));
  TemplateOptions usable = options;
  if (usable.left_delimiter.empty()) usable.left_delimiter = "{{";
  if (usable.right_delimiter.empty()) usable.right_delimiter = "}}";
  TRY(ParsedTemplate parsed, parse_template(text, usable));
  return Template(std::make_shared<const ParsedTemplate>(std::move(parsed)));
}

base::Result<Rendering> Template::render(DataSource& source) const {
  return TemplateRun(*parsed_, source).run();
}

base::Result<Rendering> TemplateRun::run() {
  variables_.push_back({"$", nullptr});
  const auto done = nodes(parsed_.nodes);
  // An error beside missing data is most likely its consequence; it is looked at when data is
  // there.
  if (!done && (rendering_.missing.empty() || done.error().code == base::Code::too_large))
    return std::unexpected(done.error());
  return std::move(rendering_);
}

base::Result<Data> TemplateRun::ask(const Dependency& dependency) {
  if (const auto known = answers_.find(dependency); known != answers_.end()) return known->second;
  rendering_.used.push_back(dependency);
  TRY(json::Value value, source_.fetch(dependency));
  Data data = value.is_null() ? nullptr : make_data(std::move(value));
  answers_.emplace(dependency, data);
  return data;
}

void TemplateRun::wait_for(const Dependency& dependency) {
  std::vector<Dependency>& list = rendering_.missing;
  if (std::find(list.begin(), list.end(), dependency) == list.end()) list.push_back(dependency);
}

base::Status TemplateRun::spend(std::size_t steps) {
  steps_left_ -= static_cast<std::int64_t>(steps);
  if (steps_left_ >= 0) return {};
  return base::fail(base::Code::too_large, "the template takes too many steps");
}

base::Status TemplateRun::write(std::string_view text) {
  if (rendering_.text.size() + text.size() > rendered_bytes_max)
    return base::fail(base::Code::too_large,
                      fmt::format("the result has over {} bytes", rendered_bytes_max));
  rendering_.text += text;
  return {};
}

base::Result<TemplateRun::Flow> TemplateRun::nodes(const TemplateNodes& list) {
  constexpr int nesting_max = 256;
  if (nesting_ >= nesting_max) return base::invalid("exceeded the depth of nested templates");
  ++nesting_;
  auto flow = each_node(list);
  --nesting_;
  return flow;
}

base::Result<TemplateRun::Flow> TemplateRun::each_node(const TemplateNodes& list) {
  for (const TemplateNode& each : list) {
    TRY_VOID(spend(1));
    auto flow = node(each);
    if (!flow) {
      if (!flow.error().message.starts_with("template: "))
        flow.error().message = template_error(each.at, flow.error().message).message;
      return flow;
    }
    if (*flow != Flow::on) return flow;
  }
  return Flow::on;
}

base::Result<TemplateRun::Flow> TemplateRun::node(const TemplateNode& node) {
  if (const auto* text = std::get_if<std::string>(&node.what)) {
    TRY_VOID(write(*text));
    return Flow::on;
  }
  if (const auto* action = std::get_if<TemplateNode::Action>(&node.what)) {
    TRY(const Data value, pipeline(action->pipeline));
    assign(action->pipeline, value);
    if (action->pipeline.variables.empty()) TRY_VOID(write(print_data(value)));
    return Flow::on;
  }
  if (const auto* inner = std::get_if<TemplateNode::Branch>(&node.what))
    return branch(*inner, node.at);
  if (const auto* other = std::get_if<TemplateNode::Invoke>(&node.what)) {
    TRY_VOID(invoke(*other, node.at));
    return Flow::on;
  }
  return std::holds_alternative<TemplateNode::Break>(node.what) ? Flow::break_loop
                                                                : Flow::continue_loop;
}

base::Result<TemplateRun::Flow> TemplateRun::branch(const TemplateNode::Branch& branch,
                                                    const TemplatePosition&) {
  using Kind = TemplateNode::Branch::Kind;
  const Scoped scoped(variables_, dot_);
  TRY(const Data value, pipeline(branch.pipeline));
  if (branch.kind == Kind::range) return range(branch, value);
  assign(branch.pipeline, value);
  if (is_true(value)) {
    if (branch.kind == Kind::with) dot_ = value;
    return nodes(*branch.body);
  }
  return branch.otherwise ? nodes(*branch.otherwise) : Flow::on;
}

base::Result<TemplateRun::Flow> TemplateRun::range(const TemplateNode::Branch& branch,
                                                   const Data& over) {
  if (!is_true(over)) return branch.otherwise ? nodes(*branch.otherwise) : Flow::on;
  const auto each = [&](Data key, Data value) -> base::Result<bool> {
    TRY(const Flow flow, turn(branch, std::move(key), std::move(value)));
    return flow != Flow::break_loop;
  };
  if (const json::Array* array = over->as_array()) {
    std::int64_t at = 0;
    for (const json::Value& item : *array) {
      TRY(const bool go_on, each(make_data(at++), part_of(over, item)));
      if (!go_on) break;
    }
    return Flow::on;
  }
  if (const json::Object* object = over->as_object()) {
    for (const json::Member* member : sorted_members(*object)) {
      TRY(const bool go_on, each(make_data(member->name), part_of(over, member->value)));
      if (!go_on) break;
    }
    return Flow::on;
  }
  if (const std::int64_t* count = over->as_int()) {
    for (std::int64_t i = 0; i < *count; ++i) {
      TRY(const bool go_on, each(make_data(i), make_data(i)));
      if (!go_on) break;
    }
    return Flow::on;
  }
  return base::invalid(fmt::format("range can't iterate over {}", over->kind()));
}

base::Result<TemplateRun::Flow> TemplateRun::turn(const TemplateNode::Branch& branch, Data key,
                                                  Data value) {
  TRY_VOID(spend(1));
  const Scoped scoped(variables_, dot_);
  const std::vector<std::string>& names = branch.pipeline.variables;
  const auto bind = [&](const std::string& name, const Data& data) {
    if (branch.pipeline.declares) return variables_.push_back({name, data});
    for (auto& [known, held] : variables_)
      if (known == name) held = data;
  };
  if (names.size() == 2) bind(names[0], key);
  if (!names.empty()) bind(names.back(), value);
  dot_ = std::move(value);
  return nodes(*branch.body);
}

base::Status TemplateRun::invoke(const TemplateNode::Invoke& invoke, const TemplatePosition&) {
  const auto found = parsed_.defined.find(invoke.name);
  if (found == parsed_.defined.end())
    return base::invalid(fmt::format("template \"{}\" not defined", invoke.name));
  if (invocations_ >= template_depth_max)
    return base::invalid("exceeded the depth of template invocations");
  Data argument;
  if (!invoke.argument.commands.empty()) {
    TRY(argument, pipeline(invoke.argument));
  }
  // The other template sees neither our variables nor our `.`.
  auto ours = std::exchange(variables_, {{"$", argument}});
  const Data dot = std::exchange(dot_, argument);
  ++invocations_;
  const auto done = nodes(*found->second);
  --invocations_;
  variables_ = std::move(ours);
  dot_ = dot;
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace caravan::expr
