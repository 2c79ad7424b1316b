// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/log_file.hpp"

#include "base/text.hpp"

namespace caravan::driver::docker {
namespace {

constexpr unsigned log_mode = 0644;

}  // namespace

LogFile::LogFile(io::Disk& disk, std::string prefix, int files_max, std::uint64_t bytes_max)
    : disk_(disk), prefix_(std::move(prefix)), files_max_(files_max), bytes_max_(bytes_max) {}

base::Status LogFile::open_number(std::int64_t number) {
  file_.reset();
  TRY(file_, disk_.open_own(path(number), log_mode));
  number_ = number;
  TRY(size_, file_->size());
  return {};
}

base::Status LogFile::open_newest() {
  const std::size_t slash = prefix_.rfind('/');
  const std::string name = prefix_.substr(slash + 1) + ".";
  std::int64_t newest = 0;
  TRY(const std::vector<io::FileInfo> files, disk_.list(prefix_.substr(0, slash)));
  for (const io::FileInfo& file : files) {
    if (!file.name.starts_with(name)) continue;
    const auto number = base::parse_int(std::string_view(file.name).substr(name.size()));
    if (number) newest = std::max<std::int64_t>(newest, *number);
  }
  return open_number(newest);
}

base::Status LogFile::open_at(std::int64_t number, std::uint64_t size) {
  for (std::int64_t later = number + 1; disk_.exists(path(later)); ++later)
    (void)disk_.remove(path(later));
  TRY_VOID(open_number(number));
  if (size_ <= size) return {};
  TRY_VOID(file_->truncate(size));
  size_ = size;
  return {};
}

base::Status LogFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::uint64_t room = bytes_max_ > size_ ? bytes_max_ - size_ : 0;
    std::size_t fits = bytes.size();
    if (fits > room) {
      fits = static_cast<std::size_t>(room);
      const std::size_t line_end = bytes.substr(0, fits).rfind('\n');
      if (line_end != std::string_view::npos) fits = line_end + 1;
    }
    if (fits > 0) TRY_VOID(file_->write_at(size_, bytes.substr(0, fits)));
    size_ += fits;
    bytes.remove_prefix(fits);
    if (bytes.empty()) break;
    TRY_VOID(open_number(number_ + 1));
    if (number_ >= files_max_ && disk_.exists(path(number_ - files_max_)))
      (void)disk_.remove(path(number_ - files_max_));
  }
  return {};
}

}  // namespace caravan::driver::docker
