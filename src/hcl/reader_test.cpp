// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "hcl/parser.hpp"
#include "hcl/reader.hpp"
#include "json/writer.hpp"

namespace caravan::hcl {
namespace {

/// Parses, reads `task` blocks with one label each and their `driver`, and reports the rest.
std::string tasks_of(const std::string& text) {
  Diagnostics diagnostics;
  const File file = parse("f", text, Dialect::strict, diagnostics);
  hcl::Run run(diagnostics);
  Scope scope;
  scope.set("names", Value::list({"a", "b"}));
  BodyReader top({file.body.get(), &scope}, run);
  std::string out;
  for (const BlockView& task : top.blocks("task", 1)) {
    BodyReader reader(task.inside, run);
    const auto driver = reader.required("driver");
    reader.allow("count");
    reader.finish();
    out += task.labels[0].text + "=" + (driver ? *to_text(*driver) : "?") + " ";
  }
  top.finish();
  return out + diagnostics.summary();
}

TEST(Reader, gives_blocks_in_order) {
  EXPECT_EQ(tasks_of("task \"x\" {\n driver = 1\n}\ntask \"y\" {\n driver = \"d\"\n}\n"),
            "x=1 y=d ");
}

TEST(Reader, makes_blocks_of_json) {
  EXPECT_EQ(tasks_of("{\"task\": {\"x\": {\"driver\": \"a\"}, \"y\": [{\"driver\": \"b\"}]}}"),
            "x=a y=b ");
  EXPECT_EQ(tasks_of("{\"//\": \"why\", \"task\": [{\"x\": {\"driver\": \"a\"}}]}"), "x=a ");
}

TEST(Reader, expands_dynamic_blocks) {
  EXPECT_EQ(
      tasks_of("dynamic \"task\" {\n for_each = names\n iterator = it\n"
               " labels = [\"t-${it.value}\"]\n content {\n  driver = \"d${it.key}\"\n }\n}\n"),
      "t-a=d0 t-b=d1 ");
  EXPECT_EQ(tasks_of("dynamic \"task\" {\n for_each = {k = 7}\n labels = [task.key]\n"
                     " content {\n  driver = task.value\n }\n}\n"),
            "k=7 ");
}

TEST(Reader, names_what_is_missing_and_what_is_unknown) {
  EXPECT_EQ(
      tasks_of("task \"x\" {\n drivr = 1\n}\ntsk \"y\" {}\ntask {}\ncolour = 1\n"),
      "x=? "
      "f:5:1: Missing name for task; All task blocks must have 1 label(s).\n"
      "f:3:1: Missing required argument; The argument \"driver\" is required, but no "
      "definition was found.\n"
      "f:2:2: Unsupported argument; An argument named \"drivr\" is not expected here. Did you "
      "mean \"driver\"?\n"
      "f:6:1: Unsupported argument; An argument named \"colour\" is not expected here.\n"
      "f:4:1: Unsupported block type; Blocks of type \"tsk\" are not expected here. Did you "
      "mean \"task\"?");
}

TEST(FreeForm, tells_blocks_as_lists_of_objects) {
  Diagnostics diagnostics;
  const File file = parse("f",
                          "image = \"a\"\nport_map {\n http = 80\n}\nmount \"m\" {\n x = 1\n}\n"
                          "dynamic \"v\" {\n for_each = [1, 2]\n content {\n  n = v.value\n }\n}\n",
                          Dialect::strict, diagnostics);
  hcl::Run run(diagnostics);
  const Scope scope;
  const auto value = free_form({file.body.get(), &scope}, run);
  ASSERT_TRUE(value) << diagnostics.summary();
  EXPECT_EQ(json::to_string(value->to_json()),
            "{\"image\":\"a\",\"mount\":[{\"m\":[{\"x\":1}]}],\"port_map\":[{\"http\":80}],"
            "\"v\":[{\"n\":1},{\"n\":2}]}");
}

}  // namespace
}  // namespace caravan::hcl
