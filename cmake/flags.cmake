# SPDX-License-Identifier: Apache-2.0
# One place for compiler and linker flags. Hardening follows the OpenSSF compiler options guide.

add_library(caravan_flags INTERFACE)
target_compile_options(caravan_flags INTERFACE
  -Wall -Wextra -Werror -Wnon-virtual-dtor -Wimplicit-fallthrough -Wno-missing-field-initializers
  -Wno-missing-designated-field-initializers
  -fstack-protector-strong -fstack-clash-protection -fno-omit-frame-pointer
  -ffunction-sections -fdata-sections -fPIC
  # ccache keeps what is compiled with a precompiled header only when that has no time in it.
  $<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>)
target_compile_definitions(caravan_flags INTERFACE
  _GLIBCXX_ASSERTIONS
  BOOST_ASIO_SEPARATE_COMPILATION)  # once, in src/io/linux/asio.cpp
target_link_options(caravan_flags INTERFACE
  -fuse-ld=lld -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(caravan_flags INTERFACE -fcf-protection)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(caravan_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  target_link_options(caravan_flags INTERFACE -pie)
endif()
if(CARAVAN_SANITIZE STREQUAL "address")
  target_compile_options(caravan_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_link_options(caravan_flags INTERFACE -fsanitize=address,undefined)
elseif(CARAVAN_SANITIZE STREQUAL "thread")
  target_compile_options(caravan_flags INTERFACE -fsanitize=thread)
  target_link_options(caravan_flags INTERFACE -fsanitize=thread)
endif()
if(CARAVAN_FUZZ)
  target_compile_options(caravan_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
