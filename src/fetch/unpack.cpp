// SPDX-License-Identifier: Apache-2.0
#include "fetch/unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <memory>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/failure.hpp"

namespace caravan::fetch {
namespace {

struct EndRead {
  void operator()(archive* a) const { archive_read_free(a); }
};
struct EndWrite {
  void operator()(archive* a) const { archive_write_free(a); }
};
using Reading = std::unique_ptr<archive, EndRead>;
using Writing = std::unique_ptr<archive, EndWrite>;

constexpr std::size_t block_bytes = 1 << 16;

bool is_single(const std::string& kind) {
  return kind == "gz" || kind == "bz2" || kind == "xz" || kind == "zst";
}

/// Whether a link that lies in `path` and says `target` stays inside.
bool stays_inside(const std::string& path, const std::string& target) {
  if (target.starts_with('/')) return false;
  int depth = -1;  // the last part of `path` is the link itself
  std::istringstream above(path), below(target);
  for (std::string part; std::getline(above, part, '/');)
    if (!part.empty() && part != ".") ++depth;
  for (std::string part; std::getline(below, part, '/');) {
    if (part == "..")
      --depth;
    else if (!part.empty() && part != ".")
      ++depth;
    if (depth < 0) return false;
  }
  return true;
}

class Unpacking {
 public:
  Unpacking(const Request& request, archive* reading) : request_(request), reading_(reading) {}

  /// The current folder is the target. "" keeps the names of the archive.
  void run(const std::string& only_name) {
    const Writing writing(archive_write_disk_new());
    archive_write_disk_set_options(
        writing.get(), ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
                           ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                           ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS | ARCHIVE_EXTRACT_UNLINK);
    archive_entry* entry = nullptr;
    int state = ARCHIVE_OK;
    while ((state = archive_read_next_header(reading_, &entry)) != ARCHIVE_EOF) {
      if (state < ARCHIVE_WARN) fail(std::string("unpacking: ") + words(reading_));
      if (!only_name.empty()) archive_entry_set_pathname(entry, only_name.c_str());
      check(entry);
      if (archive_write_header(writing.get(), entry) < ARCHIVE_WARN)
        fail(std::string("unpacking: ") + words(writing.get()));
      copy(writing.get());
    }
  }

 private:
  static const char* words(archive* a) {
    const char* text = archive_error_string(a);
    return text ? text : "the archive is damaged";
  }

  void check(archive_entry* entry) {
    if (request_.files_max > 0 && ++files_ > request_.files_max)
      fail("unpacking: more than " + std::to_string(request_.files_max) +
           " entries (client.artifact.decompression_file_count_limit)");
    const char* name = archive_entry_pathname(entry);
    if (!name) fail("unpacking: an entry without a name that can be read");
    const std::string path = name;
    const auto type = archive_entry_filetype(entry);
    const char* hard = archive_entry_hardlink(entry);
    if (!hard && type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK)
      fail("unpacking: \"" + path + "\" is a device, pipe or socket");
    if (const char* target = archive_entry_symlink(entry);
        type == AE_IFLNK && (!target || !stays_inside(path, target)))
      fail("unpacking: the link \"" + path + "\" leads outside");
    archive_entry_set_perm(entry, archive_entry_perm(entry) & 0777);  // no setuid from outside
  }

  void copy(archive* writing) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    int state = ARCHIVE_OK;
    while ((state = archive_read_data_block(reading_, &block, &size, &offset)) != ARCHIVE_EOF) {
      if (state < ARCHIVE_WARN) fail(std::string("unpacking: ") + words(reading_));
      bytes_ += size;
      // Holes count too: a sparse file must not be a way around the limit.
      const std::uint64_t end = static_cast<std::uint64_t>(offset) + size;
      if (request_.unpacked_bytes_max > 0 && std::max(bytes_, end) > request_.unpacked_bytes_max)
        fail("unpacking: more than " + std::to_string(request_.unpacked_bytes_max) +
             " bytes (client.artifact.decompression_size_limit)");
      if (archive_write_data_block(writing, block, size, offset) < ARCHIVE_WARN)
        fail(std::string("unpacking: ") + words(writing));
    }
  }

  const Request& request_;
  archive* reading_;
  std::uint64_t files_ = 0, bytes_ = 0;
};

}  // namespace

std::string archive_kind(const std::string& file_name) {
  for (const std::string kind : archive_kinds)
    if (file_name.size() > kind.size() + 1 && file_name.ends_with("." + kind)) return kind;
  return "";
}

void unpack(const Request& request, const Folder& from, const std::string& name,
            const std::string& file_name, const std::string& kind, const Folder& into) {
  const Reading reading(archive_read_new());
  archive_read_support_filter_all(reading.get());
  if (kind == "zip")
    archive_read_support_format_zip(reading.get());
  else if (is_single(kind))
    archive_read_support_format_raw(reading.get());
  else
    archive_read_support_format_tar(reading.get());
  const int fd = ::openat(from.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) fail_system("reading the download");
  const Folder closes(fd);
  if (archive_read_open_fd(reading.get(), fd, block_bytes) != ARCHIVE_OK)
    fail(std::string("unpacking: ") + archive_error_string(reading.get()));
  if (::fchdir(into.fd()) != 0) fail_system("unpacking");
  std::string only_name;
  if (is_single(kind)) {
    only_name = file_name;
    if (archive_kind(file_name) == kind) only_name.resize(file_name.size() - kind.size() - 1);
  }
  Unpacking(request, reading.get()).run(only_name);
}

}  // namespace caravan::fetch
