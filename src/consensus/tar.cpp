// SPDX-License-Identifier: Apache-2.0
#include "consensus/tar.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include <fmt/core.h>

namespace caravan::consensus {
namespace {

constexpr std::size_t block = 512;
// Offset and size of the fields of a header.
constexpr std::pair<std::size_t, std::size_t> name_field{0, 100}, mode_field{100, 8},
    owner_field{108, 8}, group_field{116, 8}, size_field{124, 12}, time_field{136, 12},
    sum_field{148, 8}, magic_field{257, 8};
constexpr std::size_t type_at = 156;
constexpr char plain_file = '0', plain_file_once = '\0';  // the second one in old archives

std::size_t padding(std::size_t bytes) { return (block - bytes % block) % block; }

void put(std::string& header, std::pair<std::size_t, std::size_t> field, std::string_view text) {
  header.replace(field.first, std::min(text.size(), field.second), text, 0, field.second);
}
void put_octal(std::string& header, std::pair<std::size_t, std::size_t> field, std::uint64_t n) {
  put(header, field, fmt::format("{:0{}o}", n, field.second - 1));
}

std::string_view get(std::string_view header, std::pair<std::size_t, std::size_t> field) {
  const std::string_view text = header.substr(field.first, field.second);
  return text.substr(0, text.find('\0'));
}
base::Result<std::uint64_t> get_octal(std::string_view header,
                                      std::pair<std::size_t, std::size_t> field) {
  std::string_view text = get(header, field);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n, 8);
  if (error != std::errc() || end != text.data() + text.size())
    return base::invalid("a header of the tar is damaged");
  return n;
}

/// The sum of a header's bytes, its own field taken as spaces.
std::uint64_t sum_of(std::string header) {
  put(header, sum_field, std::string(sum_field.second, ' '));
  return std::accumulate(
      header.begin(), header.end(), std::uint64_t{0},
      [](std::uint64_t sum, char c) { return sum + static_cast<unsigned char>(c); });
}

}  // namespace

std::string to_tar(const Files& files, std::int64_t time_s) {
  std::string out;
  for (const auto& [name, content] : files) {
    std::string header(block, '\0');
    put(header, name_field, name);
    put_octal(header, mode_field, 0600);
    put_octal(header, owner_field, 0);
    put_octal(header, group_field, 0);
    put_octal(header, size_field, content.size());
    put_octal(header, time_field, static_cast<std::uint64_t>(std::max<std::int64_t>(time_s, 0)));
    header[type_at] = plain_file;
    put(header, magic_field,
        std::string_view("ustar\0"
                         "00",
                         8));
    put(header, sum_field, fmt::format("{:06o}", sum_of(header)) + std::string("\0 ", 2));
    out += header + content + std::string(padding(content.size()), '\0');
  }
  return out + std::string(2 * block, '\0');
}

base::Result<Files> from_tar(std::string_view bytes) {
  Files files;
  while (bytes.size() >= block && bytes[0] != '\0') {
    const std::string_view header = bytes.substr(0, block);
    bytes.remove_prefix(block);
    TRY(const std::uint64_t sum, get_octal(header, sum_field));
    if (sum != sum_of(std::string(header))) return base::invalid("a header of the tar is damaged");
    if (header[type_at] != plain_file && header[type_at] != plain_file_once)
      return base::invalid("the tar holds something that is not a plain file");
    TRY(const std::uint64_t size, get_octal(header, size_field));
    if (size > bytes.size() || padding(size) > bytes.size() - size)
      return base::invalid("the tar is cut off");
    files[std::string(get(header, name_field))] = std::string(bytes.substr(0, size));
    bytes.remove_prefix(size + padding(size));
  }
  if (bytes.size() < block) return base::invalid("the tar is cut off");
  return files;
}

}  // namespace caravan::consensus
