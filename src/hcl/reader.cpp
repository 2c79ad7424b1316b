// SPDX-License-Identifier: Apache-2.0
#include "hcl/reader.hpp"

#include <fmt/core.h>

#include "hcl/evaluation.hpp"
#include "hcl/json_syntax.hpp"
#include "hcl/limits.hpp"

namespace caravan::hcl {

BodyReader::BodyReader(View view, Run& run, bool blocks_as_attributes)
    : view_(view), run_(run), blocks_as_attributes_(blocks_as_attributes || view.body->json) {}

const Attribute* BodyReader::raw(std::string_view name) {
  asked_attributes_.emplace(name);
  const Attribute* last = nullptr;  // a JSON object may say a name twice
  for (const Attribute& attribute : view_.body->attributes)
    if (attribute.name == name) last = &attribute;
  return last;
}

bool BodyReader::has_attribute(std::string_view name) const {
  for (const Attribute& attribute : view_.body->attributes)
    if (attribute.name == name) return true;
  return false;
}

std::optional<Value> BodyReader::attribute(std::string_view name) {
  const Attribute* found = raw(name);
  if (found == nullptr) return std::nullopt;
  std::optional<Value> value = run_.evaluate(*found->value, *view_.scope);
  if (value && value->is_null()) return std::nullopt;
  return value;
}

std::optional<Value> BodyReader::required(std::string_view name) {
  if (raw(name) == nullptr)
    run_.error(view_.body->end, "Missing required argument",
               fmt::format("The argument \"{}\" is required, but no definition was found.", name));
  return attribute(name);
}

void BodyReader::allow(std::string_view name) {
  asked_attributes_.emplace(name);
  asked_blocks_.emplace(name);
}

bool BodyReader::check_labels(const BlockView& block, std::size_t wanted) {
  if (block.labels.size() == wanted) return true;
  if (block.labels.size() < wanted)
    run_.error(block.header, fmt::format("Missing name for {}", block.type),
               fmt::format("All {} blocks must have {} label(s).", block.type, wanted));
  else
    run_.error(block.labels[wanted].range, fmt::format("Extraneous label for {}", block.type),
               wanted == 0 ? fmt::format("No labels are expected for {} blocks.", block.type)
                           : fmt::format("Only {} label(s) are expected for {} blocks.", wanted,
                                         block.type));
  return false;
}

std::vector<BlockView> BodyReader::blocks(std::string_view type, std::size_t labels) {
  asked_blocks_.emplace(type);
  std::vector<BlockView> found;
  for (const Block& block : view_.body->blocks) {
    if (block.type == type)
      found.push_back({block.type, block.labels, {block.body.get(), view_.scope}, block.header()});
    else if (block.type == "dynamic" && !block.labels.empty() && block.labels[0].text == type)
      expand(block, labels, found);
  }
  if (blocks_as_attributes_)
    for (const Attribute& attribute : view_.body->attributes)
      if (attribute.name == type) from_expression(type, attribute.value, labels, {}, found);
  std::erase_if(found, [&](const BlockView& block) { return !check_labels(block, labels); });
  return found;
}

/// How many objects stand in each other at its beginning.
std::size_t depth_of(const Tree& tree) {
  const auto* items = std::get_if<ObjectItems>(&tree->node);
  if (!items) return 0;
  return 1 + (items->items.empty() ? 0 : depth_of(items->items.front().value));
}

std::vector<BlockView> BodyReader::form(std::string_view type, std::size_t labels) {
  asked_blocks_.emplace(type);
  std::vector<BlockView> found;
  for (const Block& block : view_.body->blocks)
    if (block.type == type && block.labels.size() == labels)
      found.push_back({block.type, block.labels, {block.body.get(), view_.scope}, block.header()});
  if (blocks_as_attributes_)
    for (const Attribute& attribute : view_.body->attributes)
      if (attribute.name == type && depth_of(attribute.value) == labels + 1)
        from_expression(type, attribute.value, labels, {}, found);
  return found;
}

std::optional<BlockView> BodyReader::block(std::string_view type, std::size_t labels) {
  std::vector<BlockView> found = blocks(type, labels);
  if (found.empty()) return std::nullopt;
  if (found.size() > 1)
    run_.error(found[1].header, fmt::format("Duplicate {} block", type),
               fmt::format("Only one {} block is allowed here.", type));
  return std::move(found.front());
}

// `{"web": {"count": 1}}` under "group" is `group "web" { count = 1 }`; a list holds several.
void BodyReader::from_expression(std::string_view type, const Tree& tree, std::size_t labels,
                                 std::vector<Label> so_far, std::vector<BlockView>& out) {
  if (!run_.spend(1, tree->range)) return;
  if (const auto* list = std::get_if<TupleItems>(&tree->node)) {
    for (const Tree& item : list->items)
      from_expression(type, item, labels, so_far, out);
    return;
  }
  if (const auto* literal = std::get_if<Literal>(&tree->node);
      literal != nullptr && literal->value.is_null())
    return;
  Body body = body_of_object(*tree, run_.diagnostics());
  if (so_far.size() < labels) {
    for (const Attribute& member : body.attributes) {
      std::vector<Label> more = so_far;
      more.push_back({member.name, member.name_range});
      from_expression(type, member.value, labels, std::move(more), out);
    }
    return;
  }
  const Range header = so_far.empty() ? tree->range : so_far.back().range;
  out.push_back(
      {std::string(type), std::move(so_far), {&run_.keep(std::move(body)), view_.scope}, header});
}

void BodyReader::expand(const Block& dynamic, std::size_t labels, std::vector<BlockView>& out) {
  BodyReader reader({dynamic.body.get(), view_.scope}, run_);
  reader.raw("iterator");
  reader.raw("labels");
  const auto each = reader.required("for_each");
  reader.blocks("content");
  reader.finish();
  if (!each) return;
  const bool iterable = for_each_element(*each, [&](const Value& key, const Value& element) {
    if (!run_.spend(8, dynamic.type_range)) return false;
    expand_one(dynamic, key, element, labels, out);
    return !run_.diagnostics().full();
  });
  if (!iterable)
    run_.error(dynamic.header(), "Invalid dynamic for_each value",
               fmt::format("Cannot use a {} value in for_each. An iterable collection is required.",
                           each->kind_name()));
}

void BodyReader::expand_one(const Block& dynamic, const Value& key, const Value& element,
                            std::size_t label_count, std::vector<BlockView>& out) {
  const std::string& type = dynamic.labels[0].text;
  std::string name = type;
  BodyReader reader({dynamic.body.get(), view_.scope}, run_);
  if (const Attribute* iterator = reader.raw("iterator")) {
    name = bare_name(*iterator->value);
    if (name.empty())
      return run_.error(iterator->value->range, "Invalid expression",
                        "A single name is required: the iterator's.");
  }
  Scope& scope = run_.keep(Scope::inside(*view_.scope));
  scope.set(name, Value::map({{"key", key}, {"value", element}}));
  BlockView made{type, {}, {nullptr, &scope}, dynamic.header()};
  if (const Attribute* labels = reader.raw("labels")) {
    const auto value = run_.evaluate(*labels->value, scope);
    if (!value) return;
    for (std::size_t i = 0; value->as_list() && i < value->as_list()->size(); ++i) {
      const auto text = to_text((*value->as_list())[i]);
      if (!text)
        return run_.error(labels->value->range, "Invalid dynamic block label",
                          text.error().message + ".");
      made.labels.push_back({*text, labels->value->range});
    }
  }
  // A missing `labels` is reported once for the whole block, by the caller's label check.
  if (made.labels.size() > label_count) made.labels.resize(label_count);
  const auto content = reader.block("content");
  if (!content)
    return run_.error(dynamic.header(), "Missing content block",
                      "A dynamic block needs a nested content block.");
  made.inside.body = content->inside.body;
  out.push_back(std::move(made));
}

void BodyReader::finish() {
  std::vector<std::string> attributes(asked_attributes_.begin(), asked_attributes_.end());
  std::vector<std::string> types(asked_blocks_.begin(), asked_blocks_.end());
  if (blocks_as_attributes_) attributes.insert(attributes.end(), types.begin(), types.end());
  for (const Attribute& a : view_.body->attributes) {
    if (run_.diagnostics().full()) return;
    if (asked_attributes_.contains(a.name)) continue;
    if (asked_blocks_.contains(a.name)) {
      if (!blocks_as_attributes_)
        run_.error(a.name_range, "Unsupported argument",
                   fmt::format("An argument named \"{}\" is not expected here. Did you mean to "
                               "define a block of type \"{}\"?",
                               a.name, a.name));
      continue;
    }
    run_.error(a.name_range, "Unsupported argument",
               fmt::format("An argument named \"{}\" is not expected here.{}", a.name,
                           did_you_mean(a.name, attributes)));
  }
  for (const Block& b : view_.body->blocks) {
    if (run_.diagnostics().full()) return;
    const bool dynamic = b.type == "dynamic" && b.labels.size() == 1;
    const std::string& type = dynamic ? b.labels[0].text : b.type;
    if (asked_blocks_.contains(type)) continue;
    const std::string hint =
        asked_attributes_.contains(type)
            ? fmt::format(
                  " Did you mean to define argument \"{}\"? If so, use the equals sign to "
                  "assign it a value.",
                  type)
            : did_you_mean(type, types);
    run_.error(b.type_range, "Unsupported block type",
               fmt::format("Blocks of type \"{}\" are not expected here.{}", type, hint));
  }
}

namespace {

/// The blocks of one body by the type they are or, being `dynamic`, make.
struct BlocksByType {
  std::map<std::string_view, Body> blocks;
  std::map<std::string_view, Body> dynamics;
  std::vector<std::string_view> types;  // in the order of their first block

