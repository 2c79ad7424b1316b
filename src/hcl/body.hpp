// SPDX-License-Identifier: Apache-2.0
// The structure of a file: attributes and blocks. In the JSON syntax the two look alike, so a JSON
// body has attributes only, and a reader that wants blocks gets them made from those (reader.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hcl/expression.hpp"
#include "hcl/source.hpp"

namespace caravan::hcl {

struct Attribute {
  std::string name;
  Range name_range;
  Tree value;
};

struct Block;

struct Body {
  std::vector<Attribute> attributes;  // in the order written; native names are unique
  std::vector<Block> blocks;
  Range end;          // where a missing attribute is reported
  bool json = false;  // attributes may stand for blocks
};

struct Label {
  std::string text;
  Range range;
};

struct Block {
  std::string type;
  Range type_range;
  std::vector<Label> labels;
  std::shared_ptr<const Body> body;

  /// The type with its labels.
  Range header() const { return labels.empty() ? type_range : type_range.to(labels.back().range); }
};

/// Keeps the text alive that all the ranges point into.
struct File {
  std::shared_ptr<const Source> source;
  std::shared_ptr<const Body> body;
};

}  // namespace caravan::hcl
