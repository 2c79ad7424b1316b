// SPDX-License-Identifier: Apache-2.0
// Pipelines, commands and operands.
#include <algorithm>

#include <fmt/core.h>

#include "expr/template_run.hpp"

namespace caravan::expr {

base::Result<Data> TemplateRun::accept(base::Result<Data> made) {
  if (!made || !*made) return made;
  const auto weight = weigh(**made);
  if (!weight)
    return base::fail(base::Code::too_large,
                      fmt::format("a value of over {} bytes or {} levels", template_value_bytes_max,
                                  template_depth_max));
  TRY_VOID(spend(*weight / 64));
  return made;
}

base::Result<Data> TemplateRun::pipeline(const Pipeline& pipeline) {
  Data value;
  bool first = true;
  for (const Command& each : pipeline.commands) {
    TRY_VOID(spend(1));
    TRY(value, command(each, first ? nullptr : &value));
    first = false;
  }
  return value;
}

void TemplateRun::assign(const Pipeline& pipeline, const Data& value) {
  for (const std::string& name : pipeline.variables) {
    if (pipeline.declares) {
      variables_.push_back({name, value});
      continue;
    }
    const auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                                    [&](const auto& known) { return known.first == name; });
    if (found != variables_.rend()) found->second = value;
  }
}

base::Result<Data> TemplateRun::command(const Command& command, const Data* piped) {
  const Operand& first = command.words.front();
  if (const auto* function = std::get_if<Operand::Function>(&first.what))
    return call(command, function->name, piped);
  if (command.words.size() > 1 || piped != nullptr) return method(command, piped);
  if (std::holds_alternative<Operand::Nil>(first.what))
    return base::invalid("nil is not a command");
  return operand(first);
}

// Of all methods that the peers' data has, templates in use call one: `.Tags.Contains "x"`.
base::Result<Data> TemplateRun::method(const Command& command, const Data* piped) {
  Operand owner = command.words.front();
  if (owner.fields.empty() || owner.fields.back() != "Contains")
    return base::invalid("can't give argument to non-function");
  owner.fields.pop_back();
  TRY(const Data list, operand(owner));
  Data wanted = piped == nullptr ? nullptr : *piped;
  if (command.words.size() > 1) {
    TRY(wanted, operand(command.words[1]));
  }
  bool found = false;
  if (list && wanted && list->as_array())
    found = std::find(list->as_array()->begin(), list->as_array()->end(), *wanted) !=
            list->as_array()->end();
  return make_data(found);
}

base::Result<Data> TemplateRun::call(const Command& command, const std::string& name,
                                     const Data* piped) {
  if (name == "and" || name == "or") return short_circuit(command, name == "or", piped);
  std::vector<Data> arguments;
  for (std::size_t i = 1; i < command.words.size(); ++i) {
    TRY(Data argument, operand(command.words[i]));
    if (argument) TRY_VOID(spend(weigh(*argument).value_or(template_value_bytes_max) / 256));
    arguments.push_back(std::move(argument));
  }
  if (piped != nullptr) arguments.push_back(*piped);
  const std::vector<std::string>& chain = command.words.front().fields;
  if (name == "scratch") return accept(scratch(chain.empty() ? "" : chain[0], arguments));
  const TemplateFunction* function = find_template_function(name);
  const auto count = static_cast<int>(arguments.size());
  if (count < function->arguments_min ||
      (function->arguments_max >= 0 && count > function->arguments_max))
    return base::invalid(
        fmt::format("wrong number of args for {}: want {}{} got {}", name,
                    function->arguments_max == function->arguments_min ? "" : "at least ",
                    function->arguments_min, count));
  auto made = accept(function->run(TemplateCall{arguments, *this}));
  if (!made) {
    made.error().message = fmt::format("{}: {}", name, made.error().message);
    return made;
  }
  return fields(std::move(*made), chain);
}

base::Result<Data> TemplateRun::short_circuit(const Command& command, bool stops_at,
                                              const Data* piped) {
  Data last;
  if (command.words.size() + (piped == nullptr ? 0 : 1) < 2)
    return base::invalid("wrong number of args: want at least 1 got 0");
  for (std::size_t i = 1; i < command.words.size(); ++i) {
    TRY(last, operand(command.words[i]));
    if (is_true(last) == stops_at) return last;
  }
  return piped == nullptr ? last : *piped;
}

base::Result<Data> TemplateRun::operand(const Operand& operand) {
  Data value;
  if (const auto* literal = std::get_if<json::Value>(&operand.what)) {
    value = make_data(*literal);
  } else if (std::holds_alternative<Operand::Dot>(operand.what)) {
    value = dot_;
  } else if (const auto* variable = std::get_if<Operand::Variable>(&operand.what)) {
    const auto found = std::find_if(variables_.rbegin(), variables_.rend(), [&](const auto& known) {
      return known.first == variable->name;
    });
    if (found != variables_.rend()) value = found->second;
  } else if (const auto* function = std::get_if<Operand::Function>(&operand.what)) {
    return call(Command{{operand}}, function->name, nullptr);
  } else if (const auto* inner = std::get_if<std::shared_ptr<const Pipeline>>(&operand.what)) {
    TRY(value, pipeline(**inner));
  }
  return fields(std::move(value), operand.fields);
}

base::Result<Data> TemplateRun::fields(Data data, std::span<const std::string> names) {
  for (const std::string& name : names) {
    TRY_VOID(spend(1));
    TRY(Data next, field_of(data, name));
    if (!next && parsed_.options.error_on_missing_key)
      return base::invalid(fmt::format("map has no entry for key \"{}\"", name));
    data = std::move(next);
  }
  return data;
}

// Values that a template keeps for itself between actions.
base::Result<Data> TemplateRun::scratch(const std::string& method,
                                        std::span<const Data> arguments) {
  const TemplateCall call{arguments, *this};
  const auto value_at = [&](std::size_t i) {
    return arguments[i] ? *arguments[i] : json::Value(nullptr);
  };
  const bool is_map = method.starts_with("Map");
  const bool if_absent = method.ends_with("X");
  const bool sets = method == "Set" || method == "SetX";
  const bool sets_in_map = method == "MapSet" || method == "MapSetX";
  const std::size_t wanted = sets_in_map ? 3 : sets ? 2 : 1;
  if (arguments.size() != wanted)
    return base::invalid(fmt::format("scratch.{}: want {} arguments", method, wanted));
  TRY(const std::string key, call.text(0));
  json::Object& held_values = *scratch_.as_object();
  if (method == "Key") return make_data(held_values.contains(key));
  if (method == "Get") {
    const json::Value* held = held_values.find(key);
    return held == nullptr ? Data() : make_data(*held);
  }
  if (method == "MapValues") {
    json::Array values;
    if (const json::Value* held = held_values.find(key); held != nullptr && held->as_object())
      for (const json::Member& member : *held->as_object()) values.push_back(member.value);
    return make_data(std::move(values));
  }
  if (!sets && !sets_in_map)
    return base::invalid(fmt::format("scratch has no method \"{}\"", method));
  json::Value* slot = &held_values[key];
  if (is_map) {
    TRY(const std::string member, call.text(1));
    if (!slot->as_object()) *slot = json::Object();
    slot = &(*slot->as_object())[member];
  }
  if (!if_absent || slot->is_null()) *slot = value_at(wanted - 1);
  const auto weight = weigh(scratch_);
  if (!weight) return base::fail(base::Code::too_large, "scratch is full");
  TRY_VOID(spend(*weight / 64));
  return make_data("");
}

}  // namespace caravan::expr
