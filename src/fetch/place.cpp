// SPDX-License-Identifier: Apache-2.0
#include "fetch/place.hpp"

#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include "fetch/failure.hpp"

namespace caravan::fetch {
namespace {

class Placing {
 public:
  Placing(std::int64_t uid, std::int64_t gid)
      : uid_(static_cast<uid_t>(uid)), gid_(static_cast<gid_t>(gid)) {}

  void own(const Folder& folder, const std::string& name) const {
    if (uid_ == static_cast<uid_t>(-1)) return;
    if (::fchownat(folder.fd(), name.c_str(), uid_, gid_, AT_SYMLINK_NOFOLLOW) != 0)
      fail_system("owning \"" + name + "\"");
    if (!folder.is_folder(name)) return;
    const Folder inner = folder.enter(name, false);
    for (const std::string& child : inner.list())
      own(inner, child);
  }

  void move(const Folder& from, const std::string& name, const Folder& to,
            const std::string& new_name) const {
    if (from.is_folder(name) && to.is_folder(new_name)) {
      const Folder inner = from.enter(name, false), there = to.enter(new_name, false);
      for (const std::string& child : inner.list())
        move(inner, child, there, child);
      return;
    }
    if (from.is_folder(name) != to.is_folder(new_name)) to.remove_all(new_name);
    if (::renameat(from.fd(), name.c_str(), to.fd(), new_name.c_str()) != 0)
      fail_system("placing \"" + new_name + "\"");
  }

 private:
  uid_t uid_;
  gid_t gid_;
};

}  // namespace

void place(const Request& request, const Folder& root, const Folder& ready) {
  const Placing placing(request.uid, request.gid);
  const std::vector<std::string> names = ready.list();
  for (const std::string& name : names)
    placing.own(ready, name);
  if (request.mode != "file") {
    const Folder to = root.enter(request.destination, true);
    for (const std::string& name : names)
      placing.move(ready, name, to, name);
    return;
  }
  if (names.size() != 1 || ready.is_folder(names[0]))
    fail("mode \"file\" needs one file, and the archive holds " + std::to_string(names.size()) +
         " entries");
  const std::size_t slash = request.destination.rfind('/');
  const bool below = slash != std::string::npos;
  const Folder to = root.enter(below ? request.destination.substr(0, slash) : "", true);
  const std::string new_name = below ? request.destination.substr(slash + 1) : request.destination;
  if (to.is_folder(new_name)) fail("the destination " + request.destination + " is a folder");
  placing.move(ready, names[0], to, new_name);
}

}  // namespace caravan::fetch
