// SPDX-License-Identifier: Apache-2.0
// One rendering of a template.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "expr/template_data.hpp"
#include "expr/template_functions.hpp"
#include "expr/template_tree.hpp"

namespace caravan::expr {

class TemplateRun {
 public:
  TemplateRun(const ParsedTemplate& parsed, DataSource& source)
      : parsed_(parsed), source_(source) {}
  base::Result<Rendering> run();

  // For functions.
  /// Data of a dependency, or null. The same question gets the same answer within one rendering.
  base::Result<Data> ask(const Dependency& dependency);
  /// The rendering means nothing until this appears.
  void wait_for(const Dependency& dependency);
  base::Instant now() { return source_.now(); }

 private:
  enum class Flow { on, break_loop, continue_loop };

  base::Result<Flow> nodes(const TemplateNodes& list);
  base::Result<Flow> each_node(const TemplateNodes& list);
  base::Result<Flow> node(const TemplateNode& node);
  base::Result<Flow> branch(const TemplateNode::Branch& branch, const TemplatePosition& at);
  base::Result<Flow> range(const TemplateNode::Branch& branch, const Data& over);
  base::Result<Flow> turn(const TemplateNode::Branch& branch, Data key, Data value);
  base::Status invoke(const TemplateNode::Invoke& invoke, const TemplatePosition& at);
  base::Status write(std::string_view text);

  base::Result<Data> pipeline(const Pipeline& pipeline);
  void assign(const Pipeline& pipeline, const Data& value);
  base::Result<Data> command(const Command& command, const Data* piped);
  base::Result<Data> call(const Command& command, const std::string& name, const Data* piped);
  base::Result<Data> short_circuit(const Command& command, bool stops_at, const Data* piped);
  base::Result<Data> method(const Command& command, const Data* piped);
  base::Result<Data> scratch(const std::string& method, std::span<const Data> arguments);
  base::Result<Data> operand(const Operand& operand);
  base::Result<Data> fields(Data data, std::span<const std::string> names);
  base::Status spend(std::size_t steps);
  /// Charges for a value and refuses one that grew too large.
  base::Result<Data> accept(base::Result<Data> made);

  const ParsedTemplate& parsed_;
  DataSource& source_;
  Rendering rendering_;
  std::map<Dependency, Data> answers_;
  std::vector<std::pair<std::string, Data>> variables_;
  Data dot_;
  json::Value scratch_ = json::Object();
  std::int64_t steps_left_ = template_steps_max;
  int nesting_ = 0;  // of node lists, through branches and invocations
  int invocations_ = 0;
};

}  // namespace caravan::expr
