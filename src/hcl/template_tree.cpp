// SPDX-License-Identifier: Apache-2.0
// Pieces to tree: markers `~` trim, `<<-` takes the common indentation off, and directives pair up.
#include <limits>

#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/syntax.hpp"

namespace caravan::hcl {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void trim_marked(std::vector<Piece>& pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    if (piece.kind == Piece::Kind::text) continue;
    if (piece.trims_before && i > 0 && pieces[i - 1].kind == Piece::Kind::text) {
      std::string& text = pieces[i - 1].text;
      while (!text.empty() && is_blank(text.back())) text.pop_back();
    }
    if (piece.trims_after && i + 1 < pieces.size() && pieces[i + 1].kind == Piece::Kind::text) {
      std::string& text = pieces[i + 1].text;
      std::size_t blanks = 0;
      while (blanks < text.size() && is_blank(text[blanks])) ++blanks;
      text.erase(0, blanks);
    }
  }
}

std::size_t indentation(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && (text[count] == ' ' || text[count] == '\t')) ++count;
  return count;
}

bool is_blank_line(std::string_view text) {
  return text.ends_with('\n') && base::trim(text).empty();
}

/// Takes the least indentation of all lines off each. Lines of nothing but blanks have no say and
/// stay as they are.
void remove_indentation(std::vector<Piece>& pieces) {
  std::size_t least = std::numeric_limits<std::size_t>::max();
  const auto each_line_start = [&](auto visit) {
    bool at_start = true;
    for (Piece& piece : pieces) {
      const bool is_text = piece.kind == Piece::Kind::text;
      if (at_start && !(is_text && is_blank_line(piece.text))) visit(piece, is_text);
      at_start = is_text && piece.text.ends_with('\n');
    }
  };
  each_line_start([&](Piece& piece, bool is_text) {
    least = std::min(least, is_text ? indentation(piece.text) : 0);
  });
  each_line_start([&](Piece& piece, bool is_text) {
    if (is_text) piece.text.erase(0, std::min(least, indentation(piece.text)));
  });
}

}  // namespace

Tree Syntax::assemble(std::vector<Piece> list, const Range& range, bool indented) {
  trim_marked(list);
  if (indented) remove_indentation(list);
  if (list.empty()) return make_tree(range, Literal{Value("")});
  std::size_t at = 0;
  auto made = parts(list, at, 0);
  if (!made) return nullptr;
  if (at < list.size()) {
    error(list[at].range, "Unexpected template directive",
          "This directive has no beginning that it could belong to.");
    return nullptr;
  }
  if (made->empty()) return make_tree(range, Literal{Value("")});
  if (made->size() == 1)
    if (auto* text = std::get_if<std::string>(&made->front().what))
      return make_tree(range, Literal{Value(std::move(*text))});
  return make_tree(range, Template{std::move(*made)});
}

std::optional<Template::Parts> Syntax::parts(std::vector<Piece>& list, std::size_t& at, int depth) {
  Template::Parts out;
  while (at < list.size()) {
    Piece& piece = list[at];
    switch (piece.kind) {
      case Piece::Kind::text:
        ++at;
        if (piece.text.empty()) break;
        if (!out.empty())
          if (auto* before = std::get_if<std::string>(&out.back().what)) {
            *before += piece.text;
            break;
          }
        out.push_back({std::move(piece.text), piece.range});
        break;
      case Piece::Kind::value:
        ++at;
        out.push_back({std::move(piece.tree), piece.range});
        break;
      case Piece::Kind::if_begins:
      case Piece::Kind::loop_begins:
        if (!paired(out, list, at, depth + 1)) return std::nullopt;
        break;
      default:
        return out;  // an end or an else: the caller's
    }
  }
  return out;
}

bool Syntax::paired(Template::Parts& out, std::vector<Piece>& list, std::size_t& at, int depth) {
  Piece begin = std::move(list[at++]);
  const bool is_if = begin.kind == Piece::Kind::if_begins;
  if (depth > depth_max) {
    error(begin.range, "Nesting too deep", fmt::format("More than {} levels.", depth_max));
    return false;
  }
  auto first = parts(list, at, depth);
  if (!first) return false;
  std::optional<Template::Parts> second = Template::Parts{};
  if (is_if && at < list.size() && list[at].kind == Piece::Kind::else_begins) {
    ++at;
    second = parts(list, at, depth);
    if (!second) return false;
  }
  const Piece::Kind wanted = is_if ? Piece::Kind::if_ends : Piece::Kind::loop_ends;
  if (at >= list.size() || list[at].kind != wanted) {
    error(begin.range, is_if ? "Missing endif" : "Missing endfor",
          fmt::format("This directive is never closed by %{{ {} }}.", is_if ? "endif" : "endfor"));
    return false;
  }
  ++at;
  if (is_if)
    out.push_back({std::make_shared<Template::If>(
                       Template::If{begin.tree, std::move(*first), std::move(*second)}),
                   begin.range});
  else
    out.push_back({std::make_shared<Template::Loop>(Template::Loop{begin.key_name, begin.value_name,
                                                                   begin.tree, std::move(*first)}),
                   begin.range});
  return true;
}

}  // namespace caravan::hcl
