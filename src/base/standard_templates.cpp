// SPDX-License-Identifier: Apache-2.0
// What src/pch/pure.hpp says is compiled elsewhere.
#include <string>
#include <vector>

template class std::basic_string<char>;
template class std::vector<std::string>;
