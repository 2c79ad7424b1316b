// SPDX-License-Identifier: Apache-2.0
// The JSON form of the language: the same trees, so that no reader needs to know which it was.
#pragma once

#include "hcl/body.hpp"
#include "hcl/diagnostic.hpp"
#include "hcl/parser.hpp"

namespace caravan::hcl {

/// In the strict dialect strings are templates; in the plain one they are text.
Body parse_json_body(const Source& source, Dialect dialect, Diagnostics& diagnostics);

/// The members of an object expression as attributes of a JSON body. Reports what is no object, and
/// keys that are no plain names.
Body body_of_object(const Expression& object, Diagnostics& diagnostics);

}  // namespace caravan::hcl
