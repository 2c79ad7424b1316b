// SPDX-License-Identifier: Apache-2.0
#include "client/log_files.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace caravan::client {

LogFiles::LogFiles(io::Disk& disk, std::string folder, std::string prefix)
    : disk_(disk), folder_(std::move(folder)), prefix_(std::move(prefix)) {}

std::vector<std::pair<long long, std::uint64_t>> LogFiles::list() const {
  std::vector<std::pair<long long, std::uint64_t>> files;
  const base::Result<std::vector<io::FileInfo>> all = disk_.list(folder_);
  if (!all) return files;
  for (const io::FileInfo& file : *all) {
    if (!file.name.starts_with(prefix_)) continue;
    const base::Result<long long> number =
        base::parse_int(std::string_view(file.name).substr(prefix_.size()));
    if (number) files.emplace_back(*number, file.size);
  }
  std::ranges::sort(files);
  return files;
}

void LogFiles::seek(bool from_end, std::uint64_t offset) {
  std::vector<std::pair<long long, std::uint64_t>> files = list();
  if (files.empty()) return;
  if (from_end) {
    while (files.size() > 1 && files.back().second < offset) {
      offset -= files.back().second;
      files.pop_back();
    }
    number_ = files.back().first;
    at_ = files.back().second - std::min(files.back().second, offset);
    return;
  }
  std::size_t i = 0;
  for (; i + 1 < files.size() && files[i].second < offset; ++i)
    offset -= files[i].second;
  number_ = files[i].first;
  at_ = offset;
}

base::Result<std::string> LogFiles::next() {
  while (true) {
    const base::Result<std::unique_ptr<io::File>> file = disk_.open_to_read(folder_ + "/" + name());
    if (file) {
      TRY(std::string bytes, (*file)->read_at(at_, log_read_bytes));
      at_ += bytes.size();
      if (!bytes.empty()) return bytes;
    }
    // At this file's end: is there a later one? Files that were deleted meanwhile are skipped.
    const auto files = list();
    const auto later =
        std::ranges::find_if(files, [&](const auto& f) { return f.first > number_; });
    if (later == files.end()) return std::string();
    number_ = later->first;
    at_ = 0;
  }
}

}  // namespace caravan::client
