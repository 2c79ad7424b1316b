// SPDX-License-Identifier: Apache-2.0
#include "base/gzip.hpp"

#include <fmt/core.h>
#include <zlib.h>

#include "base/assert.hpp"

namespace caravan::base {
namespace {

constexpr int gzip_window = 15 + 16;  // the largest window, with gzip's header
constexpr int memory_level = 8;       // zlib's default
constexpr std::size_t step_bytes = 64 * 1024;

z_stream stream_over(std::string_view bytes) {
  z_stream z{};
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  return z;
}

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream z = stream_over(bytes);
  ASSERT(::deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, gzip_window, memory_level,
                        Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&z, bytes.size()), '\0');
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  ASSERT(::deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  ::deflateEnd(&z);
  return out;
}

Result<std::string> gunzip(std::string_view bytes, std::size_t limit) {
  z_stream z = stream_over(bytes);
  ASSERT(::inflateInit2(&z, gzip_window) == Z_OK);
  std::string out;
  int state = Z_OK;
  while (state == Z_OK && out.size() <= limit) {
    const std::size_t before = out.size();
    out.resize(before + step_bytes);
    z.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    z.avail_out = static_cast<uInt>(step_bytes);
    state = ::inflate(&z, Z_NO_FLUSH);
    out.resize(before + step_bytes - z.avail_out);
    if (state == Z_OK && z.avail_in == 0 && z.avail_out > 0) break;
  }
  ::inflateEnd(&z);
  if (out.size() > limit)
    return fail(Code::too_large, fmt::format("more than {} bytes after unpacking", limit));
  if (state != Z_STREAM_END) return invalid("not a whole gzip stream");
  return out;
}

}  // namespace caravan::base
