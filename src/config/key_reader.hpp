// SPDX-License-Identifier: Apache-2.0
// The visitor that reads a body into a struct by its `keys`.
#pragma once

#include <string>

#include "config/key.hpp"
#include "hcl/parser.hpp"
#include "hcl/reader.hpp"

namespace caravan::config {

class KeyReader {
 public:
  KeyReader(hcl::View view, hcl::Run& run, std::string prefix, SetKeys& set)
      : run_(run), prefix_(std::move(prefix)), set_(set), body_(view, run, true) {}

  template <class T>
  void operator()(std::string_view name, T& member) {
    if constexpr (requires(KeyReader& v) { keys(v, member); }) {
      for (const hcl::BlockView& block : body_.blocks(name))
        read_block(name, block, member);
    } else {
      scalar(name, member);
    }
  }

  void append(std::string_view name, std::vector<std::string>& list);

  template <class T>
  void labelled(std::string_view name, std::map<std::string, T>& map) {
    for (const hcl::BlockView& block : body_.blocks(name, 1))
      read_block(std::string(name) + "." + block.labels[0].text, block, map[block.labels[0].text]);
  }

  template <class T>
  void maybe_labelled(std::string_view name, std::map<std::string, T>& map) {
    for (const auto& [label, block] : maybe_labelled_blocks(name))
      read_block(label == "default" ? std::string(name) : std::string(name) + "." + label, block,
                 map[label]);
  }

  void pieces(std::string_view name, std::vector<json::Value>& values);
  void any(std::string_view name);
  void finish() { body_.finish(); }

 private:
  void scalar(std::string_view name, bool& member);
  void scalar(std::string_view name, int& member);
  void scalar(std::string_view name, std::int64_t& member);
  void scalar(std::string_view name, double& member);
  void scalar(std::string_view name, std::string& member);
  void scalar(std::string_view name, base::Duration& member);
  void scalar(std::string_view name, Bytes& member);
  void scalar(std::string_view name, std::vector<std::string>& member);
  void scalar(std::string_view name, std::map<std::string, std::string>& member);
  void scalar(std::string_view name, json::Value& member);

  template <class T>
  void read_block(std::string_view name, const hcl::BlockView& block, T& member) {
    note(name, block.header);
    if constexpr (requires(KeyReader& v) { keys(v, member); }) {
      KeyReader inner(block.inside, run_, prefix_ + std::string(name) + ".", set_);
      keys(inner, member);
      inner.finish();
    } else {
      if (auto value = hcl::free_form(block.inside, run_)) member = value->to_json();
    }
  }

  /// Reads the attribute with `convert` (a Result of the member's type), or reports why not.
  template <class T, class Convert>
  void read(std::string_view name, T& member, Convert convert);
  std::vector<std::pair<std::string, hcl::BlockView>> maybe_labelled_blocks(std::string_view name);
  void note(std::string_view name, const hcl::Range& where);

  hcl::Run& run_;
  std::string prefix_;
  SetKeys& set_;
  hcl::BodyReader body_;
};

/// Reads a file's text over what `config` holds, by its keys; each is noted in its `set`.
template <class Config>
void read_keys(Config& config, std::string file_name, std::string text,
               hcl::Diagnostics& diagnostics) {
  const hcl::File file =
      hcl::parse(std::move(file_name), std::move(text), hcl::Dialect::plain, diagnostics);
  if (diagnostics.has_errors()) return;
  hcl::Run run(diagnostics);
  const hcl::Scope scope;
  KeyReader reader({file.body.get(), &scope}, run, "", config.set);
  keys(reader, config);
  reader.finish();
}

}  // namespace caravan::config
