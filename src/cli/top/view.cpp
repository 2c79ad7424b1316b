// SPDX-License-Identifier: Apache-2.0
#include "cli/top/view.hpp"

#include <array>
#include <optional>

namespace caravan::cli::top {
namespace {

constexpr std::size_t filter_bytes_max = 128;
constexpr std::size_t offset_max = std::size_t{1} << 32;  // beyond every list; drawing clamps it

/// What follows ESC [ or ESC O.
std::optional<Key> key_of_sequence(std::string_view sequence) {
  constexpr std::array<std::pair<std::string_view, Key>, 10> known = {{{"A", Key::up},
                                                                       {"B", Key::down},
                                                                       {"5~", Key::page_up},
                                                                       {"6~", Key::page_down},
                                                                       {"H", Key::home},
                                                                       {"F", Key::end},
                                                                       {"1~", Key::home},
                                                                       {"4~", Key::end},
                                                                       {"7~", Key::home},
                                                                       {"8~", Key::end}}};
  for (const auto& [text, key] : known)
    if (text == sequence) return key;
  return std::nullopt;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

void scroll_to(View& view, std::size_t offset) { view.offset = offset; }

void choose(View& view, Table table) {
  view.table = table;
  view.offset = 0;
}

void erase_character(std::string& text) {
  while (!text.empty() && is_continuation(text.back()))
    text.pop_back();
  if (!text.empty()) text.pop_back();
}

void type(View& view, const Press& press) {
  view.offset = 0;
  if (press.key == Key::text && view.filter.size() < filter_bytes_max) view.filter += press.text;
  if (press.key == Key::erase) erase_character(view.filter);
  if (press.key == Key::escape) view.filter.clear();
  if (press.key == Key::escape || press.key == Key::enter) view.typing = false;
}

void scroll(View& view, Key key) {
  const std::size_t up = key == Key::page_up ? view.page : 1;
  if (key == Key::up || key == Key::page_up)
    scroll_to(view, view.offset > up ? view.offset - up : 0);
  if (key == Key::down) scroll_to(view, view.offset + 1);
  if (key == Key::page_down) scroll_to(view, view.offset + view.page);
  if (key == Key::home) scroll_to(view, 0);
  if (key == Key::end) scroll_to(view, offset_max);
}

void command(View& view, char letter) {
  switch (letter) {
    case 'j':
      return choose(view, Table::jobs);
    case 'a':
      return choose(view, Table::allocs);
    case 'n':
      return choose(view, Table::nodes);
    case 's':
      view.order = static_cast<Order>((static_cast<int>(view.order) + 1) % 4);
      return scroll_to(view, 0);
    case '/':
      view.typing = true;
      return;
    case 'p':
      view.paused = !view.paused;
      return;
    case '?':
      view.help = true;
      return;
    default:
      return;
  }
}

}  // namespace

std::string_view name_of(Order order) {
  constexpr std::array<std::string_view, 4> names = {"trouble", "cpu", "memory", "name"};
  return names[static_cast<std::size_t>(order)];
}

std::vector<Press> presses_of(std::string_view bytes) {
  std::vector<Press> presses;
  std::size_t i = 0;
  while (i < bytes.size()) {
    const char byte = bytes[i++];
    if (byte == '\x1b' && i < bytes.size() && (bytes[i] == '[' || bytes[i] == 'O')) {
      const std::size_t begin = ++i;
      while (i < bytes.size() && (bytes[i] < '@' || bytes[i] > '~'))
        ++i;
      if (i < bytes.size()) ++i;
      if (const auto key = key_of_sequence(bytes.substr(begin, i - begin)))
        presses.push_back({*key, ""});
    } else if (byte == '\x1b') {
      presses.push_back({Key::escape, ""});
    } else if (byte == '\r' || byte == '\n') {
      presses.push_back({Key::enter, ""});
    } else if (byte == '\x7f' || byte == '\b') {
      presses.push_back({Key::erase, ""});
    } else if (byte == '\x03') {
      presses.push_back({Key::interrupt, ""});
    } else if (static_cast<unsigned char>(byte) >= ' ') {
      const std::size_t begin = i - 1;
      while (i < bytes.size() && is_continuation(bytes[i]))
        ++i;
      presses.push_back({Key::text, std::string(bytes.substr(begin, i - begin))});
    }
  }
  return presses;
}

bool follow(View& view, const Press& press) {
  if (press.key == Key::interrupt) return false;
  if (view.typing) {
    type(view, press);
    return true;
  }
  if (view.help) {
    view.help = false;
    return press.text != "q";
  }
  if (press.key == Key::escape) view.filter.clear();
  if (press.key != Key::text) {
    scroll(view, press.key);
    return true;
  }
  if (press.text == "q") return false;
  command(view, press.text[0]);
  return true;
}

}  // namespace caravan::cli::top
