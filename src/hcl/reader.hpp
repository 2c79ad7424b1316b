// SPDX-License-Identifier: Apache-2.0
// Reading a body by what the reader expects. Whatever was not asked for is an error at the end,
// with the nearest thing that was. Expands `dynamic` blocks and attributes that stand for blocks.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hcl/evaluate.hpp"

namespace caravan::hcl {

/// A body and the names its expressions may use.
struct View {
  const Body* body = nullptr;
  const Scope* scope = nullptr;
};

struct BlockView {
  std::string type;
  std::vector<Label> labels;
  View inside;
  Range header;
};

class BodyReader {
 public:
  /// `blocks_as_attributes`: `x = { … }` may stand for `x { … }`, as in agent configurations and in
  /// the JSON syntax (where it always may).
  BodyReader(View view, Run& run, bool blocks_as_attributes = false);

  /// The attribute's value; nothing when it is absent, null, or in error (which is reported).
  std::optional<Value> attribute(std::string_view name);
  /// Its expression, for readers that do not want a value. Null when absent.
  const Attribute* raw(std::string_view name);
  bool has_attribute(std::string_view name) const;
  /// Reports when it is missing.
  std::optional<Value> required(std::string_view name);

  /// All blocks of a type, in order. One with another number of labels is reported, and left out.
  std::vector<BlockView> blocks(std::string_view type, std::size_t labels = 0);
  /// Those with this number of labels, of a type that has other forms too: an attribute of that
  /// name that is a text, and blocks with another number, are left for who asks for them.
  std::vector<BlockView> form(std::string_view type, std::size_t labels);
  /// The only block of a type; a second one is reported.
  std::optional<BlockView> block(std::string_view type, std::size_t labels = 0);

  /// Names that belong here though this reader ignores them.
  void allow(std::string_view name);
  /// Reports everything that was not asked for.
  void finish();

  Run& run() { return run_; }
  const View& view() const { return view_; }

 private:
  void expand(const Block& dynamic, std::size_t labels, std::vector<BlockView>& out);
  void expand_one(const Block& dynamic, const Value& key, const Value& element,
                  std::size_t label_count, std::vector<BlockView>& out);
  void from_expression(std::string_view type, const Tree& tree, std::size_t labels,
                       std::vector<Label> so_far, std::vector<BlockView>& out);
  bool check_labels(const BlockView& block, std::size_t wanted);

  View view_;
  Run& run_;
  bool blocks_as_attributes_;
  std::set<std::string, std::less<>> asked_attributes_;
  std::set<std::string, std::less<>> asked_blocks_;
};

/// Any body as one value: attributes as they are, blocks as lists of objects (labels nest). This is
/// how opaque blocks such as `config` are told to those who understand them.
std::optional<Value> free_form(View view, Run& run);

}  // namespace caravan::hcl