  explicit BlocksByType(const Body& body) {
    for (const Block& block : body.blocks) {
      const bool dynamic = block.type == "dynamic" && block.labels.size() == 1;
      const std::string_view type = dynamic ? block.labels[0].text : block.type;
      if (!blocks.contains(type)) types.push_back(type);
      blocks[type];
      (dynamic ? dynamics : blocks)[type].blocks.push_back(block);
    }
  }
};

}  // namespace

std::optional<Value> free_form(View view, Run& run) {
  Value::Map members;
  bool good = true;
  for (const Attribute& attribute : view.body->attributes) {
    auto value = run.evaluate(*attribute.value, *view.scope);
    good = good && value.has_value();
    if (value) members.insert_or_assign(attribute.name, std::move(*value));
  }
  BlocksByType by_type(*view.body);
  for (const std::string_view type : by_type.types) {
    Value::List list;
    const auto add = [&](const std::vector<Label>& labels, View inside) {
      auto inner = free_form(inside, run);
      good = good && inner.has_value();
      if (!inner) return;
      for (std::size_t i = labels.size(); i-- > 0;)
        inner = Value::map({{labels[i].text, Value::list({std::move(*inner)})}});
      list.push_back(std::move(*inner));
    };
    for (const Block& block : by_type.blocks[type].blocks)
      add(block.labels, {block.body.get(), view.scope});
    for (const BlockView& block :
         BodyReader({&by_type.dynamics[type], view.scope}, run).blocks(type))
      add(block.labels, block.inside);
    members.insert_or_assign(std::string(type), Value::list(std::move(list)));
  }
  if (!good) return std::nullopt;
  Value made = Value::map(std::move(members));
  if (!made.oversized()) return made;
  run.error(view.body->end, "Value too large",
            fmt::format("A block of over {} bytes, {} levels or {} members.", value_weight_max,
                        depth_max, members_max));
  return std::nullopt;
}

}  // namespace caravan::hcl
